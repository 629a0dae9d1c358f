//! Hashes: names with values, and fields that expire.

mod expire;
mod number;
mod options;
mod random;
mod read;
#[cfg(test)]
mod tests;
mod ttl;
mod volatile;
mod write;

pub use expire::{hexpire, hexpireat, hpersist, hpexpire, hpexpireat};
pub use number::{hincrby, hincrbyfloat};
pub use random::hrandfield;
pub use read::{hexists, hget, hgetall, hkeys, hlen, hmget, hscan, hstrlen, hvals};
pub use ttl::{hexpiretime, hpexpiretime, hpttl, httl};
pub use volatile::{hgetex, hsetex};
pub use write::{hdel, hmset, hset, hsetnx};

use crate::Ctx;
use bytes::Bytes;
use conn::Args;
use keyspace::Key;
use keyspace::values::hash::{Clock, FieldRef, NewValue};
use resp::Reply;

use base::text::Text;

/// A value at least this long is sent from where it lies instead of being copied into the reply.
const SHARE_FROM: usize = 16 * 1024;

/// The time, as this caller's command sees it.
#[inline]
pub(crate) fn clock(cx: &Ctx<'_>) -> Clock {
    let keeps = !cx.settings.expire_on_access;
    Clock { now: cx.now, shows_all: keeps && cx.caller.import_source, keeps }
}

/// A value among the arguments, as a hash takes it.
#[inline]
fn value<'a>(args: &Args<'a>, index: usize) -> NewValue<'a> {
    match args.share(index) {
        Some(blob) => NewValue::Blob(blob),
        None => NewValue::Bytes(args.at(index)),
    }
}

#[inline]
fn reply_text(reply: &mut Reply<'_>, text: Text<'_>) {
    match text {
        Text::Bytes(bytes) => reply.bulk(bytes),
        Text::Integer(number) => reply.bulk_integer(number),
    }
}

/// Replies with the value of a field: by reference when it is large.
#[inline]
fn reply_value(reply: &mut Reply<'_>, field: &FieldRef<'_>) {
    if field.value.len() >= SHARE_FROM
        && let Some(blob) = field.share()
    {
        return reply.bulk_shared(Bytes::from_owner(blob));
    }
    reply_text(reply, field.value);
}

/// Says that fields met a time already past, or were overwritten after theirs.
fn expired(cx: &mut Ctx<'_>, key: &Key<'_>, count: u64) {
    if count > 0 {
        cx.stats.expired_fields += count;
        cx.changed(key, "hexpired", 0);
    }
}
