//! Transactions: commands put by after MULTI and run together by EXEC; and keys watched for changes in between.
//!
//! ```text
//! MULTI   -> a queue                     each command that is admitted joins it: +QUEUED
//! EXEC    -> run one after the other     or nothing: an error while queueing, a watched key that changed
//! ```
//!
//! A queued command is run as any other, save that it must not wait. One that sends the shell on an errand (`CONFIG SET`)
//! holds the queue up until the shell has answered; nothing else is taken in meanwhile.

#[cfg(test)]
mod tests;
mod watch;

pub(crate) use watch::Watches;

use crate::boundary::Now;
use crate::node::Node;
use crate::propagate::Unit;
use crate::session::Session;
use catalog::{CommandId, Flags, id};
use commands::{CommandError, Writes};
use conn::{Args, Batch, Head};

/// How many bytes of requests one batch of the queue takes: far fewer than its spans can count.
const BATCH_BYTES: usize = 64 << 20;

/// The commands put by since MULTI.
#[derive(Debug, Default)]
pub(crate) struct Transaction {
    queue: Vec<Batch>,
    len: usize,
    /// What the queued commands are, together.
    pub(crate) flags: Flags,
    /// Whether a command was refused that should have joined.
    pub(crate) spoiled: bool,
    /// The next command to run: its batch, and its place there.
    next: (usize, usize),
    /// What is to be repeated of the commands that have been run, while the next one waits for the shell.
    writes: Writes,
}

impl Transaction {
    /// How many commands there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The bytes that they take.
    pub(crate) fn memory(&self) -> usize {
        self.queue.iter().map(Batch::memory).sum()
    }

    /// Keeps what is to be repeated of a command that has waited, and of those before it.
    pub(crate) fn keep_writes(&mut self, writes: Writes) {
        self.writes = writes;
    }

    fn push(&mut self, flags: Flags, head: &Head, args: Args<'_>) {
        if self.queue.last().is_none_or(|batch| batch.bytes.len() > BATCH_BYTES) {
            self.queue.push(Batch::default());
        }
        if let Some(batch) = self.queue.last_mut() {
            batch.append(head, args);
        }
        self.flags = self.flags.union(flags);
        self.len += 1;
    }

    /// The next command.
    fn next(&mut self) -> Option<(&Batch, Head)> {
        let (mut batch, mut request) = self.next;
        if self.queue.get(batch)?.requests.len() == request {
            (batch, request) = (batch + 1, 0);
        }
        self.next = (batch, request + 1);
        let batch = self.queue.get(batch)?;
        Some((batch, *batch.requests.get(request)?))
    }
}

/// Whether a command joins the queue of a transaction instead of being run.
#[inline]
pub(crate) fn joins(command: CommandId) -> bool {
    const AT_ONCE: [CommandId; 4] = [id("exec"), id("discard"), id("quit"), id("reset")];
    !AT_ONCE.contains(&command)
}

impl Node {
    /// Puts a command by.
    #[cold]
    pub(crate) fn queue(&mut self, session: &mut Session, command: CommandId, head: &Head, args: Args<'_>) {
        let flags = self.flags_of_script(command, &args);
        let Some(transaction) = &mut session.transaction else { return };
        // What is lost already needs no memory.
        if !transaction.spoiled && !self.watches.is_broken(session.conn) {
            transaction.push(flags, head, args);
            session.put_by += 1;
        }
        session.reply().simple(b"QUEUED");
    }

    /// A command was refused: a transaction that it should have been part of cannot be run any more.
    #[cold]
    pub(crate) fn spoil(
        &mut self,
        session: &mut Session,
        command: Option<CommandId>,
        error: CommandError,
    ) -> CommandError {
        let Some(transaction) = &mut session.transaction else { return error };
        transaction.spoiled = true;
        session.put_by = 0;
        if command != Some(const { id("exec") }) {
            return error;
        }
        self.end_transaction(session);
        CommandError::aborted_because(&error)
    }

    /// Forgets a transaction, and the keys watched for it.
    pub(crate) fn end_transaction(&mut self, session: &mut Session) {
        session.transaction = None;
        session.put_by = session.put_by.min(0);
        session.caller.must_not_block = false;
        self.watches.forget(session.conn);
        session.watch_bytes = 0;
        self.follow_listeners();
    }

    /// Runs what was put by, up to a command that has to wait for the shell.
    pub(crate) fn run_queue(
        &mut self,
        now: Now<'_>,
        session: &mut Session,
        mut transaction: Box<Transaction>,
    ) {
        let mut clock = now.meter.micros();
        session.caller.must_not_block = true;
        self.effects.writes = std::mem::take(&mut transaction.writes);
        while let Some((batch, head)) = transaction.next() {
            let Ok(command) = head.command else { continue };
            let args = batch.args(&head);
            // What the user may do can have changed since; it is EXEC that is refused then.
            session.last_command = Some(const { id("exec") });
            if !self.users.allows_all(session.caller.user)
                && let Err(error) = self.admit_queued(session, command, &args, now)
            {
                self.fail(session, &error);
                continue;
            }
            session.last_command = Some(command);
            let result = self.execute(now, session, command, args, &head);
            let ended = now.meter.micros();
            let micros = ended.saturating_sub(clock);
            if session.blocked.is_some() {
                session.begin_wait(&head, args, micros, ended);
                transaction.writes = std::mem::take(&mut self.effects.writes);
                session.suspended = Some(transaction);
                return;
            }
            clock = ended;
            if let Err(error) = result {
                self.stats.of(command).failed += 1;
                self.fail(session, &error);
            }
            // Quirk of the reference: the request is that of EXEC, and the reply all that it has answered by now.
            self.over(now, session, command, args, micros);
            self.heed(now, Some(session.conn));
            if self.straits.any() {
                self.witness(now, session, command, args, &head);
            }
        }
        session.caller.must_not_block = false;
        session.put_by = 0;
        session.last_command = Some(const { id("exec") });
        self.end_unit(Unit::Whole);
        self.serve_lines(now);
    }

    /// Goes on with a queue that a command held up.
    pub(crate) fn go_on_with_queue(&mut self, now: Now<'_>, session: &mut Session) {
        if let Some(transaction) = session.suspended.take() {
            session.reply_start = session.outbox.replies.bytes.len();
            self.run_queue(now, session, transaction);
            if session.blocked.is_none() {
                self.count(session, const { id("exec") }, 0);
            }
        }
    }
}
