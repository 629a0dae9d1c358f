//! How long fields still have. All four answer for each field: -2 if it is not there, and -1 if it lasts.

use super::clock;
use super::options::check_count;
use crate::parse::Unit;
use crate::{CommandError, Ctx, Done, parse};
use conn::Args;
use keyspace::values::Hash;

/// `HTTL key FIELDS numfields field [field ...]`
pub fn httl(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let now = cx.now;
    times_after(cx, args, Unit::Seconds, now)
}

/// `HPTTL key FIELDS numfields field [field ...]`
pub fn hpttl(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let now = cx.now;
    times_after(cx, args, Unit::Millis, now)
}

/// `HEXPIRETIME key FIELDS numfields field [field ...]`
pub fn hexpiretime(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    times_after(cx, args, Unit::Seconds, 0)
}

/// `HPEXPIRETIME key FIELDS numfields field [field ...]`
pub fn hpexpiretime(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    times_after(cx, args, Unit::Millis, 0)
}

/// Replies with the time from `base` to each expiry. Seconds are rounded to the nearest. As in the reference, nobody looks
/// at the word that stands where FIELDS belongs.
fn times_after(cx: &mut Ctx<'_>, args: Args<'_>, unit: Unit, base: i64) -> Result<Done, CommandError> {
    parse::integer(args.at(3))?;
    let first = check_count(&args, 3, 1).map_err(|_| CommandError::SYNTAX)?;
    let (key, clock) = (cx.key(&args, 1), clock(cx));
    cx.view::<Hash, _>(&key, |hash, reply| {
        reply.array(args.len() - first);
        for name in args.from(first) {
            reply.integer(match hash.and_then(|hash| hash.get(name, &clock)) {
                None => -2,
                Some(field) => {
                    field.expiry.map_or(-1, |when| unit.of_millis(when.saturating_sub(base).max(0)))
                }
            });
        }
        Done::Replied
    })
}
