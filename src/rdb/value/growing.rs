//! A value of many parts on its way from a file: it takes the parts that have come, so that what is held of a file is never
//! more than a part of a value, and no part is read twice.

use super::{Value, hash, list, set, sorted_set, stream};
use crate::{DecodeError, Reader};
use keyspace::values::{Any, Rules};

/// A value of which not all parts have been read.
pub(crate) enum Growing {
    List(list::Growing),
    Set(set::Growing),
    Hash(hash::Growing),
    SortedSet(sorted_set::Growing),
    Stream(Box<stream::Growing>),
}

impl Growing {
    /// Whether values of a type have their parts one behind the other; those of other types are a string of bytes.
    pub(crate) fn is(kind: u8) -> bool {
        list::Growing::is(kind)
            || set::Growing::is(kind)
            || hash::Growing::is(kind)
            || sorted_set::Growing::is(kind)
            || stream::knows(kind)
    }

    /// Reads what stands before the parts of such a value.
    pub(crate) fn begin(kind: u8, input: &mut Reader<'_>, rules: &Rules) -> Result<Growing, DecodeError> {
        Ok(match kind {
            kind if list::Growing::is(kind) => Growing::List(list::Growing::begin(kind, input, rules)?),
            kind if set::Growing::is(kind) => Growing::Set(set::Growing::begin(input, rules)?),
            kind if hash::Growing::is(kind) => Growing::Hash(hash::Growing::begin(kind, input, rules)?),
            kind if sorted_set::Growing::is(kind) => {
                Growing::SortedSet(sorted_set::Growing::begin(kind, input, rules)?)
            }
            _ => Growing::Stream(Box::new(stream::Growing::begin(kind, input)?)),
        })
    }

    /// Reads parts up to the last. Where the bytes end before, those that are whole have been read.
    pub(crate) fn grow(&mut self, input: &mut Reader<'_>, rules: &Rules) -> Result<(), DecodeError> {
        match self {
            Growing::List(list) => list.grow(input, rules),
            Growing::Set(set) => set.grow(input, rules),
            Growing::Hash(hash) => hash.grow(input, rules),
            Growing::SortedSet(set) => set.grow(input, rules),
            Growing::Stream(stream) => stream.grow(input),
        }
    }

    /// The value, when it has all its parts; none, when it has no part.
    pub(crate) fn finish<'a>(self, rules: &Rules) -> Option<Value<'a>> {
        Some(Value::Other(match self {
            Growing::List(list) => Any::List(list.finish(rules)?),
            Growing::Set(set) => Any::Set(set.finish()?),
            Growing::Hash(hash) => Any::Hash(hash.finish()?),
            Growing::SortedSet(set) => Any::SortedSet(set.finish(rules)?),
            Growing::Stream(stream) => Any::Stream(stream.finish()),
        }))
    }
}
