//! The thread that writes down what takes more than a handler can do: names for addresses, and the state of the node.
//!
//! A handler of a signal runs in the middle of anything: it must not allocate, and a stack trace with names needs to. So
//! it gathers bare addresses and rings for this thread, which does nothing else. When the process is about to end, the
//! handler waits for it, but not for ever: where the allocator's own memory is what is broken, or its lock is held by a
//! thread that was stopped, this thread gets stuck as well, and the handler writes what it has without names.

use super::{traces, write_address};
use crate::clock::Clock;
use crate::raw::Log;
use crate::sys;
use node::Node;
use std::ffi::c_void;
use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};

/// What the thread can be asked to write.
#[derive(Clone, Copy)]
pub(super) enum Order {
    /// The stack traces that were asked for.
    Traces = 1,
    /// Figures, clients and settings of the node.
    State = 2,
}

/// How long an order is waited for, in milliseconds.
const PATIENCE_MS: u32 = 5000;

/// The end of the pipe that orders are written to.
static ORDERS: OnceLock<i32> = OnceLock::new();
/// The process that the thread belongs to: a child does not have it.
static PROCESS: AtomicU32 = AtomicU32::new(0);
/// How many orders were carried out.
static DONE: AtomicU32 = AtomicU32::new(0);
/// The node of the process, while it is served.
static NODE: AtomicPtr<Node> = AtomicPtr::new(std::ptr::null_mut());
/// Whether the thread itself has failed.
static FAILED: AtomicBool = AtomicBool::new(false);

/// From now on reports show this node, which must stay there; with a null pointer, no node.
pub fn show(node: *const Node) {
    NODE.store(node.cast_mut(), Ordering::Release);
}

/// Starts the thread.
pub(super) fn start(clock: &Clock) -> io::Result<()> {
    let mut ends = [0; 2];
    // SAFETY: the kernel fills in both ends of a pipe.
    sys::checked(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) })?;
    let [orders, to] = ends;
    let clock = clock.clone();
    std::thread::Builder::new().name("crash_reporter".into()).spawn(move || {
        // It does not register with the allocator: what names take for a moment is not the data's memory.
        traces::spare_me();
        serve(orders, &clock);
    })?;
    PROCESS.store(std::process::id(), Ordering::Relaxed);
    // There is one such thread.
    let _ = ORDERS.set(to);
    Ok(())
}

fn serve(orders: i32, clock: &Clock) {
    loop {
        let mut order = 0u8;
        // SAFETY: the kernel writes at most one byte to a byte of ours.
        let read = unsafe { libc::read(orders, (&raw mut order).cast::<c_void>(), 1) };
        if read != 1 {
            continue;
        }
        let log = Log::open();
        if order == Order::Traces as u8 {
            write_traces(&log, write_names);
            traces::done();
            backtrace::clear_symbol_cache();
        } else {
            // SAFETY: the node stays where it is while it is shown here, and the thread that owns it has been stopped: the
            // process will not go on. It may have been stopped in the middle of a change. What is read of it then may be
            // wrong, and make this thread fail, which `failed` is for.
            if let Some(node) = unsafe { NODE.load(Ordering::Acquire).as_ref() } {
                write_state(&log, node, clock);
            }
        }
        DONE.fetch_add(1, Ordering::Release);
    }
}

/// Has an order carried out some time soon. Answers whether that can be hoped for.
pub(super) fn order(order: Order) -> bool {
    let Some(&orders) = ORDERS.get() else { return false };
    let byte = order as u8;
    if !is_here() {
        return false;
    }
    // SAFETY: one byte of ours goes into a pipe that stays open.
    !FAILED.load(Ordering::Relaxed) && unsafe { libc::write(orders, (&raw const byte).cast(), 1) } == 1
}

/// Whether the thread is one of this process.
pub(super) fn is_here() -> bool {
    std::process::id() == PROCESS.load(Ordering::Relaxed)
}

/// Has an order carried out now. Answers whether it was: it is not when the thread is stuck.
pub(super) fn order_and_wait(what: Order) -> bool {
    let before = DONE.load(Ordering::Acquire);
    if !order(what) {
        return false;
    }
    for _ in 0..PATIENCE_MS {
        if DONE.load(Ordering::Acquire) != before {
            return true;
        }
        if FAILED.load(Ordering::Relaxed) {
            return false;
        }
        traces::doze();
    }
    failed();
    false
}

/// The thread cannot be relied on any more.
pub(super) fn failed() {
    FAILED.store(true, Ordering::Relaxed);
}

/// Writes the traces that were asked for, each address by `write`.
pub(super) fn write_traces(log: &Log, write: fn(&Log, usize)) {
    let (traces, expected) = traces::answers();
    log.write(b"\n------ STACK TRACE ------\n");
    for (i, trace) in traces.iter().enumerate() {
        let own = if i == 0 { " *" } else { "" };
        log.text(format_args!("\n{} {}{own}\n", trace.thread, trace.name()));
        for &address in trace.addresses() {
            write(log, address);
        }
    }
    log.text(format_args!("\n{}/{expected} expected stacktraces.\n", traces.len()));
    log.write(b"\n------ STACK TRACE DONE ------\n");
}

/// Writes the functions at an address, those that were inlined there as well, with their places in the source.
fn write_names(log: &Log, address: usize) {
    let mut named = false;
    // The address is behind the call, which may be the last of its line.
    backtrace::resolve(address.wrapping_sub(1) as *mut c_void, |symbol| {
        let Some(name) = symbol.name() else { return };
        named = true;
        match (symbol.filename(), symbol.lineno()) {
            (Some(file), Some(line)) => {
                log.text(format_args!("{address:#x} {name:#} {}:{line}\n", file.display()));
            }
            _ => log.text(format_args!("{address:#x} {name:#}\n")),
        }
    });
    if !named {
        write_address(log, address);
    }
}

fn write_state(log: &Log, node: &Node, clock: &Clock) {
    let state = node.report(clock.now());
    let sections = [
        ("INFO OUTPUT", state.info),
        ("CLIENT LIST OUTPUT", state.clients),
        ("CURRENT CLIENT INFO", state.current),
        ("CONFIG DEBUG OUTPUT", state.settings),
    ];
    for (title, text) in sections {
        if !text.is_empty() {
            log.text(format_args!("\n------ {title} ------\n"));
            log.write(text.as_bytes());
        }
    }
}
