//! The boundary of a node, whole: everything that can wake it and everything that it can ask for.

use std::net::SocketAddr;

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
    /// What the process used up so far, and what the allocator holds. Costs system calls: for INFO and its like.
    fn figures(&self) -> Figures;
    /// The allocator's own report.
    fn allocator_report(&self) -> String;
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
    /// Bytes the allocator holds in memory.
    pub held: u64,
    /// Bytes it gave back, which the system has not taken yet.
    pub muzzy: u64,
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
}

/// Something that only the shell can do and that a client waits for. Each is answered by one [`Input::Performed`], in the
/// order in which they were asked for; the client's later requests wait meanwhile.
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
    /// Do nothing at all for so many microseconds; not even serve.
    Sleep(u64),
    /// Let the allocator give back what it holds without need.
    PurgeMemory,
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

/// What a node asks for, to be done in this order.
#[derive(Debug)]
pub enum Output {
    /// There are bytes in this connection's outbox.
    Send(ConnId),
    /// End a connection.
    Close(ConnId, CloseReason),
    /// Free these records, away from the thread that serves.
    Free(Vec<keyspace::Record>),
    /// Do this, and answer with [`Input::Performed`].
    Perform(Errand),
    /// Say this in the log.
    Log(base::log::Line),
    /// End the process with this code.
    Exit(i32),
}
