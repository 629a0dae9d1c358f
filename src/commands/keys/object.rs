//! OBJECT: how values are kept.

use crate::{CommandError, Ctx, Done, help};
use conn::Args;
use keyspace::tables::Place;

/// `OBJECT ENCODING key`
pub fn object_encoding(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    if let Some(place) = inspected(cx, args) {
        let encoding = cx.at(place).encoding();
        cx.reply.bulk(encoding.as_bytes());
    }
    Ok(Done::Replied)
}

/// `OBJECT REFCOUNT key`: no two keys share a value, as far as anyone can tell.
pub fn object_refcount(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    if inspected(cx, args).is_some() {
        cx.reply.integer(1);
    }
    Ok(Done::Replied)
}

/// `OBJECT IDLETIME key`
pub fn object_idletime(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    if let Some(place) = inspected(cx, args) {
        if cx.data.clock.lfu {
            return Err(CommandError::of(
                "An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching \
                 between policies at runtime LRU and LFU data will take some time to adjust.",
            ));
        }
        let idle = cx.data.clock.idle_seconds(cx.at(place).access());
        cx.reply.integer(idle as i64);
    }
    Ok(Done::Replied)
}

/// `OBJECT FREQ key`
pub fn object_freq(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    if let Some(place) = inspected(cx, args) {
        if !cx.data.clock.lfu {
            return Err(CommandError::of(
                "An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when \
                 switching between policies at runtime LRU and LFU data will take some time to adjust.",
            ));
        }
        let frequency = cx.data.clock.frequency(cx.at(place).access());
        cx.reply.integer(i64::from(frequency));
    }
    Ok(Done::Replied)
}

/// The key that a subcommand asks about; when it is not there, the reply is written: null.
fn inspected(cx: &mut Ctx<'_>, args: Args<'_>) -> Option<Place> {
    let key = cx.key(&args, 2);
    let place = cx.inspect(&key);
    if place.is_none() {
        cx.reply.null();
    }
    place
}

/// `OBJECT HELP`
pub fn object_help(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    help::reply(
        &mut cx.reply,
        args.at(0),
        &[
            "ENCODING <key>",
            "    Name the form in which the value of <key> is kept.",
            "FREQ <key>",
            "    Tell how often <key> is used, on a logarithmic scale of 0 to 255. Needs an LFU",
            "    maxmemory policy.",
            "IDLETIME <key>",
            "    Tell for how many seconds <key> was not used. Needs a maxmemory policy other than LFU.",
            "REFCOUNT <key>",
            "    Count the references to the value of <key>.",
        ],
    );
    Ok(Done::Replied)
}
