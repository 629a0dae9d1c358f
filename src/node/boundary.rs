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
    /// Say this in the log.
    Log(base::log::Line),
    /// End the process with this code.
    Exit(i32),
}
