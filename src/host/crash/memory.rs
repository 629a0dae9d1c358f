//! A quick test of the memory of a process that crashed: bits that do not keep what is written to them crash programs too.
//!
//! Each word of each mapping that is the process's own is read, overwritten with patterns, read back and restored. Only the
//! one thread that tests may run meanwhile, and it uses nothing but registers, its stack, which is left out, and the log.

use crate::raw::Log;

/// How many mappings are tested at most.
const MOST: usize = 128;

/// Tests what can be tested. Answers how many words did not keep what was written.
pub(super) fn test(log: &Log) -> u64 {
    let mut ranges = [(0usize, 0usize); MOST];
    let count = mappings(&mut ranges);
    for &(from, to) in &ranges[..count] {
        log.text(format_args!("*** Preparing to test memory region {from:x} ({} bytes)\n", to - from));
    }
    let mut errors = 0;
    for &(from, to) in &ranges[..count] {
        // SAFETY: the kernel has just said that this process may read and write this memory; nobody else does, since all
        // other threads have been stopped; and every word is given back what it was.
        errors += unsafe { test_words(from as *mut usize, (to - from) / size_of::<usize>()) };
        log.write(if errors == 0 { b".O" } else { b".E" });
    }
    log.write(b"\n");
    errors
}

/// Tests so many words.
///
/// # Safety
///
/// They must be readable and writable, and nobody else may use them meanwhile.
unsafe fn test_words(start: *mut usize, count: usize) -> u64 {
    let mut errors = 0;
    for i in 0..count {
        // SAFETY: within what the caller vouches for.
        unsafe {
            let word = start.add(i);
            let kept = word.read_volatile();
            let address = word as usize;
            for pattern in
                [0x5555_5555_5555_5555u64 as usize, !0x5555_5555_5555_5555u64 as usize, address, !address]
            {
                word.write_volatile(pattern);
                errors += u64::from(word.read_volatile() != pattern);
            }
            word.write_volatile(kept);
            errors += u64::from(word.read_volatile() != kept);
        }
    }
    errors
}

/// The mappings that belong to nobody but this process: readable, writable, private and of no file. Left out is the one
/// that this function's own stack lies in, and those that the kernel names as stacks.
fn mappings(ranges: &mut [(usize, usize); MOST]) -> usize {
    let here = 0u8;
    let here = (&raw const here) as usize;
    let mut count = 0;
    // SAFETY: a constant path; safe in a handler.
    let file = unsafe { libc::open(c"/proc/self/maps".as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) };
    let mut buffer = [0u8; 4096];
    let mut held = 0;
    loop {
        let room = &mut buffer[held..];
        // SAFETY: the kernel writes at most so many bytes into the rest of the buffer.
        let read = unsafe { libc::read(file, room.as_mut_ptr().cast(), room.len()) };
        let Some(read) = usize::try_from(read).ok().filter(|&read| read > 0) else { break };
        held += read;
        let mut begin = 0;
        while let Some(length) = buffer[begin..held].iter().position(|&byte| byte == b'\n') {
            if let Some((from, to)) = own_mapping(&buffer[begin..begin + length])
                && !(from..to).contains(&here)
                && count < MOST
            {
                ranges[count] = (from, to);
                count += 1;
            }
            begin += length + 1;
        }
        buffer.copy_within(begin..held, 0);
        held -= begin;
    }
    // SAFETY: the descriptor is not used any more.
    unsafe { libc::close(file) };
    count
}

/// The addresses of a line of `/proc/self/maps`, if it is of memory that can be tested.
///
/// ```text
/// 7f12a0000000-7f12a0400000 rw-p 00000000 00:00 0          [heap]
/// ```
fn own_mapping(line: &[u8]) -> Option<(usize, usize)> {
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.split_ascii_whitespace();
    let (from, to) = words.next()?.split_once('-')?;
    let own = words.next()? == "rw-p" && words.nth(1)? == "00:00";
    let name = words.nth(1).unwrap_or_default();
    if !own || (name.starts_with('[') && name != "[heap]" && !name.starts_with("[anon")) {
        return None;
    }
    Some((usize::from_str_radix(from, 16).ok()?, usize::from_str_radix(to, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_given_back_what_they_were() {
        let mut words: Vec<usize> = (0..1000).map(|i| i * 12345).collect();
        let before = words.clone();
        // SAFETY: the words are ours.
        assert_eq!(unsafe { test_words(words.as_mut_ptr(), words.len()) }, 0);
        assert_eq!(words, before);
    }

    #[test]
    fn only_memory_of_the_process_alone_is_tested() {
        let line = |text: &str| own_mapping(text.as_bytes());
        assert_eq!(line("1000-2000 rw-p 00000000 00:00 0 "), Some((0x1000, 0x2000)));
        assert_eq!(line("1000-2000 rw-p 00000000 00:00 0      [heap]"), Some((0x1000, 0x2000)));
        assert_eq!(line("1000-2000 rw-p 00000000 00:00 0      [stack]"), None);
        assert_eq!(line("1000-2000 rw-p 00000000 00:00 0      [vvar]"), None);
        assert_eq!(line("1000-2000 r--p 00000000 00:00 0 "), None);
        assert_eq!(line("1000-2000 rw-s 00000000 00:01 77     /dev/zero"), None);
        assert_eq!(line("1000-2000 rw-p 00003000 fe:01 77     /usr/bin/x"), None);
        let mut ranges = [(0, 0); MOST];
        assert!(mappings(&mut ranges) > 0);
    }
}
