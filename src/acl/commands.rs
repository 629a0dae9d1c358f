//! Sets of commands, a bit for each, and commands by the names that rules have for them.
//!
//! Rules know commands by the names of the catalogue, whatever `rename-command` made of them for clients.

use catalog::{COUNT, Category, CommandId};

const WORDS: usize = COUNT.div_ceil(64);

/// A set of commands and subcommands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CommandSet([u64; WORDS]);

impl CommandSet {
    pub(crate) const NONE: CommandSet = CommandSet([0; WORDS]);
    pub(crate) const ALL: CommandSet = CommandSet([u64::MAX; WORDS]);

    #[inline]
    pub(crate) fn has(&self, id: CommandId) -> bool {
        self.0[id.index() / 64] >> (id.index() % 64) & 1 != 0
    }

    /// Whether nothing is missing.
    pub(crate) fn is_all(&self) -> bool {
        CommandId::all().all(|id| self.has(id))
    }

    pub(crate) fn put(&mut self, id: CommandId, allow: bool) {
        let bit = 1 << (id.index() % 64);
        let word = &mut self.0[id.index() / 64];
        *word = if allow { *word | bit } else { *word & !bit };
    }
}

/// The commands and subcommands of a category.
pub(crate) fn of_category(category: Category) -> impl Iterator<Item = CommandId> {
    CommandId::all().filter(move |id| id.categories().has(category))
}

/// The command of a name such as `get` or `config|get`, in any letter case.
pub(crate) fn find(name: &[u8]) -> Option<CommandId> {
    let same = |id: &CommandId, name: &[u8]| id.name().as_bytes().eq_ignore_ascii_case(name);
    match name.iter().position(|byte| *byte == b'|') {
        None => CommandId::top_level().find(|id| same(id, name)),
        Some(bar) => {
            let container = find(&name[..bar])?;
            container.subcommands().find(|id| same(id, &name[bar + 1..]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_found_by_its_name_in_any_case() {
        for id in CommandId::all() {
            assert_eq!(find(id.full_name().to_ascii_uppercase().as_bytes()), Some(id));
        }
        for unknown in ["", "|", "get|", "get|x", "config|", "config|nothing", "config|get|x", "nothing"] {
            assert_eq!(find(unknown.as_bytes()), None, "{unknown}");
        }
    }

    #[test]
    fn a_set_holds_what_was_put_into_it() {
        let mut set = CommandSet::NONE;
        for id in CommandId::all() {
            assert!(!set.has(id));
            set.put(id, true);
            assert!(set.has(id));
        }
        assert!(set.is_all() && CommandSet::ALL.is_all());
        set.put(find(b"get").unwrap(), false);
        assert!(!set.is_all());
    }
}
