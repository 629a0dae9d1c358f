//! The data-type commands. Each is a free function of the command's name, on a [`Ctx`] of what it may touch, in three
//! paragraphs: parse, operate, reply. Nothing here knows a socket, a session or the command table.
#![forbid(unsafe_code)]

pub mod bitmap;
pub mod ctx;
pub mod effects;
pub mod error;
pub mod geo;
pub mod hash;
pub mod help;
pub mod hyperloglog;
pub mod keys;
pub mod list;
pub mod parse;
pub mod scan;
pub mod set;
pub mod sort;
pub mod sorted_set;
pub mod stream;
pub mod string;
pub mod value;
pub mod writes;

#[cfg(test)]
mod testing;

pub use ctx::{Caller, Ctx, Done, Handler, InVain, KeyStats, Wait};
pub use effects::{Effects, Fact};
pub use error::CommandError;
pub use value::Open;
pub use writes::Writes;
