//! What the shell does for a client that waits: asking, and what follows from the answer.
//!
//! A handler asks by `Node::send` and writes no reply; the client is blocked until `Node::performed`, which writes it.
//! Errands are answered in the order in which they were asked for, so the oldest one is the one that an answer is about.

mod answer;

use crate::boundary::ConnId;
use crate::persistence::AfterSave;
use config::Applied;
use conn::Batch;

/// An errand that the shell has not answered yet.
#[derive(Debug)]
pub(crate) struct Pending {
    /// Who waits. May be gone by now.
    client: u64,
    conn: ConnId,
    then: Then,
}

/// What follows.
#[derive(Debug)]
pub(crate) enum Then {
    /// `OK` when it worked.
    Reply,
    /// The same, and on failure the settings are taken back.
    Configure(Box<Applied>),
    /// The same, and it is said in the log.
    Rewrite,
    /// What follows from saving, or from not being able to.
    Saved(AfterSave),
    /// The users are those of the file that was read.
    LoadUsers,
    /// `OK` when they are written.
    SaveUsers,
    /// So many of the digits that random bytes are written with.
    Digits(usize),
}

/// A command that had to wait.
#[derive(Debug)]
pub(crate) struct Waited {
    /// The request.
    request: Option<Batch>,
    /// How long it ran.
    micros: u64,
}
