//! What several sets have in common, have together, or have apart, as a reply or as a new set.
//!
//! Replies are written while members are found. As in the reference, those that come from sets in one piece come in the
//! order of these, and those of numbers alone from the least; otherwise they have none.

use super::reply_member;
use crate::{CommandError, Ctx, Done, parse};
use base::map::{SipSet, SipState};
use base::text::Text;
use conn::Args;
use keyspace::Held;
use keyspace::tables::{Place, Tables};
use keyspace::values::{Rules, Set, Value};
use std::ops::Range;

/// Up to so many sets, a member is sought in those before its own to see whether it has come already; with more, those
/// that have come are remembered.
const SEEK_UP_TO: usize = 3;

/// `SINTER key [key ...]`
pub fn sinter(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let places = places(cx, args, 1..args.len())?;
    let start = cx.reply.array_deferred();
    let mut count = 0;
    let sets = sets(&cx.data.databases[cx.caller.database].tables, &places);
    let reply = &mut cx.reply;
    intersect(&sets, places.len(), |member| {
        reply_member(reply, member);
        count += 1;
        true
    });
    reply.set_set(&start, count);
    Ok(Done::Replied)
}

/// `SINTERCARD numkeys key [key ...] [LIMIT limit]`
pub fn sintercard(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let keys = parse::count(args.at(1), "numkeys should be greater than 0")?;
    if keys == 0 {
        return Err(CommandError::of("numkeys should be greater than 0"));
    }
    if keys > args.len() - 2 {
        return Err(CommandError::of("Number of keys can't be greater than number of args"));
    }
    let end = 2 + keys;
    let (mut at, mut limit) = (end, 0);
    while at < args.len() {
        match args.get(at + 1) {
            Some(number) if parse::is(args.at(at), "limit") => {
                limit = parse::count(number, "LIMIT can't be negative")?;
            }
            _ => return Err(CommandError::SYNTAX),
        }
        at += 2;
    }

    let places = places(cx, args, 2..end)?;
    let mut count = 0;
    intersect(&sets(tables(cx), &places), places.len(), |_| {
        count += 1;
        count != limit
    });

    cx.reply.integer(count as i64);
    Ok(Done::Replied)
}

/// `SINTERSTORE destination key [key ...]`
pub fn sinterstore(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let places = places(cx, args, 2..args.len())?;
    let (sets, rules) = (sets(tables(cx), &places), &cx.settings.rules);
    let mut common = match sets.iter().min_by_key(|set| set.len()).map(|set| &**set) {
        Some(Set::Ints(_)) => Set::of_ints(),
        _ => Set::of_strings(),
    };
    intersect(&sets, places.len(), |member| {
        common.add(member, rules);
        true
    });
    common.settle_for_ints(rules);
    drop(sets);
    store(cx, args, common, "sinterstore")
}

/// `SUNION key [key ...]`
pub fn sunion(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let places = places(cx, args, 1..args.len())?;
    let start = cx.reply.array_deferred();
    let mut count = 0;
    let sets = sets(&cx.data.databases[cx.caller.database].tables, &places);
    let reply = &mut cx.reply;
    unite(&sets, &cx.settings.rules, |member| {
        reply_member(reply, member);
        count += 1;
    });
    reply.set_set(&start, count);
    Ok(Done::Replied)
}

/// `SUNIONSTORE destination key [key ...]`
pub fn sunionstore(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let places = places(cx, args, 2..args.len())?;
    let (sets, rules) = (sets(tables(cx), &places), &cx.settings.rules);
    let mut all = Set::of_ints();
    for set in &sets {
        set.iter().for_each(|member| {
            all.add(member, rules);
        });
    }
    drop(sets);
    store(cx, args, all, "sunionstore")
}

/// `SDIFF key [key ...]`: what the first has and no other.
pub fn sdiff(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let places = places(cx, args, 1..args.len())?;
    let start = cx.reply.array_deferred();
    let mut count = 0;
    let tables = &cx.data.databases[cx.caller.database].tables;
    if let Some(rest) = Subtraction::of(tables, args, 1, &places) {
        let reply = &mut cx.reply;
        let mut give = |member: Text<'_>| {
            reply_member(reply, member);
            count += 1;
        };
        match rest.seek {
            true => rest.apart().for_each(give),
            false => {
                let mut left = remembered(&cx.settings.rules);
                left.extend(rest.first.iter());
                for member in rest.others.iter().flat_map(|set| set.iter()) {
                    left.remove(&member);
                }
                rest.first.iter().filter(|member| left.contains(member)).for_each(&mut give);
            }
        }
    }
    cx.reply.set_set(&start, count);
    Ok(Done::Replied)
}

/// `SDIFFSTORE destination key [key ...]`
pub fn sdiffstore(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let places = places(cx, args, 2..args.len())?;
    let rules = &cx.settings.rules;
    let mut left = Set::of_ints();
    if let Some(rest) = Subtraction::of(tables(cx), args, 2, &places) {
        if rest.seek {
            rest.apart().for_each(|member| {
                left.add(member, rules);
            });
        } else {
            rest.first.iter().for_each(|member| {
                left.add(member, rules);
            });
            for member in rest.others.iter().flat_map(|set| set.iter()) {
                left.remove(member);
            }
        }
    }
    store(cx, args, left, "sdiffstore")
}

/// Stores a new set under the key that argument 1 names, and replies with the number of its members.
fn store(cx: &mut Ctx<'_>, args: Args<'_>, set: Set, event: &'static str) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let count = set.len();
    if count == 0 {
        cx.store_nothing(&key);
    } else {
        cx.store(&key, set.into_any());
        cx.changed(&key, event, 1);
    }
    cx.reply.integer(count as i64);
    Ok(Done::Replied)
}

/// Where the sets are that these arguments name, `None` for those that are not there.
fn places(
    cx: &mut Ctx<'_>,
    args: Args<'_>,
    indices: Range<usize>,
) -> Result<Vec<Option<Place>>, CommandError> {
    let expired = cx.stats.expired;
    let mut places = Vec::with_capacity(indices.len());
    for index in indices.clone() {
        let key = cx.key(&args, index);
        places.push(cx.read_place_of::<Set>(&key)?);
    }
    if cx.stats.expired != expired {
        // Others may have moved when keys went whose time had come.
        for (place, index) in places.iter_mut().zip(indices) {
            let key = cx.key(&args, index);
            *place = cx.peek(&key);
        }
    }
    Ok(places)
}

fn tables<'c>(cx: &'c Ctx<'_>) -> &'c Tables {
    &cx.data.databases[cx.caller.database].tables
}

/// The sets that are there.
fn sets<'c>(tables: &'c Tables, places: &[Option<Place>]) -> Vec<Held<'c, Set>> {
    places.iter().flatten().filter_map(|&place| tables.get(place).value()).collect()
}

/// Gives out what `count` sets have in common, of which these are there, until it is told to stop.
fn intersect<'s>(sets: &'s [Held<'_, Set>], count: usize, mut give: impl FnMut(Text<'s>) -> bool) {
    if sets.len() < count {
        return;
    }
    let mut sets: Vec<&Set> = sets.iter().map(|set| &**set).collect();
    sets.sort_by_key(|set| set.len());
    let Some((least, others)) = sets.split_first() else { return };
    for member in least.iter().filter(|&member| others.iter().all(|other| other.contains(member))) {
        if !give(member) {
            return;
        }
    }
}

/// Gives out what the sets have together.
fn unite<'s>(sets: &'s [Held<'_, Set>], rules: &Rules, mut give: impl FnMut(Text<'s>)) {
    if sets.iter().all(|set| matches!(**set, Set::Ints(_))) {
        let mut numbers: Vec<i64> =
            sets.iter().flat_map(|set| set.iter()).filter_map(|member| member.integer()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.into_iter().for_each(|number| give(Text::Integer(number)));
    } else if sets.len() <= SEEK_UP_TO {
        for (index, set) in sets.iter().enumerate() {
            let before = &sets[..index];
            set.iter()
                .filter(|&member| !before.iter().any(|other| other.contains(member)))
                .for_each(&mut give);
        }
    } else {
        let mut come = remembered(rules);
        sets.iter().flat_map(|set| set.iter()).filter(|&member| come.insert(member)).for_each(give);
    }
}

/// Room to remember members that lie in sets.
fn remembered<'s>(rules: &Rules) -> SipSet<Text<'s>> {
    SipSet::with_hasher(SipState::new(rules.hash_key))
}

/// A set and those that are subtracted from it.
struct Subtraction<'c> {
    first: Held<'c, Set>,
    others: Vec<Held<'c, Set>>,
    /// Whether it is cheaper to seek each member of the first in the others than to go through all of these.
    seek: bool,
}

impl<'c> Subtraction<'c> {
    /// The sets that arguments from `from` on name, if anything can be left of the first.
    fn of(
        tables: &'c Tables,
        args: Args<'_>,
        from: usize,
        places: &[Option<Place>],
    ) -> Option<Subtraction<'c>> {
        let (first, others) = places.split_first()?;
        let itself = (from + 1..args.len()).any(|index| args.at(index) == args.at(from));
        let first: Held<'c, Set> = tables.get((*first).filter(|_| !itself)?).value()?;
        let others = sets(tables, others);
        // Seeking is given the advantage, as in the reference: it does less when there is much in common.
        let through = first.len() + others.iter().map(|set| set.len()).sum::<usize>();
        let seek = first.len().saturating_mul(1 + others.len()) / 2 <= through;
        Some(Subtraction { first, others, seek })
    }

    /// What no other set has, each member sought in all of them.
    fn apart(&self) -> impl Iterator<Item = Text<'_>> {
        let mut others: Vec<&Set> = self.others.iter().map(|set| &**set).collect();
        // In the largest first, where it is likeliest found.
        others.sort_by_key(|set| std::cmp::Reverse(set.len()));
        self.first.iter().filter(move |&member| !others.iter().any(|other| other.contains(member)))
    }
}
