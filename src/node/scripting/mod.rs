//! Scripts and functions: EVAL and its like, FCALL, SCRIPT and FUNCTION.
//!
//! A script is driven step by step (crate `script`). Each of its commands is looked up, refused or run as any other, by a
//! session of the script's own (`call.rs`). After some instructions the script gives way, and when it has run for longer than
//! `busy-reply-threshold` it is put aside: the client waits as for an errand, the shell goes back to its sockets, and every
//! turn runs another slice of the script by way of a timer that is always due. Nothing is re-entered, and whatever the
//! shell does for sockets it does between two slices.
//!
//! ```text
//! EVAL -> drive -> over                          reply
//!              \-> slow   straits: BUSY          the client is blocked for its script
//!                  timer -> drive -> still slow
//!                        -> drive -> over        reply, what waited behind goes on
//! ```
//!
//! While a script is put aside its data must not change under it: commands are refused by `node/admit.rs` unless they are
//! allowed while busy, clients that wait for keys are not served, and periodic work rests.

mod admit;
mod call;
mod drive;
mod dump;
pub(crate) mod eval;
mod flush;
pub(crate) mod function;
mod runner;
#[cfg(test)]
mod tests;

use crate::boundary::{ConnId, Now};
use crate::session::Session;
use base::siphash;
use commands::{CommandError, Writes};
use conn::{Args, Batch};
use script::{Cache, Flags, Kind, Libraries, Machine};

/// All that is kept for scripts.
#[derive(Debug)]
pub(crate) struct Scripting {
    /// The runners of EVAL and of functions, made when they are first needed.
    runners: [Option<Box<Runner>>; 2],
    /// The runner of a script that has run for too long and is put aside.
    slow: Option<Box<Runner>>,
    /// The scripts that EVALSHA knows.
    pub(crate) cache: Cache,
    /// The libraries of functions.
    libraries: Libraries,
    /// How many scripts were forgotten because there were too many.
    pub(crate) evicted: u64,
    /// Whether memory was short when the command began that is being run.
    pub(crate) short_of_memory: bool,
    /// Whether scripts may call everything (`DEBUG SET-DISABLE-DENY-SCRIPTS`).
    pub(crate) allow_all: bool,
    hash_key: siphash::Key,
}

/// A machine, and what its scripts need to call commands.
#[derive(Debug)]
struct Runner {
    machine: Machine,
    /// The session as which they run.
    session: Session,
    /// The command being called.
    request: Batch,
    /// What is to be repeated of what it has done, while it is put aside.
    writes: Writes,
    /// Facts of the script being run.
    run: Run,
}

/// One run of a script.
#[derive(Debug, Default)]
struct Run {
    /// What errors call it: its SHA-1, or the name of the function.
    name: Vec<u8>,
    /// Whether it must write nothing.
    read_only: bool,
    /// Whether it may use memory when that is short.
    allow_oom: bool,
    /// Whether memory was short when it began.
    short_of_memory: bool,
    /// Whether what it calls is to be repeated (`server.set_repl`).
    repeats: bool,
    /// Whether it has called a command that writes.
    wrote: bool,
    /// Whose command it is, and the number under which that client tracks what it reads, if it does.
    author: Option<ConnId>,
    tracker: Option<u32>,
    /// When it began: on the monotonic clock, and in Unix microseconds, which is its time throughout.
    began_us: u64,
    unix_us: i64,
    /// Whether it has run for too long.
    slow: bool,
    /// Whether it is to end.
    killed: bool,
    /// Who asked for it, and with which words; told when it is slow.
    asker: Option<(ConnId, u64)>,
    words: Vec<Vec<u8>>,
}

/// The client that a script runs for, while it is being served, and the request that runs the script.
#[derive(Clone, Copy)]
struct Asker<'a> {
    session: &'a Session,
    args: Args<'a>,
}

impl Scripting {
    pub(crate) fn new(hash_key: siphash::Key) -> Scripting {
        Scripting {
            runners: [None, None],
            slow: None,
            cache: Cache::new(hash_key),
            libraries: Libraries::new(hash_key),
            evicted: 0,
            short_of_memory: false,
            allow_all: false,
            hash_key,
        }
    }

    /// Whether a script has run for too long and is put aside.
    pub(crate) fn is_slow(&self) -> bool {
        self.slow.is_some()
    }

    /// The bytes that the machine of a kind holds.
    pub(crate) fn vm_memory(&self, kind: Kind) -> usize {
        let slow = self.slow.as_ref().filter(|runner| runner.machine.kind() == kind);
        slow.or(self.runners[kind as usize].as_ref()).map_or(0, |runner| runner.machine.memory())
    }

    /// The bytes that scripts take beside that.
    pub(crate) fn cache_memory(&self) -> usize {
        self.cache.memory()
    }

    /// The bytes that libraries take beside that.
    pub(crate) fn libraries_memory(&self) -> usize {
        self.libraries.memory()
    }

    /// How many libraries there are, and how many functions they have.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.libraries.len(), self.libraries.functions())
    }

    fn put_back(&mut self, runner: Box<Runner>) {
        let kind = runner.machine.kind();
        self.runners[kind as usize] = Some(runner);
    }
}

/// How many of the arguments behind the third are keys.
fn key_count(count: i64, args: &Args<'_>) -> Result<usize, CommandError> {
    match usize::try_from(count) {
        Ok(count) if count <= args.len() - 3 => Ok(count),
        Ok(_) => Err(CommandError::of("Number of keys can't be greater than number of args")),
        Err(_) => Err(CommandError::of("Number of keys can't be negative")),
    }
}

impl Runner {
    /// Makes ready for a run that a client asked for.
    fn prepare(&mut self, session: &Session, now: Now<'_>, name: &[u8], flags: Flags, read_only: bool) {
        let declared = !flags.has(Flags::UNDECLARED);
        self.session.caller = session.caller;
        self.session.caller.must_not_block = true;
        self.session.caller.in_script = true;
        self.session.commands = 0;
        let run = &mut self.run;
        run.name.clear();
        run.name.extend_from_slice(name);
        run.read_only = read_only || (declared && flags.has(Flags::NO_WRITES));
        run.allow_oom = declared && flags.has(Flags::ALLOW_OOM);
        (run.wrote, run.slow, run.killed) = (false, false, false);
        (run.began_us, run.unix_us) = (now.meter.micros(), now.unix_us);
        run.asker = None;
        run.author = Some(session.conn);
        let tracks = session.tracking.as_ref().is_some_and(|tracker| tracker.notes());
        run.tracker = tracks.then_some(session.tracker_number);
    }
}
