//! Commands that give a key a value whole: SET and its relatives, and DELIFEQ, which takes it away whole.

use super::options::{Condition, Grammar, Options, expiry_moment};
use super::value::{encode, equals, reply_or_null, text_of};
use crate::ctx::Altered;
use crate::effects::removal;
use crate::parse::{Timing, Unit};
use crate::{CommandError, Ctx, Done};
use base::int;
use conn::Args;
use keyspace::tables::Place;
use keyspace::{Key, NewValue};

/// `SET key value [NX | XX | IFEQ value] [GET] [EX s | PX ms | EXAT s | PXAT ms | KEEPTTL]`
pub fn set(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    if args.len() == 3 {
        let key = cx.key(&args, 1);
        let value = encode(&args, 2);
        match cx.alter(&key, |record| record.refill(&value, None).then_some(())) {
            Altered::Done(()) => cx.changed(&key, "set", 1),
            Altered::Absent => store(cx, &key, None, value, None),
            Altered::Not => {
                let place = cx.write(&key);
                store(cx, &key, place, value, None);
            }
        }
        cx.reply.ok();
        return Ok(Done::Replied);
    }
    let options = Options::parse(args, 3, Grammar::Set)?;
    let moment = match options.expiry {
        Timing::At { time, unit, relative } => Some(expiry_moment(cx, time, unit, relative, "set")?),
        _ => None,
    };

    let key = cx.key(&args, 1);
    if options.get {
        reply_old(cx, &key)?;
    }
    let place = cx.write(&key);
    if !holds(cx, place, &options)? {
        if !options.get {
            cx.reply.null();
        }
        return Ok(Done::Replied);
    }
    match moment {
        Some(when) if cx.is_past(when) => discard(cx, &key, place),
        _ => {
            let kept = place.filter(|_| options.expiry == Timing::Keep).and_then(|at| cx.at(at).expiry());
            store(cx, &key, place, encode(&args, 2), moment.or(kept));
            if moment.is_some() {
                cx.changed(&key, "expire", 0);
            }
            replicate(cx, args, &options, moment);
        }
    }

    if !options.get {
        cx.reply.ok();
    }
    Ok(Done::Replied)
}

/// Repeated elsewhere, the key ends at the same moment, and nobody there wants to know the old value.
fn replicate(cx: &mut Ctx<'_>, args: Args<'_>, options: &Options<'_>, moment: Option<i64>) {
    if !cx.effects.recording {
        return;
    }
    match (options.expiry, moment) {
        (Timing::At { unit: Unit::Millis, relative: false, .. }, _) => {}
        (_, Some(when)) => replicate_until(cx, args.at(1), args.at(2), when),
        (_, None) if options.get => {
            let is_get = |word: &[u8]| word.eq_ignore_ascii_case(b"get");
            let rest = args.from(3).filter(|word| !is_get(word));
            cx.replicate_as(&args.from(0).take(3).chain(rest).collect::<Vec<_>>());
        }
        _ => {}
    }
}

/// Has a key set to a value until a moment repeated elsewhere.
fn replicate_until(cx: &mut Ctx<'_>, key: &[u8], value: &[u8], when: i64) {
    let mut digits = [0; int::MAX_TEXT];
    cx.replicate_as(&[b"SET", key, value, b"PXAT", int::format_i64(when, &mut digits)]);
}

/// `SETNX key value`
pub fn setnx(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let absent = cx.write(&key).is_none();
    if absent {
        store(cx, &key, None, encode(&args, 2), None);
    }
    cx.reply.integer(i64::from(absent));
    Ok(Done::Replied)
}

/// `SETEX key seconds value`
pub fn setex(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    set_with_expiry(cx, args, Unit::Seconds, "setex")
}

/// `PSETEX key milliseconds value`
pub fn psetex(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    set_with_expiry(cx, args, Unit::Millis, "psetex")
}

fn set_with_expiry(cx: &mut Ctx<'_>, args: Args<'_>, unit: Unit, name: &str) -> Result<Done, CommandError> {
    let moment = expiry_moment(cx, args.at(2), unit, true, name)?;
    let key = cx.key(&args, 1);
    let place = cx.write(&key);
    store(cx, &key, place, encode(&args, 3), Some(moment));
    cx.changed(&key, "expire", 0);
    replicate_until(cx, key.name, args.at(3), moment);
    cx.reply.ok();
    Ok(Done::Replied)
}

/// `GETSET key value`
pub fn getset(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    reply_old(cx, &key)?;
    let place = cx.write(&key);
    store(cx, &key, place, encode(&args, 2), None);
    cx.replicate_as(&[b"SET", key.name, args.at(2)]);
    Ok(Done::Replied)
}

/// `MSET key value [key value ...]`
pub fn mset(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    check_pairs(args, "mset")?;
    cx.for_each_key(&args, 1, 2, |cx, at, key| store_pair(cx, args, at, key));
    cx.reply.ok();
    Ok(Done::Replied)
}

/// `MSETNX key value [key value ...]`: all of them, or none if one is there already.
pub fn msetnx(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    check_pairs(args, "msetnx")?;
    let mut absent = true;
    cx.for_each_key(&args, 1, 2, |cx, _, key| absent = absent && cx.write(key).is_none());
    if absent {
        cx.for_each_key(&args, 1, 2, |cx, at, key| store_pair(cx, args, at, key));
    }
    cx.reply.integer(i64::from(absent));
    Ok(Done::Replied)
}

fn check_pairs(args: Args<'_>, name: &str) -> Result<(), CommandError> {
    if args.len().is_multiple_of(2) { Err(CommandError::arity(name)) } else { Ok(()) }
}

fn store_pair(cx: &mut Ctx<'_>, args: Args<'_>, at: usize, key: &Key<'_>) {
    let place = cx.write(key);
    store(cx, key, place, encode(&args, at + 1), None);
}

/// `DELIFEQ key value`
pub fn delifeq(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let deleted = match cx.write(&key) {
        Some(place) if equals(text_of(cx.at(place))?, args.at(2)) => {
            cx.remove(place, false);
            cx.changed(&key, "del", 1);
            cx.replicate_as(&[b"DEL", key.name]);
            true
        }
        _ => false,
    };
    cx.reply.integer(i64::from(deleted));
    Ok(Done::Replied)
}

/// Gives a key a value and an expiry, whatever it had before.
#[inline]
pub(super) fn store(
    cx: &mut Ctx<'_>,
    key: &Key<'_>,
    place: Option<Place>,
    value: NewValue<'_>,
    expiry: Option<i64>,
) {
    match place {
        Some(place) => cx.db().overwrite(place, value, expiry),
        None => {
            let record = cx.data.record(key.name, value, expiry);
            cx.insert(key, record);
        }
    }
    cx.changed(key, "set", 1);
}

/// Whether the condition of a SET holds.
fn holds(cx: &mut Ctx<'_>, place: Option<Place>, options: &Options<'_>) -> Result<bool, CommandError> {
    Ok(match (options.condition, place) {
        (Condition::Always, _) => true,
        (Condition::Absent, place) => place.is_none(),
        (Condition::Present, place) => place.is_some(),
        (Condition::Equal(_), None) => false,
        (Condition::Equal(value), Some(place)) => equals(text_of(cx.at(place))?, value),
    })
}

/// A key was to be set to expire in the past: instead of being set, it goes.
pub(crate) fn discard(cx: &mut Ctx<'_>, key: &Key<'_>, place: Option<Place>) {
    if let Some(place) = place {
        cx.remove(place, cx.settings.lazy_expire);
        cx.stats.expired += 1;
        cx.changed(key, "expired", 1);
        cx.replicate_as(&[removal(cx.settings.lazy_expire), key.name]);
    }
}

/// Replies with the value that a key had.
fn reply_old(cx: &mut Ctx<'_>, key: &Key<'_>) -> Result<(), CommandError> {
    reply_key(cx, key).map(|_| ())
}

/// Replies with the value of a key, or with nothing. Answers where the key stands, if it does.
pub(super) fn reply_key(cx: &mut Ctx<'_>, key: &Key<'_>) -> Result<Option<Place>, CommandError> {
    cx.read(key, reply_or_null)?;
    Ok(cx.peek(key))
}
