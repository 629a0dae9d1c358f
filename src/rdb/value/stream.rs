//! Streams in snapshots.
//!
//! ```text
//! stream     nodes: length, then for each: first ID (string of 16 bytes), its listpack (string)
//!            entries (length), last ID
//!            first ID, greatest deleted ID, entries ever added                        type 19 on
//!            groups: length, then for each
//!              name (string), last ID
//!              entries read (length; the greatest of all where it is not known)      type 19 on
//!              pending: length, then for each
//!                ID (16 bytes), when it was given (i64), how often (length)
//!              consumers: length, then for each
//!                name (string), when seen (i64)
//!                when active (i64, -1 for never)                                      type 21
//!                pending: length, then IDs (16 bytes each), each one that is pending in the group
//! ID         ms (length), seq (length); as 16 bytes: both big-endian
//! i64        little-endian, Unix milliseconds
//! ```
//!
//! What the reference takes on trust is checked here: entries are as many as is said, and each pending one has one owner.

use crate::reader::Flaw;
use crate::{DecodeError, Reader, Writer};
use keyspace::values::Stream;
use keyspace::values::stream::{ConsumerId, Entries, Group, Id, Log, Marks, Node};
use std::collections::BTreeMap;

/// Neither marks nor what groups have read.
const PLAIN: u8 = 15;
/// No active times.
const WITH_MARKS: u8 = 19;
const NEWEST: u8 = 21;

/// What is pending in a group whose consumers have not been read yet: when and how often it was given.
type Unowned = BTreeMap<Id, (i64, u64)>;

/// Whether a type's number stands for one of these.
pub(super) fn knows(kind: u8) -> bool {
    matches!(kind, PLAIN | WITH_MARKS | NEWEST)
}

/// Writes the type, the key's name where it stands between, and the value.
pub(super) fn write(out: &mut Writer<'_>, name: Option<&[u8]>, value: &Stream) {
    let Entries { marks, .. } = &value.entries;
    out.head(NEWEST, name);
    let nodes = value.entries.nodes();
    out.length(nodes.len() as u64);
    for (first, node) in nodes {
        out.string(&raw(first));
        out.string(&node.to_listpack());
    }
    out.length(value.entries.length());
    [marks.last, marks.first, marks.max_deleted].into_iter().for_each(|id| write_id(out, id));
    out.length(marks.added);
    out.length(value.groups.len() as u64);
    for (name, group) in &value.groups {
        out.string(name);
        write_group(out, group);
    }
}

fn write_group(out: &mut Writer<'_>, group: &Group) {
    write_id(out, group.last);
    out.length(group.read.unwrap_or(u64::MAX));
    out.length(group.pending().len() as u64);
    for (id, pending) in group.pending() {
        out.bytes.extend(raw(*id));
        out.bytes.extend(pending.time.to_le_bytes());
        out.length(pending.count);
        out.spill();
    }
    out.length(group.consumers_len() as u64);
    for consumer in group.consumers() {
        out.string(consumer.name());
        out.bytes.extend(consumer.seen.to_le_bytes());
        out.bytes.extend(consumer.active.to_le_bytes());
        out.length(consumer.pending().len() as u64);
        for id in consumer.pending() {
            out.bytes.extend(raw(*id));
            out.spill();
        }
    }
}

fn raw(id: Id) -> [u8; 16] {
    id.number().to_be_bytes()
}

fn write_id(out: &mut Writer<'_>, id: Id) {
    out.length(id.ms);
    out.length(id.seq);
}

/// A stream whose nodes and groups come one by one.
pub(crate) struct Growing {
    kind: u8,
    /// How many nodes are to come; and how many groups, once that is known.
    nodes_left: u64,
    groups_left: Option<u64>,
    nodes: Vec<Node>,
    log: Log,
}

impl Growing {
    pub(super) fn begin(kind: u8, input: &mut Reader<'_>) -> Result<Growing, DecodeError> {
        let nodes_left = input.length()?;
        Ok(Growing { kind, nodes_left, groups_left: None, nodes: Vec::new(), log: Log::default() })
    }

    pub(super) fn grow(&mut self, input: &mut Reader<'_>) -> Result<(), DecodeError> {
        while self.nodes_left > 0 {
            let node = input.whole(|input| {
                let flaw = input.error(Flaw::Content);
                let first: [u8; 16] = input.string()?.into_bytes().try_into().map_err(|_| flaw)?;
                Node::from_listpack(id_of(first), &input.bytes()?).map_err(|_| flaw)
            })?;
            self.nodes.push(node);
            self.nodes_left -= 1;
        }
        let mut left = match self.groups_left {
            Some(left) => left,
            None => input.whole(|input| self.read_marks(input))?,
        };
        while left > 0 {
            self.groups_left = Some(left);
            input.whole(|input| {
                let again = input.error(Flaw::Content);
                let name = input.string()?.into_bytes().into_boxed_slice();
                let group = read_group(self.kind, input, &self.log.entries)?;
                let is_new = self.log.groups.insert(name, group).is_none();
                is_new.then_some(()).ok_or(again)
            })?;
            left -= 1;
        }
        self.groups_left = Some(0);
        Ok(())
    }

    /// Makes entries of the nodes, with the marks that the type has; answers how many groups follow.
    fn read_marks(&mut self, input: &mut Reader<'_>) -> Result<u64, DecodeError> {
        let flaw = input.error(Flaw::Content);
        let length = input.length()?;
        let mut marks = Marks { last: read_id(input)?, ..Marks::default() };
        if self.kind != PLAIN {
            marks.first = read_id(input)?;
            marks.max_deleted = read_id(input)?;
            marks.added = input.length()?;
        }
        let groups = input.length()?;
        let mut entries = Entries::of_nodes(std::mem::take(&mut self.nodes), length).ok_or(flaw)?;
        if self.kind == PLAIN {
            marks.first = entries.first_live().unwrap_or(Id::MAX);
            marks.added = entries.length();
        }
        entries.marks = marks;
        self.log.entries = entries;
        Ok(groups)
    }

    pub(super) fn finish(self) -> Stream {
        Stream::new(self.log)
    }
}

fn read_group(kind: u8, input: &mut Reader<'_>, entries: &Entries) -> Result<Group, DecodeError> {
    let last = read_id(input)?;
    let read = match kind {
        PLAIN => entries.count_up_to(last),
        _ => Some(input.length()?).filter(|read| *read != u64::MAX),
    };
    let mut group = Group::new(last, read);
    let mut unowned = Unowned::new();
    for _ in 0..input.length()? {
        let again = input.error(Flaw::Content);
        let id = id_of(input.array()?);
        let given = (i64::from_le_bytes(input.array()?), input.length()?);
        if unowned.insert(id, given).is_some() {
            return Err(again);
        }
    }
    for _ in 0..input.length()? {
        read_consumer(kind, input, &mut group, &mut unowned)?;
    }
    if unowned.is_empty() { Ok(group) } else { Err(input.error(Flaw::Content)) }
}

fn read_consumer(
    kind: u8,
    input: &mut Reader<'_>,
    group: &mut Group,
    unowned: &mut Unowned,
) -> Result<(), DecodeError> {
    let again = input.error(Flaw::Consumer);
    let name = input.string()?.into_bytes();
    let seen = i64::from_le_bytes(input.array()?);
    let consumer: ConsumerId = group.create(&name, seen).ok_or(again)?;
    let active = if kind == NEWEST { i64::from_le_bytes(input.array()?) } else { seen };
    group.consumer_mut(consumer).active = active;
    for _ in 0..input.length()? {
        let foreign = input.error(Flaw::Content);
        let id = id_of(input.array()?);
        let (time, count) = unowned.remove(&id).ok_or(foreign)?;
        group.give(id, consumer, time, count);
    }
    Ok(())
}

fn id_of(raw: [u8; 16]) -> Id {
    Id::from_number(u128::from_be_bytes(raw))
}

fn read_id(input: &mut Reader<'_>) -> Result<Id, DecodeError> {
    Ok(Id::new(input.length()?, input.length()?))
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
