//! A frame: what a function of ours that Lua called may do with the stack. Every method is safe: it raises no error of Lua's
//! and leaves no reference behind to what may be collected. See the head of this module for why that matters.

use super::context::{Context, Registered, context};
use super::ffi::*;
use super::machine::{Function, Step, Turn};
use super::reply;
use resp::Span;
use std::ffi::{c_int, c_void};
use std::slice;

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

/// The deepest that the stack of one function of ours grows.
const DEEPEST: i32 = 8000;

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

    /// How many values there are.
    pub(crate) fn top(&self) -> i32 {
        // SAFETY: reads the size of the stack.
        unsafe { lua_gettop(self.l) }
    }

    /// An index as one from the bottom; zero where there is no value.
    fn index(&self, index: i32) -> i32 {
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
    fn slot(&mut self) {
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

    /// Fails with a text, preceded by where the caller is.
    pub(crate) fn fail(&mut self, text: impl AsRef<[u8]>) -> Fault {
        self.push_fault(text.as_ref());
        Fault::Text
    }

    /// Fails for an argument that is not right.
    pub(crate) fn bad_argument(&mut self, number: i32, text: impl AsRef<[u8]>) -> Fault {
        self.push_fault(text.as_ref());
        Fault::Argument(number)
    }

    fn push_fault(&mut self, text: &[u8]) {
        if !self.room(2) {
            self.pop(2);
        }
        self.push_bytes(text);
    }

    fn wrong_type(&mut self, number: i32, wanted: &str) -> Fault {
        let got = self.kind(number).name();
        self.bad_argument(number, format!("{wanted} expected, got {got}"))
    }

    /// An argument that must be a number.
    pub(crate) fn check_number(&mut self, number: i32) -> Result<f64, Fault> {
        if self.is_number(number) { Ok(self.number(number)) } else { Err(self.wrong_type(number, "number")) }
    }

    /// An argument that is an integer, or absent.
    pub(crate) fn optional_integer(&mut self, number: i32, default: i64) -> Result<i64, Fault> {
        match self.kind(number) {
            Type::None | Type::Nil => Ok(default),
            _ => self.check_number(number).map(truncated),
        }
    }

    /// Makes sure that an argument is a text; a number becomes one.
    pub(crate) fn check_text(&mut self, number: i32) -> Result<(), Fault> {
        match self.text(number) {
            Some(_) => Ok(()),
            None => Err(self.wrong_type(number, "string")),
        }
    }

    /// Gathers all the values as the words of a command, or answers what is wrong with them.
    pub(crate) fn gather(&mut self) -> Result<(), &'static str> {
        let count = self.top();
        if count == 0 {
            return Err("Please specify at least one argument for this call");
        }
        let mut words = self.cx.words.borrow_mut();
        words.bytes.clear();
        words.spans.clear();
        for index in 1..=count {
            let start = words.bytes.len();
            match self.kind(index) {
                Type::Number => crate::number::push_argument(&mut words.bytes, self.number(index)),
                // SAFETY: it is a text on the stack, copied at once.
                Type::Text => words.bytes.extend_from_slice(unsafe { text_at(self.l, index) }),
                _ => return Err("Command arguments must be strings or integers"),
            }
            let end = words.bytes.len();
            let Ok(start) = u32::try_from(start) else { return Err("Command arguments are too long") };
            // A place in four bytes, and the highest number has a meaning of its own.
            if end >= u32::MAX as usize {
                return Err("Command arguments are too long");
            }
            words.spans.push(Span { start, len: end as u32 - start });
        }
        Ok(())
    }

    /// Gives way to whoever drives the script, and waits for the answer. `None` where that cannot be: outside of a script,
    /// or in a finalizer that runs in the midst of something else.
    pub(super) fn ask(&mut self, step: Step) -> Option<Turn> {
        let yielder = self.cx.yielder.get();
        if yielder.is_null() || self.cx.guard.get() > 1 {
            return None;
        }
        // SAFETY: not null means that a script is being run, on the stack that the yielder belongs to. Nothing that is owned
        // stands on it: see the head of this module.
        Some(unsafe { (*yielder).suspend(step) })
    }

    /// Calls the command that was gathered. Its reply is pushed; answers whether it is an error.
    pub(crate) fn call(&mut self) -> Option<bool> {
        let turn = self.ask(Step::Call)?;
        self.set_top(0);
        Some(match turn {
            Turn::Reply(buffer) => {
                // SAFETY: whoever resumed lent the buffer until the next step, and this is before it.
                let buffer = unsafe { &*buffer };
                // SAFETY: the thread is live, and memory is not refused.
                unsafe { reply::push(self.l, buffer) }
            }
            Turn::Error(text) => {
                // SAFETY: as above.
                let text = unsafe { &*text };
                match text.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
                    true => self.push_error(&one_line(text), true),
                    false => self.push_error(text, true),
                }
                true
            }
            _ => {
                self.push_nil();
                false
            }
        })
    }

    /// Asks whether the caller may run the command that was gathered; `None` where there is no such command.
    pub(crate) fn permits(&mut self) -> Option<bool> {
        match self.ask(Step::Permits)? {
            Turn::Truth(may) => Some(may),
            _ => None,
        }
    }

    /// Says a line in the log, at a level from 0 to 3.
    pub(crate) fn log(&mut self, level: u8, text: Vec<u8>) {
        *self.cx.text.borrow_mut() = text;
        self.ask(Step::Log(level));
    }

    /// How much processor time the process has had, in seconds.
    pub(crate) fn clock(&mut self) -> f64 {
        match self.ask(Step::Clock) {
            Some(Turn::Seconds(seconds)) => seconds,
            _ => 0.0,
        }
    }

    /// Pushes an error as scripts see it: a table with the text under `err`. `told` marks one that was counted already.
    pub(crate) fn push_error(&mut self, text: &[u8], told: bool) {
        self.push_table();
        self.push_bytes(text);
        self.set_field(-2, "err");
        if told {
            self.push_bool(true);
            self.set_field(-2, "ignore_error_stats_update");
        }
    }

    /// Fails with an error as scripts see it, of the usual code.
    pub(crate) fn raise(&mut self, text: &str) -> Fault {
        if !self.room(4) {
            self.pop(4);
        }
        self.push_error(format!("ERR {text}").as_bytes(), false);
        Fault::Value
    }

    /// Calls commands in the newer protocol from here on, or the older.
    pub(crate) fn set_resp3(&mut self, on: bool) {
        self.cx.resp3.set(on);
    }

    /// Sends what is written from here on to these places.
    pub(crate) fn set_repl(&mut self, places: u8) {
        self.cx.repl.set(places);
    }

    /// The state of the generator behind `math.random`.
    pub(crate) fn random(&self) -> [u32; 3] {
        self.cx.random.get()
    }

    /// See [`Frame::random`].
    pub(crate) fn set_random(&mut self, state: [u32; 3]) {
        self.cx.random.set(state);
    }

    /// Whether the code of a library is being run.
    pub(crate) fn is_loading(&self) -> bool {
        self.cx.loading.borrow().is_some()
    }

    /// Keeps the function on top, and takes it off.
    pub(crate) fn keep(&mut self) -> Function {
        let place = self.cx.place();
        self.slot();
        // SAFETY: the table of kept functions stands in the registry from the beginning on; nothing else is at that number.
        unsafe {
            lua_rawgeti(self.l, REGISTRY, super::setup::KEPT);
            lua_insert(self.l, -2);
            lua_rawseti(self.l, -2, place);
        }
        self.pop(1);
        Function(place)
    }

    /// Lets go of a function that was kept.
    pub(crate) fn let_go(&mut self, function: Function) {
        if !self.room(2) {
            return;
        }
        // SAFETY: as in `keep`; there is room.
        unsafe {
            lua_rawgeti(self.l, REGISTRY, super::setup::KEPT);
            lua_pushnil(self.l);
            lua_rawseti(self.l, -2, function.0);
        }
        self.pop(1);
        self.cx.free.borrow_mut().push(function.0);
    }

    /// Says that a library has this function.
    pub(crate) fn register(&mut self, function: Registered) {
        if let Some(functions) = &mut *self.cx.loading.borrow_mut() {
            functions.push(function);
        }
    }

    /// Locks the table on top.
    pub(super) fn lock(&mut self) {
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
pub(super) unsafe fn text_at<'t>(l: *mut State, index: c_int) -> &'t [u8] {
    let mut len = 0;
    // SAFETY: as promised; Lua answers the address and the length of a block that lives as long as the value.
    unsafe {
        let start = lua_tolstring(l, index, &raw mut len);
        slice::from_raw_parts(start.cast(), len)
    }
}

/// A text as a reply that is a line shows it.
pub(super) fn one_line(text: &[u8]) -> Vec<u8> {
    text.iter().map(|&byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { byte }).collect()
}

/// A number without its fraction, as C converts it on the machines that scripts know: what does not fit is the least number.
pub(crate) fn truncated(number: f64) -> i64 {
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&number) {
        number as i64
    } else {
        i64::MIN
    }
}
