//! sorted sets.

use crate::{Any, Kind, Value};
use structures::pack::Pack;

/// A sorted set.
#[derive(Debug)]
pub enum SortedSet {
    /// All of it in one pack.
    Pack(Pack),
}

impl Value for SortedSet {
    const KIND: Kind = Kind::SortedSet;

    fn is_empty(&self) -> bool {
        match self {
            SortedSet::Pack(pack) => pack.is_empty(),
        }
    }

    fn encoding(&self) -> &'static str {
        match self {
            SortedSet::Pack(_) => "listpack",
        }
    }

    fn alloc_size(&self, _samples: usize) -> usize {
        match self {
            SortedSet::Pack(pack) => pack.alloc_size(),
        }
    }

    fn free_effort(&self) -> usize {
        match self {
            SortedSet::Pack(_) => 1,
        }
    }

    fn duplicate(&self) -> SortedSet {
        match self {
            SortedSet::Pack(pack) => SortedSet::Pack(pack.clone()),
        }
    }

    fn into_any(self) -> Any {
        Any::SortedSet(self)
    }
}
