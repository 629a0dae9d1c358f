//! Sets: members without order and without repetition.

mod algebra;
mod chance;
mod member;
#[cfg(test)]
mod tests;

pub use algebra::{sdiff, sdiffstore, sinter, sintercard, sinterstore, sunion, sunionstore};
pub use chance::{spop, srandmember};
pub use member::{sadd, scard, sismember, smembers, smismember, smove, srem, sscan};

use base::text::Text;
use resp::Reply;

/// Replies with a member.
#[inline]
fn reply_member(reply: &mut Reply<'_>, member: Text<'_>) {
    match member {
        Text::Integer(number) => reply.bulk_integer(number),
        Text::Bytes(bytes) => reply.bulk(bytes),
    }
}
