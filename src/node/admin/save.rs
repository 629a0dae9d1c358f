//! Commands that save the data, and the one that ends the server. When and how it is saved is `persistence`'s affair.

use crate::boundary::{Errand, Now, Output};
use crate::client_line;
use crate::errand::Then;
use crate::job::Job;
use crate::node::Node;
use crate::persistence::AfterSave;
use crate::session::{Blocked, Session};
use base::log::Level;
use commands::{CommandError, Done, parse};
use config::ShutdownFlags;
use conn::Args;

/// `SAVE`
pub fn save(node: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    if node.persistence.does(Job::Snapshot) {
        return Err(CommandError::of("Background save already in progress"));
    }
    node.persistence.saves += 1;
    Ok(node.send_and(session, Errand::Save, Then::Saved(AfterSave::Reply)))
}

/// `LASTSAVE`
pub fn lastsave(
    node: &mut Node,
    session: &mut Session,
    _: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    session.reply().integer(node.persistence.last_save_s);
    Ok(Done::Replied)
}

/// `BGSAVE [SCHEDULE | CANCEL]`
pub fn bgsave(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    let schedule = match args.get(1) {
        None => false,
        Some(word) if args.len() == 2 && parse::is(word, "schedule") => true,
        Some(word) if args.len() == 2 && parse::is(word, "cancel") => return cancel(node, session),
        Some(_) => return Err(CommandError::SYNTAX),
    };
    let in_transaction = session.caller.must_not_block;
    if node.persistence.does(Job::Snapshot) {
        return Err(CommandError::of("Background save already in progress"));
    }
    if schedule && node.persistence.child.is_some() || in_transaction {
        node.persistence.scheduled = true;
        let why = if schedule { "due to user request" } else { "to run after transaction execution" };
        node.log(Level::Notice, format!("Background saving scheduled {why}"));
        session.reply().simple(b"Background saving scheduled");
        return Ok(Done::Replied);
    }
    if node.persistence.child.is_some() {
        return Err(CommandError::of(
            "Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule \
             a BGSAVE whenever possible.",
        ));
    }
    // The reply waits for the child: there may be none.
    session.blocked = Some(Blocked::ForErrand);
    node.start_snapshot(now, Some((session.conn, session.id)));
    Ok(Done::Replied)
}

/// `BGSAVE CANCEL`
fn cancel(node: &mut Node, session: &mut Session) -> Result<Done, CommandError> {
    let reply: &[u8] = if node.persistence.does(Job::Snapshot) {
        node.log(Level::Notice, "Background saving will be aborted due to user request");
        node.stop_job(Job::Snapshot);
        b"Background saving cancelled"
    } else if std::mem::take(&mut node.persistence.scheduled) {
        node.log(Level::Notice, "Scheduled background saving will be cancelled due to user request");
        b"Scheduled background saving cancelled"
    } else {
        return Err(CommandError::of("Background saving is currently not in progress or scheduled"));
    };
    session.reply().simple(reply);
    Ok(Done::Replied)
}

/// `SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [SAFE] [FAILOVER]`, `SHUTDOWN ABORT`
pub fn shutdown(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    const WORDS: [(&str, ShutdownFlags); 6] = [
        ("nosave", ShutdownFlags::NOSAVE),
        ("save", ShutdownFlags::SAVE),
        ("now", ShutdownFlags::NOW),
        ("force", ShutdownFlags::FORCE),
        ("safe", ShutdownFlags::SAFE),
        ("failover", ShutdownFlags::FAILOVER),
    ];
    let (mut flags, mut abort) = (ShutdownFlags::DEFAULT, false);
    for arg in args.from(1) {
        match WORDS.iter().find(|(word, _)| parse::is(arg, word)) {
            Some((_, flag)) => flags = flags.with(*flag),
            None if parse::is(arg, "abort") => abort = true,
            None => return Err(CommandError::SYNTAX),
        }
    }
    let both = flags.contains(ShutdownFlags::SAVE.with(ShutdownFlags::NOSAVE));
    if both || (abort && flags != ShutdownFlags::DEFAULT) {
        return Err(CommandError::SYNTAX);
    }
    if flags.contains(ShutdownFlags::FAILOVER) {
        return Err(CommandError::of("SHUTDOWN FAILOVER is only supported in cluster mode."));
    }
    if abort {
        if !node.abort_leave() {
            return Err(CommandError::of("No shutdown in progress."));
        }
        session.reply().ok();
        return Ok(Done::Replied);
    }
    if session.caller.must_not_block && !flags.contains(ShutdownFlags::NOW) {
        return Err(CommandError::of("SHUTDOWN without NOW or ABORT isn't allowed for DENY BLOCKING client"));
    }
    if node.scripting.is_slow() && !flags.contains(ShutdownFlags::NOSAVE) {
        // What it has done so far is not to be saved.
        return Err(node.busy_error());
    }
    let line = client_line::brief(node, session);
    node.log(Level::Notice, format!("User requested shutdown... (user request from '{line}')"));
    if node.must_stay_for_aof(flags.contains(ShutdownFlags::FORCE)) {
        return Err(CommandError::of("Errors trying to SHUTDOWN. Check logs."));
    }
    match node.leave(flags) {
        Some(leave) => Ok(node.send_and(session, Errand::Save, Then::Saved(AfterSave::Leave(leave)))),
        None => {
            // What was asked before the end is answered before it.
            node.queue_send(session);
            node.outputs.push_back(Output::Exit(0));
            // The reference goes without a word.
            session.closing = true;
            Ok(Done::Replied)
        }
    }
}
