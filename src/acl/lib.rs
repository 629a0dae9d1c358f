//! Who may do what: users, their passwords, and what they may run, touch and listen to.
//!
//! ```text
//! Users    name -> User             the users of a server; a session holds a UserId
//! User     on, passwords, selectors one of the selectors must allow all of a request
//! Selector commands  a bitmap by command, and first arguments of commands that are not in it
//!          keys      patterns, each for reading, writing or both
//!          channels  patterns
//! ```
//!
//! Users are made of words (`on`, `~cache:*`, `+@read`): `user` and `selector` apply them, and print a user as words that
//! make it again. `file` reads and writes all users as text, `log` keeps what was denied.
//!
//! What this crate is not: it knows no sessions and does no I/O. It asks the catalogue what commands are, and where their
//! keys stand.
//!
//! Invariants: a user printed and read back may do exactly the same; words that fail change nothing; the first of the
//! users is the default one, which is always there.
#![forbid(unsafe_code)]

mod channels;
mod check;
mod commands;
mod error;
mod file;
mod log;
mod password;
mod pattern;
mod selector;
mod user;
mod users;
mod words;

#[cfg(test)]
mod tests;

pub use check::{Denial, Reason, Remaining};
pub use error::RuleError;
pub use log::{Context, Entry, Event, Log};
pub use selector::Selector;
pub use user::{User, first_arg_warning};
pub use users::{UserId, Users};
