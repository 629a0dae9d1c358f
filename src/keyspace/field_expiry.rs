//! Active expiry of fields: takes those whose time has come out of their hashes although nobody asks for them.
//!
//! The hashes of a database are filed by the first time among their fields (`filing.rs`), and each hash has its fields by
//! their times (`structures::agenda`). So nothing is looked at that is not due, be it one hash with millions of fields or
//! hundreds of thousands with a few: a cycle that finds nothing costs a comparison for each database.
//!
//! A step deals with a few hashes, and with a limited number of fields of each; a hash with more to come is filed again by
//! what is next. Between two steps the clock is read.

use crate::Keyspace;
use crate::expired::{Expired, Names};
use crate::note::Due;
use values::Hash;

/// How many hashes a step deals with.
const HASHES_PER_STEP: usize = 16;
/// How many fields of each it takes out.
const FIELDS_PER_HASH: usize = 256;

/// Where the search stands between two cycles, and its memory.
#[derive(Debug, Default)]
pub(crate) struct FieldExpiry {
    next_database: usize,
    due: Vec<Due>,
    names: Names,
    key: Vec<u8>,
}

impl FieldExpiry {
    /// Takes out what is due until `deadline`. Answers whether that was enough time.
    pub(crate) fn run(
        &mut self,
        data: &mut Keyspace,
        now: i64,
        micros: &dyn Fn() -> u64,
        deadline: u64,
        mut expired: impl FnMut(usize, Expired<'_>),
    ) -> bool {
        for _ in 0..data.databases.len() {
            let index = self.next_database % data.databases.len();
            while self.step(data, index, now, &mut expired) {
                if micros() > deadline {
                    // The next cycle begins with another database.
                    self.next_database = index + 1;
                    return false;
                }
            }
            self.next_database = index + 1;
        }
        true
    }

    /// Answers whether there was anything to do.
    fn step(
        &mut self,
        data: &mut Keyspace,
        index: usize,
        now: i64,
        expired: &mut impl FnMut(usize, Expired<'_>),
    ) -> bool {
        let FieldExpiry { due, names, key, .. } = self;
        let tables = &mut data.databases[index].tables;
        tables.take_due(now, HASHES_PER_STEP, due);
        let found = !due.is_empty();
        for due in due.drain(..) {
            let Some(place) = tables.place_of_due(due) else { continue };
            names.clear();
            let record = tables.get_mut(place);
            let Some(mut hash) = record.open::<Hash>() else { continue };
            hash.expire(now, FIELDS_PER_HASH, |name| names.push(name));
            let is_empty = hash.is_empty();
            drop(hash);
            key.clear();
            key.extend_from_slice(record.key());
            let emptied = is_empty.then(|| tables.remove(place));
            if emptied.is_none() {
                tables.note_timed_fields(place);
            }
            if !names.is_empty() {
                expired(index, Expired::Fields { key, names, emptied });
            }
        }
        found
    }
}

#[cfg(test)]
#[path = "field_expiry_tests.rs"]
mod tests;
