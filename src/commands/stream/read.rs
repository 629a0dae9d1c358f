//! XREAD and XREADGROUP: what is new in several streams, now or when there is something.
//!
//! A client that waits is served by running its request again, so both are written to be run any number of times: what
//! `$` means is settled before the wait.

use super::repeat::{self, Path};
use super::{ids, no_key_or_group, reply};
use crate::ctx::{InVain, Wait};
use crate::{CommandError, Ctx, Done, Open, parse};
use conn::Args;
use keyspace::values::stream::{ConsumerId, Entries, Group, Id, Log};
use keyspace::values::{Kind, Stream};
use resp::reply::Deferred;
use resp::{Protocol, Reply};

/// What stands for the entries that were given to nobody in the group yet.
const NEW: Id = Id::MAX;

/// `XREAD [COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]`
pub fn xread(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let options = Options::parse(cx.now, args, false)?;
    let mut from = Vec::with_capacity(options.streams);
    for i in 0..options.streams {
        let key = cx.key(&args, options.first + i);
        let place = cx.read_place_of::<Stream>(&key)?;
        let stream = place.map(|place| cx.value::<Stream>(place));
        from.push(start(args.at(options.first + options.streams + i), stream.as_ref().map(|s| &s.entries))?);
    }

    let mut served = Served::default();
    for (i, from) in from.iter().enumerate() {
        let key = cx.key(&args, options.first + i);
        cx.view::<Stream, _>(&key, |stream, reply| {
            let Some(entries) = stream.map(|stream| &stream.entries) else { return };
            if let Some(start) = from.next().filter(|_| entries.last_live() > Some(*from)) {
                served.begin(reply, key.name);
                reply::entries(reply, entries.range(start, Id::MAX), options.most, |_| {});
            }
        })?;
    }

    if served.end(&mut cx.reply) {
        return Ok(Done::Replied);
    }
    let dollars = (0..options.streams).filter(|i| args.at(options.first + options.streams + i) == b"$");
    let rewritten = dollars.map(|i| (options.first + options.streams + i, from[i].text().to_vec())).collect();
    options.wait(cx, rewritten, false)
}

/// The ID behind which XREAD begins.
fn start(text: &[u8], entries: Option<&Entries>) -> Result<Id, CommandError> {
    match text {
        b"$" => Ok(entries.map_or(Id::MIN, |entries| entries.marks.last)),
        b"+" => match entries.filter(|entries| entries.length() > 0) {
            Some(entries) => entries
                .marks
                .last
                .previous()
                .ok_or_else(|| CommandError::of("the stream last element ID is 0-0")),
            None => Ok(Id::MIN),
        },
        b">" => Err(CommandError::of(
            "The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
        )),
        _ => ids::strict(text),
    }
}

/// `XREADGROUP GROUP group consumer [COUNT count] [BLOCK milliseconds] [NOACK] STREAMS key [key ...] id [id ...]`
pub fn xreadgroup(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let options = Options::parse(cx.now, args, true)?;
    let Some((group, consumer)) = options.group else {
        return Err(CommandError::of("Missing GROUP option for XREADGROUP"));
    };
    let mut from = Vec::with_capacity(options.streams);
    for i in 0..options.streams {
        let key = cx.key(&args, options.first + i);
        let place = cx.read_place_of::<Stream>(&key)?;
        if !place.is_some_and(|place| cx.value::<Stream>(place).groups.contains_key(group)) {
            return Err(no_key_or_group(key.name, group, " in XREADGROUP with GROUP option"));
        }
        from.push(group_start(args.at(options.first + options.streams + i))?);
    }

    cx.effects.replicate_no_request();
    let mut served = Served::default();
    for (i, from) in from.into_iter().enumerate() {
        let key = cx.key(&args, options.first + i);
        if let Some(place) = cx.read_place_of::<Stream>(&key)? {
            let path = Path { key: key.name, group };
            serve(&mut cx.open::<Stream>(place), &options, path, consumer, from, &mut served);
        }
    }

    if served.end(&mut cx.reply) { Ok(Done::Replied) } else { options.wait(cx, Vec::new(), true) }
}

/// The ID behind which XREADGROUP begins.
fn group_start(text: &[u8]) -> Result<Id, CommandError> {
    let useless = |id| {
        CommandError::of(format!(
            "The {id} ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer \
             by specifying a proper ID, or use the > ID to get new messages. The {id} ID would just return an empty \
             result set."
        ))
    };
    match text {
        b"$" => Err(useless('$')),
        b"+" => Err(useless('+')),
        b">" => Ok(NEW),
        _ => ids::strict(text),
    }
}

/// Gives a consumer of a group what one stream has for it.
fn serve(
    open: &mut Open<'_, '_, Stream>,
    options: &Options<'_>,
    path: Path<'_>,
    name: &[u8],
    from: Id,
    served: &mut Served,
) {
    let Open { value, reply, effects, now, database, .. } = open;
    let Log { entries, groups } = &mut ***value;
    let Some(group) = groups.get_mut(path.group) else { return };
    let consumer = match group.find(name) {
        Some(consumer) => consumer,
        None => {
            effects.noted(*database, path.key, "xgroup-createconsumer", 1);
            if options.no_ack {
                repeat::consumer(effects, path, name);
            }
            group.create(name, *now).expect("a consumer that was not found")
        }
    };
    group.consumer_mut(consumer).seen = *now;
    if from != NEW {
        served.begin(reply, path.key);
        history(reply, entries, group, consumer, from, options.most, *now);
        effects.dirty += 1;
        return;
    }
    if entries.last_live() <= Some(group.last) {
        return;
    }
    served.begin(reply, path.key);
    let mut advanced = false;
    let start = group.last.next().unwrap_or(Id::MIN);
    reply::entries(reply, entries.range(start, Id::MAX), options.most, |id| {
        advanced |= entries.advance(group, id);
        if !options.no_ack {
            let pending = group.give(id, consumer, *now, 1);
            group.consumer_mut(consumer).active = *now;
            repeat::claim(effects, path, group, id, pending);
        }
    });
    if advanced {
        repeat::position(effects, path, group);
    }
    effects.dirty += 1;
}

/// Replies with what a consumer was given behind an ID and has not acknowledged; of what is there no more, with the ID.
fn history(
    reply: &mut Reply<'_>,
    entries: &Entries,
    group: &mut Group,
    consumer: ConsumerId,
    from: Id,
    most: u64,
    now: i64,
) {
    let head = reply.array_deferred();
    let start = from.next().unwrap_or(Id::MIN);
    let most = if most == 0 { usize::MAX } else { usize::try_from(most).unwrap_or(usize::MAX) };
    let given: Vec<Id> = group.consumer(consumer).pending().range(start..).take(most).copied().collect();
    for id in &given {
        match entries.get(*id) {
            Some(entry) => {
                reply::entry(reply, entry);
                if let Some(pending) = group.pending_mut(*id) {
                    pending.time = now;
                    pending.count = pending.count.wrapping_add(1);
                }
            }
            None => {
                reply.array(2);
                reply::id(reply, *id);
                reply.null_array();
            }
        }
    }
    reply.set_array(&head, given.len());
}

/// The streams that had something: pairs of a key and entries, in RESP3 a map.
#[derive(Default)]
struct Served {
    head: Option<Deferred>,
    count: usize,
}

impl Served {
    /// Begins with what a stream has.
    fn begin(&mut self, reply: &mut Reply<'_>, key: &[u8]) {
        self.head.get_or_insert_with(|| reply.array_deferred());
        self.count += 1;
        if reply.protocol() == Protocol::Resp2 {
            reply.array(2);
        }
        reply.bulk(key);
    }

    /// Ends the reply. Answers whether there is one.
    fn end(self, reply: &mut Reply<'_>) -> bool {
        match (self.head, reply.protocol()) {
            (None, _) => return false,
            (Some(head), Protocol::Resp2) => reply.set_array(&head, self.count),
            (Some(head), Protocol::Resp3) => reply.set_map(&head, self.count),
        }
        true
    }
}

/// The options of both.
struct Options<'a> {
    /// The milliseconds to wait if there is nothing, where that is wished; 0 is for ever.
    block: Option<i64>,
    /// How many entries of a stream at most; 0 is all.
    most: u64,
    no_ack: bool,
    /// A group and a consumer.
    group: Option<(&'a [u8], &'a [u8])>,
    /// The argument that is the first key.
    first: usize,
    streams: usize,
}

impl<'a> Options<'a> {
    fn parse(now: i64, args: Args<'a>, of_group: bool) -> Result<Options<'a>, CommandError> {
        let mut options = Options { block: None, most: 0, no_ack: false, group: None, first: 0, streams: 0 };
        let mut at = 1;
        while at < args.len() {
            let (word, next) = (args.at(at), args.get(at + 1));
            match (next, args.get(at + 2)) {
                (Some(timeout), _) if parse::is(word, "block") => {
                    options.block = Some(millis(timeout, now)?);
                    at += 1;
                }
                (Some(count), _) if parse::is(word, "count") => {
                    options.most = parse::integer(count)?.max(0).cast_unsigned();
                    at += 1;
                }
                (Some(_), _) if parse::is(word, "streams") => {
                    options.streams = streams(args, at + 1, of_group)?;
                    options.first = at + 1;
                    return Ok(options);
                }
                (Some(group), Some(consumer)) if parse::is(word, "group") => {
                    only_of_group("GROUP", of_group)?;
                    options.group = Some((group, consumer));
                    at += 2;
                }
                _ if parse::is(word, "noack") => {
                    only_of_group("NOACK", of_group)?;
                    options.no_ack = true;
                }
                _ => return Err(CommandError::SYNTAX),
            }
            at += 1;
        }
        Err(CommandError::SYNTAX)
    }

    /// There is nothing: waits, or says so.
    fn wait(
        &self,
        cx: &mut Ctx<'_>,
        rewritten: Vec<(usize, Vec<u8>)>,
        even_if_gone: bool,
    ) -> Result<Done, CommandError> {
        let Some(millis) = self.block else {
            cx.reply.null_array();
            return Ok(Done::Replied);
        };
        cx.block(Wait {
            keys: self.first..self.first + self.streams,
            kind: Kind::Stream,
            even_if_gone,
            timeout: (millis != 0).then_some(millis),
            in_vain: InVain::NullArray,
            rewritten,
        })
    }
}

/// How many streams there are, whose keys begin at an argument.
fn streams(args: Args<'_>, first: usize, of_group: bool) -> Result<usize, CommandError> {
    let words = args.len() - first;
    if words.is_multiple_of(2) {
        return Ok(words / 2);
    }
    let (name, word) = if of_group { ("xreadgroup", '>') } else { ("xread", '$') };
    Err(CommandError::of(format!(
        "Unbalanced '{name}' list of streams: for each stream key an ID or '{word}' must be specified."
    )))
}

fn only_of_group(option: &str, of_group: bool) -> Result<(), CommandError> {
    match of_group {
        true => Ok(()),
        false => Err(CommandError::of(format!(
            "The {option} option is only supported by XREADGROUP. You called XREAD instead."
        ))),
    }
}

/// A time to wait, in milliseconds.
fn millis(text: &[u8], now: i64) -> Result<i64, CommandError> {
    let millis = base::int::parse_i64(text).ok_or(CommandError::TIMEOUT_NOT_INTEGER)?;
    match millis {
        ..0 => Err(CommandError::TIMEOUT_NEGATIVE),
        _ if now.checked_add(millis).is_none() => Err(CommandError::of("timeout is out of range")),
        _ => Ok(millis),
    }
}
