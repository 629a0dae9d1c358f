//! The boundary of a node, whole: everything that can wake it and everything that it can ask for.

use crate::job::{Ending, Job, Opened, Progress, Started};
use std::net::SocketAddr;
use structures::mover::Mover;

pub use crate::disk::{AppendError, Appended, FileStep, Files, Stat, StepFailure};
pub use crate::remains::Remains;

/// A connection, as the shell and the node both name it. The shell gives out numbers, and gives one out again only after
/// the node has let go of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u32);

/// What the shell can measure while a node works.
pub trait Meter {
    /// Microseconds on a clock that never goes back, for measuring how long a command took.
    fn micros(&self) -> u64;
    /// Bytes that the allocator has handed out.
    fn used_memory(&self) -> usize;
    /// What was freed of what [`Output::Free`] gave out.
    fn freed(&self) -> Freed;
    /// What the process used up so far, and what the allocator holds. Costs system calls: for INFO and its like.
    fn figures(&self) -> Figures;
    /// The allocator's own report.
    fn allocator_report(&self) -> String;
    /// How scattered small allocations lie. The mover judges by this until it is asked for again.
    fn fragmentation(&self) -> Fragmentation;
    /// Who knows where allocations lie badly, and better.
    fn mover(&self) -> &dyn Mover;
    /// One of the allocator's numbers, by its name, which then becomes `new`; none if it cannot be read. Or why not.
    fn allocator_number(&self, name: &[u8], new: Option<i64>) -> Result<Option<i64>, String>;
}

/// How scattered small allocations lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fragmentation {
    /// Bytes between them, as in [`Figures::gaps`].
    pub gaps: u64,
    /// Bytes the allocator has handed out.
    pub allocated: u64,
}

impl Fragmentation {
    /// The gaps as a share of what is handed out, in percent.
    pub fn percent(&self) -> f64 {
        if self.allocated == 0 { 0.0 } else { self.gaps as f64 * 100.0 / self.allocated as f64 }
    }
}

/// How much was freed away from the thread that serves, since the process began, as [`Garbage`] counts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Freed {
    /// Values.
    pub objects: u64,
    /// Bytes.
    pub bytes: u64,
}

/// What the process used up so far, and what the allocator holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    /// Bytes of the process that are in memory.
    pub resident: u64,
    /// Processor time in the system, in microseconds.
    pub cpu_sys_us: u64,
    /// Processor time in the program, in microseconds.
    pub cpu_user_us: u64,
    /// As `cpu_sys_us`, of child processes that ended.
    pub cpu_sys_children_us: u64,
    /// As `cpu_user_us`, of child processes that ended.
    pub cpu_user_children_us: u64,
    /// As `cpu_sys_us`, of the thread that serves.
    pub cpu_sys_main_us: u64,
    /// As `cpu_user_us`, of the thread that serves.
    pub cpu_user_main_us: u64,
    /// Bytes the allocator has handed out.
    pub allocated: u64,
    /// Bytes in pages of which some are handed out.
    pub active: u64,
    /// Bytes of those that lie between the small ones that are handed out, and can only be used for such of their size.
    pub gaps: u64,
    /// Bytes the allocator holds in memory.
    pub held: u64,
    /// Bytes it gave back, which the system has not taken yet.
    pub muzzy: u64,
    /// How often threads other than the one that serves have asked which sockets are ready.
    pub threaded_polls: u64,
}

/// The time of an input.
#[derive(Clone, Copy)]
pub struct Now<'a> {
    /// Unix time in microseconds.
    pub unix_us: i64,
    /// Microseconds on a clock that never goes back.
    pub mono_us: u64,
    /// What can be measured meanwhile.
    pub meter: &'a dyn Meter,
}

impl Now<'_> {
    /// The time by now: what was done since the input came has taken some.
    pub fn later(&self) -> Self {
        let mono_us = self.meter.micros().max(self.mono_us);
        Now { unix_us: self.unix_us + (mono_us - self.mono_us) as i64, mono_us, meter: self.meter }
    }

    /// Unix time in milliseconds.
    #[inline]
    pub fn unix_ms(&self) -> i64 {
        self.unix_us / 1000
    }

    /// Unix time in seconds.
    #[inline]
    pub fn unix_s(&self) -> i64 {
        self.unix_us / 1_000_000
    }
}

/// The other end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// A client over TCP: its address, and the address it came to.
    Tcp {
        /// Where the client is.
        remote: SocketAddr,
        /// Where it connected to.
        local: SocketAddr,
    },
    /// A client on the machine, through a socket of this path.
    Unix {
        /// The socket's path.
        path: String,
    },
}

/// What wakes a node, besides requests, which come by [`crate::Node::requests`].
#[derive(Debug)]
pub enum Input {
    /// A connection was made.
    Accepted(ConnId, Peer),
    /// A connection is gone.
    Closed(ConnId),
    /// So many bytes of a connection's output have gone to the network.
    Sent(ConnId, usize),
    /// The process was asked to end by a signal, and the configuration says how it then ends.
    Terminate(config::ShutdownFlags),
    /// The time named by [`crate::Node::poll_timeout`] has come.
    Timeout,
    /// The oldest errand that is not done yet is done, or could not be.
    Performed(Result<(), Failure>),
    /// What became of [`Output::Append`].
    Appended(Appended),
    /// What became of [`Output::Sync`].
    Synced(Result<(), String>),
    /// What became of [`Output::SyncAside`].
    SyncedAside(Result<(), String>),
    /// What became of the oldest [`Output::Files`] that is not done yet: how long the files are that were renamed.
    Filed(Result<Vec<u64>, StepFailure>),
    /// The shell is ready to serve: what is on the disk may be asked for.
    Begin,
    /// A job has a child that does it, or there can be none.
    Started(Job, Result<Started, String>),
    /// How the child of a job gets on.
    Progress(Job, Progress),
    /// The child of a job has ended.
    Ended(Job, Ending),
    /// What became of [`Output::Load`]. The bytes follow by [`crate::Node::load`].
    Opened(Opened),
    /// The oldest errand that is not done yet was to read something, and this is it.
    Read(Vec<u8>),
}

/// Something that only the shell can do and that a client waits for. Each is answered by one [`Input::Performed`], or by
/// [`Input::Read`] if it is to read, in the order in which they were asked for; the client's later requests wait meanwhile.
#[derive(Debug, PartialEq, Eq)]
pub enum Errand {
    /// Follow these directives, which [`crate::Node::config`] holds with their new values: listen elsewhere, allow more
    /// clients, change the directory. When one cannot be followed, put back what was done for the others and answer with
    /// it in [`Failure::directive`]: the node then takes all of the values back.
    Configure(Vec<config::Id>),
    /// Write [`config::Config::rewrite`] of the configuration file over it. `everything` writes defaults too.
    RewriteConfig {
        /// Whether settings at their default are written too.
        everything: bool,
    },
    /// Do nothing at all for so many microseconds, or until a signal comes; not even serve.
    Sleep(u64),
    /// Fail, so that it can be seen how that is reported.
    Fail(Fault),
    /// Let the allocator give back what it holds without need.
    PurgeMemory,
    /// Write a snapshot, as [`crate::Node::snapshot`] walks, to the file that the configuration names. The old one stays
    /// until the new one is whole.
    Save,
    /// Read the file of users, which `aclfile` names.
    ReadUsers,
    /// Write this over the file of users. The failure is a line for the log.
    WriteUsers(Vec<u8>),
    /// Read so many bytes that nobody can guess.
    ReadRandomness(usize),
}

/// A way for the process to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A write to memory that is only there to be read.
    Segfault,
    /// A panic.
    Panic,
    /// An assertion that does not hold.
    Assertion,
}

/// Why an errand could not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The directive at fault, for [`Errand::Configure`].
    pub directive: Option<config::Id>,
    /// What went wrong, for the client: `Permission denied`.
    pub text: String,
}

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// After what waits has been sent.
    WhenSent,
    /// At once.
    Now,
}

/// What is to be freed away from the thread that serves.
#[derive(Default)]
pub struct Garbage {
    /// Values, with their keys.
    pub records: Vec<keyspace::Record>,
    /// Whole databases.
    pub tables: Vec<keyspace::Tables>,
    /// What clients had read.
    pub tracked: Vec<structures::readers::Readership>,
    /// Scripts and libraries that were flushed.
    pub scripts: Vec<Remains>,
    /// How many values that is in all, once it is handed over.
    pub objects: u64,
    /// How many bytes it takes, as far as that is known.
    pub bytes: u64,
}

impl std::fmt::Debug for Garbage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} objects of {} bytes", self.objects, self.bytes)
    }
}

impl Peer {
    /// Whether the client is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        match self {
            Peer::Tcp { remote, .. } => remote.ip().to_canonical().is_loopback(),
            Peer::Unix { .. } => true,
        }
    }
}

impl std::fmt::Display for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Peer::Tcp { remote, .. } => write!(f, "{remote}"),
            Peer::Unix { path } => write!(f, "{path}:0"),
        }
    }
}

/// What a node asks for, to be done in this order.
#[derive(Debug)]
pub enum Output {
    /// There are bytes in this connection's outbox.
    Send(ConnId),
    /// End a connection.
    Close(ConnId, CloseReason),
    /// Leave unread what this connection sends, until [`Output::ReadOn`]: enough of it waits to be run.
    Rest(ConnId),
    /// Read this connection again.
    ReadOn(ConnId),
    /// Free this, away from the thread that serves.
    Free(Garbage),
    /// Write this to a connection, as far as it takes it at once, and end it.
    TurnAway(ConnId, &'static [u8]),
    /// Do this, and answer with [`Input::Performed`].
    Perform(Errand),
    /// Append this to the file that is open for it, and answer with [`Input::Appended`].
    Append(Vec<u8>),
    /// Sync that file, wait for it, and answer with [`Input::Synced`]: what comes behind rests on it.
    Sync,
    /// Sync that file in the background, and answer with [`Input::SyncedAside`] some time.
    SyncAside,
    /// Take these steps, up to the first that fails, and answer with [`Input::Filed`].
    Files(Vec<FileStep>),
    /// Make a child that does this, and answer with [`Input::Started`] before anything else.
    Start(Job),
    /// End the child that does this; if that is a rewrite, [`Input::Ended`] comes before anything else.
    Stop(Job),
    /// Open the snapshot file, and answer with [`Input::Opened`].
    Load,
    /// Empty the data ([`crate::Node::empty_for_reload`]), and load the append-only files as when a server starts.
    LoadAof,
    /// Say this in the log.
    Log(base::log::Line),
    /// End the process with this code.
    Exit(i32),
    /// The end that was asked for does not come.
    GoOn,
}
