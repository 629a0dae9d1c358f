//! Values by their types.

pub(crate) mod growing;
mod hash;
mod list;
mod set;
mod sorted_set;
mod stream;

use crate::reader::Flaw;
use crate::{DecodeError, Reader, Text, Writer};
use growing::Growing;
use keyspace::values::{Any, AnyRef, Rules};
use keyspace::{NewValue, Record};

/// The byte that stands for a string.
const STRING: u8 = 0;

/// The names of types, by their numbers.
pub const NAMES: [&str; 23] = [
    "string",
    "list-linked",
    "set-hashtable",
    "zset-v1",
    "hash-hashtable",
    "zset-v2",
    "module-pre-release",
    "module-value",
    "",
    "hash-zipmap",
    "list-ziplist",
    "set-intset",
    "zset-ziplist",
    "hash-ziplist",
    "quicklist",
    "stream",
    "hash-listpack",
    "zset-listpack",
    "quicklist-v2",
    "stream-v2",
    "set-listpack",
    "stream-v3",
    "hash-volatile-items",
];

/// What is wrong with a value of a type, in words that operators know.
pub fn describe(kind: u8, flaw: Flaw) -> String {
    // No value that is whole has no parts.
    let flaw = if flaw == Flaw::Empty { Flaw::Content } else { flaw };
    let what = match (flaw, kind) {
        (Flaw::Content, 2) => "Duplicate set members detected",
        (Flaw::Content, 3 | 5) => "Duplicate zset fields detected",
        (Flaw::Content, 4 | 22) => "Duplicate hash fields detected",
        (Flaw::Content, 9) => "Zipmap integrity check failed.",
        (Flaw::Content, 10) => "List ziplist integrity check failed.",
        (Flaw::Content, 11) => "Intset integrity check failed.",
        (Flaw::Content, 12) => "Zset ziplist integrity check failed.",
        (Flaw::Content, 13) => "Hash ziplist integrity check failed.",
        (Flaw::Content, 14) => "Ziplist integrity check failed.",
        (Flaw::Content, 15 | 19 | 21) => "Stream listpack integrity check failed.",
        (Flaw::Content, 16) => "Hash listpack integrity check failed.",
        (Flaw::Content, 17) => "Zset listpack integrity check failed.",
        (Flaw::Content, 18) => "Listpack integrity check failed.",
        (Flaw::Content, 20) => "Set listpack integrity check failed.",
        _ => return flaw.to_string(),
    };
    what.to_owned()
}

/// A value that was read, not yet that of any key.
#[derive(Debug)]
pub enum Value<'a> {
    /// A string.
    String(Text<'a>),
    /// A value of another type.
    Other(Any),
}

impl Value<'_> {
    /// Hands the value to whoever makes a record of it.
    pub fn give<R>(self, take: impl FnOnce(NewValue<'_>) -> R) -> R {
        match self {
            Value::String(text) => take(text.as_new()),
            Value::Other(value) => take(NewValue::Other(value)),
        }
    }
}

/// Writes the type of a record's value, the key's name where one is to stand between, and the value.
pub fn write(out: &mut Writer<'_>, name: Option<&[u8]>, record: &Record) {
    match record.text() {
        Some(text) => {
            out.head(STRING, name);
            out.text(text);
            if let base::text::Text::Bytes(bytes) = text {
                out.done_with(bytes);
            }
        }
        None => {
            record.with_any(|any| match any {
                AnyRef::List(value) => list::write(out, name, value),
                AnyRef::Set(value) => set::write(out, name, value),
                AnyRef::Hash(value) => hash::write(out, name, value),
                AnyRef::SortedSet(value) => sorted_set::write(out, name, value),
                AnyRef::Stream(value) => stream::write(out, name, value),
            });
        }
    }
}

/// Reads a type and a value of it, which is built by the rules.
pub fn read<'a>(input: &mut Reader<'a>, rules: &Rules) -> Result<Value<'a>, DecodeError> {
    let start = input.error(Flaw::Type);
    match input.byte()? {
        kind if knows(kind) => read_of(kind, input, rules),
        _ => Err(start),
    }
}

/// Whether a byte is the type of a value.
pub fn knows(kind: u8) -> bool {
    kind == STRING
        || list::knows(kind)
        || set::knows(kind)
        || hash::knows(kind)
        || sorted_set::knows(kind)
        || stream::knows(kind)
}

/// Reads a value of this type, which is built by the rules.
pub(crate) fn read_of<'a>(kind: u8, input: &mut Reader<'a>, rules: &Rules) -> Result<Value<'a>, DecodeError> {
    let start = input.error(Flaw::Type);
    if Growing::is(kind) {
        let mut value = Growing::begin(kind, input, rules)?;
        value.grow(input, rules)?;
        return value.finish(rules).ok_or(input.error(Flaw::Empty));
    }
    Ok(match kind {
        STRING => Value::String(input.string()?),
        kind if list::knows(kind) => Value::Other(Any::List(list::read(input, rules)?)),
        kind if set::knows(kind) => Value::Other(Any::Set(set::read(kind, input, rules)?)),
        kind if hash::knows(kind) => Value::Other(Any::Hash(hash::read(kind, input, rules)?)),
        kind if sorted_set::knows(kind) => {
            Value::Other(Any::SortedSet(sorted_set::read(kind, input, rules)?))
        }
        _ => return Err(start),
    })
}
