//! What of the system makes a server slow or unreliable, looked for when it starts and by `--check-system`.

use crate::{log, sys};
use base::log::Line;
use config::Config;
use std::fmt::Write;

/// What a check found.
#[derive(Debug, PartialEq, Eq)]
enum Finding {
    /// Nothing to worry about.
    Good,
    /// It cannot be told here.
    Unknown,
    /// What is wrong, and what to do about it.
    Bad(String),
}

type Check = fn() -> Finding;

/// The checks by their names, as they are printed. The last is about a bug of one architecture's kernels.
const CHECKS: &[(&str, Check)] = &[
    ("slow-clocksource", slow_clock),
    ("xen-clocksource", xen_clock),
    ("overcommit", overcommit),
    ("THP", huge_pages),
    #[cfg(target_arch = "aarch64")]
    ("madvise-free-fork-bug", forgotten_writes),
];

/// The report of all checks, and whether every one that could be made was passed.
pub fn report() -> (String, bool) {
    let mut text = String::new();
    let mut passed = true;
    for (name, check) in CHECKS {
        // A string takes whatever is written to it.
        let _ = match check() {
            Finding::Good => writeln!(text, "[{name}]...OK"),
            Finding::Unknown => writeln!(text, "[{name}]...skipped"),
            Finding::Bad(why) => {
                passed = false;
                writeln!(text, "[{name}]...WARNING:\n{why}")
            }
        };
    }
    (text, passed)
}

/// Warns in the log of what can be told without a delay. Answers whether the server may go on.
pub fn warn(config: &Config) -> bool {
    warn_if(config, overcommit());
    match huge_pages() {
        Finding::Bad(_) if config.process.disable_thp && disable_huge_pages() => {}
        finding => warn_if(config, finding),
    }
    warn_if(config, xen_clock());
    if cfg!(target_arch = "aarch64") { may_fork(config, forgotten_writes()) } else { true }
}

fn warn_if(config: &Config, finding: Finding) {
    if let Finding::Bad(why) = finding {
        log::write(config, &Line::warning(format!("WARNING {why}")));
    }
}

/// Whether a server may run on a kernel whose forks may lose data, if that is so.
fn may_fork(config: &Config, finding: Finding) -> bool {
    match finding {
        Finding::Good => return true,
        Finding::Unknown => {
            let text = "Could not test the kernel for a bug that could lead to data corruption during a background \
                        save. Your system may be affected.";
            log::write(config, &Line::warning(text));
        }
        bad => warn_if(config, bad),
    }
    let mut words = config.process.ignore_warnings.split(u8::is_ascii_whitespace);
    if words.any(|word| word.eq_ignore_ascii_case(b"ARM64-COW-BUG")) {
        return true;
    }
    let text = "Valkey will now exit to prevent data corruption. To start it all the same, set: \
                ignore-warnings ARM64-COW-BUG";
    log::write(config, &Line::warning(text));
    false
}

/// The kernel gives this process no huge pages any more.
fn disable_huge_pages() -> bool {
    // SAFETY: sets a flag of the process; the other arguments must be zero.
    unsafe { libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0) == 0 }
}

fn line_of(path: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the kernel's settings are read by the shell")]
    let text = std::fs::read_to_string(path).ok()?;
    text.lines().next().map(|line| line.trim().to_owned())
}

const CLOCK: &str = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
const CLOCKS: &str = "/sys/devices/system/clocksource/clocksource0/available_clocksource";

/// Asks for the time again and again for five ticks of the system. A good clock is read without entering the kernel.
fn slow_clock() -> Finding {
    // SAFETY: asks for a constant.
    let ticks = unsafe { libc::sysconf(libc::_SC_CLK_TCK) }.max(1);
    let span_us = 5 * 1_000_000 / ticks;
    let before = processor_times();
    let begun = monotonic_us();
    while monotonic_us() - begun < span_us {}
    let after = processor_times();
    let (system, user) = (after.0 - before.0, after.1 - before.1);
    if system * 10 <= system + user {
        return Finding::Good;
    }
    let (current, available) = (line_of(CLOCK).unwrap_or_default(), line_of(CLOCKS).unwrap_or_default());
    Finding::Bad(format!(
        "Slow system clocksource detected: asking for the time enters the kernel, which costs performance. Current \
         clocksource: {current}. Available clocksources: {available}. To change it, run for example \
         'echo tsc > {CLOCK}' as root, and for good set the 'clocksource=' parameter of the kernel's command line."
    ))
}

fn monotonic_us() -> i64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call fills the struct it is given, which lives on this stack.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) };
    time.tv_sec * 1_000_000 + time.tv_nsec / 1000
}

/// Processor time of the process in the system and in the program, in microseconds.
fn processor_times() -> (i64, i64) {
    // SAFETY: an all-zero rusage is a valid one, and the call fills in no more than that.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut usage);
        usage
    };
    let micros = |time: libc::timeval| time.tv_sec * 1_000_000 + time.tv_usec;
    (micros(usage.ru_stime), micros(usage.ru_utime))
}

fn xen_clock() -> Finding {
    match line_of(CLOCK).as_deref() {
        None => Finding::Unknown,
        Some("xen") => Finding::Bad(
            "The system uses the 'xen' clocksource, which may be slow. Run 'valkey-server --check-system' and see what \
             [slow-clocksource] says."
                .to_owned(),
        ),
        Some(_) => Finding::Good,
    }
}

/// A kernel that does not overcommit refuses a fork the memory that it will never use.
fn overcommit() -> Finding {
    match line_of("/proc/sys/vm/overcommit_memory").as_deref() {
        None => Finding::Unknown,
        Some("1") => Finding::Good,
        Some(_) => Finding::Bad(
            "Memory overcommit must be enabled! Without it, a background save or replication may fail under low memory \
             condition. To fix this, add 'vm.overcommit_memory = 1' to /etc/sysctl.conf, or run 'sysctl \
             vm.overcommit_memory=1' for it to take effect at once."
                .to_owned(),
        ),
    }
}

/// With huge pages everywhere, a write during a snapshot copies 2 MB instead of 4 KB.
fn huge_pages() -> Finding {
    const FILE: &str = "/sys/kernel/mm/transparent_hugepage/enabled";
    match line_of(FILE) {
        None => Finding::Unknown,
        Some(line) if line.contains("[always]") => Finding::Bad(format!(
            "You have Transparent Huge Pages (THP) support enabled in your kernel. This costs latency and memory while \
             snapshots are written. To fix this, run 'echo madvise > {FILE}' as root, have the system do so whenever it \
             starts, and restart Valkey."
        )),
        Some(_) => Finding::Good,
    }
}

/// Some older kernels for aarch64 forget, when a process forks, that a page was written to after it had been offered back
/// with `MADV_FREE`. The child of a background save may then find zeros. A page is treated in just that way, and a child
/// looks whether the kernel still knows that it is dirty.
#[cfg_attr(not(any(test, target_arch = "aarch64")), allow(dead_code))]
fn forgotten_writes() -> Finding {
    // SAFETY: asks for a constant.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) }.cast_unsigned() as usize;
    let private = libc::MAP_ANONYMOUS | libc::MAP_PRIVATE;
    // SAFETY: new memory of our own, which nothing else points to.
    let map = unsafe { libc::mmap(std::ptr::null_mut(), 3 * page, libc::PROT_READ, private, -1, 0) };
    if map == libc::MAP_FAILED {
        return Finding::Unknown;
    }
    // The page in the middle may be written to and the others not, so that it stays a mapping by itself.
    let middle = map.wrapping_byte_add(page);
    // SAFETY: all of it happens within the mapping; the page is written to only after it was made writable.
    let dirty = unsafe {
        if libc::mprotect(middle, page, libc::PROT_READ | libc::PROT_WRITE) == 0 {
            middle.cast::<u8>().write_volatile(1);
            match libc::madvise(middle, page, libc::MADV_FREE) {
                0 => {
                    middle.cast::<u8>().write_volatile(1);
                    dirty_in_child(middle as usize)
                }
                // A kernel without MADV_FREE is older than the bug.
                _ if sys::errno() == libc::EINVAL => Some(true),
                _ => None,
            }
        } else {
            None
        }
    };
    // SAFETY: the mapping is ours, and nothing points into it any more.
    unsafe { libc::munmap(map, 3 * page) };
    match dirty {
        None => Finding::Unknown,
        Some(true) => Finding::Good,
        Some(false) => Finding::Bad(
            "Your kernel has a bug that could lead to data corruption during background save. Please upgrade to the \
             latest stable kernel."
                .to_owned(),
        ),
    }
}

/// Whether a child sees the page at `address` as dirty.
fn dirty_in_child(address: usize) -> Option<bool> {
    // SAFETY: the child reads a file and ends; it is started before there are other threads whose locks it could meet.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let code = match shared_dirty(address) {
            Some(0) => 1,
            Some(_) => 0,
            None => 2,
        };
        // SAFETY: ends the child without running what is the parent's to run.
        unsafe { libc::_exit(code) };
    }
    let mut status = 0;
    // SAFETY: waits for our own child; the status goes to a value of ours.
    if child == -1 || unsafe { libc::waitpid(child, &raw mut status, 0) } != child || !libc::WIFEXITED(status)
    {
        return None;
    }
    match libc::WEXITSTATUS(status) {
        0 => Some(true),
        1 => Some(false),
        _ => None,
    }
}

/// `Shared_Dirty` of the mapping that holds an address, in kilobytes.
fn shared_dirty(address: usize) -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "this is the shell")]
    let text = std::fs::read_to_string("/proc/self/smaps").ok()?;
    let mut inside = false;
    for line in text.lines() {
        if let Some((from, to)) = range_of(line) {
            inside = (from..to).contains(&address);
        } else if inside && let Some(rest) = line.strip_prefix("Shared_Dirty:") {
            return rest.split_whitespace().next()?.parse().ok();
        }
    }
    None
}

/// The addresses of a line that begins a mapping: `7f0000000000-7f0000001000 rw-p ...`.
fn range_of(line: &str) -> Option<(usize, usize)> {
    let (from, to) = line.split_whitespace().next()?.split_once('-')?;
    Some((usize::from_str_radix(from, 16).ok()?, usize::from_str_radix(to, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_is_reported_on_a_line() {
        let (text, passed) = report();
        for (name, _) in CHECKS {
            assert_eq!(text.matches(&format!("[{name}]...")).count(), 1, "{text}");
        }
        assert_eq!(passed, !text.contains("WARNING"));
    }

    #[test]
    fn a_kernel_is_trusted_with_forks_unless_it_forgets_writes() {
        assert_eq!(forgotten_writes(), Finding::Good);
        let mut config = Config::default();
        config.log.loglevel = config::LogLevel::Nothing;
        assert!(may_fork(&config, Finding::Good));
        assert!(!may_fork(&config, Finding::Unknown));
        assert!(!may_fork(&config, Finding::Bad("it forgets".to_owned())));
        config.process.ignore_warnings = b"other arm64-cow-bug".to_vec();
        assert!(may_fork(&config, Finding::Bad("it forgets".to_owned())));
    }
}
