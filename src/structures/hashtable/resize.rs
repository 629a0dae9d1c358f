//! When and how a table grows and shrinks: by one bucket at a time, next to the insert or removal that called for it.
//!
//! The *load* is the number of entries for each primary bucket. While it is above the target an insert splits a bucket
//! (two when catching up after a time of restraint), while it is far below a removal merges one. The gap between the two
//! marks is wide enough that a table whose size swings by a third moves nothing.

use super::{Entry, HashTable, Hasher, chain, partner};
use crate::prefetch::prefetch;

/// Entries per primary bucket above which a table grows, in eighths: 6. Measured with `examples/hashtable.rs` at a
/// million entries (the halfway point between two doublings, where unsplit buckets are fullest):
///
/// ```text
///   load  bytes per entry  hits that read a second line
///   5.00       14.53          13 %
///   5.25       14.12          15 %
///   5.50       13.76          16 %     (12 to 17 % over all sizes)
///   5.75       13.43          18 %
///   6.00       13.13          19 %
///   6.50       12.58          21 %
/// ```
const TARGET_LOAD: usize = 48;
/// Below this a table shrinks: 3.
const LOW_LOAD: usize = 24;
/// By what factor `Avoid` stretches both marks.
const RESTRAINT: usize = 4;
/// How many buckets one insert or removal may split or merge.
const STEPS: usize = 2;

/// How willing a table is to resize.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ResizePolicy {
    /// Keep to the target load.
    #[default]
    Allow,
    /// Resize only when the load is four times too high or too low: a child shares our memory, and each bucket written
    /// is a page copied.
    Avoid,
    /// Never resize.
    Forbid,
}

impl<E: Entry, H: Hasher<E>> HashTable<E, H> {
    /// Changes the willingness to resize. What was put off meanwhile is caught up with by later inserts and removals, or
    /// by [`rebalance`](Self::rebalance).
    pub fn set_resize_policy(&mut self, policy: ResizePolicy) {
        self.policy = policy;
        self.set_thresholds();
    }

    /// Splits or merges up to `steps` buckets if the load calls for it, and returns whether it still does.
    pub fn rebalance(&mut self, steps: usize) -> bool {
        for _ in 0..steps {
            if self.len > self.grow_at {
                self.split();
            } else if self.len < self.shrink_at {
                self.merge();
            } else {
                return false;
            }
        }
        self.len > self.grow_at || self.len < self.shrink_at
    }

    /// Adds the buckets that `additional` more entries will call for, all at once and whatever the policy. Costs little
    /// while the table is empty; otherwise it moves what splitting has to move. It allocates what it is told to: a number
    /// from outside has to be bounded first.
    pub fn reserve(&mut self, additional: usize) {
        let buckets = self.len.saturating_add(additional).saturating_mul(8).div_ceil(TARGET_LOAD);
        while self.directory.len() < buckets {
            self.split();
        }
    }

    /// Both marks, after the number of buckets or the policy has changed. The first bucket comes with the first entry
    /// whatever the policy, and stays.
    pub(super) fn set_thresholds(&mut self) {
        let buckets = self.directory.len();
        let low = if buckets > 1 { buckets * LOW_LOAD / 8 } else { 0 };
        (self.shrink_at, self.grow_at) = match self.policy {
            _ if buckets == 0 => (0, 0),
            ResizePolicy::Allow => (low, buckets * TARGET_LOAD / 8),
            ResizePolicy::Avoid => (low / RESTRAINT, buckets * TARGET_LOAD / 8 * RESTRAINT),
            ResizePolicy::Forbid => (0, usize::MAX),
        };
    }

    /// Makes room before an insert.
    #[cold]
    pub(super) fn grow(&mut self) {
        for _ in 0..STEPS {
            if self.len >= self.grow_at {
                self.split();
            }
        }
    }

    /// Gives room back after a removal.
    #[cold]
    pub(super) fn shrink(&mut self) {
        for _ in 0..STEPS {
            if self.len < self.shrink_at {
                self.merge();
            }
        }
    }

    /// Adds a bucket and moves the entries there that now belong to it, from the only other bucket that has any. All are
    /// hashed before the first is moved, so that a hasher that panics leaves nothing half done.
    fn split(&mut self) {
        let new = self.directory.push();
        self.set_thresholds();
        if new == 0 {
            return;
        }
        let old = partner(new);
        // Between the hashes of the one bucket's entries and the other's this bit is the difference.
        let bit = new.ilog2();
        // SAFETY: `old` is less than `new`.
        let head = unsafe { self.directory.bucket(old) };
        self.move_far(old, new, |table, entry| table.hasher.hash(entry) >> bit & 1 != 0);
        let (mut goes, mut ordinal) = (0u64, 0);
        // SAFETY: the head is live; slots below the length hold entries; nobody writes meanwhile.
        unsafe {
            for bucket in chain::buckets(head) {
                for slot in 0..bucket.meta().len().min(chain::DEALT - ordinal) {
                    goes |= (self.hasher.hash(bucket.slot(slot).as_ref()) >> bit & 1) << ordinal;
                    ordinal += 1;
                }
            }
        }
        self.deal(old, new, goes);
        self.prefetch_line(partner(new + 1));
    }

    /// Removes the last bucket; its entries go back to where they would be without it. No record is read.
    fn merge(&mut self) {
        let Some(last) = self.directory.len().checked_sub(1) else { return };
        if last > 0 {
            self.move_far(last, partner(last), |_, _| true);
            self.deal(last, partner(last), u64::MAX);
        }
        self.directory.pop();
        self.set_thresholds();
    }

    /// Deals the chain of bucket `from` out to it and bucket `to`.
    fn deal(&mut self, from: usize, to: usize, goes: u64) {
        // SAFETY: callers name two buckets that differ.
        let dealt = unsafe {
            chain::deal(self.directory.bucket(from), self.directory.bucket(to), goes, &mut self.overflow)
        };
        self.longest = self.longest.max(dealt.len);
        if dealt.marked > 0 {
            self.directory.move_marks(from, to, dealt.marked);
        }
    }

    /// Moves entries that stand too far behind in a chain to be dealt, one by one: good hashes make no such chains, unless
    /// resizing was put off for very long.
    fn move_far(&mut self, from: usize, to: usize, goes: impl Fn(&Self, &E) -> bool) {
        // SAFETY: callers name two buckets.
        let head = unsafe { self.directory.bucket(from) };
        // SAFETY: the head is live, and stays where it is: only overflow buckets are made and freed below.
        let entries = unsafe { chain::len(head) };
        // From the last to the first: an entry that fills the hole of another has been looked at already.
        for ordinal in (chain::DEALT..entries).rev() {
            // SAFETY: `ordinal` is below the chain's length; the reference is gone before the chain changes.
            let goes =
                unsafe { chain::seek(head, ordinal).map(|(b, slot)| goes(self, b.slot(slot).as_ref())) };
            if goes == Some(true)
                && let Some(moved) = self.unchain(from, ordinal)
            {
                self.push(to, moved.tag, moved.mark, moved.entry);
            }
        }
    }

    fn prefetch_line(&self, index: usize) {
        if index < self.directory.len() {
            // SAFETY: compared above.
            prefetch(unsafe { self.directory.bucket(index) }.address());
        }
    }

    /// Asks for what the next split will read, the last inserts ahead of it: first the overflow bucket, if there is one,
    /// then the records. Else they would be cache misses in a row, the dearest part of growing.
    #[inline(never)]
    pub(super) fn foresee_split(&self) {
        let old = partner(self.directory.len());
        if old >= self.directory.len() {
            return;
        }
        // SAFETY: compared above; slots below the length hold entries; nobody writes meanwhile.
        unsafe {
            let head = self.directory.bucket(old);
            if self.len < self.grow_at {
                if head.meta().chained() {
                    prefetch(head.next().address());
                }
                return;
            }
            for bucket in chain::buckets(head) {
                for slot in 0..bucket.meta().len() {
                    prefetch(bucket.slot(slot).as_ref().address());
                }
            }
        }
    }
}
