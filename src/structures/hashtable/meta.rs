//! The metadata word of a bucket: what is known of seven slots without touching a record.
//!
//! ```text
//!   bit 0      8      16     24     32     40     48     56            62        63
//!       tag 0 | tag 1| tag 2| tag 3| tag 4| tag 5| tag 6| mark 0 .. 5 | mark 6 | chained
//! ```
//!
//! A tag is eight bits of the entry's hash, never zero: zero says that the slot is free. Entries stand without gaps from
//! slot 0 on, so the highest non-zero tag gives their number. When `chained` is set, slot 6 holds the pointer to an
//! overflow bucket instead of an entry: its tag is zero, so that no search takes it for one, and its mark bit, having no
//! entry to speak of, says whether that overflow bucket is a narrow one.
//!
//! The word is always handled as a number, so the picture does not depend on the byte order of the machine.

/// Slots of a primary bucket and of a wide overflow bucket.
pub(super) const SLOTS: usize = 7;
/// Slots that hold entries in a bucket whose last slot is the link.
pub(super) const CHAINED_SLOTS: usize = SLOTS - 1;

const TAGS: u64 = 0x00ff_ffff_ffff_ffff;
const FIRST_MARK: usize = 56;
const NARROW: u64 = 1 << 62;
const CHAINED: u64 = 1 << 63;

/// The tag of a hash: its high byte (the index is taken from the low end), with zero made one.
#[inline(always)]
pub(super) fn tag_of(hash: u64) -> u8 {
    ((hash >> 56) as u8).max(1)
}

/// The metadata word. It says nothing false about a bucket as long as it is stored in the same breath as the slots.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(super) struct Meta(u64);

impl Meta {
    /// No entry, no mark, no chain.
    pub(super) const EMPTY: Meta = Meta(0);

    /// How many entries the bucket itself holds.
    #[inline(always)]
    pub(super) fn len(self) -> usize {
        (64 - (self.0 & TAGS).leading_zeros() as usize).div_ceil(8)
    }

    #[inline(always)]
    pub(super) fn tag(self, slot: usize) -> u8 {
        (self.0 >> (8 * slot)) as u8
    }

    #[inline(always)]
    pub(super) fn mark(self, slot: usize) -> bool {
        self.0 >> (FIRST_MARK + slot) & 1 != 0
    }

    /// The number of marked entries.
    #[inline]
    pub(super) fn marked(self) -> usize {
        let marks = self.0 >> FIRST_MARK & ((1 << self.len()) - 1);
        marks.count_ones() as usize
    }

    #[inline(always)]
    pub(super) fn chained(self) -> bool {
        self.0 & CHAINED != 0
    }

    /// Of a chained bucket: is the next one narrow?
    #[inline(always)]
    pub(super) fn next_is_narrow(self) -> bool {
        self.0 & NARROW != 0
    }

    /// The same with an entry of this tag and mark in `slot`.
    #[inline]
    pub(super) fn with(self, slot: usize, tag: u8, mark: bool) -> Meta {
        self.without(slot).plus(slot, tag, mark)
    }

    /// The same with an entry of this tag and mark in `slot`, which is free.
    #[inline(always)]
    pub(super) fn plus(self, slot: usize, tag: u8, mark: bool) -> Meta {
        Meta(self.0 | u64::from(tag) << (8 * slot) | u64::from(mark) << (FIRST_MARK + slot))
    }

    /// The same with `slot` free.
    #[inline]
    pub(super) fn without(self, slot: usize) -> Meta {
        Meta(self.0 & !(0xff << (8 * slot) | 1 << (FIRST_MARK + slot)))
    }

    /// The same with the last slot turned into a link.
    #[inline]
    pub(super) fn linked(self, narrow: bool) -> Meta {
        let Meta(bare) = self.without(CHAINED_SLOTS);
        Meta(bare | CHAINED | if narrow { NARROW } else { 0 })
    }

    /// The same with the link turned back into a free slot.
    #[inline]
    pub(super) fn unlinked(self) -> Meta {
        Meta(self.0 & !(CHAINED | NARROW))
    }

    /// The slots whose tag is `tag` (which is not zero), in order. There are no false matches: callers read the slots
    /// that are named here.
    #[inline(always)]
    pub(super) fn matches(self, tag: u8) -> Matches {
        Matches(search::equal_tags(self.0, tag))
    }
}

/// The seven tags compared at once. On aarch64 too the portable way is the better one: moving a single word to the
/// vector unit and back takes longer than it does.
#[cfg(not(target_arch = "x86_64"))]
use portable as search;
#[cfg(target_arch = "x86_64")]
use sse2 as search;

#[cfg(target_arch = "x86_64")]
mod sse2 {
    use std::arch::x86_64::{_mm_cmpeq_epi8, _mm_cvtsi64_si128, _mm_movemask_epi8, _mm_set1_epi8};

    /// Bits of the answer for each slot.
    pub(super) const STRIDE: usize = 1;

    #[inline(always)]
    pub(super) fn equal_tags(word: u64, tag: u8) -> u64 {
        // SAFETY: SSE2 is part of x86-64.
        let equal = unsafe {
            let tags = _mm_cvtsi64_si128(word.cast_signed());
            _mm_movemask_epi8(_mm_cmpeq_epi8(tags, _mm_set1_epi8(tag.cast_signed())))
        };
        u64::from(equal.cast_unsigned() & 0x7f)
    }
}

#[cfg(any(test, not(target_arch = "x86_64")))]
mod portable {
    /// Bits of the answer for each slot.
    pub(super) const STRIDE: usize = 8;

    /// In the difference of the word and copies of the tag, a byte is zero where they agree. Adding 0x7f to the low seven
    /// bits of each byte carries into its high bit exactly where one of them is set, and never into the next byte.
    #[inline(always)]
    pub(super) fn equal_tags(word: u64, tag: u8) -> u64 {
        const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
        const HIGH: u64 = 0x0080_8080_8080_8080;
        let differ = word ^ (u64::from(tag) * 0x0101_0101_0101_0101);
        let unequal = ((differ & LOW) + LOW) | differ;
        !unequal & HIGH
    }
}

/// The slots found by [`Meta::matches`].
pub(super) struct Matches(u64);

impl Iterator for Matches {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let slot = self.0.trailing_zeros() as usize / search::STRIDE;
        self.0 &= self.0 - 1;
        Some(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 8 } else { 256 }))]

        #[test]
        fn a_word_tells_what_was_put_in(
            entries in prop::collection::vec((1u8.., any::<bool>()), 0..=SLOTS),
            other in 1u8..,
        ) {
            let mut meta = Meta::EMPTY;
            for (slot, &(tag, mark)) in entries.iter().enumerate() {
                meta = meta.with(slot, tag, mark);
            }
            prop_assert_eq!(meta.len(), entries.len());
            prop_assert_eq!(meta.marked(), entries.iter().filter(|e| e.1).count());
            for (slot, &(tag, mark)) in entries.iter().enumerate() {
                prop_assert_eq!((meta.tag(slot), meta.mark(slot)), (tag, mark));
            }
            for wanted in entries.iter().map(|e| e.0).chain([other, other ^ 1]).filter(|&t| t != 0) {
                let expected: Vec<usize> = (0..entries.len()).filter(|&i| entries[i].0 == wanted).collect();
                prop_assert_eq!(meta.matches(wanted).collect::<Vec<_>>(), expected);
            }
        }

        #[test]
        fn both_searches_agree(word: u64, tag: u8, slot in 0..SLOTS) {
            for tag in [tag, (word >> (8 * slot)) as u8, (word >> (8 * slot)) as u8 ^ 1] {
                let found = search::equal_tags(word, tag);
                let portable = portable::equal_tags(word, tag);
                for slot in 0..8 {
                    let expected = slot < SLOTS && (word >> (8 * slot)) as u8 == tag;
                    prop_assert_eq!(found >> (search::STRIDE * slot) & 1 != 0, expected);
                    prop_assert_eq!(portable >> (portable::STRIDE * slot + 7) & 1 != 0, expected);
                }
            }
        }

        #[test]
        fn a_link_hides_no_entry_and_shows_none(tags in prop::array::uniform7(1u8..), marks: u8, narrow: bool) {
            let full = (0..SLOTS).fold(Meta::EMPTY, |m, i| m.with(i, tags[i], marks >> i & 1 != 0));
            let linked = full.linked(narrow);
            prop_assert!(linked.chained() && linked.next_is_narrow() == narrow);
            prop_assert_eq!(linked.len(), CHAINED_SLOTS);
            prop_assert_eq!(linked.marked(), (marks & 0x3f).count_ones() as usize);
            prop_assert!(linked.matches(tags[6]).all(|slot| slot < CHAINED_SLOTS));
            prop_assert_eq!(linked.unlinked(), full.without(CHAINED_SLOTS));
        }
    }
}
