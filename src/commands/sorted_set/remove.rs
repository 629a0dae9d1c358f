//! Members that go: by name, or all within bounds.

use super::bounds::By;
use crate::{CommandError, Ctx, Done};
use conn::Args;
use keyspace::values::SortedSet;

/// `ZREM key member [member ...]`
pub fn zrem(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let mut removed = 0;
    if let Some(place) = cx.place_of::<SortedSet>(&key)? {
        let mut set = cx.open::<SortedSet>(place).value;
        removed = args.from(2).filter(|name| set.remove(name).is_some()).count();
        drop(set);
        if removed > 0 {
            cx.changed(&key, "zrem", removed as u64);
            cx.close::<SortedSet>(&key, place);
        }
    }
    cx.reply.integer(removed as i64);
    Ok(Done::Replied)
}

/// `ZREMRANGEBYRANK key start stop`
pub fn zremrangebyrank(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    remove_within(cx, args, By::Rank, "zremrangebyrank")
}

/// `ZREMRANGEBYSCORE key min max`
pub fn zremrangebyscore(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    remove_within(cx, args, By::Score, "zremrangebyscore")
}

/// `ZREMRANGEBYLEX key min max`
pub fn zremrangebylex(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    remove_within(cx, args, By::Name, "zremrangebylex")
}

fn remove_within(
    cx: &mut Ctx<'_>,
    args: Args<'_>,
    by: By,
    event: &'static str,
) -> Result<Done, CommandError> {
    let bounds = by.bounds(args.at(2), args.at(3))?;
    let key = cx.key(&args, 1);
    let mut removed = 0;
    if let Some(place) = cx.place_of::<SortedSet>(&key)? {
        let mut set = cx.open::<SortedSet>(place).value;
        let ranks = set.ranks(&bounds);
        removed = ranks.len();
        set.remove_ranks(ranks);
        drop(set);
        if removed > 0 {
            cx.changed(&key, event, removed as u64);
            cx.close::<SortedSet>(&key, place);
        }
    }
    cx.reply.integer(removed as i64);
    Ok(Done::Replied)
}
