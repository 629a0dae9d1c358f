//! Why a file cannot be read, and what is said of it.

use super::event::ModuleId;
use super::parse::MODULE;
use super::{Loader, Partial};
use crate::reader::Flaw;
use crate::{DecodeError, Reader, Text, opcode, value};
use std::fmt;

/// Why a file cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// It does not begin as such files do.
    Signature,
    /// It is of a version that is not read.
    Version(u32),
    /// It has a type that is another in the versions of the ancestor of this format.
    ForeignType(u8, u32),
    /// It has a type that nobody knows.
    UnknownType(u8),
    /// It has a value of a module.
    Module(ModuleId),
    /// It has functions as candidates of a release wrote them.
    OldFunction,
    /// It has slots that were being moved.
    SlotImport,
    /// Its bytes contradict each other.
    Corrupt(Flaw),
    /// It ends too early.
    Ended,
    /// Its checksum is another.
    Checksum {
        /// What the bytes add up to.
        computed: u64,
        /// What the file says.
        stored: u64,
    },
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Signature => write!(f, "Wrong signature trying to load DB from file"),
            LoadError::Version(version) => write!(f, "Can't handle RDB format version {version}"),
            LoadError::ForeignType(kind, version) => {
                write!(f, "Can't handle foreign type or opcode {kind} in RDB with version {version}")
            }
            LoadError::UnknownType(kind) => write!(f, "Unknown RDB encoding type {kind}"),
            LoadError::Module(id) => {
                write!(f, "The RDB file contains module data I can't load: no matching module '{id}'")
            }
            LoadError::OldFunction => write!(f, "Pre-release function format not supported."),
            LoadError::SlotImport => write!(f, "The RDB file contains slots that were being imported"),
            LoadError::Corrupt(flaw) => write!(f, "{flaw}"),
            LoadError::Ended => write!(f, "Unexpected EOF reading RDB file"),
            LoadError::Checksum { computed, stored } => {
                write!(f, "Wrong RDB checksum expected: ({computed:x}) but got ({stored:x}). Aborting now.")
            }
        }
    }
}

impl From<DecodeError> for LoadError {
    fn from(error: DecodeError) -> LoadError {
        if error.flaw == Flaw::Short { LoadError::Ended } else { LoadError::Corrupt(error.flaw) }
    }
}

/// What was being read when something was found to be wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failing {
    /// What was being done: `read-key`, `read-object-value` ...
    pub doing: &'static str,
    /// The type of the value.
    pub kind: Option<u8>,
    /// The name of the key.
    pub name: Option<Vec<u8>>,
}

impl Loader {
    /// What the log is to say of an error, a line each: what and where it is, and what was being read.
    pub fn explain(&self, error: LoadError) -> Vec<String> {
        let failing = self.failing();
        let what = match (error, failing.kind) {
            (LoadError::Corrupt(flaw), Some(kind)) => value::describe(kind, flaw),
            (LoadError::Checksum { .. }, _) => "RDB CRC error".to_owned(),
            (error, _) => error.to_string(),
        };
        let mut lines = vec![
            format!("[offset {}] {what}", self.position()),
            format!("[additional info] While doing: {}", failing.doing),
        ];
        if let Some(name) = &failing.name {
            lines.push(format!("[additional info] Reading key '{}'", String::from_utf8_lossy(name)));
        }
        if let Some(kind) = failing.kind {
            let name = value::NAMES.get(usize::from(kind)).unwrap_or(&"unknown");
            lines.push(format!("[additional info] Reading type {kind} ({name})"));
        }
        lines
    }

    /// What was being read, after an error.
    pub fn failing(&self) -> Failing {
        let doing = |doing| Failing { doing, ..Failing::default() };
        if self.signature.is_none() {
            return doing("start");
        }
        if let Some(Partial { kind, name, .. }) = &self.partial {
            return Failing { doing: "read-object-value", kind: Some(*kind), name: Some(name.clone()) };
        }
        let mut input = Reader::from(&self.bytes, self.failed);
        match input.byte() {
            Err(_) => doing("read-type"),
            Ok(opcode::EXPIRY_MS | opcode::EXPIRY_S) => doing("read-expire"),
            Ok(opcode::SELECT | opcode::RESIZE) => doing("read-len"),
            Ok(opcode::AUX) => doing("read-aux"),
            Ok(opcode::MODULE_AUX) => doing("read-module-aux"),
            Ok(opcode::FUNCTION) => doing("read-functions"),
            Ok(opcode::END) => doing("check-sum"),
            Ok(kind) if value::knows(kind) || kind == MODULE => {
                let name = input.string().ok().map(Text::into_bytes);
                let doing = if name.is_some() { "read-object-value" } else { "read-key" };
                Failing { doing, kind: Some(kind), name }
            }
            Ok(_) => doing("read-type"),
        }
    }
}
