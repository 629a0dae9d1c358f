//! The append-only file of a server: what is written to it, when it is synced, and what follows when that fails.
//!
//! ```text
//! commands -> Readers::aof -> Append                      before any reply that rests on them is sent
//!   always                    Append Sync Send Send ...   one sync serves all the replies of a turn
//!   everysec                  Append ... SyncAside        once a second; no Append while that runs, for up to 2 seconds
//!   no                        Append
//! ```
//!
//! Outputs are performed in order, so what is promised to clients is a matter of places in a list: nothing leaves before
//! what stands in front of it is written. What cannot be written is kept, and writes are refused until it is. Where a
//! promise was made already, under `always`, the process ends instead.
//!
//! - `write`: appending and syncing.
//! - `files`: the manifest and the files it names, over time; turning the file on and off.
//! - `load`: reading all of it when the server starts.
//! - `rewrite`: a new base, written by a child process.
//! - `figures`: what INFO shows.

mod figures;
mod files;
pub mod load;
pub mod rewrite;
#[cfg(test)]
mod tests;
mod write;

use crate::boundary::ConnId;
use aof::Manifest;
use config::Applied;
use std::collections::VecDeque;

/// Whether there is an append-only file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum State {
    /// No.
    #[default]
    Off,
    /// Its first base is still to be written.
    Waiting,
    /// Yes.
    On,
}

/// The append-only file of a server.
#[derive(Debug, Default)]
pub(crate) struct Aof {
    pub(crate) state: State,
    pub(crate) manifest: Manifest,
    /// The length of the increment that is written, and how much of it is synced or about to be.
    increment_len: u64,
    synced_len: u64,
    /// The length of all files that would be read, now and after the last rewrite.
    current_len: u64,
    base_len: u64,
    /// How far the files are loaded, while they are.
    pub(crate) loading: Option<Progress>,
    /// Who waits for their being loaded again.
    pub(crate) asker: Option<Asker>,
    /// Steps that the shell was asked to take, and has not told of yet.
    plans: VecDeque<Plan>,
    /// Bytes that the shell was asked to append, and has not told of yet.
    appending: usize,
    /// Whether a sync is under way in the background, and up to which place of the stream.
    syncing: Option<u64>,
    /// How many syncs that were under way are of files that are not written any more.
    stale_syncs: usize,
    last_sync_us: u64,
    /// Since when what there is to write has waited for a sync.
    postponed_since: Option<u64>,
    /// How often it did not wait any longer.
    delayed: u64,
    /// Up to which place the stream is in the file, and on the disk.
    written: u64,
    pub(crate) synced: u64,
    pub(crate) rewrite: Rewrite,
    /// For how many microseconds the shell is to do nothing before it appends (`DEBUG AOF-FLUSH-SLEEP`).
    pub(crate) pause_us: u64,
    write_error: Option<String>,
    sync_error: Option<String>,
    /// When a failure to write was last told of.
    logged_us: Option<u64>,
}

/// What follows when steps have been taken.
#[derive(Debug)]
pub(crate) struct Plan {
    what: What,
    /// Why the steps are not taken after all.
    doomed: Option<String>,
}

impl Plan {
    /// Whether commands go to another file from then on.
    fn switches_file(&self) -> bool {
        matches!(self.what, What::Begin { .. })
    }
}

/// What steps are for.
#[derive(Debug)]
enum What {
    /// A rewrite begins: a new increment is open, named by this manifest if it is part of it already.
    Begin { manifest: Option<Manifest>, name: Vec<u8> },
    /// A rewrite is over: the new base is in place. The names say what was renamed, for the log.
    Finish { manifest: Manifest, renamed: Vec<(Vec<u8>, Vec<u8>)> },
    /// History is gone.
    Forget { manifest: Manifest },
    /// Nothing is written any more.
    Stop,
}

/// How far loading is, as INFO shows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    /// Since when, in Unix seconds.
    pub(crate) since_s: i64,
    /// How many bytes there are.
    pub(crate) total: u64,
    /// How many have been read.
    pub(crate) done: u64,
    /// How many bytes were in use where the base was written, if it says so.
    pub(crate) used_memory: u64,
}

/// Who wants the files loaded again: a connection, and the number of its client.
pub(crate) type Asker = (ConnId, u64);

/// Where rewriting stands.
#[derive(Debug)]
pub(crate) struct Rewrite {
    /// Whether one is to begin as soon as it can.
    pub(crate) scheduled: bool,
    /// While what was written is being synced, so that one can begin: how often more that may be done.
    syncs_ahead: Option<u8>,
    /// Whether the base that is being written, or was last, is a snapshot.
    snapshot: bool,
    /// The number of the child that writes it.
    pid: u32,
    /// Who waits to hear that it has begun.
    waiting: Vec<Waiting>,
    /// How long the last one took, in seconds; -1 before the first.
    last_s: i64,
    /// Whether the last one failed.
    failed: bool,
    /// How many there were.
    count: u64,
    /// How many have failed in a row.
    failures: u64,
    /// Bytes that the last one made this process copy.
    pub(crate) copied: u64,
    delay_min: i64,
    next_s: Option<i64>,
}

/// A client that waits to hear that a rewrite has begun.
#[derive(Debug)]
struct Waiting {
    conn: ConnId,
    id: u64,
    /// The settings that it has changed by that, to be taken back where it cannot begin.
    applied: Option<Box<Applied>>,
}

impl Default for Rewrite {
    fn default() -> Rewrite {
        Rewrite {
            scheduled: false,
            syncs_ahead: None,
            snapshot: false,
            pid: 0,
            waiting: Vec::new(),
            last_s: -1,
            failed: false,
            count: 0,
            failures: 0,
            copied: 0,
            delay_min: 0,
            next_s: None,
        }
    }
}
