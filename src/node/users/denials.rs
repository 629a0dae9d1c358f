//! What a user asks for and may not have.

use crate::boundary::Now;
use crate::client_line;
use crate::node::Node;
use crate::session::Session;
use acl::{Context, Denial, Event, Reason, UserId};
use catalog::{Argv, CommandId};
use commands::CommandError;
use conn::Args;
use std::borrow::Cow;

impl Node {
    /// Whether a user may run this, asked without consequences.
    pub(crate) fn permits<V: Argv + ?Sized>(
        &mut self,
        user: UserId,
        id: CommandId,
        argv: &V,
    ) -> Result<(), Denial> {
        self.users.get(user).permits(id, argv, &mut self.key_refs)
    }

    /// Refuses what the user of a client may not run.
    #[cold]
    pub(crate) fn admit_user(
        &mut self,
        session: &Session,
        id: CommandId,
        args: &Args<'_>,
        now: Now<'_>,
    ) -> Result<(), CommandError> {
        self.check_user(session, id, args, context(session), now).map_err(|text| no_permission(&text))
    }

    /// Whether the user of a client may run this, which comes in such a way; if not, it is taken down, and this is why.
    pub(crate) fn check_user(
        &mut self,
        session: &Session,
        id: CommandId,
        args: &Args<'_>,
        context: Context,
        now: Now<'_>,
    ) -> Result<(), Vec<u8>> {
        self.permits(session.caller.user, id, args).map_err(|denial| {
            let client = self.client_info(session, args, now);
            self.note_denial(session.caller.user, denial, id, args, (context, client), now);
            text(self.users.get(session.caller.user).name(), denial, id, None)
        })
    }

    /// As [`Node::admit_user`], of what was allowed when it was put by for EXEC.
    #[cold]
    pub(crate) fn admit_queued(
        &mut self,
        session: &Session,
        id: CommandId,
        args: &Args<'_>,
        now: Now<'_>,
    ) -> Result<(), CommandError> {
        self.permits(session.caller.user, id, args).map_err(|denial| {
            let client = self.client_info(session, args, now);
            self.note_denial(session.caller.user, denial, id, args, (Context::Multi, client), now);
            let reason = match denial.reason {
                Reason::Command => "no permission to execute the command or subcommand",
                Reason::Key => "no permission to touch the specified keys",
                Reason::Channel => "no permission to access one of the channels used as arguments",
                Reason::Auth => "no permission",
            };
            no_permission(
                format!(
                    "ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This \
                     command is no longer allowed for the following reason: {reason}"
                )
                .as_bytes(),
            )
        })
    }

    /// Takes down what was denied to a user, and to which client of its: [`Node::client_info`].
    pub(crate) fn note_denial(
        &mut self,
        user: UserId,
        denial: Denial,
        id: CommandId,
        args: &Args<'_>,
        (context, client): (Context, String),
        now: Now<'_>,
    ) {
        let denied = &mut self.stats.denied;
        let object = match denial.reason {
            Reason::Command => {
                denied.command += 1;
                id.full_name().as_bytes()
            }
            Reason::Key => {
                denied.key += 1;
                args.at(denial.at)
            }
            Reason::Channel => {
                denied.channel += 1;
                args.at(denial.at)
            }
            Reason::Auth => {
                denied.auth += 1;
                args.at(0)
            }
        };
        let user = self.users.get(user).name().to_vec();
        let (object, client) = (object.to_vec(), client.into_bytes());
        self.note_event(Event { reason: denial.reason, context, object, user, client }, now);
    }

    fn note_event(&mut self, event: Event, now: Now<'_>) {
        let max = usize::try_from(self.config.security.acllog_max_len).unwrap_or(usize::MAX);
        self.denials.note(event, now.unix_ms(), max);
    }

    /// The client as CLIENT LIST shows it, while it runs a command of these words.
    fn client_info(&self, session: &Session, args: &Args<'_>, now: Now<'_>) -> String {
        self.client_info_of(session, args.from(0).map(<[u8]>::len).sum(), now)
    }

    /// The same, where the words take so many bytes.
    pub(crate) fn client_info_of(&self, session: &Session, argument_bytes: usize, now: Now<'_>) -> String {
        let mut text = String::new();
        client_line::push(&mut text, self, session, now, argument_bytes);
        text.truncate(text.trim_end().len());
        text
    }

    /// Lets a client in as this user.
    pub(crate) fn log_in(
        &mut self,
        session: &mut Session,
        name: &[u8],
        password: &[u8],
        args: Args<'_>,
        now: Now<'_>,
    ) -> Result<(), CommandError> {
        let Some(user) = self.users.find(name).filter(|id| self.users.get(*id).lets_in(password)) else {
            self.stats.denied.auth += 1;
            let (object, user) = (args.at(0).to_vec(), name.to_vec());
            let client = self.client_info(session, &args, now).into_bytes();
            let event = Event { reason: Reason::Auth, context: context(session), object, user, client };
            self.note_event(event, now);
            return Err(CommandError::WRONG_PASSWORD);
        };
        session.caller.user = user;
        session.authenticated = true;
        session.ever_authenticated = true;
        Ok(())
    }
}

/// How a request of a client comes.
fn context(session: &Session) -> Context {
    let in_exec = session.caller.must_not_block;
    if session.transaction.is_some() || in_exec { Context::Multi } else { Context::TopLevel }
}

fn no_permission(text: &[u8]) -> CommandError {
    CommandError(Cow::Owned([b"NOPERM ", text].concat()))
}

/// What is denied, in words; a key or channel only where `object` says that it may be told.
pub(crate) fn text(user: &[u8], denial: Denial, id: CommandId, object: Option<&[u8]>) -> Vec<u8> {
    let kind = match denial.reason {
        Reason::Command => {
            let name = id.full_name().as_bytes();
            return [b"User ", user, b" has no permissions to run the '", name, b"' command"].concat();
        }
        Reason::Channel => "channel",
        Reason::Key | Reason::Auth => "key",
    };
    match object {
        Some(object) => {
            let kind = format!("' {kind}");
            [b"User ", user, b" has no permissions to access the '", object, kind.as_bytes()].concat()
        }
        None => format!("No permissions to access a {kind}").into_bytes(),
    }
}
