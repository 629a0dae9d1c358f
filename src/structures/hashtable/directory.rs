//! The primary buckets: a row of N buckets that grows and shrinks at its end, one at a time, and the rule that maps a
//! hash to one of them. What is in the buckets is not its business, except that a new one is empty.
//!
//! Buckets live in segments of 1024 (64 KiB). Only the last segment may be incomplete: its memory has room for the
//! buckets in use, rounded up to an eighth of the next power of two, so that a tiny table is one cache line, no table has
//! much to spare, and a segment is reallocated some thirty times while it fills.
//!
//! Linear hashing: with 2^L <= N < 2^(L+1), a hash belongs to the bucket named by its low L+1 bits if there is one, else
//! to the bucket named by its low L bits. Adding bucket N therefore concerns a single other bucket, N without its highest
//! bit, whose entries it shares; removing it gives them back.

use super::bucket::{BUCKET_BYTES, BUCKET_WORDS, Bucket};
use super::meta::Meta;
use crate::mover::Moving;
use crate::prefetch::prefetch;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error, realloc};
use std::marker::PhantomData;
use std::ptr::NonNull;

/// Buckets in a complete segment: few enough in tests that small tables have several.
pub(super) const SEGMENT: usize = if cfg!(test) { 8 } else { 1024 };

/// A run of buckets. Four bytes are to spare: a version for snapshots without a fork would live here (one for the
/// segment), beside the count that is written by the same operations.
struct Segment {
    words: NonNull<u64>,
    /// How many entries in it are marked, those in overflow buckets included.
    marked: u32,
}

/// The row of primary buckets. Dropping it frees their memory, not their entries.
pub(super) struct Directory<E> {
    segments: Vec<Segment>,
    len: usize,
    /// The low L+1 bits; zero while there is no bucket.
    mask: usize,
    entries: PhantomData<E>,
}

// SAFETY: the directory owns its memory and its entries as a Vec would.
unsafe impl<E: Send> Send for Directory<E> {}
// SAFETY: as above; nothing is written through a shared reference.
unsafe impl<E: Sync> Sync for Directory<E> {}

impl<E> Default for Directory<E> {
    fn default() -> Self {
        Directory { segments: Vec::new(), len: 0, mask: 0, entries: PhantomData }
    }
}

/// The bucket that shares its entries with bucket `index` when that one comes or goes.
pub(super) fn partner(index: usize) -> usize {
    index.checked_ilog2().map_or(0, |highest| index & !(1 << highest))
}

/// How many buckets a segment has memory for that uses so many of them.
fn room(used: usize) -> usize {
    used.next_multiple_of((used.next_power_of_two() / 8).max(1))
}

fn layout(buckets: usize) -> Layout {
    Layout::from_size_align(buckets * BUCKET_BYTES, BUCKET_BYTES).expect("a segment is 64 KiB at most")
}

impl<E> Directory<E> {
    /// The number of buckets.
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn segments(&self) -> usize {
        self.segments.len()
    }

    /// The number of positions of the level-L view: the largest power of two that is not above the number of buckets.
    /// Position v stands for bucket v and, if there is one, for the bucket that was split off it, v + 2^L.
    pub(super) fn positions(&self) -> usize {
        self.mask.div_ceil(2)
    }

    /// The bucket that a hash belongs to. There must be buckets.
    #[inline(always)]
    pub(super) fn index(&self, hash: u64) -> usize {
        let index = hash as usize & self.mask;
        if index < self.len { index } else { index & (self.mask >> 1) }
    }

    /// A bucket by its index.
    ///
    /// # Safety
    /// `index` is less than `len`.
    #[inline(always)]
    pub(super) unsafe fn bucket(&self, index: usize) -> Bucket<E> {
        debug_assert!(index < self.len);
        // SAFETY: the segments hold `len` buckets.
        unsafe {
            let segment = self.segments.get_unchecked(index / SEGMENT);
            Bucket::at(segment.words.add(index % SEGMENT * BUCKET_WORDS))
        }
    }

    /// Asks for the beginning of the segments' row, which is all of it but in tables of thousands.
    pub(super) fn prefetch(&self) {
        prefetch(self.segments.as_ptr().cast());
    }

    /// The marked entries in the segment of bucket `index`.
    pub(super) fn marked(&self, index: usize) -> usize {
        self.segments[index / SEGMENT].marked as usize
    }

    /// Counts a marked entry that comes to bucket `index`.
    #[inline]
    pub(super) fn count_mark(&mut self, index: usize) {
        self.segments[index / SEGMENT].marked += 1;
    }

    /// Counts a marked entry that leaves bucket `index`.
    #[inline]
    pub(super) fn uncount_mark(&mut self, index: usize) {
        self.segments[index / SEGMENT].marked -= 1;
    }

    /// Counts marked entries that go from bucket `from` to bucket `to`.
    pub(super) fn move_marks(&mut self, from: usize, to: usize, marked: usize) {
        self.segments[from / SEGMENT].marked -= marked as u32;
        self.segments[to / SEGMENT].marked += marked as u32;
    }

    /// How many buckets the last segment has memory for.
    fn last_room(&self) -> usize {
        room(self.len - self.segments.len().saturating_sub(1) * SEGMENT)
    }

    /// Bytes allocated for buckets and for the list of segments.
    pub(super) fn bytes(&self) -> usize {
        let buckets = self.segments.len().saturating_sub(1) * SEGMENT + self.last_room();
        buckets * BUCKET_BYTES + self.segments.capacity() * size_of::<Segment>()
    }

    /// Adds an empty bucket at the end and returns its index.
    pub(super) fn push(&mut self) -> usize {
        let index = self.len;
        let used = index % SEGMENT;
        if used == 0 {
            // SAFETY: the layout is not empty.
            let Some(words) = NonNull::new(unsafe { alloc(layout(1)) }.cast()) else {
                handle_alloc_error(layout(1))
            };
            if index == 0 {
                // Most tables never have a second segment.
                self.segments.reserve_exact(1);
            }
            self.segments.push(Segment { words, marked: 0 });
        } else if room(used) < room(used + 1) {
            self.resize_last(room(used), room(used + 1));
        }
        self.set_len(index + 1);
        // SAFETY: there is memory for it now; it holds nothing yet, as its metadata then says.
        unsafe { self.bucket(index).set_meta(Meta::EMPTY) };
        index
    }

    /// Removes the last bucket, which must be empty (entries left in it would never be dropped).
    pub(super) fn pop(&mut self) {
        let Some(index) = self.len.checked_sub(1) else { return };
        self.set_len(index);
        let used = index % SEGMENT;
        if used == 0 {
            if let Some(segment) = self.segments.pop() {
                // SAFETY: a segment that loses its only bucket has memory for one.
                unsafe { dealloc(segment.words.as_ptr().cast(), layout(1)) };
            }
            // The list itself must not keep the size of better days.
            if self.segments.len() < self.segments.capacity() / 4 {
                self.segments.shrink_to(self.segments.capacity() / 2);
            }
        } else if room(used) < room(used + 1) {
            self.resize_last(room(used + 1), room(used));
        }
    }

    /// Moves the list of segments, and segments that are small, to better places.
    pub(super) fn relocate(&mut self, moving: &mut Moving<'_>) {
        moving.vec(&mut self.segments);
        let (last, last_room) = (self.segments.len().saturating_sub(1), self.last_room());
        for (i, segment) in self.segments.iter_mut().enumerate() {
            let room = if i == last { last_room } else { SEGMENT };
            // SAFETY: complete segments have the full size, the last what its buckets need; only the list leads to them.
            segment.words = unsafe { moving.shift(segment.words.cast(), layout(room)) }.cast();
        }
    }

    fn set_len(&mut self, len: usize) {
        self.len = len;
        self.mask = (len + 1).next_power_of_two() - 1;
    }

    /// Gives the last segment memory for `to` buckets instead of `from`.
    fn resize_last(&mut self, from: usize, to: usize) {
        if let Some(segment) = self.segments.last_mut() {
            let old = segment.words.as_ptr().cast();
            // SAFETY: allocated with the layout of `from` buckets; neither size is zero.
            let new = unsafe { realloc(old, layout(from), layout(to).size()) };
            segment.words = NonNull::new(new.cast()).unwrap_or_else(|| handle_alloc_error(layout(to)));
        }
    }

    /// Panics if the directory contradicts itself.
    pub(super) fn check_invariants(&self) {
        assert_eq!(self.segments.len(), self.len.div_ceil(SEGMENT), "as many segments as the buckets need");
        assert_eq!(
            self.mask,
            (self.len + 1).next_power_of_two() - 1,
            "the mask follows the number of buckets"
        );
    }
}

impl<E> Drop for Directory<E> {
    fn drop(&mut self) {
        let last_room = self.last_room();
        let last = self.segments.len().saturating_sub(1);
        for (i, segment) in self.segments.iter().enumerate() {
            let room = if i == last { last_room } else { SEGMENT };
            // SAFETY: complete segments have the full size, the last what its buckets need.
            unsafe { dealloc(segment.words.as_ptr().cast(), layout(room)) };
        }
    }
}
