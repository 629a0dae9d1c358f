//! Saving: the save points, and what follows from how it went.

use super::{AfterSave, Child};
use crate::boundary::{ConnId, Errand, Now};
use crate::errand::Then;
use crate::job::{Ending, Job, Started};
use crate::node::Node;
use base::log::Level;
use commands::CommandError;
use config::EvictionPolicy;
use rdb::snapshot::{Plan, Snapshot};

/// How long to leave it after a failure before a snapshot is tried again unasked, in seconds.
const RETRY_S: i64 = 5;

impl Node {
    /// Has a child write a snapshot.
    pub(crate) fn start_snapshot(&mut self, now: Now<'_>, asked: Option<(ConnId, u64)>) {
        self.persistence.saves += 1;
        self.persistence.last_try_s = now.unix_s();
        self.start_job(now, Job::Snapshot, asked);
    }

    /// The child that is to write one has begun, or could not.
    pub(super) fn snapshot_started(
        &mut self,
        now: Now<'_>,
        asked: Option<(ConnId, u64)>,
        result: &Result<Started, String>,
    ) {
        match result {
            Ok(started) => {
                self.persistence.scheduled = false;
                self.log(Level::Notice, format!("Background saving started by pid {}", started.pid));
            }
            Err(reason) => {
                self.persistence.failed = true;
                self.log(Level::Warning, format!("Can't save in background: fork: {reason}"));
                self.follow_disk();
            }
        }
        let Some((conn, client)) = asked else { return };
        if self.session(conn).is_some_and(|session| session.id == client) {
            self.release(now, conn, |node, session| match result {
                Ok(_) => session.reply().simple(b"Background saving started"),
                Err(_) => node.fail(session, &CommandError::BARE),
            });
        }
    }

    /// The child that wrote one has ended.
    pub(super) fn snapshot_ended(&mut self, now: Now<'_>, child: &Child, ending: Ending) {
        match ending {
            Ending::Code(0) => {
                self.log(Level::Notice, "Background saving terminated with success");
                self.effects.dirty = self.effects.dirty.saturating_sub(child.dirty);
                self.persistence.last_save_s = now.unix_s();
                self.persistence.failed = false;
            }
            Ending::Code(_) => {
                self.log(Level::Warning, "Background saving error");
                self.persistence.failed = true;
            }
            Ending::Signal(number) | Ending::Stopped(number) => {
                self.log(Level::Warning, format!("Background saving terminated by signal {number}"));
                // One that was stopped on purpose is no failure.
                self.persistence.failed |= matches!(ending, Ending::Signal(_));
            }
        }
        self.persistence.took_s = Some(now.unix_s() - child.since_s);
        self.follow_disk();
    }

    /// The shell has saved the data while everything waited, or could not. Answers what to tell who waits, if it is time.
    pub(crate) fn save_done(
        &mut self,
        now: Now<'_>,
        after: AfterSave,
        done: bool,
    ) -> Option<Result<(), CommandError>> {
        self.saved(now, done);
        match after {
            AfterSave::Reload(reload) if done => {
                self.reload(now, reload);
                None
            }
            AfterSave::Reply | AfterSave::Reload(_) => {
                Some(if done { Ok(()) } else { Err(CommandError::BARE) })
            }
            AfterSave::Leave(leave) => self.left(leave, done).err().map(Err),
        }
    }

    fn saved(&mut self, now: Now<'_>, done: bool) {
        if done {
            self.log(Level::Notice, "DB saved on disk");
            self.effects.dirty = 0;
            self.persistence.last_save_s = now.unix_s();
            self.persistence.failed = false;
            self.follow_disk();
        }
    }

    /// Begins a snapshot if a save point is reached, or one was put by.
    pub(super) fn save_if_due(&mut self, now: Now<'_>) {
        let persistence = &self.persistence;
        let now_s = now.unix_s();
        if persistence.failed && now_s - persistence.last_try_s <= RETRY_S {
            return;
        }
        let (dirty, since) = (self.effects.dirty, now_s - persistence.last_save_s);
        let points = self.config.snapshot.save.as_slice();
        let reached = points.iter().copied().find(|point| {
            u64::try_from(point.changes).map_or(true, |changes| dirty >= changes) && since > point.seconds
        });
        let due = reached.is_some() || persistence.scheduled;
        if let Some(point) = reached {
            let text = format!("{} changes in {} seconds. Saving...", point.changes, point.seconds);
            self.log(Level::Notice, text);
        }
        if due {
            self.start_snapshot(now, None);
        }
    }

    /// Whether writes are refused because snapshots, which are wished, fail.
    pub(super) fn snapshots_fail(&self) -> bool {
        let settings = &self.config.snapshot;
        self.persistence.failed
            && settings.stop_writes_on_bgsave_error
            && !settings.save.as_slice().is_empty()
    }

    /// What FLUSHALL does to snapshots: one of what was there is of no use, and there is to be one of what is left.
    pub(crate) fn all_flushed(&mut self) {
        self.stop_job(Job::Snapshot);
        if !self.config.snapshot.save.as_slice().is_empty() {
            self.send_for_nobody(Errand::Save, Then::Saved(AfterSave::Reply));
        }
    }

    /// The walk over the data that a snapshot is written by.
    pub fn snapshot(&self, now: Now<'_>, aof_base: bool) -> Snapshot {
        use EvictionPolicy::{AllKeysLfu, AllKeysLru, VolatileLfu, VolatileLru};
        let policy = self.config.memory.maxmemory_policy;
        let plan = Plan {
            version: crate::VERSION,
            now_s: now.unix_s(),
            used_memory: now.meter.used_memory() as u64,
            history: None,
            aof_base,
            compress: self.config.snapshot.rdbcompression,
            checksum: self.config.snapshot.rdbchecksum,
            access: matches!(policy, AllKeysLfu | AllKeysLru | VolatileLfu | VolatileLru),
            haltingly: self.config.snapshot.rdb_key_save_delay != 0,
        };
        Snapshot::new(&plan, self.libraries())
    }
}
