//! Rewriting: a child process writes all data to a new base, while this one goes on with a new increment.
//!
//! ```text
//! SyncAside ...                               until little of what was written is not on the disk: what is left is synced
//!                                             while everything waits
//! Files(a new increment) Start(the child)     one behind the other, so that no command runs in between: what is in the
//!                                             data that the child sees is in the files of before, and nothing else is
//! the child has ended                         its file becomes the base, by a manifest that names it
//! ```

use super::files::{path, put_manifest, shown};
use super::{State, Waiting, What};
use crate::boundary::{FileStep, Now, Output, StepFailure};
use crate::job::{Ending, Job, Started};
use crate::node::Node;
use crate::persistence::Child;
use crate::session::{Blocked, Session};
use aof::Manifest;
use base::log::Level;
use commands::{CommandError, Done};
use config::Applied;
use conn::Args;

const STARTED: &[u8] = b"Background append only file rewriting started";
/// From so many failures in a row on, the next try waits.
const FAILURES: u64 = 3;
/// At most for so many minutes.
const LONGEST_DELAY_MIN: i64 = 60;

/// So many bytes, or fewer, are synced while everything waits.
const LITTLE: u64 = 64 * 1024;
/// So often more than that is synced in the background: each time there is what came during the last.
const ROUNDS: u8 = 4;

/// `BGREWRITEAOF`
pub fn bgrewriteaof(
    node: &mut Node,
    session: &mut Session,
    _: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    if node.persistence.does(Job::Rewrite) {
        return Err(CommandError::of("Background append only file rewriting already in progress"));
    }
    if node.persistence.child.is_some() || session.caller.must_not_block {
        node.aof.rewrite.scheduled = true;
        node.aof.rewrite.failures = 0;
        node.log(Level::Notice, "Background append only file rewriting scheduled.");
        session.reply().simple(b"Background append only file rewriting scheduled");
        return Ok(Done::Replied);
    }
    node.begin_rewrite(now);
    Ok(node.wait_for_rewrite(session, None))
}

impl Node {
    /// Lets a client wait until the rewrite that was asked for has begun.
    pub(crate) fn wait_for_rewrite(&mut self, session: &mut Session, applied: Option<Applied>) -> Done {
        let waiting = Waiting { conn: session.conn, id: session.id, applied: applied.map(Box::new) };
        self.aof.rewrite.waiting.push(waiting);
        session.blocked = Some(Blocked::ForErrand);
        Done::Replied
    }

    /// Begins a rewrite that is to begin, or that has become worth it. There is no child.
    pub(crate) fn rewrite_if_due(&mut self, now: Now<'_>) {
        let (aof, settings) = (&self.aof, &self.config.aof);
        if aof.rewrite.scheduled {
            if !self.rewrites_rest(now) {
                self.begin_rewrite(now);
            }
            return;
        }
        let percent = u64::from(settings.auto_aof_rewrite_percentage);
        if aof.state == State::On && percent > 0 && aof.current_len > settings.auto_aof_rewrite_min_size {
            let growth = (aof.current_len * 100 / aof.base_len.max(1)).saturating_sub(100);
            if growth >= percent && !self.rewrites_rest(now) {
                self.log(Level::Notice, format!("Starting automatic rewriting of AOF on {growth}% growth"));
                self.begin_rewrite(now);
            }
        }
    }

    /// Whether so many rewrites have failed that the next one waits, each time for longer.
    fn rewrites_rest(&mut self, now: Now<'_>) -> bool {
        let rewrite = &mut self.aof.rewrite;
        if rewrite.failures < FAILURES {
            (rewrite.delay_min, rewrite.next_s) = (0, None);
            return false;
        }
        if let Some(next) = rewrite.next_s {
            let rests = now.unix_s() < next;
            if !rests {
                rewrite.next_s = None;
            }
            return rests;
        }
        rewrite.delay_min = (rewrite.delay_min * 2).clamp(1, LONGEST_DELAY_MIN);
        rewrite.next_s = Some(now.unix_s() + rewrite.delay_min * 60);
        let minutes = rewrite.delay_min;
        let text = "Background AOF rewrite has repeatedly failed and triggered the limit, will retry in";
        self.log(Level::Warning, format!("{text} {minutes} minutes"));
        true
    }

    /// Begins a rewrite. There must be no child.
    pub(crate) fn begin_rewrite(&mut self, now: Now<'_>) {
        self.aof.rewrite.syncs_ahead = Some(ROUNDS);
        self.reserve_child(now, Job::Rewrite, None);
        self.sync_ahead(now);
    }

    /// Has what was written put on the disk in the background, until little is left; then goes on with the rewrite that this
    /// is for, if it is for one.
    pub(super) fn sync_ahead(&mut self, now: Now<'_>) {
        let Some(rounds) = self.aof.rewrite.syncs_ahead else { return };
        let unsynced = self.readers.aof.position - self.aof.synced;
        if self.aof.state == State::On && unsynced > LITTLE && rounds > 0 {
            if self.aof.syncing.is_none() {
                self.aof.rewrite.syncs_ahead = Some(rounds - 1);
                self.flush_aof(true);
                self.sync_aside();
            }
            return;
        }
        self.stop_syncing_ahead();
        if self.is_loading() {
            self.aof.rewrite.scheduled = true;
        } else {
            self.begin_increment(now);
        }
    }

    /// A rewrite that has not got any further is none. Answers whether there was one.
    pub(super) fn stop_syncing_ahead(&mut self) -> bool {
        let is_one = self.aof.rewrite.syncs_ahead.take().is_some();
        if is_one {
            self.persistence.child = None;
        }
        is_one
    }

    /// What was written cannot be put on the disk: a rewrite that waits for that does not begin.
    pub(super) fn not_synced_ahead(&mut self, now: Now<'_>) {
        if self.stop_syncing_ahead() {
            self.rewrite_not_begun(now);
        }
    }

    /// Asks for a new increment, and for a child that writes the new base.
    fn begin_increment(&mut self, now: Now<'_>) {
        let stem = self.config.aof.appendfilename.clone();
        let mut steps = vec![FileStep::MakeDirectory(self.config.aof.appenddirname.clone())];
        let mut manifest = None;
        let name = match self.aof.state {
            State::Off => Vec::new(),
            State::Waiting => Manifest::temporary_increment(&stem),
            State::On => manifest.insert(self.aof.manifest.clone()).new_increment(&stem),
        };
        // The increment stands in the manifest before it is written, and is there before it stands in the manifest. Only the
        // last file may end in the middle of something, so what was written to the one before is on the disk by then.
        if let Some(manifest) = &manifest {
            steps.push(FileStep::Make(path(self, &name)));
            steps.push(FileStep::Sync);
            steps.push(put_manifest(self, manifest));
        }
        if !name.is_empty() {
            steps.push(FileStep::Open { path: path(self, &name), fresh: true });
        }
        self.aof.rewrite.snapshot = self.config.aof.aof_use_rdb_preamble;
        self.take_steps(steps, What::Begin { manifest, name });
        self.start_job(now, Job::Rewrite, None);
    }

    /// A new increment is written from now on, and the child is about to begin; or neither.
    pub(super) fn rewrite_prepared(
        &mut self,
        now: Now<'_>,
        manifest: Option<Manifest>,
        name: &[u8],
        result: Result<(), StepFailure>,
    ) {
        let Err(StepFailure { step, text }) = result else {
            if !name.is_empty() {
                self.switch_increment(manifest);
                let text = format!("Creating AOF incr file {} on background rewrite", shown(name));
                self.log(Level::Notice, text);
            }
            return;
        };
        // The child that was asked for is not to begin.
        self.outputs.retain(|output| !matches!(output, Output::Start(Job::Rewrite)));
        self.persistence.child = None;
        let line = match step {
            0 => format!(
                "Can't open or create append-only dir {}: {text}",
                shown(&self.config.aof.appenddirname)
            ),
            2 => format!("Fail to fsync the AOF file: {text}"),
            3 => format!("Can't write the AOF manifest file: {text}"),
            _ => format!("Can't open the append-only file {}: {text}", shown(name)),
        };
        self.log(Level::Warning, line);
        self.rewrite_not_begun(now);
    }

    /// From now on another increment is written.
    fn switch_increment(&mut self, manifest: Option<Manifest>) {
        let place = self.readers.aof.position;
        let aof = &mut self.aof;
        match manifest {
            Some(manifest) => {
                aof.manifest = manifest;
                aof.synced = aof.written;
            }
            // What came before will be in the first base.
            None => (aof.written, aof.synced) = (place, place),
        }
        // What was written before is synced.
        aof.stale_syncs += usize::from(aof.syncing.take().is_some());
        (aof.increment_len, aof.synced_len) = (0, 0);
        aof.last_sync_us = self.now_us;
        aof.postponed_since = None;
        self.readers.aof.on = true;
        self.readers.aof.begin();
        self.follow_readers();
    }

    /// The child that writes the base has begun, or could not.
    pub(crate) fn rewrite_started(&mut self, now: Now<'_>, result: &Result<Started, String>) {
        match result {
            Ok(started) => {
                self.aof.rewrite.count += 1;
                self.aof.rewrite.pid = started.pid;
                self.aof.rewrite.scheduled = false;
                let text = format!("Background append only file rewriting started by pid {}", started.pid);
                self.log(Level::Notice, text);
                self.tell_who_waits(now, true);
            }
            Err(reason) => {
                let text = format!("Can't rewrite append only file in background: fork: {reason}");
                self.log(Level::Warning, text);
                self.rewrite_not_begun(now);
            }
        }
    }

    fn rewrite_not_begun(&mut self, now: Now<'_>) {
        self.aof.rewrite.failed = true;
        if self.aof.state == State::Waiting {
            self.forget_writer();
            self.aof.state = State::Off;
            self.config.aof.appendonly = false;
            self.log(
                Level::Warning,
                "The server needs to enable the AOF but can't trigger a background AOF rewrite operation. Check the above \
                 logs for more info about the error.",
            );
        }
        self.tell_who_waits(now, false);
    }

    /// Tells those who wait whether a rewrite has begun.
    pub(super) fn tell_who_waits(&mut self, now: Now<'_>, begun: bool) {
        for waiting in std::mem::take(&mut self.aof.rewrite.waiting) {
            self.tell_of_rewrite(now, waiting, begun);
        }
    }

    fn tell_of_rewrite(&mut self, now: Now<'_>, waiting: Waiting, begun: bool) {
        let Waiting { conn, id, applied } = waiting;
        let reply = match (applied, begun) {
            (None, true) => Ok(STARTED),
            (None, false) => Err(CommandError::of(
                "Can't execute an AOF background rewriting. Please check the server logs for more information.",
            )),
            (Some(_), true) => Ok(&b"OK"[..]),
            (Some(applied), false) => {
                let reason = "Unable to turn on AOF. Check server logs.";
                let changed = applied.changed.clone();
                let error = applied.undo(&mut self.config, config::Id::appendonly, Some(reason.into()));
                self.follow(&changed);
                Err(CommandError::of(error.message().unwrap_or_default()))
            }
        };
        if self.session(conn).is_some_and(|session| session.id == id) {
            self.release(now, conn, |node, session| match &reply {
                Ok(text) => session.reply().simple(text),
                Err(error) => node.fail_late(session, error),
            });
        }
    }

    /// The child that wrote the base has ended.
    pub(crate) fn rewrite_ended(&mut self, now: Now<'_>, child: &Child, ending: Ending) {
        self.aof.rewrite.last_s = now.unix_s() - child.since_s;
        match ending {
            Ending::Code(0) => {
                self.log(Level::Notice, "Background AOF rewrite terminated with success");
                self.finish_rewrite();
            }
            Ending::Code(_) => {
                self.log(Level::Warning, "Background AOF rewrite terminated with error");
                self.rewrite_failed();
            }
            Ending::Signal(number) | Ending::Stopped(number) => {
                self.log(Level::Warning, format!("Background AOF rewrite terminated by signal {number}"));
                match ending {
                    Ending::Stopped(_) => self.try_waiting_again(),
                    _ => self.rewrite_failed(),
                }
            }
        }
    }

    fn rewrite_failed(&mut self) {
        self.aof.rewrite.failed = true;
        self.aof.rewrite.failures += 1;
        self.try_waiting_again();
    }

    /// Where there is no base yet, what has gathered for it is of no use.
    fn try_waiting_again(&mut self) {
        if self.aof.state == State::Waiting && self.readers.aof.on {
            self.forget_writer();
            let name = Manifest::temporary_increment(&self.config.aof.appendfilename);
            self.log(
                Level::Notice,
                format!("Removing the temp incr aof file {} in the background", shown(&name)),
            );
            let steps = vec![FileStep::Remove(path(self, &name))];
            self.take_steps(steps, What::Stop);
        }
        self.aof.rewrite.scheduled |= self.aof.state == State::Waiting;
    }

    /// Gives the new base its name, and everyone a manifest that says so.
    fn finish_rewrite(&mut self) {
        let stem = self.config.aof.appendfilename.clone();
        let mut manifest = self.aof.manifest.clone();
        let written = Job::rewritten(self.aof.rewrite.pid);
        let mut renamed = vec![(written.clone(), manifest.new_base(&stem, self.aof.rewrite.snapshot))];
        let mut steps = vec![FileStep::Rename { from: written, to: path(self, &renamed[0].1) }];
        if self.aof.state == State::Waiting {
            let (from, to) = (Manifest::temporary_increment(&stem), manifest.new_increment(&stem));
            steps.push(FileStep::Rename { from: path(self, &from), to: path(self, &to) });
            renamed.push((from, to));
        }
        manifest.retire_increments(self.aof.state != State::Off);
        steps.push(put_manifest(self, &manifest));
        self.take_steps(steps, What::Finish { manifest, renamed });
    }

    /// The new base is in place, or not.
    pub(super) fn rewrite_finished(
        &mut self,
        manifest: Manifest,
        renamed: &[(Vec<u8>, Vec<u8>)],
        result: Result<Vec<u64>, StepFailure>,
    ) {
        let taken = result.as_ref().map_or_else(|failure| failure.step, |_| renamed.len());
        for ((from, to), kind) in renamed[..taken].iter().zip(["base", "incr"]) {
            let (from, to) = (shown(from), shown(to));
            self.log(
                Level::Notice,
                format!("Successfully renamed the temporary AOF {kind} file {from} into {to}"),
            );
        }
        let lens = match result {
            Ok(lens) => lens,
            Err(StepFailure { text, .. }) => {
                let line = match renamed.get(taken) {
                    Some((from, to)) => {
                        let (kind, from, to) = (["base", "incr"][taken], shown(from), shown(to));
                        format!(
                            "Error trying to rename the temporary AOF {kind} file {from} into {to}: {text}"
                        )
                    }
                    None => format!("Can't write the AOF manifest file: {text}"),
                };
                self.log(Level::Warning, line);
                // The files stay: nobody knows whether the manifest on the disk names them already.
                return self.rewrite_failed();
            }
        };
        self.aof.manifest = manifest;
        if self.aof.state != State::Off {
            self.aof.state = State::On;
            self.aof.current_len = lens.first().copied().unwrap_or(0) + self.aof.increment_len;
            self.aof.base_len = self.aof.current_len;
        }
        self.aof.rewrite.failed = false;
        self.aof.rewrite.failures = 0;
        self.remove_history();
        self.log(Level::Notice, "Background AOF rewrite finished successfully");
    }

    /// Stops the child that rewrites, if there is one.
    pub(super) fn stop_rewrite(&mut self) {
        if self.stop_syncing_ahead() {
            return;
        }
        if self.persistence.does(Job::Rewrite) {
            let pid = self.aof.rewrite.pid;
            self.log(Level::Notice, format!("Killing running AOF rewrite child: {pid}"));
        }
        self.stop_job(Job::Rewrite);
    }
}
