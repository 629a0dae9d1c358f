//! A frame: what a function of ours that Lua called may do with the stack. Every method is safe: it raises no error of Lua's
//! and leaves no reference behind to what may be collected. See the head of `raw` for why that matters.
//!
//! Here is how Lua calls such a function. [`stack`] reads and pushes values, [`fail`] makes errors of what is wrong, and [`ask`]
//! is for what only whoever drives the script can do.

mod ask;
mod fail;
mod stack;

pub(super) use stack::text_at;
pub(crate) use stack::truncated;

use super::context::{Context, context};
use super::ffi::*;
use std::ffi::{c_int, c_void};

/// A function that Lua can call.
pub(crate) type Entry = fn(&mut Frame<'_>) -> Outcome;

/// How many results are on top of the stack, or that there is an error there.
pub(crate) type Outcome = Result<i32, Fault>;

/// An error, which stands on top of the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The value there.
    Value,
    /// The text there, to be preceded by where the caller is.
    Text,
    /// The text there is what is wrong with this argument.
    Argument(i32),
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    None,
    Nil,
    Boolean,
    Pointer,
    Number,
    Text,
    Table,
    Function,
    Userdata,
    Thread,
}

impl Type {
    pub(super) fn of(code: c_int) -> Type {
        match code {
            0 => Type::Nil,
            1 => Type::Boolean,
            2 => Type::Pointer,
            3 => Type::Number,
            4 => Type::Text,
            5 => Type::Table,
            6 => Type::Function,
            7 => Type::Userdata,
            8 => Type::Thread,
            _ => Type::None,
        }
    }

    /// As Lua calls it in its messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Type::None => "no value",
            Type::Nil => "nil",
            Type::Boolean => "boolean",
            Type::Pointer | Type::Userdata => "userdata",
            Type::Number => "number",
            Type::Text => "string",
            Type::Table => "table",
            Type::Function => "function",
            Type::Thread => "thread",
        }
    }
}

/// The stack of a function that Lua called.
pub(crate) struct Frame<'a> {
    pub(super) l: *mut State,
    cx: &'a Context,
}

impl Drop for Frame<'_> {
    fn drop(&mut self) {
        self.cx.guard.set(self.cx.guard.get() - 1);
    }
}

/// What Lua calls for every [`Entry`]: the function is the first upvalue.
pub(super) unsafe extern "C-unwind" fn enter(l: *mut State) -> c_int {
    // SAFETY: this is called by Lua alone, with a live thread, as a closure that `push_entry` made: its first upvalue is an
    // `Entry`. All that the inner function owned is gone when an error is raised, and this function owns nothing.
    unsafe {
        let entry = std::mem::transmute::<*mut c_void, Entry>(lua_touserdata(l, upvalue(1)));
        let outcome = entry(&mut Frame::new(l, context(l)));
        match outcome {
            Ok(results) => results,
            Err(Fault::Value) => lua_error(l),
            Err(Fault::Text) => {
                luaL_where(l, 1);
                lua_insert(l, -2);
                lua_concat(l, 2);
                lua_error(l)
            }
            Err(Fault::Argument(number)) => {
                luaL_argerror(l, number, lua_tolstring(l, -1, std::ptr::null_mut()))
            }
        }
    }
}

/// Pushes a function of ours with `upvalues` values of the stack.
///
/// # Safety
/// `l` is live and has these values.
pub(super) unsafe fn push_entry(l: *mut State, entry: Entry, upvalues: c_int) {
    // SAFETY: as promised; `entry` becomes the first upvalue, which `enter` expects.
    unsafe {
        lua_pushlightuserdata(l, entry as *mut c_void);
        lua_insert(l, -1 - upvalues);
        lua_pushcclosure(l, enter, upvalues + 1);
    }
}

impl<'a> Frame<'a> {
    /// # Safety
    /// `l` is a live thread of the machine with this context, and nothing else uses it while the frame lives.
    pub(super) unsafe fn new(l: *mut State, cx: &'a Context) -> Frame<'a> {
        cx.guard.set(cx.guard.get() + 1);
        Frame { l, cx }
    }
}
