//! The hash as a table of field records, with an agenda of those that expire.
//!
//! The table knows a field by its name, the agenda by a fragment of its hash; the expiry itself stands in the record.
//! Invariant: the agenda has an item for each field with an expiry, and no other.

use super::{Clock, Expiry, FieldRef, NewValue, Put};
use base::rng::Rng;
use base::same::same;
use base::siphash;
use base::text::Text;
use structures::agenda::{Agenda, Book, tick};
use structures::field::Field;
use structures::hashtable::{Fragment, HashTable, Hasher, Position};
use structures::mover::Moving;
use structures::prefetch::prefetch_value;

/// Hashes the name of a field.
#[derive(Clone, Copy)]
struct NameHasher(siphash::Key);

impl NameHasher {
    #[inline]
    fn of(&self, name: &[u8]) -> u64 {
        siphash::hash(&self.0, name)
    }
}

impl Hasher<Field> for NameHasher {
    #[inline]
    fn hash(&self, field: &Field) -> u64 {
        self.of(field.name())
    }
}

type Fields = HashTable<Field, NameHasher>;

/// Of how many fields that are due the memory is asked ahead, when that is done for several hashes at once.
const FORESEEN: usize = 8;

/// A hash table of fields.
pub struct Table {
    fields: Fields,
    /// There while some fields expire, or the hash is filed.
    times: Option<Box<Times>>,
}

#[derive(Default)]
struct Times {
    agenda: Agenda<Fragment>,
    filed: Option<i64>,
}

/// The agenda's way to the expiries.
struct Expiries<'t>(&'t Fields);

impl Book<Fragment> for Expiries<'_> {
    fn times(&self, item: Fragment, tell: &mut dyn FnMut(i64)) {
        self.0.each_of(item, |_, field| {
            if let Some(when) = field.expiry() {
                tell(when);
            }
        });
    }

    fn prefetch(&self, items: &[Fragment]) {
        self.0.prefetch_fragments(items.iter().copied());
    }
}

fn look(field: &Field) -> FieldRef<'_> {
    FieldRef {
        name: Text::Bytes(field.name()),
        value: Text::Bytes(field.value()),
        expiry: field.expiry(),
        record: Some(field),
    }
}

impl Table {
    /// A table of these fields, with room for so many.
    pub(super) fn of<'a>(
        fields: impl Iterator<Item = FieldRef<'a>>,
        room: usize,
        hash_key: siphash::Key,
    ) -> Table {
        let mut table = Table { fields: HashTable::new(NameHasher(hash_key)), times: None };
        table.fields.reserve(room);
        let mut digits = [[0; base::int::MAX_TEXT]; 2];
        for field in fields {
            let [first, second] = &mut digits;
            table.add(field.name.bytes(first), NewValue::Bytes(field.value.bytes(second)), field.expiry);
        }
        table
    }

    /// Adds a field that is not there yet.
    fn add(&mut self, name: &[u8], value: NewValue<'_>, expiry: Option<i64>) {
        let hash = self.fields.hasher().of(name);
        self.fields.insert(hash, Field::new(name, value, expiry));
        self.retime(hash, None, expiry);
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    #[inline]
    pub(super) fn get(&self, name: &[u8]) -> Option<FieldRef<'_>> {
        let hash = self.fields.hasher().of(name);
        self.fields.find(hash, |field| same(field.name(), name)).map(look)
    }

    /// Asks the memory for the bucket of a name. Answers its hash.
    #[inline]
    pub(super) fn prefetch(&self, name: &[u8]) -> u64 {
        let hash = self.fields.hasher().of(name);
        self.fields.prefetch_bucket(hash);
        hash
    }

    #[inline]
    pub(super) fn prefetch_found(&self, hash: u64) {
        self.fields.prefetch_entry(hash);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = FieldRef<'_>> {
        self.fields.iter().map(look)
    }

    pub(super) fn scan<'s>(&'s self, cursor: u64, mut f: impl FnMut(FieldRef<'s>)) -> u64 {
        self.fields.scan(cursor, |field| f(look(field)))
    }

    pub(super) fn random(&self, rng: &mut Rng) -> Option<FieldRef<'_>> {
        let position = self.fields.random(&mut || rng.next_u64())?;
        Some(look(self.fields.get(position)))
    }

    #[inline]
    pub(super) fn set(&mut self, name: &[u8], value: NewValue<'_>, expiry: Expiry, clock: &Clock) -> Put {
        let hash = self.fields.hasher().of(name);
        let given = if let Expiry::At(when) = expiry { Some(when) } else { None };
        let Some(field) = self.fields.find_mut(hash, |field| same(field.name(), name)) else {
            self.fields.insert(hash, Field::new(name, value, given));
            self.retime(hash, None, given);
            return Put::Added;
        };
        let old = field.expiry();
        let revived = old.is_some_and(|when| clock.has_passed(when));
        let new = if expiry == Expiry::Keep && !revived { old } else { given };
        field.set(value, new);
        self.retime(hash, old, new);
        if revived { Put::Revived } else { Put::Updated }
    }

    pub(super) fn set_expiry(&mut self, name: &[u8], expiry: Option<i64>) {
        let hash = self.fields.hasher().of(name);
        if let Some(field) = self.fields.find_mut(hash, |field| same(field.name(), name)) {
            let old = field.expiry();
            field.set_expiry(expiry);
            self.retime(hash, old, expiry);
        }
    }

    pub(super) fn remove(&mut self, name: &[u8], clock: &Clock) -> bool {
        let hash = self.fields.hasher().of(name);
        let Some(position) = self.fields.locate(hash, |field| same(field.name(), name)) else { return false };
        let expiry = self.fields.get(position).expiry();
        if clock.hides(expiry) {
            return false;
        }
        self.fields.remove(position);
        self.retime(hash, expiry, None);
        true
    }

    /// Tells the agenda that a field's expiry has changed.
    #[inline]
    fn retime(&mut self, hash: u64, old: Option<i64>, new: Option<i64>) {
        if old == new {
            return;
        }
        let Table { fields, times } = self;
        let (item, book) = (Fragment::of(hash), Expiries(fields));
        let agenda = &mut times.get_or_insert_default().agenda;
        match (old, new) {
            (None, None) => {}
            (None, Some(new)) => agenda.add(new, item, &book),
            (Some(old), Some(new)) => agenda.shift(old, new, item, &book),
            (Some(old), None) => {
                let was_there = agenda.remove(old, item);
                debug_assert!(was_there, "a field with an expiry is in the agenda");
                self.drop_idle_times();
            }
        }
    }

    fn drop_idle_times(&mut self) {
        if self.times.as_ref().is_some_and(|times| times.agenda.is_empty() && times.filed.is_none()) {
            self.times = None;
        }
    }

    #[inline]
    pub(super) fn earliest(&self) -> Option<i64> {
        self.times.as_ref()?.agenda.earliest()
    }

    #[inline]
    pub(super) fn filed(&self) -> Option<i64> {
        self.times.as_ref()?.filed
    }

    pub(super) fn set_filed(&mut self, filed: Option<i64>) {
        if filed.is_some() || self.times.is_some() {
            self.times.get_or_insert_default().filed = filed;
            self.drop_idle_times();
        }
    }

    pub(super) fn prefetch_due(&self, now: i64, step: usize) {
        if step == 0 {
            return prefetch_value(self);
        }
        match (step, &self.times) {
            (1, Some(times)) => {
                prefetch_value(&**times);
                self.fields.prefetch_directory();
            }
            (2, Some(times)) => times.agenda.prefetch(),
            (3, Some(times)) => self.fields.prefetch_their_buckets(times.agenda.due(now).take(FORESEEN)),
            (4, Some(times)) => self.fields.prefetch_their_entries(times.agenda.due(now).take(FORESEEN)),
            _ => {}
        }
    }

    pub(super) fn expire(&mut self, now: i64, max: usize, mut gone: impl FnMut(&[u8])) -> usize {
        let Table { fields, times } = self;
        let Some(times) = times else { return 0 };
        let mut due = Vec::new();
        times.agenda.take_due(now, max, &Expiries(fields), &mut due);
        fields.prefetch_fragments(due.iter().skip(FORESEEN).map(|&(_, item)| item));
        for &(when, item) in &due {
            if let Some(position) = position_of(fields, item, when) {
                gone(fields.remove(position).name());
            }
        }
        self.drop_idle_times();
        due.len()
    }

    /// Moves a piece of what the table owns, at a cursor, and answers the next: fields in the order of scans, then times.
    pub(super) fn relocate_parts(&mut self, cursor: u64, moving: &mut Moving<'_>) -> u64 {
        const TIMES: u64 = 1 << 63;
        let Table { fields, times } = self;
        if cursor & TIMES == 0 {
            if cursor == 0 {
                fields.relocate_frame(moving);
            }
            let next = fields.relocate(cursor, moving, Field::relocate);
            return if next == 0 && times.is_some() { TIMES } else { next };
        }
        let Some(times) = times else { return 0 };
        if cursor == TIMES {
            moving.boxed(times);
        }
        match times.agenda.relocate(cursor & !TIMES, moving) {
            0 => 0,
            next => TIMES | next,
        }
    }

    /// A copy, filed nowhere.
    pub(super) fn duplicate(&self) -> Table {
        Table::of(self.iter(), self.len(), self.fields.hasher().0)
    }

    pub(super) fn alloc_size(&self, samples: usize) -> usize {
        let sampled = self.fields.iter().take(samples.max(1));
        let (count, bytes) =
            sampled.fold((0, 0), |(count, sum), field| (count + 1, sum + field.alloc_size()));
        let fields = if count == 0 { 0 } else { (bytes as f64 / count as f64 * self.len() as f64) as usize };
        let times = self.times.as_ref().map_or(0, |times| size_of::<Times>() + times.agenda.alloc_size());
        size_of::<Table>() + self.fields.mem_bytes() + fields + times
    }

    /// The figures of the table.
    pub fn stats(&self) -> structures::hashtable::Stats {
        self.fields.stats()
    }

    pub(super) fn check_invariants(&self) {
        self.fields.check_invariants();
        let timed = self.fields.iter().filter(|field| field.expiry().is_some()).count();
        assert_eq!(timed, self.times.as_ref().map_or(0, |times| times.agenda.len()));
        if let Some(times) = &self.times {
            times.agenda.check_invariants(&Expiries(&self.fields));
        }
    }
}

/// Where a field of this fragment stands that expires in the same tick as this.
fn position_of(fields: &Fields, item: Fragment, when: i64) -> Option<Position> {
    let mut found = None;
    fields.each_of(item, |position, field| {
        if field.expiry().is_some_and(|own| tick(own) == tick(when)) {
            found = Some(position);
        }
    });
    found
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.fields.iter()).finish()
    }
}
