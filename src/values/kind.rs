//! What all types of values have in common.

use crate::{Hash, List, Raw, Set, SortedSet, Stream};
use structures::mover::Moving;

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A string, which may be a number.
    String,
    /// A list.
    List,
    /// A set.
    Set,
    /// A hash.
    Hash,
    /// A sorted set.
    SortedSet,
    /// A stream.
    Stream,
}

impl Kind {
    /// All types.
    pub const ALL: [Kind; 6] =
        [Kind::String, Kind::List, Kind::Set, Kind::SortedSet, Kind::Hash, Kind::Stream];

    /// The name that TYPE answers.
    pub fn name(self) -> &'static str {
        match self {
            Kind::String => "string",
            Kind::List => "list",
            Kind::Set => "set",
            Kind::Hash => "hash",
            Kind::SortedSet => "zset",
            Kind::Stream => "stream",
        }
    }
}

/// A value of one of the types that are not strings.
pub trait Value: Raw + Send + Sync {
    /// Its type.
    const KIND: Kind;

    /// Whether nothing is in it: then its key must go, unless it is a stream.
    fn is_empty(&self) -> bool;

    /// The name of its encoding, as OBJECT ENCODING answers it.
    fn encoding(&self) -> &'static str;

    /// The bytes of memory that it takes, judged by `samples` of its parts where it has many.
    fn alloc_size(&self, samples: usize) -> usize;

    /// How costly it is to free, in allocations.
    fn free_effort(&self) -> usize;

    /// Moves a piece of its memory to better places: that at a cursor. Answers the cursor of the next piece; 0 begins and
    /// ends. Any cursor may be given, since the value may have changed after it was answered.
    fn relocate(&mut self, cursor: u64, moving: &mut Moving<'_>) -> u64;

    /// A copy.
    fn duplicate(&self) -> Self;

    /// The value as one of any type.
    fn into_any(self) -> Any;

    /// Asks the memory for what a search for a part of this name will read first. Answers the hash of the name, if the
    /// value is one that searches by it.
    #[inline]
    fn prefetch_part(&self, _name: &[u8]) -> Option<u64> {
        None
    }

    /// Asks the memory for what the search will read next.
    #[inline]
    fn prefetch_found(&self, _hash: u64) {}
}

/// A value of any type but string.
#[derive(Debug)]
#[expect(missing_docs, reason = "the variants are the types")]
pub enum Any {
    List(List),
    Set(Set),
    Hash(Hash),
    SortedSet(SortedSet),
    Stream(Stream),
}

/// A value of any type but string, to be looked at.
#[derive(Debug)]
#[expect(missing_docs, reason = "the variants are the types")]
pub enum AnyRef<'a> {
    List(&'a List),
    Set(&'a Set),
    Hash(&'a Hash),
    SortedSet(&'a SortedSet),
    Stream(&'a Stream),
}

/// Does the same with a value of any type.
#[macro_export]
macro_rules! each {
    ($any:ident, $value:expr, $name:ident => $do:expr) => {
        match $value {
            $crate::$any::List($name) => $do,
            $crate::$any::Set($name) => $do,
            $crate::$any::Hash($name) => $do,
            $crate::$any::SortedSet($name) => $do,
            $crate::$any::Stream($name) => $do,
        }
    };
}
