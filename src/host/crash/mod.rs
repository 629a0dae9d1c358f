//! What is said when a bug ends the process: where it was, how it got there, and what state it was in.
//!
//! ```text
//! a signal that a bug raises ---+
//!                               +--> header -> stack traces of all threads -> registers -> figures, clients, settings
//! a panic of any thread --------+    -> test of the memory -> end of the process, by that signal or by SIGABRT
//!
//! SIGALRM, from the watchdog or by hand --> stack traces of all threads -> the process goes on
//! ```
//!
//! A report is written by the thread that it happened to, in a handler and with nothing but system calls (`raw.rs`), and by
//! a thread that waits for such a case (`reporter.rs`), which can do more and may fail.
//!
//! What users have stored appears in no report while `hide-user-data-from-log` is set.

mod memory;
mod panic;
mod registers;
mod reporter;
mod traces;
mod watchdog;

use crate::clock::Clock;
use crate::raw::{self, Log};
use crate::sys;
use config::Config;
use registers::Context;
use reporter::Order;
use std::ffi::{CString, c_void};
use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};

pub use reporter::show;
pub use watchdog::wind as wind_watchdog;

/// The signals that a bug raises.
const SIGNALS: [i32; 5] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGABRT];

/// The settings that reports go by, where a handler can read them.
struct Settings {
    full: AtomicBool,
    memory_test: AtomicBool,
    hide_user_data: AtomicBool,
    exit_on_panic: AtomicBool,
    redis: AtomicBool,
}

static SETTINGS: Settings = Settings {
    full: AtomicBool::new(true),
    memory_test: AtomicBool::new(true),
    hide_user_data: AtomicBool::new(true),
    exit_on_panic: AtomicBool::new(false),
    redis: AtomicBool::new(false),
};
/// The pid file that a process in the background leaves behind if it does not take it away itself.
static PID_FILE: OnceLock<CString> = OnceLock::new();
/// Where the program begins in memory: an address in a file of symbols is one in memory less this.
static BASE: AtomicUsize = AtomicUsize::new(0);
/// The thread that writes a report before the process ends.
static REPORTING: AtomicI32 = AtomicI32::new(0);

/// Has panics reported from now on, and end the process: data that a half-done command may have left inconsistent is not
/// served on.
pub fn install_for_panics(config: &Config) {
    raw::prepare(config);
    set(config);
    panic::install();
}

/// Has crashes reported as well, with all that there is to tell.
pub fn install(config: &Config, clock: &Clock) -> io::Result<()> {
    BASE.store(program_base(), Ordering::Relaxed);
    traces::install()?;
    reporter::start(clock)?;
    watchdog::install()?;
    crate::signals::prepare_thread();
    follow(config);
    watchdog::set(config)
}

/// Remembers a file that is to go when the process ends by a crash.
pub fn remember_pid_file(path: &[u8]) {
    let _ = PID_FILE.set(sys::c_string(path));
}

/// Goes by these settings from now on.
pub fn follow(config: &Config) {
    set(config);
    for signal in SIGNALS {
        // SAFETY: the handler does only what is safe in one, or makes the best of a process that is lost anyway; the
        // system's own needs nothing.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            if config.process.crash_log_enabled {
                let handler: extern "C" fn(i32, *mut libc::siginfo_t, *mut c_void) = crashed;
                action.sa_sigaction = handler as *const () as libc::sighandler_t;
                action.sa_flags = libc::SA_SIGINFO | libc::SA_NODEFER | libc::SA_ONSTACK;
            } else {
                action.sa_sigaction = libc::SIG_DFL;
            }
            libc::sigaction(signal, &raw const action, std::ptr::null_mut());
        }
    }
}

/// Follows the watchdog's period.
pub fn follow_watchdog(config: &Config) -> Result<(), String> {
    watchdog::set(config).map_err(|error| sys::reason(&error))
}

fn set(config: &Config) {
    let (process, settings) = (&config.process, &SETTINGS);
    settings.full.store(process.crash_log_enabled, Ordering::Relaxed);
    settings.memory_test.store(process.crash_memcheck_enabled, Ordering::Relaxed);
    settings.hide_user_data.store(config.log.hide_user_data_from_log, Ordering::Relaxed);
    settings.exit_on_panic.store(process.use_exit_on_panic, Ordering::Relaxed);
    settings.redis.store(process.extended_redis_compatibility, Ordering::Relaxed);
}

/// The first address of the program, which is mapped first.
fn program_base() -> usize {
    #[expect(clippy::disallowed_methods, reason = "this is the shell")]
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    maps.split_once('-').and_then(|(first, _)| usize::from_str_radix(first, 16).ok()).unwrap_or(0)
}

/// Writes an address without a name: `valkey-server(+0x4711)[0x55d0c0ff4711]`.
fn write_address(log: &Log, address: usize) {
    let offset = address.wrapping_sub(BASE.load(Ordering::Relaxed));
    log.text(format_args!("valkey-server(+{offset:#x})[{address:#x}]\n"));
}

/// How a thread comes to report.
enum Turn {
    /// It is the first.
    First,
    /// It was reporting already: what it did for that failed.
    Again,
}

/// Whether the calling thread reports; if another does, it stays here.
fn turn() -> Turn {
    // SAFETY: answers a number.
    let own = unsafe { libc::gettid() };
    match REPORTING.compare_exchange(0, own, Ordering::Relaxed, Ordering::Relaxed) {
        Ok(_) => {
            if traces::is_spared() {
                reporter::failed();
            }
            Turn::First
        }
        Err(reporting) if reporting == own => Turn::Again,
        Err(_) => {
            if traces::is_spared() {
                reporter::failed();
            }
            traces::stay()
        }
    }
}

/// Begins a report. From here on no signal comes between that can wait.
fn begin(log: &Log) {
    // SAFETY: the set is ours, and blocking signals is safe in a handler.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        for signal in SIGNALS {
            libc::sigdelset(&raw mut all, signal);
        }
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const all, std::ptr::null_mut());
    }
    let name = if SETTINGS.redis.load(Ordering::Relaxed) { "REDIS" } else { "VALKEY" };
    log.text(format_args!("\n\n=== {name} BUG REPORT START: Cut & paste starting from here ===\n"));
}

/// A signal that a bug raised.
extern "C" fn crashed(signal: i32, info: *mut libc::siginfo_t, context: *mut c_void) {
    let log = Log::open();
    let turn = turn();
    // SAFETY: the kernel gave both pointers to this handler, which has not returned.
    let (info, context) = unsafe { (&*info, Context::new(context)) };
    if matches!(turn, Turn::Again) {
        log.line(format_args!("Crashed while reporting a crash. This is all there will be."));
        write_address(&log, context.instruction());
        end(&log, Some(signal));
    }
    begin(&log);
    let (version, code) = (env!("CARGO_PKG_VERSION"), info.si_code);
    log.line(format_args!("Valkey {version} crashed by signal: {signal}, si_code: {code}"));
    // SAFETY: which of these the kernel filled in depends on signal and code; all are numbers.
    let (address, pid, uid) = unsafe { (info.si_addr() as usize, info.si_pid(), info.si_uid()) };
    if [libc::SIGSEGV, libc::SIGBUS].contains(&signal) {
        log.line(format_args!("Accessing address: {address:#x}"));
    }
    if code == libc::SI_USER {
        log.line(format_args!("Killed by PID: {pid}, UID: {uid}"));
    }
    let instruction = context.instruction();
    log.line(format_args!("Crashed running the instruction at: {instruction:#x}"));
    // A jump to nowhere: whoever walks the stack would look at the code there. It gets to see other code.
    if instruction == address {
        context.set_instruction(crashed as *const () as usize);
    }
    write_all_traces(&log);
    log.write(b"\n------ REGISTERS ------\n");
    context.write(&log);
    if SETTINGS.hide_user_data.load(Ordering::Relaxed) {
        log.write(b"hide-user-data-from-log is on: the stack, which may hold user data, is not shown.\n");
    } else {
        context.write_stack(&log);
    }
    context.set_instruction(instruction);
    write_state(&log);
    context.write_code(&log);
    end(&log, Some(signal));
}

/// Writes where all threads are, and stops them there.
fn write_all_traces(log: &Log) {
    if traces::ask(true) && !reporter::order_and_wait(Order::Traces) {
        reporter::write_traces(log, write_address);
    }
}

/// Writes what is known of the node, and whether its memory is good.
fn write_state(log: &Log) {
    if !reporter::order_and_wait(Order::State) {
        log.write(b"\nThe state of the server is left out: whoever was to tell it is stuck or has crashed as well.\n");
        return;
    }
    if SETTINGS.memory_test.load(Ordering::Relaxed) {
        log.write(b"\n------ FAST MEMORY TEST ------\n");
        log.write(if memory::test(log) == 0 {
            b"Fast memory test PASSED, however your memory can still be broken. A longer test tells more.\n"
        } else {
            b"!!! MEMORY ERROR DETECTED! Check your memory ASAP !!!\n".as_slice()
        });
    }
}

/// Ends the report and the process: by the signal that came, or for a panic as the settings say.
fn end(log: &Log, signal: Option<i32>) -> ! {
    let name = if SETTINGS.redis.load(Ordering::Relaxed) { "REDIS" } else { "VALKEY" };
    log.text(format_args!("\n=== {name} BUG REPORT END. Make sure to include from START to END. ===\n\n"));
    log.write(b"       Other causes: 'valkey-server --check-system' tells of some.\n\n");
    if let Some(path) = PID_FILE.get().filter(|_| reporter::is_here()) {
        // SAFETY: the path is a C string that lives as long as the process.
        unsafe { libc::unlink(path.as_ptr()) };
    }
    // SAFETY: the process ends here, without running anything else of its own.
    unsafe {
        if signal.is_none() && SETTINGS.exit_on_panic.load(Ordering::Relaxed) {
            libc::_exit(1);
        }
        // So that the process is seen to end by the right signal, and leaves a core where that is wanted.
        let signal = signal.unwrap_or(libc::SIGABRT);
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = libc::SIG_DFL;
        libc::sigaction(signal, &raw const action, std::ptr::null_mut());
        let none: libc::sigset_t = std::mem::zeroed();
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
        libc::kill(libc::getpid(), signal);
        libc::_exit(1)
    }
}
