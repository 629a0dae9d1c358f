//! Walks over a table: the stateless scan, the walk over marked entries, and the plain iterator.
//!
//! **`scan`** counts its cursor through the positions of the level-L view, 2^L of them, in reverse binary order: the
//! cursor's highest bit changes fastest. Position v stands for all hashes whose low L bits are v, in one bucket or in
//! two. When L rises, position v becomes v and v + 2^L, and exactly the positions are still to come whose hashes were
//! still to come; when L falls, two positions become one, which is visited again if either was still to come. So every
//! element that is present throughout a scan is returned at least once, however the table is resized meanwhile, and some
//! may be returned twice.
//!
//! **`scan_marked`** walks buckets in their order instead, as only then whole segments without marks can be skipped. Its
//! guarantee is weaker: an element present throughout is returned if the table did not shrink meanwhile. (Growth moves
//! entries to the end, which is still to come; shrinking moves them from the end to places that may have been passed.)

use super::bucket::Bucket;
use super::directory::SEGMENT;
use super::{Entry, HashTable, Hasher, chain};
use crate::prefetch::prefetch;

impl<E: Entry, H: Hasher<E>> HashTable<E, H> {
    /// Visits the entries of one position and returns the cursor of the next; start with 0, end when 0 comes back.
    /// Any cursor is allowed, one that was made up too.
    pub fn scan<'t>(&'t self, cursor: u64, mut f: impl FnMut(&'t E)) -> u64 {
        let positions = self.directory.positions();
        if positions == 0 {
            return 0;
        }
        let position = cursor as usize & (positions - 1);
        self.visit(position, false, &mut f);
        if position + positions < self.directory.len() {
            self.visit(position + positions, false, &mut f);
        }
        next_in_reverse_binary(cursor, positions as u64)
    }

    /// Visits the marked entries of the next bucket that has any and returns the cursor behind it; 0 when the walk has
    /// come to its end. Reads at most the rest of two segments and the list of segments.
    pub fn scan_marked(&self, cursor: u64, mut f: impl FnMut(&E)) -> u64 {
        let mut index = usize::try_from(cursor).unwrap_or(usize::MAX);
        while index < self.directory.len() {
            if self.directory.marked(index) == 0 {
                index = (index / SEGMENT + 1) * SEGMENT;
                continue;
            }
            index += 1;
            if self.visit(index - 1, true, &mut f) > 0 {
                break;
            }
        }
        if index < self.directory.len() { index as u64 } else { 0 }
    }

    /// Visits the entries of bucket `index` and answers the number of the next bucket; none behind the last. For a walk in
    /// the order of memory that can stop anywhere: it is complete if the table was not resized meanwhile. Records of
    /// buckets ahead are asked for.
    pub fn walk(&self, index: usize, mut visit: impl FnMut(&E)) -> Option<usize> {
        const AHEAD: usize = 4;
        if index >= self.directory.len() {
            return None;
        }
        if index + AHEAD < self.directory.len() {
            // SAFETY: compared above; slots below the length hold entries; `&self` keeps writers away.
            unsafe {
                let bucket = self.directory.bucket(index + AHEAD);
                for slot in 0..bucket.meta().len() {
                    prefetch(bucket.slot(slot).as_ref().address());
                }
            }
        }
        self.visit(index, false, &mut |entry| visit(entry));
        (index + 1 < self.directory.len()).then_some(index + 1)
    }

    /// All entries, in the order of memory.
    pub fn iter(&self) -> Iter<'_, E, H> {
        Iter { table: self, index: 0, chain: None, slot: 0, left: self.len }
    }

    /// Calls `f` for each entry in the chain of bucket `index`, or each marked one, and returns how many there were.
    pub(super) fn visit<'t>(&'t self, index: usize, only_marked: bool, f: &mut impl FnMut(&'t E)) -> usize {
        let mut visited = 0;
        // SAFETY: callers name a bucket; slots below the length hold entries; `&self` keeps writers away.
        unsafe {
            for bucket in chain::buckets(self.directory.bucket(index)) {
                let meta = bucket.meta();
                for slot in 0..meta.len() {
                    if !only_marked || meta.mark(slot) {
                        f(bucket.slot(slot).as_ref());
                        visited += 1;
                    }
                }
            }
        }
        visited
    }
}

/// Adds one to the low bits of `cursor` (as many as `positions` has zeros) as if the highest of them were the lowest.
pub(super) fn next_in_reverse_binary(cursor: u64, positions: u64) -> u64 {
    let above = !(positions - 1);
    (cursor | above).reverse_bits().wrapping_add(1).reverse_bits()
}

/// All entries of a table, from [`HashTable::iter`].
pub struct Iter<'a, E: Entry, H: Hasher<E>> {
    table: &'a HashTable<E, H>,
    /// The bucket whose chain comes next.
    index: usize,
    /// Where in the current chain we are.
    chain: Option<Bucket<E>>,
    slot: usize,
    left: usize,
}

impl<'a, E: Entry, H: Hasher<E>> Iterator for Iter<'a, E, H> {
    type Item = &'a E;

    fn next(&mut self) -> Option<&'a E> {
        loop {
            // SAFETY: the table is borrowed for 'a, so buckets stay live and unwritten; slots below the length hold
            // entries; only buckets below the directory's length are asked for.
            unsafe {
                if let Some(bucket) = self.chain {
                    let meta = bucket.meta();
                    if self.slot < meta.len() {
                        self.slot += 1;
                        self.left -= 1;
                        return Some(bucket.slot(self.slot - 1).as_ref());
                    }
                    self.slot = 0;
                    self.chain = meta.chained().then(|| bucket.next());
                } else if self.index < self.table.directory.len() {
                    self.chain = Some(self.table.directory.bucket(self.index));
                    self.index += 1;
                } else {
                    return None;
                }
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<E: Entry, H: Hasher<E>> ExactSizeIterator for Iter<'_, E, H> {}

impl<'a, E: Entry, H: Hasher<E>> IntoIterator for &'a HashTable<E, H> {
    type Item = &'a E;
    type IntoIter = Iter<'a, E, H>;

    fn into_iter(self) -> Iter<'a, E, H> {
        self.iter()
    }
}

/// The entries of a table that is being taken apart: each bucket is freed once it is empty.
pub struct IntoIter<E: Entry, H: Hasher<E>>(HashTable<E, H>);

impl<E: Entry, H: Hasher<E>> Iterator for IntoIter<E, H> {
    type Item = E;

    fn next(&mut self) -> Option<E> {
        self.0.pop()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.len(), Some(self.0.len()))
    }
}

impl<E: Entry, H: Hasher<E>> ExactSizeIterator for IntoIter<E, H> {}

impl<E: Entry, H: Hasher<E>> IntoIterator for HashTable<E, H> {
    type Item = E;
    type IntoIter = IntoIter<E, H>;

    fn into_iter(self) -> IntoIter<E, H> {
        IntoIter(self)
    }
}
