//! A row of nodes: where the items of a long list are kept.
//!
//! Nodes are filled to their last byte, in buffers of the size that `list-max-listpack-size` names; where the reference
//! would cut the list is another matter ([`super::partition`]). Both end nodes are open, never compressed.

use super::node::{Form, Node, size_alone};
use super::{End, keep_nearest};
use base::lzf::Scratch;
use base::text::Text;
use std::collections::VecDeque;
use std::ops::ControlFlow;
use structures::blob::class_size;
use structures::listpack;
use structures::mover::Moving;
use structures::pack::items::Gap;
use structures::pack::{Items, Needle};

/// The room that the first node of a short list begins with.
const FIRST_CAPACITY: usize = 1024;
/// From this many nodes on, a new one begins with all the room it may have.
const LONG: usize = 4;

/// A place among the items: the one to the right of it, which is there, and its index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    node: usize,
    gap: Gap,
    /// How many items of the node lie before.
    offset: usize,
    pub(super) index: usize,
}

/// Makes room for one more, and for some to come: an eighth, where a deque would take as much again.
pub(super) fn make_room<T>(deque: &mut VecDeque<T>) {
    if deque.len() == deque.capacity() {
        deque.reserve_exact((deque.len() / 8).max(4));
    }
}

/// Items in nodes.
#[derive(Clone, Debug, Default)]
pub(super) struct Nodes {
    nodes: VecDeque<Node>,
    len: usize,
    /// Whether nodes between the ends were opened since they were last compressed.
    opened: bool,
}

impl Nodes {
    /// The items of a pack.
    pub(super) fn of(items: Items<'_>, len: usize) -> Nodes {
        let node = (len > 0).then(|| Node::of(items.bytes(), len));
        Nodes { nodes: node.into_iter().collect(), len, opened: false }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The only node's items, if there is but one node and it has no more than so many bytes.
    pub(super) fn as_one(&self, most: usize) -> Option<Items<'_>> {
        let node = self.nodes.front().filter(|node| self.nodes.len() == 1 && node.used() <= most)?;
        Some(node.items())
    }

    /// The bytes of memory taken, judged by `samples` of the nodes.
    pub(super) fn alloc_size(&self, samples: usize) -> usize {
        let count = self.nodes.len();
        let seen = if samples == 0 { count } else { samples.min(count) };
        let sum: usize = self.nodes.iter().take(seen).map(Node::alloc_size).sum();
        let nodes = if seen == 0 { 0 } else { (sum as f64 / seen as f64 * count as f64) as usize };
        nodes + class_size(self.nodes.capacity() * size_of::<Node>())
    }

    /// Moves some of the nodes, from one on, and answers which is the next; 0 behind the last.
    pub(super) fn relocate(&mut self, from: u64, moving: &mut Moving<'_>) -> u64 {
        const TOGETHER: usize = 16;
        let from = from as usize;
        if from == 0 {
            moving.deque(&mut self.nodes);
        }
        self.nodes.iter_mut().skip(from).take(TOGETHER).for_each(|node| node.relocate(moving));
        let next = from.saturating_add(TOGETHER);
        if next < self.nodes.len() { next as u64 } else { 0 }
    }

    fn end(&self, end: End) -> Option<&Node> {
        match end {
            End::Head => self.nodes.front(),
            End::Tail => self.nodes.back(),
        }
    }

    fn end_mut(&mut self, end: End) -> Option<&mut Node> {
        match end {
            End::Head => self.nodes.front_mut(),
            End::Tail => self.nodes.back_mut(),
        }
    }

    /// The item at an end.
    #[inline]
    pub(super) fn peek(&self, end: End) -> Option<Text<'_>> {
        let items = self.end(end)?.items();
        let found = match end {
            End::Head => items.next(Gap::START),
            End::Tail => items.back(items.end()),
        };
        found.map(|(item, _)| item)
    }

    /// Adds an item at an end; nodes have up to `limit` bytes.
    #[inline]
    pub(super) fn push(&mut self, end: End, item: Text<'_>, limit: usize) {
        self.len += 1;
        if let Some(node) = self.end_mut(end)
            && node.push(end, item, limit)
        {
            return;
        }
        self.begin_node(end, item, limit);
    }

    #[cold]
    fn begin_node(&mut self, end: End, item: Text<'_>, limit: usize) {
        if let Some(node) = self.end_mut(end) {
            node.trim();
        }
        let least = class_size(size_alone(item));
        let usual = if self.nodes.len() < LONG { FIRST_CAPACITY.min(limit) } else { limit };
        let mut node = Node::new(least.max(usual), end);
        node.push(end, item, limit);
        make_room(&mut self.nodes);
        match end {
            End::Head => self.nodes.push_front(node),
            End::Tail => self.nodes.push_back(node),
        }
    }

    /// Takes the item at an end out.
    #[inline]
    pub(super) fn pop(&mut self, end: End) {
        let alone = self.nodes.len() == 1;
        let Some(node) = self.end_mut(end) else { return };
        if node.len() == 1 {
            self.drop_end(end);
        } else {
            node.pop(end);
            if alone {
                node.shrink();
            }
        }
        self.len -= 1;
    }

    fn drop_end(&mut self, end: End) {
        match end {
            End::Head => self.nodes.pop_front(),
            End::Tail => self.nodes.pop_back(),
        };
        self.open_ends();
    }

    fn open_ends(&mut self) {
        for end in [End::Head, End::Tail] {
            if let Some(node) = self.end_mut(end).filter(|node| node.form() == Form::Compressed) {
                node.open();
            }
        }
    }

    /// The node that has item `index`, which is there, and how many of its items lie before; sought from the nearer end.
    fn locate(&self, index: usize) -> (usize, usize) {
        if index < self.len / 2 {
            let mut before = 0;
            for (at, node) in self.nodes.iter().enumerate() {
                if index < before + node.len() {
                    return (at, index - before);
                }
                before += node.len();
            }
        } else {
            let mut before = self.len;
            for (at, node) in self.nodes.iter().enumerate().rev() {
                before -= node.len();
                if index >= before {
                    return (at, index - before);
                }
            }
        }
        unreachable!("an item is in some node")
    }

    /// The place of item `index`, which is there.
    pub(super) fn spot(&self, index: usize) -> Spot {
        let (node, offset) = self.locate(index);
        let len = self.nodes[node].len();
        let gap = self.nodes[node].read(|items| items.gap_of(offset, len)).unwrap_or(Gap::START);
        Spot { node, gap, offset, index }
    }

    /// The first item from `from` on that is the needle.
    pub(super) fn find(&self, from: usize, needle: &Needle<'_>) -> Option<Spot> {
        if from >= self.len {
            return None;
        }
        let mut spot = self.spot(from);
        for (at, node) in self.nodes.iter().enumerate().skip(spot.node) {
            let found = node.read(|items| items.find(spot.gap, needle, 1));
            if let Some((gap, passed)) = found {
                return Some(Spot {
                    node: at,
                    gap,
                    offset: spot.offset + passed,
                    index: spot.index + passed,
                });
            }
            let index = spot.index + node.len() - spot.offset;
            spot = Spot { node: at + 1, gap: Gap::START, offset: 0, index };
        }
        None
    }

    /// Shows the items from `from` on, towards an end, until told to stop.
    pub(super) fn walk<B>(
        &self,
        from: usize,
        towards: End,
        mut show: impl FnMut(Text<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        if from >= self.len {
            return ControlFlow::Continue(());
        }
        let spot = self.spot(from);
        match towards {
            End::Tail => {
                let mut gap = spot.gap;
                for node in self.nodes.range(spot.node..) {
                    node.read(|items| {
                        while let Some((item, next)) = items.next(gap) {
                            show(item)?;
                            gap = next;
                        }
                        ControlFlow::Continue(())
                    })?;
                    gap = Gap::START;
                }
            }
            End::Head => {
                let mut start = Some(spot.gap);
                for node in self.nodes.range(..=spot.node).rev() {
                    node.read(|items| {
                        let begin = start.take().and_then(|gap| items.skip(gap, 1));
                        let mut gap = begin.unwrap_or_else(|| items.end());
                        while let Some((item, next)) = items.back(gap) {
                            show(item)?;
                            gap = next;
                        }
                        ControlFlow::Continue(())
                    })?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// How many bytes `count` items from `start` on would take in a listpack, its frame aside.
    pub(super) fn measure(&self, start: usize, count: usize) -> usize {
        let (mut left, mut sum) = (count, 0);
        if count > 0 {
            let _ = self.walk(start, End::Tail, |item| {
                sum += listpack::size_of(item);
                left -= 1;
                if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
        }
        sum
    }

    fn open_node(&mut self, at: usize) -> &mut Node {
        self.opened = true;
        let node = &mut self.nodes[at];
        node.open();
        node
    }

    /// Puts an item before another.
    pub(super) fn insert(&mut self, spot: Spot, item: Text<'_>, limit: usize) {
        self.len += 1;
        let at = spot.node;
        if self.open_node(at).insert(spot.gap, item, limit) {
            return;
        }
        let mut place = at;
        if spot.offset > 0 {
            let rest = self.nodes[at].split(spot.gap, spot.offset);
            self.nodes.insert(at + 1, rest);
            if self.nodes[at].push(End::Tail, item, limit) {
                return;
            }
            place = at + 1;
        } else if at > 0 && self.open_node(at - 1).push(End::Tail, item, limit) {
            return;
        }
        let mut node = Node::new(class_size(size_alone(item)), End::Tail);
        node.push(End::Tail, item, limit);
        self.nodes.insert(place, node);
        self.open_ends();
    }

    /// Puts an item in another's place.
    pub(super) fn replace(&mut self, spot: Spot, item: Text<'_>, limit: usize) {
        if self.open_node(spot.node).replace(spot.gap, item, limit) {
            self.nodes[spot.node].shrink();
            return;
        }
        if spot.index + 1 == self.len {
            self.pop(End::Tail);
            self.push(End::Tail, item, limit);
        } else {
            self.remove(spot.index, 1, limit);
            self.insert(self.spot(spot.index), item, limit);
        }
    }

    /// Takes items out, which are there.
    pub(super) fn remove(&mut self, start: usize, count: usize, limit: usize) {
        if count == 0 {
            return;
        }
        let spot = self.spot(start);
        self.len -= count;
        let (mut at, mut offset, mut gap, mut left) = (spot.node, spot.offset, spot.gap, count);
        while left > 0 {
            let gone = (self.nodes[at].len() - offset).min(left);
            if gone == self.nodes[at].len() {
                self.nodes.remove(at);
            } else {
                let node = self.open_node(at);
                node.remove(gap, gone);
                node.shrink();
                at += 1;
            }
            (left, offset, gap) = (left - gone, 0, Gap::START);
        }
        self.open_ends();
        self.join(at, limit);
        self.join(at.wrapping_sub(1), limit);
    }

    /// Takes out up to `most` items that are the needle, seeking from an end. Answers where they were, in order.
    pub(super) fn remove_equal(
        &mut self,
        needle: &Needle<'_>,
        from: End,
        most: usize,
        limit: usize,
    ) -> Vec<usize> {
        let (mut removed, mut passed) = (Vec::new(), 0);
        let count = self.nodes.len();
        for step in 0..count {
            let at = if from == End::Head { step } else { count - 1 - step };
            let node = &self.nodes[at];
            let first = if from == End::Head { passed } else { self.len - passed - node.len() };
            passed += node.len();
            let mut offsets = node.read(|items| items.offsets_of(needle));
            keep_nearest(&mut offsets, from, most - removed.len());
            if !offsets.is_empty() {
                self.open_node(at).remove_each(&offsets);
                removed.extend(offsets.iter().map(|offset| first + offset));
            }
            if removed.len() == most {
                break;
            }
        }
        if !removed.is_empty() {
            self.len -= removed.len();
            removed.sort_unstable();
            self.tidy(limit);
        }
        removed
    }

    /// Drops empty nodes, and joins and shrinks those of which little is left.
    fn tidy(&mut self, limit: usize) {
        self.nodes.retain(|node| node.len() > 0);
        self.open_ends();
        self.nodes.iter_mut().for_each(Node::shrink);
        (1..self.nodes.len()).rev().for_each(|at| self.join(at, limit));
    }

    /// Joins a node with the one before it, where both together are half a node or less.
    fn join(&mut self, at: usize, limit: usize) {
        if at == 0 || at >= self.nodes.len() || self.nodes[at - 1].used() + self.nodes[at].used() > limit / 2
        {
            return;
        }
        self.open_node(at);
        if let Some(next) = self.nodes.remove(at) {
            self.open_node(at - 1).take_over(&next, limit);
        }
    }

    /// Compresses what lies further than `depth` nodes from both ends, zero meaning nothing, and opens the rest.
    pub(super) fn compress(&mut self, depth: usize, scratch: &mut Scratch) {
        let len = self.nodes.len();
        if depth == 0 || len <= 2 * depth {
            return;
        }
        if std::mem::take(&mut self.opened) {
            self.nodes.range_mut(depth..len - depth).for_each(|node| node.compress(scratch));
            return;
        }
        let is_open = |node: &&mut Node| node.form() == Form::Open;
        self.nodes.range_mut(depth..len - depth).take_while(is_open).for_each(|node| node.compress(scratch));
        self.nodes
            .range_mut(depth..len - depth)
            .rev()
            .take_while(is_open)
            .for_each(|node| node.compress(scratch));
    }

    pub(super) fn check_invariants(&self) {
        self.nodes.iter().for_each(Node::check_invariants);
        assert_eq!(self.nodes.iter().map(Node::len).sum::<usize>(), self.len);
        for end in [self.nodes.front(), self.nodes.back()].into_iter().flatten() {
            assert_ne!(end.form(), Form::Compressed);
        }
    }
}
