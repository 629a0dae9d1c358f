//! Commands that tell of the server.

use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use base::log::Level;
use commands::{CommandError, Done, parse};
use conn::Args;

/// `TIME`
pub fn time(_: &mut Node, session: &mut Session, _: Args<'_>, now: Now<'_>) -> Result<Done, CommandError> {
    let mut reply = session.reply();
    reply.array(2);
    reply.bulk_integer(now.unix_s());
    reply.bulk_integer(now.unix_us % 1_000_000);
    Ok(Done::Replied)
}

/// `LASTSAVE`
pub fn lastsave(
    node: &mut Node,
    session: &mut Session,
    _: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    session.reply().integer(node.last_save_s);
    Ok(Done::Replied)
}

/// `ROLE`: a primary at the beginning of its history, with no replicas.
pub fn role(_: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    let mut reply = session.reply();
    reply.array(3);
    reply.bulk(b"master");
    reply.integer(0);
    reply.array(0);
    Ok(Done::Replied)
}

/// `SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [SAFE] [FAILOVER]`, `SHUTDOWN ABORT`
///
/// Nothing can be saved yet, so what asks for that fails unless FORCE says to end nevertheless.
pub fn shutdown(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    const WORDS: [&str; 7] = ["nosave", "save", "now", "force", "safe", "failover", "abort"];
    let mut given = [false; WORDS.len()];
    for arg in args.from(1) {
        let at = WORDS.iter().position(|word| parse::is(arg, word)).ok_or(CommandError::SYNTAX)?;
        given[at] = true;
    }
    let [nosave, save, _, force, _, failover, abort] = given;
    if (nosave && save) || (abort && given[..6].contains(&true)) {
        return Err(CommandError::SYNTAX);
    }
    if failover {
        return Err(CommandError::of("SHUTDOWN FAILOVER is only supported in cluster mode."));
    }
    if abort {
        return Err(CommandError::of("No shutdown in progress."));
    }

    let wants_save = save || (!nosave && !node.config.snapshot.save.as_slice().is_empty());
    if wants_save && !force {
        node.log(Level::Warning, "The data cannot be saved: this server writes no snapshots. Not exiting.");
        return Err(CommandError::of("Errors trying to SHUTDOWN. Check logs."));
    }
    node.terminate();
    // The reference goes without a word.
    session.closing = true;
    Ok(Done::Replied)
}
