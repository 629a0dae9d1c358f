//! `COMMANDLOG` and `SLOWLOG`: the commands that took much, shown and forgotten. SLOWLOG is COMMANDLOG for slow ones.

use crate::admin::help;
use crate::boundary::Now;
use crate::commandlog::Kind;
use crate::node::Node;
use crate::session::Session;
use catalog::id;
use commands::{CommandError, Done, parse};
use conn::Args;

type Answer = Result<Done, CommandError>;

/// How many entries SLOWLOG GET answers unless told.
const USUAL_COUNT: usize = 10;

fn kind(text: &[u8]) -> Result<Kind, CommandError> {
    match () {
        () if parse::is(text, "slow") => Ok(Kind::Slow),
        () if parse::is(text, "large-request") => Ok(Kind::LargeRequest),
        () if parse::is(text, "large-reply") => Ok(Kind::LargeReply),
        () => Err(CommandError::of("type should be one of the following: slow, large-request, large-reply")),
    }
}

/// A number of entries; -1 is for all.
fn count(text: &[u8]) -> Result<usize, CommandError> {
    match base::int::parse_i64(text) {
        Some(-1) => Ok(usize::MAX),
        Some(count @ 0..) => Ok(count as usize),
        _ => Err(CommandError::of("count should be greater than or equal to -1")),
    }
}

/// `COMMANDLOG GET count <SLOW | LARGE-REQUEST | LARGE-REPLY>`
pub fn get(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    let count = count(args.at(2))?;
    show(node, session, kind(args.at(3))?, count)
}

/// `COMMANDLOG LEN <SLOW | LARGE-REQUEST | LARGE-REPLY>`
pub fn len(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    tell_len(node, session, kind(args.at(2))?)
}

/// `COMMANDLOG RESET <SLOW | LARGE-REQUEST | LARGE-REPLY>`
pub fn reset(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    forget(node, session, kind(args.at(2))?)
}

/// `COMMANDLOG HELP`
pub fn help(_: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Answer {
    Ok(help::explain(session, const { id("commandlog") }))
}

/// `SLOWLOG GET [count]`
pub(crate) fn slowlog_get(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    if args.len() > 3 {
        let name = String::from_utf8_lossy(parse::quoted(args.at(1)));
        return Err(CommandError::unknown_subcommand(&name, "SLOWLOG"));
    }
    let count = args.get(2).map_or(Ok(USUAL_COUNT), count)?;
    show(node, session, Kind::Slow, count)
}

/// `SLOWLOG LEN`
pub(crate) fn slowlog_len(node: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Answer {
    tell_len(node, session, Kind::Slow)
}

/// `SLOWLOG RESET`
pub(crate) fn slowlog_reset(node: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Answer {
    forget(node, session, Kind::Slow)
}

/// `SLOWLOG HELP`
pub(crate) fn slowlog_help(_: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Answer {
    Ok(help::explain(session, const { id("slowlog") }))
}

/// An entry is an array of six: its number, when it was, what the log is about, the arguments, and the client.
fn show(node: &mut Node, session: &mut Session, kind: Kind, count: usize) -> Answer {
    let entries = &node.command_logs.of(kind).entries;
    let mut reply = session.reply();
    reply.array(entries.len().min(count));
    for entry in entries.iter().take(count) {
        reply.array(6);
        reply.integer(entry.number as i64);
        reply.integer(entry.unix_s);
        reply.integer(entry.figure as i64);
        reply.array(entry.arguments.len());
        entry.arguments.iter().for_each(|argument| reply.bulk(argument));
        reply.bulk(entry.peer.as_bytes());
        reply.bulk(&entry.name);
    }
    Ok(Done::Replied)
}

fn tell_len(node: &mut Node, session: &mut Session, kind: Kind) -> Answer {
    session.reply().integer(node.command_logs.of(kind).entries.len() as i64);
    Ok(Done::Replied)
}

fn forget(node: &mut Node, session: &mut Session, kind: Kind) -> Answer {
    node.command_logs.of(kind).clear();
    session.reply().ok();
    Ok(Done::Replied)
}
