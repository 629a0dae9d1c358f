//! The hash table: the keyspace stands in it, and so do big sets and hashes. Linear hashing over cache-line buckets.
//!
//! What it is: a container of eight-byte entries, each a thin owning pointer to a record of the user's. The user says
//! what an entry's hash is (a [`Hasher`], kept by the table) and which entry is meant (a closure, at each lookup). It is
//! not a map: there are no keys and values, and `insert` does not ask whether an equal entry is there already.
//!
//! - **One line per hit.** A bucket is 64 bytes: seven entries and a word with seven *tags* (eight bits of each hash)
//!   that is compared at once. A lookup reads that line and the record, in a sixth to a ninth of cases one line more:
//!   `meta.rs`, `bucket.rs`, `chain.rs`.
//! - **No pause and no second table.** Growth splits a bucket at a time, shrinking merges one at a time: `directory.rs`,
//!   `resize.rs`.
//! - **Marks.** Each entry has a bit that its owner may set ("has an expiry"), so that the few marked entries among many
//!   can be found without a second index: `scan.rs`, `random.rs`.
//! - **Fragments** of hashes lead to entries, for indexes beside the table: `fragment.rs`.
//! - **Scans** need no state but a cursor and miss nothing that stays: `scan.rs`.
//!
//! Invariants: those of a chain (`chain.rs`), and
//! - an entry stands in the bucket that its hash names, under the tag of its hash;
//! - the counters (entries, marks of the table and of each segment, overflow buckets) are true;
//! - no chain is longer than `longest`.
//!
//! A hasher that panics or gives one entry two hashes makes entries unfindable; it cannot make the table unsound.

mod bucket;
mod chain;
mod directory;
mod fragment;
mod invariants;
mod meta;
mod random;
mod relocate;
mod resize;
mod scan;
#[cfg(test)]
mod tests;

use crate::prefetch::prefetch;
use bucket::Overflow;
use directory::{Directory, partner};
pub use fragment::Fragment;
pub use invariants::Stats;
use meta::tag_of;
pub use resize::ResizePolicy;
pub use scan::{IntoIter, Iter};

/// What a table holds: exactly eight bytes (checked when compiled), a thin pointer as a rule. Dropping the table drops
/// its entries.
pub trait Entry: Sized {
    /// Where the record begins that a comparison will read. Used for prefetching only: any address will do.
    fn address(&self) -> *const u8;
}

impl<T> Entry for Box<T> {
    #[inline(always)]
    fn address(&self) -> *const u8 {
        std::ptr::from_ref::<T>(self).cast()
    }
}

/// Tells the hash of an entry: always the same for the same entry, and the one that lookups are made with. The table
/// takes the index from its low bits and the tag from its high byte, so it has to be a good hash at both ends.
pub trait Hasher<E> {
    /// The hash of `entry`.
    fn hash(&self, entry: &E) -> u64;
}

impl<E, F: Fn(&E) -> u64> Hasher<E> for F {
    #[inline]
    fn hash(&self, entry: &E) -> u64 {
        self(entry)
    }
}

/// Where an entry stands. It stays true while marks are set and entries replaced; inserting, removing or anything that
/// resizes may move entries. An outdated position leads to another entry or to a panic, never to undefined behaviour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    index: usize,
    ordinal: usize,
}

/// How far behind its beginning the end of a usual record is looked for, when it is prefetched.
const RECORD_END: usize = 40;

/// How many inserts before the one that splits a bucket its overflow bucket is asked for.
const FORESIGHT: usize = 1;

/// A table of entries `E`, hashed by `H`. See the module's head.
pub struct HashTable<E: Entry, H: Hasher<E>> {
    directory: Directory<E>,
    len: usize,
    /// An insert that finds this many entries splits a bucket first.
    grow_at: usize,
    /// A removal that leaves fewer entries than this merges a bucket.
    shrink_at: usize,
    marked: usize,
    /// No chain has more entries than this. Rises as chains do, falls only when the table is cleared.
    longest: usize,
    overflow: Overflow,
    policy: ResizePolicy,
    hasher: H,
}

impl<E: Entry, H: Hasher<E>> HashTable<E, H> {
    /// An empty table. Allocates nothing.
    pub fn new(hasher: H) -> Self {
        const { assert!(size_of::<E>() == 8 && align_of::<E>() <= 8 && size_of::<usize>() == 8) };
        HashTable {
            directory: Directory::default(),
            len: 0,
            grow_at: 0,
            shrink_at: 0,
            marked: 0,
            longest: 0,
            overflow: Overflow::default(),
            policy: ResizePolicy::Allow,
            hasher,
        }
    }

    /// The number of entries.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no entry.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The number of marked entries.
    #[inline]
    pub fn marked_len(&self) -> usize {
        self.marked
    }

    /// The hasher given to `new`.
    pub fn hasher(&self) -> &H {
        &self.hasher
    }

    /// The entry with this hash that `is_it` accepts. `is_it` sees only entries with the same tag: as a rule the one
    /// looked for, and one in forty lookups another.
    #[inline]
    pub fn find(&self, hash: u64, is_it: impl FnMut(&E) -> bool) -> Option<&E> {
        if self.len == 0 {
            return None;
        }
        // SAFETY: `index` names a bucket; `&self` keeps writers away for as long as the reference lives.
        unsafe {
            let head = self.directory.bucket(self.directory.index(hash));
            chain::find(head, tag_of(hash), is_it).map(|(bucket, slot, _)| bucket.slot(slot).as_ref())
        }
    }

    /// The same for writing. The entry may be changed or exchanged for another with the same hash.
    #[inline]
    pub fn find_mut(&mut self, hash: u64, is_it: impl FnMut(&E) -> bool) -> Option<&mut E> {
        if self.len == 0 {
            return None;
        }
        // SAFETY: `index` names a bucket; `&mut self` keeps everyone away for as long as the reference lives.
        unsafe {
            let head = self.directory.bucket(self.directory.index(hash));
            chain::find(head, tag_of(hash), is_it).map(|(bucket, slot, _)| bucket.slot(slot).as_mut())
        }
    }

    /// The position of the entry that `find` would return: for reading first and writing later with one search.
    #[inline]
    pub fn locate(&self, hash: u64, is_it: impl FnMut(&E) -> bool) -> Option<Position> {
        if self.len == 0 {
            return None;
        }
        let index = self.directory.index(hash);
        // SAFETY: `index` names a bucket; nobody writes meanwhile.
        let found = unsafe { chain::find(self.directory.bucket(index), tag_of(hash), is_it) };
        found.map(|(_, _, ordinal)| Position { index, ordinal })
    }

    /// The bucket and slot that a position stands for. Panics if there is no entry.
    #[inline]
    fn resolve(&self, position: Position) -> (bucket::Bucket<E>, usize) {
        assert!(position.index < self.directory.len(), "an outdated position");
        // SAFETY: `index` was compared; the table is borrowed.
        let found = unsafe { chain::seek(self.directory.bucket(position.index), position.ordinal) };
        found.expect("an outdated position")
    }

    /// The entry at a position.
    #[inline]
    pub fn get(&self, position: Position) -> &E {
        let (bucket, slot) = self.resolve(position);
        // SAFETY: the slot holds an entry; `&self` keeps writers away.
        unsafe { bucket.slot(slot).as_ref() }
    }

    /// The entry at a position, for changing it or exchanging it for another with the same hash.
    #[inline]
    pub fn get_mut(&mut self, position: Position) -> &mut E {
        let (bucket, slot) = self.resolve(position);
        // SAFETY: the slot holds an entry; `&mut self` keeps everyone away.
        unsafe { bucket.slot(slot).as_mut() }
    }

    /// Puts another entry of the same hash in the place of the one at `position`, which it returns. The mark stays.
    #[inline]
    pub fn replace(&mut self, position: Position, entry: E) -> E {
        std::mem::replace(self.get_mut(position), entry)
    }

    /// Whether the entry at a position is marked.
    #[inline]
    pub(crate) fn is_marked(&self, position: Position) -> bool {
        let (bucket, slot) = self.resolve(position);
        // SAFETY: the bucket is live.
        unsafe { bucket.meta().mark(slot) }
    }

    /// Marks the entry at a position or takes its mark away.
    #[inline]
    pub fn set_mark(&mut self, position: Position, mark: bool) {
        let (bucket, slot) = self.resolve(position);
        // SAFETY: the slot holds an entry, whose tag stays; `&mut self` keeps everyone away.
        let was = unsafe {
            let meta = bucket.meta();
            bucket.set_meta(meta.with(slot, meta.tag(slot), mark));
            meta.mark(slot)
        };
        match (was, mark) {
            (false, true) => {
                self.directory.count_mark(position.index);
                self.marked += 1;
            }
            (true, false) => {
                self.directory.uncount_mark(position.index);
                self.marked -= 1;
            }
            _ => {}
        }
    }

    /// Adds an entry, unmarked. That no equal entry is there is for the caller to know: after a `locate` that found none,
    /// this costs no second search.
    #[inline]
    pub fn insert(&mut self, hash: u64, entry: E) -> Position {
        if self.len >= self.grow_at {
            self.grow();
        }
        let index = self.directory.index(hash);
        let ordinal = self.push(index, tag_of(hash), false, entry);
        self.len += 1;
        if self.len + FORESIGHT >= self.grow_at {
            self.foresee_split();
        }
        Position { index, ordinal }
    }

    /// Takes the entry at a position out.
    #[inline]
    pub fn remove(&mut self, position: Position) -> E {
        assert!(position.index < self.directory.len(), "an outdated position");
        let popped = self.unchain(position.index, position.ordinal).expect("an outdated position");
        self.len -= 1;
        if self.len < self.shrink_at {
            self.shrink();
        }
        popped.entry
    }

    /// Finds an entry and takes it out.
    #[inline]
    pub fn extract(&mut self, hash: u64, is_it: impl FnMut(&E) -> bool) -> Option<E> {
        let position = self.locate(hash, is_it)?;
        Some(self.remove(position))
    }

    /// Takes some entry out, the last in memory: for taking a table apart in steps of any size. The buckets it empties
    /// go with the entries, whatever the resize policy, since nothing has to be moved for that.
    pub fn pop(&mut self) -> Option<E> {
        while self.len > 0 {
            let last = self.directory.len() - 1;
            if let Some(popped) = self.unchain_last(last) {
                self.len -= 1;
                return Some(popped.entry);
            }
            self.directory.pop();
            self.set_thresholds();
        }
        None
    }

    /// Drops all entries and gives all memory back.
    pub fn clear(&mut self) {
        // The table is made empty first: should an entry's drop panic, what is left leaks instead of being seen again.
        let directory = std::mem::take(&mut self.directory);
        let mut overflow = std::mem::take(&mut self.overflow);
        (self.len, self.marked, self.longest) = (0, 0, 0);
        self.set_thresholds();
        for index in 0..directory.len() {
            // SAFETY: the bucket is live; the directory that holds it goes right after.
            unsafe { chain::dispose(directory.bucket(index), &mut overflow) };
        }
    }

    /// Leaves an empty table behind and returns the full one, to be dropped elsewhere: the table is `Send` if its
    /// entries are.
    pub fn take(&mut self) -> Self
    where
        H: Clone,
    {
        let mut empty = HashTable::new(self.hasher.clone());
        empty.policy = self.policy;
        std::mem::replace(self, empty)
    }

    /// Bytes allocated by the table itself, records excluded. Costs nothing to ask.
    pub fn mem_bytes(&self) -> usize {
        self.directory.bytes() + self.overflow.bytes()
    }

    /// Asks the processor for the bucket of a hash: the first step towards a lookup soon to come.
    #[inline]
    pub fn prefetch_bucket(&self, hash: u64) {
        if self.len > 0 {
            // SAFETY: `index` names a bucket.
            prefetch(unsafe { self.directory.bucket(self.directory.index(hash)) }.address());
        }
    }

    /// Asks for what leads to the buckets, where even that will be far away.
    pub fn prefetch_directory(&self) {
        self.directory.prefetch();
    }

    /// Asks for the records that a lookup of this hash would compare: the second step, when the first has had its time.
    /// Where no tag in the bucket matches and there is an overflow bucket, it asks for that instead.
    #[inline]
    pub fn prefetch_entry(&self, hash: u64) {
        if self.len == 0 {
            return;
        }
        // SAFETY: `index` names a bucket; matching slots hold entries; nobody writes meanwhile.
        unsafe {
            let bucket = self.directory.bucket(self.directory.index(hash));
            let meta = bucket.meta();
            let mut found = false;
            for slot in meta.matches(tag_of(hash)) {
                prefetch_record(bucket.slot(slot).as_ref().address());
                found = true;
            }
            if !found && meta.chained() {
                prefetch(bucket.next().address());
            }
        }
    }

    /// Adds an entry to the chain of bucket `index`, minding marks and `longest` but not `len`.
    #[inline]
    fn push(&mut self, index: usize, tag: u8, mark: bool, entry: E) -> usize {
        // SAFETY: callers name a bucket; tags come from `tag_of` or from another chain.
        let ordinal =
            unsafe { chain::push(self.directory.bucket(index), tag, mark, entry, &mut self.overflow) };
        if mark {
            self.directory.count_mark(index);
            self.marked += 1;
        }
        self.longest = self.longest.max(ordinal + 1);
        ordinal
    }

    /// Takes an entry out of the chain of bucket `index`, minding marks but not `len`.
    #[inline]
    fn unchain(&mut self, index: usize, ordinal: usize) -> Option<chain::Popped<E>> {
        // SAFETY: callers name a bucket.
        let popped = unsafe { chain::remove(self.directory.bucket(index), ordinal, &mut self.overflow) };
        self.forget_mark(index, popped)
    }

    /// The same for the last entry of the chain.
    #[inline]
    fn unchain_last(&mut self, index: usize) -> Option<chain::Popped<E>> {
        // SAFETY: callers name a bucket.
        let popped = unsafe { chain::pop(self.directory.bucket(index), &mut self.overflow) };
        self.forget_mark(index, popped)
    }

    #[inline]
    fn forget_mark(&mut self, index: usize, popped: Option<chain::Popped<E>>) -> Option<chain::Popped<E>> {
        if popped.as_ref().is_some_and(|p| p.mark) {
            self.directory.uncount_mark(index);
            self.marked -= 1;
        }
        popped
    }
}

impl<E: Entry, H: Hasher<E>> Drop for HashTable<E, H> {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Asks for a record, which is shorter than a line as a rule, and begins anywhere in one: half of them end in the next.
#[inline(always)]
fn prefetch_record(address: *const u8) {
    prefetch(address);
    prefetch(address.wrapping_add(RECORD_END));
}
