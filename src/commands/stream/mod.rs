//! Streams, and groups of consumers that read them together.
//!
//! - `add`, `trim`: XADD and XTRIM; `delete`: XDEL, XSETID.
//! - `range`: XLEN, XRANGE, XREVRANGE; `read`: XREAD and XREADGROUP, which may wait.
//! - `group`: XGROUP; `pending`: XACK, XPENDING; `claim`: XCLAIM, XAUTOCLAIM; `info`: XINFO.
//! - `ids`: IDs as arguments; `reply`: entries as replies; `repeat`: what others are told to repeat.

mod add;
mod claim;
mod delete;
mod group;
mod ids;
mod info;
mod pending;
mod range;
mod read;
mod repeat;
mod reply;
#[cfg(test)]
mod tests;
mod trim;

pub use add::xadd;
pub use claim::{xautoclaim, xclaim};
pub use delete::{xdel, xsetid};
pub use group::{
    xgroup_create, xgroup_createconsumer, xgroup_delconsumer, xgroup_destroy, xgroup_help, xgroup_setid,
};
pub use info::{xinfo_consumers, xinfo_groups, xinfo_help, xinfo_stream};
pub use pending::{xack, xpending};
pub use range::{xlen, xrange, xrevrange};
pub use read::{xread, xreadgroup};
pub use trim::xtrim;

use crate::{CommandError, parse};
use conn::Args;

/// A group that is not there, in a reply that names the group before the key.
fn no_group_of_key(group: &[u8], key: &[u8]) -> CommandError {
    let (group, key) = (parse::quoted(group), parse::quoted(key));
    CommandError([b"NOGROUP No such consumer group '", group, b"' for key name '", key, b"'"].concat().into())
}

/// A key that is not there, or has no such group.
fn no_key_or_group(key: &[u8], group: &[u8], behind: &str) -> CommandError {
    let (key, group) = (parse::quoted(key), parse::quoted(group));
    let text = [b"NOGROUP No such key '", key, b"' or consumer group '", group, b"'", behind.as_bytes()];
    CommandError(text.concat().into())
}

/// A subcommand whose arguments do not follow its grammar.
fn bad_subcommand(args: Args<'_>) -> CommandError {
    let sub = parse::quoted(args.at(1));
    let sub = &sub[..sub.len().min(128)];
    let name = parse::quoted(args.at(0)).to_ascii_uppercase();
    let text = [b"unknown subcommand or wrong number of arguments for '", sub, b"'. Try ", &name, b" HELP."];
    CommandError::of(text.concat())
}
