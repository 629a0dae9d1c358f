//! Fields as numbers.

use super::{clock, expired};
use crate::string::with_bytes;
use crate::{CommandError, Ctx, Done, parse};
use base::int;
use base::longdouble::LongDouble;
use conn::Args;
use keyspace::Key;
use keyspace::values::Hash;
use keyspace::values::hash::{Expiry, FieldRef, NewValue, Put};

/// What a number is added to.
struct Old<N> {
    number: N,
    expiry: Option<i64>,
    /// Whether some of the hash's fields expire.
    timed: bool,
}

/// `HINCRBY key field increment`
pub fn hincrby(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let increment = parse::integer(args.at(3))?;
    let key = cx.key(&args, 1);
    let old = old(cx, &key, args.at(2), 0, |field| {
        field.value.integer().ok_or_else(|| CommandError::of("hash value is not an integer"))
    })?;
    let sum = old.number.checked_add(increment).ok_or(CommandError::OVERFLOW)?;

    let mut digits = [0; int::MAX_TEXT];
    let text = int::format_i64(sum, &mut digits);
    if old.timed {
        replicate(cx, &key, args.at(2), text, old.expiry);
    }
    put(cx, &key, args.at(2), text, old.expiry, "hincrby")?;

    cx.reply.integer(sum);
    Ok(Done::Replied)
}

/// `HINCRBYFLOAT key field increment`: in the reference's extended precision, whose digits clients see.
pub fn hincrbyfloat(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let increment = LongDouble::parse(args.at(3)).ok_or(CommandError::NOT_A_FLOAT)?;
    if !increment.is_finite() {
        return Err(CommandError::of("value is NaN or Infinity"));
    }
    let key = cx.key(&args, 1);
    let old = old(cx, &key, args.at(2), LongDouble::ZERO, |field| {
        with_bytes(field.value, LongDouble::parse)
            .ok_or_else(|| CommandError::of("hash value is not a float"))
    })?;
    let sum = old.number + increment;
    if !sum.is_finite() {
        return Err(CommandError::of("increment would produce NaN or Infinity"));
    }

    let mut text = Vec::new();
    sum.push_text(&mut text);
    replicate(cx, &key, args.at(2), &text, old.expiry);
    put(cx, &key, args.at(2), &text, old.expiry, "hincrbyfloat")?;

    cx.reply.bulk(&text);
    Ok(Done::Replied)
}

/// The number that a field holds, `zero` if there is none.
fn old<N>(
    cx: &mut Ctx<'_>,
    key: &Key<'_>,
    name: &[u8],
    zero: N,
    read: impl FnOnce(&FieldRef<'_>) -> Result<N, CommandError>,
) -> Result<Old<N>, CommandError> {
    let clock = clock(cx);
    let Some(place) = cx.place_of::<Hash>(key)? else {
        return Ok(Old { number: zero, expiry: None, timed: false });
    };
    let hash = cx.value::<Hash>(place);
    let field = hash.get(name, &clock);
    Ok(Old {
        number: field.as_ref().map_or(Ok(zero), read)?,
        expiry: field.and_then(|field| field.expiry),
        timed: hash.has_times(),
    })
}

/// Gives a field the text of a number, and the expiry that it had.
fn put(
    cx: &mut Ctx<'_>,
    key: &Key<'_>,
    name: &[u8],
    text: &[u8],
    expiry: Option<i64>,
    event: &'static str,
) -> Result<(), CommandError> {
    let clock = clock(cx);
    let place = cx.place_or_new(key, |_| Hash::default())?;
    let mut open = cx.open::<Hash>(place);
    let expiry = expiry.map_or(Expiry::Drop, Expiry::At);
    let put = open.value.set(name, NewValue::Bytes(text), expiry, open.rules, &clock);
    drop(open);
    expired(cx, key, u64::from(put == Put::Revived));
    cx.changed(key, event, 1);
    cx.close::<Hash>(key, place);
    Ok(())
}

/// Whoever repeats this must come to the same number, and to the same expiry.
fn replicate(cx: &mut Ctx<'_>, key: &Key<'_>, name: &[u8], text: &[u8], expiry: Option<i64>) {
    match expiry {
        None => cx.replicate_as(&[b"HSET", key.name, name, text]),
        Some(when) => {
            let mut digits = [0; int::MAX_TEXT];
            let when = int::format_i64(when, &mut digits);
            cx.replicate_as(&[b"HSETEX", key.name, b"PXAT", when, b"FIELDS", b"1", name, text]);
        }
    }
}
