//! A row of the table: what one command (or subcommand, or container of them) is, in the notation of the table's pages.
//!
//! A row says only what cannot be derived. What follows from it (implied ACL categories, the plain key range, whether
//! keys move, who is whose subcommand) is worked out once, at compile time, by `table`.

use crate::argument::Arg;
use crate::flags::{Categories, Category, DocFlag, DocFlags, Flag, Flags};
use crate::key_spec::KeySpec;

/// The chapter of the documentation that a command stands in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Group {
    /// Bits of strings.
    Bitmap,
    /// The cluster.
    Cluster,
    /// The connection itself.
    Connection,
    /// Keys of any type.
    Generic,
    /// Positions on the globe.
    Geo,
    /// Hashes.
    Hash,
    /// Cardinality sketches.
    HyperLogLog,
    /// Lists.
    List,
    /// Channels.
    PubSub,
    /// Scripts and functions.
    Scripting,
    /// The server.
    Server,
    /// Sets.
    Set,
    /// Sorted sets.
    SortedSet,
    /// Streams.
    Stream,
    /// Strings.
    String,
    /// MULTI and what belongs to it.
    Transactions,
}

impl Group {
    /// All of them.
    pub const ALL: &'static [Group] = &[
        Group::Bitmap,
        Group::Cluster,
        Group::Connection,
        Group::Generic,
        Group::Geo,
        Group::Hash,
        Group::HyperLogLog,
        Group::List,
        Group::PubSub,
        Group::Scripting,
        Group::Server,
        Group::Set,
        Group::SortedSet,
        Group::Stream,
        Group::String,
        Group::Transactions,
    ];

    /// The name that COMMAND DOCS prints.
    pub const fn name(self) -> &'static str {
        match self {
            Group::Bitmap => "bitmap",
            Group::Cluster => "cluster",
            Group::Connection => "connection",
            Group::Generic => "generic",
            Group::Geo => "geo",
            Group::Hash => "hash",
            Group::HyperLogLog => "hyperloglog",
            Group::List => "list",
            Group::PubSub => "pubsub",
            Group::Scripting => "scripting",
            Group::Server => "server",
            Group::Set => "set",
            Group::SortedSet => "sorted-set",
            Group::Stream => "stream",
            Group::String => "string",
            Group::Transactions => "transactions",
        }
    }
}

/// What only reading the arguments can tell about a command's keys, where its specs leave something open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyFinder {
    /// SET: reads the old value with GET, else overwrites it.
    Set,
    /// BITFIELD: read-only when all of its operations are.
    BitField,
    /// SORT: what follows the last STORE is replaced.
    Sort,
    /// SORT_RO: reads a key, and others that its items name.
    SortRo,
    /// XREAD: as many IDs as keys, or none is read.
    XRead,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Its full name: `get`, `config|get`.
    pub full_name: &'static str,
    /// How many arguments it takes, itself included; negative for "at least".
    pub arity: i16,
    /// The chapter it stands in.
    pub group: Group,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// What it costs; LOLWUT's cost is nobody's business.
    pub complexity: Option<&'static str>,
    /// The version that brought it.
    pub since: &'static str,
    /// What changed since, as (version, change), in the order in which it is printed.
    pub history: &'static [(&'static str, &'static str)],
    /// Remarks on its standing.
    pub doc_flags: DocFlags,
    /// The version that advised against it.
    pub deprecated_since: Option<&'static str>,
    /// What to use instead.
    pub replaced_by: Option<&'static str>,
    /// Hints for clients and proxies.
    pub tips: &'static [&'static str],
    /// Where its keys are.
    pub key_specs: &'static [KeySpec],
    /// What finds its keys where the specs cannot.
    pub key_finder: Option<KeyFinder>,
    /// The grammar of its arguments.
    pub args: &'static [Arg],
    /// Its subcommands.
    pub subcommands: &'static [Command],
    /// The flags it declares. `CommandId::flags` adds what follows from the rest.
    pub(crate) flags: Flags,
    /// The categories it declares. `CommandId::categories` adds what follows from the flags.
    pub(crate) categories: Categories,
}

impl Command {
    /// A row that says nothing yet.
    pub(crate) const fn new(group: Group, full_name: &'static str, arity: i16) -> Command {
        Command {
            full_name,
            arity,
            group,
            summary: "",
            complexity: None,
            since: "",
            history: &[],
            doc_flags: DocFlags::NONE,
            deprecated_since: None,
            replaced_by: None,
            tips: &[],
            key_specs: &[],
            key_finder: None,
            args: &[],
            subcommands: &[],
            flags: Flags::NONE,
            categories: Categories::NONE,
        }
    }

    /// Its own name: for `config|get`, `get`.
    pub const fn name(&self) -> &'static str {
        match bar(self.full_name) {
            Some(at) => self.full_name.split_at(at + 1).1,
            None => self.full_name,
        }
    }

    /// What it does.
    pub(crate) const fn summary(mut self, text: &'static str) -> Command {
        self.summary = text;
        self
    }

    /// Since when it exists, and what it costs.
    pub(crate) const fn since(mut self, version: &'static str, complexity: &'static str) -> Command {
        self.since = version;
        self.complexity = Some(complexity);
        self
    }

    /// Since when it exists, and not a word on what it costs.
    pub(crate) const fn since_at_any_cost(mut self, version: &'static str) -> Command {
        self.since = version;
        self
    }

    pub(crate) const fn history(mut self, changes: &'static [(&'static str, &'static str)]) -> Command {
        self.history = changes;
        self
    }

    pub(crate) const fn doc_flags(mut self, flags: &[DocFlag]) -> Command {
        self.doc_flags = DocFlags::of(flags);
        self
    }

    pub(crate) const fn flags(mut self, flags: &[Flag]) -> Command {
        self.flags = Flags::of(flags);
        self
    }

    /// In these ACL categories, beside those that follow from its flags.
    pub(crate) const fn acl(mut self, categories: &[Category]) -> Command {
        self.categories = Categories::of(categories);
        self
    }

    pub(crate) const fn tips(mut self, tips: &'static [&'static str]) -> Command {
        self.tips = tips;
        self
    }

    pub(crate) const fn keys(mut self, specs: &'static [KeySpec]) -> Command {
        self.key_specs = specs;
        self
    }

    pub(crate) const fn key_finder(mut self, finder: KeyFinder) -> Command {
        self.key_finder = Some(finder);
        self
    }

    pub(crate) const fn args(mut self, args: &'static [Arg]) -> Command {
        self.args = args;
        self
    }

    pub(crate) const fn subcommands(mut self, commands: &'static [Command]) -> Command {
        self.subcommands = commands;
        self
    }
}

/// Where the bar between a container and its subcommand stands.
const fn bar(name: &str) -> Option<usize> {
    let bytes = name.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] == b'|' {
            return Some(i);
        }
        i += 1;
    }
    None
}
