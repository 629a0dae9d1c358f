//! XLEN, XRANGE and XREVRANGE.

use super::{ids, reply};
use crate::{CommandError, Ctx, Done, parse};
use conn::Args;
use keyspace::values::Stream;

/// `XLEN key`
pub fn xlen(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    cx.view::<Stream, _>(&key, |stream, reply| {
        reply.integer(stream.map_or(0, |stream| stream.entries.length().cast_signed()));
    })?;
    Ok(Done::Replied)
}

/// `XRANGE key start end [COUNT count]`
pub fn xrange(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    range(cx, args, false)
}

/// `XREVRANGE key end start [COUNT count]`
pub fn xrevrange(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    range(cx, args, true)
}

fn range(cx: &mut Ctx<'_>, args: Args<'_>, backward: bool) -> Result<Done, CommandError> {
    let (start, end) = if backward { (3, 2) } else { (2, 3) };
    let (start, end) = (ids::range_start(args.at(start))?, ids::range_end(args.at(end))?);
    let most = most(args)?;

    let key = cx.key(&args, 1);
    cx.view::<Stream, _>(&key, |stream, reply| match (stream, most) {
        (None, _) => reply.array(0),
        (Some(_), Some(0)) => reply.null_array(),
        (Some(stream), most) => {
            let most = most.unwrap_or(0);
            if backward {
                reply::entries(reply, stream.entries.range_back(start, end), most, |_| {});
            } else {
                reply::entries(reply, stream.entries.range(start, end), most, |_| {});
            }
        }
    })?;
    Ok(Done::Replied)
}

/// How many entries are wanted at most, if that is said. What is below 0 counts as 0.
fn most(args: Args<'_>) -> Result<Option<u64>, CommandError> {
    let mut most = None;
    let mut at = 4;
    while at < args.len() {
        match args.get(at + 1) {
            Some(count) if parse::is(args.at(at), "count") => {
                most = Some(parse::integer(count)?.max(0).cast_unsigned());
            }
            _ => return Err(CommandError::SYNTAX),
        }
        at += 2;
    }
    Ok(most)
}
