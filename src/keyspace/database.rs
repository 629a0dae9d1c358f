//! Databases, and the keyspace they form.
//!
//! A database finds, adds, replaces and removes records, and knows when a key has expired; it does not decide who may
//! write or what follows from a change: that is told by whoever calls, in effects. A key past its time is as good as gone
//! from that moment on, whether or not it has been removed yet.

use crate::clock::AccessClock;
use crate::tables::{Place, Tables};
use crate::{Key, NewValue, Record};
use base::siphash;

/// What a lookup found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// No such key.
    Missing,
    /// A key past its time.
    Expired(Place),
    /// A key.
    Found(Place),
}

/// One numbered database.
pub struct Database {
    /// The records.
    pub tables: Tables,
    /// The mean time to live of keys that have one, as the expiry cycle estimates it, in milliseconds.
    pub average_ttl: i64,
    /// Where the expiry cycle goes on.
    pub expiry_cursor: u64,
}

impl Database {
    fn new(hash_key: siphash::Key, cluster: bool) -> Database {
        Database { tables: Tables::new(hash_key, cluster), average_ttl: 0, expiry_cursor: 0 }
    }

    /// Looks a key up at `now` (Unix milliseconds).
    #[inline]
    pub fn lookup(&self, key: &Key<'_>, now: i64) -> Lookup {
        match self.tables.locate(key) {
            None => Lookup::Missing,
            Some(place) => match self.tables.get(place).expiry() {
                Some(when) if when < now => Lookup::Expired(place),
                _ => Lookup::Found(place),
            },
        }
    }

    /// Gives the key at `place` another value, and the expiry given, keeping its access clock.
    #[inline]
    pub fn overwrite(&mut self, place: Place, value: NewValue<'_>, expiry: Option<i64>) {
        if !self.tables.get_mut(place).refill(&value, expiry) {
            self.tables.update(place, |old| old.with_value(value, expiry, false));
        }
    }

    /// Sets or removes the expiry of the key at `place`.
    pub fn set_expiry(&mut self, place: Place, expiry: Option<i64>) {
        match expiry {
            None if self.tables.get(place).expiry().is_none() => {}
            Some(when) if self.tables.get_mut(place).set_expiry(when) => {}
            _ => self.tables.update(place, |old| old.with_expiry(expiry)),
        }
    }
}

/// All the databases.
pub struct Keyspace {
    /// The databases, by number.
    pub databases: Vec<Database>,
    /// The key of the key hash.
    pub hash_key: siphash::Key,
    /// Whether keys have slots.
    pub cluster: bool,
    /// How access clocks are read and set.
    pub clock: AccessClock,
    /// Whether HyperLogLogs are to be merged and counted without vector instructions: for tests.
    pub plain_hll: bool,
}

impl Keyspace {
    /// As many empty databases.
    pub fn new(databases: usize, hash_key: siphash::Key, cluster: bool, clock: AccessClock) -> Keyspace {
        let databases = (0..databases).map(|_| Database::new(hash_key, cluster)).collect();
        Keyspace { databases, hash_key, cluster, clock, plain_hll: false }
    }

    /// A key by its name.
    #[inline]
    pub fn key<'a>(&self, name: &'a [u8]) -> Key<'a> {
        let table = if self.cluster { base::slot::slot_of(name) } else { 0 };
        Key { name, hash: siphash::hash(&self.hash_key, name), table }
    }

    /// A new record, with a fresh access clock.
    pub fn record(&self, name: &[u8], value: NewValue<'_>, expiry: Option<i64>) -> Record {
        Record::new(name, value, expiry, self.clock.fresh(), false)
    }

    /// The number of keys in all databases.
    pub fn len(&self) -> usize {
        self.databases.iter().map(|db| db.tables.len()).sum()
    }

    /// Whether there is no key at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
#[path = "database_tests.rs"]
mod tests;
