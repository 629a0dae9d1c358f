//! How long keys still have. All four answer -2 for a key that is not there, and -1 for one that lasts forever.

use crate::parse::Unit;
use crate::{CommandError, Ctx, Done};
use conn::Args;

/// `TTL key`
pub fn ttl(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let now = cx.now;
    time_after(cx, args, Unit::Seconds, now)
}

/// `PTTL key`
pub fn pttl(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let now = cx.now;
    time_after(cx, args, Unit::Millis, now)
}

/// `EXPIRETIME key`
pub fn expiretime(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    time_after(cx, args, Unit::Seconds, 0)
}

/// `PEXPIRETIME key`
pub fn pexpiretime(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    time_after(cx, args, Unit::Millis, 0)
}

/// Replies with the time from `base` to the expiry. Seconds are rounded to the nearest.
fn time_after(cx: &mut Ctx<'_>, args: Args<'_>, unit: Unit, base: i64) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let answer = match cx.inspect(&key) {
        None => -2,
        Some(place) => {
            cx.at(place).expiry().map_or(-1, |when| unit.of_millis(when.saturating_sub(base).max(0)))
        }
    };
    cx.reply.integer(answer);
    Ok(Done::Replied)
}
