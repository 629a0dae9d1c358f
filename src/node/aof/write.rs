//! Appending what was written down, syncing it, and what follows when the disk refuses.

use super::{Plan, State, What};
use crate::boundary::{Appended, FileStep, Now, Output};
use crate::job::Job;
use crate::node::Node;
use base::log::Level;
use commands::CommandError;
use config::AppendFsync;

/// How long a write waits for a sync that is under way, in microseconds.
const PATIENCE_US: u64 = 2_000_000;
/// How far syncs under `everysec` are apart, in microseconds.
const SYNC_EVERY_US: u64 = 1_000_000;
/// How often failing writes are told of in the log, in microseconds.
const LOG_EVERY_US: u64 = 30_000_000;
/// A buffer of up to this size is used again.
const KEPT_BUFFER: usize = 64 * 1024;

impl Node {
    /// Hands over what there is to write. A sync that is under way postpones that, unless it is `urgent`.
    pub(crate) fn flush_aof(&mut self, urgent: bool) {
        let policy = self.config.aof.appendfsync;
        if self.readers.aof.bytes.is_empty() {
            return;
        }
        if policy == AppendFsync::EverySecond && self.aof.syncing.is_some() && !urgent && !self.is_overdue() {
            return;
        }
        self.aof.postponed_since = None;
        let bytes = std::mem::take(&mut self.readers.aof.bytes);
        self.aof.appending += bytes.len();
        self.aof.written = self.readers.aof.position;
        let sync = policy == AppendFsync::Always && !self.spares_syncs();
        self.write_first(Some(bytes), sync);
    }

    /// Whether what waits for a sync has waited long enough.
    fn is_overdue(&mut self) -> bool {
        let now_us = self.now_us;
        let since = *self.aof.postponed_since.get_or_insert(now_us);
        if now_us.saturating_sub(since) < PATIENCE_US {
            return false;
        }
        self.aof.delayed += 1;
        self.log(
            Level::Notice,
            "Asynchronous AOF fsync is taking too long (disk is busy?). Writing the AOF buffer without waiting for \
             fsync to complete, this may slow down the server.",
        );
        true
    }

    /// What is written goes before all that leaves the server, and before steps that were not taken yet: those decide what
    /// becomes of the commands behind them.
    fn write_first(&mut self, write: Option<Vec<u8>>, sync: bool) {
        if sync {
            self.outputs.push_front(Output::Sync);
        }
        if let Some(bytes) = write {
            self.outputs.push_front(Output::Append(bytes));
        }
    }

    /// There is something to write: it goes before whatever leaves, and before another file is written. Where it cannot be
    /// written, the file stays the same.
    pub(crate) fn write_before_all_else(&mut self) {
        let switches = matches!(self.outputs.front(), Some(Output::Files(_)))
            && self.aof.plans.front().is_some_and(Plan::switches_file);
        match (switches, self.aof.write_error.clone()) {
            (true, None) => self.flush_aof(true),
            (true, Some(text)) => {
                if let (Some(Output::Files(steps)), Some(plan)) =
                    (self.outputs.front_mut(), self.aof.plans.front_mut())
                {
                    steps.clear();
                    plan.doomed = Some(text);
                }
            }
            (false, None) if self.aof.postponed_since.is_none() => self.flush_aof(false),
            (false, _) => {}
        }
    }

    /// Whether all that is to be sent now waits for a sync.
    pub fn awaits_sync(&self) -> bool {
        !self.readers.aof.bytes.is_empty()
            && self.config.aof.appendfsync == AppendFsync::Always
            && self.aof.write_error.is_none()
            && !self.spares_syncs()
    }

    /// Whether syncs are left out because a child process is writing.
    fn spares_syncs(&self) -> bool {
        self.config.aof.no_appendfsync_on_rewrite && self.persistence.child.is_some()
    }

    /// How long the shell is to do nothing before it appends, in microseconds.
    pub fn append_pause_us(&self) -> u64 {
        self.aof.pause_us
    }

    /// How long it took to append, for those who look for what is slow.
    pub fn note_append(&mut self, now: Now<'_>, micros: u64) {
        let event = match (self.aof.syncing, &self.persistence.child) {
            (Some(_), _) => "aof-write-pending-fsync",
            (None, Some(_)) => "aof-write-active-child",
            (None, None) => "aof-write-alone",
        };
        self.note_latency(now, event, micros);
        self.note_latency(now, "aof-write", micros);
    }

    /// The shell has appended, or could not.
    pub(crate) fn appended(&mut self, done: Appended) {
        let Appended { mut bytes, written, error } = done;
        let aof = &mut self.aof;
        aof.appending -= bytes.len();
        aof.increment_len += written as u64;
        aof.current_len += written as u64;
        let Some(error) = error else {
            if self.aof.write_error.take().is_some() {
                self.log(Level::Notice, "AOF write error looks solved. The server can write again.");
                self.follow_disk();
            }
            bytes.clear();
            if self.readers.aof.bytes.capacity() == 0 && bytes.capacity() <= KEPT_BUFFER {
                self.readers.aof.bytes = bytes;
            }
            return self.sync_now_and_then();
        };
        bytes.drain(..written);
        bytes.append(&mut self.readers.aof.bytes);
        self.readers.aof.bytes = bytes;
        self.aof.written = self.readers.aof.position - self.readers.aof.bytes.len() as u64;
        // A sync that stands behind this puts no more on the disk than has been written.
        self.aof.syncing = self.aof.syncing.map(|place| place.min(self.aof.written));
        let now_us = self.now_us;
        if self.aof.logged_us.is_none_or(|at| now_us - at > LOG_EVERY_US) {
            self.aof.logged_us = Some(now_us);
            let expected = written + self.readers.aof.bytes.len();
            self.log(
                Level::Warning,
                match error.short {
                    None => format!("Error writing to the AOF file: {}", error.text),
                    Some(short) => format!(
                        "Short write while writing to the AOF file: (nwritten={short}, expected={expected})"
                    ),
                },
            );
            if let Some(uncut) = &error.uncut {
                self.log(Level::Warning, format!(
                    "Could not remove short write from the append-only file. The server may refuse to load the AOF the \
                     next time it starts.  ftruncate: {uncut}"
                ));
            }
        }
        if self.config.aof.appendfsync == AppendFsync::Always {
            return self.give_up_on_disk(
                "Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...".into(),
            );
        }
        self.aof.write_error = Some(error.text);
        self.follow_disk();
    }

    /// The shell has synced, or could not.
    pub(crate) fn synced(&mut self, now: Now<'_>, result: Result<(), String>) {
        match result {
            Ok(()) => {
                self.aof.synced_len = self.aof.increment_len;
                self.aof.last_sync_us = self.now_us;
                self.has_synced(now, self.aof.written);
            }
            Err(text) if self.config.aof.appendfsync == AppendFsync::Always => self.give_up_on_disk(format!(
                "Can't persist AOF for fsync error when the AOF fsync policy is 'always': {text}. Exiting..."
            )),
            Err(text) => self.log(Level::Warning, format!("Fail to fsync the AOF file: {text}.")),
        }
    }

    /// A sync in the background has ended.
    pub(crate) fn synced_aside(&mut self, now: Now<'_>, result: Result<(), String>) {
        if self.aof.stale_syncs > 0 {
            self.aof.stale_syncs -= 1;
            return;
        }
        let Some(place) = self.aof.syncing.take() else { return };
        match result {
            Ok(()) => {
                if self.aof.sync_error.take().is_some() {
                    self.follow_disk();
                }
                self.has_synced(now, place);
            }
            Err(text) => {
                self.log(Level::Warning, format!("Fail to fsync the AOF file: {text}"));
                self.aof.sync_error = Some(text);
                self.follow_disk();
                self.not_synced_ahead(now);
            }
        }
        self.aof.postponed_since = None;
        self.sync_ahead(now);
    }

    fn has_synced(&mut self, now: Now<'_>, place: u64) {
        self.aof.synced = self.aof.synced.max(place);
        if !self.aof_waiters.is_empty() {
            self.serve_aof_waiters(now);
        }
    }

    /// Whether the stream is on this server's disk up to a place.
    pub(crate) fn is_on_disk(&self, place: u64) -> bool {
        self.aof.state == State::On && self.aof.synced >= place
    }

    /// Sees to it that what is written gets to the disk, as the policy says.
    fn sync_now_and_then(&mut self) {
        let now_us = self.now_us;
        let idle = self.aof.synced_len == self.aof.increment_len || self.spares_syncs();
        if idle || self.aof.state == State::Off {
            return;
        }
        match self.config.aof.appendfsync {
            AppendFsync::EverySecond if now_us.saturating_sub(self.aof.last_sync_us) >= SYNC_EVERY_US => {
                if self.aof.syncing.is_none() {
                    self.sync_aside();
                }
                self.aof.last_sync_us = now_us;
            }
            // It was another policy under which the last bytes were written.
            AppendFsync::Always if self.aof.appending == 0 => {
                let is_under_way = self.outputs.iter().any(|output| matches!(output, Output::Sync));
                if !is_under_way {
                    self.write_first(None, true);
                }
            }
            _ => {}
        }
    }

    /// Has what is written put on the disk in the background.
    pub(super) fn sync_aside(&mut self) {
        self.aof.synced_len = self.aof.increment_len;
        self.aof.syncing = Some(self.aof.written);
        self.outputs.push_back(Output::SyncAside);
    }

    /// What was promised cannot be kept: nothing leaves any more, and nothing is written before the end.
    fn give_up_on_disk(&mut self, text: String) {
        self.readers.aof.bytes.clear();
        self.outputs.clear();
        self.log(Level::Warning, text);
        self.outputs.push_back(Output::Exit(1));
    }

    /// Periodic work: what has waited for a sync or a better disk is tried again, and what is written gets synced.
    pub(crate) fn look_after_aof(&mut self) {
        if self.aof.state != State::Off {
            self.flush_aof(false);
            if self.readers.aof.bytes.is_empty() && self.aof.appending == 0 {
                self.sync_now_and_then();
            }
        }
    }

    /// Why a write is refused, if the disk does not take it.
    pub(crate) fn aof_misconf(&self) -> Option<CommandError> {
        let error = self.aof.write_error.as_ref().or(self.aof.sync_error.as_ref())?;
        let text = format!("MISCONF Errors writing to the AOF file: {error}");
        (self.aof.state != State::Off).then(|| CommandError(text.into_bytes().into()))
    }

    /// The process is about to end: what there is to write gets to the disk.
    pub(crate) fn leave_aof(&mut self) {
        if self.persistence.does(Job::Rewrite) {
            self.log(Level::Warning, "There is a child rewriting the AOF. Killing it!");
            self.stop_rewrite();
        }
        if self.aof.state != State::Off {
            self.log(Level::Notice, "Calling fsync() on the AOF file.");
            self.flush_aof(true);
            self.outputs.push_back(Output::Sync);
        }
    }

    /// Whether the process must not end yet, as there would be no file at all.
    pub(crate) fn must_stay_for_aof(&mut self, force: bool) -> bool {
        let writes_first = self.aof.state == State::Waiting && self.persistence.does(Job::Rewrite);
        if writes_first {
            let end = if force { ". Exit anyway." } else { ", can't exit." };
            self.log(Level::Warning, format!("Writing initial AOF{end}"));
            if !force {
                let text = "Errors trying to shut down the server. Check the logs for more information.";
                self.log(Level::Warning, text);
            }
        }
        writes_first && !force
    }

    /// Follows settings that concern what is written.
    pub(crate) fn follow_aof_settings(&mut self) {
        self.readers.aof.stamps(self.config.aof.aof_timestamp_enabled);
        if self.aof.state == State::On {
            self.remove_history();
        }
    }

    /// Asks the shell to take steps, and keeps what follows from them.
    pub(super) fn take_steps(&mut self, steps: Vec<FileStep>, what: What) {
        self.aof.plans.push_back(Plan { what, doomed: None });
        self.outputs.push_back(Output::Files(steps));
    }
}
