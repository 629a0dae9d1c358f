//! The watchdog: when the loop does not come round for longer than `watchdog-period`, the log shows where it is.
//!
//! The timer of the process is wound up again in each periodic turn of the loop. When it runs out, SIGALRM comes. Somebody
//! may as well send that signal by hand, to see what a server is doing.

use super::reporter::{self, Order};
use super::{traces, write_address};
use crate::raw::Log;
use crate::sys;
use config::Config;
use std::ffi::c_void;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

/// Milliseconds; 0 for no watchdog.
static PERIOD: AtomicU32 = AtomicU32::new(0);

pub(super) fn install() -> io::Result<()> {
    let handler: extern "C" fn(i32, *mut libc::siginfo_t, *mut c_void) = alarmed;
    // SAFETY: an all-zero `sigaction` is valid; the handler does only what is safe in one. Without SA_RESTART a sleep that
    // the signal comes into is over: so ends a DEBUG SLEEP.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as *const () as libc::sighandler_t;
        action.sa_flags = libc::SA_SIGINFO;
        sys::checked(libc::sigaction(libc::SIGALRM, &raw const action, std::ptr::null_mut())).map(drop)
    }
}

/// Follows the settings. A period shorter than two turns of periodic work is taken for that, as it would never be kept.
pub(super) fn set(config: &Config) -> io::Result<()> {
    let period = match config.process.watchdog_period {
        0 => 0,
        period => period.max(2 * (1000 / config.process.hz)),
    };
    let before = PERIOD.swap(period, Ordering::Relaxed);
    if before != 0 || period != 0 { start_timer(period) } else { Ok(()) }
}

/// Winds the watchdog up again: the loop has come round.
#[inline]
pub fn wind() {
    let period = PERIOD.load(Ordering::Relaxed);
    if period != 0 {
        // It worked when the watchdog was set.
        let _ = start_timer(period);
    }
}

/// Has SIGALRM come once, in so many milliseconds; with 0, not at all.
fn start_timer(period: u32) -> io::Result<()> {
    let [seconds, micros] = [period / 1000, period % 1000 * 1000].map(i64::from);
    let never = libc::timeval { tv_sec: 0, tv_usec: 0 };
    let timer =
        libc::itimerval { it_interval: never, it_value: libc::timeval { tv_sec: seconds, tv_usec: micros } };
    // SAFETY: the kernel reads a value of ours and is given no place for the old one.
    sys::checked(unsafe { libc::setitimer(libc::ITIMER_REAL, &raw const timer, std::ptr::null_mut()) })
        .map(drop)
}

extern "C" fn alarmed(_: i32, info: *mut libc::siginfo_t, _: *mut c_void) {
    let kept = sys::errno();
    let log = Log::open();
    // SAFETY: the kernel gave the pointer to this handler; the sender is 0 for a timer.
    let by_timer = unsafe { (*info).si_pid() } == 0;
    log.line(format_args!(
        "{}",
        if by_timer { "--- WATCHDOG TIMER EXPIRED ---" } else { "Received SIGALRM" }
    ));
    if traces::ask(false) && !reporter::order(Order::Traces) {
        reporter::write_traces(&log, write_address);
        traces::done();
    }
    drop(log);
    // SAFETY: the place of this thread's error number, which the interrupted code may be about to read.
    unsafe { *libc::__errno_location() = kept };
}
