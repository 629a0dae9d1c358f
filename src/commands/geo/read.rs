//! Where members are.

use super::cell::Point;
use super::{parse_unit, reply_distance, reply_point, shape};
use crate::{CommandError, Ctx, Done};
use conn::Args;
use keyspace::values::SortedSet;
use resp::Reply;

/// `GEOPOS key [member ...]`
pub fn geopos(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    each_member(cx, args, |reply, point| match point {
        Some(point) => reply_point(reply, point),
        None => reply.null_array(),
    })
}

/// `GEOHASH key [member ...]`
pub fn geohash(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    each_member(cx, args, |reply, point| match point {
        Some(point) => reply.bulk(&point.geohash()),
        None => reply.null(),
    })
}

/// Replies for each member that is asked for.
fn each_member(
    cx: &mut Ctx<'_>,
    args: Args<'_>,
    each: fn(&mut Reply<'_>, Option<Point>),
) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    cx.view::<SortedSet, _>(&key, |set, reply| {
        reply.array(args.len() - 2);
        for name in args.from(2) {
            each(reply, set.and_then(|set| set.score(name)).map(Point::of_score));
        }
    })?;
    Ok(Done::Replied)
}

/// `GEODIST key member1 member2 [M | KM | FT | MI]`
pub fn geodist(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let unit = match args.get(4) {
        None => 1.0,
        Some(unit) if args.len() == 5 => parse_unit(unit)?,
        Some(_) => return Err(CommandError::SYNTAX),
    };
    let key = cx.key(&args, 1);

    cx.view::<SortedSet, _>(&key, |set, reply| {
        let place = |name| set.and_then(|set| set.score(name)).map(Point::of_score);
        match (place(args.at(2)), place(args.at(3))) {
            (Some(a), Some(b)) => reply_distance(reply, shape::distance(a, b) / unit),
            _ => reply.null(),
        }
    })?;
    Ok(Done::Replied)
}
