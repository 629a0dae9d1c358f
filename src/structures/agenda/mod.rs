//! The agenda: what is due when. It keeps items (fields of a hash, hashes of a database) in the order of their times, in
//! coarse buckets, so that whoever looks for what is due meets nothing else. The reference calls such a thing a volatile
//! set.
//!
//! **Times are not in it**, but for the bucket whose time has come. An item is a few bytes that lead to an entry elsewhere
//! (a [`Fragment`] of its hash), and only the entry knows its time; the agenda asks a [`Book`] when it must. So an item
//! costs its four bytes and a seventh or so on top. Nor is there a way back from the entry: to be removed, an item is
//! looked for in the one bucket that can hold it.
//!
//! ```text
//! key of an item      (tick, item), where a tick is 16 ms
//!
//! front               everything before the first of the rest: see `front.rs`
//! rest                start -> items, from this start up to the next
//!
//!    front          start 1        start 2         start 3
//!   [a c b .....)  [d f e ...)    [g .........)   [h ...      to the end of time
//! ```
//!
//! - **Buckets adapt.** One that has grown beyond [`FULL`] is cut in two, at a tick in its middle if there is one, else
//!   between two items of the same tick: any number may be due at once, and still no bucket is large. A single bucket
//!   spans all time as long as few items are there. Buckets that have become small join their neighbour.
//! - **Adding** finds a bucket and appends. Only a cut asks for times, and not even that when all of the bucket is of one
//!   tick, or when times come in order, as they do when all get the same time to live: then a new bucket is begun.
//! - **Removing** and **moving** find the bucket by the time that the entry had, and the item in it, a scan of a kilobyte
//!   at most. A move within a bucket is nothing at all, unless its times are known.
//! - **What is due** is an end of the front. A front that is due for the first time is asked for all its times together,
//!   which stay with it, so that an item is asked once before it goes, and whoever comes again and again for one item
//!   asks nobody.
//! - **Items may bring their times** ([`Book::BY_ITEM`]), where being asked costs more than the bytes: then nothing beside
//!   the agenda is ever looked at.
//!
//! Alternatives considered: a wheel of slots by distance asks every item again at each level, however few there are; a
//! heap or a tree of exact times takes the times along, three times the bytes; items left behind by removals would have to
//! be counted and swept.
//!
//! Invariants: each item lies in the bucket whose range has its key; no bucket of the rest is empty; none is larger than
//! [`FULL`] unless its keys are all the same; `earliest` is no later than any time; `len` is true. Two items may be equal,
//! also with the same time.

mod front;

use crate::blob::class_size;
use crate::hashtable::Fragment;
use crate::mover::Moving;
use front::Front;
use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

/// A bucket with more items is cut.
const FULL: usize = if cfg!(test) { 8 } else { 256 };
/// A bucket that has come down to so few joins the next, if both together are no more than [`JOINED`].
const SMALL: usize = if cfg!(test) { 1 } else { FULL / 16 };
const JOINED: usize = FULL / 4;
/// How many bits of a time lie below a tick.
const TICK_BITS: u32 = 4;

/// What an agenda holds: something small and ordered, whose default is the least of all.
pub trait Item: Copy + Ord + Default + std::fmt::Debug {}

impl Item for Fragment {}
impl Item for u64 {}

/// Knows the times.
pub trait Book<I> {
    /// Whether an item says by itself when it is due. Then two equal items are two entries, each told of by one.
    const BY_ITEM: bool = false;

    /// Tells the time of each entry that an item may stand for.
    fn times(&self, item: I, tell: &mut dyn FnMut(i64));

    /// The times of these items will be asked for next.
    fn prefetch(&self, _items: &[I]) {}
}

/// A tick and an item. Whatever is in order here is in the order of these.
type Key<I> = (i64, I);

/// Items by their times.
#[derive(Clone, Debug)]
pub struct Agenda<I> {
    front: Front<I>,
    rest: BTreeMap<Key<I>, Vec<I>>,
    /// No time is before this one.
    earliest: i64,
    /// The latest time there ever was.
    latest: i64,
    len: usize,
}

/// The tick of a time: as much of it as an agenda tells apart.
#[inline]
pub fn tick(when: i64) -> i64 {
    when >> TICK_BITS
}

/// The first time of a tick.
fn time(tick: i64) -> i64 {
    tick << TICK_BITS
}

/// The keys of a bucket: from the first on, up to the second.
#[derive(Clone, Copy)]
struct Range<I> {
    from: Option<Key<I>>,
    to: Option<Key<I>>,
}

impl<I: Item> Range<I> {
    fn has(&self, key: Key<I>) -> bool {
        self.from.is_none_or(|from| from <= key) && self.to.is_none_or(|to| key < to)
    }

    /// The tick of all of it, if there is only one.
    fn only_tick(&self) -> Option<i64> {
        let (from, to) = (self.from?, self.to?);
        let last = if to.1 == I::default() { to.0.checked_sub(1)? } else { to.0 };
        (from.0 == last).then_some(last)
    }
}

impl<I: Item> Agenda<I> {
    /// An empty one. Allocates nothing.
    pub fn new() -> Agenda<I> {
        Agenda { front: Front::new(), rest: BTreeMap::new(), earliest: i64::MAX, latest: i64::MIN, len: 0 }
    }

    /// The number of items.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no item.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// A time that no item's is before; nearly always of the same tick as one's.
    #[inline]
    pub fn earliest(&self) -> Option<i64> {
        (self.len > 0).then_some(self.earliest)
    }

    /// Whether [`take_due`](Self::take_due) would find anything at `now`, as far as can be told without looking.
    #[inline]
    pub fn is_due(&self, now: i64) -> bool {
        self.len > 0 && tick(self.earliest) < tick(now)
    }

    /// The items that are due, the first ones, as far as it is known which those are.
    pub fn due(&self, now: i64) -> impl Iterator<Item = I> {
        self.front.before(tick(now))
    }

    /// Asks the memory for what [`due`](Self::due) and [`take_due`](Self::take_due) will read.
    pub fn prefetch(&self) {
        self.front.prefetch();
    }

    /// Adds an item.
    #[inline]
    pub fn add(&mut self, when: i64, item: I, book: &impl Book<I>) {
        let key = (tick(when), item);
        // If the time is later than all others, the bucket that has it is the last.
        let is_last = tick(self.latest) < key.0;
        self.latest = self.latest.max(when);
        self.earliest = self.earliest.min(when);
        self.len += 1;
        let found = self.rest.range_mut(..=key).next_back();
        let len = found.as_ref().map_or(self.front.len(), |(_, bucket)| bucket.len());
        if is_last && len >= FULL / 2 {
            // It has had its share.
            self.rest.insert((key.0, I::default()), exactly(&[item]));
            return;
        }
        let start = found.as_ref().map(|(start, _)| **start);
        match found {
            Some((_, bucket)) => push(bucket, item),
            None if self.front.add(key) => {}
            None => drop(self.rest.insert((key.0, I::default()), exactly(&[item]))),
        }
        if len >= FULL {
            self.cut(start, book);
        }
    }

    /// Removes an item of this time. Answers whether it was there.
    pub fn remove(&mut self, when: i64, item: I) -> bool {
        let key = (tick(when), item);
        let (start, left) = match self.rest.range_mut(..=key).next_back() {
            Some((start, bucket)) => (Some(*start), take_out(bucket, item).then_some(bucket.len())),
            None => (None, self.front.remove(key).then_some(self.front.len())),
        };
        let Some(left) = left else { return false };
        self.len -= 1;
        if left <= SMALL {
            self.join(start);
        }
        if self.len == 0 {
            *self = Agenda::new();
        }
        true
    }

    /// Gives an item another time.
    pub fn shift(&mut self, from: i64, to: i64, item: I, book: &impl Book<I>) {
        let start = |when| self.rest.range(..=(tick(when), item)).next_back().map(|(start, _)| *start);
        let (before, after) = (start(from), start(to));
        if before == after && (before.is_some() || !self.front.is_asked()) {
            (self.earliest, self.latest) = (self.earliest.min(to), self.latest.max(to));
        } else {
            self.remove(from, item);
            self.add(to, item, book);
        }
    }

    /// Takes out up to `max` of the items whose tick has passed at `now`, the earliest first, each with a time of its tick.
    /// The work is bounded by `max` and the size of a bucket.
    pub fn take_due(&mut self, now: i64, max: usize, book: &impl Book<I>, due: &mut Vec<(i64, I)>) {
        let max = due.len() + max;
        while due.len() < max && self.is_due(now) {
            self.ask(tick(now), book);
            let before = due.len();
            self.front.take_before(tick(now), max - before, |(tick, item)| due.push((time(tick), item)));
            self.len -= due.len() - before;
            let next = self.front.earliest().or_else(|| self.rest.keys().next().map(|start| start.0));
            self.earliest = next.map_or(i64::MAX, time);
        }
        if self.len == 0 {
            *self = Agenda::new();
        }
    }

    /// Sees to it that the front is asked, and that there is something in it.
    fn ask(&mut self, now: i64, book: &impl Book<I>) {
        let (from, items) = match self.front.len() {
            0 => self.rest.pop_first().map_or((None, Vec::new()), |(start, items)| (Some(start), items)),
            _ if self.front.is_asked() => return,
            _ => (None, self.front.take()),
        };
        // What has been taken may still be in the book, and must not be found again: hence the range.
        let range = Range { from, to: self.rest.keys().next().copied() };
        let keys = self.keys_of(items, range, book);
        let base = keys.first().map_or(now, |first| first.0.min(now));
        let held = self.front.ask(base, &keys);
        self.put(&keys[held..]);
    }

    /// Takes all out of a bucket: of the front, or of the one from this start on, which goes.
    fn take(&mut self, start: Option<Key<I>>) -> Vec<I> {
        start.map_or_else(|| self.front.take(), |start| self.rest.remove(&start).unwrap_or_default())
    }

    /// Makes a bucket of these keys, which are in order, if there are any.
    fn put(&mut self, keys: &[Key<I>]) {
        if let Some(&first) = keys.first() {
            self.rest.insert(first, items_of(keys));
        }
    }

    /// The keys of a bucket's items, in order. Should the book know of more or fewer, `len` follows the book.
    fn keys_of<B: Book<I>>(&mut self, items: Vec<I>, range: Range<I>, book: &B) -> Vec<Key<I>> {
        let known = items.len();
        let keys = match range.only_tick() {
            Some(tick) => {
                let mut keys: Vec<_> = items.into_iter().map(|item| (tick, item)).collect();
                keys.sort_unstable();
                keys
            }
            None => ask(items, range, book),
        };
        self.len = self.len + keys.len() - known;
        keys
    }

    /// Cuts a bucket that is too large.
    #[cold]
    fn cut(&mut self, start: Option<Key<I>>, book: &impl Book<I>) {
        let next = match start {
            None => self.rest.keys().next(),
            Some(start) => self.rest.range((Excluded(start), Unbounded)).next().map(|(start, _)| start),
        };
        let end = tick(self.latest).saturating_add(1);
        let range = Range { from: start, to: Some(next.copied().unwrap_or((end, I::default()))) };
        let (base, keys) = match self.front.keys() {
            Some((base, keys)) if start.is_none() => (Some(base), keys),
            _ => {
                let items = self.take(start);
                (None, self.keys_of(items, range, book))
            }
        };
        let (first, second) = keys.split_at(place_to_cut(&keys).unwrap_or(keys.len()));
        self.put(second);
        match (start, base) {
            (Some(start), _) => drop(self.rest.insert(start, items_of(first))),
            (None, Some(base)) => _ = self.front.ask(base, first),
            (None, None) => self.front.set(items_of(first)),
        }
    }

    /// Joins a small bucket with the next one, if that is small as well; an empty one goes.
    #[cold]
    fn join(&mut self, start: Option<Key<I>>) {
        let next = match start {
            None if self.front.is_asked() => return,
            None => self.rest.iter().next(),
            Some(start) => self.rest.range((Excluded(start), Unbounded)).next(),
        };
        let next = next.map(|(start, items)| (*start, items.len()));
        let len = start.map_or(self.front.len(), |start| self.rest.get(&start).map_or(0, Vec::len));
        let joined = next.filter(|(_, more)| len + more <= JOINED).map(|(next, _)| self.take(Some(next)));
        if joined.is_none() && len > 0 {
            return;
        }
        let items = exactly(&[self.take(start), joined.unwrap_or_default()].concat());
        match start {
            None => self.front.set(items),
            Some(start) if !items.is_empty() => drop(self.rest.insert(start, items)),
            Some(_) => {}
        }
    }

    /// Moves some of the buckets, from one on, to better places, and answers which is the next; 0 behind the last.
    pub fn relocate(&mut self, from: u64, moving: &mut Moving<'_>) -> u64 {
        const TOGETHER: usize = 64;
        let from = from as usize;
        if from == 0 {
            self.front.relocate(moving);
        }
        self.rest.values_mut().skip(from).take(TOGETHER).for_each(|items| moving.vec(items));
        let next = from.saturating_add(TOGETHER);
        if next < self.rest.len() { next as u64 } else { 0 }
    }

    /// The bytes of memory taken beside the agenda itself. What the tree of buckets takes is estimated.
    pub fn alloc_size(&self) -> usize {
        const BUCKET: usize = 80;
        let items = |items: &Vec<I>| class_size(items.capacity() * size_of::<I>());
        self.front.alloc_size() + self.rest.values().map(|bucket| items(bucket) + BUCKET).sum::<usize>()
    }

    /// How many buckets there are.
    pub fn buckets(&self) -> usize {
        1 + self.rest.len()
    }

    /// Panics if any of the invariants is broken.
    pub fn check_invariants(&self, book: &impl Book<I>) {
        let mut len = 0;
        let starts = [None].into_iter().chain(self.rest.keys().map(|start| Some(*start)));
        let ends = self.rest.keys().map(|start| Some(*start)).chain([None]);
        let buckets = [self.front.items()].into_iter().chain(self.rest.values().map(Vec::as_slice));
        for ((from, to), bucket) in starts.zip(ends).zip(buckets) {
            let keys = ask(bucket.to_vec(), Range { from, to }, book);
            assert_eq!(keys.len(), bucket.len(), "each item lies in the bucket of its key");
            assert!(keys.iter().all(|&(when, _)| tick(self.earliest) <= when && when <= tick(self.latest)));
            assert!(from.is_none() || !bucket.is_empty(), "no bucket of the rest is empty");
            assert!(bucket.len() <= FULL || keys.iter().all(|one| *one == keys[0]));
            if let (None, Some((_, known))) = (from, self.front.keys()) {
                assert_eq!(known, keys, "what is known is true");
            }
            len += bucket.len();
        }
        assert_eq!(self.len, len);
        self.front.check_invariants();
    }
}

impl<I: Item> Default for Agenda<I> {
    fn default() -> Agenda<I> {
        Agenda::new()
    }
}

/// The keys of a bucket's items, in order.
fn ask<I: Item, B: Book<I>>(mut items: Vec<I>, range: Range<I>, book: &B) -> Vec<Key<I>> {
    if !B::BY_ITEM {
        book.prefetch(&items);
        // Equal items are asked for once: the book tells the times of all that they stand for.
        items.sort_unstable();
        items.dedup();
    }
    let mut keys = Vec::with_capacity(items.len());
    for item in items {
        book.times(item, &mut |when| {
            let key = (tick(when), item);
            if range.has(key) {
                keys.push(key);
            }
        });
    }
    keys.sort_unstable();
    keys
}

/// Where to cut a sorted bucket: near the middle, rather between two ticks than within one, and never between equal keys.
fn place_to_cut<I: Item>(keys: &[Key<I>]) -> Option<usize> {
    let (middle, quarter) = (keys.len() / 2, keys.len() / 4);
    let outwards = |reach: usize| {
        (0..=reach)
            .flat_map(move |by| [middle - by.min(middle), middle + by])
            .filter(|at| (1..keys.len()).contains(at))
    };
    let tick_changes = |&at: &usize| keys[at - 1].0 != keys[at].0;
    let key_changes = |&at: &usize| keys[at - 1] != keys[at];
    outwards(quarter).find(tick_changes).or_else(|| outwards(keys.len()).find(key_changes))
}

/// A bucket of these keys.
fn items_of<I: Item>(keys: &[Key<I>]) -> Vec<I> {
    let mut items = Vec::with_capacity(keys.len());
    items.extend(keys.iter().map(|&(_, item)| item));
    items
}

/// Takes an item out of a bucket. Answers whether it was there.
fn take_out<I: Item>(bucket: &mut Vec<I>, item: I) -> bool {
    let at = bucket.iter().position(|&other| other == item);
    at.map(|at| bucket.swap_remove(at)).is_some()
}

fn exactly<I: Item>(items: &[I]) -> Vec<I> {
    let mut bucket = Vec::with_capacity(items.len());
    bucket.extend_from_slice(items);
    bucket
}

/// Appends an item; a bucket that is full grows by a quarter, as far as its memory then reaches.
#[inline]
fn push<I: Item>(bucket: &mut Vec<I>, item: I) {
    if bucket.len() == bucket.capacity() {
        let bytes = class_size((bucket.len() + bucket.len() / 4 + 1) * size_of::<I>());
        bucket.reserve_exact(bytes / size_of::<I>() - bucket.len());
    }
    bucket.push(item);
}

#[cfg(test)]
mod tests;
