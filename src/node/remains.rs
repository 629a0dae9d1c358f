//! What is left of scripts and libraries that were flushed: a machine, and what was known of its functions. With many of
//! them it takes a while to free, so it may be freed away from the thread that serves.

use script::{Cache, Library, Machine};

/// More scripts or functions than this are worth another thread.
const COSTLY: usize = 64;

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
    /// What is left of scripts, which took so many bytes with their machine.
    pub(crate) fn of_scripts(cache: Cache, machine: Option<Machine>, bytes: usize) -> Remains {
        Remains { objects: cache.len(), bytes, _machine: machine, _known: Known::Scripts { _cache: cache } }
    }

    /// What is left of libraries with so many functions, which took so many bytes with their machine.
    pub(crate) fn of_libraries(
        libraries: Vec<Library>,
        machine: Option<Machine>,
        (objects, bytes): (usize, usize),
    ) -> Remains {
        Remains { objects, bytes, _machine: machine, _known: Known::Functions { _libraries: libraries } }
    }

    /// Whether another thread is worth its while.
    pub(crate) fn is_costly(&self) -> bool {
        self.objects > COSTLY
    }

    /// How many scripts or functions these are.
    pub fn objects(&self) -> usize {
        self.objects
    }

    /// How many bytes they take.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}
