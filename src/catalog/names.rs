//! Finding a command by the name a client sent, in any letter case, and under the names that `rename-command` gave.
//!
//! Names of up to 16 bytes become two 64-bit words: the first eight bytes and the last eight, folded to lower case (for
//! shorter names, smaller pieces that likewise cover every byte). Together with the length and, for a subcommand, its
//! container, the words are the name: comparing them is comparing it. They hash with one multiplication into a table of
//! open addressing that is at most a quarter full, so that a hit costs one probe and a comparison of words. The few
//! longer names stand in a list.
//!
//! Renaming changes which name leads to a command, never the command: `full_name`, ACL rules and subcommands keep the
//! original names. Subcommands cannot be renamed.

use crate::keys::Argv;
use crate::table::CommandId;

/// The names by which clients find commands.
pub struct Names {
    /// A power of two long, at most a quarter full.
    slots: Box<[Slot]>,
    /// `64 - log2(slots.len())`.
    shift: u32,
    /// The names that do not fit a slot.
    long: Vec<(Box<[u8]>, CommandId)>,
    /// The commands that can be found, by the names in use. Those that were removed are absent.
    listed: Vec<(Box<[u8]>, CommandId)>,
}

/// Why no command was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unknown {
    /// There is no command of that name.
    Command,
    /// There is this container, and it has no such subcommand.
    Subcommand(CommandId),
}

/// Why a command was not renamed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RenameError {
    /// There is no command of the old name.
    NoSuchCommand,
    /// There is a command of the new name.
    NameTaken,
}

const NO_CONTAINER: u16 = u16::MAX;

/// A name in comparable form.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    first: u64,
    last: u64,
    len: u16,
    container: u16,
}

#[derive(Clone, Copy)]
struct Slot {
    key: Key,
    id: Option<CommandId>,
}

impl Key {
    /// The name in words, or `None` when it is empty or too long for them.
    #[inline]
    fn new(name: &[u8], container: u16) -> Option<Key> {
        let (first, last) = match name.len() {
            8..=16 => (u64::from_le_bytes(*name.first_chunk()?), u64::from_le_bytes(*name.last_chunk()?)),
            4..=7 => {
                let (first, last) = (name.first_chunk()?, name.last_chunk()?);
                (u64::from(u32::from_le_bytes(*first)), u64::from(u32::from_le_bytes(*last)))
            }
            len @ 1..=3 => (u64::from(name[0]) | u64::from(name[len / 2]) << 8, u64::from(name[len - 1])),
            _ => return None,
        };
        Some(Key { first: lower(first), last: lower(last), len: name.len() as u16, container })
    }

    #[inline]
    fn hash(self) -> u64 {
        let tail = u64::from(self.len) << 32 | u64::from(self.container) << 40;
        (self.first ^ self.last.rotate_left(29) ^ tail).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// Folds the ASCII capitals among eight bytes to lower case and leaves every other byte alone.
#[inline]
const fn lower(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    let low_bits = word & !HIGH;
    let from_a = low_bits + ONES * (0x80 - b'A' as u64);
    let beyond_z = low_bits + ONES * (0x7f - b'Z' as u64);
    let capitals = from_a & !beyond_z & !word & HIGH;
    word | capitals >> 2
}

impl Default for Names {
    fn default() -> Names {
        Names::new()
    }
}

impl Names {
    /// Every command under its own name.
    pub fn new() -> Names {
        let listed = CommandId::top_level().map(|id| (id.full_name().as_bytes().into(), id)).collect();
        Names::index(listed)
    }

    fn index(listed: Vec<(Box<[u8]>, CommandId)>) -> Names {
        let subcommands = listed.iter().flat_map(|(_, id)| id.subcommands());
        let count = listed.len() + subcommands.count();
        let size = (count * 4).next_power_of_two();
        let empty = Slot { key: Key { first: 0, last: 0, len: 0, container: NO_CONTAINER }, id: None };
        let mut names = Names {
            slots: vec![empty; size].into(),
            shift: 64 - size.trailing_zeros(),
            long: Vec::new(),
            listed: Vec::new(),
        };
        for (name, id) in &listed {
            names.insert(name, NO_CONTAINER, *id);
            for subcommand in id.subcommands() {
                names.insert(subcommand.name().as_bytes(), id.index() as u16, subcommand);
            }
        }
        names.listed = listed;
        names
    }

    fn insert(&mut self, name: &[u8], container: u16, id: CommandId) {
        let Some(key) = Key::new(name, container) else {
            self.long.push((name.to_ascii_lowercase().into(), id));
            return;
        };
        let mut at = self.home(key);
        while self.slots[at].id.is_some() {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = Slot { key, id: Some(id) };
    }

    #[inline]
    fn home(&self, key: Key) -> usize {
        (key.hash() >> self.shift) as usize
    }

    #[inline]
    fn find(&self, name: &[u8], container: u16) -> Option<CommandId> {
        let Some(key) = Key::new(name, container) else {
            return self.find_long(name, container);
        };
        let mask = self.slots.len() - 1;
        let mut at = self.home(key);
        loop {
            let slot = &self.slots[at & mask];
            if slot.key == key || slot.id.is_none() {
                return slot.id;
            }
            at += 1;
        }
    }

    #[cold]
    fn find_long(&self, name: &[u8], container: u16) -> Option<CommandId> {
        let holds =
            |id: CommandId| id.parent().map_or(NO_CONTAINER, |parent| parent.index() as u16) == container;
        self.long.iter().find(|(long, id)| holds(*id) && long.eq_ignore_ascii_case(name)).map(|(_, id)| *id)
    }

    /// The command (or container) of this name.
    #[inline]
    pub fn command(&self, name: &[u8]) -> Option<CommandId> {
        self.find(name, NO_CONTAINER)
    }

    /// The subcommand of this name.
    #[inline]
    pub fn subcommand(&self, container: CommandId, name: &[u8]) -> Option<CommandId> {
        self.find(name, container.index() as u16)
    }

    /// The command that a request runs. A container that comes alone is itself the answer, and its arity refuses it.
    #[inline]
    pub fn resolve(&self, argv: &(impl Argv + ?Sized)) -> Result<CommandId, Unknown> {
        if argv.is_empty() {
            return Err(Unknown::Command);
        }
        let id = self.command(argv.get(0)).ok_or(Unknown::Command)?;
        if !id.is_container() || argv.len() == 1 {
            return Ok(id);
        }
        self.subcommand(id, argv.get(1)).ok_or(Unknown::Subcommand(id))
    }

    /// The command of a name such as `get` or `config|get`, the first part being the name in use.
    pub fn by_full_name(&self, name: &[u8]) -> Option<CommandId> {
        match name.iter().position(|&byte| byte == b'|') {
            None => self.command(name),
            Some(bar) => self.subcommand(self.command(&name[..bar])?, &name[bar + 1..]),
        }
    }

    /// Whether clients can reach this command at all.
    pub fn holds(&self, id: CommandId) -> bool {
        let top = id.parent().unwrap_or(id);
        self.listed.iter().any(|(_, listed)| *listed == top)
    }

    /// The commands that can be found, subcommands left out, with the names in use.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&[u8], CommandId)> {
        self.listed.iter().map(|(name, id)| (&**name, *id))
    }

    /// Lets a command be found under another name alone, or under none where that is empty.
    pub fn rename(&mut self, from: &[u8], to: &[u8]) -> Result<(), RenameError> {
        let id = self.command(from).ok_or(RenameError::NoSuchCommand)?;
        // The old name goes first, so that a command can be renamed to what it is called already.
        let mut listed = self.listed.clone();
        listed.retain(|(_, other)| *other != id);
        if listed.iter().any(|(name, _)| name.eq_ignore_ascii_case(to)) {
            return Err(RenameError::NameTaken);
        }
        if !to.is_empty() {
            listed.push((to.into(), id));
        }
        *self = Names::index(listed);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
