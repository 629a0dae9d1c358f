//! The append-only file: what its files are called, how they are read, and how data is written as commands.
//!
//! ```text
//! appendonlydir/
//!   appendonly.aof.manifest         which files there are, and in which order they are to be read
//!   appendonly.aof.2.base.rdb       the data at one moment: a snapshot, or commands
//!   appendonly.aof.5.incr.aof       the writes since then: commands
//!   appendonly.aof.1.base.rdb  ...  history: files that a later base has made superfluous, until they are removed
//! ```
//!
//! [`Manifest`] is the list of files, to and from text. [`Loader`] takes the bytes of a file in pieces and gives back
//! commands, with their places, so that a file whose end was lost can be cut where its last whole command ends.
//! [`rewrite`] turns a record into the commands that make it.
//!
//! No file is opened here and no command is run. Bytes are distrusted: whatever they are, the answer is a command, a wish
//! for more, or an error that tells where.
#![forbid(unsafe_code)]

pub mod loader;
pub mod manifest;
pub mod rewrite;

pub use loader::{Loader, Step};
pub use manifest::{Entry, Kind, Manifest, ManifestError};
