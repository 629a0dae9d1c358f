//! Giving fields values, and taking fields away.

use super::{clock, expired, value};
use crate::{CommandError, Ctx, Done};
use conn::Args;
use keyspace::Key;
use keyspace::values::Hash;
use keyspace::values::hash::{Expiry, Put};

/// `HSET key field value [field value ...]`
pub fn hset(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let added = set_pairs(cx, args, "hset")?;
    cx.reply.integer(added);
    Ok(Done::Replied)
}

/// `HMSET key field value [field value ...]`
pub fn hmset(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    set_pairs(cx, args, "hmset")?;
    cx.reply.ok();
    Ok(Done::Replied)
}

/// Sets all pairs behind the key. Answers how many fields are new.
fn set_pairs(cx: &mut Ctx<'_>, args: Args<'_>, name: &str) -> Result<i64, CommandError> {
    if !args.len().is_multiple_of(2) {
        return Err(CommandError::arity(name));
    }
    let (key, clock) = (cx.key(&args, 1), clock(cx));
    let place = cx.place_or_new(&key, |_| Hash::default())?;

    let mut open = cx.open::<Hash>(place);
    let (longest, total) =
        args.from(2).fold((0, 0), |(longest, total), text| (text.len().max(longest), total + text.len()));
    open.value.prepare(args.len() / 2 - 1, longest, total, open.rules);
    let (mut added, mut revived) = (0, 0);
    for at in (2..args.len()).step_by(2) {
        match open.value.set(args.at(at), value(&args, at + 1), Expiry::Drop, open.rules, &clock) {
            Put::Added => added += 1,
            Put::Revived => revived += 1,
            Put::Updated => {}
        }
    }
    drop(open);
    expired(cx, &key, revived);
    cx.changed(&key, "hset", args.len() as u64 / 2 - 1);
    cx.close::<Hash>(&key, place);
    Ok(added + revived as i64)
}

/// `HSETNX key field value`
pub fn hsetnx(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let (key, clock) = (cx.key(&args, 1), clock(cx));
    let place = cx.place_or_new(&key, |_| Hash::default())?;
    if cx.value::<Hash>(place).get(args.at(2), &clock).is_some() {
        cx.reply.integer(0);
        return Ok(Done::Replied);
    }

    let mut open = cx.open::<Hash>(place);
    let had_times = open.value.has_times();
    let (name, new) = (args.at(2), args.at(3));
    open.value.prepare(1, name.len().max(new.len()), name.len() + new.len(), open.rules);
    let put = open.value.set(name, value(&args, 3), Expiry::Drop, open.rules, &clock);
    drop(open);
    if had_times {
        // Whoever repeats this may find the field not yet past its time.
        cx.replicate_as(&[b"HSET", key.name, name, new]);
    }
    expired(cx, &key, u64::from(put == Put::Revived));
    cx.changed(&key, "hset", 1);
    cx.close::<Hash>(&key, place);

    cx.reply.integer(1);
    Ok(Done::Replied)
}

/// `HDEL key field [field ...]`
pub fn hdel(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let (key, clock) = (cx.key(&args, 1), clock(cx));
    let mut deleted = 0;
    if let Some(place) = cx.place_of::<Hash>(&key)? {
        let mut open = cx.open::<Hash>(place);
        deleted = args.from(2).filter(|name| open.value.remove(name, &clock)).count();
        drop(open);
        if deleted > 0 {
            cx.changed(&key, "hdel", deleted as u64);
            cx.close::<Hash>(&key, place);
        }
    }
    cx.reply.integer(deleted as i64);
    Ok(Done::Replied)
}

/// Removes fields that were given a time already past, seen or not, as if it had come just then. Calls `gone` with each
/// that was there.
pub(super) fn discard<'a>(
    cx: &mut Ctx<'_>,
    place: keyspace::tables::Place,
    names: impl Iterator<Item = &'a [u8]>,
    clock: &keyspace::values::hash::Clock,
    mut gone: impl FnMut(&'a [u8]),
) {
    let mut open = cx.open::<Hash>(place);
    for name in names {
        if open.value.remove(name, clock) {
            gone(name);
        }
    }
}

/// Says in which words fields that are gone are to be removed elsewhere.
pub(super) fn replicate_removal(cx: &mut Ctx<'_>, key: &Key<'_>, names: &[&[u8]]) {
    if cx.effects.recording && !names.is_empty() {
        let words = [&[&b"HDEL"[..], key.name], names].concat();
        cx.replicate_as(&words);
    }
}
