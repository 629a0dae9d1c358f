//! The subcommands of DEBUG that do something.

use crate::admin::wait::natural;
use crate::boundary::{Errand, Fault, Now, Output};
use crate::errand::Then;
use crate::node::Node;
use crate::persistence::{AfterSave, Reload};
use crate::session::{Blocked, Session};
use base::log::Level;
use commands::{CommandError, Done, parse};
use conn::Args;
use keyspace::NewValue;
use structures::hashtable::ResizePolicy;

/// Whether an argument, read as far as it is a number, is other than zero.
fn is_on(text: &[u8]) -> bool {
    base::int::parse_i64(text).is_some_and(|number| number != 0)
}

/// `DEBUG SLEEP seconds`
pub(super) fn sleep(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    let seconds = base::double::parse_f64(args.at(2)).unwrap_or(0.0);
    // A conversion from float to integer ends at the ends of the range.
    Ok(node.send(session, Errand::Sleep((seconds * 1e6) as u64)))
}

/// `DEBUG SEGFAULT`
pub(super) fn segfault(
    node: &mut Node,
    session: &mut Session,
    _: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    Ok(node.send(session, Errand::Fail(Fault::Segfault)))
}

/// `DEBUG PANIC`
pub(super) fn panic(
    node: &mut Node,
    session: &mut Session,
    _: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    Ok(node.send(session, Errand::Fail(Fault::Panic)))
}

/// `DEBUG ASSERT`
pub(super) fn assert(
    node: &mut Node,
    session: &mut Session,
    _: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    Ok(node.send(session, Errand::Fail(Fault::Assertion)))
}

/// `DEBUG SET-ACTIVE-EXPIRE <0 | 1>`
pub(super) fn set_active_expire(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    node.set_active_expire(is_on(args.at(2)));
    session.reply().ok();
    Ok(Done::Replied)
}

/// `DEBUG SET-SKIP-CHECKSUM-VALIDATION <0 | 1>`
pub(super) fn skip_checksums(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    node.settings.dump_checksums = !is_on(args.at(2));
    session.reply().ok();
    Ok(Done::Replied)
}

/// `DEBUG PAUSE-CRON <0 | 1>`
pub(super) fn pause_cron(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    node.debug.cron_paused = is_on(args.at(2));
    session.reply().ok();
    Ok(Done::Replied)
}

/// `DEBUG REPLYBUFFER RESIZING <0 | 1>`
pub(super) fn reply_buffer(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    if !parse::is(args.at(2), "resizing") {
        return Err(CommandError::SYNTAX);
    }
    node.debug.keeps_large_buffers = !is_on(args.at(3));
    session.reply().ok();
    Ok(Done::Replied)
}

/// `DEBUG SET-DISABLE-DENY-SCRIPTS <0 | 1>`
pub(super) fn set_disable_deny_scripts(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    node.scripting.allow_all = is_on(args.at(2));
    session.reply().ok();
    Ok(Done::Replied)
}

/// `DEBUG CLIENT-ENFORCE-REPLY-LIST <0 | 1>`
pub(super) fn enforce_reply_list(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    node.debug.no_own_room = is_on(args.at(2));
    session.reply().ok();
    Ok(Done::Replied)
}

/// `DEBUG DICT-RESIZING <0 | 1>`
pub(super) fn dict_resizing(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    let policy = if is_on(args.at(2)) { ResizePolicy::Allow } else { ResizePolicy::Forbid };
    for database in &mut node.data.databases {
        database.tables.set_resize_policy(policy);
    }
    session.reply().ok();
    Ok(Done::Replied)
}

/// `DEBUG LOG text`
pub(super) fn log(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    node.log(Level::Warning, format!("DEBUG LOG: {}", String::from_utf8_lossy(args.at(2))));
    session.reply().ok();
    Ok(Done::Replied)
}

/// `DEBUG CHANGE-REPL-ID`
pub(super) fn change_repl_id(
    node: &mut Node,
    session: &mut Session,
    _: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    node.log(Level::Notice, "Changing replication IDs after receiving DEBUG change-repl-id");
    node.replication_id = String::from_utf8_lossy(&base::hex::random_id(&mut node.rng)).into_owned();
    session.reply().ok();
    Ok(Done::Replied)
}

/// `DEBUG RELOAD [NOSAVE] [NOFLUSH] [MERGE]`
pub(super) fn reload(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    let (conn, client) = (session.conn, session.id);
    let mut reload = Reload { conn, client, flush: true, merge: false };
    let mut save = true;
    for word in args.from(2) {
        match word {
            word if parse::is(word, "merge") => reload.merge = true,
            word if parse::is(word, "noflush") => reload.flush = false,
            word if parse::is(word, "nosave") => save = false,
            _ => {
                return Err(CommandError::of(
                    "DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.",
                ));
            }
        }
    }
    if save {
        return Ok(node.send_and(session, Errand::Save, Then::Saved(AfterSave::Reload(reload))));
    }
    session.blocked = Some(Blocked::ForErrand);
    node.reload(now, reload);
    Ok(Done::Replied)
}

/// `DEBUG AOF-FLUSH-SLEEP microseconds`
pub(super) fn aof_flush_sleep(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    node.aof.pause_us = base::int::parse_i64(args.at(2)).map_or(0, |micros| micros.max(0).unsigned_abs());
    session.reply().ok();
    Ok(Done::Replied)
}

/// `DEBUG LOADAOF`
pub(super) fn loadaof(
    node: &mut Node,
    session: &mut Session,
    _: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    node.flush_aof(true);
    session.blocked = Some(Blocked::ForErrand);
    node.aof.asker = Some((session.conn, session.id));
    node.outputs.push_back(Output::LoadAof);
    Ok(Done::Replied)
}

/// `DEBUG MALLCTL name [value]`
pub(super) fn mallctl(
    _: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    let new =
        args.get(3).map(|text| base::int::parse_i64(text).ok_or(CommandError::NOT_AN_INTEGER)).transpose()?;
    match now.meter.allocator_number(args.at(2), new).map_err(CommandError::of)? {
        Some(number) => session.reply().integer(number),
        None => session.reply().ok(),
    }
    Ok(Done::Replied)
}

/// `DEBUG CONFIG-REWRITE-FORCE-ALL`
pub(super) fn config_rewrite(
    node: &mut Node,
    session: &mut Session,
    _: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    if node.process.config_file.is_empty() {
        return Err(CommandError::of("CONFIG-REWRITE-FORCE-ALL failed"));
    }
    Ok(node.send(session, Errand::RewriteConfig { everything: true }))
}

/// `DEBUG POPULATE count [prefix] [size]`. Keys that are there already stay as they are.
pub(super) fn populate(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    let count = natural(args.at(2))?;
    let prefix = args.get(3).unwrap_or(b"key");
    let size = args.get(4).map_or(Ok(0), natural)?;
    if size as u64 > node.settings.max_bulk {
        return Err(CommandError::STRING_TOO_LONG);
    }
    for number in 0..count {
        let digits = number.to_string();
        let name = [prefix, b":", digits.as_bytes()].concat();
        let key = node.data.key(&name);
        let mut value = [b"value:", digits.as_bytes()].concat();
        if size > 0 {
            value.resize(size, 0);
        }
        let record = node.data.record(&name, NewValue::Bytes(&value), None);
        let tables = &mut node.data.databases[session.caller.database].tables;
        if tables.locate(&key).is_none() {
            tables.insert(&key, record);
        }
    }
    session.reply().ok();
    Ok(Done::Replied)
}
