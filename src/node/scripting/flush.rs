//! SCRIPT FLUSH, FUNCTION FLUSH, and whatever else has all scripts forgotten.

use super::remains::{COSTLY, Remains};
use crate::node::Node;
use commands::parse;
use conn::Args;

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
        if lazily && remains.objects() > COSTLY {
            self.garbage_scripts.push(remains);
        }
    }
}
