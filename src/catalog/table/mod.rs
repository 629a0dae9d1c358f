//! The table: every command of every page in one row of entries, numbered, with all that follows from the rows.
//!
//! Adding a command is adding a row to the page of its group; a new page is one `mod` line and one line in `PAGES`. The
//! numbers (`CommandId`) are dense, a container's subcommands follow it at once, and they mean nothing outside one build:
//! never store or send them. All of this is worked out at compile time, so that the table is constant data and
//! `id("config|get")` in a constant costs nothing and fails to compile when there is no such command.

mod acl;
mod bitmap;
mod cluster;
mod connection;
mod generic;
mod geo;
mod hash;
mod hyperloglog;
mod list;
mod monitoring;
mod pieces;
mod pubsub;
mod scripting;
mod server;
mod set;
mod sorted_set;
mod stream;
mod string;
mod transactions;

use crate::command::Command;
use crate::flags::{Categories, Flag, Flags};
use crate::key_spec::KeyRange;

static PAGES: &[&[Command]] = &[
    acl::COMMANDS,
    bitmap::COMMANDS,
    cluster::COMMANDS,
    connection::COMMANDS,
    generic::COMMANDS,
    geo::COMMANDS,
    hash::COMMANDS,
    hyperloglog::COMMANDS,
    list::COMMANDS,
    monitoring::COMMANDS,
    pubsub::COMMANDS,
    scripting::COMMANDS,
    server::COMMANDS,
    set::COMMANDS,
    sorted_set::COMMANDS,
    stream::COMMANDS,
    string::COMMANDS,
    transactions::COMMANDS,
];

/// How many commands there are, subcommands counted.
pub const COUNT: usize = {
    let mut count = 0;
    let mut page = 0;
    while page < PAGES.len() {
        let mut row = 0;
        while row < PAGES[page].len() {
            count += 1 + PAGES[page][row].subcommands.len();
            row += 1;
        }
        page += 1;
    }
    count
};

static TABLE: [Entry; COUNT] = assemble();

/// The number of a command or subcommand: an index into anything of [`COUNT`] elements.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(u16);

/// What the request path asks of a command, in half a cache line.
struct Entry {
    row: &'static Command,
    flags: Flags,
    categories: Categories,
    keys: KeyRange,
    arity: i16,
    /// Its container; itself for a command that is nobody's subcommand.
    parent: u16,
    subcommands: u16,
}

impl CommandId {
    /// Every command and subcommand, in the order of their numbers.
    pub fn all() -> impl Iterator<Item = CommandId> {
        (0..COUNT).map(|index| CommandId(index as u16))
    }

    /// Every command that is nobody's subcommand.
    pub fn top_level() -> impl Iterator<Item = CommandId> {
        CommandId::all().filter(|id| id.parent().is_none())
    }

    /// The number as an index, less than [`COUNT`].
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The command with this index.
    #[cfg(test)]
    pub(crate) fn from_index(index: usize) -> Option<CommandId> {
        (index < COUNT).then_some(CommandId(index as u16))
    }

    #[inline]
    const fn entry(self) -> &'static Entry {
        &TABLE[self.0 as usize]
    }

    /// Its row: documentation, grammar, key specs, tips.
    #[inline]
    pub const fn command(self) -> &'static Command {
        self.entry().row
    }

    /// Its own name: for `config|get`, `get`.
    pub const fn name(self) -> &'static str {
        self.command().name()
    }

    /// Its full name: `get`, `config|get`.
    #[inline]
    pub const fn full_name(self) -> &'static str {
        self.command().full_name
    }

    /// Its flags, those that follow from its keys included.
    #[inline]
    pub const fn flags(self) -> Flags {
        self.entry().flags
    }

    /// Whether it has this flag.
    #[inline]
    pub const fn has(self, flag: Flag) -> bool {
        self.entry().flags.has(flag)
    }

    /// Its ACL categories, those that follow from its flags included.
    #[inline]
    pub const fn categories(self) -> Categories {
        self.entry().categories
    }

    /// Its arity: exact, or the least where negative.
    #[inline]
    pub const fn arity(self) -> i16 {
        self.entry().arity
    }

    /// Whether a request of this many arguments, itself included, satisfies the arity.
    #[inline]
    pub const fn accepts(self, argc: usize) -> bool {
        let arity = self.entry().arity;
        let bound = arity.unsigned_abs() as usize;
        if arity < 0 { argc >= bound } else { argc == bound }
    }

    /// Its keys as one plain range. They are all of its keys unless it has [`Flag::MovableKeys`].
    #[inline]
    pub const fn key_range(self) -> KeyRange {
        self.entry().keys
    }

    /// Where its first key stands in a request of this many arguments, when the plain range knows.
    #[inline]
    pub const fn first_key(self, argc: usize) -> Option<usize> {
        let first = self.entry().keys.first as usize;
        if first != 0 && first < argc { Some(first) } else { None }
    }

    /// Its container, for a subcommand.
    #[inline]
    pub const fn parent(self) -> Option<CommandId> {
        let parent = self.entry().parent;
        if parent == self.0 { None } else { Some(CommandId(parent)) }
    }

    /// Whether it is a container of subcommands.
    #[inline]
    pub const fn is_container(self) -> bool {
        self.entry().subcommands != 0
    }

    /// Its subcommands.
    pub fn subcommands(self) -> impl ExactSizeIterator<Item = CommandId> {
        (self.0 + 1..self.0 + 1 + self.entry().subcommands).map(CommandId)
    }
}

impl std::fmt::Debug for CommandId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.full_name())
    }
}

/// The number of the command with this full name, for constants: `const GET: CommandId = id("get");`.
///
/// # Panics
/// If there is none, which in a constant is an error at compile time.
pub const fn id(full_name: &str) -> CommandId {
    let mut index = 0;
    while index < COUNT {
        if same(TABLE[index].row.full_name.as_bytes(), full_name.as_bytes()) {
            return CommandId(index as u16);
        }
        index += 1;
    }
    panic!("no such command")
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len()
}

const fn assemble() -> [Entry; COUNT] {
    let mut table = [const { Entry::derive(&PAGES[0][0], 0) }; COUNT];
    let mut index = 0;
    let mut page = 0;
    while page < PAGES.len() {
        let mut row = 0;
        while row < PAGES[page].len() {
            let command = &PAGES[page][row];
            let parent = index as u16;
            table[index] = Entry::derive(command, parent);
            index += 1;
            let mut sub = 0;
            while sub < command.subcommands.len() {
                table[index] = Entry::derive(&command.subcommands[sub], parent);
                index += 1;
                sub += 1;
            }
            row += 1;
        }
        page += 1;
    }
    table
}

impl Entry {
    const fn derive(row: &'static Command, parent: u16) -> Entry {
        let (keys, leaves_out) = KeyRange::covering(row.key_specs);
        let flags = if leaves_out { row.flags.with(Flag::MovableKeys) } else { row.flags };
        let categories = row.categories.implied_by(row.flags);
        Entry {
            row,
            flags,
            categories,
            keys,
            arity: row.arity,
            parent,
            subcommands: row.subcommands.len() as u16,
        }
    }
}
