//! Where each thread of the process is, found out by asking them with a signal.
//!
//! A thread that is asked notes the addresses of the functions it is in and either goes on or, when the process is about
//! to end, stays where it is. All of it happens in handlers: memory that is there from the start, no lock, no allocation.
//!
//! ```text
//! asking thread    TICKETS = 0 -> itself, then SIGUSR2 to each other thread -> waits until as many are READY
//! asked thread     takes a ticket -> fills that place -> READY + 1 -> goes on, or stays
//! ```

use crate::sys;
use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};

/// How many threads are asked at most, and how many functions deep each is followed.
const THREADS: usize = 150;
const DEPTH: usize = 100;
/// How long the answers are waited for, in milliseconds.
const PATIENCE_MS: u32 = 500;

/// Where one thread is.
pub(super) struct Trace {
    pub(super) thread: i32,
    name: [u8; 16],
    depth: usize,
    addresses: [usize; DEPTH],
}

impl Trace {
    const EMPTY: Trace = Trace { thread: 0, name: [0; 16], depth: 0, addresses: [0; DEPTH] };

    /// The addresses it is at, the innermost first.
    pub(super) fn addresses(&self) -> &[usize] {
        &self.addresses[..self.depth]
    }

    /// The name of the thread.
    pub(super) fn name(&self) -> &str {
        let end = self.name.iter().position(|&byte| byte == 0).unwrap_or(self.name.len());
        std::str::from_utf8(&self.name[..end]).unwrap_or("?")
    }

    /// Notes where the calling thread is.
    fn take(&mut self) {
        // SAFETY: the first call answers a number; the second writes at most 16 bytes. Both are safe in a handler.
        unsafe {
            self.thread = libc::gettid();
            libc::prctl(libc::PR_GET_NAME, self.name.as_mut_ptr());
        }
        self.depth = 0;
        // SAFETY: walking the stack of this very thread reads memory that it owns, and takes no lock. Nobody else can
        // use the crate's own lock in the wrong way, since nothing that needs it is called.
        unsafe {
            backtrace::trace_unsynchronized(|frame| {
                let address = frame.ip() as usize;
                self.addresses[self.depth] = address;
                self.depth += usize::from(address != 0);
                address != 0 && self.depth < DEPTH
            });
        }
    }
}

struct Places(UnsafeCell<[Trace; THREADS]>);

// SAFETY: a place is written only by the thread that holds its ticket, and read only behind the `READY` that it added.
unsafe impl Sync for Places {}

static PLACES: Places = Places(UnsafeCell::new([Trace::EMPTY; THREADS]));
static TICKETS: AtomicUsize = AtomicUsize::new(0);
static READY: AtomicUsize = AtomicUsize::new(0);
static EXPECTED: AtomicUsize = AtomicUsize::new(0);
/// Whether somebody is asking: one at a time.
static ASKING: AtomicBool = AtomicBool::new(false);
/// Whether threads that are asked stay where they are.
static STAY: AtomicBool = AtomicBool::new(false);
/// A thread that is not asked, since it is to write the answers down.
static SPARED: AtomicI32 = AtomicI32::new(0);

/// Has this thread never be asked.
pub(super) fn spare_me() {
    // SAFETY: answers a number.
    SPARED.store(unsafe { libc::gettid() }, Ordering::Relaxed);
}

/// Whether this is the thread that is never asked.
pub(super) fn is_spared() -> bool {
    // SAFETY: answers a number.
    SPARED.load(Ordering::Relaxed) == unsafe { libc::gettid() }
}

/// Makes it possible to ask, and to walk a stack without a surprise: the first time may load code.
pub(super) fn install() -> std::io::Result<()> {
    let mut first = Trace::EMPTY;
    first.take();
    let handler: extern "C" fn(i32) = asked;
    // SAFETY: an all-zero `sigaction` is valid; the handler does only what is safe in one.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as *const () as libc::sighandler_t;
        action.sa_flags = libc::SA_RESTART;
        sys::checked(libc::sigaction(libc::SIGUSR2, &raw const action, std::ptr::null_mut())).map(drop)
    }
}

/// Asks every thread where it is; the asking thread's own answer is the first. With `stay`, all but this one and the spared
/// one stop there for ever. Answers false while somebody else is asking, or has not called [`done`] yet.
pub(super) fn ask(stay: bool) -> bool {
    if ASKING.swap(true, Ordering::Acquire) {
        return false;
    }
    STAY.fetch_or(stay, Ordering::Relaxed);
    READY.store(0, Ordering::Relaxed);
    TICKETS.store(0, Ordering::Release);
    asked_here();
    // SAFETY: these calls answer numbers.
    let (process, own) = unsafe { (libc::getpid(), libc::gettid()) };
    let mut expected = 1;
    threads(|thread| {
        let spared = thread == own || thread == SPARED.load(Ordering::Relaxed);
        if !spared && expected < THREADS && hears(thread) {
            // SAFETY: sends a signal that is handled to a thread of this process.
            let sent = unsafe { libc::syscall(libc::SYS_tgkill, process, thread, libc::SIGUSR2) };
            expected += usize::from(sent == 0);
        }
    });
    for _ in 0..PATIENCE_MS {
        if READY.load(Ordering::Acquire) == expected {
            break;
        }
        doze();
    }
    EXPECTED.store(expected, Ordering::Release);
    true
}

/// The traces, and how many were expected. Only to be called between [`ask`] and [`done`].
pub(super) fn answers() -> (&'static [Trace], usize) {
    let expected = EXPECTED.load(Ordering::Acquire);
    // Tickets are filled in any order: that of another thread is only surely filled when all are.
    let count = if READY.load(Ordering::Acquire) == expected { expected } else { 1 };
    // SAFETY: the first `count` places were filled before `READY` counted them, and are not written to again before
    // `ASKING` is given back, since every ticket was used.
    (unsafe { std::slice::from_raw_parts(PLACES.0.get().cast::<Trace>(), count) }, expected)
}

/// The answers are not needed any more. Where one is still to come, nobody asks again: its place stays taken.
pub(super) fn done() {
    if READY.load(Ordering::Acquire) == EXPECTED.load(Ordering::Acquire) {
        ASKING.store(false, Ordering::Release);
    }
}

/// Sleeps for a millisecond.
pub(super) fn doze() {
    let span = libc::timespec { tv_sec: 0, tv_nsec: 1_000_000 };
    // SAFETY: the kernel reads `span`; safe in a handler.
    unsafe { libc::nanosleep(&raw const span, std::ptr::null_mut()) };
}

/// Stays here for ever.
pub(super) fn stay() -> ! {
    loop {
        // SAFETY: sleeps until a signal comes.
        unsafe { libc::pause() };
    }
}

extern "C" fn asked(_: i32) {
    let kept = sys::errno();
    asked_here();
    if STAY.load(Ordering::Relaxed) {
        stay();
    }
    // SAFETY: the place of this thread's error number, which the interrupted code may be about to read.
    unsafe { *libc::__errno_location() = kept };
}

fn asked_here() {
    let ticket = TICKETS.fetch_add(1, Ordering::Acquire);
    if ticket >= THREADS {
        return;
    }
    // SAFETY: the ticket is this thread's alone, and with it the place.
    unsafe { (*PLACES.0.get().cast::<Trace>().add(ticket)).take() };
    READY.fetch_add(1, Ordering::Release);
}

/// Calls `each` with every thread of the process: the names in `/proc/self/task`.
///
/// ```text
/// a name    inode u64, offset i64, its own length u16, type u8, the name and a NUL
/// ```
fn threads(mut each: impl FnMut(i32)) {
    const NAME: usize = 19;
    // SAFETY: opens a directory by a constant path; safe in a handler.
    let directory = unsafe { libc::open(c"/proc/self/task".as_ptr(), libc::O_RDONLY | libc::O_DIRECTORY) };
    if directory == -1 {
        return;
    }
    let mut buffer = [0u8; 4096];
    loop {
        let space: *mut c_void = buffer.as_mut_ptr().cast();
        // SAFETY: the kernel writes at most so many bytes into the buffer.
        let read = unsafe { libc::syscall(libc::SYS_getdents64, directory, space, buffer.len()) };
        let Some(mut rest) = usize::try_from(read).ok().and_then(|read| buffer.get(..read)) else { break };
        if rest.is_empty() {
            break;
        }
        while let (Some(&[low, high]), Some(name)) = (rest.get(16..18), rest.get(NAME..)) {
            let length = usize::from(u16::from_ne_bytes([low, high]));
            let digits = &name[..name.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(name.len())];
            if let Some(thread) = base::int::parse_i64(digits) {
                each(thread as i32);
            }
            let Some(next) = rest.get(length.max(1)..) else { break };
            rest = next;
        }
    }
    // SAFETY: the descriptor is ours and not used any more.
    unsafe { libc::close(directory) };
}

/// Whether a thread lets the signal through: those of the allocator block all.
fn hears(thread: i32) -> bool {
    use std::fmt::Write;
    let mut path = crate::raw::Text::default();
    let _ = write!(path, "/proc/self/task/{thread}/status\0");
    let mut buffer = [0u8; 4096];
    // SAFETY: the path ends with a NUL; the kernel writes at most so many bytes. All calls are safe in a handler.
    let read = unsafe {
        let file = libc::open(path.bytes().as_ptr().cast(), libc::O_RDONLY);
        let read = libc::read(file, buffer.as_mut_ptr().cast(), buffer.len());
        libc::close(file);
        read
    };
    let text = usize::try_from(read).ok().and_then(|read| buffer.get(..read)).unwrap_or_default();
    let Some(blocked) = mask(text, b"SigBlk:\t") else { return false };
    blocked & (1 << (libc::SIGUSR2 - 1)) == 0
}

/// The hexadecimal number behind a title.
fn mask(text: &[u8], title: &[u8]) -> Option<u64> {
    let at = text.windows(title.len()).position(|window| window == title)?;
    let digits = &text[at + title.len()..];
    let end = digits.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(digits.len());
    u64::from_str_radix(std::str::from_utf8(&digits[..end]).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_thread_says_where_it_is() {
        install().unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        let (go, gone) = std::sync::mpsc::channel::<()>();
        let other = std::thread::Builder::new().name("waits".into()).spawn(move || {
            tell.send(()).unwrap();
            let _ = gone.recv();
        });
        told.recv().unwrap();
        assert!(ask(false));
        assert!(!ask(false), "one at a time");
        let (traces, expected) = answers();
        assert!(expected >= 2);
        // SAFETY: answers a number.
        assert_eq!(traces[0].thread, unsafe { libc::gettid() });
        assert!(traces.iter().all(|trace| trace.addresses().len() > 2));
        assert!(traces.iter().any(|trace| trace.name() == "waits"));
        done();
        assert!(ask(false));
        done();
        drop(go);
        other.unwrap().join().unwrap();
    }

    #[test]
    fn a_mask_is_read() {
        assert_eq!(
            mask(b"SigPnd:\t0\nSigBlk:\tfffffffe3bfa3a00\nSigIgn:", b"SigBlk:\t"),
            Some(0xffff_fffe_3bfa_3a00)
        );
        assert_eq!(mask(b"SigBlk:\tx", b"SigBlk:\t"), None);
    }
}
