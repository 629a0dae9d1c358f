//! SCRIPT FLUSH, FUNCTION FLUSH, and whatever else has all scripts forgotten.

use super::{Kind, Scripting};
use crate::node::Node;
use crate::remains::Remains;
use commands::parse;
use conn::Args;
use script::{Cache, Machine};

impl Scripting {
    fn take_machine(&mut self, kind: Kind) -> Option<Machine> {
        self.runners[kind as usize].take().map(|runner| runner.machine)
    }

    fn take_scripts(&mut self) -> Remains {
        let bytes = self.cache.memory() + self.vm_memory(Kind::Eval);
        let cache = std::mem::replace(&mut self.cache, Cache::new(self.hash_key));
        Remains::of_scripts(cache, self.take_machine(Kind::Eval), bytes)
    }

    fn take_libraries(&mut self) -> Remains {
        let bytes = self.libraries.memory() + self.vm_memory(Kind::Functions);
        let counts = (self.libraries.functions(), bytes);
        Remains::of_libraries(self.libraries.take(), self.take_machine(Kind::Functions), counts)
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
        if lazily && remains.is_costly() {
            self.garbage.scripts.push(remains);
        }
    }
}
