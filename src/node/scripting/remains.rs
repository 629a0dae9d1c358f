//! What is left of scripts and libraries that were flushed: a machine, and what was known of its functions. With many of
//! them it takes a while to free, so it may be freed away from the thread that serves.

use super::{Kind, Scripting};
use script::{Cache, Library, Machine};

/// More scripts or functions than this are worth another thread.
pub(super) const COSTLY: usize = 64;

/// What is to be freed of scripts that were flushed.
#[derive(Debug)]
pub struct Remains {
    /// How many scripts or functions there were.
    objects: usize,
    /// The bytes that they took.
    bytes: usize,
    _machine: Option<Machine>,
    _known: Known,
}

/// What was known of the functions of a machine.
#[derive(Debug)]
enum Known {
    Scripts { _cache: Cache },
    Functions { _libraries: Vec<Library> },
}

impl Remains {
    /// How many scripts or functions these are.
    pub fn objects(&self) -> usize {
        self.objects
    }

    /// How many bytes they take.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Scripting {
    fn take_machine(&mut self, kind: Kind) -> Option<Machine> {
        self.runners[kind as usize].take().map(|runner| runner.machine)
    }

    pub(super) fn take_scripts(&mut self) -> Remains {
        let cache = std::mem::replace(&mut self.cache, Cache::new(self.hash_key));
        let (objects, bytes) = (cache.len(), cache.memory() + self.vm_memory(Kind::Eval));
        Remains {
            objects,
            bytes,
            _machine: self.take_machine(Kind::Eval),
            _known: Known::Scripts { _cache: cache },
        }
    }

    pub(super) fn take_libraries(&mut self) -> Remains {
        let (objects, bytes) =
            (self.libraries.functions(), self.libraries.memory() + self.vm_memory(Kind::Functions));
        let known = Known::Functions { _libraries: self.libraries.take() };
        Remains { objects, bytes, _machine: self.take_machine(Kind::Functions), _known: known }
    }
}
