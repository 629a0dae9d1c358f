//! Signals, turned into bytes in a pipe that the loop reads.
//!
//! A handler may interrupt anything, so it only does what is safe anywhere: it writes a line to the log and a byte to the
//! pipe. A second interrupt, from someone who does not want to wait, ends the process on the spot.

use crate::sys;
use base::log::Level;
use config::Config;
use mio::unix::pipe::{self, Receiver};
use std::ffi::CString;
use std::io::{self, Read};
use std::os::fd::IntoRawFd;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a handler needs, made ready before the first signal.
struct Ready {
    /// The writing end of the pipe, open for as long as the process lives.
    pipe: i32,
    /// The log's file; standard output if empty.
    log: CString,
    /// Whether a line is wanted at all.
    silent: bool,
}

static READY: OnceLock<Ready> = OnceLock::new();
static ENDING: AtomicBool = AtomicBool::new(false);

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
pub fn install(config: &Config) -> io::Result<Signals> {
    let (sender, receiver) = pipe::new()?;
    let ready = Ready {
        pipe: sender.into_raw_fd(),
        log: sys::c_string(&config.log.logfile),
        silent: !crate::log::wanted(config, Level::Warning)
            || (config.log.logfile.is_empty() && config.process.daemonize),
    };
    if READY.set(ready).is_err() {
        return Err(io::Error::other("signals are handled already"));
    }
    let handler: extern "C" fn(i32) = ask_to_end;
    catch(libc::SIGINT, handler as *const () as libc::sighandler_t)?;
    catch(libc::SIGTERM, handler as *const () as libc::sighandler_t)?;
    catch(libc::SIGHUP, libc::SIG_IGN)?;
    catch(libc::SIGPIPE, libc::SIG_IGN)?;
    Ok(Signals { pipe: receiver })
}

fn catch(signal: i32, handler: libc::sighandler_t) -> io::Result<()> {
    // SAFETY: an all-zero `sigaction` is valid: no flags, nothing masked.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler;
    // SAFETY: the handler is a function of the right type that does only what is safe in a handler, or SIG_IGN.
    sys::checked(unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) }).map(drop)
}

extern "C" fn ask_to_end(signal: i32) {
    let Some(ready) = READY.get() else { return };
    // SAFETY: the place of this thread's error number, which the interrupted code may be about to read.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: as above; valid for as long as the thread lives.
    let kept = unsafe { *errno };
    if ENDING.swap(true, Ordering::Relaxed) && signal == libc::SIGINT {
        ready.say(b"You insist... exiting now.");
        // SAFETY: ends the process without running anything else.
        unsafe { libc::_exit(1) };
    }
    ready.say(if signal == libc::SIGINT {
        b"Received SIGINT scheduling shutdown..."
    } else {
        b"Received SIGTERM scheduling shutdown..."
    });
    let byte = signal as u8;
    // SAFETY: one byte of ours goes into a pipe that stays open. A full pipe already holds a request to end.
    unsafe {
        libc::write(ready.pipe, (&raw const byte).cast(), 1);
        *errno = kept;
    }
}

impl Ready {
    /// Writes a line: `4711:signal-handler (1795266011) text`.
    fn say(&self, text: &[u8]) {
        if self.silent {
            return;
        }
        let mut line = Fixed::default();
        // SAFETY: these calls are safe in a handler and only answer numbers.
        let (pid, now) = unsafe { (libc::getpid(), libc::time(std::ptr::null_mut())) };
        line.number(pid.unsigned_abs().into());
        line.text(b":signal-handler (");
        line.number(now.unsigned_abs());
        line.text(b") ");
        line.text(text);
        line.text(b"\n");
        // SAFETY: only calls that are safe in a handler, on a path and bytes that outlive them.
        unsafe {
            if self.log.is_empty() {
                libc::write(libc::STDOUT_FILENO, line.bytes.as_ptr().cast(), line.len);
                return;
            }
            let flags = libc::O_APPEND | libc::O_CREAT | libc::O_WRONLY;
            let file = libc::open(self.log.as_ptr(), flags, 0o644);
            if file != -1 {
                libc::write(file, line.bytes.as_ptr().cast(), line.len);
                libc::close(file);
            }
        }
    }
}

/// A short text built without an allocation; what does not fit is left out.
struct Fixed {
    bytes: [u8; 160],
    len: usize,
}

impl Default for Fixed {
    fn default() -> Fixed {
        Fixed { bytes: [0; 160], len: 0 }
    }
}

impl Fixed {
    fn text(&mut self, text: &[u8]) {
        for &byte in text {
            if let Some(place) = self.bytes.get_mut(self.len) {
                *place = byte;
                self.len += 1;
            }
        }
    }

    fn number(&mut self, mut number: u64) {
        let mut digits = [0; 20];
        let mut from = digits.len();
        loop {
            from -= 1;
            digits[from] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        self.text(&digits[from..]);
    }
}

#[cfg(test)]
mod tests {
    use super::Fixed;

    #[test]
    fn a_fixed_text_holds_numbers_and_never_overflows() {
        let mut text = Fixed::default();
        text.number(0);
        text.text(b" ");
        text.number(u64::MAX);
        assert_eq!(&text.bytes[..text.len], b"0 18446744073709551615");
        text.text(&[b'x'; 500]);
        assert_eq!(text.len, 160);
    }
}
