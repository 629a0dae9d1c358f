//! Reading hashes.

use super::{clock, reply_text, reply_value};
use crate::{CommandError, Ctx, Done, scan};
use conn::Args;
use keyspace::values::Hash;
use resp::Reply;

/// `HGET key field`
pub fn hget(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let (key, clock) = (cx.key(&args, 1), clock(cx));
    cx.view::<Hash, _>(&key, |hash, reply| {
        match hash.and_then(|hash| hash.get(args.at(2), &clock)) {
            Some(field) => reply_value(reply, &field),
            None => reply.null(),
        }
        Done::Replied
    })
}

/// `HMGET key field [field ...]`
pub fn hmget(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let (key, clock) = (cx.key(&args, 1), clock(cx));
    cx.view::<Hash, _>(&key, |hash, reply| {
        reply.array(args.len() - 2);
        for name in args.from(2) {
            match hash.and_then(|hash| hash.get(name, &clock)) {
                Some(field) => reply_value(reply, &field),
                None => reply.null(),
            }
        }
        Done::Replied
    })
}

/// `HGETALL key`
pub fn hgetall(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let (key, clock) = (cx.key(&args, 1), clock(cx));
    cx.view::<Hash, _>(&key, |hash, reply| {
        reply.map(hash.map_or(0, |hash| hash.visible_len(&clock)));
        if let Some(hash) = hash {
            hash.for_each(&clock, |field| {
                reply_text(reply, field.name);
                reply_value(reply, &field);
            });
        }
        Done::Replied
    })
}

/// `HKEYS key`
pub fn hkeys(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    list(cx, args, |reply, field| reply_text(reply, field.name))
}

/// `HVALS key`
pub fn hvals(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    list(cx, args, reply_value)
}

/// Replies with a part of each field.
fn list(
    cx: &mut Ctx<'_>,
    args: Args<'_>,
    part: impl Fn(&mut Reply<'_>, &keyspace::values::hash::FieldRef<'_>),
) -> Result<Done, CommandError> {
    let (key, clock) = (cx.key(&args, 1), clock(cx));
    cx.view::<Hash, _>(&key, |hash, reply| {
        reply.array(hash.map_or(0, |hash| hash.visible_len(&clock)));
        if let Some(hash) = hash {
            hash.for_each(&clock, |field| part(reply, &field));
        }
        Done::Replied
    })
}

/// `HLEN key`: fields past their time count until they are taken out.
pub fn hlen(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    cx.view::<Hash, _>(&key, |hash, reply| {
        reply.integer(hash.map_or(0, Hash::len) as i64);
        Done::Replied
    })
}

/// `HSTRLEN key field`
pub fn hstrlen(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let (key, clock) = (cx.key(&args, 1), clock(cx));
    cx.view::<Hash, _>(&key, |hash, reply| {
        let field = hash.and_then(|hash| hash.get(args.at(2), &clock));
        reply.integer(field.map_or(0, |field| field.value.len()) as i64);
        Done::Replied
    })
}

/// `HEXISTS key field`
pub fn hexists(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let (key, clock) = (cx.key(&args, 1), clock(cx));
    cx.view::<Hash, _>(&key, |hash, reply| {
        let field = hash.and_then(|hash| hash.get(args.at(2), &clock));
        reply.integer(i64::from(field.is_some()));
        Done::Replied
    })
}

/// `HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES]`
pub fn hscan(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let clock = clock(cx);
    scan::collection::<Hash>(cx, args, |hash, cursor, options, found| {
        options.walk(cursor, |cursor, seen| {
            hash.scan(cursor, &clock, |field| {
                *seen += 1;
                if options.passes(field.name.bytes(&mut [0; base::int::MAX_TEXT])) {
                    found.push_text(field.name);
                    if !options.only_names {
                        found.push_text(field.value);
                    }
                }
            })
        })
    })
}
