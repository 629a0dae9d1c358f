//! What those are told who repeat the writes of this server: what was pending afterwards, in commands that say so outright
//! and do nothing when they are repeated twice.

use crate::Effects;
use base::int;
use keyspace::values::stream::{Group, Id, Pending};

/// The group that a command works on, by the names that lead to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path<'a> {
    pub(super) key: &'a [u8],
    pub(super) group: &'a [u8],
}

/// An entry is pending as `pending` says.
pub(super) fn claim(effects: &mut Effects, path: Path<'_>, group: &Group, id: Id, pending: Pending) {
    if !effects.recording {
        return;
    }
    let (mut time, mut count) = (Vec::new(), Vec::new());
    int::push_i64(&mut time, pending.time);
    int::push_i64(&mut count, pending.count.cast_signed());
    effects.replicate_as(&[
        b"XCLAIM",
        path.key,
        path.group,
        group.consumer(pending.owner()).name(),
        b"0",
        &id.text(),
        b"TIME",
        &time,
        b"RETRYCOUNT",
        &count,
        b"FORCE",
        b"JUSTID",
        b"LASTID",
        &group.last.text(),
    ]);
}

/// How far the group has come.
pub(super) fn position(effects: &mut Effects, path: Path<'_>, group: &Group) {
    let mut read = Vec::new();
    int::push_i64(&mut read, group.read.map_or(-1, u64::cast_signed));
    let last = group.last.text();
    effects.replicate_as(&[b"XGROUP", b"SETID", path.key, path.group, &last, b"ENTRIESREAD", &read]);
}

/// The group has this consumer.
pub(super) fn consumer(effects: &mut Effects, path: Path<'_>, name: &[u8]) {
    effects.replicate_as(&[b"XGROUP", b"CREATECONSUMER", path.key, path.group, name]);
}
