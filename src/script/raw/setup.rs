//! The making of a machine: which globals there are, what they hold, and that nothing of it can be changed.
//!
//! ```text
//! base of the stack   handler of errors | kept functions | "KEYS" | "ARGV" | names of fields that results are told by
//! registry            [KEPT] functions kept   [PLAIN] globals   [LIBRARY] what the code of a library sees while it registers
//!                     [META] what looks up missing names in one of the two
//! ```
//!
//! The globals are locked, with every table that can be reached from them, metatables included (CVE-2022-24735), and so are
//! the metatables of basic types (CVE-2025-46818). What is not on the list of globals is not there: no `io`, no `package`
//! (CVE-2022-0543), no `debug`.

use super::context::Context;
use super::ffi::*;
use super::frame::{Entry, Frame, Type};
use super::{Kind, frame};
use std::ffi::{CStr, c_int};
use std::io::Write as _;

/// What a machine is made with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Whether the functions that are not safe are there: `newproxy`, `getfenv`, `setfenv`.
    pub insecure: bool,
    /// The version of the server, for people and for comparison, and what it calls itself.
    pub version: (&'static str, u32),
    /// The same of its ancestor.
    pub redis_version: (&'static str, u32),
    /// The name of the server.
    pub name: &'static str,
}

/// Functions, and their names.
pub(crate) type Functions = &'static [(&'static str, Entry)];

/// Pushes a table onto the stack.
pub(crate) type Push = fn(&mut Frame<'_>);

/// What scripts find under their globals besides what Lua brings.
pub(crate) struct Globals {
    /// What replaces functions of `math`.
    pub(crate) math: Functions,
    /// Tables of functions alone.
    pub(crate) tables: &'static [(&'static str, Functions)],
    /// Tables that hold more, and what pushes them.
    pub(crate) modules: &'static [(&'static str, Push)],
    /// `server.*` for every script.
    pub(crate) server: Functions,
    /// `server.*` for libraries too, while they register their functions.
    pub(crate) server_always: Functions,
    /// `server.*` for EVAL alone.
    pub(crate) server_of_eval: Functions,
    /// `server.*` for libraries alone, while they register their functions.
    pub(crate) server_of_libraries: Functions,
    /// Numbers of `server.*`: where writes can be sent, for `server.set_repl`.
    pub(crate) server_numbers: &'static [(&'static str, f64)],
    /// A global was read that there is not.
    pub(crate) missing: Entry,
}

/// Where functions are kept in the registry, and the other tables of that kind.
pub(super) const KEPT: c_int = 1;
const PLAIN: c_int = 2;
const LIBRARY: c_int = 3;
const META: c_int = 4;

/// Where things stand at the base of the stack.
pub(super) const HANDLER_AT: c_int = 1;
pub(super) const KEPT_AT: c_int = 2;
pub(super) const KEYS_AT: c_int = 3;
pub(super) const ARGV_AT: c_int = 4;

/// The names of fields by which results and errors are told, by their places at the base of the stack.
#[derive(Clone, Copy)]
pub(super) enum Field {
    Err = 5,
    Ok,
    Double,
    BigNumber,
    VerbatimString,
    Map,
    Set,
    Format,
    String,
    Source,
    Line,
    Ignore,
}

const FIELDS: [&str; 12] = [
    "err",
    "ok",
    "double",
    "big_number",
    "verbatim_string",
    "map",
    "set",
    "format",
    "string",
    "source",
    "line",
    "ignore_error_stats_update",
];

/// How many values stand at the base.
pub(super) const BASE: c_int = 4 + FIELDS.len() as c_int;

/// Functions of the base library that scripts do not get unless the server is told to.
const INSECURE: [&str; 3] = ["newproxy", "getfenv", "setfenv"];

/// Makes a new state ready.
///
/// # Safety
/// `l` is new, and has this context.
pub(super) unsafe fn prepare(l: *mut State, cx: &Context, setup: &Setup, ours: &Globals) {
    // SAFETY: the state is new. While the frame lives memory is not refused, and what is called on new tables raises nothing.
    unsafe {
        let mut frame = Frame::new(l, cx);
        assert!(frame.room(2 * BASE), "a new stack has room");
        lua_pushcclosure(l, handler, 0);
        frame.push_table();
        lua_pushvalue(l, -1);
        lua_rawseti(l, REGISTRY, KEPT);
        for name in ["KEYS", "ARGV"].iter().chain(&FIELDS) {
            frame.push_bytes(name.as_bytes());
        }
        for (open, name) in [
            (luaopen_base as CFunction, c""),
            (luaopen_table, c"table"),
            (luaopen_string, c"string"),
            (luaopen_math, c"math"),
        ] {
            lua_pushcclosure(l, open, 0);
            frame.push_bytes(name.to_bytes());
            lua_call(l, 1, 0);
        }
        lua_pushvalue(l, GLOBALS);
        globals(l, &mut frame, setup, ours, cx.kind);
        complain_of_missing(l, &mut frame, ours);
        lock(&mut frame);
        frame.push_bytes(b"");
        if lua_getmetatable(l, -1) != 0 {
            lock(&mut frame);
        }
        lua_settop(l, BASE);
        if cx.kind == Kind::Functions {
            function_globals(l, &mut frame, setup, ours);
        }
        lua_settop(l, BASE);
    }
}

/// Fills the table of globals, which is on top.
unsafe fn globals(l: *mut State, frame: &mut Frame<'_>, setup: &Setup, ours: &Globals, kind: Kind) {
    // SAFETY: as in `prepare`.
    unsafe {
        if !setup.insecure {
            for name in INSECURE {
                frame.push_nil();
                frame.set_field(-2, name);
            }
        }
        lua_pushcclosure(l, pcall, 0);
        frame.set_field(-2, "pcall");
        frame.push_bytes(b"math");
        frame.raw_get(-2);
        fill(frame, ours.math);
        frame.pop(1);
        for (name, functions) in ours.tables {
            frame.push_table();
            fill(frame, functions);
            frame.set_field(-2, name);
        }
        for (name, push) in ours.modules {
            push(frame);
            frame.set_field(-2, name);
        }
        frame.push_table();
        fill(frame, ours.server);
        server_constants(frame, setup, ours);
        for (name, value) in ours.server_numbers {
            frame.push_number(*value);
            frame.set_field(-2, name);
        }
        if kind == Kind::Eval {
            fill(frame, ours.server_of_eval);
            for name in ["__server__err__handler", "__redis__err__handler"] {
                lua_pushcclosure(l, handler, 0);
                frame.set_field(-3, name);
            }
        }
        frame.push_value(-1);
        frame.set_field(-3, "server");
        frame.set_field(-2, "redis");
    }
}

fn fill(frame: &mut Frame<'_>, functions: &[(&str, Entry)]) {
    for (name, entry) in functions {
        frame.push_function(*entry, 0);
        frame.set_field(-2, name);
    }
}

/// Levels of the log and versions: what libraries see of `server` while they register, too.
fn server_constants(frame: &mut Frame<'_>, setup: &Setup, ours: &Globals) {
    fill(frame, ours.server_always);
    for (level, name) in ["LOG_DEBUG", "LOG_VERBOSE", "LOG_NOTICE", "LOG_WARNING"].iter().enumerate() {
        frame.push_number(level as f64);
        frame.set_field(-2, name);
    }
    for (prefix, (text, number)) in [("VALKEY", setup.version), ("REDIS", setup.redis_version)] {
        frame.push_bytes(text.as_bytes());
        frame.set_field(-2, &format!("{prefix}_VERSION"));
        frame.push_number(f64::from(number));
        frame.set_field(-2, &format!("{prefix}_VERSION_NUM"));
    }
    frame.push_bytes(setup.name.as_bytes());
    frame.set_field(-2, "SERVER_NAME");
}

/// Locks the table on top and all that can be reached from it.
fn lock(frame: &mut Frame<'_>) {
    // SAFETY: the value on top is a table, of which the callers and the test below make sure; the stack has room, as tables
    // of libraries nest three deep.
    unsafe {
        if lua_is_locked(frame.l, -1) != 0 {
            return;
        }
        frame.lock();
        // The walk looks at values only, and locking changes no keys.
        let walked = frame.each(-1, |frame| {
            if frame.kind(-1) == Type::Table {
                lock(frame);
            }
            Ok(true)
        });
        debug_assert!(walked.is_ok());
        if lua_getmetatable(frame.l, -1) != 0 {
            lock(frame);
            frame.pop(1);
        }
    }
}

/// Gives the machine of functions its globals: an empty table, locked, whose metatable looks missing names up elsewhere.
unsafe fn function_globals(l: *mut State, frame: &mut Frame<'_>, setup: &Setup, ours: &Globals) {
    // SAFETY: as in `prepare`.
    unsafe {
        lua_pushvalue(l, GLOBALS);
        lua_rawseti(l, REGISTRY, PLAIN);
        frame.push_table();
        frame.push_table();
        fill(frame, ours.server_of_libraries);
        server_constants(frame, setup, ours);
        complain_of_missing(l, frame, ours);
        frame.push_value(-1);
        frame.set_field(-3, "server");
        frame.set_field(-2, "redis");
        complain_of_missing(l, frame, ours);
        lock(frame);
        lua_rawseti(l, REGISTRY, LIBRARY);
        frame.push_table();
        frame.push_table();
        frame.push_value(-1);
        lua_rawseti(l, REGISTRY, META);
        lua_setmetatable(l, -2);
        lua_lock_table(l, -1, 1);
        lua_replace(l, GLOBALS);
        show_library_globals(l, false);
    }
}

/// Lets the table on top complain of names that it does not have.
unsafe fn complain_of_missing(l: *mut State, frame: &mut Frame<'_>, ours: &Globals) {
    frame.push_table();
    frame.push_function(ours.missing, 0);
    frame.set_field(-2, "__index");
    // SAFETY: the table below is new, and not locked yet.
    unsafe { lua_setmetatable(l, -2) };
}

/// Shows the code of a library what it needs to register functions, and nothing else; or functions the usual globals.
///
/// # Safety
/// `l` is the live and idle state of a machine of functions, with room for three values, and memory is not refused.
pub(super) unsafe fn show_library_globals(l: *mut State, on: bool) {
    // SAFETY: the metatable stands in the registry, and is locked again at once.
    unsafe {
        lua_rawgeti(l, REGISTRY, META);
        lua_lock_table(l, -1, 0);
        lua_pushlstring(l, c"__index".as_ptr(), 7);
        lua_rawgeti(l, REGISTRY, if on { LIBRARY } else { PLAIN });
        lua_rawset(l, -3);
        lua_lock_table(l, -1, 1);
        lua_settop(l, -2);
    }
}

/// `pcall`: as Lua's, but an error of ours is answered as its text, as it was before errors became tables.
unsafe extern "C-unwind" fn pcall(l: *mut State) -> c_int {
    // SAFETY: Lua calls this with a live thread and room for twenty values. It owns nothing when an error jumps over it.
    unsafe {
        let arguments = lua_gettop(l);
        lua_pushboolean(l, 1);
        lua_insert(l, 1);
        if lua_pcall(l, (arguments - 1).max(-1), MULTRET, 0) != 0 {
            lua_remove(l, 1);
            if Type::of(lua_type(l, -1)) == Type::Table {
                lua_getfield(l, -1, c"err".as_ptr());
                if matches!(Type::of(lua_type(l, -1)), Type::Text | Type::Number) {
                    lua_replace(l, -2);
                }
            }
            lua_pushboolean(l, 0);
            lua_insert(l, 1);
        }
        lua_gettop(l)
    }
}

/// The handler of errors: makes the error a table, and notes where it was raised. In a function of ours that is where the
/// script called it.
unsafe extern "C-unwind" fn handler(l: *mut State) -> c_int {
    // SAFETY: as for `pcall`.
    unsafe {
        lua_settop(l, 1);
        if Type::of(lua_type(l, 1)) != Type::Table {
            push_as_text(l);
            lua_pushlstring(l, c"ERR ".as_ptr(), 4);
            lua_insert(l, -2);
            lua_concat(l, 2);
            lua_createtable(l, 0, 3);
            lua_insert(l, 2);
            push_name(l, c"err");
            lua_insert(l, 3);
            lua_rawset(l, 2);
        }
        let table = lua_gettop(l);
        if let Some((source, line)) = place_of_error(l) {
            push_name(l, c"source");
            push_name(l, source);
            lua_put(l, table);
            push_name(l, c"line");
            lua_pushnumber(l, f64::from(line));
            lua_put(l, table);
        }
        lua_settop(l, table);
        1
    }
}

unsafe fn push_name(l: *mut State, name: &CStr) {
    // SAFETY: the caller has room.
    unsafe { lua_pushlstring(l, name.as_ptr(), name.count_bytes()) }
}

/// Pushes what `tostring` says of the first value.
unsafe fn push_as_text(l: *mut State) {
    // SAFETY: the caller has room, and a first value.
    unsafe {
        match Type::of(lua_type(l, 1)) {
            Type::Text | Type::Number => {
                lua_pushvalue(l, 1);
                frame::text_at(l, -1);
            }
            Type::Boolean if lua_toboolean(l, 1) != 0 => push_name(l, c"true"),
            Type::Boolean => push_name(l, c"false"),
            Type::Nil | Type::None => push_name(l, c"nil"),
            other => {
                let mut text = [0; 32];
                let written = describe(&mut text, other, lua_topointer(l, 1) as usize);
                lua_pushlstring(l, text.as_ptr().cast(), written);
            }
        }
    }
}

/// `function: 0x5581e0`, or `userdata: (nil)`, without memory of its own.
fn describe(out: &mut [u8; 32], kind: Type, address: usize) -> usize {
    let mut text = &mut out[..];
    let name = kind.name();
    // What does not fit is cut off.
    let _ = match address {
        0 => write!(text, "{name}: (nil)"),
        _ => write!(text, "{name}: {address:#x}"),
    };
    let left = text.len();
    out.len() - left
}

/// Where the error was raised that is being handled: the chunk, and the line.
unsafe fn place_of_error<'a>(l: *mut State) -> Option<(&'a CStr, c_int)> {
    // SAFETY: Lua fills in what it knows of a level that there is; the name of the chunk lives as long as its function,
    // which is being run.
    unsafe {
        let mut about: Debug = std::mem::zeroed();
        for level in 1..=2 {
            if lua_getstack(l, level, &raw mut about) == 0 {
                break;
            }
            lua_getinfo(l, c"Sl".as_ptr(), &raw mut about);
            if level == 2 || CStr::from_ptr(about.what) != c"C" {
                return Some((CStr::from_ptr(about.source), about.currentline));
            }
        }
        None
    }
}
