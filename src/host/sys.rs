//! Small things that every page of the shell asks of the system.

use std::ffi::{CString, OsStr};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// An error as the C library words it: `Address already in use`.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
    match text.rfind(" (os error ") {
        Some(end) => text[..end].to_owned(),
        None => text.to_owned(),
    }
}

/// A path from bytes of the configuration.
pub fn path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

/// The directory that the process works in.
pub fn current_dir() -> Vec<u8> {
    let dir = std::env::current_dir().unwrap_or_default();
    std::os::unix::ffi::OsStringExt::into_vec(dir.into_os_string())
}

/// Bytes for a C function; what follows a NUL byte is not seen.
pub fn c_string(bytes: &[u8]) -> CString {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    CString::new(&bytes[..end]).unwrap_or_default()
}

/// The result of a system call that answers -1 for an error.
pub fn checked(result: i32) -> io::Result<i32> {
    if result == -1 { Err(io::Error::last_os_error()) } else { Ok(result) }
}

/// The number of the last error of this thread.
pub fn errno() -> i32 {
    io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// Sleeps for less than a millisecond, as exactly as the system can.
pub fn nap(time: std::time::Duration) {
    let span = libc::timespec { tv_sec: 0, tv_nsec: i64::from(time.subsec_nanos()) };
    // SAFETY: the kernel reads `span` and is given no place for the rest of the time. A signal may end the nap early.
    unsafe { libc::nanosleep(&raw const span, std::ptr::null_mut()) };
}

/// How many bytes of the process's memory are its own and changed: in a child, those that it does not share with its parent.
pub fn private_memory() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "the system tells by way of a file")]
    let read = |path| std::fs::read_to_string(path);
    let Ok(text) = read("/proc/self/smaps_rollup").or_else(|_| read("/proc/self/smaps")) else { return 0 };
    let sizes = text.lines().filter_map(|line| line.strip_prefix("Private_Dirty:"));
    let kilobytes = sizes.filter_map(|size| size.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kilobytes.sum::<u64>() * 1024
}

/// Gives the pages within this stretch of memory back to the system. In a child, a page that its parent changes later is
/// copied no more for the child's sake.
///
/// # Safety
/// The stretch is read no more by this process: from now on it may hold zeros.
pub unsafe fn give_back(stretch: &[u8]) {
    const PAGE: usize = 4096;
    let range = stretch.as_ptr_range();
    let (start, end) = ((range.start as usize).next_multiple_of(PAGE), range.end as usize / PAGE * PAGE);
    if start < end {
        let pages = stretch.as_ptr().wrapping_add(start - range.start as usize);
        // SAFETY: the pages are within the stretch, which is as the caller says. A page that is larger is refused.
        unsafe { libc::madvise(pages.cast_mut().cast(), end - start, libc::MADV_DONTNEED) };
    }
}

/// Sleeps until the time is over or a signal comes.
pub fn sleep(micros: u64) {
    let [seconds, nanos] = [micros / 1_000_000, micros % 1_000_000 * 1000].map(|part| part as i64);
    let span = libc::timespec { tv_sec: seconds, tv_nsec: nanos };
    // SAFETY: the kernel reads `span` and is given no place for the rest of the time.
    unsafe { libc::nanosleep(&raw const span, std::ptr::null_mut()) };
}

/// Writes to memory that is there to be read only, which ends the process.
pub fn segfault() {
    // SAFETY: new memory, which nothing else points to. The write is one that the processor refuses: no memory changes.
    unsafe {
        let private = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        let memory = libc::mmap(std::ptr::null_mut(), 4096, libc::PROT_READ, private, -1, 0);
        if memory != libc::MAP_FAILED {
            memory.cast::<u8>().write_volatile(b'x');
        }
    }
}

/// How many processors this process may use.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Has this thread's short sleeps end when they should, instead of up to 50 microseconds later.
pub fn be_punctual() {
    // SAFETY: sets a number of this thread; a refusal changes nothing.
    unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, 1) };
}

/// Has the program itself in memory before the first client comes, so that nobody's first request of its kind waits while
/// its code is brought in, page by page.
pub fn bring_in_the_program() {
    unsafe extern "C" {
        /// Where the linker put the program's first byte, and where its code ends.
        static __executable_start: u8;
        static etext: u8;
    }
    let (start, end) = (&raw const __executable_start, &raw const etext);
    // SAFETY: these pages are the program's own; the kernel brings them in and changes none. An old one refuses.
    unsafe {
        libc::madvise(start.cast_mut().cast(), end as usize - start as usize, libc::MADV_POPULATE_READ)
    };
}

/// Bytes nobody can guess.
pub fn random_seed() -> u64 {
    let mut seed = [0u8; 8];
    // SAFETY: the kernel writes at most eight bytes into eight bytes.
    let got = unsafe { libc::getrandom(seed.as_mut_ptr().cast(), seed.len(), 0) };
    if got == 8 { u64::from_ne_bytes(seed) } else { u64::from(std::process::id()) }
}

/// So many bytes that nobody can guess.
pub fn random(len: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; len];
    // The kernel hands out up to 256 bytes at once without being interrupted.
    for piece in bytes.chunks_mut(256) {
        // SAFETY: the kernel writes at most so many bytes into the piece.
        let got = unsafe { libc::getrandom(piece.as_mut_ptr().cast(), piece.len(), 0) };
        if usize::try_from(got) != Ok(piece.len()) {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_read_as_those_of_the_c_library() {
        assert_eq!(reason(&io::Error::from_raw_os_error(libc::EADDRINUSE)), "Address already in use");
        assert_eq!(reason(&io::Error::other("no such thing")), "no such thing");
    }

    #[test]
    fn randomness_comes_in_any_length_and_differs() {
        for len in [0, 1, 512] {
            assert_eq!(random(len).unwrap().len(), len);
        }
        assert_ne!(random(32).unwrap(), random(32).unwrap());
    }

    #[test]
    fn a_path_ends_at_a_nul_byte_for_c() {
        assert_eq!(c_string(b"/tmp/a\0b").as_bytes(), b"/tmp/a");
    }
}
