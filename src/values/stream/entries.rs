//! The entries of a stream: nodes in the order of their first IDs.
//!
//! IDs only grow, so a new node stands behind all others, and old ones go from the front: the nodes are a deque, searched
//! by bisection. (Snapshots of other servers may hold nodes that overlap; they are kept as they come, by their first IDs.)

use super::id::Id;
use super::node::{Backward, Entry, Forward, Node};
use crate::Rules;
use base::text::Text;
use std::collections::VecDeque;
use structures::mover::Moving;

/// No node grows beyond this, whatever the configuration says; nor may an entry.
pub const MAX_NODE_BYTES: usize = 1 << 30;

/// What a stream remembers beside its entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// The ID of the first entry; 0-0 without one.
    pub first: Id,
    /// The greatest ID that was ever given.
    pub last: Id,
    /// The greatest ID that was deleted, trimming apart.
    pub max_deleted: Id,
    /// How many entries were ever added.
    pub added: u64,
}

/// Entries in the order of their IDs.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    pub(super) nodes: VecDeque<Node>,
    pub(super) length: u64,
    /// What there is to remember beside the entries.
    pub marks: Marks,
}

impl Entries {
    /// The entries of these nodes, which may come in any order, if they are as many as they should be.
    pub fn of_nodes(mut nodes: Vec<Node>, length: u64) -> Option<Entries> {
        nodes.sort_by_key(|node| node.first);
        let twice = nodes.windows(2).any(|pair| pair[0].first == pair[1].first);
        let found = nodes.iter().map(|node| u64::from(node.live)).sum::<u64>();
        (!twice && found == length).then(|| Entries { nodes: nodes.into(), length, marks: Marks::default() })
    }

    /// The nodes, with their first IDs.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = (Id, &Node)> {
        self.nodes.iter().map(|node| (node.first, node))
    }

    /// Panics if the entries contradict themselves.
    pub fn check_invariants(&self) {
        let live = self.nodes.iter().map(|node| u64::from(node.live)).sum::<u64>();
        assert_eq!(live, self.length);
        assert!(self.nodes.iter().map(|node| node.first).is_sorted_by(|a, b| a < b));
        for node in &self.nodes {
            let deleted = node.forward().filter(Entry::is_deleted).count();
            assert_eq!(
                (node.forward().count() - deleted, deleted),
                (node.live as usize, node.deleted as usize)
            );
            assert!(node.forward().map(|entry| entry.id).eq({
                let mut back: Vec<_> = node.backward().map(|entry| entry.id).collect();
                back.reverse();
                back
            }));
            let listpack = node.to_listpack();
            assert_eq!(listpack.len(), node.listpack_len());
            let again = Node::from_listpack(node.first, &listpack).expect("a sound listpack");
            assert_eq!((&again.bytes, again.listed), (&node.bytes, node.listed));
            assert_eq!((again.live, again.deleted, again.start), (node.live, node.deleted, node.start));
        }
        assert_eq!(self.marks.first, self.first_live().unwrap_or(Id::MIN));
    }

    /// How many entries there are.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Adds an entry behind the last. Its ID is greater than any before.
    pub fn append<'t, P>(&mut self, id: Id, pairs: P, rules: &Rules)
    where
        P: ExactSizeIterator<Item = (&'t [u8], &'t [u8])> + Clone,
    {
        debug_assert!(id > self.marks.last);
        let bytes = pairs.clone().map(|(field, value)| field.len() + value.len()).sum::<usize>();
        let node = match self.nodes.back_mut() {
            Some(node) if !is_full(node, bytes, rules) => node,
            full => {
                if let Some(node) = full {
                    node.bytes.shrink_to_fit();
                }
                // Room for one entry like this: many streams never have a second one.
                let room = bytes + 2 * pairs.len() + 16;
                let fields = pairs.clone().map(|(field, _)| Text::of(field));
                self.insert_node(Node::new(id, fields, room))
            }
        };
        node.append(id, pairs);
        self.length += 1;
        self.marks.added = self.marks.added.wrapping_add(1);
        self.marks.last = id;
        if self.length == 1 {
            self.marks.first = id;
        }
    }

    /// Puts a new node where it belongs, which is the end unless `XSETID` took the last ID back below deleted entries.
    fn insert_node(&mut self, node: Node) -> &mut Node {
        if self.nodes.is_empty() {
            // Many streams never have a second node.
            self.nodes.reserve_exact(1);
        }
        let at = match self.nodes.back() {
            Some(last) if last.first >= node.first => {
                self.nodes.partition_point(|other| other.first < node.first)
            }
            _ => self.nodes.len(),
        };
        self.nodes.insert(at, node);
        &mut self.nodes[at]
    }

    /// Removes the entries of these IDs; answers how many there were.
    pub fn delete(&mut self, ids: impl Iterator<Item = Id>) -> u64 {
        let mut deleted = 0;
        let mut first_gone = false;
        for id in ids {
            if self.take_out(id) {
                deleted += 1;
                first_gone |= id == self.marks.first;
                self.marks.max_deleted = self.marks.max_deleted.max(id);
            }
        }
        if deleted > 0 && (first_gone || self.length == 0) {
            self.find_first();
        }
        deleted
    }

    /// Removes an entry, if it is there.
    fn take_out(&mut self, id: Id) -> bool {
        let mut range = self.range(id, id);
        let Some(entry) = range.next() else { return false };
        let (at, flags, node) = (entry.at, entry.flags, range.node);
        if self.nodes[node].live == 1 {
            self.nodes.remove(node);
        } else {
            self.nodes[node].mark_deleted(at, flags);
        }
        self.length -= 1;
        true
    }

    /// Looks up which entry is the first now.
    pub(super) fn find_first(&mut self) {
        self.marks.first = self.range(Id::MIN, Id::MAX).next().map_or(Id::MIN, |entry| entry.id);
    }

    /// Looks up which entry is the first, in entries that came without that mark.
    pub fn first_live(&self) -> Option<Id> {
        self.range(Id::MIN, Id::MAX).next().map(|entry| entry.id)
    }

    /// The ID of the first entry, be it deleted; the greatest if there is none.
    pub fn first_kept(&self) -> Id {
        self.nodes.iter().find_map(|node| node.forward().next()).map_or(Id::MAX, |entry| entry.id)
    }

    /// The ID of the last entry.
    pub fn last_live(&self) -> Option<Id> {
        self.range_back(Id::MIN, Id::MAX).next().map(|entry| entry.id)
    }

    /// The entry of an ID.
    pub fn get(&self, id: Id) -> Option<Entry<'_>> {
        self.range(id, id).next()
    }

    /// The node in which an ID would be found.
    fn node_of(&self, id: Id) -> usize {
        self.nodes.partition_point(|node| node.first <= id).saturating_sub(1)
    }

    /// The entries from one ID to another, both included.
    pub fn range(&self, start: Id, end: Id) -> Range<'_> {
        let node = self.node_of(start);
        Range { entries: self, node, cursor: self.nodes.get(node).map(Node::forward), start, end }
    }

    /// The same, from the last to the first.
    pub fn range_back(&self, start: Id, end: Id) -> RangeBack<'_> {
        let node = self.node_of(end);
        RangeBack { entries: self, node, cursor: self.nodes.get(node).map(Node::backward), start, end }
    }

    /// Moves some of the nodes, from one on, and answers which is the next; 0 behind the last.
    pub(super) fn relocate(&mut self, from: u64, moving: &mut Moving<'_>) -> u64 {
        const TOGETHER: usize = 16;
        let from = from as usize;
        if from == 0 {
            moving.deque(&mut self.nodes);
        }
        self.nodes.iter_mut().skip(from).take(TOGETHER).for_each(|node| moving.vec(&mut node.bytes));
        let next = from.saturating_add(TOGETHER);
        if next < self.nodes.len() { next as u64 } else { 0 }
    }

    /// The bytes of memory taken, judged by so many of the nodes.
    pub(super) fn alloc_size(&self, samples: usize) -> usize {
        let frame = self.nodes.capacity() * size_of::<Node>();
        let Some(last) = self.nodes.back() else { return frame };
        let others = self.nodes.len() - 1;
        let seen = others.min(samples.max(1));
        let bytes = self.nodes.iter().take(seen).map(Node::alloc_size).sum::<usize>();
        let average = bytes.checked_div(seen).unwrap_or(0);
        frame + average * others + last.alloc_size()
    }
}

/// Whether an entry of so many bytes begins a new node.
fn is_full(node: &Node, bytes: usize, rules: &Rules) -> bool {
    let most_bytes = match usize::try_from(rules.stream_node_max_bytes) {
        Ok(most @ 1..MAX_NODE_BYTES) => most,
        _ => MAX_NODE_BYTES,
    };
    let most_entries = rules.stream_node_max_entries;
    node.listpack_len() + bytes >= most_bytes || (most_entries != 0 && node.entries() >= most_entries)
}

/// Entries from the first.
#[derive(Clone, Debug)]
pub struct Range<'a> {
    entries: &'a Entries,
    /// The node that the cursor is in.
    node: usize,
    cursor: Option<Forward<'a>>,
    start: Id,
    end: Id,
}

impl<'a> Iterator for Range<'a> {
    type Item = Entry<'a>;

    #[inline]
    fn next(&mut self) -> Option<Entry<'a>> {
        loop {
            for entry in self.cursor.as_mut()? {
                if entry.id >= self.start && !entry.is_deleted() {
                    if entry.id > self.end {
                        self.cursor = None;
                        return None;
                    }
                    return Some(entry);
                }
            }
            self.node += 1;
            self.cursor = self.entries.nodes.get(self.node).map(Node::forward);
        }
    }
}

/// Entries from the last.
#[derive(Clone, Debug)]
pub struct RangeBack<'a> {
    entries: &'a Entries,
    node: usize,
    cursor: Option<Backward<'a>>,
    start: Id,
    end: Id,
}

impl<'a> Iterator for RangeBack<'a> {
    type Item = Entry<'a>;

    #[inline]
    fn next(&mut self) -> Option<Entry<'a>> {
        loop {
            for entry in self.cursor.as_mut()? {
                if entry.id <= self.end && !entry.is_deleted() {
                    if entry.id < self.start {
                        self.cursor = None;
                        return None;
                    }
                    return Some(entry);
                }
            }
            let before = self.node.checked_sub(1);
            self.cursor = before.and_then(|node| self.entries.nodes.get(node)).map(Node::backward);
            self.node = before.unwrap_or(0);
        }
    }
}
