//! The sorted set commands. Whatever names a part of a sorted set is parsed to bounds (`bounds.rs`) and looked up as a
//! range of ranks; what follows is counting, walking or removing.

mod add;
mod bounds;
mod combine;
mod pop;
mod random;
mod range;
mod read;
mod remove;
#[cfg(test)]
mod tests;

pub use add::{zadd, zincrby};
pub use combine::{zdiff, zdiffstore, zinter, zintercard, zinterstore, zunion, zunionstore};
pub use pop::{bzmpop, bzpopmax, bzpopmin, zmpop, zpopmax, zpopmin};
pub use random::zrandmember;
pub use range::{
    zrange, zrangebylex, zrangebyscore, zrangestore, zrevrange, zrevrangebylex, zrevrangebyscore,
};
pub use read::{zcard, zcount, zlexcount, zmscore, zrank, zrevrank, zscan, zscore};
pub use remove::{zrem, zremrangebylex, zremrangebyrank, zremrangebyscore};

use base::text::{Digits, Text};
use resp::{Protocol, Reply};

/// Replies with a member.
#[inline]
fn reply_member(reply: &mut Reply<'_>, name: Text<'_>) {
    reply.bulk(name.bytes(&mut Digits::default()));
}

/// Replies with the head of an array of so many members, each with its score: flat in the older version of the protocol,
/// of pairs in the newer one.
#[inline]
fn reply_pairs(reply: &mut Reply<'_>, len: usize) {
    reply.array(if reply.protocol() == Protocol::Resp2 { len * 2 } else { len });
}

/// Replies with one of these members and its score.
#[inline]
fn reply_pair(reply: &mut Reply<'_>, name: Text<'_>, score: f64) {
    if reply.protocol() == Protocol::Resp3 {
        reply.array(2);
    }
    reply_member(reply, name);
    reply.double(score);
}
