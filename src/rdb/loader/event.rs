//! What stands in a file: one event for each thing that is told, and each key.

use crate::{Text, Value};
use std::fmt;

/// What stands in a file.
#[derive(Debug)]
pub enum Event<'a> {
    /// Something that the writer says of itself or of the data.
    Aux {
        /// What it is about.
        name: Text<'a>,
        /// What is said.
        text: Text<'a>,
    },
    /// The code of a library of functions.
    Library(Text<'a>),
    /// Data of a module that belongs to no key.
    ModuleAux(ModuleId),
    /// Slots that were being brought in.
    SlotImport,
    /// The number of the database of what follows.
    Select(u64),
    /// How many keys it has, and how many of them expire. Nobody vouches for it.
    Resize(u64, u64),
    /// A key.
    Record(Entry<'a>),
    /// A key with a value of a module.
    Module(Text<'a>, ModuleId),
    /// A key of a type that is never empty, and is.
    Empty(Text<'a>),
    /// The file is complete. Bytes behind it are not looked at.
    End(Checksum),
}

/// A key with all that is told of it.
#[derive(Debug)]
pub struct Entry<'a> {
    /// The name.
    pub name: Text<'a>,
    /// The value.
    pub value: Value<'a>,
    /// What was told before.
    pub told: Told,
}

/// What may be told of a key before its type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// When it expires, in Unix milliseconds.
    pub expiry: Option<i64>,
    /// For how many seconds it was not used.
    pub idle: Option<u64>,
    /// How frequently it is used.
    pub frequency: Option<u8>,
}

/// What became of the checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// It is right.
    Right,
    /// The file has none.
    Missing,
    /// It was not looked at.
    Unread,
}

/// The number of a module's type, which is its name and a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModuleId(pub u64);

impl fmt::Display for ModuleId {
    /// The name: nine characters of six bits each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        for place in 0..9 {
            let letter = LETTERS[(self.0 >> (58 - 6 * place)) as usize & 63];
            write!(f, "{}", char::from(letter))?;
        }
        Ok(())
    }
}
