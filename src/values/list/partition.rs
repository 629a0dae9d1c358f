//! How the reference cuts a list into nodes. Our own nodes are cut otherwise, see [`super::nodes`]; but where the
//! reference cuts shows in snapshots, in DEBUG OBJECT, and in the moment when a list becomes "listpack" again. So a few
//! bytes for each node of the reference are kept: how many items it has and how many bytes, were it a listpack.
//!
//! The rules, quirks included:
//! - an item goes to the node at its place if that has room for it and eight bytes more; else a new one begins;
//! - an item too large for any node has a plain one of its own, which holds nothing else;
//! - an insertion splits a full node in two, and nodes around it that fit together are merged;
//! - removing merges nothing, and replacing makes nodes larger than they may be.

use super::nodes::make_room;
use crate::Rules;
use base::text::Text;
use std::collections::VecDeque;
use structures::listpack::{OVERHEAD, size_of};

/// What an item is taken to need beside its bytes.
const ESTIMATE: u64 = 8;
/// The bytes of a node whose number of items is limited.
const SAFE_SIZE: u64 = 8192;

/// The bytes of a node, by `list-max-listpack-size` from -1 to -5.
pub(super) fn size_by_level(fill: i32) -> u64 {
    4096 << (-fill.clamp(-5, -1) - 1)
}

/// What a node may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    size: u64,
    count: u64,
    /// The length from which on an item is too large for any node.
    large: u64,
}

impl Limit {
    /// That of a list that is one listpack.
    pub(super) const NONE: Limit = Limit { size: u64::MAX, count: u64::MAX, large: u64::MAX };

    /// By `list-max-listpack-size`, as it is or was.
    pub(super) fn new(fill: i32, rules: &Rules) -> Limit {
        let (size, count) = match fill {
            0.. => (SAFE_SIZE, u64::from(fill.unsigned_abs().max(1))),
            _ => (size_by_level(fill), u64::MAX),
        };
        let large = match rules.list_packed_threshold {
            0 => size + 1,
            threshold => threshold,
        };
        Limit { size, count, large }
    }

    /// Whether so many bytes and items are too much.
    pub(super) fn exceeded_by(&self, size: u64, count: u64) -> bool {
        size > self.size || count > self.count
    }

    fn allows(&self, cell: &Cell, len: u64) -> bool {
        !cell.plain && len < self.large && !self.exceeded_by(cell.size + len + ESTIMATE, cell.count + 1)
    }

    fn allows_both(&self, a: &Cell, b: &Cell) -> bool {
        !a.plain && !b.plain && !self.exceeded_by(a.size + b.size - OVERHEAD as u64, a.count + b.count)
    }
}

/// A node of the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// How many items it has.
    pub count: u64,
    /// How many bytes, as a listpack, or as a string where it is plain.
    pub size: u64,
    /// Whether it is one large item by itself.
    pub plain: bool,
}

impl Cell {
    pub(super) const EMPTY: Cell = Cell { count: 0, size: OVERHEAD as u64, plain: false };

    fn of(item: Text<'_>, limit: &Limit) -> Cell {
        let len = item.len() as u64;
        match len >= limit.large {
            true => Cell { count: 1, size: len, plain: true },
            false => Cell { count: 1, size: (OVERHEAD + size_of(item)) as u64, plain: false },
        }
    }

    fn add(&mut self, item: Text<'_>) {
        self.count += 1;
        self.size += size_of(item) as u64;
    }
}

/// The nodes of the reference, from the head.
#[derive(Clone, Debug, Default)]
pub(super) struct Partition {
    pub(super) cells: VecDeque<Cell>,
}

impl Partition {
    /// An item came at the head or at the tail.
    #[inline]
    pub(super) fn push(&mut self, head: bool, item: Text<'_>, limit: &Limit) {
        let end = if head { self.cells.front_mut() } else { self.cells.back_mut() };
        if let Some(cell) = end.filter(|cell| limit.allows(cell, item.len() as u64)) {
            return cell.add(item);
        }
        make_room(&mut self.cells);
        let cell = Cell::of(item, limit);
        if head { self.cells.push_front(cell) } else { self.cells.push_back(cell) }
    }

    /// The cell of item `index`, which is there, and the item's place in it.
    fn locate(&self, mut index: u64) -> (usize, u64) {
        for (at, cell) in self.cells.iter().enumerate() {
            if index < cell.count {
                return (at, index);
            }
            index -= cell.count;
        }
        unreachable!("an item is in some node")
    }

    /// `count` items from `start` on, which are there, go. `size_of` tells how many bytes so many items from one on take.
    pub(super) fn remove(&mut self, start: u64, count: u64, mut size_of: impl FnMut(u64, u64) -> u64) {
        if count == 0 {
            return;
        }
        let (mut at, mut offset) = if start == 0 { (0, 0) } else { self.locate(start) };
        let (mut index, end) = (start, start + count);
        while index < end {
            let cell = &mut self.cells[at];
            let gone = (cell.count - offset).min(end - index);
            if gone == cell.count {
                self.cells.remove(at);
            } else {
                cell.count -= gone;
                cell.size -= size_of(index, gone);
                at += 1;
            }
            (index, offset) = (index + gone, 0);
        }
    }

    /// Items that were at these places, which are in order, have gone; each takes so many bytes.
    pub(super) fn remove_each(&mut self, gone: &[usize], size: usize) {
        let (mut gone, mut end) = (gone, 0);
        for cell in &mut self.cells {
            end += cell.count;
            let (here, rest) = gone.split_at(gone.partition_point(|index| (*index as u64) < end));
            gone = rest;
            cell.count -= here.len() as u64;
            if !cell.plain {
                cell.size -= (here.len() * size) as u64;
            }
        }
        self.cells.retain(|cell| cell.count > 0);
    }

    /// The last item, which takes so many bytes, goes.
    #[inline]
    pub(super) fn remove_end(&mut self, head: bool, size: usize) {
        let end = if head { self.cells.front_mut() } else { self.cells.back_mut() };
        let cell = end.expect("a list with items has nodes");
        cell.count -= 1;
        match cell.count {
            0 if head => self.cells.pop_front(),
            0 => self.cells.pop_back(),
            _ => {
                cell.size -= size as u64;
                None
            }
        };
    }

    /// An item comes before or behind the one at `pivot`.
    pub(super) fn insert(
        &mut self,
        pivot: u64,
        behind: bool,
        item: Text<'_>,
        limit: &Limit,
        size_of: impl FnMut(u64, u64) -> u64,
    ) {
        let (at, offset) = self.locate(pivot);
        let (cell, len) = (self.cells[at], item.len() as u64);
        let at_edge = if behind { offset + 1 == cell.count } else { offset == 0 };
        let beside = at + usize::from(behind);
        if limit.allows(&cell, len) {
            self.cells[at].add(item);
        } else if at_edge {
            let neighbour = if behind { Some(at + 1) } else { at.checked_sub(1) };
            match neighbour.and_then(|at| self.cells.get_mut(at)) {
                Some(cell) if limit.allows(cell, len) => cell.add(item),
                _ => self.cells.insert(beside, Cell::of(item, limit)),
            }
        } else {
            self.split(at, pivot - offset, offset + u64::from(behind), size_of);
            if len >= limit.large {
                self.cells.insert(at + 1, Cell::of(item, limit));
            } else {
                self.cells[beside].add(item);
                self.merge_around(at + usize::from(!behind), limit);
            }
        }
    }

    /// The item at `index` becomes another one.
    pub(super) fn replace(
        &mut self,
        index: u64,
        (old, new): (Text<'_>, Text<'_>),
        limit: &Limit,
        mut measure: impl FnMut(u64, u64) -> u64,
    ) {
        let (at, offset) = self.locate(index);
        let cell = &mut self.cells[at];
        match (cell.plain, new.len() as u64 >= limit.large) {
            (false, false) => cell.size = cell.size - size_of(old) as u64 + size_of(new) as u64,
            (true, true) => cell.size = new.len() as u64,
            (true, false) => {
                self.insert(index, true, new, limit, measure);
                self.cells.remove(at);
            }
            (false, true) => {
                if offset + 1 < cell.count {
                    self.split(at, index - offset, offset + 1, &mut measure);
                }
                self.cells.insert(at + 1, Cell::of(new, limit));
                let cell = &mut self.cells[at];
                cell.count -= 1;
                cell.size -= size_of(old) as u64;
                if cell.count == 0 {
                    self.cells.remove(at);
                } else {
                    self.merge_around(at + 1, limit);
                }
            }
        }
    }

    /// Cuts a cell, whose first item is `first`, behind `kept` of its items.
    fn split(&mut self, at: usize, first: u64, kept: u64, mut size_of: impl FnMut(u64, u64) -> u64) {
        let cell = &mut self.cells[at];
        let rest = cell.count - kept;
        let kept_size = size_of(first, kept);
        let rest_size = cell.size - kept_size;
        *cell = Cell { count: kept, size: kept_size + OVERHEAD as u64, plain: false };
        self.cells.insert(at + 1, Cell { count: rest, size: rest_size, plain: false });
    }

    /// Merges the two cells before a cell, the two behind it, then it with its neighbours, where they fit together.
    fn merge_around(&mut self, mut center: usize, limit: &Limit) {
        self.merge(center + 1, limit);
        if center >= 2 && self.merge(center - 2, limit) {
            center -= 1;
        }
        if center >= 1 && self.merge(center - 1, limit) {
            center -= 1;
        }
        self.merge(center, limit);
    }

    /// Merges a cell with the next, if there is one and they fit together. Answers whether it did.
    fn merge(&mut self, at: usize, limit: &Limit) -> bool {
        let (Some(a), Some(b)) = (self.cells.get(at), self.cells.get(at + 1)) else { return false };
        if !limit.allows_both(a, b) {
            return false;
        }
        let both = Cell { count: a.count + b.count, size: a.size + b.size - OVERHEAD as u64, plain: false };
        self.cells[at] = both;
        self.cells.remove(at + 1);
        true
    }
}
