//! Members in a range: ZRANGE, its older relatives, and ZRANGESTORE.

use super::bounds::By;
use super::{reply_member, reply_pair, reply_pairs};
use crate::{CommandError, Ctx, Done, parse};
use base::text::Digits;
use conn::Args;
use keyspace::values::sorted_set::Bounds;
use keyspace::values::{SortedSet, Value};
use std::ops::Range;

/// `ZRANGE key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]`
pub fn zrange(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    answer(cx, args, Grammar { by: None, backwards: None, stores: false })
}

/// `ZREVRANGE key start stop [WITHSCORES]`
pub fn zrevrange(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    answer(cx, args, Grammar { by: Some(By::Rank), backwards: Some(true), stores: false })
}

/// `ZRANGEBYSCORE key min max [WITHSCORES] [LIMIT offset count]`
pub fn zrangebyscore(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    answer(cx, args, Grammar { by: Some(By::Score), backwards: Some(false), stores: false })
}

/// `ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count]`
pub fn zrevrangebyscore(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    answer(cx, args, Grammar { by: Some(By::Score), backwards: Some(true), stores: false })
}

/// `ZRANGEBYLEX key min max [LIMIT offset count]`
pub fn zrangebylex(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    answer(cx, args, Grammar { by: Some(By::Name), backwards: Some(false), stores: false })
}

/// `ZREVRANGEBYLEX key max min [LIMIT offset count]`
pub fn zrevrangebylex(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    answer(cx, args, Grammar { by: Some(By::Name), backwards: Some(true), stores: false })
}

fn answer(cx: &mut Ctx<'_>, args: Args<'_>, grammar: Grammar) -> Result<Done, CommandError> {
    let query = Query::parse(args, 1, grammar)?;
    let key = cx.key(&args, 1);
    cx.view::<SortedSet, _>(&key, |set, reply| {
        let Some(set) = set else { return reply.array(0) };
        let ranks = query.ranks(set);
        if query.with_scores {
            reply_pairs(reply, ranks.len());
            set.walk(ranks, query.backwards, |name, score| {
                reply_pair(reply, name, score);
                true
            });
        } else {
            reply.array(ranks.len());
            set.walk(ranks, query.backwards, |name, _| {
                reply_member(reply, name);
                true
            });
        }
    })?;
    Ok(Done::Replied)
}

/// `ZRANGESTORE dst src min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]`
pub fn zrangestore(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let query = Query::parse(args, 2, Grammar { by: None, backwards: None, stores: true })?;
    let (destination, source) = (cx.key(&args, 1), cx.key(&args, 2));

    let rules = &cx.settings.rules;
    let mut found = SortedSet::new(rules, 0, 0);
    if let Some(place) = cx.read_place_of::<SortedSet>(&source)? {
        let set = cx.value::<SortedSet>(place);
        let ranks = query.ranks(&set);
        if query.by == By::Rank {
            found.expect(rules, ranks.len(), 0);
        }
        set.walk(ranks, query.backwards, |name, score| {
            found.put(rules, name.bytes(&mut Digits::default()), |_| Some(score));
            true
        });
    }
    let count = found.len();
    if found.is_empty() {
        cx.store_nothing(&destination);
    } else {
        cx.store(&destination, found.into_any());
        cx.changed(&destination, "zrangestore", 1);
    }

    cx.reply.integer(count as i64);
    Ok(Done::Replied)
}

/// What a command takes beside the bounds.
#[derive(Clone, Copy, Debug)]
struct Grammar {
    /// What the bounds are, where the options do not say.
    by: Option<By>,
    /// The direction, where the options do not say.
    backwards: Option<bool>,
    /// Whether the members are stored, and not answered with or without scores.
    stores: bool,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
struct Query<'a> {
    by: By,
    bounds: Bounds<'a>,
    backwards: bool,
    with_scores: bool,
    offset: i64,
    count: i64,
}

impl<'a> Query<'a> {
    /// Reads the two bounds behind the key at `key`, and the options behind them.
    fn parse(args: Args<'a>, key: usize, grammar: Grammar) -> Result<Query<'a>, CommandError> {
        let (mut by, mut backwards, mut with_scores) = (grammar.by, grammar.backwards, false);
        let (mut offset, mut count) = (0, -1);
        let mut at = key + 3;
        while let Some(word) = args.get(at) {
            if !grammar.stores && parse::is(word, "withscores") {
                with_scores = true;
            } else if parse::is(word, "limit") && args.len() > at + 2 {
                offset = parse::integer(args.at(at + 1))?;
                count = parse::integer(args.at(at + 2))?;
                at += 2;
            } else if grammar.backwards.is_none() && backwards.is_none() && parse::is(word, "rev") {
                backwards = Some(true);
            } else if grammar.by.is_none() && by.is_none() && parse::is(word, "bylex") {
                by = Some(By::Name);
            } else if grammar.by.is_none() && by.is_none() && parse::is(word, "byscore") {
                by = Some(By::Score);
            } else {
                return Err(CommandError::SYNTAX);
            }
            at += 1;
        }
        let (by, backwards) = (by.unwrap_or(By::Rank), backwards.unwrap_or(false));
        if count != -1 && by == By::Rank {
            return Err(CommandError::of(
                "syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
            ));
        }
        if with_scores && by == By::Name {
            return Err(CommandError::of("syntax error, WITHSCORES not supported in combination with BYLEX"));
        }
        let (first, second) = (args.at(key + 1), args.at(key + 2));
        // Backwards, the upper bound comes first; ranks are counted from the upper end instead.
        let swapped = backwards && by != By::Rank;
        let bounds = if swapped { by.bounds(second, first)? } else { by.bounds(first, second)? };
        Ok(Query { by, bounds, backwards, with_scores, offset, count })
    }

    /// The ranks of what is asked for.
    fn ranks(&self, set: &SortedSet) -> Range<usize> {
        let ranks = set.ranks(&self.bounds);
        let len = set.len();
        if self.by == By::Rank {
            return if self.backwards { len - ranks.end..len - ranks.start } else { ranks };
        }
        let (skip, take) = self.limits(ranks.len(), matches!(set, SortedSet::Pack(_)));
        match self.backwards {
            false => ranks.start + skip..ranks.start + skip + take,
            true => ranks.end - skip - take..ranks.end - skip,
        }
    }

    /// How many of so many members LIMIT skips, and how many of the others it takes.
    ///
    /// Quirk of the reference: a negative offset counts from the far end of the range, but only if the sorted set is a
    /// big one; in a small one it finds nothing.
    fn limits(&self, len: usize, is_pack: bool) -> (usize, usize) {
        let skip = match usize::try_from(self.offset) {
            Ok(skip) => skip.min(len),
            Err(_) => {
                let from_end = usize::try_from(self.offset.unsigned_abs()).unwrap_or(usize::MAX);
                if is_pack || from_end > len { len } else { len - from_end }
            }
        };
        let take = usize::try_from(self.count).map_or(len - skip, |count| count.min(len - skip));
        (skip, take)
    }
}
