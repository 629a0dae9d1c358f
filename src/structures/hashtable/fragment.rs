//! Fragments: four bytes of a hash, enough to find an entry again.
//!
//! An index beside a table that must name entries (those that expire, say) can keep fragments instead of pointers: they are
//! half as long, and stay true when the table grows or an entry moves to other memory. A fragment has the tag of the hash,
//! and of its low end as many bits as name a bucket in all but the largest tables:
//!
//! ```text
//! | tag, 8 bits | low end of the hash, 24 bits |
//! ```
//!
//! Where there are more buckets than that, a fragment leads to each of the few that share its low bits. Several entries
//! may have one fragment; who asks has to tell them apart.

use super::{Entry, HashTable, Hasher, Position, chain, prefetch_record, tag_of};
use crate::prefetch::prefetch;

/// How many bits of the hash's low end a fragment has: few enough in tests that tables outgrow it.
const LOW_BITS: u32 = if cfg!(test) { 5 } else { 24 };
const LOW: usize = (1 << LOW_BITS) - 1;
const TAG_SHIFT: u32 = 24;

/// A part of a hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fragment(u32);

impl Fragment {
    /// The fragment of a hash.
    #[inline]
    pub fn of(hash: u64) -> Fragment {
        Fragment(u32::from(tag_of(hash)) << TAG_SHIFT | (hash as usize & LOW) as u32)
    }

    /// The fragment as a number.
    pub fn to_bits(self) -> u32 {
        self.0
    }

    /// The fragment of a number that was one.
    pub fn from_bits(bits: u32) -> Fragment {
        Fragment(bits)
    }

    fn low(self) -> usize {
        self.0 as usize & LOW
    }

    fn tag(self) -> u8 {
        (self.0 >> TAG_SHIFT) as u8
    }
}

impl<E: Entry, H: Hasher<E>> HashTable<E, H> {
    /// The buckets that hold entries of a fragment.
    #[inline]
    fn buckets_of(&self, fragment: Fragment) -> impl Iterator<Item = usize> + use<E, H> {
        let (low, len) = (fragment.low(), self.directory.len());
        // One bucket, unless there are so many that the low bits alone do not name it.
        (self.directory.index(low as u64)..len).step_by(LOW + 1)
    }

    /// Visits the entries whose hash has this fragment, with their positions.
    #[inline]
    pub fn each_of<'t>(&'t self, fragment: Fragment, mut f: impl FnMut(Position, &'t E)) {
        if self.len == 0 {
            return;
        }
        for index in self.buckets_of(fragment) {
            let mut before = 0;
            // SAFETY: `buckets_of` names buckets; a slot that matches a tag holds an entry; nobody writes meanwhile.
            unsafe {
                for bucket in chain::buckets(self.directory.bucket(index)) {
                    let meta = bucket.meta();
                    for slot in meta.matches(fragment.tag()) {
                        let entry = bucket.slot(slot).as_ref();
                        if Fragment::of(self.hasher.hash(entry)) == fragment {
                            f(Position { index, ordinal: before + slot }, entry);
                        }
                    }
                    before += super::meta::CHAINED_SLOTS;
                }
            }
        }
    }

    /// Asks the memory for what [`each_of`](Self::each_of) will read of these fragments.
    pub fn prefetch_fragments(&self, fragments: impl Iterator<Item = Fragment> + Clone) {
        self.prefetch_their_buckets(fragments.clone());
        self.prefetch_their_entries(fragments);
    }

    /// Asks for the first half of it.
    pub fn prefetch_their_buckets(&self, fragments: impl Iterator<Item = Fragment>) {
        if self.len == 0 {
            return;
        }
        for index in fragments.flat_map(|fragment| self.buckets_of(fragment)) {
            // SAFETY: `buckets_of` names buckets.
            prefetch(unsafe { self.directory.bucket(index) }.address());
        }
    }

    /// Asks for the second half, when the first has had its time.
    pub fn prefetch_their_entries(&self, fragments: impl Iterator<Item = Fragment>) {
        if self.len == 0 {
            return;
        }
        for fragment in fragments {
            for index in self.buckets_of(fragment) {
                // SAFETY: `buckets_of` names buckets; a slot that matches a tag holds an entry; nobody writes meanwhile.
                unsafe {
                    let bucket = self.directory.bucket(index);
                    for slot in bucket.meta().matches(fragment.tag()) {
                        prefetch_record(bucket.slot(slot).as_ref().address());
                    }
                }
            }
        }
    }
}
