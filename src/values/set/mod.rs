//! sets.

use crate::{Any, Kind, Value};
use structures::pack::Pack;

/// A set.
#[derive(Debug)]
pub enum Set {
    /// All of it in one pack.
    Pack(Pack),
}

impl Value for Set {
    const KIND: Kind = Kind::Set;

    fn is_empty(&self) -> bool {
        match self {
            Set::Pack(pack) => pack.is_empty(),
        }
    }

    fn encoding(&self) -> &'static str {
        match self {
            Set::Pack(_) => "listpack",
        }
    }

    fn alloc_size(&self, _samples: usize) -> usize {
        match self {
            Set::Pack(pack) => pack.alloc_size(),
        }
    }

    fn free_effort(&self) -> usize {
        match self {
            Set::Pack(_) => 1,
        }
    }

    fn duplicate(&self) -> Set {
        match self {
            Set::Pack(pack) => Set::Pack(pack.clone()),
        }
    }

    fn into_any(self) -> Any {
        Any::Set(self)
    }
}
