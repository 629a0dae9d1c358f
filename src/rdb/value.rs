//! Values by their types.

use crate::reader::Flaw;
use crate::{DecodeError, Reader, Text, Writer};
use keyspace::{Kind, Record};

/// The byte that stands for a string.
const STRING: u8 = 0;

/// A value that was read, not yet that of any key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A string.
    String(Text<'a>),
}

/// Writes the type of a record's value and the value.
pub fn write(out: &mut Writer<'_>, record: &Record) {
    match record.kind() {
        Kind::String => {
            out.byte(STRING);
            match record.text() {
                keyspace::Text::Integer(number) => out.integer(number),
                keyspace::Text::Bytes(bytes) => out.string(bytes),
            }
        }
    }
}

/// Reads a type and a value of it.
pub fn read<'a>(input: &mut Reader<'a>) -> Result<Value<'a>, DecodeError> {
    let start = input.error(Flaw::Type);
    match input.byte()? {
        STRING => input.string().map(Value::String),
        _ => Err(start),
    }
}
