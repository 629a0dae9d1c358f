//! `CLIENT KILL` and `CLIENT UNBLOCK`: what one client does to others.

use super::filter::Filter;
use crate::boundary::{CloseReason, ConnId, Now, Output};
use crate::node::Node;
use crate::session::{Blocked, Session};
use commands::{CommandError, Done, parse};
use conn::Args;

/// `CLIENT KILL <address | filter value [filter value ...]>`
pub fn kill(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    let old_form = args.len() == 3;
    let filter = if old_form { Filter::by_address(args.at(2)) } else { Filter::parse(node, args, true)? };

    let others = node.sessions.iter().flatten().filter(|other| filter.passes(node, other, now));
    let doomed: Vec<ConnId> = others.map(|other| other.conn).collect();
    let me = !filter.skip_me && filter.passes(node, session, now);
    for conn in &doomed {
        node.end(*conn);
    }

    let killed = doomed.len() + usize::from(me);
    match (old_form, killed) {
        (true, 0) => return Err(CommandError::of("No such client")),
        (true, _) => session.reply().ok(),
        (false, _) => session.reply().integer(killed as i64),
    }
    if me {
        node.close(session, CloseReason::WhenSent);
    }
    Ok(Done::Replied)
}

/// `CLIENT UNBLOCK client-id [TIMEOUT | ERROR]`
pub fn unblock(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    // Quirk of the reference: with more words than it takes, it does not look at them.
    let with_error = match args.get(3).filter(|_| args.len() == 4) {
        None => false,
        Some(word) if parse::is(word, "timeout") => false,
        Some(word) if parse::is(word, "error") => true,
        Some(_) => return Err(CommandError::of("CLIENT UNBLOCK reason should be TIMEOUT or ERROR")),
    };
    let id = parse::integer(args.at(2))?;
    // What the shell does for a client cannot be called off, nor can a pause for one of them.
    let waits =
        |other: &Session| matches!(other.blocked, Some(Blocked::ForAcks { .. } | Blocked::ForKeys { .. }));
    let target = node.sessions.iter().flatten().find(|other| other.id as i64 == id && waits(other));
    let Some(conn) = target.map(|other| other.conn) else {
        session.reply().integer(0);
        return Ok(Done::Replied);
    };
    if with_error {
        node.release(now, conn, |node, target| {
            node.refuse(target, target.last_command, &CommandError::UNBLOCKED);
        });
        // Quirk of the reference: the error that another client gets counts as a failure of this command.
        node.stats.of(const { catalog::id("client|unblock") }).failed += 1;
    } else {
        node.give_up(now, conn);
    }
    session.reply().integer(1);
    Ok(Done::Replied)
}

impl Node {
    /// Ends a client at once, whatever it was doing. The shell closes its connection.
    pub(crate) fn end(&mut self, conn: ConnId) {
        self.closed(conn);
        self.outputs.push_back(Output::Close(conn, CloseReason::Now));
    }
}
