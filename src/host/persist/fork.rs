//! A child process that works on a frozen copy of everything, and the pipe through which it tells how it gets on.
//!
//! ```text
//! parent: fork(body) -> Child      child: body(&mut ToParent) -> bool, then the process ends with 0 or 1
//!         child.hear()   <------------ pipe: words             the memory of both is shared until one writes to it
//!         child.end()    <------------ pipe closed, process gone
//! ```
//!
//! How it is safe in a process with threads: only the thread that forks exists in the child, so no lock that another may
//! have held is ever waited for there. The allocator takes its own locks around a fork (jemalloc registers handlers with
//! `pthread_atfork`), so that memory can be had; the C library's locks are avoided. Nothing is logged by the child: its
//! lines go to the parent as words, which writes them with the child's number.
//!
//! The child keeps the pipe and the three standard descriptors; all others are closed, so that it holds up neither the
//! end of a client's connection nor a port. The keyboard's interrupt is the parent's affair; any other signal ends it.
//! SIGUSR1 is how the parent ends it on purpose.

use crate::sys;
use base::log::{Level, Line};
use mio::unix::pipe::{self, Receiver};
use std::io::{self, ErrorKind, Read};
use std::os::fd::{IntoRawFd, RawFd};
use std::time::{Duration, Instant};

/// What a child tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// It has dealt with so many keys.
    Progress {
        /// How many keys.
        keys: u64,
        /// Bytes that are no longer shared between parent and child, by the last measurement.
        private: u64,
    },
    /// Its work is done, with so many bytes not shared any more.
    Done {
        /// Bytes that are no longer shared between parent and child.
        private: u64,
    },
    /// To be logged.
    Say(Line),
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with this code.
    Code(i32),
    /// By a signal.
    Signal(i32),
}

/// A child, as the parent knows it. It is for the parent to call [`Child::end`] in the end, else it remains a zombie.
pub struct Child {
    pid: i32,
    /// To be registered with the poller: readable when the child tells something or has gone.
    pub pipe: Receiver,
    heard: Vec<u8>,
}

/// Makes a child that runs `body` and ends with code 0 if it answers true, 1 if not. Answers the child, and how many
/// microseconds the fork took.
pub fn fork(body: impl FnOnce(&mut ToParent) -> bool) -> io::Result<(Child, u64)> {
    let (sender, receiver) = pipe::new()?;
    // Until the child has handlers of its own, no signal may run the parent's in it.
    let mut kept = none();
    // SAFETY: both sets are ours; blocking signals of this thread is undone below.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const *all(), &raw mut *kept) };
    #[expect(clippy::disallowed_methods, reason = "a fork is measured where it is made")]
    let began = Instant::now();
    // SAFETY: in the child, `be_child` and `body` keep to what the head of this page says of threads.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        let pipe = sender.into_raw_fd();
        be_child(pipe);
        // SAFETY: as above: the parent's mask is put back.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const *kept, std::ptr::null_mut()) };
        let done = body(&mut ToParent::new(pipe));
        // SAFETY: ends the child without running what the parent has put by for its own end.
        unsafe { libc::_exit(if done { 0 } else { 1 }) };
    }
    let micros = began.elapsed().as_micros() as u64;
    let failed = io::Error::last_os_error();
    // SAFETY: as above.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const *kept, std::ptr::null_mut()) };
    if pid == -1 {
        return Err(failed);
    }
    Ok((Child { pid, pipe: receiver, heard: Vec::new() }, micros))
}

/// The set of no signal.
fn none() -> Box<libc::sigset_t> {
    // SAFETY: an all-zero set is a valid value.
    let mut set: Box<libc::sigset_t> = Box::new(unsafe { std::mem::zeroed() });
    // SAFETY: the set is ours.
    unsafe { libc::sigemptyset(&raw mut *set) };
    set
}

/// The set of all signals.
fn all() -> Box<libc::sigset_t> {
    let mut set = none();
    // SAFETY: the set is ours.
    unsafe { libc::sigfillset(&raw mut *set) };
    set
}

/// Gives up what is the parent's: its handlers and its descriptors.
fn be_child(pipe: RawFd) {
    // SAFETY: these calls are allowed behind a fork. They change the handlers of signals to ones that are not functions,
    // and close descriptors, none of which the child uses.
    unsafe {
        libc::signal(libc::SIGINT, libc::SIG_IGN);
        for signal in [libc::SIGTERM, libc::SIGUSR1, libc::SIGALRM] {
            libc::signal(signal, libc::SIG_DFL);
        }
        // The child's words are to arrive whole even where the pipe is full for a while.
        libc::fcntl(pipe, libc::F_SETFL, 0);
        close_between(3, pipe - 1);
        close_between(pipe + 1, i32::MAX);
    }
}

/// Closes a range of descriptors.
///
/// # Safety
/// Nothing uses them any more.
unsafe fn close_between(first: RawFd, last: RawFd) {
    if first > last {
        return;
    }
    // SAFETY: as the caller promises.
    let result = unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
    if result == -1 {
        // An old system. The descriptors in use are small numbers.
        for descriptor in first..=last.min(65_536) {
            // SAFETY: as above.
            unsafe { libc::close(descriptor) };
        }
    }
}

impl Child {
    /// The child's number.
    pub fn pid(&self) -> u32 {
        self.pid.unsigned_abs()
    }

    /// What the child has told since the last time, and whether it tells no more, as it is gone.
    pub fn hear(&mut self) -> (Vec<Word>, bool) {
        let mut chunk = [0; 4096];
        let gone = loop {
            match self.pipe.read(&mut chunk) {
                Ok(0) => break true,
                Ok(count) => self.heard.extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => break error.kind() != ErrorKind::WouldBlock,
            }
        };
        let mut words = Vec::new();
        while let Some((word, length)) = Word::decode(&self.heard) {
            self.heard.drain(..length);
            words.push(word);
        }
        (words, gone)
    }

    /// Ends the child on purpose.
    pub fn kill(&self) {
        // SAFETY: the child has not been waited for, so the number is still its own.
        unsafe { libc::kill(self.pid, libc::SIGUSR1) };
    }

    /// Waits for a child that is gone, or about to be, and tells how it ended.
    pub fn end(self) -> Ending {
        let mut status = 0;
        // SAFETY: waits for a child of ours, and writes to a number of ours.
        while unsafe { libc::waitpid(self.pid, &raw mut status, 0) } == -1 {
            if io::Error::last_os_error().kind() != ErrorKind::Interrupted {
                return Ending::Code(-1);
            }
        }
        match libc::WIFSIGNALED(status) {
            true => Ending::Signal(libc::WTERMSIG(status)),
            false => Ending::Code(libc::WEXITSTATUS(status)),
        }
    }
}

/// The child's end of the pipe.
pub struct ToParent {
    pipe: RawFd,
    told: Option<Instant>,
    measured: Option<Instant>,
    /// What the last measurement cost.
    cost: Duration,
    private: u64,
    peak: u64,
    sum: u64,
    count: u64,
}

/// How often progress is told.
const EACH: Duration = Duration::from_secs(1);
/// Measuring may take one part in so many of the time.
const DUTY: u32 = 100;

impl ToParent {
    fn new(pipe: RawFd) -> ToParent {
        ToParent {
            pipe,
            told: None,
            measured: None,
            cost: Duration::ZERO,
            private: 0,
            peak: 0,
            sum: 0,
            count: 0,
        }
    }

    /// Tells how many keys have been dealt with, about once a second however often it is called.
    #[expect(clippy::disallowed_methods, reason = "the child has no other clock")]
    pub fn progress(&mut self, name: &str, keys: u64) {
        let now = Instant::now();
        if self.told.is_some_and(|told| now - told < EACH) {
            return;
        }
        self.told = Some(now);
        if self.measured.is_none_or(|measured| now - measured > self.cost * DUTY) {
            self.measure();
            if self.private > 0 {
                self.say(Line { level: Level::Verbose, text: self.report(name) });
            }
        }
        self.tell(&Word::Progress { keys, private: self.private });
    }

    /// Tells that the work is done.
    pub fn done(&mut self, name: &str) {
        self.measure();
        self.say(Line::notice(self.report(name)));
        self.tell(&Word::Done { private: self.private });
    }

    /// Has a line logged.
    pub fn say(&mut self, line: Line) {
        self.tell(&Word::Say(line));
    }

    /// Tells the parent. Without one there is nobody to work for.
    fn tell(&mut self, word: &Word) {
        let bytes = word.encode();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            // SAFETY: the bytes are ours, and the pipe is open.
            let written = unsafe { libc::write(self.pipe, rest.as_ptr().cast(), rest.len()) };
            match usize::try_from(written) {
                Ok(written) => rest = &rest[written..],
                Err(_) if io::Error::last_os_error().kind() == ErrorKind::Interrupted => {}
                // SAFETY: as in `fork`.
                Err(_) => unsafe { libc::_exit(1) },
            }
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the child has no other clock")]
    fn measure(&mut self) {
        let began = Instant::now();
        self.private = sys::private_memory();
        let ended = Instant::now();
        (self.measured, self.cost) = (Some(ended), ended - began);
        self.peak = self.peak.max(self.private);
        self.sum += self.private;
        self.count += 1;
    }

    fn report(&self, name: &str) -> String {
        let [current, peak, average] =
            [self.private, self.peak, self.sum / self.count.max(1)].map(|bytes| bytes >> 20);
        format!("Fork CoW for {name}: current {current} MB, peak {peak} MB, average {average} MB")
    }
}

impl Word {
    /// `| what u8 | length u32 | bytes |`, numbers in the machine's order: both ends are the same program.
    fn encode(&self) -> Vec<u8> {
        let (what, bytes) = match self {
            Word::Progress { keys, private } => (0, [keys.to_ne_bytes(), private.to_ne_bytes()].concat()),
            Word::Done { private } => (1, private.to_ne_bytes().to_vec()),
            Word::Say(line) => (2 + line.level as u8, line.text.clone().into_bytes()),
        };
        [&[what][..], &(bytes.len() as u32).to_ne_bytes(), &bytes].concat()
    }

    /// The first word of what was heard, and its length, if it is whole.
    fn decode(heard: &[u8]) -> Option<(Word, usize)> {
        let (&what, rest) = heard.split_first()?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = u32::from_ne_bytes(*length) as usize;
        let bytes = rest.get(..length)?;
        let number = |at: usize| {
            let bytes = bytes.get(8 * at..).and_then(<[u8]>::first_chunk);
            bytes.map_or(0, |bytes| u64::from_ne_bytes(*bytes))
        };
        let word = match what {
            0 => Word::Progress { keys: number(0), private: number(1) },
            1 => Word::Done { private: number(0) },
            level => {
                let levels = [Level::Debug, Level::Verbose, Level::Notice, Level::Warning];
                let level = levels.into_iter().find(|known| *known as u8 == level - 2);
                let text = String::from_utf8_lossy(bytes).into_owned();
                Word::Say(Line { level: level.unwrap_or(Level::Warning), text })
            }
        };
        Some((word, 5 + length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;

    /// Hears a child out.
    fn hear_all(child: &mut Child) -> Vec<Word> {
        // The test has no poller.
        // SAFETY: changes flags of a descriptor of ours.
        unsafe { libc::fcntl(child.pipe.as_raw_fd(), libc::F_SETFL, 0) };
        let mut all = Vec::new();
        loop {
            let (words, gone) = child.hear();
            all.extend(words);
            if gone {
                return all;
            }
        }
    }

    #[test]
    fn a_child_tells_what_it_sees_of_the_frozen_copy_and_how_it_went() {
        let data = vec![7u8; 1 << 20];
        let (mut child, _) = fork(|parent| {
            parent.say(Line::notice(format!("{} {}", data.len(), data[1000])));
            parent.progress("RDB", 5);
            parent.progress("RDB", 6);
            parent.done("RDB");
            false
        })
        .unwrap();
        let words = hear_all(&mut child);
        assert_eq!(words[0], Word::Say(Line::notice("1048576 7")));
        assert!(words.iter().any(|word| matches!(word, Word::Progress { keys: 5, .. })), "{words:?}");
        assert!(!words.iter().any(|word| matches!(word, Word::Progress { keys: 6, .. })), "{words:?}");
        assert!(matches!(words.last(), Some(Word::Done { .. })));
        assert_eq!(child.end(), Ending::Code(1));
    }

    #[test]
    fn a_child_that_is_killed_says_by_what() {
        let (mut child, _) = fork(|_| {
            loop {
                // SAFETY: waits for a signal.
                unsafe { libc::pause() };
            }
        })
        .unwrap();
        child.kill();
        assert_eq!(hear_all(&mut child), []);
        assert_eq!(child.end(), Ending::Signal(libc::SIGUSR1));
    }

    #[test]
    fn words_arrive_in_any_pieces() {
        let words = [
            Word::Progress { keys: 7, private: u64::MAX },
            Word::Say(Line::warning("")),
            Word::Say(Line::verbose("x".repeat(10_000))),
            Word::Done { private: 3 },
        ];
        let bytes: Vec<u8> = words.iter().flat_map(Word::encode).collect();
        let (mut heard, mut got) = (Vec::new(), Vec::new());
        for piece in bytes.chunks(3) {
            heard.extend_from_slice(piece);
            while let Some((word, length)) = Word::decode(&heard) {
                heard.drain(..length);
                got.push(word);
            }
        }
        assert_eq!(got, words);
    }
}
