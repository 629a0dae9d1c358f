//! lists.

use crate::{Any, Kind, Value};
use structures::pack::Pack;

/// A list.
#[derive(Debug)]
pub enum List {
    /// All of it in one pack.
    Pack(Pack),
}

impl Value for List {
    const KIND: Kind = Kind::List;

    fn is_empty(&self) -> bool {
        match self {
            List::Pack(pack) => pack.is_empty(),
        }
    }

    fn encoding(&self) -> &'static str {
        match self {
            List::Pack(_) => "listpack",
        }
    }

    fn alloc_size(&self, _samples: usize) -> usize {
        match self {
            List::Pack(pack) => pack.alloc_size(),
        }
    }

    fn free_effort(&self) -> usize {
        match self {
            List::Pack(_) => 1,
        }
    }

    fn duplicate(&self) -> List {
        match self {
            List::Pack(pack) => List::Pack(pack.clone()),
        }
    }

    fn into_any(self) -> Any {
        Any::List(self)
    }
}
