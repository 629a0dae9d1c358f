//! Sets in snapshots.

use crate::reader::Flaw;
use crate::{DecodeError, Reader, Writer};
use keyspace::values::{Rules, Set};

/// Whether a type's number stands for one of these.
pub(super) fn knows(_kind: u8) -> bool {
    false
}

/// Writes the type and the value.
pub(super) fn write(_out: &mut Writer<'_>, _value: &Set) {}

/// Reads a value of a type that is known here.
pub(super) fn read(_kind: u8, input: &mut Reader<'_>, _rules: &Rules) -> Result<Set, DecodeError> {
    Err(input.error(Flaw::Type))
}
