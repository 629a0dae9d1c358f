//! The C interface of Lua 5.1.5, as far as it is used, and of what the build adds to it.

use std::ffi::{c_char, c_int, c_uchar, c_void};

/// A Lua thread.
#[repr(C)]
pub(super) struct State {
    _opaque: [u8; 0],
}

pub(super) type CFunction = unsafe extern "C-unwind" fn(*mut State) -> c_int;
pub(super) type Alloc = unsafe extern "C-unwind" fn(*mut c_void, *mut c_void, usize, usize) -> *mut c_void;
pub(super) type Hook = unsafe extern "C-unwind" fn(*mut State, *mut Debug);

pub(super) const REGISTRY: c_int = -10000;
pub(super) const GLOBALS: c_int = -10002;
pub(super) const MULTRET: c_int = -1;
pub(super) const MASK_LINE: c_int = 4;
pub(super) const MASK_COUNT: c_int = 8;
pub(super) const GC_COLLECT: c_int = 2;
pub(super) const GC_STEP: c_int = 5;

/// The index of an upvalue of the running function.
pub(super) const fn upvalue(i: c_int) -> c_int {
    GLOBALS - i
}

/// What a function being run is.
#[repr(C)]
pub(super) struct Debug {
    pub(super) event: c_int,
    pub(super) name: *const c_char,
    pub(super) namewhat: *const c_char,
    pub(super) what: *const c_char,
    pub(super) source: *const c_char,
    pub(super) currentline: c_int,
    pub(super) nups: c_int,
    pub(super) linedefined: c_int,
    pub(super) lastlinedefined: c_int,
    pub(super) short_src: [c_uchar; 60],
    pub(super) i_ci: c_int,
}

unsafe extern "C-unwind" {
    pub(super) fn lua_newstate(alloc: Alloc, ud: *mut c_void) -> *mut State;
    pub(super) fn lua_close(l: *mut State);
    pub(super) fn lua_gettop(l: *mut State) -> c_int;
    pub(super) fn lua_settop(l: *mut State, index: c_int);
    pub(super) fn lua_pushvalue(l: *mut State, index: c_int);
    pub(super) fn lua_remove(l: *mut State, index: c_int);
    pub(super) fn lua_insert(l: *mut State, index: c_int);
    pub(super) fn lua_replace(l: *mut State, index: c_int);
    pub(super) fn lua_checkstack(l: *mut State, room: c_int) -> c_int;
    pub(super) fn lua_type(l: *mut State, index: c_int) -> c_int;
    pub(super) fn lua_isnumber(l: *mut State, index: c_int) -> c_int;
    pub(super) fn lua_tonumber(l: *mut State, index: c_int) -> f64;
    pub(super) fn lua_toboolean(l: *mut State, index: c_int) -> c_int;
    pub(super) fn lua_tolstring(l: *mut State, index: c_int, len: *mut usize) -> *const c_char;
    pub(super) fn lua_objlen(l: *mut State, index: c_int) -> usize;
    pub(super) fn lua_touserdata(l: *mut State, index: c_int) -> *mut c_void;
    pub(super) fn lua_topointer(l: *mut State, index: c_int) -> *const c_void;
    pub(super) fn lua_pushnil(l: *mut State);
    pub(super) fn lua_pushnumber(l: *mut State, number: f64);
    pub(super) fn lua_pushlstring(l: *mut State, text: *const c_char, len: usize);
    pub(super) fn lua_pushcclosure(l: *mut State, f: CFunction, upvalues: c_int);
    pub(super) fn lua_pushboolean(l: *mut State, value: c_int);
    pub(super) fn lua_pushlightuserdata(l: *mut State, pointer: *mut c_void);
    pub(super) fn lua_getfield(l: *mut State, index: c_int, name: *const c_char);
    pub(super) fn lua_rawget(l: *mut State, index: c_int);
    pub(super) fn lua_rawgeti(l: *mut State, index: c_int, n: c_int);
    pub(super) fn lua_createtable(l: *mut State, array: c_int, hash: c_int);
    pub(super) fn lua_getmetatable(l: *mut State, index: c_int) -> c_int;
    pub(super) fn lua_rawset(l: *mut State, index: c_int);
    pub(super) fn lua_rawseti(l: *mut State, index: c_int, n: c_int);
    pub(super) fn lua_setmetatable(l: *mut State, index: c_int) -> c_int;
    pub(super) fn lua_call(l: *mut State, args: c_int, results: c_int);
    pub(super) fn lua_pcall(l: *mut State, args: c_int, results: c_int, handler: c_int) -> c_int;
    pub(super) fn lua_error(l: *mut State) -> c_int;
    pub(super) fn lua_next(l: *mut State, index: c_int) -> c_int;
    pub(super) fn lua_concat(l: *mut State, n: c_int);
    pub(super) fn lua_gc(l: *mut State, what: c_int, data: c_int) -> c_int;
    pub(super) fn lua_getallocf(l: *mut State, ud: *mut *mut c_void) -> Option<Alloc>;
    pub(super) fn lua_sethook(l: *mut State, hook: Option<Hook>, mask: c_int, count: c_int) -> c_int;
    pub(super) fn lua_getstack(l: *mut State, level: c_int, about: *mut Debug) -> c_int;
    pub(super) fn lua_getinfo(l: *mut State, what: *const c_char, about: *mut Debug) -> c_int;
    pub(super) fn luaL_loadbuffer(
        l: *mut State,
        text: *const c_char,
        len: usize,
        name: *const c_char,
    ) -> c_int;
    pub(super) fn luaL_where(l: *mut State, level: c_int);
    pub(super) fn luaL_argerror(l: *mut State, argument: c_int, text: *const c_char) -> c_int;
    pub(super) fn luaopen_base(l: *mut State) -> c_int;
    pub(super) fn luaopen_table(l: *mut State) -> c_int;
    pub(super) fn luaopen_string(l: *mut State) -> c_int;
    pub(super) fn luaopen_math(l: *mut State) -> c_int;
    /// Ours: locks a table, or opens it again.
    pub(super) fn lua_lock_table(l: *mut State, index: c_int, on: c_int);
    /// Ours: whether a table is locked.
    pub(super) fn lua_is_locked(l: *mut State, index: c_int) -> c_int;
    /// Ours: whether a table has nothing but its array.
    pub(super) fn lua_hashless(l: *mut State, index: c_int) -> c_int;
    /// Ours: `lua_rawset` that pops both and answers 0 where the key or the table cannot be.
    pub(super) fn lua_put(l: *mut State, index: c_int) -> c_int;
}
