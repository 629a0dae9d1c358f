//! Giving fields an end, and taking it away.

use super::options::{check_count, find_fields, moment, wrong_count};
use super::write::replicate_removal;
use super::{clock, expired};
use crate::keys::Conditions;
use crate::parse::Unit;
use crate::{CommandError, Ctx, Done};
use base::int;
use conn::Args;
use keyspace::values::Hash;
use keyspace::values::hash::Clock;

/// What HEXPIRE and its kin answer for a field.
mod answer {
    pub(super) const ABSENT: i64 = -2;
    pub(super) const WITHOUT: i64 = -1;
    pub(super) const REFUSED: i64 = 0;
    pub(super) const DONE: i64 = 1;
    pub(super) const GONE: i64 = 2;
}

/// `HEXPIRE key seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]`
pub fn hexpire(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    set_expiries(cx, args, Unit::Seconds, true, "hexpire")
}

/// `HPEXPIRE key milliseconds [NX | XX | GT | LT] FIELDS numfields field [field ...]`
pub fn hpexpire(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    set_expiries(cx, args, Unit::Millis, true, "hpexpire")
}

/// `HEXPIREAT key unix-time-seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]`
pub fn hexpireat(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    set_expiries(cx, args, Unit::Seconds, false, "hexpireat")
}

/// `HPEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT] FIELDS numfields field [field ...]`
pub fn hpexpireat(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    set_expiries(cx, args, Unit::Millis, false, "hpexpireat")
}

fn set_expiries(
    cx: &mut Ctx<'_>,
    args: Args<'_>,
    unit: Unit,
    relative: bool,
    name: &str,
) -> Result<Done, CommandError> {
    let Some(fields) = find_fields(&args, 3) else { return Err(wrong_count()) };
    let conditions = Conditions::parse(args.from(3).take(fields - 3))?;
    let first = check_count(&args, fields + 1, 1)?;
    let when = moment(cx, args.at(2), unit, relative, name)?;
    let (key, clock) = (cx.key(&args, 1), clock(cx));
    let place = cx.place_of::<Hash>(&key)?;

    cx.reply.array(args.len() - first);
    let Some(place) = place else {
        args.from(first).for_each(|_| cx.reply.integer(answer::ABSENT));
        return Ok(Done::Replied);
    };
    let mut open = cx.open::<Hash>(place);
    let (mut gone, mut changed) = (Vec::new(), 0);
    for name in args.from(first) {
        let result = set_one(&mut open, name, when, &conditions, &clock);
        match result {
            answer::GONE => gone.push(name),
            answer::DONE => changed += 1,
            _ => {}
        }
        open.reply.integer(result);
    }
    drop(open);

    // What one time has done to some of the fields, it does to all that it does anything to.
    if !gone.is_empty() {
        replicate_removal(cx, &key, &gone);
        expired(cx, &key, gone.len() as u64);
    } else if changed > 0 {
        let mut digits = [0; int::MAX_TEXT];
        let words = [&[b"HPEXPIREAT", key.name, int::format_i64(when, &mut digits)], &rest(&args, 3)[..]];
        cx.replicate_as(&words.concat());
        cx.changed(&key, "hexpire", 0);
    }
    if changed + gone.len() > 0 {
        cx.effects.dirty += (changed + gone.len()) as u64;
        cx.close::<Hash>(&key, place);
    }
    Ok(Done::Replied)
}

/// The arguments from `from` on.
fn rest<'a>(args: &Args<'a>, from: usize) -> Vec<&'a [u8]> {
    args.from(from).collect()
}

fn set_one(
    open: &mut crate::Open<'_, '_, Hash>,
    name: &[u8],
    when: i64,
    conditions: &Conditions,
    clock: &Clock,
) -> i64 {
    let Some(field) = open.value.get(name, clock) else { return answer::ABSENT };
    if !conditions.hold(field.expiry, when) {
        return answer::REFUSED;
    }
    if clock.has_passed(when) {
        open.value.remove(name, clock);
        return answer::GONE;
    }
    open.value.set_expiry(name, Some(when), open.rules);
    answer::DONE
}

/// `HPERSIST key FIELDS numfields field [field ...]`
pub fn hpersist(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let first = check_count(&args, 3, 1)?;
    let (key, clock) = (cx.key(&args, 1), clock(cx));
    let place = cx.place_of::<Hash>(&key)?;

    cx.reply.array(args.len() - first);
    let Some(place) = place else {
        args.from(first).for_each(|_| cx.reply.integer(answer::ABSENT));
        return Ok(Done::Replied);
    };
    let mut open = cx.open::<Hash>(place);
    let mut changed = 0;
    for name in args.from(first) {
        let result = match open.value.get(name, &clock).map(|field| field.expiry) {
            None => answer::ABSENT,
            Some(None) => answer::WITHOUT,
            Some(Some(_)) => {
                open.value.set_expiry(name, None, open.rules);
                changed += 1;
                answer::DONE
            }
        };
        open.reply.integer(result);
    }
    drop(open);

    if changed > 0 {
        cx.changed(&key, "hpersist", changed);
        cx.close::<Hash>(&key, place);
    }
    Ok(Done::Replied)
}
