//! What commands are, as data: arity, flags, ACL categories, key specs, argument grammar, documentation.
//!
//! `table` holds the rows, one page a group, written in the notation of `command`, `argument` and `key_spec`; `names`
//! finds a command by what a client sent; `keys` finds the keys in a request. What a command *does* is elsewhere: the
//! crates above pair a [`CommandId`] with a function. Nothing here allocates, but for [`Names`], which is built once,
//! and the caller's vector of keys.
//!
//! Invariants: the table is constant and holds what this server has and nothing else; every fact in it equals what the
//! reference prints (`facts`, checked by a test); the sentences in it are ours.
#![forbid(unsafe_code)]

pub mod argument;
mod bits;
mod command;
mod flags;
pub mod key_spec;
mod keys;
mod names;
mod table;

#[cfg(test)]
mod facts;

pub use argument::{Arg, ArgKind};
pub use command::{Command, Group, KeyFinder};
pub use flags::{Categories, Category, DocFlag, DocFlags, Flag, Flags};
pub use key_spec::{Begin, Find, KeyFlag, KeyFlags, KeyRange, KeySpec};
pub use keys::{Argv, KeyRef, find_keys, find_read_keys, has_keys};
pub use names::{Names, RenameError, Unknown};
pub use table::{COUNT, CommandId, id};
