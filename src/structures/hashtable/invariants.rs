//! A table looked at from outside: figures for people, and the check that everything it believes of itself is true.

use super::bucket::Width;
use super::meta::{CHAINED_SLOTS, SLOTS};
use super::{Entry, HashTable, Hasher, chain, tag_of};

/// Figures of a table, for DEBUG HTSTATS and the like.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stats {
    /// Entries.
    pub entries: usize,
    /// Marked entries among them.
    pub marked: usize,
    /// Primary buckets.
    pub buckets: usize,
    /// Runs of primary buckets, each allocated as one.
    pub segments: usize,
    /// Overflow buckets of 64 and of 32 bytes.
    pub overflow: (usize, usize),
    /// Bytes allocated by the table.
    pub bytes: usize,
    /// How many chains have 0, 1, 2 ... entries.
    pub chains: Vec<usize>,
}

impl Stats {
    /// The part of entries that stand in an overflow bucket: a lookup that finds one reads a second line at least.
    pub fn overflowing(&self) -> f64 {
        let beyond =
            |(len, count): (usize, &usize)| if len > SLOTS { count * (len - CHAINED_SLOTS) } else { 0 };
        let overflowing: usize = self.chains.iter().enumerate().map(beyond).sum();
        overflowing as f64 / self.entries.max(1) as f64
    }
}

impl<E: Entry, H: Hasher<E>> HashTable<E, H> {
    /// Walks the table for its figures.
    pub fn stats(&self) -> Stats {
        let mut chains = Vec::new();
        for index in 0..self.directory.len() {
            // SAFETY: `index` names a bucket.
            let len = unsafe { chain::len(self.directory.bucket(index)) };
            chains.resize(chains.len().max(len + 1), 0);
            chains[len] += 1;
        }
        Stats {
            entries: self.len,
            marked: self.marked,
            buckets: self.directory.len(),
            segments: self.directory.segments(),
            overflow: (self.overflow.wide, self.overflow.narrow),
            bytes: self.mem_bytes(),
            chains,
        }
    }

    /// Walks the table and panics if any of its invariants is broken.
    pub fn check_invariants(&self) {
        self.directory.check_invariants();
        let mut seen = Seen::default();
        for index in 0..self.directory.len() {
            let before = (seen.entries, seen.marked);
            self.check_chain(index, &mut seen);
            assert!(seen.entries - before.0 <= self.longest, "no chain is longer than the longest");
            seen.segment_marked += seen.marked - before.1;
            if self.directory.len() == index + 1 || (index + 1).is_multiple_of(super::directory::SEGMENT) {
                assert_eq!(seen.segment_marked, self.directory.marked(index), "marks of a segment");
                seen.segment_marked = 0;
            }
        }
        assert_eq!(seen.entries, self.len, "entries");
        assert_eq!(seen.marked, self.marked, "marks");
        assert_eq!((seen.wide, seen.narrow), (self.overflow.wide, self.overflow.narrow), "overflow buckets");
        assert!(self.shrink_at <= self.grow_at, "shrinking starts below growing");
    }

    fn check_chain(&self, index: usize, seen: &mut Seen) {
        let mut width = None;
        // SAFETY: `index` names a bucket; slots below the length hold entries; nobody writes meanwhile.
        unsafe {
            for bucket in chain::buckets(self.directory.bucket(index)) {
                let meta = bucket.meta();
                match width {
                    None => {}
                    Some(Width::Wide) => {
                        seen.wide += 1;
                        assert!(
                            meta.len() >= Width::Narrow.slots(),
                            "a wide bucket is at least as full as a narrow one can be"
                        );
                    }
                    Some(Width::Narrow) => {
                        seen.narrow += 1;
                        assert!(meta.len() >= 2, "a single entry does not need an overflow bucket");
                        assert!(
                            !meta.chained() && meta.len() <= Width::Narrow.slots(),
                            "a narrow bucket is the last"
                        );
                    }
                }
                if meta.chained() {
                    assert_eq!(
                        (meta.len(), meta.tag(SLOTS - 1)),
                        (CHAINED_SLOTS, 0),
                        "a chained bucket is full"
                    );
                }
                for slot in 0..meta.len() {
                    let hash = self.hasher.hash(bucket.slot(slot).as_ref());
                    assert_eq!(meta.tag(slot), tag_of(hash), "the tag is the hash's");
                    assert_eq!(self.directory.index(hash), index, "the entry stands where its hash leads");
                }
                seen.entries += meta.len();
                seen.marked += meta.marked();
                width = Some(if meta.next_is_narrow() { Width::Narrow } else { Width::Wide });
            }
        }
    }
}

/// What the walk of `check_invariants` has counted.
#[derive(Default)]
struct Seen {
    entries: usize,
    marked: usize,
    segment_marked: usize,
    wide: usize,
    narrow: usize,
}
