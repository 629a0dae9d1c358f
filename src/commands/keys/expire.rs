//! Giving keys an end, and taking it away.

use crate::parse::{self, Unit};
use crate::{CommandError, Ctx, Done, string};
use base::int;
use conn::Args;

/// On which expiry that the key has already a change depends. Several conditions must all hold.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Conditions {
    without: bool,
    with: bool,
    later: bool,
    earlier: bool,
}

impl Conditions {
    /// `[NX | XX] [GT | LT]`
    pub(crate) fn parse<'a>(words: impl Iterator<Item = &'a [u8]>) -> Result<Conditions, CommandError> {
        let mut when = Conditions::default();
        for word in words {
            match word.to_ascii_lowercase().as_slice() {
                b"nx" => when.without = true,
                b"xx" => when.with = true,
                b"gt" => when.later = true,
                b"lt" => when.earlier = true,
                _ => {
                    let text = [b"Unsupported option ", parse::quoted(word)].concat();
                    return Err(CommandError::of(text));
                }
            }
        }
        if when.without && (when.with || when.later || when.earlier) {
            return Err(CommandError::of("NX and XX, GT or LT options at the same time are not compatible"));
        }
        if when.later && when.earlier {
            return Err(CommandError::of("GT and LT options at the same time are not compatible"));
        }
        Ok(when)
    }

    /// Whether an expiry may take the place of the present one. A key without any lasts forever: nothing is later.
    pub(crate) fn hold(self, present: Option<i64>, moment: i64) -> bool {
        match present {
            None => !self.with && !self.later,
            Some(present) => {
                !self.without && (!self.later || moment > present) && (!self.earlier || moment < present)
            }
        }
    }
}

/// `EXPIRE key seconds [NX | XX | GT | LT]`
pub fn expire(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let now = cx.now;
    set_expiry(cx, args, Unit::Seconds, now, "expire")
}

/// `PEXPIRE key milliseconds [NX | XX | GT | LT]`
pub fn pexpire(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let now = cx.now;
    set_expiry(cx, args, Unit::Millis, now, "pexpire")
}

/// `EXPIREAT key unix-time-seconds [NX | XX | GT | LT]`
pub fn expireat(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    set_expiry(cx, args, Unit::Seconds, 0, "expireat")
}

/// `PEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT]`
pub fn pexpireat(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    set_expiry(cx, args, Unit::Millis, 0, "pexpireat")
}

fn set_expiry(
    cx: &mut Ctx<'_>,
    args: Args<'_>,
    unit: Unit,
    base: i64,
    name: &str,
) -> Result<Done, CommandError> {
    let conditions = Conditions::parse(args.from(3))?;
    let value = parse::integer(args.at(2))?;
    // A time before the epoch has passed as surely as the epoch.
    let moment = parse::moment(value, unit, base).ok_or_else(|| CommandError::invalid_expire(name))?.max(0);

    let key = cx.key(&args, 1);
    let place = cx.write(&key).filter(|&place| conditions.hold(cx.at(place).expiry(), moment));
    if let Some(place) = place {
        if cx.is_past(moment) {
            string::discard(cx, &key, Some(place));
        } else {
            cx.db().set_expiry(place, Some(moment));
            cx.changed(&key, "expire", 1);
            replicate(cx, args, moment);
        }
    }

    cx.reply.integer(i64::from(place.is_some()));
    Ok(Done::Replied)
}

/// Repeated elsewhere, the key ends at the same moment. The conditions go along, as they do in the reference.
fn replicate(cx: &mut Ctx<'_>, args: Args<'_>, moment: i64) {
    if cx.effects.recording {
        let mut digits = [0; int::MAX_TEXT];
        let mut words = vec![&b"PEXPIREAT"[..], args.at(1), int::format_i64(moment, &mut digits)];
        words.extend(args.from(3));
        cx.replicate_as(&words);
    }
}

/// `PERSIST key`
pub fn persist(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let place = cx.write(&key).filter(|&place| cx.at(place).expiry().is_some());
    if let Some(place) = place {
        cx.db().set_expiry(place, None);
        cx.changed(&key, "persist", 1);
    }
    cx.reply.integer(i64::from(place.is_some()));
    Ok(Done::Replied)
}
