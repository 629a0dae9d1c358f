//! Why a request is not run: all refusals, in the order in which they are looked at.
//!
//! ```text
//! who asks       not authenticated
//! what is asked  no such command, number of arguments
//! from where     a protected command, a transaction
//! by whom        a user that may not
//! the server     out of memory, a disk that takes nothing
//! to where       a client that listens
//! when           data is being loaded, a script has run for too long, a client that watches
//! ```
//!
//! Nothing here changes anything. A refusal inside a transaction spoils it, which is the caller's affair.

use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use crate::straits::Straits;
use crate::transaction::Transaction;
use catalog::{CommandId, Flag, Flags, Unknown};
use commands::{CommandError, parse};
use conn::{Args, Head};
use resp::Protocol;

impl Node {
    /// The ordered refusals. Answers the command when there is none.
    #[inline(always)]
    pub(crate) fn admit(
        &mut self,
        session: &Session,
        head: &Head,
        args: &Args<'_>,
        now: Now<'_>,
    ) -> Result<CommandId, CommandError> {
        if !session.authenticated && !self.users.open() && !head.command.is_ok_and(|id| id.has(Flag::NoAuth))
        {
            return Err(CommandError::NO_AUTH);
        }
        let id = head.command.map_err(|unknown| unknown_command(unknown, args))?;
        if !id.accepts(args.len()) {
            return Err(CommandError::arity(id.full_name()));
        }
        let mut flags = id.flags();
        if flags.has(Flag::Protected) {
            self.admit_protected(session)?;
        }
        if let Some(transaction) = &session.transaction {
            flags = admit_part(id, transaction)?;
        }
        if !self.users.allows_all(session.caller.user) {
            self.admit_user(session, id, args, now)?;
        }
        if self.memory_limit() != 0 {
            let declared = self.flags_of_script(id, args);
            self.admit_memory(Some(session.conn), flags.union(declared), now)?;
        }
        if self.straits.any() {
            let declared = self.flags_of_script(id, args);
            self.admit_in_straits(id, flags.union(declared))?;
        }
        if session.subscriptions.is_some() && session.protocol == Protocol::Resp2 {
            admit_listener(id)?;
        }
        if self.straits.any() {
            self.admit_at_this_time(session, id, flags)?;
        }
        Ok(id)
    }

    /// What a disk that takes nothing has refused: writes, and PING, which asks whether the server can do its work.
    #[cold]
    pub(crate) fn admit_in_straits(&self, id: CommandId, flags: Flags) -> Result<(), CommandError> {
        let asked = flags.has(Flag::Write) || id == const { catalog::id("ping") };
        if self.straits.has(Straits::DISK) && asked {
            return self.disk_refusal().map_or(Ok(()), Err);
        }
        Ok(())
    }

    /// What is not done while data is loaded or a script has run for too long, and what a client that watches may not do.
    #[cold]
    fn admit_at_this_time(&self, session: &Session, id: CommandId, flags: Flags) -> Result<(), CommandError> {
        if self.straits.has(Straits::LOADING) && !id.has(Flag::Loading) {
            return Err(self.loading_error());
        }
        if self.straits.has(Straits::BUSY) && !id.has(Flag::AllowBusy) {
            return Err(self.busy_error());
        }
        if self.straits.has(Straits::MONITORED) && session.monitors {
            return admit_monitor(flags);
        }
        Ok(())
    }

    /// Whether DEBUG may be used.
    #[cold]
    fn admit_protected(&self, session: &Session) -> Result<(), CommandError> {
        if self.config.security.enable_debug_command.allows(session.peer.is_local()) {
            return Ok(());
        }
        Err(CommandError::of(
            "DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a \
             local connection, otherwise you need to set this option in the configuration file, and then restart the \
             server.",
        ))
    }
}

/// A client that watches every command counts as a replica, and may not look at the data itself.
#[cold]
fn admit_monitor(flags: Flags) -> Result<(), CommandError> {
    if [Flag::Write, Flag::ReadOnly, Flag::MayReplicate].iter().any(|flag| flags.has(*flag)) {
        return Err(CommandError::of("Replica can't interact with the keyspace"));
    }
    Ok(())
}

/// A client that listens cannot tell messages from replies in the older protocol, so there are few that it may ask for.
#[cold]
fn admit_listener(id: CommandId) -> Result<(), CommandError> {
    const ALLOWED: [&str; 9] = [
        "ping",
        "quit",
        "reset",
        "subscribe",
        "unsubscribe",
        "psubscribe",
        "punsubscribe",
        "ssubscribe",
        "sunsubscribe",
    ];
    if ALLOWED.contains(&id.full_name()) {
        return Ok(());
    }
    Err(CommandError::of(format!(
        "Can't execute '{}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context",
        id.full_name()
    )))
}

/// What a command of a transaction is admitted for: itself, and EXEC for all that was put by.
#[cold]
fn admit_part(id: CommandId, transaction: &Transaction) -> Result<Flags, CommandError> {
    if id.has(Flag::NoMulti) {
        return Err(CommandError::of(format!(
            "Command '{}' not allowed inside a transaction",
            id.full_name()
        )));
    }
    let runs = id == const { catalog::id("exec") };
    Ok(if runs { id.flags().union(transaction.flags) } else { id.flags() })
}

/// The reply to a name that is no command's. The arguments are shown, up to a length.
#[cold]
pub(crate) fn unknown_command(unknown: Unknown, args: &Args<'_>) -> CommandError {
    const SHOWN: usize = 128;
    let shortened = |text| {
        let text = parse::quoted(text);
        &text[..text.len().min(SHOWN)]
    };
    let name = shortened(args.at(0));
    if let Unknown::Subcommand(container) = unknown {
        let sub = shortened(args.at(1));
        let help = container.command().full_name.to_ascii_uppercase();
        let text = [b"unknown subcommand '".as_slice(), sub, b"'. Try ", help.as_bytes(), b" HELP."];
        return CommandError::of(text.concat());
    }
    let mut shown = Vec::new();
    for arg in args.from(1).map(parse::quoted) {
        if shown.len() >= SHOWN {
            break;
        }
        shown.push(b'\'');
        shown.extend_from_slice(&arg[..arg.len().min(SHOWN - shown.len())]);
        shown.extend_from_slice(b"' ");
    }
    CommandError::of(
        [b"unknown command '".as_slice(), name, b"', with args beginning with: ", &shown].concat(),
    )
}
