//! The server's settings: every directive of `valkey.conf` as one row of a table, and what is done with the table.
//!
//! [`Config`] is a plain struct, so that code which runs a million times a second reads `config.memory.maxmemory` and
//! nothing else. `table.rs` declares its fields, each on one line with its name, default, form and flags; all the rest
//! is generic over that table:
//!
//! ```text
//!   valkey.conf, stdin, argv ---- load.rs, command_line.rs ---->  Config  ---- rewrite.rs ----> valkey.conf
//!   CONFIG SET ------------------ set.rs ---------------------->          ---- get.rs --------> CONFIG GET
//! ```
//!
//! A *form* (`form.rs`, and `values/` for the directives with a grammar of their own) knows how one type of value is
//! written: it parses arguments, shows the value as CONFIG GET does, and writes the lines of the file.
//!
//! What this crate is not: it opens no file and performs no setting. Files arrive as text through [`Surroundings`], and
//! [`Config::set`] tells which directives changed, so that the owner of the sockets and files can follow, or refuse and
//! put the old settings back.
//!
//! Invariants: every stored value has passed its row's range and check; no text makes a parser panic or recurse
//! without bound; a failed [`Config::set`] leaves the settings as they were; a rewritten file loads to the same
//! settings.
#![forbid(unsafe_code)]

mod choices;
mod command_line;
mod declared;
mod error;
mod form;
mod get;
mod load;
mod lookup;
mod number;
mod proc_title;
mod rewrite;
mod row;
mod set;
mod table;
mod text;
mod values;
mod waits;
mod words;

#[cfg(test)]
mod tests;

pub use choices::*;
pub use command_line::{CommandLine, startup_text};
pub use declared::Declared;
pub use error::{ConfigError, LoadError, Reason};
pub use load::{NoSurroundings, Surroundings};
pub use lookup::lookup;
pub use proc_title::expand as expand_proc_title;
pub use rewrite::Runtime;
pub use row::Flag;
pub use set::{Applied, SetBy};
pub use table::*;
pub use values::*;
pub use waits::WAITING;
