//! What belongs to one Lua machine besides what Lua keeps itself: its memory account, what a running script has asked for,
//! and the switches that scripts set. Lua hands a pointer to it to the allocator, so that every function finds it.

use super::ffi::{State, lua_getallocf};
use super::machine::{Step, Turn};
use corosensei::Yielder;
use resp::Span;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error, realloc};
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::ptr;

/// The words of a command that a script calls, in the form in which requests are kept: one buffer, and ranges of it.
#[derive(Debug, Default)]
pub struct Words {
    /// All the words, one after another.
    pub bytes: Vec<u8>,
    /// Where each of them is.
    pub spans: Vec<Span>,
}

/// A function that the code of a library registered.
#[derive(Debug)]
pub struct Registered {
    /// Its name.
    pub name: Vec<u8>,
    /// What it does, in its author's words.
    pub description: Option<Vec<u8>>,
    /// The words of its flags.
    pub flags: crate::Flags,
    /// Itself.
    pub function: super::machine::Function,
}

/// What kind of machine it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// For EVAL and its like: scripts find their keys and arguments in globals.
    Eval,
    /// For functions of libraries, which get them as parameters.
    Functions,
}

pub(super) struct Context {
    pub(super) kind: Kind,
    /// Bytes that Lua holds, and how many it may.
    pub(super) used: Cell<usize>,
    pub(super) budget: Cell<usize>,
    /// How many Rust functions that own something stand between here and the nearest place that catches Lua's errors. While
    /// there are any, memory is given whatever the budget says, since a refusal would jump over them.
    pub(super) guard: Cell<u32>,
    /// Where a running script gives way; null while none runs.
    pub(super) yielder: Cell<*const Yielder<Turn, Step>>,
    /// The words of the command being called.
    pub(super) words: RefCell<Words>,
    /// The text of the line to be logged.
    pub(super) text: RefCell<Vec<u8>>,
    /// Whether commands are called in the newer protocol.
    pub(super) resp3: Cell<bool>,
    /// Where what the script writes is sent: bit 0 the append-only file, bit 1 replicas.
    pub(super) repl: Cell<u8>,
    /// Why the script is being ended, once it is.
    pub(super) killed: Cell<Option<&'static str>>,
    /// The generator behind `math.random`.
    pub(super) random: Cell<[u32; 3]>,
    /// Functions registered so far, while a library is being loaded.
    pub(super) loading: RefCell<Option<Vec<Registered>>>,
    /// How the machine is to call: the number of parameters, of results, and where the handler of errors stands.
    pub(super) shape: Cell<(i32, i32, i32)>,
    /// What came of the call.
    pub(super) status: Cell<i32>,
    /// Places of functions that were given back.
    pub(super) free: RefCell<Vec<i32>>,
    pub(super) next_place: Cell<i32>,
}

impl Context {
    pub(super) fn new(kind: Kind) -> Context {
        Context {
            kind,
            used: Cell::new(0),
            budget: Cell::new(usize::MAX),
            guard: Cell::new(0),
            yielder: Cell::new(ptr::null()),
            words: RefCell::default(),
            text: RefCell::default(),
            resp3: Cell::new(false),
            repl: Cell::new(3),
            killed: Cell::new(None),
            random: Cell::new([0x330e, 0xabcd, 0x1234]),
            loading: RefCell::new(None),
            shape: Cell::new((0, 1, 0)),
            status: Cell::new(0),
            free: RefCell::default(),
            next_place: Cell::new(1),
        }
    }

    /// A place for a function among those kept.
    pub(super) fn place(&self) -> i32 {
        self.free.borrow_mut().pop().unwrap_or_else(|| {
            let place = self.next_place.get();
            self.next_place.set(place + 1);
            place
        })
    }
}

/// The context of a Lua thread.
///
/// # Safety
/// `l` is a live thread of a machine, and the result is not used after the machine is gone.
#[inline]
pub(super) unsafe fn context<'a>(l: *mut State) -> &'a Context {
    let mut ud = ptr::null_mut();
    // SAFETY: the machine gave the allocator a pointer to its context, which lives longer than its Lua threads.
    unsafe {
        lua_getallocf(l, &raw mut ud);
        &*ud.cast::<Context>()
    }
}

/// What Lua asks no stricter alignment than.
const ALIGN: usize = 8;

/// Lua's allocator: counts, and refuses what goes beyond the budget.
pub(super) unsafe extern "C-unwind" fn allocate(
    ud: *mut c_void,
    block: *mut c_void,
    old: usize,
    new: usize,
) -> *mut c_void {
    // SAFETY: Lua passes what it was given on creation: a pointer to the context.
    let cx = unsafe { &*ud.cast::<Context>() };
    let layout = |size| Layout::from_size_align(size, ALIGN).ok();
    let old = if block.is_null() { 0 } else { old };
    let Some((before, after)) = layout(old).zip(layout(new)) else { return ptr::null_mut() };
    let used = cx.used.get() - old;
    if new > old && new - old > cx.budget.get().saturating_sub(cx.used.get()) && cx.guard.get() == 0 {
        return ptr::null_mut();
    }
    // SAFETY: a block of a size above zero came from here with the layout of that size, and is asked about once; sizes of
    // zero are no blocks.
    let got = unsafe {
        match (old, new) {
            (0, 0) => ptr::null_mut(),
            (0, _) => alloc(after),
            (_, 0) => {
                dealloc(block.cast(), before);
                ptr::null_mut()
            }
            _ => realloc(block.cast(), before, new),
        }
    };
    if got.is_null() && new > 0 {
        if cx.guard.get() > 0 || new <= old {
            handle_alloc_error(after);
        }
        return got.cast();
    }
    cx.used.set(used + new);
    got.cast()
}
