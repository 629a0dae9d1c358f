//! Entries at random: fair ones, one at a time, and cheap ones, several in a row.
//!
//! A fair choice is made by rejection: draw a bucket and an ordinal below `longest`, and draw again if that chain has no
//! such ordinal. Every entry is one of buckets x longest equally likely draws, so none is favoured. A draw succeeds with
//! probability load / longest, about one in five. Randomness comes from the caller as a function that returns 64 bits.

use super::directory::SEGMENT;
use super::{Entry, HashTable, Hasher, Position, chain};

/// Draws before a fair choice gives up: at the usual loads, less than once in 10^12 choices.
const TRIES: usize = 256;
/// Draws for a marked entry before they are counted instead.
const MARKED_TRIES: usize = 32;

/// A number below `n`, which must not be zero. (Its bias, n in 2^64, is beyond notice.)
fn below(rng: &mut impl FnMut() -> u64, n: usize) -> usize {
    ((u128::from(rng()) * n as u128) >> 64) as usize
}

impl<E: Entry, H: Hasher<E>> HashTable<E, H> {
    /// An entry chosen at random, each with the same probability. In a table with nearly nothing in it for its buckets
    /// (resizing forbidden) draws may run out: then an entry of the next bucket that has any, from a random one on, is
    /// taken, which favours entries after a gap.
    pub fn random(&self, rng: &mut impl FnMut() -> u64) -> Option<Position> {
        if self.len == 0 {
            return None;
        }
        if let Some(drawn) = (0..TRIES).find_map(|_| self.draw(rng)) {
            return Some(drawn);
        }
        let mut index = below(rng, self.directory.len());
        loop {
            // SAFETY: `index` stays below the number of buckets.
            let entries = unsafe { chain::len(self.directory.bucket(index)) };
            if entries > 0 {
                return Some(Position { index, ordinal: below(rng, entries) });
            }
            index = self.after(index);
        }
    }

    /// A marked entry chosen at random, each with the same probability. Where marks are rare, one is drawn by its number
    /// and counted off, segment by segment and then bucket by bucket in one segment.
    pub fn random_marked(&self, rng: &mut impl FnMut() -> u64) -> Option<Position> {
        if self.marked == 0 {
            return None;
        }
        for _ in 0..MARKED_TRIES {
            if let Some(drawn) = self.draw(rng)
                && self.is_marked(drawn)
            {
                return Some(drawn);
            }
        }
        self.nth_marked(below(rng, self.marked))
    }

    /// Passes up to `n` entries to `f`, neighbours in memory from a random place on, and returns how many there were.
    /// Quick rather than fair: one line for about five entries.
    pub fn sample(&self, rng: &mut impl FnMut() -> u64, n: usize, f: impl FnMut(&E)) -> usize {
        self.sample_row(rng, n.min(self.len), false, f)
    }

    /// The same for marked entries; segments without any are passed over.
    pub fn sample_marked(&self, rng: &mut impl FnMut() -> u64, n: usize, f: impl FnMut(&E)) -> usize {
        self.sample_row(rng, n.min(self.marked), true, f)
    }

    fn draw(&self, rng: &mut impl FnMut() -> u64) -> Option<Position> {
        let index = below(rng, self.directory.len());
        let ordinal = below(rng, self.longest);
        // SAFETY: `index` is below the number of buckets, which is not zero as there are entries.
        let found = unsafe { chain::seek(self.directory.bucket(index), ordinal) };
        found.map(|_| Position { index, ordinal })
    }

    /// The bucket after this one, the first after the last.
    fn after(&self, index: usize) -> usize {
        if index + 1 < self.directory.len() { index + 1 } else { 0 }
    }

    fn nth_marked(&self, mut n: usize) -> Option<Position> {
        let mut index = 0;
        while index < self.directory.len() {
            let in_segment = self.directory.marked(index);
            if n >= in_segment {
                n -= in_segment;
                index += SEGMENT;
                continue;
            }
            let end = self.directory.len().min(index + SEGMENT);
            return (index..end).find_map(|index| {
                let ordinal = self.nth_marked_of(index, &mut n)?;
                Some(Position { index, ordinal })
            });
        }
        None
    }

    /// The ordinal of the `n`th marked entry of a chain, or `n` less by as many as it has.
    fn nth_marked_of(&self, index: usize, n: &mut usize) -> Option<usize> {
        let mut ordinal = 0;
        // SAFETY: the caller names a bucket; nobody writes meanwhile.
        unsafe {
            for bucket in chain::buckets(self.directory.bucket(index)) {
                let meta = bucket.meta();
                for slot in 0..meta.len() {
                    if meta.mark(slot) {
                        if *n == 0 {
                            return Some(ordinal);
                        }
                        *n -= 1;
                    }
                    ordinal += 1;
                }
            }
        }
        None
    }

    /// `wanted` must not be more than there are.
    fn sample_row(
        &self,
        rng: &mut impl FnMut() -> u64,
        wanted: usize,
        only_marked: bool,
        mut f: impl FnMut(&E),
    ) -> usize {
        if wanted == 0 {
            return 0;
        }
        let mut given = 0;
        let mut index = below(rng, self.directory.len());
        // Each step deals with one bucket at least, so that as many steps as buckets go around once.
        for _ in 0..self.directory.len() {
            if only_marked && self.directory.marked(index) == 0 {
                index = (index / SEGMENT + 1) * SEGMENT;
                if index >= self.directory.len() {
                    index = 0;
                }
                continue;
            }
            self.visit(index, only_marked, &mut |entry| {
                if given < wanted {
                    given += 1;
                    f(entry);
                }
            });
            if given == wanted {
                break;
            }
            index = self.after(index);
        }
        given
    }
}
