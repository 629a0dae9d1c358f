//! `ACL LOG`: what was denied.

use super::at_most;
use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use acl::{Context, Entry, Reason};
use commands::{CommandError, Done, parse};
use conn::Args;
use resp::Reply;

/// How many entries are shown unless more are asked for.
const SHOWN: i64 = 10;

/// `ACL LOG [count | RESET]`
pub fn log(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    at_most(&args, 3)?;
    if args.get(2).is_some_and(|word| parse::is(word, "reset")) {
        node.denials.clear();
        session.reply().ok();
        return Ok(Done::Replied);
    }
    let count = args.get(2).map_or(Ok(SHOWN), parse::integer)?;
    let entries = node.denials.iter();
    let count = usize::try_from(count).unwrap_or(0).min(entries.len());
    let mut reply = session.reply();
    reply.array(count);
    entries.take(count).for_each(|entry| show(&mut reply, entry, now.unix_ms()));
    Ok(Done::Replied)
}

fn show(reply: &mut Reply<'_>, entry: &Entry, now_ms: i64) {
    let event = &entry.event;
    let reason: &[u8] = match event.reason {
        Reason::Command => b"command",
        Reason::Key => b"key",
        Reason::Auth => b"auth",
        Reason::Channel => b"channel",
    };
    let context: &[u8] = match event.context {
        Context::TopLevel => b"toplevel",
        Context::Multi => b"multi",
        Context::Script => b"lua",
    };
    reply.map(10);
    reply.bulk(b"count");
    reply.integer(entry.count as i64);
    for (name, text) in [
        (&b"reason"[..], reason),
        (b"context", context),
        (b"object", &event.object),
        (b"username", &event.user),
    ] {
        reply.bulk(name);
        reply.bulk(text);
    }
    reply.bulk(b"age-seconds");
    reply.double((now_ms - entry.updated_ms) as f64 / 1000.0);
    reply.bulk(b"client-info");
    reply.bulk(&event.client);
    reply.bulk(b"entry-id");
    reply.integer(entry.id as i64);
    reply.bulk(b"timestamp-created");
    reply.integer(entry.created_ms);
    reply.bulk(b"timestamp-last-updated");
    reply.integer(entry.updated_ms);
}
