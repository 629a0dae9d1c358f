//! The agenda: what is due when. It keeps items (fields of a hash, hashes of a database) in the order of their times, in
//! coarse buckets, so that whoever looks for what is due meets nothing else. The reference calls such a thing a volatile
//! set.
//!
//! **Times are not in it.** An item is a few bytes that lead to an entry elsewhere (a [`Fragment`] of its hash), and only
//! the entry knows its time; the agenda asks a [`Book`] when it must. So an item costs its four bytes and a seventh or so
//! on top. Nor is there a way back from the entry: to be removed, an item is looked for in the one bucket that can hold it.
//!
//! ```text
//! key of an item      (tick, item), where a tick is 16 ms
//!
//! front               everything before the first of the rest
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
//!   at most. A move within a bucket is nothing at all.
//! - **What is due** is a beginning of the front. What else was in the bucket, and now has been asked for its time anyway,
//!   is cut into pieces that double in size, so that an item is asked a few times in its life and not at every visit. The
//!   times of the first piece, a handful, are kept: whoever comes again and again for one item asks nobody.
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

use crate::blob::class_size;
use crate::hashtable::Fragment;
use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

/// A bucket with more items is cut.
const FULL: usize = if cfg!(test) { 8 } else { 256 };
/// A bucket that has come down to so few joins the next, if both together are no more than [`JOINED`].
const SMALL: usize = if cfg!(test) { 1 } else { FULL / 16 };
const JOINED: usize = FULL / 4;
/// The smallest piece into which the rest of the front is cut.
const PIECE: usize = if cfg!(test) { 2 } else { 8 };
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

type Key<I> = (i64, I);

/// Items by their times.
#[derive(Clone, Debug)]
pub struct Agenda<I> {
    front: Vec<I>,
    /// The times of the front's items, in turn, if they are known; otherwise nothing.
    known: Vec<i64>,
    rest: BTreeMap<Key<I>, Vec<I>>,
    /// No time is before this one.
    earliest: i64,
    /// The latest time there ever was.
    latest: i64,
    len: usize,
}

fn tick(when: i64) -> i64 {
    when >> TICK_BITS
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
        Agenda {
            front: Vec::new(),
            known: Vec::new(),
            rest: BTreeMap::new(),
            earliest: i64::MAX,
            latest: i64::MIN,
            len: 0,
        }
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

    /// A time that no item's is before; nearly always the time of one.
    #[inline]
    pub fn earliest(&self) -> Option<i64> {
        (self.len > 0).then_some(self.earliest)
    }

    /// Whether [`take_due`](Self::take_due) would find anything at `now`, as far as can be told without looking.
    #[inline]
    pub fn is_due(&self, now: i64) -> bool {
        self.len > 0 && tick(self.earliest) < tick(now)
    }

    /// Adds an item.
    #[inline]
    pub fn add(&mut self, when: i64, item: I, book: &impl Book<I>) {
        let key = (tick(when), item);
        let latest = self.latest;
        self.latest = latest.max(when);
        self.earliest = self.earliest.min(when);
        self.len += 1;
        let (start, bucket) = match self.rest.range_mut(..=key).next_back() {
            Some((start, bucket)) => (Some(*start), bucket),
            None => (None, &mut self.front),
        };
        if bucket.len() >= FULL / 2 && tick(latest) < key.0 {
            // The time is later than all others: so this is the last bucket, which has had its share.
            self.rest.insert((key.0, I::default()), exactly(&[item]));
            return;
        }
        push(bucket, item);
        let full = bucket.len() > FULL;
        if start.is_none() && !self.known.is_empty() {
            match self.known.len() < 2 * PIECE {
                true => self.known.push(when),
                false => self.known = Vec::new(),
            }
        }
        if full {
            self.cut(start, book);
        }
    }

    /// Removes an item of this time. Answers whether it was there.
    pub fn remove(&mut self, when: i64, item: I) -> bool {
        let key = (tick(when), item);
        let (start, bucket) = match self.rest.range_mut(..=key).next_back() {
            Some((start, bucket)) => (Some(*start), bucket),
            None => (None, &mut self.front),
        };
        let known: &[i64] = if start.is_none() { &self.known } else { &[] };
        let found = |at: usize, other: I| other == item && known.get(at).is_none_or(|&known| known == when);
        let Some(at) = bucket.iter().enumerate().position(|(at, &other)| found(at, other)) else {
            return false;
        };
        bucket.swap_remove(at);
        if start.is_none() && !self.known.is_empty() {
            self.known.swap_remove(at);
        }
        self.len -= 1;
        if bucket.len() <= SMALL {
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
        if start(from) == start(to) {
            if start(to).is_none() && !self.known.is_empty() {
                self.known = Vec::new();
            }
            (self.earliest, self.latest) = (self.earliest.min(to), self.latest.max(to));
        } else {
            self.remove(from, item);
            self.add(to, item, book);
        }
    }

    /// Takes out up to `max` of the items whose tick has passed at `now`, the earliest first. The work is bounded by `max`
    /// and the size of a bucket.
    pub fn take_due(&mut self, now: i64, max: usize, book: &impl Book<I>, due: &mut Vec<(i64, I)>) {
        let max = due.len() + max;
        // What has been taken is still in the book: it must not be found again.
        let mut from = None;
        while due.len() < max && self.is_due(now) {
            if self.front.is_empty() {
                let Some((start, items)) = self.rest.pop_first() else { break };
                (from, self.front) = (Some(start), items);
            }
            let (items, times) = (std::mem::take(&mut self.front), std::mem::take(&mut self.known));
            let range = Range { from, to: self.rest.keys().next().copied() };
            let known = items.len();
            let mut found: Vec<_> = match times.len() == known {
                true => times.into_iter().zip(items).collect(),
                false => times_of(items, range, book),
            };
            found.sort_unstable_by_key(|&(when, item)| (tick(when), item));
            let passed = found.partition_point(|&(when, _)| tick(when) < tick(now)).min(max - due.len());
            due.extend(found.drain(..passed));
            self.len = self.len + found.len() - known;
            let next = self.rest.keys().next().map_or(i64::MAX, |start| start.0 << TICK_BITS);
            self.earliest = found.iter().fold(next, |least, &(when, _)| least.min(when));
            self.put_in_front(found);
        }
        if self.len == 0 {
            *self = Agenda::new();
        }
    }

    /// Makes the front of these, in order, and cuts it into pieces that double in size.
    fn put_in_front(&mut self, mut found: Vec<(i64, I)>) {
        while found.len() > PIECE
            && let Some(at) = place_to_cut(&found)
        {
            let (start, items) = piece(&found[at..]);
            self.rest.insert(start, items);
            found.truncate(at);
        }
        self.front = piece(&found).1;
        if found.len() <= PIECE {
            self.known = found.iter().map(|&(when, _)| when).collect();
        }
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
        if start.is_none() {
            self.known = Vec::new();
        }
        let Some(items) = self.bucket_mut(start).map(std::mem::take) else { return };
        let known = items.len();
        let mut found = match range.only_tick() {
            Some(tick) => items.into_iter().map(|item| (tick << TICK_BITS, item)).collect(),
            None => times_of(items, range, book),
        };
        self.len = self.len + found.len() - known;
        found.sort_unstable_by_key(|&(when, item)| (tick(when), item));
        let at = place_to_cut(&found).unwrap_or(found.len());
        if at < found.len() {
            let (start, items) = piece(&found[at..]);
            self.rest.insert(start, items);
        }
        if let Some(bucket) = self.bucket_mut(start) {
            *bucket = piece(&found[..at]).1;
        }
    }

    fn bucket_mut(&mut self, start: Option<Key<I>>) -> Option<&mut Vec<I>> {
        match start {
            None => Some(&mut self.front),
            Some(start) => self.rest.get_mut(&start),
        }
    }

    /// Joins a small bucket with the next one, if that is small as well; an empty one goes.
    #[cold]
    fn join(&mut self, start: Option<Key<I>>) {
        let next = match start {
            None => self.rest.iter().next(),
            Some(start) => self.rest.range((Excluded(start), Unbounded)).next(),
        };
        let next = next.map(|(start, items)| (*start, items.len()));
        let Some(len) = self.bucket_mut(start).map(|bucket| bucket.len()) else { return };
        let joined = match next {
            Some((next, more)) if len + more <= JOINED => self.rest.remove(&next),
            _ => None,
        };
        if start.is_none() && joined.is_some() {
            self.known = Vec::new();
        }
        match start {
            Some(start) if len == 0 && joined.is_none() => drop(self.rest.remove(&start)),
            _ => {
                if let Some(bucket) = self.bucket_mut(start) {
                    *bucket = exactly(&[bucket.as_slice(), &joined.unwrap_or_default()].concat());
                }
            }
        }
    }

    /// The bytes of memory taken beside the agenda itself. What the tree of buckets takes is estimated.
    pub fn alloc_size(&self) -> usize {
        const BUCKET: usize = 80;
        let items = |items: &Vec<I>| class_size(items.capacity() * size_of::<I>());
        let front =
            if self.front.capacity() == 0 { 0 } else { items(&self.front) } + 8 * self.known.capacity();
        front + self.rest.values().map(|bucket| items(bucket) + BUCKET).sum::<usize>()
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
        for ((from, to), bucket) in starts.zip(ends).zip([&self.front].into_iter().chain(self.rest.values()))
        {
            let known = times_of(bucket.clone(), Range { from, to }, book);
            assert_eq!(known.len(), bucket.len(), "each item lies in the bucket of its key");
            assert!(known.iter().all(|&(when, _)| self.earliest <= when && when <= self.latest));
            assert!(from.is_none() || !bucket.is_empty(), "no bucket of the rest is empty");
            let key = |&(when, item): &(i64, I)| (tick(when), item);
            assert!(bucket.len() <= FULL || known.iter().all(|one| key(one) == key(&known[0])));
            len += bucket.len();
        }
        assert_eq!(self.len, len);
        assert!(self.known.is_empty() || self.known.len() == self.front.len());
        for (&when, &item) in self.known.iter().zip(&self.front) {
            let mut is_so = false;
            book.times(item, &mut |time| is_so |= time == when);
            assert!(is_so, "what is known is true");
        }
    }
}

impl<I: Item> Default for Agenda<I> {
    fn default() -> Agenda<I> {
        Agenda::new()
    }
}

/// The times of a bucket's items.
fn times_of<I: Item, B: Book<I>>(mut items: Vec<I>, range: Range<I>, book: &B) -> Vec<(i64, I)> {
    if !B::BY_ITEM {
        book.prefetch(&items);
        // Equal items are asked for once: the book tells the times of all that they stand for.
        items.sort_unstable();
        items.dedup();
    }
    let mut found = Vec::with_capacity(items.len());
    for item in items {
        book.times(item, &mut |when| {
            if range.has((tick(when), item)) {
                found.push((when, item));
            }
        });
    }
    found
}

/// Where to cut a sorted bucket: near the middle, rather between two ticks than within one, and never between equal keys.
fn place_to_cut<I: Item>(found: &[(i64, I)]) -> Option<usize> {
    let (middle, quarter) = (found.len() / 2, found.len() / 4);
    let outwards = |reach: usize| {
        (0..=reach)
            .flat_map(move |by| [middle - by.min(middle), middle + by])
            .filter(|at| (1..found.len()).contains(at))
    };
    let tick_changes = |&at: &usize| tick(found[at - 1].0) != tick(found[at].0);
    let key_changes = |&at: &usize| tick_changes(&at) || found[at - 1].1 != found[at].1;
    outwards(quarter).find(tick_changes).or_else(|| outwards(found.len()).find(key_changes))
}

/// A bucket of these, which are not none unless nobody asks for its start.
fn piece<I: Item>(found: &[(i64, I)]) -> (Key<I>, Vec<I>) {
    let start = found.first().map_or((0, I::default()), |&(when, item)| (tick(when), item));
    let mut items = Vec::with_capacity(found.len());
    items.extend(found.iter().map(|&(_, item)| item));
    (start, items)
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
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cell::Cell;

    /// The naive model: all items with their times.
    #[derive(Default)]
    struct Model {
        entries: Vec<(i64, u64)>,
        asked: Cell<usize>,
    }

    impl Book<u64> for Model {
        fn times(&self, item: u64, tell: &mut dyn FnMut(i64)) {
            self.asked.set(self.asked.get() + 1);
            self.entries.iter().filter(|entry| entry.1 == item).for_each(|entry| tell(entry.0));
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        Add(i64, u64),
        Remove(usize),
        Shift(usize, i64),
        Take(i64, usize),
    }

    /// Times from where it hurts: all the same, one after the other, spread out, at the ends of time.
    fn time() -> impl Strategy<Value = i64> {
        prop_oneof![
            4 => Just(1000i64),
            4 => 1000i64..1040,
            4 => 0i64..100_000,
            1 => prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(-1), Just(0)],
        ]
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => (time(), 0u64..40).prop_map(|(when, item)| Step::Add(when, item)),
            3 => any::<usize>().prop_map(Step::Remove),
            3 => (any::<usize>(), time()).prop_map(|(at, when)| Step::Shift(at, when)),
            1 => (time(), 0usize..30).prop_map(|(now, max)| Step::Take(now, max)),
        ]
    }

    fn run(steps: Vec<Step>) {
        let (mut agenda, mut model) = (Agenda::new(), Model::default());
        for step in steps {
            match step {
                Step::Add(when, item) => {
                    model.entries.push((when, item));
                    agenda.add(when, item, &model);
                }
                Step::Remove(at) if !model.entries.is_empty() => {
                    let (when, item) = model.entries.swap_remove(at % model.entries.len());
                    assert!(agenda.remove(when, item));
                }
                Step::Shift(at, to) if !model.entries.is_empty() => {
                    let at = at % model.entries.len();
                    let from = std::mem::replace(&mut model.entries[at].0, to);
                    agenda.shift(from, to, model.entries[at].1, &model);
                }
                Step::Take(now, max) => take(&mut agenda, &mut model, now, max),
                _ => {}
            }
            agenda.check_invariants(&model);
            assert_eq!(agenda.len(), model.entries.len());
        }
    }

    fn take(agenda: &mut Agenda<u64>, model: &mut Model, now: i64, max: usize) {
        let mut due = Vec::new();
        agenda.take_due(now, max, model, &mut due);
        let passed = model.entries.iter().filter(|entry| tick(entry.0) < tick(now)).count();
        assert_eq!(due.len(), passed.min(max), "all that is due, up to the limit");
        let last = due.iter().map(|entry| tick(entry.0)).max();
        for entry in due {
            let at = model.entries.iter().position(|other| *other == entry).expect("a known one");
            model.entries.swap_remove(at);
        }
        if let Some(last) = last {
            let overtaken = |entry: &&(i64, u64)| tick(entry.0) < last;
            assert_eq!(model.entries.iter().filter(overtaken).count(), 0, "the earliest first");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 400 }))]
        #[test]
        fn it_agrees_with_a_list(steps in prop::collection::vec(step(), 0..if cfg!(miri) { 40 } else { 200 })) {
            run(steps);
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "it counts, and runs no unsafe code")]
    fn any_number_may_be_due_at_once() {
        let (mut agenda, mut model) = (Agenda::new(), Model::default());
        for item in 0..1000 {
            model.entries.push((5000, item));
            agenda.add(5000, item, &model);
        }
        agenda.check_invariants(&model);
        assert!(agenda.buckets() >= 1000 / FULL);
        model.asked.set(0);
        while !agenda.is_empty() {
            take(&mut agenda, &mut model, 6000, 5);
        }
        assert!(model.asked.get() < 4000, "{} for 1000 items", model.asked.get());
    }

    #[test]
    #[cfg_attr(miri, ignore = "it counts, and runs no unsafe code")]
    fn times_that_come_in_order_are_not_asked_for() {
        let (mut agenda, mut model) = (Agenda::new(), Model::default());
        for item in 0..1000 {
            let when = item as i64 * 16;
            model.entries.push((when, item));
            agenda.add(when, item, &model);
        }
        assert_eq!(model.asked.get(), 0);
        for now in 0..1001 {
            take(&mut agenda, &mut model, now * 16, 100);
        }
        assert!(agenda.is_empty());
        assert!(model.asked.get() < 6000, "{} for 1000 items", model.asked.get());
    }

    #[test]
    #[cfg_attr(miri, ignore = "it counts, and runs no unsafe code")]
    fn what_is_not_due_costs_nothing() {
        let (mut agenda, mut model) = (Agenda::new(), Model::default());
        for item in 0..100 {
            model.entries.push((1_000_000 + item as i64 * 100, item));
            agenda.add(1_000_000 + item as i64 * 100, item, &model);
        }
        model.asked.set(0);
        for now in 0..1000 {
            take(&mut agenda, &mut model, now * 1000, 100);
        }
        assert_eq!(model.asked.get(), 0);
    }
}
