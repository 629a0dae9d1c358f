//! Scripts: the Lua machine, its sandbox and libraries, replies to Lua values and back, the cache of scripts and the
//! libraries of functions. Knows nothing of the server.
//!
//! A script is a machine of its own that is driven from outside. [`Machine::begin`] makes it ready, [`Machine::resume`] runs
//! it until it wants something, and answers what: a command to be called, a line for the log, a pause; the next `resume`
//! brings the answer.
//!
//! ```text
//! node                                      the script, on a stack of its own
//! begin(function, keys, arguments)
//! resume(Go)              ----------------> runs
//! Step::Call, words taken <---------------- server.call('GET', KEYS[1])
//!   runs GET
//! resume(Reply(buffer))   ----------------> the reply becomes a Lua value
//! Step::Pause             <---------------- every 100000 instructions
//! resume(Go) or resume(Kill), now or later
//! Step::Done              <---------------- returned, or failed
//! finish(reply)                             the result is written as a reply
//! ```
//!
//! So a script that runs for long holds up nobody: whoever drives it may do something else between two steps. It has a stack
//! of its own since a pause must be possible anywhere: within `pcall`, a coroutine, a sort or a replacement function, where
//! Lua's own coroutines cannot yield.
//!
//! Invariants: `unsafe` stands in `raw` alone; what a script can reach of the machine is locked; a script's memory is
//! counted and bounded.

mod cache;
mod library;
mod number;
mod raw;
mod registry;
mod shebang;
#[cfg(test)]
mod tests;

pub use cache::{Cache, Script};
pub use raw::{Answer, Function, Kind, Machine, Registered, Setup, Step, Words};
pub use registry::{Libraries, Library, LibraryFunction, LoadError, Metadata};
pub use shebang::{Flags, Shebang, ShebangError};

/// The SHA-1 of a text, in hexadecimal: the name of a script.
pub fn sha1_hex(text: &[u8]) -> [u8; 40] {
    use sha1::Digest;
    let mut hex = [0; 40];
    for (pair, byte) in hex.chunks_exact_mut(2).zip(sha1::Sha1::digest(text)) {
        pair[0] = b"0123456789abcdef"[usize::from(byte >> 4)];
        pair[1] = b"0123456789abcdef"[usize::from(byte & 15)];
    }
    hex
}
