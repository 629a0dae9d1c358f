//! The tables of one database: one in all, or one for each slot of the cluster, behind the same interface.
//!
//! In cluster mode a slot's keys must be counted, listed and dropped without touching the others', so each slot has a
//! table of its own, made when its first key arrives. A [`Place`] names an entry across all of them. Cursors of SCAN
//! carry the slot in their low bits:
//!
//! ```text
//! cursor   | position within the table              | slot, 14 bits |     cluster mode
//!          | position within the table                              |     otherwise
//! ```

use crate::{Key, Record};
use base::same::same;
use base::siphash;
use structures::agenda::Agenda;
use structures::hashtable::{Entry, HashTable, Hasher, Position, ResizePolicy, Stats};

const SLOT_BITS: u32 = 14;

/// Hashes the key of a record.
pub struct RecordHasher(siphash::Key);

impl Hasher<Record> for RecordHasher {
    #[inline]
    fn hash(&self, record: &Record) -> u64 {
        siphash::hash(&self.0, record.key())
    }
}

/// A table of records; the mark of an entry says that its key has a TTL.
pub type Table = HashTable<Record, RecordHasher>;

/// Where a record stands. True until the next insertion or removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub(crate) table: u16,
    pub(crate) position: Position,
}

/// Where a walk over all keys stands: at this bucket of this table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stop {
    /// The table: a slot's in cluster mode, else the only one.
    pub table: u16,
    bucket: usize,
}

impl Stop {
    /// Whether a table begins here.
    pub fn is_first(self) -> bool {
        self.bucket == 0
    }
}

/// All the tables of one database.
pub struct Tables {
    hash_key: siphash::Key,
    pub(crate) tables: Vec<Option<Box<Table>>>,
    len: usize,
    volatile: usize,
    /// The hashes with fields that expire: see `filing`.
    pub(crate) agenda: Agenda<crate::note::Note>,
}

impl Tables {
    /// Empty tables: one for each slot in cluster mode, else one.
    pub fn new(hash_key: siphash::Key, cluster: bool) -> Tables {
        let count = if cluster { 1 << SLOT_BITS } else { 1 };
        Tables {
            hash_key,
            tables: (0..count).map(|_| None).collect(),
            len: 0,
            volatile: 0,
            agenda: Agenda::new(),
        }
    }

    /// The number of keys.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The number of keys with a TTL.
    #[inline]
    pub fn volatile_len(&self) -> usize {
        self.volatile
    }

    /// The hash of a key's name.
    #[inline]
    pub(crate) fn hash(&self, name: &[u8]) -> u64 {
        siphash::hash(&self.hash_key, name)
    }

    /// The number of keys in one slot.
    pub fn len_of(&self, table: u16) -> usize {
        self.table(table).map_or(0, HashTable::len)
    }

    #[inline]
    fn table(&self, table: u16) -> Option<&Table> {
        self.tables[usize::from(table)].as_deref()
    }

    /// Asks the memory for the line that a lookup of this hash will read first.
    #[inline]
    pub fn prefetch_bucket(&self, table: u16, hash: u64) {
        if let Some(table) = self.table(table) {
            table.prefetch_bucket(hash);
        }
    }

    /// Asks the memory for the record that a lookup of this hash will read, once its bucket has arrived.
    #[inline]
    pub fn prefetch_record(&self, table: u16, hash: u64) {
        if let Some(table) = self.table(table) {
            table.prefetch_entry(hash);
        }
    }

    /// Where a key stands.
    #[inline]
    pub fn locate(&self, key: &Key<'_>) -> Option<Place> {
        let position = self.table(key.table)?.locate(key.hash, |record| same(record.key(), key.name))?;
        Some(Place { table: key.table, position })
    }

    /// The record of a key.
    #[inline]
    pub fn find(&self, key: &Key<'_>) -> Option<&Record> {
        self.table(key.table)?.find(key.hash, |record| same(record.key(), key.name))
    }

    /// The record of a key, to be edited. Its key and whether it has an expiry must stay as they are.
    #[inline]
    pub fn find_mut(&mut self, key: &Key<'_>) -> Option<&mut Record> {
        let table = self.tables[usize::from(key.table)].as_deref_mut()?;
        table.find_mut(key.hash, |record| same(record.key(), key.name))
    }

    /// The record at a place.
    #[inline]
    pub fn get(&self, place: Place) -> &Record {
        self.table(place.table).expect("a place names a table that exists").get(place.position)
    }

    /// The record at a place, to be edited. Its key and whether it has an expiry must stay as they are.
    #[inline]
    pub fn get_mut(&mut self, place: Place) -> &mut Record {
        self.table_mut(place.table).get_mut(place.position)
    }

    #[inline]
    fn table_mut(&mut self, table: u16) -> &mut Table {
        self.tables[usize::from(table)].as_deref_mut().expect("a place names a table that exists")
    }

    /// Adds the record of a key that is not there.
    pub fn insert(&mut self, key: &Key<'_>, record: Record) -> Place {
        debug_assert!(record.key() == key.name);
        self.add(key.hash, key.table, record)
    }

    /// As [`Tables::insert`], of a record whose key has this hash and belongs to this table.
    pub fn add(&mut self, hash: u64, index: u16, record: Record) -> Place {
        let (volatile, timed) = (record.expiry().is_some(), record.has_timed_fields());
        let hash_key = self.hash_key;
        let slot = &mut self.tables[usize::from(index)];
        let table = slot.get_or_insert_with(|| Box::new(HashTable::new(RecordHasher(hash_key))));
        let position = table.insert(hash, record);
        if volatile {
            table.set_mark(position, true);
            self.volatile += 1;
        }
        self.len += 1;
        let place = Place { table: index, position };
        if timed {
            self.file(place);
        }
        place
    }

    /// Takes the record at a place out.
    pub fn remove(&mut self, place: Place) -> Record {
        let mut record = self.table_mut(place.table).remove(place.position);
        self.len -= 1;
        self.volatile -= usize::from(record.expiry().is_some());
        if record.has_timed_fields() {
            self.unfile(place.table, &mut record);
        }
        record
    }

    /// Replaces the record at a place by one of the same key made from it.
    pub fn update(&mut self, place: Place, edit: impl FnOnce(Record) -> Record) {
        let table = self.table_mut(place.table);
        let entry = table.get_mut(place.position);
        let was_volatile = entry.expiry().is_some();
        // The entry is out of the table for the moment of the edit; an integer record of the empty key holds its place.
        let mut old = std::mem::replace(entry, Record::placeholder());
        if old.has_timed_fields() {
            self.unfile(place.table, &mut old);
        }
        let table = self.table_mut(place.table);
        let entry = table.get_mut(place.position);
        *entry = edit(old);
        let (volatile, timed) = (entry.expiry().is_some(), entry.has_timed_fields());
        if volatile != was_volatile {
            table.set_mark(place.position, volatile);
            self.volatile = self.volatile - usize::from(was_volatile) + usize::from(volatile);
        }
        if timed {
            self.file(place);
        }
    }

    /// Visits the keys that stand at a cursor and answers the next one; zero begins and ends a scan. A key that is there
    /// from the first call to the last is visited at least once. With `only`, visits no other table than that one.
    pub fn scan(&self, cursor: u64, only: Option<u16>, mut visit: impl FnMut(&Record)) -> u64 {
        if self.tables.len() == 1 {
            return self.table(0).map_or(0, |table| table.scan(cursor, visit));
        }
        let slots = (1u64 << SLOT_BITS) - 1;
        let (slot, within) = match ((cursor & slots) as u16, only) {
            (slot, Some(only)) if slot < only => (only, 0),
            (slot, Some(only)) if slot > only => return 0,
            (slot, _) => (slot, cursor >> SLOT_BITS),
        };
        if let Some(table) = self.table(slot) {
            let next = table.scan(within, &mut visit);
            if next != 0 {
                return (next << SLOT_BITS) | u64::from(slot);
            }
        }
        match self.next_filled(slot) {
            Some(next) if only.is_none() => u64::from(next),
            _ => 0,
        }
    }

    /// How many low bits of a cursor name the table.
    pub(crate) fn slot_bits(&self) -> u32 {
        if self.tables.len() == 1 { 0 } else { SLOT_BITS }
    }

    /// The first table with keys behind `table`.
    pub(crate) fn next_filled(&self, table: u16) -> Option<u16> {
        let from = usize::from(table) + 1;
        let found = self.tables[from..].iter().position(|t| t.as_ref().is_some_and(|t| !t.is_empty()))?;
        Some((from + found) as u16)
    }

    /// Visits keys with a TTL, as [`Tables::scan`] does, passing over stretches without any. A weaker promise: a key may
    /// be missed by one round when tables grow meanwhile, never by all.
    pub fn scan_marked(&self, cursor: u64, mut visit: impl FnMut(&Record)) -> u64 {
        if self.tables.len() == 1 {
            return self.table(0).map_or(0, |table| table.scan_marked(cursor, visit));
        }
        let slot = (cursor & ((1 << SLOT_BITS) - 1)) as u16;
        if let Some(table) = self.table(slot) {
            let next = table.scan_marked(cursor >> SLOT_BITS, &mut visit);
            if next != 0 {
                return (next << SLOT_BITS) | u64::from(slot);
            }
        }
        self.next_filled(slot).map_or(0, u64::from)
    }

    /// A key at random, each as likely as any other.
    pub fn random(&self, rng: &mut impl FnMut() -> u64) -> Option<&Record> {
        let table = self.pick(rng, self.len, HashTable::len)?;
        Some(table.get(table.random(rng)?))
    }

    /// A key with a TTL at random, each as likely as any other.
    pub(crate) fn random_volatile(&self, rng: &mut impl FnMut() -> u64) -> Option<&Record> {
        let table = self.pick(rng, self.volatile, HashTable::marked_len)?;
        Some(table.get(table.random_marked(rng)?))
    }

    /// Visits up to `n` keys that stand together at a random place; with `volatile`, those of them with a TTL.
    pub fn sample(
        &self,
        rng: &mut impl FnMut() -> u64,
        n: usize,
        volatile: bool,
        visit: impl FnMut(&Record),
    ) -> usize {
        let (total, share): (_, fn(&Table) -> usize) = match volatile {
            true => (self.volatile, HashTable::marked_len),
            false => (self.len, HashTable::len),
        };
        let Some(table) = self.pick(rng, total, share) else { return 0 };
        if volatile { table.sample_marked(rng, n, visit) } else { table.sample(rng, n, visit) }
    }

    /// A table, each with the probability of its share of `total`.
    fn pick(
        &self,
        rng: &mut impl FnMut() -> u64,
        total: usize,
        share: fn(&Table) -> usize,
    ) -> Option<&Table> {
        if total == 0 {
            return None;
        }
        let mut nth = if self.tables.len() == 1 { 0 } else { (rng() % total as u64) as usize };
        self.tables.iter().flatten().map(|t| &**t).find(|table| {
            let here = share(table);
            let found = nth < here;
            nth = nth.saturating_sub(here);
            found
        })
    }

    /// Visits the keys that stand at one place of a walk over all of them, and answers the place of the next; none at the
    /// end. The walk goes table by table, and misses nothing while no table is resized.
    pub fn walk(&self, stop: Stop, visit: impl FnMut(&Record)) -> Option<Stop> {
        let next = self.table(stop.table).and_then(|table| table.walk(stop.bucket, visit));
        match next {
            Some(bucket) => Some(Stop { bucket, ..stop }),
            None => self.next_filled(stop.table).map(|table| Stop { table, bucket: 0 }),
        }
    }

    /// Where such a walk begins.
    pub fn first_stop(&self) -> Stop {
        match self.table(0) {
            Some(table) if !table.is_empty() => Stop::default(),
            _ => Stop { table: self.next_filled(0).unwrap_or(0), bucket: 0 },
        }
    }

    /// Makes room for so many more keys at once, where there is one table for all.
    pub fn reserve(&mut self, additional: usize) {
        let hash_key = self.hash_key;
        if let [table] = &mut self.tables[..] {
            table.get_or_insert_with(|| Box::new(HashTable::new(RecordHasher(hash_key)))).reserve(additional);
        }
    }

    /// All the keys.
    pub fn iter(&self) -> impl Iterator<Item = &Record> {
        self.tables.iter().flatten().flat_map(|table| table.iter())
    }

    /// The keys of one table.
    pub fn iter_of(&self, table: u16) -> impl Iterator<Item = &Record> {
        self.table(table).into_iter().flat_map(HashTable::iter)
    }

    /// Takes everything out, leaving empty tables.
    pub fn take(&mut self) -> Tables {
        let cluster = self.tables.len() > 1;
        std::mem::replace(self, Tables::new(self.hash_key, cluster))
    }

    /// Does up to `steps` steps of growing or shrinking that were put off. Answers whether more are due.
    pub fn rebalance(&mut self, steps: usize) -> bool {
        self.tables.iter_mut().flatten().any(|table| table.rebalance(steps))
    }

    /// Whether tables may be resized now.
    pub fn set_resize_policy(&mut self, policy: ResizePolicy) {
        for table in self.tables.iter_mut().flatten() {
            table.set_resize_policy(policy);
        }
    }

    /// The bytes of the tables themselves.
    pub fn mem_bytes(&self) -> usize {
        self.tables.iter().flatten().map(|table| table.mem_bytes()).sum()
    }

    /// The statistics of every table that has keys.
    pub fn stats(&self) -> impl Iterator<Item = Stats> {
        self.tables.iter().flatten().map(|table| table.stats())
    }

    /// Asserts what must always hold.
    pub fn check_invariants(&self) {
        let (mut len, mut volatile) = (0, 0);
        for table in self.tables.iter().flatten() {
            table.check_invariants();
            len += table.len();
            let with_ttl = table.iter().filter(|record| record.expiry().is_some()).count();
            assert_eq!(table.marked_len(), with_ttl);
            volatile += with_ttl;
        }
        assert_eq!((self.len, self.volatile), (len, volatile));
        self.check_filing();
    }
}

impl Entry for Record {
    #[inline]
    fn address(&self) -> *const u8 {
        self.as_ptr()
    }
}

#[cfg(test)]
#[path = "tables_tests.rs"]
mod tests;
