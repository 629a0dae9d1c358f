//! The members with the lowest or the highest scores, taken out: at once, or when there are any.

use super::reply_member;
use crate::ctx::{InVain, Wait};
use crate::{CommandError, Ctx, Done, parse};
use base::int;
use conn::Args;
use keyspace::Key;
use keyspace::tables::Place;
use keyspace::values::{Kind, SortedSet};
use resp::{Protocol, Reply};
use std::ops::Range;

/// Which end is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Lowest,
    Highest,
}

/// How members and scores stand in the reply.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// One after the other.
    Flat,
    /// In pairs.
    Pairs,
    /// One after the other, behind the key.
    FlatWithKey,
    /// In pairs, all of them behind the key.
    PairsWithKey,
}

/// `ZPOPMIN key [count]`
pub fn zpopmin(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    pop_one_key(cx, args, End::Lowest)
}

/// `ZPOPMAX key [count]`
pub fn zpopmax(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    pop_one_key(cx, args, End::Highest)
}

fn pop_one_key(cx: &mut Ctx<'_>, args: Args<'_>, end: End) -> Result<Done, CommandError> {
    if args.len() > 3 {
        return Err(CommandError::SYNTAX);
    }
    let count = args.get(2).map(|text| parse::count(text, parse::NOT_POSITIVE)).transpose()?;
    let key = cx.key(&args, 1);

    match cx.place_of::<SortedSet>(&key)? {
        Some(place) if count != Some(0) => {
            let nested = count.is_some() && cx.reply.protocol() == Protocol::Resp3;
            let form = if nested { Form::Pairs } else { Form::Flat };
            pop(cx, &key, place, end, count.unwrap_or(1) as u64, form);
        }
        _ => cx.reply.array(0),
    }
    Ok(Done::Replied)
}

/// `ZMPOP numkeys key [key ...] MIN | MAX [COUNT count]`
pub fn zmpop(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let (keys, end, count) = parse_many(args, 1)?;
    if !pop_first(cx, args, keys, end, Some(count))? {
        cx.reply.null_array();
    }
    Ok(Done::Replied)
}

/// `BZMPOP timeout numkeys key [key ...] MIN | MAX [COUNT count]`
pub fn bzmpop(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let (keys, end, count) = parse_many(args, 2)?;
    pop_or_wait(cx, args, keys, end, Some(count), args.at(1))
}

/// `BZPOPMIN key [key ...] timeout`
pub fn bzpopmin(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let last = args.len() - 1;
    pop_or_wait(cx, args, 1..last, End::Lowest, None, args.at(last))
}

/// `BZPOPMAX key [key ...] timeout`
pub fn bzpopmax(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let last = args.len() - 1;
    pop_or_wait(cx, args, 1..last, End::Highest, None, args.at(last))
}

/// Reads what ZMPOP takes from the number of keys on: the keys, the end and the count.
fn parse_many(args: Args<'_>, at: usize) -> Result<(Range<usize>, End, u64), CommandError> {
    let positive = |text: &[u8], name: &str| match int::parse_i64(text) {
        Some(number @ 1..) => Ok(number as u64),
        _ => Err(CommandError::of(format!("{name} should be greater than 0"))),
    };
    let keys = usize::try_from(positive(args.at(at), "numkeys")?).unwrap_or(usize::MAX);
    let after = keys.saturating_add(at + 1);
    let end = match args.get(after) {
        Some(word) if parse::is(word, "min") => End::Lowest,
        Some(word) if parse::is(word, "max") => End::Highest,
        _ => return Err(CommandError::SYNTAX),
    };
    let count = match (args.get(after + 1), args.get(after + 2)) {
        (None, _) => 1,
        (Some(word), Some(count)) if parse::is(word, "count") => positive(count, "count")?,
        _ => return Err(CommandError::SYNTAX),
    };
    if args.len() > after + 3 { Err(CommandError::SYNTAX) } else { Ok((at + 1..after, end, count)) }
}

fn pop_or_wait(
    cx: &mut Ctx<'_>,
    args: Args<'_>,
    keys: Range<usize>,
    end: End,
    count: Option<u64>,
    timeout: &[u8],
) -> Result<Done, CommandError> {
    let timeout = parse::timeout(timeout, cx.now)?;
    if pop_first(cx, args, keys.clone(), end, count)? {
        return Ok(Done::Replied);
    }
    cx.block(Wait {
        keys,
        kind: Kind::SortedSet,
        even_if_gone: false,
        timeout,
        in_vain: InVain::NullArray,
        rewritten: Vec::new(),
    })
}

/// Pops from the first of these keys that is there, if any is; without a count one member, not in a pair.
fn pop_first(
    cx: &mut Ctx<'_>,
    args: Args<'_>,
    keys: Range<usize>,
    end: End,
    count: Option<u64>,
) -> Result<bool, CommandError> {
    for at in keys {
        let key = cx.key(&args, at);
        let Some(place) = cx.place_of::<SortedSet>(&key)? else { continue };
        let form = if count.is_some() { Form::PairsWithKey } else { Form::FlatWithKey };
        let popped = pop(cx, &key, place, end, count.unwrap_or(1), form);
        let command: &[u8] = if end == End::Lowest { b"ZPOPMIN" } else { b"ZPOPMAX" };
        match count {
            None => cx.replicate_as(&[command, key.name]),
            Some(_) => {
                let mut digits = [0; int::MAX_TEXT];
                cx.replicate_as(&[command, key.name, int::format_u64(popped, &mut digits)]);
            }
        }
        return Ok(true);
    }
    Ok(false)
}

/// Takes up to `count` members out and replies with them; answers how many they were.
fn pop(cx: &mut Ctx<'_>, key: &Key<'_>, place: Place, end: End, count: u64, form: Form) -> u64 {
    let mut open = cx.open::<SortedSet>(place);
    let len = open.value.len();
    let count = usize::try_from(count).map_or(len, |count| count.min(len));
    let ranks = if end == End::Lowest { 0..count } else { len - count..len };
    form.reply_head(open.reply, key.name, count);
    open.value.walk(ranks.clone(), end == End::Highest, |name, score| {
        if matches!(form, Form::Pairs | Form::PairsWithKey) {
            open.reply.array(2);
        }
        reply_member(open.reply, name);
        open.reply.double(score);
        true
    });
    open.value.remove_ranks(ranks);
    drop(open);
    let event = if end == End::Lowest { "zpopmin" } else { "zpopmax" };
    cx.changed(key, event, count as u64);
    cx.close::<SortedSet>(key, place);
    count as u64
}

impl Form {
    fn reply_head(self, reply: &mut Reply<'_>, key: &[u8], count: usize) {
        match self {
            Form::Flat => reply.array(count * 2),
            Form::Pairs => reply.array(count),
            Form::FlatWithKey => {
                reply.array(count * 2 + 1);
                reply.bulk(key);
            }
            Form::PairsWithKey => {
                reply.array(2);
                reply.bulk(key);
                reply.array(count);
            }
        }
    }
}
