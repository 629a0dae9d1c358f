//! Sending the shell on errands, and what its answers mean for the node and for who waits.

use super::{Pending, Then, Waited};
use crate::boundary::{ConnId, Errand, Failure, Now, Output};
use crate::call::Call;
use crate::node::Node;
use crate::session::{Blocked, Session};
use base::log::Level;
use commands::{CommandError, Done};
use config::Applied;

/// No client has this number.
const NOBODY: u64 = 0;

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

    /// Sends the shell on an errand that no client waits for.
    pub(crate) fn send_for_nobody(&mut self, errand: Errand, then: Then) {
        self.errands.push_back(Pending { client: NOBODY, conn: ConnId(0), then });
        self.outputs.push_back(Output::Perform(errand));
    }

    /// Lets the shell read the file of users.
    pub(crate) fn send_for_users(&mut self, session: &mut Session) -> Done {
        self.send_and(session, Errand::ReadUsers, Then::LoadUsers)
    }

    /// Lets the shell write the file of users.
    pub(crate) fn send_users(&mut self, session: &mut Session) -> Done {
        let text = self.users.to_text();
        self.send_and(session, Errand::WriteUsers(text), Then::SaveUsers)
    }

    /// Lets the shell find so many random digits.
    pub(crate) fn send_for_digits(&mut self, session: &mut Session, digits: usize) -> Done {
        self.send_and(session, Errand::ReadRandomness(digits.div_ceil(2)), Then::Digits(digits))
    }

    /// Sends the shell on an errand, for a client that waits for it; then this follows.
    pub(crate) fn send_and(&mut self, session: &mut Session, errand: Errand, then: Then) -> Done {
        session.blocked = Some(Blocked::ForErrand);
        self.errands.push_back(Pending { client: session.id, conn: session.conn, then });
        self.outputs.push_back(Output::Perform(errand));
        Done::Replied
    }

    /// The client that the shell is on an errand for.
    pub(crate) fn served(&self) -> Option<ConnId> {
        self.errands.front().map(|pending| pending.conn)
    }

    /// The shell answered the oldest errand, with what it has read if it was to read.
    pub(crate) fn performed(&mut self, now: Now<'_>, result: Result<Vec<u8>, Failure>) {
        let Some(Pending { client, conn, then }) = self.errands.pop_front() else { return };
        let Some(result) = self.conclude(now, conn, then, result) else { return };
        if self.session(conn).is_some_and(|session| session.id == client) {
            self.release(now, conn, |node, session| match &result {
                Ok(None) => session.reply().ok(),
                Ok(Some(text)) => session.reply().bulk(text),
                Err(error) => node.fail_late(session, error),
            });
        }
    }

    /// What an answer means for the node, and for the client, if it is time to tell it: a text to reply, or `OK`.
    fn conclude(
        &mut self,
        now: Now<'_>,
        conn: ConnId,
        then: Then,
        result: Result<Vec<u8>, Failure>,
    ) -> Option<Result<Option<Vec<u8>>, CommandError>> {
        Some(match (then, result) {
            (Then::Saved(after), result) => {
                return self.save_done(now, after, result.is_ok()).map(|result| result.map(|()| None));
            }
            (Then::Reply | Then::Configure(_) | Then::SaveUsers, Ok(_)) => Ok(None),
            (Then::Reply | Then::Digits(_), Err(failure)) => Err(CommandError::of(failure.text)),
            (Then::Digits(count), Ok(bytes)) => {
                let mut digits = Vec::new();
                base::hex::push(&mut digits, &bytes);
                digits.truncate(count);
                Ok(Some(digits))
            }
            (Then::LoadUsers, Ok(text)) => self.users_read(conn, &text).map(|()| None),
            (Then::LoadUsers, Err(failure)) => {
                let path = String::from_utf8_lossy(&self.config.security.aclfile);
                Err(CommandError::of(crate::users::unread(&path, &failure.text)))
            }
            (Then::SaveUsers, Err(failure)) => {
                self.log(Level::Warning, failure.text);
                Err(CommandError::of(
                    "There was an error trying to save the ACLs. Please check the server logs for more information",
                ))
            }
            (Then::Rewrite, Ok(_)) => {
                self.log(Level::Notice, "CONFIG REWRITE executed with success.");
                Ok(None)
            }
            (Then::Rewrite, Err(failure)) => {
                self.log(Level::Warning, format!("CONFIG REWRITE failed: {}", failure.text));
                Err(CommandError::of(format!("Rewriting config file: {}", failure.text)))
            }
            (Then::Configure(applied), Err(failure)) => Err(self.take_back(*applied, &failure)),
        })
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
        let Some(mut session) = self.take_session(conn) else { return };
        let waited = self.end_wait(now, &mut session);
        let start = session.outbox.replies.bytes.len();
        session.reply_start = start;
        reply(self, &mut session);
        self.over_at_last(now, &mut session, &waited);
        session.silence(start);
        self.go_on(now, &mut session);
        self.queue_send(&mut session);
        session.account(&mut self.client_memory);
        self.put_back(session);
    }

    /// Lets a client wait no more. The command that it waited in is over when its reply is written:
    /// [`Node::over_at_last`].
    pub(crate) fn end_wait(&mut self, now: Now<'_>, session: &mut Session) -> Waited {
        self.forget_timeout(session);
        let request = self.leave_lines(session);
        let request = session.asked.take().map(|asked| *asked).or(request);
        session.wait_bytes = 0;
        let mut micros = session.ran_us;
        // What the shell does for a command counts as its own work; waiting for others does not.
        if matches!(session.blocked.take(), Some(Blocked::ForErrand | Blocked::ForScript)) {
            micros += now.meter.micros().saturating_sub(session.wait_since_us);
        }
        Waited { request, micros }
    }

    /// Counts a command that had to wait, as [`Node::over`] does others.
    pub(crate) fn over_at_last(&mut self, now: Now<'_>, session: &mut Session, waited: &Waited) {
        let Some(request) = &waited.request else { return };
        if let Some(call) = Call::alone_in(request) {
            self.over(now, session, &call, waited.micros);
        }
    }

    /// Replies to a command that failed after a wait.
    pub(crate) fn fail_late(&mut self, session: &mut Session, error: &CommandError) {
        if let Some(id) = session.last_command {
            self.stats.of(id).failed += 1;
        }
        self.fail(session, error);
    }
}
