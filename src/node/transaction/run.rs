//! What the node does with a transaction: puts commands by, spoils it, forgets it, runs it.

use super::Transaction;
use crate::boundary::Now;
use crate::call::Call;
use crate::node::Node;
use crate::propagate::Unit;
use crate::session::Session;
use catalog::{CommandId, id};
use commands::CommandError;

const EXEC: CommandId = id("exec");

impl Node {
    /// Puts a command by.
    #[cold]
    pub(crate) fn queue(&mut self, session: &mut Session, call: &Call<'_>) {
        let flags = self.flags_of_script(call.id, &call.args);
        let Some(transaction) = &mut session.transaction else { return };
        // What is lost already needs no memory.
        if !transaction.spoiled && !self.watches.is_broken(session.conn) {
            transaction.push(flags, call);
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
        if command != Some(EXEC) {
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
            let Ok(id) = head.command else { continue };
            let call = &Call { id, args: batch.args(&head), head: &head };
            // What the user may do can have changed since; it is EXEC that is refused then.
            session.last_command = Some(EXEC);
            if !self.users.allows_all(session.caller.user)
                && let Err(error) = self.admit_queued(session, id, &call.args, now)
            {
                self.fail(session, &error);
                continue;
            }
            session.last_command = Some(id);
            let result = self.execute(now, session, call);
            let ended = now.meter.micros();
            let micros = ended.saturating_sub(clock);
            if session.blocked.is_some() {
                session.begin_wait(call, micros, ended);
                transaction.writes = std::mem::take(&mut self.effects.writes);
                session.suspended = Some(transaction);
                return;
            }
            clock = ended;
            if let Err(error) = result {
                self.stats.of(id).failed += 1;
                self.fail(session, &error);
            }
            // Quirk of the reference: the request is that of EXEC, and the reply all that it has answered by now.
            self.over(now, session, call, micros);
            self.heed(now, Some(session.conn));
            if self.straits.any() {
                self.witness(now, session, call);
            }
        }
        session.caller.must_not_block = false;
        session.put_by = 0;
        session.last_command = Some(EXEC);
        self.end_unit(Unit::Whole);
        self.serve_lines(now);
    }

    /// Goes on with a queue that a command held up.
    pub(crate) fn go_on_with_queue(&mut self, now: Now<'_>, session: &mut Session) {
        if let Some(transaction) = session.suspended.take() {
            session.reply_start = session.outbox.replies.bytes.len();
            self.run_queue(now, session, transaction);
            if session.blocked.is_none() {
                self.count(session, EXEC, 0);
            }
        }
    }
}
