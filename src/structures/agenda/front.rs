//! The front of an agenda: its first bucket, of which the times become known when it is due.
//!
//! ```text
//! unasked   items   b a d c                 in any order, as in the other buckets
//!
//! asked     items   d c b a                 the latest first, so that what is due is taken from the end
//!           ticks   9 7 7 2                 of each, counted from the base
//! ```
//!
//! Once asked, it stays so until it is used up: what comes meanwhile is put in its place. The base is the tick of the moment
//! it was asked, and so no later than whatever comes afterwards, but for clocks that are set back: then the times are
//! forgotten. Four bytes reach two years beyond the base; what is later is not for this bucket.
//!
//! Invariants: an asked front has as many ticks as items, in falling order of (tick, item); an unasked one has none.

use super::{Item, Key, push};
use crate::blob::class_size;
use crate::mover::Moving;
use crate::prefetch::prefetch_last;

#[derive(Clone, Debug)]
pub(super) struct Front<I> {
    items: Vec<I>,
    ticks: Vec<u32>,
    /// From where the ticks are counted, once it has been asked.
    base: Option<i64>,
}

/// A tick as it is written here, if it can be.
fn offset(base: i64, tick: i64) -> Option<u32> {
    u32::try_from(tick.checked_sub(base)?).ok()
}

impl<I: Item> Front<I> {
    pub(super) const fn new() -> Front<I> {
        Front { items: Vec::new(), ticks: Vec::new(), base: None }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether the times are known.
    pub(super) fn is_asked(&self) -> bool {
        self.base.is_some()
    }

    /// An asked front of the first of these keys, which are in order. Answers how many it can hold.
    pub(super) fn ask(&mut self, base: i64, keys: &[Key<I>]) -> usize {
        let held = keys.partition_point(|key| offset(base, key.0).is_some());
        let (mut items, mut ticks) = (Vec::with_capacity(held), Vec::with_capacity(held));
        for &(tick, item) in keys[..held].iter().rev() {
            items.push(item);
            ticks.extend(offset(base, tick));
        }
        *self = Front { items, ticks, base: Some(base) };
        held
    }

    /// An unasked front of these.
    pub(super) fn set(&mut self, items: Vec<I>) {
        *self = Front { items, ..Front::new() };
    }

    /// Takes everything out.
    pub(super) fn take(&mut self) -> Vec<I> {
        std::mem::replace(self, Front::new()).items
    }

    /// The base and the keys, in order, if they are known.
    pub(super) fn keys(&self) -> Option<(i64, Vec<Key<I>>)> {
        let base = self.base?;
        let pairs = self.ticks.iter().zip(&self.items).rev();
        Some((base, pairs.map(|(&ticks, &item)| (base + i64::from(ticks), item)).collect()))
    }

    /// The tick of the first item, if it is known.
    pub(super) fn earliest(&self) -> Option<i64> {
        Some(self.base? + i64::from(*self.ticks.last()?))
    }

    /// The items from before a tick, the first ones, if the times are known.
    pub(super) fn before(&self, tick: i64) -> impl Iterator<Item = I> {
        let offset = self.base.map_or(0, |base| tick.saturating_sub(base));
        let passed = self.ticks.iter().rev().take_while(move |&&ticks| i64::from(ticks) < offset);
        passed.zip(self.items.iter().rev()).map(|(_, &item)| item)
    }

    pub(super) fn prefetch(&self) {
        prefetch_last(&self.items);
        prefetch_last(&self.ticks);
    }

    /// Where a key stands in an asked front, or should.
    fn place(&self, ticks: u32, item: I) -> Result<usize, usize> {
        let first = self.ticks.partition_point(|&other| other > ticks);
        let same = self.ticks[first..].partition_point(|&other| other == ticks);
        self.items[first..first + same]
            .binary_search_by(|other| item.cmp(other))
            .map(|at| first + at)
            .map_err(|at| first + at)
    }

    /// Adds an item. Answers false, and has not done it, if its tick is too late.
    #[inline]
    pub(super) fn add(&mut self, (tick, item): Key<I>) -> bool {
        let Some(base) = self.base else {
            push(&mut self.items, item);
            return true;
        };
        match offset(base, tick) {
            Some(ticks) => {
                let (Ok(at) | Err(at)) = self.place(ticks, item);
                insert(&mut self.items, at, item);
                insert(&mut self.ticks, at, ticks);
                true
            }
            None if tick < base => {
                let items = self.take();
                self.set(items);
                push(&mut self.items, item);
                true
            }
            None => false,
        }
    }

    /// Removes an item of this tick. Answers whether it was there.
    pub(super) fn remove(&mut self, (tick, item): Key<I>) -> bool {
        let Some(base) = self.base else { return super::take_out(&mut self.items, item) };
        let Some(Ok(at)) = offset(base, tick).map(|ticks| self.place(ticks, item)) else { return false };
        self.items.remove(at);
        self.ticks.remove(at);
        true
    }

    /// Takes up to `max` items from before a tick out of an asked front, the earliest first.
    pub(super) fn take_before(&mut self, tick: i64, max: usize, mut gone: impl FnMut(Key<I>)) {
        let Some(base) = self.base else { return };
        let passed = self.before(tick).take(max).count();
        let left = self.len() - passed;
        let (items, ticks) = (self.items.drain(left..), self.ticks.drain(left..));
        items.zip(ticks).rev().for_each(|(item, ticks)| gone((base + i64::from(ticks), item)));
        // Memory for four times as many is given back.
        if self.items.capacity() / 4 > left {
            self.items.shrink_to_fit();
            self.ticks.shrink_to_fit();
        }
    }

    pub(super) fn relocate(&mut self, moving: &mut Moving<'_>) {
        moving.vec(&mut self.items);
        moving.vec(&mut self.ticks);
    }

    pub(super) fn alloc_size(&self) -> usize {
        let bytes = |bytes: usize| if bytes == 0 { 0 } else { class_size(bytes) };
        bytes(self.items.capacity() * size_of::<I>()) + bytes(self.ticks.capacity() * size_of::<u32>())
    }

    /// The items, in any order.
    pub(super) fn items(&self) -> &[I] {
        &self.items
    }

    /// Panics if any of the invariants is broken.
    pub(super) fn check_invariants(&self) {
        assert_eq!(self.ticks.len(), if self.is_asked() { self.items.len() } else { 0 });
        let keys: Vec<_> = self.ticks.iter().zip(&self.items).collect();
        assert!(keys.is_sorted_by(|a, b| a >= b));
    }
}

fn insert<T>(all: &mut Vec<T>, at: usize, one: T) {
    if all.len() == all.capacity() {
        all.reserve_exact(all.len() / 4 + 1);
    }
    all.insert(at, one);
}
