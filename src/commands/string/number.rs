//! Strings as numbers.

use super::value::{text_of, with_bytes};
use crate::ctx::Altered;
use crate::{CommandError, Ctx, Done, parse};
use base::longdouble::LongDouble;
use conn::Args;
use keyspace::{Key, NewValue, Text};

/// `INCR key`
pub fn incr(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    add(cx, args, 1)
}

/// `DECR key`
pub fn decr(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    add(cx, args, -1)
}

/// `INCRBY key increment`
pub fn incrby(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let increment = parse::integer(args.at(2))?;
    add(cx, args, increment)
}

/// `DECRBY key decrement`
pub fn decrby(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let decrement = parse::integer(args.at(2))?;
    let increment = decrement.checked_neg().ok_or_else(|| CommandError::of("decrement would overflow"))?;
    add(cx, args, increment)
}

/// Adds to the number that a key holds, zero if it holds none. The expiry stays.
#[inline]
fn add(cx: &mut Ctx<'_>, args: Args<'_>, increment: i64) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let altered = cx.alter(&key, |record| {
        let Ok(Text::Integer(old)) = text_of(record) else { return None };
        let sum = old.checked_add(increment)?;
        record.set_integer(sum).then_some(sum)
    });
    let sum = match altered {
        Altered::Done(sum) => sum,
        Altered::Absent => {
            put(cx, &key, None, NewValue::Integer(increment));
            increment
        }
        Altered::Not => add_slowly(cx, &key, increment)?,
    };
    cx.changed(&key, "incrby", 1);
    cx.reply.integer(sum);
    Ok(Done::Replied)
}

/// Adds where no number stands yet: the key's time has come, or its bytes have to be read as a number first.
fn add_slowly(cx: &mut Ctx<'_>, key: &Key<'_>, increment: i64) -> Result<i64, CommandError> {
    let place = cx.write(key);
    let old = match place.map(|at| text_of(cx.at(at))).transpose()? {
        None => 0,
        Some(Text::Integer(number)) => number,
        Some(Text::Bytes(bytes)) => parse::integer(bytes)?,
    };
    let sum = old.checked_add(increment).ok_or(CommandError::OVERFLOW)?;
    put(cx, key, place, NewValue::Integer(sum));
    Ok(sum)
}

/// `INCRBYFLOAT key increment`: in the reference's extended precision, whose digits clients see.
pub fn incrbyfloat(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let place = cx.write(&key);
    let old = match place.map(|at| text_of(cx.at(at))).transpose()? {
        None => LongDouble::ZERO,
        Some(text) => with_bytes(text, LongDouble::parse).ok_or(CommandError::NOT_A_FLOAT)?,
    };
    let increment = LongDouble::parse(args.at(2)).ok_or(CommandError::NOT_A_FLOAT)?;
    let sum = old + increment;
    if !sum.is_finite() {
        return Err(CommandError::of("increment would produce NaN or Infinity"));
    }
    let mut text = Vec::new();
    sum.push_text(&mut text);
    put(cx, &key, place, NewValue::Bytes(&text));
    cx.changed(&key, "incrbyfloat", 1);
    // The digits that came out here come out everywhere.
    cx.replicate_as(&[b"SET", key.name, &text, b"KEEPTTL"]);
    cx.reply.bulk(&text);
    Ok(Done::Replied)
}

/// Replaces a value, keeping the expiry, or makes the key.
#[inline]
fn put(cx: &mut Ctx<'_>, key: &Key<'_>, place: Option<keyspace::tables::Place>, value: NewValue<'_>) {
    match place {
        Some(place) => {
            let expiry = cx.at(place).expiry();
            cx.db().overwrite(place, value, expiry);
        }
        None => {
            let record = cx.data.record(key.name, value, None);
            cx.insert(key, record);
        }
    }
}
