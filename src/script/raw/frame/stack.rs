//! The values on the stack of a function: what they are, and how they get there and away.

use super::{Entry, Fault, Frame, Type, push_entry};
use crate::raw::ffi::*;
use std::ffi::c_int;
use std::slice;

/// The deepest that the stack of one function of ours grows.
const DEEPEST: i32 = 8000;

impl Frame<'_> {
    /// How many values there are.
    pub(crate) fn top(&self) -> i32 {
        // SAFETY: reads the size of the stack.
        unsafe { lua_gettop(self.l) }
    }

    /// An index as one from the bottom; zero where there is no value.
    pub(super) fn index(&self, index: i32) -> i32 {
        let top = self.top();
        let index = if index < 0 { top + 1 + index } else { index };
        if (1..=top).contains(&index) { index } else { 0 }
    }

    /// Makes sure that there is room for `count` more values; answers whether there is.
    pub(crate) fn room(&mut self, count: i32) -> bool {
        // SAFETY: grows the stack; while a frame exists the memory is there. `DEEPEST` is Lua's own limit.
        self.top() + count <= DEEPEST && unsafe { lua_checkstack(self.l, count) != 0 }
    }

    /// Room for one value that is pushed here. Lua keeps some slots beyond its limit, but a loop that never asks would use
    /// them up: that is a bug of ours.
    pub(super) fn slot(&mut self) {
        // SAFETY: as in `room`.
        let room = unsafe { lua_checkstack(self.l, 1) };
        assert!(room != 0, "a function of ours pushes without asking for room");
    }

    /// The type of a value.
    pub(crate) fn kind(&self, index: i32) -> Type {
        match self.index(index) {
            0 => Type::None,
            // SAFETY: there is a value.
            index => Type::of(unsafe { lua_type(self.l, index) }),
        }
    }

    /// Whether it is a number, or a text that is one.
    pub(crate) fn is_number(&self, index: i32) -> bool {
        match self.index(index) {
            0 => false,
            // SAFETY: there is a value.
            index => unsafe { lua_isnumber(self.l, index) != 0 },
        }
    }

    /// The value as a number; zero where it is none.
    pub(crate) fn number(&self, index: i32) -> f64 {
        match self.index(index) {
            0 => 0.0,
            // SAFETY: there is a value.
            index => unsafe { lua_tonumber(self.l, index) },
        }
    }

    /// Whether it is anything but `false` and `nil`.
    pub(crate) fn truth(&self, index: i32) -> bool {
        match self.index(index) {
            0 => false,
            // SAFETY: there is a value.
            index => unsafe { lua_toboolean(self.l, index) != 0 },
        }
    }

    /// Whether it is the pointer that stands for nothing in JSON.
    pub(crate) fn is_null_pointer(&self, index: i32) -> bool {
        // SAFETY: there is a value where the type is not `None`.
        self.kind(index) == Type::Pointer && unsafe { lua_touserdata(self.l, self.index(index)).is_null() }
    }

    /// The bytes of a text, for as long as the stack is left alone.
    pub(crate) fn bytes(&self, index: i32) -> Option<&[u8]> {
        if self.kind(index) != Type::Text {
            return None;
        }
        // SAFETY: it is a text, so nothing is converted; it stands on the stack, which `self` keeps from being changed.
        Some(unsafe { text_at(self.l, self.index(index)) })
    }

    /// As [`Frame::bytes`], of a number too, which becomes a text where it stands.
    pub(crate) fn text(&mut self, index: i32) -> Option<&[u8]> {
        if !matches!(self.kind(index), Type::Text | Type::Number) {
            return None;
        }
        // SAFETY: as above; the conversion changes the value on the stack.
        Some(unsafe { text_at(self.l, self.index(index)) })
    }

    pub(crate) fn push_nil(&mut self) {
        self.slot();
        // SAFETY: there is room.
        unsafe { lua_pushnil(self.l) }
    }

    pub(crate) fn push_bool(&mut self, value: bool) {
        self.slot();
        // SAFETY: there is room.
        unsafe { lua_pushboolean(self.l, c_int::from(value)) }
    }

    pub(crate) fn push_number(&mut self, number: f64) {
        self.slot();
        // SAFETY: there is room.
        unsafe { lua_pushnumber(self.l, number) }
    }

    pub(crate) fn push_bytes(&mut self, text: &[u8]) {
        self.slot();
        // SAFETY: there is room, and memory is not refused.
        unsafe { lua_pushlstring(self.l, text.as_ptr().cast(), text.len()) }
    }

    pub(crate) fn push_null_pointer(&mut self) {
        self.slot();
        // SAFETY: there is room.
        unsafe { lua_pushlightuserdata(self.l, std::ptr::null_mut()) }
    }

    pub(crate) fn push_table(&mut self) {
        self.slot();
        // SAFETY: there is room, and memory is not refused.
        unsafe { lua_createtable(self.l, 0, 0) }
    }

    /// Pushes a copy of a value.
    pub(crate) fn push_value(&mut self, index: i32) {
        match self.index(index) {
            0 => self.push_nil(),
            index => {
                self.slot();
                // SAFETY: there is a value, and room.
                unsafe { lua_pushvalue(self.l, index) }
            }
        }
    }

    /// Pushes one of the values that the running function was made with, from 1 on.
    pub(crate) fn push_upvalue(&mut self, number: i32) {
        self.slot();
        // SAFETY: Lua answers nil for upvalues that there are not. The first is the function itself, and not given out.
        unsafe {
            lua_pushvalue(self.l, upvalue(number + 1));
            if lua_type(self.l, -1) < 0 {
                lua_settop(self.l, -2);
                lua_pushnil(self.l);
            }
        }
    }

    /// Pushes a function of ours, with the values on top as its upvalues.
    pub(crate) fn push_function(&mut self, entry: Entry, upvalues: i32) {
        let upvalues = upvalues.clamp(0, self.top());
        self.slot();
        // SAFETY: there are these values, and room.
        unsafe { push_entry(self.l, entry, upvalues) }
    }

    /// Takes values off the top.
    pub(crate) fn pop(&mut self, count: i32) {
        let top = self.top();
        // SAFETY: never below the bottom.
        unsafe { lua_settop(self.l, (top - count).clamp(0, top)) }
    }

    /// Leaves so many values.
    pub(crate) fn set_top(&mut self, count: i32) {
        while self.top() < count {
            self.push_nil();
        }
        // SAFETY: never below the bottom, and here never above the top.
        unsafe { lua_settop(self.l, count.max(0)) }
    }

    /// Moves the value on top to where `index` is.
    pub(crate) fn insert(&mut self, index: i32) {
        if let index @ 1.. = self.index(index) {
            // SAFETY: there is such a value.
            unsafe { lua_insert(self.l, index) }
        }
    }

    /// Replaces the key on top by what a table has there; metamethods are not asked.
    pub(crate) fn raw_get(&mut self, table: i32) {
        if self.kind(table) == Type::Table {
            // SAFETY: it is a table, and there is a key: the table itself at least.
            unsafe { lua_rawget(self.l, self.index(table)) }
        }
    }

    /// Pushes what a table has at a number.
    pub(crate) fn raw_get_at(&mut self, table: i32, key: i32) {
        self.slot();
        match self.kind(table) {
            // SAFETY: it is a table, and there is room.
            Type::Table => unsafe { lua_rawgeti(self.l, self.index(table), key) },
            _ => self.push_nil(),
        }
    }

    /// Stores the value on top under the key below it, and takes both off. Answers whether that can be.
    pub(crate) fn raw_set(&mut self, table: i32) -> bool {
        let table = self.index(table);
        if table == 0 || self.top() < 3 {
            return false;
        }
        // SAFETY: there are a key and a value above the table; `lua_put` checks all else.
        unsafe { lua_put(self.l, table) != 0 }
    }

    /// Stores the value on top under a name.
    pub(crate) fn set_field(&mut self, table: i32, name: &str) {
        let table = self.index(table);
        self.push_bytes(name.as_bytes());
        self.insert(-2);
        self.raw_set(table);
    }

    /// Stores the value on top under a number.
    pub(crate) fn set_at(&mut self, table: i32, key: f64) -> bool {
        let table = self.index(table);
        self.push_number(key);
        self.insert(-2);
        self.raw_set(table)
    }

    /// Calls `each` with every key and value of a table on top of the stack, in the table's order. `each` must leave the
    /// table's keys as they are; what it leaves on the stack is taken off. `false` ends the walk.
    pub(crate) fn each(
        &mut self,
        table: i32,
        mut each: impl FnMut(&mut Self) -> Result<bool, Fault>,
    ) -> Result<(), Fault> {
        let table = self.index(table);
        if table == 0 || self.kind(table) != Type::Table {
            return Ok(());
        }
        self.push_nil();
        let key = self.top();
        loop {
            self.slot();
            // SAFETY: the key on top is nil, or one that the table had a moment ago and still has: nothing removes keys,
            // only values. There is room for the value.
            let more = unsafe { lua_next(self.l, table) != 0 };
            if !more {
                break;
            }
            let go_on = each(self)?;
            self.set_top(key);
            if !go_on {
                break;
            }
        }
        self.set_top(key - 1);
        Ok(())
    }

    /// Locks the table on top.
    pub(in crate::raw) fn lock(&mut self) {
        if self.kind(-1) == Type::Table {
            // SAFETY: it is a table.
            unsafe { lua_lock_table(self.l, -1, 1) }
        }
    }
}

/// The text at an index, a number being made one.
///
/// # Safety
/// There is a text or a number, and it stays on the stack while the result is used.
pub(in crate::raw) unsafe fn text_at<'t>(l: *mut State, index: c_int) -> &'t [u8] {
    let mut len = 0;
    // SAFETY: as promised; Lua answers the address and the length of a block that lives as long as the value.
    unsafe {
        let start = lua_tolstring(l, index, &raw mut len);
        slice::from_raw_parts(start.cast(), len)
    }
}

/// A number without its fraction, as C converts it on the machines that scripts know: what does not fit is the least number.
pub(crate) fn truncated(number: f64) -> i64 {
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&number) {
        number as i64
    } else {
        i64::MIN
    }
}
