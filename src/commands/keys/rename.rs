//! Values under other names and in other databases. Whatever the way there, a value that arrives counts as new to the
//! access clock, and keeps its expiry.

use crate::{CommandError, Ctx, Done, parse};
use conn::Args;
use keyspace::{Key, Record};

/// `RENAME key newkey`
pub fn rename(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    change_name(cx, args, true)?;
    cx.reply.ok();
    Ok(Done::Replied)
}

/// `RENAMENX key newkey`
pub fn renamenx(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let renamed = change_name(cx, args, false)?;
    cx.reply.integer(i64::from(renamed));
    Ok(Done::Replied)
}

/// Gives a key another name. Answers whether it did: not to itself, and not to one in use unless that may go.
fn change_name(cx: &mut Ctx<'_>, args: Args<'_>, replace: bool) -> Result<bool, CommandError> {
    let (from, to) = (cx.key(&args, 1), cx.key(&args, 2));
    if cx.write(&from).is_none() {
        return Err(CommandError::NO_SUCH_KEY);
    }
    if from.name == to.name || !make_room(cx, &to, replace) {
        return Ok(false);
    }
    if let Some(record) = take(cx, &from) {
        let expiry = record.expiry();
        arrive(cx, &to, record.with_key(to.name, expiry));
    }
    cx.changed(&from, "rename_from", 0);
    cx.changed(&to, "rename_to", 1);
    Ok(true)
}

/// `MOVE key db`
pub fn move_key(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let target = cx.database(args.at(2))?;
    if target == cx.caller.database {
        return Err(CommandError::SAME_OBJECT);
    }

    let key = cx.key(&args, 1);
    let moves = cx.write(&key).is_some() && cx.within(target, |cx| make_room(cx, &key, false));
    if moves && let Some(record) = take(cx, &key) {
        cx.within(target, |cx| arrive(cx, &key, record));
        cx.changed(&key, "move_from", 0);
        cx.within(target, |cx| cx.changed(&key, "move_to", 1));
    }

    cx.reply.integer(i64::from(moves));
    Ok(Done::Replied)
}

/// `COPY source destination [DB destination-db] [REPLACE]`
pub fn copy(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let (mut target, mut replace) = (cx.caller.database, false);
    let mut at = 3;
    while at < args.len() {
        match (args.at(at), args.get(at + 1)) {
            (word, _) if parse::is(word, "replace") => replace = true,
            (word, Some(number)) if parse::is(word, "db") => {
                target = cx.database(number)?;
                at += 1;
            }
            _ => return Err(CommandError::SYNTAX),
        }
        at += 1;
    }
    let (from, to) = (cx.key(&args, 1), cx.key(&args, 2));
    if target == cx.caller.database && from.name == to.name {
        return Err(CommandError::SAME_OBJECT);
    }

    let copies = cx.read_place(&from).is_some() && cx.within(target, |cx| make_room(cx, &to, replace));
    if copies && let Some(place) = cx.peek(&from) {
        let record = cx.at(place);
        let duplicate = record.duplicate(to.name, record.expiry(), record.access());
        cx.within(target, |cx| {
            arrive(cx, &to, duplicate);
            cx.changed(&to, "copy_to", 1);
        });
    }

    cx.reply.integer(i64::from(copies));
    Ok(Done::Replied)
}

/// Makes a key free to be given a value: removes what it has if it may be replaced. Answers whether it is free.
fn make_room(cx: &mut Ctx<'_>, key: &Key<'_>, replace: bool) -> bool {
    match cx.write(key) {
        None => true,
        Some(place) if replace => {
            cx.remove(place, cx.settings.lazy_server_del);
            true
        }
        Some(_) => false,
    }
}

/// Takes the record of a key out, without freeing it.
fn take(cx: &mut Ctx<'_>, key: &Key<'_>) -> Option<Record> {
    let place = cx.peek(key)?;
    Some(cx.db().tables.remove(place))
}

/// Gives a key that is free its record.
fn arrive(cx: &mut Ctx<'_>, key: &Key<'_>, mut record: Record) {
    record.set_access(cx.data.clock.fresh());
    cx.insert(key, record);
}
