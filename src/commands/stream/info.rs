//! XINFO: what there is to know of a stream, its groups and their consumers.

use super::{bad_subcommand, no_group_of_key, reply};
use crate::{CommandError, Ctx, Done, help, parse};
use conn::Args;
use keyspace::values::Stream;
use keyspace::values::stream::{Consumer, Entries, Group, Id, Log, NEVER};
use resp::Reply;

/// `XINFO STREAM key [FULL [COUNT count]]`
pub fn xinfo_stream(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 2);
    cx.view::<Stream, _>(&key, |stream, reply| {
        let stream = stream.ok_or(CommandError::NO_SUCH_KEY)?;
        match full(args)? {
            None => {
                reply.map(10);
                head(reply, stream);
                ends(reply, stream);
            }
            Some(most) => {
                reply.map(9);
                head(reply, stream);
                everything(reply, stream, most);
            }
        }
        Ok(Done::Replied)
    })?
}

/// How many of everything are wanted, 0 being all, if everything is.
fn full(args: Args<'_>) -> Result<Option<u64>, CommandError> {
    const DEFAULT: u64 = 10;
    let count = match (args.get(3), args.get(4), args.get(5), args.len()) {
        (None, ..) => return Ok(None),
        (Some(full), None, None, _) if parse::is(full, "full") => return Ok(Some(DEFAULT)),
        (Some(full), Some(count), Some(most), 6) if parse::is(full, "full") && parse::is(count, "count") => {
            most
        }
        _ => return Err(bad_subcommand(args)),
    };
    Ok(Some(u64::try_from(parse::integer(count)?).unwrap_or(DEFAULT)))
}

fn named_id(reply: &mut Reply<'_>, name: &str, id: Id) {
    reply.bulk(name.as_bytes());
    reply::id(reply, id);
}

fn named_number(reply: &mut Reply<'_>, name: &str, number: i64) {
    reply.bulk(name.as_bytes());
    reply.integer(number);
}

/// What both forms begin with.
fn head(reply: &mut Reply<'_>, stream: &Log) {
    let marks = &stream.entries.marks;
    named_number(reply, "length", stream.entries.length().cast_signed());
    named_number(reply, "radix-tree-keys", stream.entries.nodes().len() as i64);
    named_number(reply, "radix-tree-nodes", stream.radix_nodes() as i64);
    named_id(reply, "last-generated-id", marks.last);
    named_id(reply, "max-deleted-entry-id", marks.max_deleted);
    named_number(reply, "entries-added", marks.added.cast_signed());
    named_id(reply, "recorded-first-entry-id", marks.first);
}

/// The first and the last entry.
fn ends(reply: &mut Reply<'_>, stream: &Log) {
    named_number(reply, "groups", stream.groups.len() as i64);
    let first = stream.entries.range(Id::MIN, Id::MAX).next();
    let last = stream.entries.range_back(Id::MIN, Id::MAX).next();
    for (name, entry) in [("first-entry", first), ("last-entry", last)] {
        reply.bulk(name.as_bytes());
        match entry {
            Some(entry) => reply::entry(reply, entry),
            None => reply.null(),
        }
    }
}

/// Entries, and groups with all that is in them.
fn everything(reply: &mut Reply<'_>, stream: &Log, most: u64) {
    reply.bulk(b"entries");
    reply::entries(reply, stream.entries.range(Id::MIN, Id::MAX), most, |_| {});
    reply.bulk(b"groups");
    reply.array(stream.groups.len());
    let most = if most == 0 { usize::MAX } else { usize::try_from(most).unwrap_or(usize::MAX) };
    for (name, group) in &stream.groups {
        reply.map(7);
        reply.bulk(b"name");
        reply.bulk(name);
        progress(reply, &stream.entries, group);
        named_number(reply, "pel-count", group.pending().len() as i64);
        reply.bulk(b"pending");
        reply.array(group.pending().len().min(most));
        for (id, pending) in group.pending().iter().take(most) {
            reply.array(4);
            reply::id(reply, *id);
            reply.bulk(group.consumer(pending.owner()).name());
            reply.integer(pending.time);
            reply.integer(pending.count.cast_signed());
        }
        reply.bulk(b"consumers");
        reply.array(group.consumers_len());
        group.consumers().for_each(|consumer| whole_consumer(reply, group, consumer, most));
    }
}

fn whole_consumer(reply: &mut Reply<'_>, group: &Group, consumer: &Consumer, most: usize) {
    reply.map(5);
    reply.bulk(b"name");
    reply.bulk(consumer.name());
    named_number(reply, "seen-time", consumer.seen);
    named_number(reply, "active-time", consumer.active);
    named_number(reply, "pel-count", consumer.pending().len() as i64);
    reply.bulk(b"pending");
    reply.array(consumer.pending().len().min(most));
    for id in consumer.pending().iter().take(most) {
        let pending = &group.pending()[id];
        reply.array(3);
        reply::id(reply, *id);
        reply.integer(pending.time);
        reply.integer(pending.count.cast_signed());
    }
}

/// How far a group has come, and how far it has to go.
fn progress(reply: &mut Reply<'_>, entries: &Entries, group: &Group) {
    named_id(reply, "last-delivered-id", group.last);
    reply.bulk(b"entries-read");
    reply::number(reply, group.read.map(u64::cast_signed));
    reply.bulk(b"lag");
    reply::number(reply, entries.lag(group));
}

/// `XINFO GROUPS key`
pub fn xinfo_groups(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 2);
    cx.view::<Stream, _>(&key, |stream, reply| {
        let stream = stream.ok_or(CommandError::NO_SUCH_KEY)?;
        reply.array(stream.groups.len());
        for (name, group) in &stream.groups {
            reply.map(6);
            reply.bulk(b"name");
            reply.bulk(name);
            named_number(reply, "consumers", group.consumers_len() as i64);
            named_number(reply, "pending", group.pending().len() as i64);
            progress(reply, &stream.entries, group);
        }
        Ok(Done::Replied)
    })?
}

/// `XINFO CONSUMERS key group`
pub fn xinfo_consumers(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let now = cx.now;
    let key = cx.key(&args, 2);
    cx.view::<Stream, _>(&key, |stream, reply| {
        let stream = stream.ok_or(CommandError::NO_SUCH_KEY)?;
        let group = stream.groups.get(args.at(3)).ok_or_else(|| no_group_of_key(args.at(3), args.at(2)))?;
        reply.array(group.consumers_len());
        for consumer in group.consumers() {
            let inactive = if consumer.active == NEVER { NEVER } else { now.wrapping_sub(consumer.active) };
            reply.map(4);
            reply.bulk(b"name");
            reply.bulk(consumer.name());
            named_number(reply, "pending", consumer.pending().len() as i64);
            named_number(reply, "idle", now.wrapping_sub(consumer.seen).max(0));
            named_number(reply, "inactive", inactive);
        }
        Ok(Done::Replied)
    })?
}

/// `XINFO HELP`
pub fn xinfo_help(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    help::reply(
        &mut cx.reply,
        args.at(0),
        &[
            "CONSUMERS <key> <group>",
            "    List the consumers of a group.",
            "GROUPS <key>",
            "    List the groups of a stream.",
            "STREAM <key> [FULL [COUNT <count>]]",
            "    Describe a stream; FULL adds up to <count> of its entries, and all groups with up to",
            "    <count> of what is pending in each. The count is 10 unless given, and 0 is all.",
        ],
    );
    Ok(Done::Replied)
}
