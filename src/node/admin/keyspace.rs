//! Commands on whole databases.

use crate::admin::connection::database;
use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use commands::{CommandError, Done, parse};
use conn::Args;

/// `DBSIZE`
pub fn dbsize(node: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    let size = node.data.databases[session.caller.database].tables.len();
    session.reply().integer(size as i64);
    Ok(Done::Replied)
}

/// `FLUSHDB [ASYNC | SYNC]`
pub fn flushdb(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    let lazily = flush_mode(node, args)?;
    node.flush(now, session.caller.database, lazily);
    node.effects.replicate_anyway();
    node.invalidate_all(now, lazily);
    session.reply().ok();
    Ok(Done::Replied)
}

/// `FLUSHALL [ASYNC | SYNC]`
pub fn flushall(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    let lazily = flush_mode(node, args)?;
    for index in 0..node.data.databases.len() {
        node.flush(now, index, lazily);
    }
    node.effects.replicate_anyway();
    node.invalidate_all(now, lazily);
    node.all_flushed();
    session.reply().ok();
    Ok(Done::Replied)
}

fn flush_mode(node: &Node, args: Args<'_>) -> Result<bool, CommandError> {
    match args.get(1) {
        None => Ok(node.lazy_user_flush()),
        Some(word) if args.len() == 2 && parse::is(word, "sync") => Ok(false),
        Some(word) if args.len() == 2 && parse::is(word, "async") => Ok(true),
        Some(_) => Err(CommandError::SYNTAX),
    }
}

/// `SWAPDB index1 index2`
pub fn swapdb(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    let number = |at: usize, which: &str| {
        base::int::parse_i64(args.at(at))
            .and_then(|number| i32::try_from(number).ok())
            .ok_or_else(|| CommandError::of(format!("invalid {which} DB index")))
    };
    // Both have to be numbers before either has to be a database.
    number(1, "first")?;
    number(2, "second")?;
    let first = database(node, args.at(1))?;
    let second = database(node, args.at(2))?;
    if first != second {
        node.exchange_watched(first, Some(second), now.unix_ms());
        node.exchange_watched(second, Some(first), now.unix_ms());
    }
    node.data.databases.swap(first, second);
    node.effects.dirty += 1;
    node.lines.note_database(first);
    node.lines.note_database(second);
    session.reply().ok();
    Ok(Done::Replied)
}
