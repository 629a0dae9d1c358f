//! A bucket in memory: one metadata word, then the slots. It is a way to reach words, not a place with rules of its own:
//! how buckets form chains is told in `chain.rs`.
//!
//! ```text
//!   primary, wide overflow (64 bytes, 64-aligned)   | meta | slot 0 | slot 1 | slot 2 | slot 3 | ... | slot 6 |
//!   narrow overflow        (32 bytes, 32-aligned)   | meta | slot 0 | slot 1 | slot 2 |
//! ```
//!
//! A slot is eight bytes: an entry, or in slot 6 of a chained bucket the pointer to the next bucket, or nothing (then its
//! bytes mean nothing). No bucket straddles a cache line.

use super::meta::{CHAINED_SLOTS, Meta, SLOTS};
use crate::mover::Moving;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::marker::PhantomData;
use std::ptr::NonNull;

/// Bytes of a primary bucket, and of a cache line.
pub(super) const BUCKET_BYTES: usize = 64;
/// Words of a primary bucket.
pub(super) const BUCKET_WORDS: usize = BUCKET_BYTES / 8;

/// The two sizes of an overflow bucket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Width {
    Narrow,
    Wide,
}

impl Width {
    pub(super) const fn slots(self) -> usize {
        match self {
            Width::Narrow => 3,
            Width::Wide => SLOTS,
        }
    }

    pub(super) const fn bytes(self) -> usize {
        8 * (1 + self.slots())
    }

    fn layout(self) -> Layout {
        // Both sizes are powers of two, so that a size is its own alignment.
        Layout::from_size_align(self.bytes(), self.bytes()).expect("32 and 64 are valid alignments")
    }
}

/// A pointer to a bucket. Copying it copies the pointer: the table owns the bucket.
///
/// # Safety
///
/// Every unsafe method asks that the bucket is live (allocated, its metadata true), and that nobody writes to it during
/// a read or touches it during a write: the table holds `&self` or `&mut self` accordingly. Methods that take a slot add
/// what the slot must be.
pub(super) struct Bucket<E> {
    words: NonNull<u64>,
    entries: PhantomData<E>,
}

impl<E> Clone for Bucket<E> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Bucket<E> {}

impl<E> Bucket<E> {
    /// The bucket whose metadata word stands at `words`.
    #[inline(always)]
    pub(super) fn at(words: NonNull<u64>) -> Self {
        Bucket { words, entries: PhantomData }
    }

    /// Where the bucket begins, for prefetching and comparing.
    #[inline(always)]
    pub(super) fn address(self) -> *const u8 {
        self.words.as_ptr().cast()
    }

    /// # Safety
    /// The bucket is live.
    #[inline(always)]
    pub(super) unsafe fn meta(self) -> Meta {
        // SAFETY: a live bucket begins with its metadata, and `Meta` is a transparent u64.
        unsafe { self.words.cast::<Meta>().read() }
    }

    /// # Safety
    /// The bucket's memory is allocated; `meta` tells the truth about its slots.
    #[inline(always)]
    pub(super) unsafe fn set_meta(self, meta: Meta) {
        // SAFETY: as above; the caller has the bucket to itself.
        unsafe { self.words.cast::<Meta>().write(meta) }
    }

    /// The place of an entry.
    ///
    /// # Safety
    /// The bucket is live and has that many slots.
    #[inline(always)]
    pub(super) unsafe fn slot(self, slot: usize) -> NonNull<E> {
        // SAFETY: slots follow the metadata word, and the table admits only entries of a word's size and alignment.
        unsafe { self.words.add(1 + slot).cast() }
    }

    /// Puts an entry into a free slot.
    ///
    /// # Safety
    /// The bucket is live; `slot` is its first free one.
    #[inline]
    pub(super) unsafe fn put(self, slot: usize, tag: u8, mark: bool, entry: E) {
        // SAFETY: the slot exists and holds nothing that would be lost.
        unsafe {
            self.slot(slot).write(entry);
            self.set_meta(self.meta().with(slot, tag, mark));
        }
    }

    /// Takes the last entry out, with its tag and mark.
    ///
    /// # Safety
    /// The bucket is live; `slot` is its last that holds an entry.
    #[inline]
    pub(super) unsafe fn take(self, slot: usize) -> (u8, bool, E) {
        // SAFETY: the slot holds an entry, and being marked free gives it up.
        unsafe {
            let meta = self.meta();
            self.set_meta(meta.without(slot));
            (meta.tag(slot), meta.mark(slot), self.slot(slot).read())
        }
    }

    /// The bucket that slot 6 points to.
    ///
    /// # Safety
    /// The bucket is live and chained.
    #[inline(always)]
    pub(super) unsafe fn next(self) -> Bucket<E> {
        // SAFETY: a chained bucket's last slot holds a pointer written by `link`.
        Bucket::at(unsafe { self.words.add(1 + CHAINED_SLOTS).cast().read() })
    }

    /// Moves an overflow bucket to a better place, and answers where it is now.
    ///
    /// # Safety
    /// The bucket is a live overflow bucket of this width, and whoever leads to it is told.
    pub(super) unsafe fn shift(self, width: Width, moving: &mut Moving<'_>) -> Bucket<E> {
        // SAFETY: allocated by `create` with this layout.
        Bucket::at(unsafe { moving.shift(self.words.cast(), width.layout()) }.cast())
    }

    /// Makes the last slot point to `next`.
    ///
    /// # Safety
    /// The bucket is live and has seven slots, the last holding no entry; `next` is a live overflow bucket of that width.
    pub(super) unsafe fn link(self, next: Bucket<E>, width: Width) {
        // SAFETY: the slot exists and holds nothing that would be lost.
        unsafe {
            self.words.add(1 + CHAINED_SLOTS).cast().write(next.words);
            self.set_meta(self.meta().linked(width == Width::Narrow));
        }
    }
}

/// The overflow buckets of a table: makes, frees and counts them.
#[derive(Default)]
pub(super) struct Overflow {
    pub(super) narrow: usize,
    pub(super) wide: usize,
}

impl Overflow {
    fn count(&mut self, width: Width) -> &mut usize {
        match width {
            Width::Narrow => &mut self.narrow,
            Width::Wide => &mut self.wide,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.narrow * Width::Narrow.bytes() + self.wide * Width::Wide.bytes()
    }

    /// A new, empty bucket.
    pub(super) fn create<E>(&mut self, width: Width) -> Bucket<E> {
        let layout = width.layout();
        // SAFETY: the layout is not empty.
        let Some(words) = NonNull::new(unsafe { alloc(layout) }.cast()) else { handle_alloc_error(layout) };
        let bucket = Bucket::at(words);
        // SAFETY: just allocated; empty is true of it.
        unsafe { bucket.set_meta(Meta::EMPTY) };
        *self.count(width) += 1;
        bucket
    }

    /// Frees a bucket. Entries that are still in it are not dropped.
    ///
    /// # Safety
    /// `bucket` was made by `create` with this width, and nothing refers to it any more.
    pub(super) unsafe fn free<E>(&mut self, bucket: Bucket<E>, width: Width) {
        // SAFETY: allocated by `create` with the same layout.
        unsafe { dealloc(bucket.words.as_ptr().cast(), width.layout()) };
        *self.count(width) -= 1;
    }
}
