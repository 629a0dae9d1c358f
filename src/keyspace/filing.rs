//! Hashes with fields that expire, filed by when the first of those does.
//!
//! Each [`Tables`] has an agenda of such hashes. An item of it says which table, and where in it:
//!
//! ```text
//! | table, 16 bits of 32 | fragment of the key's hash, 32 bits |
//! ```
//!
//! The time by which a hash is filed stands in the hash, so that it can be found again under it. Invariants: every hash in
//! the tables that has fields with expiries is filed, by a time no later than any of theirs; no other record is, and none
//! outside the tables. A [`Due`] is the exception while it is being dealt with.

use crate::Record;
use crate::tables::{Place, Table, Tables};
use structures::agenda::Book;
use structures::hashtable::Fragment;
use values::Hash;

const TABLE_SHIFT: u32 = 32;

/// A hash of which fields are due.
#[derive(Clone, Copy, Debug)]
pub struct Due(u64);

/// The agenda's way to the times by which hashes are filed.
struct Filed<'t>(&'t [Option<Box<Table>>]);

fn item_of(table: u16, hash: u64) -> u64 {
    u64::from(table) << TABLE_SHIFT | u64::from(Fragment::of(hash).to_bits())
}

fn filed(record: &Record) -> Option<i64> {
    record.value::<Hash>()?.filed()
}

impl Book<u64> for Filed<'_> {
    fn times(&self, item: u64, tell: &mut dyn FnMut(i64)) {
        let Some(records) = &self.0[(item >> TABLE_SHIFT) as usize] else { return };
        records.each_of(Fragment::from_bits(item as u32), |_, record| {
            filed(record).into_iter().for_each(&mut *tell);
        });
    }
}

impl Tables {
    /// The number of hashes with fields that expire.
    #[inline]
    pub fn timed_len(&self) -> usize {
        self.agenda.len()
    }

    /// Files the hash at a place anew if its fields' times have changed.
    #[inline]
    pub fn note_timed_fields(&mut self, place: Place) {
        let record = self.get(place);
        if let Some(hash) = record.value::<Hash>()
            && (hash.earliest() != hash.filed() || hash.has_times() != record.has_timed_fields())
        {
            self.file(place);
        }
    }

    /// Files the hash at a place by its earliest time, or takes it out of the files if it has none.
    pub(crate) fn file(&mut self, place: Place) {
        let record = self.get(place);
        let item = item_of(place.table, self.hash(record.key()));
        let record = self.get_mut(place);
        let Some(mut hash) = record.open::<Hash>() else { return };
        let (before, now) = (hash.filed(), hash.earliest());
        hash.set_filed(now);
        drop(hash);
        record.note_timed_fields();
        match (before, now) {
            (None, None) => {}
            (None, Some(now)) => self.agenda.add(now, item, &Filed(&self.tables)),
            (Some(before), Some(now)) => self.agenda.shift(before, now, item, &Filed(&self.tables)),
            (Some(before), None) => {
                self.agenda.remove(before, item);
            }
        }
    }

    /// Takes a record that leaves the tables, or has left them, out of the files.
    pub(crate) fn unfile(&mut self, table: u16, record: &mut Record) {
        let hash = self.hash(record.key());
        let Some(mut value) = record.open::<Hash>() else { return };
        if let Some(when) = value.filed() {
            value.set_filed(None);
            self.agenda.remove(when, item_of(table, hash));
        }
    }

    /// Whether fields are due at `now`.
    #[inline]
    pub fn has_due_fields(&self, now: i64) -> bool {
        self.agenda.is_due(now)
    }

    /// Takes up to `max` hashes out of the files of which fields were due at `now`. Each has to be filed again, by
    /// [`Tables::note_timed_fields`], unless it goes.
    pub fn take_due(&mut self, now: i64, max: usize, due: &mut Vec<Due>) {
        if !self.agenda.is_due(now) {
            return;
        }
        let mut found = Vec::new();
        self.agenda.take_due(now, max, &Filed(&self.tables), &mut found);
        for (when, item) in found {
            // Of two that are alike, each is found once: the first is no longer filed when the second is sought.
            let place = self.place_where(item, |record| filed(record) == Some(when));
            if let Some(mut hash) = place.and_then(|place| self.get_mut(place).open::<Hash>()) {
                hash.set_filed(None);
                due.push(Due(item));
            }
        }
    }

    /// Where a hash stands that is due and has not been filed again.
    pub fn place_of_due(&self, due: Due) -> Option<Place> {
        self.place_where(due.0, |record| record.has_timed_fields() && filed(record).is_none())
    }

    fn place_where(&self, item: u64, is_it: impl Fn(&Record) -> bool) -> Option<Place> {
        let table = (item >> TABLE_SHIFT) as u16;
        let mut found = None;
        self.tables[usize::from(table)].as_ref()?.each_of(
            Fragment::from_bits(item as u32),
            |position, record| {
                if is_it(record) {
                    found = Some(Place { table, position });
                }
            },
        );
        found
    }

    /// Asserts that hashes are filed as they should.
    pub(crate) fn check_filing(&self) {
        let mut timed = 0;
        for record in self.iter() {
            let (earliest, filed) =
                record.value::<Hash>().map_or((None, None), |hash| (hash.earliest(), hash.filed()));
            assert_eq!(record.has_timed_fields(), earliest.is_some());
            assert_eq!(filed, earliest);
            timed += usize::from(earliest.is_some());
        }
        assert_eq!(self.agenda.len(), timed);
        self.agenda.check_invariants(&Filed(&self.tables));
    }
}
