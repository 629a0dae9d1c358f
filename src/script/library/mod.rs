//! What scripts find under their globals besides what Lua brings: `server`, `cjson`, `cmsgpack`, `struct`, `bit`, `os`.
//!
//! Each function is safe code on a [`Frame`]. The texts of errors are the reference's, since scripts compare them.

mod bits;
mod cjson;
mod cmsgpack;
mod random;
mod register;
mod server;
mod structs;

use crate::raw::{Fault, Frame, Globals, Kind, Machine, Outcome, Setup, Type};

/// All of them, by where they stand.
const GLOBALS: Globals = Globals {
    math: &[("random", random::random), ("randomseed", random::randomseed)],
    tables: &[("os", &[("clock", server::clock)]), ("bit", bits::FUNCTIONS), ("struct", structs::FUNCTIONS)],
    modules: &[("cjson", cjson::push), ("cmsgpack", cmsgpack::push)],
    server: &[
        ("acl_check_cmd", server::acl_check_cmd),
        ("call", server::call),
        ("error_reply", server::error_reply),
        ("pcall", server::pcall),
        ("set_repl", server::set_repl),
        ("setresp", server::setresp),
        ("sha1hex", server::sha1hex),
        ("status_reply", server::status_reply),
    ],
    server_always: &[("log", server::log)],
    server_of_eval: &[
        ("breakpoint", server::breakpoint),
        ("debug", server::debug),
        ("replicate_commands", server::replicate_commands),
    ],
    server_of_libraries: &[("register_function", register::register_function)],
    server_numbers: &[
        ("REPL_NONE", 0.0),
        ("REPL_AOF", 1.0),
        ("REPL_SLAVE", 2.0),
        ("REPL_REPLICA", 2.0),
        ("REPL_ALL", 3.0),
    ],
    missing: missing_global,
};

impl Machine {
    /// A machine in which nothing has run yet.
    ///
    /// # Panics
    /// When there is no memory for it.
    pub fn new(kind: Kind, setup: &Setup) -> Machine {
        Machine::with(kind, setup, &GLOBALS)
    }
}

/// A global was read that there is not.
fn missing_global(frame: &mut Frame<'_>) -> Outcome {
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
