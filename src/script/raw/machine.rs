//! The machine: one Lua state, and a stack on which its scripts run.
//!
//! The stack belongs to a coroutine that never ends. It waits for a script to be made ready by [`Machine::begin`], calls it,
//! says [`Step::Done`], and waits for the next. In between it is suspended wherever the script wanted something.

use super::context::{Context, Kind, Registered, Words, allocate, context};
use super::ffi::*;
use super::frame::{Frame, text_at};
use super::result;
use super::setup::{self, Globals, Setup};
use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};
use resp::{Reply, ReplyBuffer, Span};
use std::ffi::{CStr, c_int, c_void};
use std::mem::ManuallyDrop;
use std::ptr;

/// What a script wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// To call a command: [`Machine::take_words`] has its words. Answered by [`Answer::Reply`] or [`Answer::Error`].
    Call,
    /// To know whether its caller may run the command of these words. Answered by [`Answer::Truth`], or [`Answer::Go`] if
    /// there is no such command.
    Permits,
    /// To have [`Machine::take_text`] logged, at a level from 0 (debug) to 3 (warning).
    Log(u8),
    /// To know how much processor time the process has had. Answered by [`Answer::Seconds`].
    Clock,
    /// Nothing: it has run for a while. May be answered by [`Answer::Kill`].
    Pause,
    /// It is over.
    Done,
}

/// What a script is given to go on with.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'a> {
    /// Nothing.
    Go,
    /// The reply of the command.
    Reply(&'a ReplyBuffer),
    /// The command failed with this text, which has been counted.
    Error(&'a [u8]),
    /// Yes or no.
    Truth(bool),
    /// A time.
    Seconds(f64),
    /// An end, for this reason.
    Kill(&'static str),
}

/// An [`Answer`] on its way to the other stack. What it points at is lent until the next step.
#[derive(Clone, Copy)]
pub(super) enum Turn {
    Go,
    Reply(*const ReplyBuffer),
    Error(*const [u8]),
    Truth(bool),
    Seconds(f64),
    Kill(&'static str),
}

/// A function that a machine keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function(pub(super) i32);

/// After so many instructions a script gives way.
const INSTRUCTIONS: c_int = 100_000;
/// How large the stack is: two hundred calls between C and Lua, the most that Lua allows, with their buffers, and the deepest
/// match of a pattern. Memory is taken as it is touched.
const STACK: usize = 4 << 20;
/// After so many scripts a step of the collector is taken, of this size.
const COLLECT_EVERY: u32 = 50;
/// How many bytes of reply a table may become. The reference writes one that holds itself twice until its memory is gone.
const LARGEST_TABLE: usize = 1 << 30;

/// A Lua machine.
pub struct Machine {
    l: *mut State,
    cx: Box<Context>,
    fiber: ManuallyDrop<Coroutine<Turn, Step, (), DefaultStack>>,
    running: bool,
    since_collection: u32,
    /// Whether scripts can make finalizers.
    has_finalizers: bool,
}

// SAFETY: the Lua state, its context and the stack belong to this machine alone, and nothing of them is bound to a thread.
unsafe impl Send for Machine {}

impl std::fmt::Debug for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} machine of {} bytes", self.cx.kind, self.memory())
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // SAFETY: nothing that is owned stands on the stack where it is suspended, as the head of this module says. With the
        // yielder gone, finalizers that run while the state is closed cannot suspend.
        unsafe {
            self.fiber.force_reset();
            ManuallyDrop::drop(&mut self.fiber);
            self.cx.yielder.set(ptr::null());
            if self.has_finalizers {
                // What the collector has given up, but not freed yet, must not be met by finalizers that closing runs
                // (CVE-2024-46981): it ends what it has begun.
                lua_gc(self.l, GC_COLLECT, 0);
            }
            lua_close(self.l);
        }
    }
}

impl Machine {
    /// A machine with these globals, in which nothing has run yet.
    ///
    /// # Panics
    /// When there is no memory for it.
    pub(crate) fn with(kind: Kind, setup: &Setup, globals: &Globals) -> Machine {
        let cx = Box::new(Context::new(kind));
        let ud = (&raw const *cx).cast_mut().cast::<c_void>();
        // SAFETY: the context outlives the state, in its box.
        let l = unsafe { lua_newstate(allocate, ud) };
        assert!(!l.is_null(), "memory for a Lua state");
        // SAFETY: the state is new.
        unsafe { setup::prepare(l, &cx, setup, globals) };
        // SAFETY: the state is live; the hook is ours.
        unsafe { lua_sethook(l, Some(pause), MASK_COUNT, INSTRUCTIONS) };
        let stack = DefaultStack::new(STACK).expect("memory for a stack");
        let context = &raw const *cx;
        // SAFETY: the addresses are used while the machine lives, whose drop resets the coroutine first.
        let fiber = Coroutine::with_stack(stack, move |yielder, _| unsafe { live(yielder, l, context) });
        Machine {
            l,
            cx,
            fiber: ManuallyDrop::new(fiber),
            running: false,
            since_collection: 0,
            has_finalizers: setup.insecure,
        }
    }

    /// What kind of machine it is.
    pub fn kind(&self) -> Kind {
        self.cx.kind
    }

    /// The bytes that Lua holds.
    pub fn memory(&self) -> usize {
        self.cx.used.get()
    }

    /// Sets how many bytes it may hold.
    pub fn set_budget(&mut self, bytes: usize) {
        self.cx.budget.set(bytes);
    }

    /// Sees to it that random numbers begin anew from here.
    pub fn seed(&mut self, seed: u32) {
        self.cx.random.set([0x330e, seed & 0xffff, seed >> 16]);
    }

    fn frame(&mut self) -> Frame<'_> {
        assert!(!self.running, "a machine is left alone while its script waits for an answer");
        // SAFETY: the state is live, and no script uses it.
        unsafe { Frame::new(self.l, &self.cx) }
    }

    /// Compiles a source, and keeps the function that it is. Fails with the compiler's message.
    pub fn compile(&mut self, source: &[u8], name: &CStr) -> Result<Function, Vec<u8>> {
        assert!(!self.running, "a machine is left alone while its script waits for an answer");
        // SAFETY: the state is live and idle; the compiler catches its own errors, and pushes a function or a text.
        unsafe {
            lua_settop(self.l, setup::BASE);
            let status = luaL_loadbuffer(self.l, source.as_ptr().cast(), source.len(), name.as_ptr());
            if status != 0 {
                let text = text_at(self.l, -1).to_vec();
                lua_settop(self.l, setup::BASE);
                return Err(text);
            }
        }
        Ok(self.frame().keep())
    }

    /// Lets go of a function.
    pub fn release(&mut self, function: Function) {
        self.frame().let_go(function);
    }

    /// Makes a function ready to be run with keys and arguments.
    pub fn begin<'w>(
        &mut self,
        function: Function,
        keys: impl ExactSizeIterator<Item = &'w [u8]>,
        arguments: impl ExactSizeIterator<Item = &'w [u8]>,
    ) {
        let is_eval = self.cx.kind == Kind::Eval;
        let l = self.l;
        let frame = self.frame();
        // SAFETY: the state is live and idle, memory is not refused while the frame lives, and there is room above the base
        // for what is pushed. The table of globals is locked again at once.
        unsafe {
            lua_settop(l, setup::BASE);
            lua_rawgeti(l, setup::KEPT_AT, function.0);
            if is_eval {
                lua_lock_table(l, GLOBALS, 0);
                lua_pushvalue(l, setup::KEYS_AT);
                array(l, keys);
                lua_rawset(l, GLOBALS);
                lua_pushvalue(l, setup::ARGV_AT);
                array(l, arguments);
                lua_rawset(l, GLOBALS);
                lua_lock_table(l, GLOBALS, 1);
            } else {
                array(l, keys);
                array(l, arguments);
            }
        }
        drop(frame);
        self.ready((if is_eval { 0 } else { 2 }, 1, setup::HANDLER_AT));
    }

    /// Makes the code of a library ready to be run, which registers functions. Fails with the compiler's message.
    pub fn begin_load(&mut self, source: &[u8]) -> Result<(), Vec<u8>> {
        let code = self.compile(source, c"@user_function")?;
        let l = self.l;
        let frame = self.frame();
        // SAFETY: as in `begin`.
        unsafe {
            lua_rawgeti(l, setup::KEPT_AT, code.0);
            setup::show_library_globals(l, true);
        }
        drop(frame);
        self.release(code);
        *self.cx.loading.borrow_mut() = Some(Vec::new());
        self.ready((0, 0, 0));
        Ok(())
    }

    fn ready(&mut self, shape: (i32, i32, i32)) {
        self.cx.shape.set(shape);
        self.cx.resp3.set(false);
        self.cx.repl.set(3);
        if self.cx.killed.take().is_some() {
            // SAFETY: the state is live and idle; the hook is ours.
            unsafe { lua_sethook(self.l, Some(pause), MASK_COUNT, INSTRUCTIONS) };
        }
        self.running = true;
    }

    /// Runs the script until it wants something.
    pub fn resume(&mut self, answer: Answer<'_>) -> Step {
        assert!(self.running, "a script has begun");
        let turn = match answer {
            Answer::Go => Turn::Go,
            Answer::Reply(buffer) => Turn::Reply(buffer),
            Answer::Error(text) => Turn::Error(text),
            Answer::Truth(is) => Turn::Truth(is),
            Answer::Seconds(seconds) => Turn::Seconds(seconds),
            Answer::Kill(why) => Turn::Kill(why),
        };
        match self.fiber.resume(turn) {
            CoroutineResult::Yield(step) => {
                self.running = step != Step::Done;
                step
            }
            CoroutineResult::Return(()) => unreachable!("the coroutine of a machine never ends"),
        }
    }

    /// Exchanges the words of the command that the script calls for other buffers.
    pub fn take_words(&mut self, bytes: &mut Vec<u8>, spans: &mut Vec<Span>) {
        let Words { bytes: own_bytes, spans: own_spans } = &mut *self.cx.words.borrow_mut();
        std::mem::swap(own_bytes, bytes);
        std::mem::swap(own_spans, spans);
    }

    /// The text that the script wants to have logged.
    pub fn take_text(&mut self) -> Vec<u8> {
        self.cx.text.take()
    }

    /// Whether the script wants replies in the newer protocol.
    pub fn wants_resp3(&self) -> bool {
        self.cx.resp3.get()
    }

    /// Where what the script writes is sent: bit 0 the append-only file, bit 1 replicas.
    pub fn places(&self) -> u8 {
        self.cx.repl.get()
    }

    /// Writes what the script returned, or that it failed, as a reply. `name` is what an error calls the script. `told` hears
    /// of each error, and whether it was counted when it arose.
    pub fn finish(&mut self, name: &[u8], reply: &mut Reply<'_>, told: &mut dyn FnMut(&[u8], bool)) {
        let status = self.cx.status.get();
        let resp3 = self.cx.resp3.get();
        let l = self.l;
        let start = reply.position();
        let most = self.cx.budget.get().min(LARGEST_TABLE);
        let frame = self.frame();
        // SAFETY: the state is live and idle, its script is over, and the result stands on top.
        unsafe {
            if status == 0 {
                if !result::write(l, reply, resp3, most, told) && !reply.is_full() {
                    let text = b"ERR the reply of the script is too large";
                    told(text, false);
                    reply.truncate(start);
                    reply.error(text);
                }
            } else {
                result::write_failure(l, name, reply, told);
            }
            lua_settop(l, setup::BASE);
        }
        drop(frame);
        self.collect_a_little();
    }

    /// What the code of a library registered, or why it failed.
    pub fn loaded(&mut self) -> Result<Vec<Registered>, Vec<u8>> {
        let functions = self.cx.loading.take().unwrap_or_default();
        let status = self.cx.status.get();
        let l = self.l;
        let frame = self.frame();
        // SAFETY: as in `finish`.
        let failure = unsafe {
            let failure = (status != 0).then(|| result::failure(l).text);
            lua_settop(l, setup::BASE);
            setup::show_library_globals(l, false);
            failure
        };
        drop(frame);
        match failure {
            None => Ok(functions),
            Some(text) => {
                functions.iter().for_each(|registered| self.release(registered.function));
                Err(text)
            }
        }
    }

    /// The collector works as memory is asked for; scripts that ask for little leave it behind.
    fn collect_a_little(&mut self) {
        self.since_collection += 1;
        if self.since_collection >= COLLECT_EVERY {
            self.since_collection = 0;
            let l = self.l;
            let _frame = self.frame();
            // SAFETY: the state is live and idle. Finalizers end with their own errors.
            unsafe { lua_gc(l, GC_STEP, COLLECT_EVERY as c_int) };
        }
    }

    /// Collects all that is garbage.
    pub fn collect(&mut self) {
        let l = self.l;
        let _frame = self.frame();
        // SAFETY: as above.
        unsafe { lua_gc(l, GC_COLLECT, 0) };
    }
}

/// What the coroutine of a machine does: calls what was made ready, again and again.
///
/// # Safety
/// Both addresses are good for as long as the coroutine is resumed.
unsafe fn live(yielder: &Yielder<Turn, Step>, l: *mut State, cx: *const Context) {
    // SAFETY: as promised. `lua_pcall` catches all errors; what it calls was put on the stack by `begin`.
    unsafe {
        let cx = &*cx;
        loop {
            cx.yielder.set(yielder);
            let (arguments, results, handler) = cx.shape.get();
            cx.status.set(lua_pcall(l, arguments, results, handler));
            cx.yielder.set(ptr::null());
            yielder.suspend(Step::Done);
        }
    }
}

/// Pushes an array of texts.
///
/// # Safety
/// `l` is live, memory is not refused, and there is room for two values.
unsafe fn array<'w>(l: *mut State, words: impl ExactSizeIterator<Item = &'w [u8]>) {
    // SAFETY: the table is new, so it is not locked.
    unsafe {
        lua_createtable(l, c_int::try_from(words.len()).unwrap_or(c_int::MAX), 0);
        for (i, word) in (1..).zip(words) {
            lua_pushlstring(l, word.as_ptr().cast(), word.len());
            lua_rawseti(l, -2, i);
        }
    }
}

/// What Lua calls every so many instructions: the script gives way, and may be told to end. Once it is, it is told so again
/// at every line, so that no `pcall` saves it.
unsafe extern "C-unwind" fn pause(l: *mut State, _: *mut Debug) {
    // SAFETY: Lua calls hooks with a live thread and room for values. This function owns nothing when the error is raised.
    unsafe {
        let cx = context(l);
        let why = match cx.killed.get() {
            Some(why) => why,
            // Only a finalizer runs within our own work, or while the machine is closed; it cannot be put off.
            None if cx.guard.get() > 0 || cx.yielder.get().is_null() => "a finalizer ran for too long",
            None => match (*cx.yielder.get()).suspend(Step::Pause) {
                Turn::Kill(why) => why,
                _ => return,
            },
        };
        cx.killed.set(Some(why));
        lua_sethook(l, Some(pause), MASK_LINE, 0);
        lua_createtable(l, 0, 1);
        lua_pushlstring(l, c"err".as_ptr(), 3);
        lua_pushlstring(l, c"ERR ".as_ptr(), 4);
        lua_pushlstring(l, why.as_ptr().cast(), why.len());
        lua_concat(l, 2);
        lua_rawset(l, -3);
        lua_error(l);
    }
}
