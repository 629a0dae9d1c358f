//! XADD.

use super::trim::{Options, Trimming};
use super::{ids, reply};
use crate::{CommandError, Ctx, Done};
use conn::Args;
use keyspace::tables::Place;
use keyspace::values::Stream;
use keyspace::values::stream::{Id, Log, MAX_NODE_BYTES};

/// `XADD key [NOMKSTREAM] [MAXLEN | MINID [= | ~] threshold [LIMIT count]] * | id field value [field value ...]`
pub fn xadd(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let options = Options::parse(args, &cx.settings.rules, true)?;
    let first = options.id_at + 1;
    if args.len() < first + 2 || !(args.len() - first).is_multiple_of(2) {
        return Err(CommandError::arity("xadd"));
    }
    if options.id == ids::NewId::Given(Id::MIN) {
        return Err(CommandError::of("The ID specified in XADD must be greater than 0-0"));
    }

    let key = cx.key(&args, 1);
    let place = cx.place_of::<Stream>(&key)?;
    if place.is_none() && options.no_create {
        cx.reply.null();
        return Ok(Done::Replied);
    }
    let id = new_id(cx, place, options.id)?;
    if args.from(first).map(<[u8]>::len).sum::<usize>() > MAX_NODE_BYTES {
        return Err(CommandError::of("Elements are too large to be stored"));
    }
    let place = match place {
        Some(place) => place,
        None => cx.place_or_new(&key, |_| Stream::new(Log::default()))?,
    };
    let mut open = cx.open::<Stream>(place);
    let pairs = (0..(args.len() - first) / 2).map(|i| (args.at(first + 2 * i), args.at(first + 2 * i + 1)));
    open.value.entries.append(id, pairs, open.rules);
    let trimmed = options.trimming.map_or(0, |trimming| open.value.entries.trim(&trimming.trim));
    drop(open);
    cx.changed(&key, "xadd", 1);
    if trimmed > 0 {
        cx.changed(&key, "xtrim", 0);
    }
    if cx.effects.recording {
        repeat(cx, args, &options, id, place);
    }

    reply::id(&mut cx.reply, id);
    Ok(Done::Replied)
}

/// The ID of the entry to be added to what is at a place.
#[inline]
fn new_id(cx: &Ctx<'_>, place: Option<Place>, wanted: ids::NewId) -> Result<Id, CommandError> {
    let last = place.map_or(Id::MIN, |place| cx.value::<Stream>(place).entries.marks.last);
    if last == Id::MAX {
        return Err(CommandError::of(
            "The stream has exhausted the last possible ID, unable to add more items",
        ));
    }
    wanted.after(last, cx.now).ok_or_else(|| {
        CommandError::of("The ID specified in XADD is equal or smaller than the target stream top item")
    })
}

/// Says what is to be repeated: the request with the ID that was given, and trimmed to what was left.
#[cold]
fn repeat(cx: &mut Ctx<'_>, args: Args<'_>, options: &Options, id: Id, place: Place) {
    let threshold =
        options.trimming.and_then(|trimming| trimming.repeated(&cx.value::<Stream>(place).entries));
    let id = id.text();
    let mut words = Vec::from_iter(args.from(0));
    if words[options.id_at].contains(&b'*') {
        words[options.id_at] = &id;
    }
    if let (Some(trimming), Some(threshold)) = (&options.trimming, &threshold) {
        Trimming::rewrite(trimming, &mut words, threshold);
    }
    cx.replicate_as(&words);
}
