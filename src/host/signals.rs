//! Signals, turned into bytes in a pipe that the loop reads.
//!
//! A handler may interrupt anything, so it only does what is safe anywhere: it writes a line to the log and a byte to the
//! pipe. A second interrupt, from someone who does not want to wait, ends the process on the spot.

use crate::persist::output;
use crate::raw::Log;
use crate::sys;
use mio::unix::pipe::{self, Receiver};
use std::ffi::CString;
use std::io::{self, Read};
use std::os::fd::IntoRawFd;
use std::os::unix::ffi::OsStrExt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// The writing end of the pipe, open for as long as the process lives.
static PIPE: OnceLock<i32> = OnceLock::new();
/// The file that a snapshot of this process is written to before it takes the place of the old one.
static SNAPSHOT: OnceLock<CString> = OnceLock::new();
static ENDING: AtomicBool = AtomicBool::new(false);

/// How large a stack is for handlers of threads whose own stack may be used up.
const STACK: usize = 128 * 1024;

/// A request to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT, from a keyboard.
    Interrupt,
    /// SIGTERM, from whoever manages the process.
    Terminate,
}

/// The end of the pipe that the loop waits for.
pub struct Signals {
    /// To be registered with the poller.
    pub pipe: Receiver,
}

impl Signals {
    /// The signal that came, if one did.
    pub fn take(&mut self) -> Option<Signal> {
        let mut byte = [0];
        match self.pipe.read(&mut byte) {
            Ok(1) if i32::from(byte[0]) == libc::SIGINT => Some(Signal::Interrupt),
            Ok(1) => Some(Signal::Terminate),
            _ => None,
        }
    }

    /// The server goes on after all: the next interrupt is a first one again.
    pub fn forget() {
        ENDING.store(false, Ordering::Relaxed);
    }
}

/// Begins to catch SIGINT and SIGTERM, and to ignore what would end the process for nothing.
pub fn install() -> io::Result<Signals> {
    let (sender, receiver) = pipe::new()?;
    if PIPE.set(sender.into_raw_fd()).is_err() {
        return Err(io::Error::other("signals are handled already"));
    }
    let _ = SNAPSHOT.set(sys::c_string(output::beside(std::process::id()).as_os_str().as_bytes()));
    let handler: extern "C" fn(i32) = ask_to_end;
    catch(libc::SIGINT, handler as *const () as libc::sighandler_t)?;
    catch(libc::SIGTERM, handler as *const () as libc::sighandler_t)?;
    catch(libc::SIGHUP, libc::SIG_IGN)?;
    catch(libc::SIGPIPE, libc::SIG_IGN)?;
    Ok(Signals { pipe: receiver })
}

/// Gives the calling thread a stack for handlers, so that even one that has used up its own is reported.
pub fn prepare_thread() {
    let private = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: new memory that is never given back, handed to the kernel as this thread's stack for handlers.
    unsafe {
        let memory =
            libc::mmap(std::ptr::null_mut(), STACK, libc::PROT_READ | libc::PROT_WRITE, private, -1, 0);
        if memory != libc::MAP_FAILED {
            let stack = libc::stack_t { ss_sp: memory, ss_flags: 0, ss_size: STACK };
            libc::sigaltstack(&raw const stack, std::ptr::null_mut());
        }
    }
}

/// Removes the file of a snapshot that this process is writing itself, if it is.
fn remove_half_snapshot() {
    use std::fmt::Write;
    let mut path = crate::raw::Text::default();
    // SAFETY: answers a number.
    let pid = unsafe { libc::getpid() };
    // A text takes whatever is written to it.
    let _ = write!(path, "temp-{pid}.rdb\0");
    // SAFETY: the path ends with a NUL; the call is safe in a handler.
    unsafe { libc::unlink(path.bytes().as_ptr().cast()) };
}

fn catch(signal: i32, handler: libc::sighandler_t) -> io::Result<()> {
    // SAFETY: an all-zero `sigaction` is valid: no flags, nothing masked.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler;
    // SAFETY: the handler is a function of the right type that does only what is safe in a handler, or SIG_IGN.
    sys::checked(unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) }).map(drop)
}

extern "C" fn ask_to_end(signal: i32) {
    let Some(&pipe) = PIPE.get() else { return };
    // SAFETY: the place of this thread's error number, which the interrupted code may be about to read.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: as above; valid for as long as the thread lives.
    let kept = unsafe { *errno };
    if ENDING.swap(true, Ordering::Relaxed) && signal == libc::SIGINT {
        Log::open().line(format_args!("You insist... exiting now."));
        remove_half_snapshot();
        // SAFETY: ends the process without running anything else.
        unsafe { libc::_exit(1) };
    }
    let name = if signal == libc::SIGINT { "SIGINT" } else { "SIGTERM" };
    Log::open().line(format_args!("Received {name} scheduling shutdown..."));
    let byte = signal as u8;
    // SAFETY: one byte of ours goes into a pipe that stays open. A full pipe already holds a request to end.
    unsafe {
        libc::write(pipe, (&raw const byte).cast(), 1);
        *errno = kept;
    }
}
