//! MULTI, EXEC, DISCARD, WATCH and UNWATCH.

use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use crate::transaction::Transaction;
use commands::{CommandError, Done};
use conn::Args;
use keyspace::Lookup;

type Answer = Result<Done, CommandError>;

/// `MULTI`
pub fn multi(_: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Answer {
    session.transaction = Some(Box::<Transaction>::default());
    session.put_by = 0;
    session.reply().ok();
    Ok(Done::Replied)
}

/// `EXEC`
pub fn exec(node: &mut Node, session: &mut Session, _: Args<'_>, now: Now<'_>) -> Answer {
    let Some(transaction) = session.transaction.take() else {
        return Err(CommandError::of("EXEC without MULTI"));
    };
    let broken =
        node.watches.is_broken(session.conn) || node.watched_key_expired(session.conn, now.unix_ms());
    node.end_transaction(session);
    if transaction.spoiled {
        return Err(CommandError::EXEC_ABORT);
    }
    if broken {
        session.reply().null_array();
        return Ok(Done::Replied);
    }
    session.reply().array(transaction.len());
    session.put_by = transaction.len() as i64;
    node.run_queue(now, session, transaction);
    // Its commands are repeated, not it.
    node.effects.replicate_no_request();
    Ok(Done::Replied)
}

/// `DISCARD`
pub fn discard(node: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Answer {
    if session.transaction.is_none() {
        return Err(CommandError::of("DISCARD without MULTI"));
    }
    node.end_transaction(session);
    session.reply().ok();
    Ok(Done::Replied)
}

/// `WATCH key [key ...]`
pub fn watch(node: &mut Node, session: &mut Session, args: Args<'_>, now: Now<'_>) -> Answer {
    let database = session.caller.database;
    if !node.watches.is_broken(session.conn) {
        session.put_by = session.put_by.max(0);
        for name in args.from(1) {
            let found = node.data.databases[database].lookup(&node.data.key(name), now.unix_ms());
            let expired = matches!(found, Lookup::Expired(_));
            session.watch_bytes += node.watches.add(session.conn, database, name, expired);
        }
        node.follow_listeners();
    }
    session.reply().ok();
    Ok(Done::Replied)
}

/// `UNWATCH`
pub fn unwatch(node: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Answer {
    node.watches.forget(session.conn);
    session.watch_bytes = 0;
    node.follow_listeners();
    session.reply().ok();
    Ok(Done::Replied)
}
