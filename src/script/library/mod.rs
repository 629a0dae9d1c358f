//! What scripts find under their globals besides what Lua brings: `server`, `cjson`, `cmsgpack`, `struct`, `bit`, `os`.
//!
//! Each function is safe code on a [`Frame`]. The texts of errors are the reference's, since scripts compare them.

mod bits;
mod cjson;
mod cmsgpack;
pub(crate) mod number;
mod random;
mod register;
mod server;
mod structs;

use crate::raw::{Fault, Frame, Outcome, Type};

type Entry = fn(&mut Frame<'_>) -> Outcome;
type Push = fn(&mut Frame<'_>);
type Functions = &'static [(&'static str, Entry)];

/// What replaces functions of `math`.
pub(crate) const MATH: Functions = &[("random", random::random), ("randomseed", random::randomseed)];

/// Tables of functions alone.
pub(crate) const TABLES: &[(&str, Functions)] =
    &[("os", &[("clock", server::clock)]), ("bit", bits::FUNCTIONS), ("struct", structs::FUNCTIONS)];

/// Tables that hold more, and what pushes them.
pub(crate) const MODULES: &[(&str, Push)] = &[("cjson", cjson::push), ("cmsgpack", cmsgpack::push)];

/// `server.*` for every script.
pub(crate) const SERVER: Functions = &[
    ("acl_check_cmd", server::acl_check_cmd),
    ("call", server::call),
    ("error_reply", server::error_reply),
    ("pcall", server::pcall),
    ("set_repl", server::set_repl),
    ("setresp", server::setresp),
    ("sha1hex", server::sha1hex),
    ("status_reply", server::status_reply),
];

/// `server.*` for libraries too, while they register their functions.
pub(crate) const SERVER_LOG: Functions = &[("log", server::log)];

/// `server.*` for EVAL alone.
pub(crate) const SERVER_EVAL: Functions = &[
    ("breakpoint", server::breakpoint),
    ("debug", server::debug),
    ("replicate_commands", server::replicate_commands),
];

/// `server.*` for libraries alone, while they register their functions.
pub(crate) const SERVER_LIBRARY: Functions = &[("register_function", register::register_function)];

/// Where writes can be sent, for `server.set_repl`.
pub(crate) const REPL_PLACES: &[(&str, f64)] =
    &[("REPL_NONE", 0.0), ("REPL_AOF", 1.0), ("REPL_SLAVE", 2.0), ("REPL_REPLICA", 2.0), ("REPL_ALL", 3.0)];

/// A global was read that there is not.
pub(crate) fn missing_global(frame: &mut Frame<'_>) -> Outcome {
    if frame.top() != 2 {
        return Err(frame.fail("Wrong number of arguments to luaProtectedTableError"));
    }
    if !matches!(frame.kind(2), Type::Text | Type::Number) {
        return Err(frame.fail("Second argument to luaProtectedTableError must be a string or number"));
    }
    let name = frame.text(2).unwrap_or_default();
    let name = &name[..name.iter().position(|&byte| byte == 0).unwrap_or(name.len())];
    let text = [b"Script attempted to access nonexistent global variable '".as_slice(), name, b"'"].concat();
    Err(frame.fail(text))
}

/// The stack cannot grow any more.
fn overflow(frame: &mut Frame<'_>, what: &str) -> Fault {
    frame.fail(format!("stack overflow ({what})"))
}
