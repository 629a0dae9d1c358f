//! What the process uses, as the system and the allocator tell it.

use crate::alloc::{control, move_epoch};
use crate::slabs::Slabs;
use node::Figures;
use std::ffi::{CStr, CString, c_char, c_void};
use std::sync::atomic::{AtomicU64, Ordering};
use tikv_jemalloc_sys as je;

/// How often the threads beside the one that serves have asked which sockets are ready, since the process began.
pub(crate) static POLLS: AtomicU64 = AtomicU64::new(0);

/// All figures, as of now.
pub(crate) fn read(slabs: &Slabs) -> Figures {
    let (process, main, children) =
        (usage(libc::RUSAGE_SELF), usage(libc::RUSAGE_THREAD), usage(libc::RUSAGE_CHILDREN));
    move_epoch();
    slabs.survey();
    Figures {
        resident: resident(),
        cpu_sys_us: micros(process.ru_stime),
        cpu_user_us: micros(process.ru_utime),
        cpu_sys_children_us: micros(children.ru_stime),
        cpu_user_children_us: micros(children.ru_utime),
        cpu_sys_main_us: micros(main.ru_stime),
        cpu_user_main_us: micros(main.ru_utime),
        allocated: size(c"stats.allocated"),
        active: size(c"stats.active"),
        gaps: slabs.gaps(),
        held: size(c"stats.resident"),
        threaded_polls: POLLS.load(Ordering::Relaxed),
        muzzy: size(c"stats.arenas.4096.pmuzzy") * page_size(),
    }
}

/// One of the allocator's numbers, by its name, which becomes `new`: none if it can only be written. Numbers are of eight,
/// four, two bytes or one; which, is found by trying.
pub(crate) fn allocator_number(name: &[u8], new: Option<i64>) -> Result<Option<i64>, i32> {
    let name = CString::new(name).map_err(|_| libc::ENOENT)?;
    for bytes in [8, 4, 2, 1] {
        // The machines we support have the lowest byte first.
        let (mut old, mut length, mut wanted) = (0i64, bytes, new.unwrap_or(0));
        let written = if new.is_some() { (&raw mut wanted).cast() } else { std::ptr::null_mut() };
        let size = if new.is_some() { bytes } else { 0 };
        let mut failed = {
            // SAFETY: the buffers have room for the bytes that are given, and jemalloc refuses another size.
            unsafe { je::mallctl(name.as_ptr(), (&raw mut old).cast(), &raw mut length, written, size) }
        };
        if failed == libc::EPERM && new.is_some() {
            let none = std::ptr::null_mut();
            // SAFETY: as above; nothing is read.
            failed = unsafe { je::mallctl(name.as_ptr(), none, std::ptr::null_mut(), written, size) };
            if failed == 0 {
                return Ok(None);
            }
        }
        match failed {
            0 => return Ok(Some(old)),
            libc::EINVAL => {}
            error => return Err(error),
        }
    }
    Err(libc::EINVAL)
}

/// The allocator's own report.
pub fn allocator_report() -> String {
    unsafe extern "C" fn take(text: *mut c_void, more: *const c_char) {
        // SAFETY: jemalloc hands back the pointer it was given, to a String that outlives the call, and a C string.
        let (text, more) = unsafe { (&mut *text.cast::<String>(), CStr::from_ptr(more)) };
        text.push_str(&more.to_string_lossy());
    }
    let mut text = String::new();
    // SAFETY: `take` writes to the String that the pointer leads to, and nothing else uses it meanwhile.
    unsafe { je::malloc_stats_print(Some(take), (&raw mut text).cast(), std::ptr::null()) };
    text
}

/// Lets the allocator give back every page that holds nothing.
pub fn purge() {
    // SAFETY: the control takes no argument and gives no value.
    unsafe {
        je::mallctl(
            c"arena.4096.purge".as_ptr(),
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            0,
        );
    }
}

/// Processor time of all threads of the process, in microseconds.
pub fn processor_time() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call fills the struct it is given, which lives on this stack.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    (time.tv_sec * 1_000_000 + time.tv_nsec / 1000).cast_unsigned()
}

fn usage(who: i32) -> libc::rusage {
    // SAFETY: an all-zero rusage is a valid one, and the call fills in no more than that.
    unsafe {
        let mut usage = std::mem::zeroed();
        libc::getrusage(who, &raw mut usage);
        usage
    }
}

fn micros(time: libc::timeval) -> u64 {
    (time.tv_sec * 1_000_000 + time.tv_usec).cast_unsigned()
}

fn page_size() -> u64 {
    // SAFETY: asks for a constant.
    unsafe { libc::sysconf(libc::_SC_PAGESIZE) }.cast_unsigned()
}

/// Bytes of this process in memory: the second number of the file that says so.
#[expect(clippy::disallowed_methods, reason = "this is the shell")]
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0) * page_size()
}

fn size(name: &CStr) -> u64 {
    let mut value = 0u64;
    control(name, &mut value, false);
    value
}
