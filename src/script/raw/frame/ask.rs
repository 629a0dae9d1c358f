//! What a function asks of whoever drives the script, and what it tells the machine for later.

use super::stack::text_at;
use super::{Frame, Type};
use crate::raw::context::Registered;
use crate::raw::ffi::*;
use crate::raw::machine::{Function, Step, Turn};
use crate::raw::reply;
use crate::raw::result::one_line;
use resp::Span;

impl Frame<'_> {
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
    pub(in crate::raw) fn ask(&mut self, step: Step) -> Option<Turn> {
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

    /// Puts the generator behind `math.random` into this state.
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
            lua_rawgeti(self.l, REGISTRY, crate::raw::setup::KEPT);
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
            lua_rawgeti(self.l, REGISTRY, crate::raw::setup::KEPT);
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
}
