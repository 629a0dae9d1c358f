//! hashes.

use crate::{Any, Kind, Value};
use structures::pack::Pack;

/// A hash.
#[derive(Debug)]
pub enum Hash {
    /// All of it in one pack.
    Pack(Pack),
}

impl Value for Hash {
    const KIND: Kind = Kind::Hash;

    fn is_empty(&self) -> bool {
        match self {
            Hash::Pack(pack) => pack.is_empty(),
        }
    }

    fn encoding(&self) -> &'static str {
        match self {
            Hash::Pack(_) => "listpack",
        }
    }

    fn alloc_size(&self, _samples: usize) -> usize {
        match self {
            Hash::Pack(pack) => pack.alloc_size(),
        }
    }

    fn free_effort(&self) -> usize {
        match self {
            Hash::Pack(_) => 1,
        }
    }

    fn duplicate(&self) -> Hash {
        match self {
            Hash::Pack(pack) => Hash::Pack(pack.clone()),
        }
    }

    fn into_any(self) -> Any {
        Any::Hash(self)
    }
}

impl Hash {
    /// Whether some of the fields expire.
    pub fn has_times(&self) -> bool {
        false
    }
}
