//! XCLAIM and XAUTOCLAIM: what is pending changes hands.

use super::repeat::{self, Path};
use super::{ids, no_key_or_group, reply};
use crate::{CommandError, Ctx, Done, Effects, Open, parse};
use conn::Args;
use keyspace::Key;
use keyspace::tables::Place;
use keyspace::values::Stream;
use keyspace::values::stream::{ConsumerId, Entries, Group, Id, Log, Pending};
use resp::Reply;
use std::ops::Bound;

/// `XCLAIM key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-ms] [RETRYCOUNT count] [FORCE] [JUSTID]
/// [LASTID id]`
pub fn xclaim(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let place = place_of_group(cx, &key, args.at(2))?;
    let options = Options::parse(args, cx.now)?;

    let mut open = cx.open::<Stream>(place);
    let mut claim = Claim::begin(&mut open, Path { key: key.name, group: args.at(2) }, args.at(3));
    let mut untold = claim.group.last < options.last;
    if untold {
        claim.group.last = options.last;
    }
    let mut claimed = Vec::new();
    for id in options.ids {
        let before = claim.group.pending().get(&id).copied();
        if claim.entries.get(id).is_none() {
            if let Some(pending) = before {
                claim.forget(id, pending);
                untold = false;
            }
            continue;
        }
        let count = match before {
            None if !options.force => continue,
            Some(pending) if !claim.is_idle(pending, options.idle) => continue,
            // Quirk of the reference: what is pending by force alone counts as given once before.
            _ => options.count.unwrap_or_else(|| {
                before.map_or(1, |pending| pending.count).wrapping_add(u64::from(!options.just_id))
            }),
        };
        claim.take(id, options.time, count);
        untold = false;
        claimed.push(id);
    }
    if untold {
        repeat::position(claim.effects, claim.path, claim.group);
        claim.effects.dirty += 1;
    }

    claim.reply(&claimed, options.just_id);
    Ok(Done::Replied)
}

/// `XAUTOCLAIM key group consumer min-idle-time start [COUNT count] [JUSTID]`
pub fn xautoclaim(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    /// So many pending entries are looked at for each that is wished for.
    const ATTEMPTS: u64 = 10;
    let idle = parse::integer(args.at(4)).map_err(|_| invalid("min-idle-time argument for XAUTOCLAIM"))?;
    let start = ids::range_start(args.at(5))?;
    let (count, just_id) = auto_options(args)?;
    let key = cx.key(&args, 1);
    let place = place_of_group(cx, &key, args.at(2))?;

    let mut open = cx.open::<Stream>(place);
    let mut claim = Claim::begin(&mut open, Path { key: key.name, group: args.at(2) }, args.at(3));
    let (mut claimed, mut gone) = (Vec::new(), Vec::new());
    let (mut left, mut attempts) = (count, count * ATTEMPTS);
    let mut from = Bound::Included(start);
    while left > 0 && attempts > 0 {
        attempts -= 1;
        let Some((id, pending)) = claim.next(from) else { break };
        from = Bound::Excluded(id);
        if claim.entries.get(id).is_none() {
            claim.forget(id, pending);
            gone.push(id);
            left -= 1;
        } else if claim.is_idle(pending, idle.max(0)) {
            claim.take(id, claim.now, pending.count.wrapping_add(u64::from(!just_id)));
            claimed.push(id);
            left -= 1;
        }
    }

    let next = claim.next(from).map_or(Id::MIN, |(id, _)| id);
    claim.reply.array(3);
    reply::id(claim.reply, next);
    claim.reply(&claimed, just_id);
    claim.reply.array(gone.len());
    gone.into_iter().for_each(|id| reply::id(claim.reply, id));
    Ok(Done::Replied)
}

/// How many entries XAUTOCLAIM is to claim, and whether only their IDs are wanted.
fn auto_options(args: Args<'_>) -> Result<(u64, bool), CommandError> {
    const MOST: u64 = i64::MAX as u64 / 16;
    let (mut count, mut just_id) = (100, false);
    let mut at = 6;
    while at < args.len() {
        match args.get(at + 1) {
            Some(text) if parse::is(args.at(at), "count") => {
                let wanted = parse::integer(text).ok().and_then(|count| u64::try_from(count).ok());
                let wanted = wanted.filter(|count| (1..=MOST).contains(count));
                count = wanted.ok_or_else(|| CommandError::of("COUNT must be > 0"))?;
                at += 1;
            }
            _ if parse::is(args.at(at), "justid") => just_id = true,
            _ => return Err(CommandError::SYNTAX),
        }
        at += 1;
    }
    Ok((count, just_id))
}

/// The place of a stream that has this group.
fn place_of_group(cx: &mut Ctx<'_>, key: &Key<'_>, group: &[u8]) -> Result<Place, CommandError> {
    let place = cx.read_place_of::<Stream>(key)?;
    place
        .filter(|place| cx.value::<Stream>(*place).groups.contains_key(group))
        .ok_or_else(|| no_key_or_group(key.name, group, ""))
}

/// A consumer claims what is pending in its group.
struct Claim<'c, 'a> {
    path: Path<'c>,
    entries: &'c Entries,
    group: &'c mut Group,
    consumer: ConsumerId,
    reply: &'c mut Reply<'a>,
    effects: &'c mut Effects,
    now: i64,
}

impl<'c, 'a> Claim<'c, 'a> {
    /// Begins for a consumer, which is made if it is not there.
    fn begin(open: &'c mut Open<'_, 'a, Stream>, path: Path<'c>, name: &[u8]) -> Claim<'c, 'a> {
        let Open { value, reply, effects, now, database, .. } = open;
        let Log { entries, groups } = &mut ***value;
        let group = groups.get_mut(path.group).expect("a group that is there");
        let consumer = group.find(name).unwrap_or_else(|| {
            effects.noted(*database, path.key, "xgroup-createconsumer", 1);
            group.create(name, *now).expect("a consumer that was not found")
        });
        group.consumer_mut(consumer).seen = *now;
        effects.replicate_no_request();
        Claim { path, entries, group, consumer, reply, effects, now: *now }
    }

    /// The first pending entry from somewhere on.
    fn next(&self, from: Bound<Id>) -> Option<(Id, Pending)> {
        self.group.pending().range((from, Bound::Unbounded)).next().map(|(id, pending)| (*id, *pending))
    }

    /// Whether an entry was not given for so many milliseconds.
    fn is_idle(&self, pending: Pending, idle: i64) -> bool {
        idle == 0 || self.now.wrapping_sub(pending.time) >= idle
    }

    /// What is pending exists no more.
    fn forget(&mut self, id: Id, pending: Pending) {
        repeat::claim(self.effects, self.path, self.group, id, pending);
        self.effects.dirty += 1;
        self.group.acknowledge(id);
    }

    /// The consumer takes an entry.
    fn take(&mut self, id: Id, time: i64, count: u64) {
        let pending = self.group.give(id, self.consumer, time, count);
        self.group.consumer_mut(self.consumer).active = self.now;
        repeat::claim(self.effects, self.path, self.group, id, pending);
        self.effects.dirty += 1;
    }

    /// Replies with entries that were claimed, or with their IDs.
    fn reply(&mut self, claimed: &[Id], just_id: bool) {
        self.reply.array(claimed.len());
        for id in claimed {
            match self.entries.get(*id) {
                Some(entry) if !just_id => reply::entry(self.reply, entry),
                _ => reply::id(self.reply, *id),
            }
        }
    }
}

/// The options of XCLAIM.
struct Options {
    idle: i64,
    ids: Vec<Id>,
    /// When what is claimed was given.
    time: i64,
    /// How often it was.
    count: Option<u64>,
    force: bool,
    just_id: bool,
    /// The group has come so far at least.
    last: Id,
}

impl Options {
    fn parse(args: Args<'_>, now: i64) -> Result<Options, CommandError> {
        let idle = parse::integer(args.at(4)).map_err(|_| invalid("min-idle-time argument for XCLAIM"))?;
        let ids: Vec<Id> = args.from(5).map_while(|text| ids::strict_id(text, 0)).collect();
        let mut at = 5 + ids.len();
        let mut options = Options {
            idle: idle.max(0),
            ids,
            time: now,
            count: None,
            force: false,
            just_id: false,
            last: Id::MIN,
        };
        while at < args.len() {
            let word = args.at(at);
            match args.get(at + 1) {
                _ if parse::is(word, "force") => options.force = true,
                _ if parse::is(word, "justid") => options.just_id = true,
                Some(next) => {
                    options.read(word, next, now)?;
                    at += 1;
                }
                None => return Err(unrecognized(word)),
            }
            at += 1;
        }
        if !(0..=now).contains(&options.time) {
            options.time = now;
        }
        Ok(options)
    }

    /// Reads an option that has an operand.
    fn read(&mut self, word: &[u8], next: &[u8], now: i64) -> Result<(), CommandError> {
        let number = |name: &str| {
            parse::integer(next).map_err(|_| invalid(&format!("{name} option argument for XCLAIM")))
        };
        if parse::is(word, "idle") {
            self.time = now.wrapping_sub(number("IDLE")?);
        } else if parse::is(word, "time") {
            self.time = number("TIME")?;
        } else if parse::is(word, "retrycount") {
            self.count = u64::try_from(number("RETRYCOUNT")?).ok();
        } else if parse::is(word, "lastid") {
            self.last = ids::strict(next)?;
        } else {
            return Err(unrecognized(word));
        }
        Ok(())
    }
}

fn invalid(what: &str) -> CommandError {
    CommandError::of(format!("Invalid {what}"))
}

fn unrecognized(word: &[u8]) -> CommandError {
    CommandError::of([b"Unrecognized XCLAIM option '", parse::quoted(word), b"'"].concat())
}
