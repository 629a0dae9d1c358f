//! HSETEX and HGETEX: values and expiries in one step.

use super::options::{Condition, Grammar, Options, moment};
use super::write::{discard, replicate_removal};
use super::{clock, expired, reply_value, value};
use crate::parse::Timing;
use crate::{CommandError, Ctx, Done};
use base::int;
use conn::Args;
use keyspace::Key;
use keyspace::values::Hash;
use keyspace::values::hash::{Clock, Expiry, Put};

/// `HSETEX key [FNX | FXX] [EX s | PX ms | EXAT s | PXAT ms | KEEPTTL] FIELDS numfields field value [field value ...]`
pub fn hsetex(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let options = Options::parse(args, Grammar::Set)?;
    let (key, clock) = (cx.key(&args, 1), clock(cx));
    let place = cx.place_of::<Hash>(&key)?;
    let when = match options.timing {
        Timing::At { time, unit, relative } => Some(moment(cx, time, unit, relative, "hsetex")?),
        _ => None,
    };
    let held = place.map(|place| cx.value::<Hash>(place));
    let is_there = |at| held.as_ref().is_some_and(|hash| hash.get(args.at(at), &clock).is_some());
    let mut names = (options.first..args.len()).step_by(2);
    let holds = match options.condition {
        Condition::Always => true,
        Condition::Absent => !names.any(is_there),
        Condition::Present => names.all(is_there),
    };
    if !holds {
        cx.reply.integer(0);
        return Ok(Done::Replied);
    }

    match when {
        Some(when) if clock.has_passed(when) => set_in_the_past(cx, &args, &key, &options)?,
        _ => set_fields(cx, &args, &key, &options, when)?,
    }
    cx.reply.integer(1);
    Ok(Done::Replied)
}

/// Gives fields values that last until `when`.
fn set_fields(
    cx: &mut Ctx<'_>,
    args: &Args<'_>,
    key: &Key<'_>,
    options: &Options<'_>,
    when: Option<i64>,
) -> Result<(), CommandError> {
    let clock = clock(cx);
    let expiry = match (options.timing, when) {
        (Timing::Keep, _) => Expiry::Keep,
        (_, Some(when)) => Expiry::At(when),
        _ => Expiry::Drop,
    };
    let place = cx.place_or_new(key, |_| Hash::default())?;
    let mut open = cx.open::<Hash>(place);
    let mut revived = Vec::new();
    for at in (options.first..args.len()).step_by(2) {
        if open.value.set(args.at(at), value(args, at + 1), expiry, open.rules, &clock) == Put::Revived {
            revived.push(args.at(at));
        }
    }
    drop(open);

    expired(cx, key, revived.len() as u64);
    if options.timing == Timing::Keep {
        // Whoever repeats this may still have these fields with their expiries, which are not to be kept.
        replicate_removal(cx, key, &revived);
    }
    replicate_set(cx, args, key, options, when);
    cx.changed(key, "hset", (args.len() - options.first) as u64 / 2);
    if when.is_some() {
        cx.changed(key, "hexpire", 0);
    }
    cx.close::<Hash>(key, place);
    Ok(())
}

/// Repeated elsewhere, the command sets the same fields to expire at the same time, whatever it finds there.
fn replicate_set(cx: &mut Ctx<'_>, args: &Args<'_>, key: &Key<'_>, options: &Options<'_>, when: Option<i64>) {
    if !cx.effects.recording {
        return;
    }
    let mut digits = [0; int::MAX_TEXT];
    let mut words = vec![&b"HSETEX"[..], key.name];
    match when {
        Some(when) => words.extend([b"PXAT", int::format_i64(when, &mut digits)]),
        None if options.timing == Timing::Keep => words.push(b"KEEPTTL"),
        None => {}
    }
    words.extend(args.from(options.first - 2));
    cx.replicate_as(&words);
}

/// Fields that are to expire in the past are not set: they go, as if they had been.
fn set_in_the_past(
    cx: &mut Ctx<'_>,
    args: &Args<'_>,
    key: &Key<'_>,
    options: &Options<'_>,
) -> Result<(), CommandError> {
    let place = cx.place_or_new(key, |_| Hash::default())?;
    let names = args.from(options.first).step_by(2);
    let mut gone = Vec::new();
    cx.stats.expired_fields += names.len() as u64;
    discard(cx, place, names, &Clock::ALL, |name| gone.push(name));

    // Quirk of the reference: where there was nothing to go, all is told and nothing has changed.
    let tell = if gone.is_empty() { Ctx::noted } else { Ctx::changed };
    replicate_removal(cx, key, &gone);
    tell(cx, key, "hset", gone.len() as u64);
    tell(cx, key, "hexpire", 0);
    tell(cx, key, "hexpired", 0);
    cx.close_and::<Hash>(key, place, tell);
    Ok(())
}

/// `HGETEX key [EX s | PX ms | EXAT s | PXAT ms | PERSIST] FIELDS numfields field [field ...]`
pub fn hgetex(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let options = Options::parse(args, Grammar::Get)?;
    let (key, clock) = (cx.key(&args, 1), clock(cx));
    let place = cx.read_place_of::<Hash>(&key)?;
    let when = match options.timing {
        Timing::At { time, unit, relative } => Some(moment(cx, time, unit, relative, "hgetex")?),
        _ => None,
    };

    cx.reply.array(args.len() - options.first);
    let Some(place) = place else {
        args.from(options.first).for_each(|_| cx.reply.null());
        return Ok(Done::Replied);
    };
    let mut open = cx.open::<Hash>(place);
    let mut changed = Vec::new();
    for name in args.from(options.first) {
        let Some(field) = open.value.get(name, &clock) else {
            open.reply.null();
            continue;
        };
        reply_value(open.reply, &field);
        match (options.timing, when, field.expiry) {
            (_, Some(when), _) if clock.has_passed(when) => {
                open.value.remove(name, &clock);
            }
            (_, Some(when), _) => open.value.set_expiry(name, Some(when), open.rules),
            (Timing::Persist, _, Some(_)) => open.value.set_expiry(name, None, open.rules),
            _ => continue,
        }
        changed.push(name);
    }
    drop(open);

    if !changed.is_empty() {
        say_what_changed(cx, &key, &changed, when, &clock);
        cx.close::<Hash>(&key, place);
    }
    Ok(Done::Replied)
}

/// HGETEX is repeated elsewhere as what it has done to the fields.
fn say_what_changed(cx: &mut Ctx<'_>, key: &Key<'_>, changed: &[&[u8]], when: Option<i64>, clock: &Clock) {
    let mut digits = [[0; int::MAX_TEXT]; 2];
    let [first, second] = &mut digits;
    let count = int::format_i64(changed.len() as i64, first);
    match when {
        Some(when) if clock.has_passed(when) => {
            cx.stats.expired_fields += changed.len() as u64;
            replicate_removal(cx, key, changed);
            cx.changed(key, "hexpired", changed.len() as u64);
        }
        Some(when) => {
            let when = int::format_i64(when, second);
            cx.replicate_as(&[&[b"HPEXPIREAT", key.name, when, b"FIELDS", count], changed].concat());
            cx.changed(key, "hexpire", changed.len() as u64);
        }
        None => {
            cx.replicate_as(&[&[b"HPERSIST", key.name, b"FIELDS", count], changed].concat());
            cx.changed(key, "hpersist", changed.len() as u64);
        }
    }
}
