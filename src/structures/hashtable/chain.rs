//! A primary bucket and its overflow buckets, as one sequence of entries without gaps.
//!
//! ```text
//!   primary            overflow, wide      overflow, narrow or wide
//!   0 1 2 3 4 5 [->]   6 7 8 9 10 11 [->]  12 13 14
//! ```
//!
//! The numbers are *ordinals*: an entry's place in its chain. Invariants:
//!
//! - every bucket but the last is full: six entries and the link;
//! - a narrow overflow bucket holds two entries at least (a single one would fit the slot of the link before it), a wide
//!   one three;
//! - only the last bucket may be narrow.
//!
//! An entry is added behind the last. One that is removed has its place taken by the last, so chains shorten as they
//! empty, and nothing but the last entry ever changes its ordinal.
//!
//! # Safety
//!
//! All functions ask that `head` is a live primary bucket whose chain keeps the invariants, with shared access for those
//! that read and exclusive access for those that take `&mut Overflow`, the counter that the chain's buckets came from.

use super::bucket::{Bucket, Overflow, Width};
use super::meta::{CHAINED_SLOTS, Meta, SLOTS};
use crate::mover::Moving;

/// Finds the entry with this tag that `is_it` accepts: its bucket, slot and ordinal. The heart of every lookup.
///
/// # Safety
/// See the file's head.
#[inline(always)]
pub(super) unsafe fn find<E>(
    head: Bucket<E>,
    tag: u8,
    mut is_it: impl FnMut(&E) -> bool,
) -> Option<(Bucket<E>, usize, usize)> {
    let (mut bucket, mut before) = (head, 0);
    loop {
        // SAFETY: `head` and what it links to are live; a slot that matches a tag holds an entry.
        unsafe {
            let meta = bucket.meta();
            for slot in meta.matches(tag) {
                if is_it(bucket.slot(slot).as_ref()) {
                    return Some((bucket, slot, before + slot));
                }
            }
            if !meta.chained() {
                return None;
            }
            bucket = bucket.next();
        }
        before += CHAINED_SLOTS;
    }
}

/// The bucket and slot of an ordinal, if the chain is that long.
///
/// # Safety
/// See the file's head.
#[inline]
pub(super) unsafe fn seek<E>(head: Bucket<E>, ordinal: usize) -> Option<(Bucket<E>, usize)> {
    let (mut bucket, mut slot) = (head, ordinal);
    // SAFETY: links are followed only where there are any.
    unsafe {
        while slot >= CHAINED_SLOTS && bucket.meta().chained() {
            bucket = bucket.next();
            slot -= CHAINED_SLOTS;
        }
        (slot < bucket.meta().len()).then_some((bucket, slot))
    }
}

/// The last bucket of a chain, with what it takes to change it.
struct Tail<E> {
    bucket: Bucket<E>,
    width: Width,
    /// The bucket that links to it, unless it is the head.
    parent: Option<Bucket<E>>,
    /// How many entries stand in the buckets before it.
    before: usize,
}

/// # Safety
/// See the file's head.
#[inline]
unsafe fn tail<E>(head: Bucket<E>) -> Tail<E> {
    let mut tail = Tail { bucket: head, width: Width::Wide, parent: None, before: 0 };
    // SAFETY: links are followed only where there are any.
    unsafe {
        while tail.bucket.meta().chained() {
            tail.width = if tail.bucket.meta().next_is_narrow() { Width::Narrow } else { Width::Wide };
            tail.parent = Some(tail.bucket);
            tail.bucket = tail.bucket.next();
            tail.before += CHAINED_SLOTS;
        }
    }
    tail
}

/// The number of entries in the chain.
///
/// # Safety
/// See the file's head.
#[inline]
pub(super) unsafe fn len<E>(head: Bucket<E>) -> usize {
    // SAFETY: as the caller promises.
    unsafe {
        let tail = tail(head);
        tail.before + tail.bucket.meta().len()
    }
}

/// Adds an entry and returns its ordinal.
///
/// # Safety
/// See the file's head; `tag` is not zero.
#[inline]
pub(super) unsafe fn push<E>(
    head: Bucket<E>,
    tag: u8,
    mark: bool,
    entry: E,
    overflow: &mut Overflow,
) -> usize {
    // SAFETY: `tail` is the chain's last bucket; its first free slot is where its entries end.
    unsafe {
        let tail = tail(head);
        let len = tail.bucket.meta().len();
        if len < tail.width.slots() {
            tail.bucket.put(len, tag, mark, entry);
        } else {
            push_overflowing(&tail, tag, mark, entry, overflow);
        }
        tail.before + len
    }
}

/// Adds an entry where the last bucket is full: a narrow one is replaced by a wide one, a wide one gets a successor.
///
/// # Safety
/// See the file's head; `tail` is full.
#[cold]
unsafe fn push_overflowing<E>(tail: &Tail<E>, tag: u8, mark: bool, entry: E, overflow: &mut Overflow) {
    // SAFETY: a full wide bucket has an entry in its last slot, which moves to make room for the link.
    unsafe {
        match (tail.width, tail.parent) {
            (Width::Narrow, Some(parent)) => {
                let wide = resize(tail.bucket, parent, Width::Narrow, overflow);
                wide.put(Width::Narrow.slots(), tag, mark, entry);
            }
            _ => {
                let next = overflow.create(Width::Narrow);
                let (last_tag, last_mark, last) = tail.bucket.take(SLOTS - 1);
                next.put(0, last_tag, last_mark, last);
                next.put(1, tag, mark, entry);
                tail.bucket.link(next, Width::Narrow);
            }
        }
    }
}

/// The end of a chain that several entries are added to: what `push` would look up again for each.
struct End<E> {
    head: Bucket<E>,
    /// The last bucket, its metadata as it will be once it is stored, its entries and its slots.
    last: Bucket<E>,
    meta: Meta,
    len: usize,
    slots: usize,
    /// How many entries stand in the buckets before it.
    before: usize,
}

impl<E> End<E> {
    /// # Safety
    /// See the file's head.
    unsafe fn of(head: Bucket<E>) -> Self {
        // SAFETY: as the caller promises.
        unsafe {
            let tail = tail(head);
            let meta = tail.bucket.meta();
            let (len, slots) = (meta.len(), tail.width.slots());
            End { head, last: tail.bucket, meta, len, slots, before: tail.before }
        }
    }

    /// # Safety
    /// See the file's head; `tag` is not zero; only this touches the chain until `settle`.
    #[inline(always)]
    unsafe fn push(&mut self, tag: u8, mark: bool, entry: E, overflow: &mut Overflow) {
        // SAFETY: the slot behind the last entry is free, if there is one.
        unsafe {
            if self.len == self.slots {
                return self.push_overflowing(tag, mark, entry, overflow);
            }
            self.last.slot(self.len).write(entry);
        }
        self.meta = self.meta.plus(self.len, tag, mark);
        self.len += 1;
    }

    /// # Safety
    /// As for `push`; the last bucket is full.
    #[cold]
    #[inline(never)]
    unsafe fn push_overflowing(&mut self, tag: u8, mark: bool, entry: E, overflow: &mut Overflow) {
        // SAFETY: the bucket tells the truth again before it is changed.
        unsafe {
            self.settle();
            push_overflowing(&tail(self.head), tag, mark, entry, overflow);
            *self = End::of(self.head);
        }
    }

    /// Stores what is known of the last bucket.
    ///
    /// # Safety
    /// As for `push`.
    unsafe fn settle(&self) {
        // SAFETY: the slots were written before.
        unsafe { self.last.set_meta(self.meta) };
    }
}

/// How many entries of a chain `deal` can be told about.
pub(super) const DEALT: usize = u64::BITS as usize;

/// What `deal` did.
pub(super) struct Dealt {
    /// How many of the entries that went are marked.
    pub(super) marked: usize,
    /// How many entries the chain has now that they went to.
    pub(super) len: usize,
}

/// Deals the entries of a chain out to two, in one pass: those whose bit in `goes` is set (the lowest is the first entry's)
/// go to the end of the chain of `to`; the others, and all beyond the bits, stay.
///
/// # Safety
/// See the file's head, for both chains, which are two.
pub(super) unsafe fn deal<E>(
    head: Bucket<E>,
    to: Bucket<E>,
    mut goes: u64,
    overflow: &mut Overflow,
) -> Dealt {
    let mut marked = 0;
    // SAFETY: each entry is read once and written once. What stays in the head is written at or before the place where it
    // was read, and an overflow bucket is freed after all its entries and its link were read.
    unsafe {
        let stay = End { head, last: head, meta: Meta::EMPTY, len: 0, slots: SLOTS, before: 0 };
        let mut ends = [stay, End::of(to)];
        let (mut bucket, mut width) = (head, None);
        loop {
            let meta = bucket.meta();
            let next = meta.chained().then(|| bucket.next());
            for slot in 0..meta.len() {
                let side = (goes & 1) as usize;
                goes >>= 1;
                marked += side & usize::from(meta.mark(slot));
                ends[side].push(meta.tag(slot), meta.mark(slot), bucket.slot(slot).read(), overflow);
            }
            if let Some(width) = width {
                overflow.free(bucket, width);
            }
            let Some(next) = next else { break };
            width = Some(if meta.next_is_narrow() { Width::Narrow } else { Width::Wide });
            bucket = next;
        }
        ends.iter().for_each(|end| end.settle());
        Dealt { marked, len: ends[1].before + ends[1].len }
    }
}

/// Moves the last bucket, which is of width `from`, into one of the other width.
///
/// # Safety
/// See the file's head; `parent` links to `bucket`, whose entries fit the other width.
unsafe fn resize<E>(bucket: Bucket<E>, parent: Bucket<E>, from: Width, overflow: &mut Overflow) -> Bucket<E> {
    let to = if from == Width::Narrow { Width::Wide } else { Width::Narrow };
    // SAFETY: the entries are moved bit by bit and the old bucket freed without dropping them.
    unsafe {
        let moved = overflow.create(to);
        for slot in 0..bucket.meta().len() {
            moved.slot(slot).write(bucket.slot(slot).read());
        }
        moved.set_meta(bucket.meta());
        parent.link(moved, to);
        overflow.free(bucket, from);
        moved
    }
}

/// An entry that has left its chain.
pub(super) struct Popped<E> {
    pub(super) tag: u8,
    pub(super) mark: bool,
    pub(super) entry: E,
}

/// Takes out the last entry.
///
/// # Safety
/// See the file's head.
#[inline]
pub(super) unsafe fn pop<E>(head: Bucket<E>, overflow: &mut Overflow) -> Option<Popped<E>> {
    // SAFETY: the last entry of the last bucket is the last of the chain.
    unsafe {
        let tail = tail(head);
        let left = tail.bucket.meta().len().checked_sub(1)?;
        let (tag, mark, entry) = tail.bucket.take(left);
        if let Some(parent) = tail.parent {
            shorten(&tail, parent, left, overflow);
        }
        Some(Popped { tag, mark, entry })
    }
}

/// Keeps the invariants after an overflow bucket has lost an entry: a single one that is left moves to its parent. A
/// wide bucket becomes narrow with a slot to spare, so that adding and removing one entry does not swing between widths.
///
/// # Safety
/// See the file's head; `parent` links to `tail`, which holds `left` entries, one at least.
#[cold]
unsafe fn shorten<E>(tail: &Tail<E>, parent: Bucket<E>, left: usize, overflow: &mut Overflow) {
    // SAFETY: once unlinked, the parent's last slot is free and is its first free one.
    unsafe {
        if left == 1 {
            let (tag, mark, entry) = tail.bucket.take(0);
            parent.set_meta(parent.meta().unlinked());
            parent.put(CHAINED_SLOTS, tag, mark, entry);
            overflow.free(tail.bucket, tail.width);
        } else if tail.width == Width::Wide && left < Width::Narrow.slots() {
            resize(tail.bucket, parent, Width::Wide, overflow);
        }
    }
}

/// Takes out the entry at `ordinal`, if there is one; the last entry takes its place.
///
/// # Safety
/// See the file's head.
#[inline]
pub(super) unsafe fn remove<E>(
    head: Bucket<E>,
    ordinal: usize,
    overflow: &mut Overflow,
) -> Option<Popped<E>> {
    // SAFETY: `seek` names a slot that holds an entry. Ordinals outlive the shortening, so after the pop it still finds
    // the entry to remove, unless that was the last itself.
    unsafe {
        seek(head, ordinal)?;
        let last = pop(head, overflow)?;
        let Some((bucket, slot)) = seek(head, ordinal) else { return Some(last) };
        let meta = bucket.meta();
        let entry = bucket.slot(slot).replace(last.entry);
        bucket.set_meta(meta.with(slot, last.tag, last.mark));
        Some(Popped { tag: meta.tag(slot), mark: meta.mark(slot), entry })
    }
}

/// Drops all entries and frees the overflow buckets. The head is left as it was: its metadata no longer holds.
///
/// # Safety
/// See the file's head; the head is not used again before it is emptied.
pub(super) unsafe fn dispose<E>(head: Bucket<E>, overflow: &mut Overflow) {
    let (mut bucket, mut width) = (head, None);
    loop {
        // SAFETY: each entry is dropped once, each overflow bucket freed after its link was read.
        unsafe {
            let meta = bucket.meta();
            for slot in 0..meta.len() {
                bucket.slot(slot).drop_in_place();
            }
            let next = meta.chained().then(|| bucket.next());
            if let Some(width) = width {
                overflow.free(bucket, width);
            }
            let Some(next) = next else { return };
            width = Some(if meta.next_is_narrow() { Width::Narrow } else { Width::Wide });
            bucket = next;
        }
    }
}

/// Moves the overflow buckets to better places, and gives each entry to `visit`, which may move it.
///
/// # Safety
/// See the file's head, for exclusive access.
pub(super) unsafe fn relocate<E>(
    head: Bucket<E>,
    moving: &mut Moving<'_>,
    visit: &mut impl FnMut(&mut E, &mut Moving<'_>),
) {
    let mut bucket = head;
    // SAFETY: slots below the length hold entries; a bucket that has moved is linked from where it was linked before.
    unsafe {
        loop {
            let meta = bucket.meta();
            for slot in 0..meta.len() {
                visit(bucket.slot(slot).as_mut(), moving);
            }
            if !meta.chained() {
                return;
            }
            let width = if meta.next_is_narrow() { Width::Narrow } else { Width::Wide };
            let next = bucket.next().shift(width, moving);
            bucket.link(next, width);
            bucket = next;
        }
    }
}

/// The buckets of a chain, the head first.
pub(super) struct Buckets<E>(Option<Bucket<E>>);

/// # Safety
/// See the file's head; this holds for as long as the iterator is used.
#[inline]
pub(super) unsafe fn buckets<E>(head: Bucket<E>) -> Buckets<E> {
    Buckets(Some(head))
}

impl<E> Iterator for Buckets<E> {
    type Item = Bucket<E>;

    #[inline]
    fn next(&mut self) -> Option<Bucket<E>> {
        let bucket = self.0?;
        // SAFETY: promised by the caller of `buckets`.
        self.0 = unsafe { bucket.meta().chained().then(|| bucket.next()) };
        Some(bucket)
    }
}
