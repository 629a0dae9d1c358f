//! Jobs of child processes: one at a time, begun when it is due and nothing else is under way.

use super::{Child, Shown};
use crate::boundary::{ConnId, Now, Output};
use crate::job::{Ending, Job, Progress, Started};
use crate::node::Node;
use crate::straits::Straits;
use commands::CommandError;
use structures::hashtable::ResizePolicy;

impl Node {
    /// Asks for a child to do a job. There must be none at work.
    pub(crate) fn start_job(&mut self, now: Now<'_>, job: Job, asked: Option<(ConnId, u64)>) {
        self.reserve_child(now, job, asked);
        self.outputs.push_back(Output::Start(job));
    }

    /// Sees to it that no child does anything else than this job, which is about to begin.
    pub(crate) fn reserve_child(&mut self, now: Now<'_>, job: Job, asked: Option<(ConnId, u64)>) {
        debug_assert!(self.persistence.child.is_none());
        self.persistence.child = Some(Child { job, since_s: now.unix_s(), dirty: self.effects.dirty, asked });
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
