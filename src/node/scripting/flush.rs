//! What is left of scripts and libraries that were flushed: a machine, and what was known of its functions. With many of
//! them it takes a while to free, so it may be freed away from the thread that serves.

use super::{Kind, Scripting};
use crate::node::Node;
use commands::parse;
use conn::Args;
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

    fn take_scripts(&mut self) -> Remains {
        let cache = std::mem::replace(&mut self.cache, Cache::new(self.hash_key));
        let (objects, bytes) = (cache.len(), cache.memory() + self.vm_memory(Kind::Eval));
        Remains {
            objects,
            bytes,
            _machine: self.take_machine(Kind::Eval),
            _known: Known::Scripts { _cache: cache },
        }
    }

    fn take_libraries(&mut self) -> Remains {
        let (objects, bytes) =
            (self.libraries.functions(), self.libraries.memory() + self.vm_memory(Kind::Functions));
        let known = Known::Functions { _libraries: self.libraries.take() };
        Remains { objects, bytes, _machine: self.take_machine(Kind::Functions), _known: known }
    }
}

impl Node {
    /// Whether a flush is to be lazy, as its one option or the settings say; none if the option is neither.
    pub(super) fn flushes_lazily(&self, args: Args<'_>) -> Option<bool> {
        let is = |word| args.len() == 3 && parse::is(args.at(2), word);
        match args.len() {
            2 => Some(self.lazy_user_flush()),
            _ if is("async") => Some(true),
            _ => is("sync").then_some(false),
        }
    }

    /// Forgets all scripts, and begins with a new machine.
    pub(crate) fn flush_scripts(&mut self, lazily: bool) {
        let remains = self.scripting.take_scripts();
        self.part_with(remains, lazily);
    }

    /// Forgets all libraries, and begins with a new machine.
    pub(crate) fn flush_functions(&mut self, lazily: bool) {
        let remains = self.scripting.take_libraries();
        self.part_with(remains, lazily);
    }

    fn part_with(&mut self, remains: Remains, lazily: bool) {
        if lazily && remains.objects > COSTLY {
            self.garbage_scripts.push(remains);
        }
    }
}
