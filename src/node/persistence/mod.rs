//! What outlives the process: when the data is saved, what is known of that, and what is loaded when a node begins.
//!
//! ```text
//! jobs.rs      the child at work, whatever its job
//! save.rs      when a snapshot is taken, and what follows from how it went
//! load.rs      bytes of a file become data, slice by slice, while clients are told to come later
//! shutdown.rs  the last snapshot, then the end
//! ```
//!
//! The commands stand in `admin/save.rs`. The shell writes, reads and forks; nothing here does. At most one child works at
//! a time, whatever its job is.

mod jobs;
mod load;
mod save;
mod shutdown;

use crate::boundary::{ConnId, Now};
use crate::job::Job;
use config::ShutdownFlags;
use keyspace::Record;
use rdb::Loader;

/// What is known of saving and loading.
pub(crate) struct Persistence {
    /// The child at work.
    pub(crate) child: Option<Child>,
    /// Whether a snapshot is to be begun as soon as that is possible.
    pub(crate) scheduled: bool,
    /// How many snapshots were begun.
    pub(crate) saves: u64,
    /// When the data was last saved, in Unix seconds: when the node began, unless it was since.
    pub(crate) last_save_s: i64,
    /// When that was last tried in the background.
    last_try_s: i64,
    /// Whether the last try failed.
    pub(crate) failed: bool,
    /// How long the last one in the background took, in seconds.
    pub(crate) took_s: Option<i64>,
    /// How many bytes were copied because of it.
    pub(crate) snapshot_private: u64,
    /// How the child gets on, or how the last one got on.
    pub(crate) progress: Shown,
    /// How long the last fork took, in microseconds.
    pub(crate) fork_us: u64,
    /// How many forks there were.
    pub(crate) forks: u64,
    /// What is being loaded.
    pub(crate) loading: Option<Box<Loading>>,
    /// How many keys the last load brought.
    pub(crate) keys_loaded: u64,
    /// How many keys it left out, as their time had come.
    pub(crate) keys_expired: u64,
    /// How a signal has asked the process to end.
    asked_to_end: Option<ShutdownFlags>,
}

/// What follows when the data has been saved while everything waited.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AfterSave {
    /// Who asked for it is told.
    Reply,
    /// It is loaded again.
    Reload(Reload),
    /// The process ends.
    Leave(Leave),
}

/// An end that waits for the last snapshot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leave {
    /// Whether the process ends even if there can be none.
    pub(crate) force: bool,
}

/// What a file is loaded for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// The node begins.
    Begin,
    /// A client wants to see it done.
    Reload(Reload),
    /// It is the base of append-only files: even what is past its time counts, until the files say that it is gone.
    Base,
}

/// `DEBUG RELOAD`, from where the data is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reload {
    /// Who wants it.
    pub(crate) conn: ConnId,
    /// The client's number.
    pub(crate) client: u64,
    /// Whether the data that is there goes first.
    pub(crate) flush: bool,
    /// Whether keys of the file take the place of keys that are there.
    pub(crate) merge: bool,
}

/// A file that is being loaded.
pub(crate) struct Loading {
    purpose: Purpose,
    pub(crate) loader: Loader,
    /// The database of what comes.
    database: usize,
    /// When it began, in Unix seconds and on the monotonic clock.
    pub(crate) since_s: i64,
    since_us: u64,
    /// The length of the file.
    pub(crate) total: u64,
    /// How many bytes have been loaded.
    pub(crate) done: u64,
    /// How many bytes were in use where the file was written.
    pub(crate) used_memory: u64,
    /// How many keys had no value.
    empty: u64,
    /// Keys that are about to be added, the places of which are under way from memory.
    coming: Vec<Coming>,
}

/// A key that is about to be added.
struct Coming {
    hash: u64,
    table: u16,
    record: Record,
}

/// A child that works for the node.
#[derive(Debug)]
pub(crate) struct Child {
    /// What it does.
    pub(crate) job: Job,
    /// Since when, in Unix seconds.
    pub(crate) since_s: i64,
    /// How many changes there were before.
    dirty: u64,
    /// Who waits to hear that it was begun.
    asked: Option<(ConnId, u64)>,
}

/// How a child gets on, as INFO shows it.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// Keys dealt with.
    pub(crate) keys: u64,
    /// All keys that it is to deal with.
    pub(crate) total: u64,
    /// Bytes that are not shared with the child any more, when last told of.
    pub(crate) private: u64,
    /// The most of them.
    pub(crate) peak: u64,
    /// When that was told, on the monotonic clock.
    pub(crate) told_us: Option<u64>,
}

impl Persistence {
    pub(crate) fn new(now: Now<'_>) -> Persistence {
        Persistence {
            child: None,
            scheduled: false,
            saves: 0,
            last_save_s: now.unix_s(),
            last_try_s: 0,
            failed: false,
            took_s: None,
            snapshot_private: 0,
            progress: Shown::default(),
            fork_us: 0,
            forks: 0,
            loading: None,
            keys_loaded: 0,
            keys_expired: 0,
            asked_to_end: None,
        }
    }

    /// Whether a child does this job.
    pub(crate) fn does(&self, job: Job) -> bool {
        self.child.as_ref().is_some_and(|child| child.job == job)
    }
}
