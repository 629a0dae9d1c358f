//! A list beyond the smallest: items in nodes, and how the reference would cut them.

use super::nodes::{Nodes, Spot};
use super::partition::{Cell, Limit, Partition, size_by_level};
use super::{End, Place};
use crate::Rules;
use base::lzf::Scratch;
use base::text::Text;
use std::ops::ControlFlow;
use structures::listpack;
use structures::mover::Moving;
use structures::pack::{Items, Needle};

/// What `list-max-listpack-size` and `list-compress-depth` are cut to when a list takes them over.
const FILLS: (i32, i32) = (-5, 0x7fff);
const MOST_DEPTH: u32 = 0xffff;
/// The bytes of a node of a list that is limited by the number of its items.
const USUAL_LEVEL: i32 = -2;

/// Items in nodes.
#[derive(Clone, Debug)]
pub struct Chain {
    nodes: Nodes,
    partition: Partition,
    /// Whether the encoding is called "quicklist"; else the partition is one cell, whose size nothing limits.
    quick: bool,
    /// What the directives were when the list became a quicklist.
    fill: i16,
    depth: u16,
}

impl Chain {
    /// The items of a pack, which takes so many bytes as a listpack.
    pub(super) fn new(items: Items<'_>, count: usize, rules: &Rules) -> Chain {
        let size = listpack::OVERHEAD + items.iter().map(listpack::size_of).sum::<usize>();
        let mut partition = Partition::default();
        if count > 0 {
            partition.cells.push_back(Cell { count: count as u64, size: size as u64, plain: false });
        }
        let mut chain = Chain { nodes: Nodes::of(items, count), partition, quick: false, fill: 0, depth: 0 };
        chain.follow(rules);
        chain
    }

    fn follow(&mut self, rules: &Rules) {
        self.fill = rules.list_max_listpack_size.clamp(FILLS.0, FILLS.1) as i16;
        self.depth = rules.list_compress_depth.min(MOST_DEPTH) as u16;
    }

    pub(super) fn is_quick(&self) -> bool {
        self.quick
    }

    /// Calls the encoding "quicklist" from now on.
    pub(super) fn make_quick(&mut self, rules: &Rules) {
        self.quick = true;
        self.follow(rules);
    }

    /// Calls the encoding "listpack" if the list has become small enough, or after building it is.
    pub(super) fn try_listpack(&mut self, rules: &Rules, shrinking: bool) {
        let Some(cell) = self.partition.cells.front().filter(|cell| self.quick && !cell.plain) else {
            return;
        };
        let part = if shrinking { 2 } else { 1 };
        let (size, count) = match rules.list_max_listpack_size {
            fill @ 0.. => (u64::MAX, u64::from(fill.unsigned_abs().max(1))),
            fill => (size_by_level(fill), u64::MAX),
        };
        if self.partition.cells.len() == 1 && cell.size <= size / part && cell.count <= count / part {
            self.quick = false;
        }
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The bytes that it would take as one listpack.
    pub(super) fn listpack_size(&self) -> usize {
        self.partition.cells.front().map_or(listpack::OVERHEAD, |cell| cell.size as usize)
    }

    /// The nodes of the reference.
    pub(super) fn cells(&self) -> impl ExactSizeIterator<Item = &Cell> {
        self.partition.cells.iter()
    }

    /// `list-max-listpack-size` and `list-compress-depth` as they were.
    pub(super) fn settings(&self) -> (i16, u16) {
        (self.fill, self.depth)
    }

    /// The items, of a list that is called "listpack" and has no more than so many bytes.
    pub(super) fn as_small(&self, most: usize) -> Option<Items<'_>> {
        if self.quick { None } else { self.nodes.as_one(most) }
    }

    pub(super) fn alloc_size(&self, samples: usize) -> usize {
        let cells = self.partition.cells.capacity() * size_of::<Cell>();
        structures::blob::class_size(size_of::<Chain>()) + cells + self.nodes.alloc_size(samples)
    }

    #[inline]
    fn limit(&self, rules: &Rules) -> Limit {
        if self.quick { Limit::new(i32::from(self.fill), rules) } else { Limit::NONE }
    }

    /// The bytes that a node may have.
    #[inline]
    fn node_size(&self) -> usize {
        size_by_level(if self.fill >= 0 { USUAL_LEVEL } else { i32::from(self.fill) }) as usize
    }

    #[inline]
    pub(super) fn peek(&self, end: End) -> Option<Text<'_>> {
        self.nodes.peek(end)
    }

    #[inline]
    pub(super) fn push(&mut self, end: End, item: Text<'_>, rules: &Rules) {
        self.partition.push(end == End::Head, item, &self.limit(rules));
        self.nodes.push(end, item, self.node_size());
    }

    #[inline]
    pub(super) fn pop(&mut self, end: End) {
        let Some(item) = self.nodes.peek(end) else { return };
        self.partition.remove_end(end == End::Head, listpack::size_of(item));
        self.nodes.pop(end);
    }

    pub(super) fn walk<B>(
        &self,
        from: usize,
        towards: End,
        show: impl FnMut(Text<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        self.nodes.walk(from, towards, show)
    }

    /// Adds a node of the reference at the tail: items that stood together, none of them large.
    pub(super) fn append_node<'t>(&mut self, items: impl Iterator<Item = Text<'t>>) {
        let (before, mut size) = (self.len(), listpack::OVERHEAD);
        for item in items {
            size += listpack::size_of(item);
            self.nodes.push(End::Tail, item, self.node_size());
        }
        let count = (self.len() - before) as u64;
        if count > 0 {
            self.partition.cells.push_back(Cell { count, size: size as u64, plain: false });
        }
    }

    /// Adds a node of the reference at the tail that is one item by itself.
    pub(super) fn append_plain(&mut self, item: Text<'_>) {
        self.partition.cells.push_back(Cell { count: 1, size: item.len() as u64, plain: true });
        self.nodes.push(End::Tail, item, self.node_size());
    }

    pub(super) fn find(&self, from: usize, needle: &Needle<'_>) -> Option<usize> {
        self.nodes.find(from, needle).map(|spot| spot.index)
    }

    pub(super) fn insert(&mut self, place: Place, item: Text<'_>, rules: &Rules) {
        let (limit, size) = (self.limit(rules), self.node_size());
        let (pivot, behind) = match place {
            Place::Before(index) => (index, false),
            Place::Behind(index) => (index, true),
        };
        let nodes = &self.nodes;
        self.partition
            .insert(pivot as u64, behind, item, &limit, |start, count| measure(nodes, start, count));
        let index = pivot + usize::from(behind);
        if index == self.len() {
            self.nodes.push(End::Tail, item, size);
        } else {
            let spot = self.nodes.spot(index);
            self.nodes.insert(spot, item, size);
        }
    }

    pub(super) fn replace(&mut self, index: usize, item: Text<'_>, rules: &Rules) {
        let (limit, size) = (self.limit(rules), self.node_size());
        let Chain { nodes, partition, .. } = self;
        let _ = nodes.walk(index, End::Head, |old| {
            partition.replace(index as u64, (old, item), &limit, |start, count| measure(nodes, start, count));
            ControlFlow::Break(())
        });
        let spot: Spot = self.nodes.spot(index);
        self.nodes.replace(spot, item, size);
    }

    pub(super) fn remove(&mut self, start: usize, count: usize) {
        let nodes = &self.nodes;
        self.partition.remove(start as u64, count as u64, |start, count| measure(nodes, start, count));
        self.nodes.remove(start, count, self.node_size());
    }

    pub(super) fn remove_equal(&mut self, item: Text<'_>, from: End, most: usize) -> usize {
        let removed = self.nodes.remove_equal(&Needle::of(item), from, most, self.node_size());
        self.partition.remove_each(&removed, listpack::size_of(item));
        removed.len()
    }

    /// Moves some of the nodes, from one on, and answers which is the next; 0 behind the last.
    pub(super) fn relocate(&mut self, from: u64, moving: &mut Moving<'_>) -> u64 {
        if from == 0 {
            moving.deque(&mut self.partition.cells);
        }
        self.nodes.relocate(from, moving)
    }

    /// Compresses what is far from both ends, if that is wished.
    pub(super) fn compress(&mut self, scratch: &mut Scratch) {
        self.nodes.compress(usize::from(self.depth), scratch);
    }

    pub(super) fn is_compressing(&self) -> bool {
        self.depth > 0
    }

    pub(super) fn check_invariants(&self) {
        self.nodes.check_invariants();
        let mut index = 0;
        for cell in self.cells() {
            assert!(cell.count > 0);
            let size = self.nodes.measure(index, cell.count as usize) + listpack::OVERHEAD;
            assert!(cell.plain || size as u64 == cell.size, "{cell:?} has {size} bytes");
            index += cell.count as usize;
        }
        assert_eq!(index, self.len());
    }
}

fn measure(nodes: &Nodes, start: u64, count: u64) -> u64 {
    nodes.measure(start as usize, count as usize) as u64
}
