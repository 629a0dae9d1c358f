//! What the shell is asked for, and what it tells of it.

/// Work for a child process, on the data as it is when the child is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// Write a snapshot to the file that the configuration names.
    Snapshot,
    /// Write all data to a file that is to become the base of the append-only files: [`Job::rewritten`].
    Rewrite,
}

impl Job {
    /// The file that the child of this number writes a new base to.
    pub fn rewritten(pid: u32) -> Vec<u8> {
        format!("temp-rewriteaof-bg-{pid}.aof").into_bytes()
    }
}

/// A child that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Started {
    /// Its number.
    pub pid: u32,
    /// How long that took, in microseconds.
    pub micros: u64,
}

/// How a child gets on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many keys it has dealt with; none when its work is done.
    pub keys: Option<u64>,
    /// How many bytes it does not share with the node any more.
    pub private: u64,
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with this code: 0 when its work is done.
    Code(i32),
    /// By a signal of this number.
    Signal(i32),
    /// By the signal that the shell ends children with on purpose.
    Stopped(i32),
}

/// What became of a file that is to be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// There is none.
    Missing,
    /// It can be read, and is of so many bytes.
    Size(u64),
    /// It cannot be read, for this reason.
    Failed(String),
}
