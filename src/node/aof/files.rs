//! The files of the append-only file over time: steps that the shell takes, and what is true when they are taken.
//!
//! ```text
//! turned on    Waiting   temp-appendonly.aof.incr is written while a child writes the first base
//! rewrite      On        a new increment is written while a child writes a new base
//! done                   the base gets its name, the increment too; the manifest names both, and history, which goes
//! turned off   Off       what is written is synced and closed; all files stay
//! ```
//!
//! A manifest counts from the moment that the shell has put it in the place of the old one. So at each moment the files that
//! the manifest on disk names hold all the data, whatever fails.

use super::{Plan, State, What};
use crate::boundary::{FileStep, Now, StepFailure};
use crate::job::Job;
use crate::node::Node;
use aof::Manifest;
use base::log::Level;

/// The path of a file among the append-only files.
pub(super) fn path(node: &Node, name: &[u8]) -> Vec<u8> {
    [&node.config.aof.appenddirname, &b"/"[..], name].concat()
}

/// The step that puts a manifest in place.
pub(super) fn put_manifest(node: &Node, manifest: &Manifest) -> FileStep {
    let stem = &node.config.aof.appendfilename;
    FileStep::Put {
        path: path(node, &Manifest::file_name(stem)),
        temporary: path(node, &Manifest::temporary_name(stem)),
        text: manifest.text(),
    }
}

pub(super) fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

impl Node {
    /// Follows `appendonly`, which was set in a transaction or by itself. Answers whether a rewrite is about to begin.
    pub(crate) fn follow_appendonly(&mut self, now: Now<'_>, in_exec: bool) -> bool {
        match (self.config.aof.appendonly, self.aof.state) {
            (true, State::Off) => return self.turn_aof_on(now, in_exec),
            (false, State::On | State::Waiting) => self.turn_aof_off(),
            _ => {}
        }
        false
    }

    fn turn_aof_on(&mut self, now: Now<'_>, in_exec: bool) -> bool {
        self.aof.state = State::Waiting;
        self.aof.last_sync_us = self.now_us;
        if self.aof.sync_error.take().is_some() {
            self.log(Level::Warning, "AOF reopen, just ignore the AOF fsync error in bio job");
        }
        if self.aof.write_error.take().is_some() {
            self.log(Level::Warning, "AOF reopen, just ignore the last error.");
        }
        if self.persistence.does(Job::Rewrite) {
            self.log(
                Level::Notice,
                "AOF was enabled but there is already an AOF rewriting in background. Stopping background AOF and \
                 starting a rewrite now.",
            );
            self.stop_rewrite();
            self.aof.rewrite.scheduled = true;
            return false;
        } else if self.persistence.child.is_some() {
            self.aof.rewrite.scheduled = true;
            self.log(
                Level::Notice,
                "AOF was enabled but there is already another background operation. An AOF background was scheduled to \
                 start when possible.",
            );
            return false;
        } else if in_exec {
            // The base is not to have half of a transaction.
            self.aof.rewrite.scheduled = true;
            self.log(
                Level::Notice,
                "AOF was enabled during a transaction. An AOF background was scheduled to start when possible.",
            );
            return false;
        }
        self.begin_rewrite(now);
        true
    }

    fn turn_aof_off(&mut self) {
        self.flush_aof(true);
        self.take_steps(vec![FileStep::Close], What::Stop);
        if std::mem::take(&mut self.aof.rewrite.scheduled) {
            self.log(Level::Notice, "AOF was disabled but there is a scheduled AOF background, cancel it.");
        }
        self.stop_rewrite();
        self.forget_writer();
        self.aof.state = State::Off;
        self.follow_disk();
    }

    /// Nothing is written down any more.
    pub(super) fn forget_writer(&mut self) {
        let aof = &mut self.aof;
        aof.stale_syncs += usize::from(aof.syncing.take().is_some());
        (aof.increment_len, aof.synced_len, aof.postponed_since) = (0, 0, None);
        self.readers.aof.on = false;
        self.readers.aof.bytes.clear();
        self.follow_readers();
    }

    /// The shell has taken steps, or could not. It tells how long the files are that it renamed.
    pub(crate) fn filed(&mut self, now: Now<'_>, result: Result<Vec<u64>, StepFailure>) {
        let Some(Plan { what, doomed }) = self.aof.plans.pop_front() else { return };
        let result = match doomed {
            Some(text) => Err(StepFailure { step: 0, text }),
            None => result,
        };
        match what {
            What::Begin { manifest, name } => self.rewrite_prepared(now, manifest, &name, result.map(|_| ())),
            What::Finish { manifest, renamed } => self.rewrite_finished(manifest, &renamed, result),
            What::Forget { manifest } => match result {
                Ok(_) => self.aof.manifest = manifest,
                Err(failure) => {
                    self.log(Level::Warning, format!("Can't write the AOF manifest file: {}", failure.text));
                }
            },
            What::Stop => {
                if let Err(failure) = result {
                    self.log(Level::Warning, format!("Fail to fsync the AOF file: {}", failure.text));
                }
                // Who asked for a rewrite that did not get as far as to a child is not to wait for ever. This is said here,
                // since what waits behind such a request then runs, which must not be within another one.
                if self.aof.state == State::Off && !self.persistence.does(Job::Rewrite) {
                    self.tell_who_waits(now, true);
                }
            }
        }
        if !self.aof_waiters.is_empty() {
            self.serve_aof_waiters(now);
        }
    }

    /// Has what is history removed, and then forgotten.
    pub(super) fn remove_history(&mut self) {
        if self.config.aof.aof_disable_auto_gc || self.aof.manifest.history.is_empty() {
            return;
        }
        let mut manifest = self.aof.manifest.clone();
        let mut steps = Vec::new();
        for entry in std::mem::take(&mut manifest.history) {
            self.log(
                Level::Notice,
                format!("Removing the history file {} in the background", shown(&entry.name)),
            );
            steps.push(FileStep::Remove(path(self, &entry.name)));
        }
        steps.push(put_manifest(self, &manifest));
        self.take_steps(steps, What::Forget { manifest });
    }
}
