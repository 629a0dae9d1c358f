//! What outlives the process: when the data is saved, what is known of that, and what is loaded when a node begins.
//!
//! ```text
//! save.rs      when a snapshot is taken, and what follows from how it went
//! load.rs      bytes of a file become data, slice by slice, while clients are told to come later
//! shutdown.rs  the last snapshot, then the end
//! ```
//!
//! The commands stand in `admin/save.rs`. The shell writes, reads and forks; nothing here does. At most one child works at a time, whatever its job is.

mod load;
mod save;
mod shutdown;
pub(crate) use load::{Loading, Reload};
pub(crate) use shutdown::Leave;

use crate::boundary::{ConnId, Now, Output};
use crate::job::{Ending, Job, Progress, Started};
use crate::node::Node;
use crate::straits::Straits;
use commands::CommandError;
use config::ShutdownFlags;
use structures::hashtable::ResizePolicy;

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
    /// How long the last fork took, in microseconds, and how many there were.
    pub(crate) fork_us: u64,
    /// See `fork_us`.
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
    /// Keys dealt with, of so many.
    pub(crate) keys: u64,
    /// See `keys`.
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

impl Node {
    /// Asks for a child to do a job. There must be none at work.
    pub(crate) fn start_job(&mut self, now: Now<'_>, job: Job, asked: Option<(ConnId, u64)>) {
        debug_assert!(self.persistence.child.is_none());
        self.persistence.child = Some(Child { job, since_s: now.unix_s(), dirty: self.effects.dirty, asked });
        self.outputs.push_back(Output::Start(job));
    }

    /// Ends the child at work, on purpose.
    pub(crate) fn stop_job(&mut self, job: Job) {
        if self.persistence.does(job) {
            self.outputs.push_back(Output::Stop(job));
        }
    }

    /// A child has begun, or could not.
    pub(crate) fn job_started(&mut self, now: Now<'_>, job: Job, result: &Result<Started, String>) {
        let asked = self.persistence.child.as_mut().and_then(|child| child.asked.take());
        match result {
            Ok(started) => {
                let total = self.data.len() as u64;
                let persistence = &mut self.persistence;
                persistence.forks += 1;
                persistence.fork_us = started.micros;
                persistence.progress = Shown { total, ..Shown::default() };
                if let Some(child) = &mut persistence.child {
                    child.since_s = now.unix_s();
                    child.dirty = self.effects.dirty;
                }
                self.set_resizing(ResizePolicy::Avoid);
                self.note_latency(now, "fork", started.micros);
            }
            Err(_) => self.persistence.child = None,
        }
        match job {
            Job::Snapshot => self.snapshot_started(now, asked, result),
            Job::Rewrite => self.rewrite_started(now, result),
        }
    }

    /// A child tells how it gets on.
    pub(crate) fn job_progress(&mut self, now: Now<'_>, job: Job, progress: Progress) {
        let shown = &mut self.persistence.progress;
        shown.peak = shown.peak.max(progress.private);
        if let Some(keys) = progress.keys {
            (shown.keys, shown.private, shown.told_us) = (keys, progress.private, Some(now.mono_us));
            return;
        }
        match job {
            Job::Snapshot => self.persistence.snapshot_private = shown.peak,
            Job::Rewrite => self.aof.rewrite.copied = shown.peak,
        }
    }

    /// The child has ended.
    pub(crate) fn job_ended(&mut self, now: Now<'_>, job: Job, ending: Ending) {
        let Some(child) = self.persistence.child.take_if(|child| child.job == job) else { return };
        match job {
            Job::Snapshot => self.snapshot_ended(now, &child, ending),
            Job::Rewrite => self.rewrite_ended(now, &child, ending),
        }
        let shown = &mut self.persistence.progress;
        (shown.keys, shown.total, shown.private, shown.told_us) = (0, 0, 0, None);
        self.set_resizing(ResizePolicy::Allow);
        self.cron_of_jobs(now);
    }

    /// Tables grow and shrink less eagerly while a child shares their memory.
    fn set_resizing(&mut self, policy: ResizePolicy) {
        for database in &mut self.data.databases {
            database.tables.set_resize_policy(policy);
        }
    }

    /// Begins what is due or was put by, if no child is at work.
    pub(crate) fn cron_of_jobs(&mut self, now: Now<'_>) {
        let is_free = |node: &Node| node.persistence.child.is_none() && !node.is_loading();
        if is_free(self) && self.aof.rewrite.scheduled {
            self.rewrite_if_due(now);
        }
        if is_free(self) {
            self.save_if_due(now);
        }
        if is_free(self) {
            self.rewrite_if_due(now);
        }
    }

    /// Enters the strait of a disk that takes nothing, or leaves it.
    pub(crate) fn follow_disk(&mut self) {
        let trouble = self.snapshots_fail() || self.aof_misconf().is_some();
        self.straits.put(Straits::DISK, trouble);
    }

    /// Why nothing may be written while the disk is in trouble.
    pub(crate) fn disk_refusal(&self) -> Option<CommandError> {
        let snapshots = self.snapshots_fail().then(|| {
            let name = self.title();
            CommandError(
                format!(
                    "MISCONF {name} is configured to save RDB snapshots, but it's currently unable to persist to disk. \
                     Commands that may modify the data set are disabled, because this instance is configured to report \
                     errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check \
                     the {name} logs for details about the RDB error."
                )
                .into_bytes()
                .into(),
            )
        });
        snapshots.or_else(|| self.aof_misconf())
    }
}
