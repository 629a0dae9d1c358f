//! What members there are, with which scores and ranks.

use super::bounds::By;
use crate::{CommandError, Ctx, Done, parse, scan};
use base::double;
use base::text::Digits;
use conn::Args;
use keyspace::values::SortedSet;
use resp::Reply;

/// `ZCARD key`
pub fn zcard(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    cx.view::<SortedSet, _>(&key, |set, reply| reply.integer(set.map_or(0, |set| set.len() as i64)))?;
    Ok(Done::Replied)
}

/// `ZSCORE key member`
pub fn zscore(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    cx.view::<SortedSet, _>(&key, |set, reply| reply_score(reply, set, args.at(2)))?;
    Ok(Done::Replied)
}

/// `ZMSCORE key member [member ...]`
pub fn zmscore(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    cx.view::<SortedSet, _>(&key, |set, reply| {
        reply.array(args.len() - 2);
        args.from(2).for_each(|name| reply_score(reply, set, name));
    })?;
    Ok(Done::Replied)
}

#[inline]
fn reply_score(reply: &mut Reply<'_>, set: Option<&SortedSet>, name: &[u8]) {
    match set.and_then(|set| set.score(name)) {
        Some(score) => reply.double(score),
        None => reply.null(),
    }
}

/// `ZRANK key member [WITHSCORE]`
pub fn zrank(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    rank(cx, args, "zrank", |rank, _| rank)
}

/// `ZREVRANK key member [WITHSCORE]`
pub fn zrevrank(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    rank(cx, args, "zrevrank", |rank, len| len - 1 - rank)
}

fn rank(
    cx: &mut Ctx<'_>,
    args: Args<'_>,
    command: &str,
    counted: fn(usize, usize) -> usize,
) -> Result<Done, CommandError> {
    let with_score = match args.get(3) {
        _ if args.len() > 4 => return Err(CommandError::arity(command)),
        Some(word) if !parse::is(word, "withscore") => return Err(CommandError::SYNTAX),
        option => option.is_some(),
    };
    let key = cx.key(&args, 1);

    cx.view::<SortedSet, _>(&key, |set, reply| {
        let found =
            set.and_then(|set| set.rank(args.at(2)).map(|(rank, score)| (counted(rank, set.len()), score)));
        match (found, with_score) {
            (None, false) => reply.null(),
            (None, true) => reply.null_array(),
            (Some((rank, _)), false) => reply.integer(rank as i64),
            (Some((rank, score)), true) => {
                reply.array(2);
                reply.integer(rank as i64);
                reply.double(score);
            }
        }
    })?;
    Ok(Done::Replied)
}

/// `ZCOUNT key min max`
pub fn zcount(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    count(cx, args, By::Score)
}

/// `ZLEXCOUNT key min max`
pub fn zlexcount(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    count(cx, args, By::Name)
}

fn count(cx: &mut Ctx<'_>, args: Args<'_>, by: By) -> Result<Done, CommandError> {
    let bounds = by.bounds(args.at(2), args.at(3))?;
    let key = cx.key(&args, 1);
    cx.view::<SortedSet, _>(&key, |set, reply| {
        reply.integer(set.map_or(0, |set| set.ranks(&bounds).len() as i64));
    })?;
    Ok(Done::Replied)
}

/// `ZSCAN key cursor [MATCH pattern] [COUNT count] [NOSCORES]`
///
/// Quirk of the reference: scores of big sorted sets come with 17 digits here, whether they are needed or not.
pub fn zscan(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let mut text = Vec::new();
    scan::collection::<SortedSet>(cx, args, |set, cursor, options, found| {
        let is_pack = matches!(set, SortedSet::Pack(_));
        options.walk(cursor, |cursor, seen| {
            set.scan(cursor, |name, score| {
                *seen += 1;
                let mut digits = Digits::default();
                let name = name.bytes(&mut digits);
                if options.passes(name) {
                    found.push(name);
                    if !options.only_names {
                        text.clear();
                        if is_pack {
                            double::push_f64(&mut text, score);
                        } else {
                            double::push_general(&mut text, score, 17);
                        }
                        found.push(&text);
                    }
                }
            })
        })
    })
}
