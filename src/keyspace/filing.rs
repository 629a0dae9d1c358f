//! Hashes with fields that expire, filed by when the first of those does.
//!
//! Each [`Tables`] has an agenda of such hashes: `note.rs` shows what is in it.
//!
//! The time by which a hash is filed stands in the hash, so that it can be found again under it. Invariants: every hash in
//! the tables that has fields with expiries is filed, by a time no later than any of theirs; no other record is, and none
//! outside the tables. A [`Due`] is the exception while it is being dealt with.

use crate::Record;
pub(crate) use crate::note::Due;
use crate::note::{Dated, Note};
use crate::tables::{Place, Tables};
use values::Hash;

fn filed(record: &Record) -> Option<i64> {
    record.value::<Hash>()?.filed()
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
        let hash_of_key = self.hash(self.get(place).key());
        let note = |when| Note::new(when, place.table, hash_of_key);
        let record = self.get_mut(place);
        let Some(mut hash) = record.open::<Hash>() else { return };
        let (before, now) = (hash.filed(), hash.earliest());
        hash.set_filed(now);
        drop(hash);
        record.note_timed_fields();
        if let Some(note) = before.map(note) {
            self.agenda.remove(note.when(), note);
        }
        if let Some(note) = now.map(note) {
            self.agenda.add(note.when(), note, &Dated);
        }
    }

    /// Takes a record that leaves the tables, or has left them, out of the files.
    pub(crate) fn unfile(&mut self, table: u16, record: &mut Record) {
        let hash = self.hash(record.key());
        let Some(mut value) = record.open::<Hash>() else { return };
        if let Some(when) = value.filed() {
            value.set_filed(None);
            let note = Note::new(when, table, hash);
            self.agenda.remove(note.when(), note);
        }
    }

    /// Whether fields are due at `now`.
    #[inline]
    pub(crate) fn has_due_fields(&self, now: i64) -> bool {
        self.agenda.is_due(now)
    }

    /// Takes up to `max` hashes out of the files of which fields were due at `now`. Each has to be filed again, by
    /// [`Tables::note_timed_fields`], unless it goes.
    pub fn take_due(&mut self, now: i64, max: usize, due: &mut Vec<Due>) {
        if !self.agenda.is_due(now) {
            return;
        }
        let mut found = Vec::new();
        self.agenda.take_due(now, max, &Dated, &mut found);
        self.prefetch_due(now, &found);
        for (when, note) in found {
            // Of two that are alike, each is found once: the first is no longer filed when the second is sought.
            let is_it =
                |record: &Record| filed(record).is_some_and(|own| Note::new(own, 0, 0).when() == when);
            let place = self.place_where(note.due(), is_it);
            if let Some(mut hash) = place.and_then(|place| self.get_mut(place).open::<Hash>()) {
                hash.set_filed(None);
                due.push(note.due());
            }
        }
    }

    /// Asks the memory for these hashes, those of a table together, and for what is due in them.
    fn prefetch_due(&self, now: i64, found: &[(i64, Note)]) {
        let mut hashes = Vec::with_capacity(found.len());
        for some in found.chunk_by(|a, b| a.1.due().table == b.1.due().table) {
            let fragments = some.iter().map(|(_, note)| note.due().fragment);
            let index = some.first().map_or(0, |(_, note)| usize::from(note.due().table));
            let Some(table) = self.tables[index].as_ref() else { continue };
            table.prefetch_fragments(fragments.clone());
            for fragment in fragments {
                table.each_of(fragment, |_, record| hashes.extend(record.value::<Hash>()));
            }
        }
        for step in 0..Hash::STEPS_TO_DUE {
            hashes.iter().for_each(|hash| hash.prefetch_due(now, step));
        }
    }

    /// Where a hash stands that is due and has not been filed again.
    pub(crate) fn place_of_due(&self, due: Due) -> Option<Place> {
        self.place_where(due, |record| record.has_timed_fields() && filed(record).is_none())
    }

    fn place_where(&self, due: Due, is_it: impl Fn(&Record) -> bool) -> Option<Place> {
        let mut found = None;
        self.tables[usize::from(due.table)].as_ref()?.each_of(due.fragment, |position, record| {
            if is_it(record) {
                found = Some(Place { table: due.table, position });
            }
        });
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
        self.agenda.check_invariants(&Dated);
    }
}
