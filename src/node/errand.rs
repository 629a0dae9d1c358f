//! What the shell does for a client that waits: asking, and what follows from the answer.
//!
//! A handler asks by [`Node::send`] and writes no reply; the client is blocked until [`Node::performed`], which writes it.
//! Errands are answered in the order in which they were asked for, so the oldest one is the one that an answer is about.

use crate::boundary::{ConnId, Errand, Failure, Now, Output};
use crate::node::Node;
use crate::session::{Blocked, Session};
use base::log::Level;
use commands::{CommandError, Done};
use config::Applied;

/// An errand that the shell has not answered yet.
#[derive(Debug)]
pub(crate) struct Pending {
    /// Who waits. May be gone by now.
    client: u64,
    conn: ConnId,
    then: Then,
}

/// What follows.
#[derive(Debug)]
enum Then {
    /// `OK` when it worked.
    Reply,
    /// As well, and on failure the settings are taken back.
    Configure(Box<Applied>),
    /// As well, and it is said in the log.
    Rewrite,
}

impl Node {
    /// Sends the shell on an errand, for a client that waits for it.
    pub(crate) fn send(&mut self, session: &mut Session, errand: Errand) -> Done {
        let then = if matches!(errand, Errand::RewriteConfig { .. }) { Then::Rewrite } else { Then::Reply };
        self.send_and(session, errand, then)
    }

    /// Lets the shell follow new settings, which are taken back if it cannot.
    pub(crate) fn send_settings(
        &mut self,
        session: &mut Session,
        ids: Vec<config::Id>,
        applied: Applied,
    ) -> Done {
        self.send_and(session, Errand::Configure(ids), Then::Configure(Box::new(applied)))
    }

    fn send_and(&mut self, session: &mut Session, errand: Errand, then: Then) -> Done {
        session.blocked = Some(Blocked::ForErrand);
        self.errands.push_back(Pending { client: session.id, conn: session.conn, then });
        self.outputs.push_back(Output::Perform(errand));
        Done::Replied
    }

    /// The client that the shell is on an errand for.
    pub(crate) fn served(&self) -> Option<ConnId> {
        self.errands.front().map(|pending| pending.conn)
    }

    /// The shell answered the oldest errand.
    pub(crate) fn performed(&mut self, now: Now<'_>, result: Result<(), Failure>) {
        let Some(Pending { client, conn, then }) = self.errands.pop_front() else { return };
        let result = self.conclude(then, result);
        if self.session(conn).is_some_and(|session| session.id == client) {
            self.release(now, conn, |node, session| match &result {
                Ok(()) => session.reply().ok(),
                Err(error) => node.fail_late(session, error),
            });
        }
    }

    /// What an answer means for the node, and for the client.
    fn conclude(&mut self, then: Then, result: Result<(), Failure>) -> Result<(), CommandError> {
        match (then, result) {
            (Then::Reply | Then::Configure(_), Ok(())) => Ok(()),
            (Then::Reply, Err(failure)) => Err(CommandError::of(failure.text)),
            (Then::Rewrite, Ok(())) => {
                self.log(Level::Notice, "CONFIG REWRITE executed with success.");
                Ok(())
            }
            (Then::Rewrite, Err(failure)) => {
                self.log(Level::Warning, format!("CONFIG REWRITE failed: {}", failure.text));
                Err(CommandError::of(format!("Rewriting config file: {}", failure.text)))
            }
            (Then::Configure(applied), Err(failure)) => Err(self.take_back(*applied, &failure)),
        }
    }

    /// Takes settings back that the shell cannot follow.
    fn take_back(&mut self, applied: Applied, failure: &Failure) -> CommandError {
        let changed = applied.changed.clone();
        let culprit = failure.directive.or_else(|| changed.first().copied());
        let Some(culprit) = culprit else { return CommandError::of(&failure.text) };
        let name = config::ROWS[culprit as usize].name;
        self.log(
            Level::Warning,
            format!(
                "Failed applying new configuration. Possibly related to new {name} setting. \
                 Restoring previous settings."
            ),
        );
        let error = applied.undo(&mut self.config, culprit, Some(failure.text.clone().into()));
        self.follow(&changed);
        CommandError::of(error.message().unwrap_or_default())
    }

    /// Ends a client's wait: writes the reply, and runs what waited behind it.
    pub(crate) fn release(
        &mut self,
        now: Now<'_>,
        conn: ConnId,
        reply: impl FnOnce(&mut Node, &mut Session),
    ) {
        let Some(mut session) = self.sessions.get_mut(conn.0 as usize).and_then(Option::take) else { return };
        self.end_wait(now, &mut session);
        let start = session.outbox.replies.bytes.len();
        reply(self, &mut session);
        session.silence(start);
        self.go_on(now, &mut session);
        self.queue_send(&mut session);
        session.account(&mut self.client_memory);
        self.sessions[conn.0 as usize] = Some(session);
    }

    /// Lets a client wait no more, and counts the command that it waited in.
    pub(crate) fn end_wait(&mut self, now: Now<'_>, session: &mut Session) {
        self.forget_timeout(session);
        self.leave_lines(session);
        session.blocked = None;
        session.wait_bytes = 0;
        if let Some(id) = session.last_command {
            let waited = now.meter.micros().saturating_sub(session.wait_since_us);
            self.count(session, id, waited);
        }
    }

    /// Replies to a command that failed after a wait.
    fn fail_late(&mut self, session: &mut Session, error: &CommandError) {
        if let Some(id) = session.last_command {
            self.stats.of(id).failed += 1;
        }
        self.fail(session, error);
    }
}
