//! XACK and XPENDING: what was given to consumers and is not acknowledged.

use super::{ids, no_key_or_group, reply};
use crate::{CommandError, Ctx, Done, parse};
use conn::Args;
use keyspace::values::Stream;
use keyspace::values::stream::{Group, Id, Pending};
use resp::Reply;

/// `XACK key group id [id ...]`
pub fn xack(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let place = cx.read_place_of::<Stream>(&key)?;
    let Some(place) = place.filter(|place| cx.value::<Stream>(*place).groups.contains_key(args.at(2))) else {
        cx.reply.integer(0);
        return Ok(Done::Replied);
    };
    let ids = args.from(3).map(ids::strict).collect::<Result<Vec<Id>, _>>()?;

    let mut open = cx.open::<Stream>(place);
    let group = open.value.groups.get_mut(args.at(2)).expect("a group that is there");
    let acknowledged = ids.into_iter().filter(|id| group.acknowledge(*id)).count();
    drop(open);
    cx.effects.dirty += acknowledged as u64;

    cx.reply.integer(acknowledged as i64);
    Ok(Done::Replied)
}

/// `XPENDING key group [[IDLE milliseconds] start end count [consumer]]`
pub fn xpending(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let filter = Filter::parse(args)?;
    let now = cx.now;
    let key = cx.key(&args, 1);
    cx.view::<Stream, _>(&key, |stream, reply| {
        let group = stream.and_then(|stream| stream.groups.get(args.at(2)));
        let group = group.ok_or_else(|| no_key_or_group(args.at(1), args.at(2), ""))?;
        match filter {
            None => summary(reply, group),
            Some(filter) => filter.reply(reply, group, now),
        }
        Ok(Done::Replied)
    })?
}

/// Replies with how much is pending, from where to where, and how much of it each consumer has.
fn summary(reply: &mut Reply<'_>, group: &Group) {
    let pending = group.pending();
    reply.array(4);
    reply.integer(pending.len() as i64);
    let (Some((first, _)), Some((last, _))) = (pending.first_key_value(), pending.last_key_value()) else {
        reply.null();
        reply.null();
        reply.null_array();
        return;
    };
    reply::id(reply, *first);
    reply::id(reply, *last);
    let busy = group.consumers().filter(|consumer| !consumer.pending().is_empty());
    reply.array(busy.clone().count());
    for consumer in busy {
        reply.array(2);
        reply.bulk(consumer.name());
        reply.bulk_integer(consumer.pending().len() as i64);
    }
}

/// Which pending entries are asked for.
#[derive(Clone, Copy)]
struct Filter<'a> {
    start: Id,
    end: Id,
    most: u64,
    /// For how many milliseconds at least they were not given.
    idle: i64,
    consumer: Option<&'a [u8]>,
}

impl<'a> Filter<'a> {
    fn parse(args: Args<'a>) -> Result<Option<Filter<'a>>, CommandError> {
        let (mut at, mut idle) = (3, 0);
        match args.len() {
            3 => return Ok(None),
            6..=9 => {}
            _ => return Err(CommandError::SYNTAX),
        }
        if parse::is(args.at(3), "idle") {
            idle = parse::integer(args.at(4))?;
            if args.len() < 8 {
                return Err(CommandError::SYNTAX);
            }
            at = 5;
        }
        let most = parse::integer(args.at(at + 2))?.max(0).cast_unsigned();
        let (start, end) = (ids::range_start(args.at(at))?, ids::range_end(args.at(at + 1))?);
        Ok(Some(Filter { start, end, most, idle, consumer: args.get(at + 3) }))
    }

    fn reply(&self, reply: &mut Reply<'_>, group: &Group, now: i64) {
        let range = || self.start..=self.end;
        let wanted = |pending: &Pending| self.idle == 0 || now.wrapping_sub(pending.time) >= self.idle;
        let head = reply.array_deferred();
        let mut count = 0;
        let mut tell = |id: &Id, pending: &Pending| {
            count += 1;
            reply.array(4);
            reply::id(reply, *id);
            reply.bulk(group.consumer(pending.owner()).name());
            reply.integer(now.wrapping_sub(pending.time).max(0));
            reply.integer(pending.count.cast_signed());
        };
        let most = usize::try_from(self.most).unwrap_or(usize::MAX);
        if self.start <= self.end {
            match self.consumer.map(|name| group.find(name)) {
                None => group
                    .pending()
                    .range(range())
                    .filter(|(_, pending)| wanted(pending))
                    .take(most)
                    .for_each(|(id, pending)| tell(id, pending)),
                Some(None) => {}
                Some(Some(consumer)) => group
                    .consumer(consumer)
                    .pending()
                    .range(range())
                    .map(|id| (id, &group.pending()[id]))
                    .filter(|(_, pending)| wanted(pending))
                    .take(most)
                    .for_each(|(id, pending)| tell(id, pending)),
            }
        }
        reply.set_array(&head, count);
    }
}
