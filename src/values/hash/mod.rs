//! Hashes: names with values, some of which may expire one by one.
//!
//! ```text
//! form      what                                             called
//! Pack      name, value, name, value, ... in one piece       listpack
//! Compact   the same with an expiry behind each value        hashtable, as the reference would have a table here
//! Table     a hash table of field records, and an agenda     hashtable
//!           of those that expire
//! ```
//!
//! A hash begins as a pack. It stops being one, for good, with the first field that expires, and with a field or a value
//! or a number of fields beyond the settings. Then it is compact as long as it is short ([`compact::FIELDS`],
//! [`compact::BYTES`]), and a table from there on.
//!
//! **Time.** A field past its time is gone for every reader ([`Clock::hides`]), though it is still there, and counted, until
//! it is taken out ([`Hash::expire`]) or given another value. The hash knows how early that may be ([`Hash::earliest`]),
//! and where its keeper has filed it by that time ([`Hash::filed`]), so that the keeper finds it when it is due.

mod compact;
mod table;
#[cfg(test)]
mod tests;

use crate::distinct::all_differ;
use crate::{Any, Kind, Rules, Value};
use base::rng::Rng;
use base::text::Text;
use structures::blob::Blob;
use structures::field::Field;
pub use structures::field::NewValue;
use structures::mover::Moving;
use structures::own::Own;
use structures::pack::{Gap, Needle, Pack};
pub use table::Table;

/// A pack with more bytes than this becomes a table, whatever the settings say.
const LARGEST_PACK: usize = 1 << 30;
/// Draws for a field that has not expired before none is answered: then nearly all have.
const DRAWS: usize = 100;

/// A hash.
#[derive(Debug)]
pub enum Hash {
    /// Names and values in one pack.
    Pack(Pack),
    /// Names, values and expiries in one pack, behind a head: see `compact.rs`.
    Compact(Pack),
    /// A table.
    Table(Own<Table>),
}

/// The time, and what it means for fields past theirs.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// The time, in Unix milliseconds.
    pub now: i64,
    /// Whether whoever asks sees fields past their time.
    pub shows_all: bool,
    /// Whether fields stay past their time until someone else says that they go, as while data is imported.
    pub keeps: bool,
}

impl Clock {
    /// A clock that hides nothing.
    pub const ALL: Clock = Clock { now: i64::MIN, shows_all: true, keeps: true };

    /// Whether a field of this expiry is gone for readers.
    #[inline]
    pub fn hides(&self, expiry: Option<i64>) -> bool {
        expiry.is_some_and(|when| when < self.now) && !self.shows_all
    }

    /// Whether a field given this expiry goes at once.
    #[inline]
    pub fn has_passed(&self, when: i64) -> bool {
        when <= self.now && !self.keeps
    }
}

/// A field, looked at.
#[derive(Clone, Copy, Debug)]
pub struct FieldRef<'a> {
    /// Its name.
    pub name: Text<'a>,
    /// Its value.
    pub value: Text<'a>,
    /// When it expires, in Unix milliseconds.
    pub expiry: Option<i64>,
    record: Option<&'a Field>,
}

impl<'a> FieldRef<'a> {
    fn plain(name: Text<'a>, value: Text<'a>, expiry: Option<i64>) -> FieldRef<'a> {
        FieldRef { name, value, expiry, record: None }
    }

    /// Another reference to the value's bytes, when they can be shared.
    pub fn share(&self) -> Option<Blob> {
        self.record?.share()
    }
}

/// What becomes of a field's expiry when it is given a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// It goes.
    Drop,
    /// It stays, unless its time has come.
    Keep,
    /// It becomes this.
    At(i64),
}

/// What giving a field a value did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// The field is new.
    Added,
    /// It had another value.
    Updated,
    /// It had one whose time had come: it counts as new, and the old one as expired.
    Revived,
}

impl Value for Hash {
    const KIND: Kind = Kind::Hash;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn encoding(&self) -> &'static str {
        match self {
            Hash::Pack(_) => "listpack",
            Hash::Compact(_) | Hash::Table(_) => "hashtable",
        }
    }

    fn alloc_size(&self, samples: usize) -> usize {
        match self {
            Hash::Pack(pack) | Hash::Compact(pack) => pack.alloc_size(),
            Hash::Table(table) => table.alloc_size(samples),
        }
    }

    fn free_effort(&self) -> usize {
        match self {
            Hash::Pack(_) | Hash::Compact(_) => 1,
            Hash::Table(table) => table.len(),
        }
    }

    fn relocate(&mut self, cursor: u64, moving: &mut Moving<'_>) -> u64 {
        match self {
            Hash::Pack(pack) | Hash::Compact(pack) => {
                pack.relocate(moving);
                0
            }
            Hash::Table(table) => {
                if cursor == 0 {
                    table.relocate(moving);
                }
                table.relocate_parts(cursor, moving)
            }
        }
    }

    fn duplicate(&self) -> Hash {
        match self {
            Hash::Pack(pack) => Hash::Pack(pack.clone()),
            Hash::Compact(pack) => {
                let mut pack = pack.clone();
                compact::set_filed(&mut pack, None);
                Hash::Compact(pack)
            }
            Hash::Table(table) => Hash::Table(Own::new(table.duplicate())),
        }
    }

    fn into_any(self) -> Any {
        Any::Hash(self)
    }

    #[inline]
    fn prefetch_part(&self, name: &[u8]) -> Option<u64> {
        let Hash::Table(table) = self else { return None };
        Some(table.prefetch(name))
    }

    #[inline]
    fn prefetch_found(&self, hash: u64) {
        if let Hash::Table(table) = self {
            table.prefetch_found(hash);
        }
    }
}

impl Default for Hash {
    fn default() -> Hash {
        Hash::Pack(Pack::new())
    }
}

/// Reading.
impl Hash {
    /// The number of fields, those past their time included.
    #[inline]
    pub fn len(&self) -> usize {
        match self {
            Hash::Pack(pack) => pack.len() / 2,
            Hash::Compact(pack) => compact::len(pack),
            Hash::Table(table) => table.len(),
        }
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of fields that are not past their time.
    pub fn visible_len(&self, clock: &Clock) -> usize {
        if self.earliest().is_none_or(|when| !clock.hides(Some(when))) {
            return self.len();
        }
        let mut count = 0;
        self.for_each(clock, |_| count += 1);
        count
    }

    /// A field by its name.
    #[inline]
    pub fn get(&self, name: &[u8], clock: &Clock) -> Option<FieldRef<'_>> {
        let found = match self {
            Hash::Pack(pack) => {
                let gap = pack.find(&Needle::new(name), 2)?;
                let (name, gap) = pack.items().next(gap)?;
                return Some(FieldRef::plain(name, pack.items().next(gap)?.0, None));
            }
            Hash::Compact(pack) => compact::get(pack, name)?,
            Hash::Table(table) => table.get(name)?,
        };
        (!clock.hides(found.expiry)).then_some(found)
    }

    /// Visits all fields.
    #[inline]
    pub fn for_each<'s>(&'s self, clock: &Clock, mut f: impl FnMut(FieldRef<'s>)) {
        let mut visible = |field: FieldRef<'s>| {
            if !clock.hides(field.expiry) {
                f(field);
            }
        };
        match self {
            Hash::Pack(pack) => pairs(pack).for_each(|(name, value)| f(FieldRef::plain(name, value, None))),
            Hash::Compact(pack) => compact::fields(pack).for_each(&mut visible),
            Hash::Table(table) => table.iter().for_each(&mut visible),
        }
    }

    /// Visits the fields at a cursor and answers the next one; zero begins and ends. What is in one piece has one place.
    pub fn scan<'s>(&'s self, cursor: u64, clock: &Clock, mut f: impl FnMut(FieldRef<'s>)) -> u64 {
        match self {
            Hash::Pack(_) | Hash::Compact(_) => {
                self.for_each(clock, f);
                0
            }
            Hash::Table(table) => table.scan(cursor, |field| {
                if !clock.hides(field.expiry) {
                    f(field);
                }
            }),
        }
    }

    /// A field at random, each as likely as any other; `None` where (nearly) all are past their time.
    pub fn random(&self, rng: &mut Rng, clock: &Clock) -> Option<FieldRef<'_>> {
        let draw = |rng: &mut Rng| match self {
            Hash::Pack(pack) => {
                let gap = pack.gap(2 * rng.index(self.len()));
                let (name, gap) = pack.items().next(gap)?;
                Some(FieldRef::plain(name, pack.items().next(gap)?.0, None))
            }
            Hash::Compact(pack) => compact::nth(pack, rng.index(self.len())),
            Hash::Table(table) => table.random(rng),
        };
        (0..DRAWS).find_map(|_| draw(rng).filter(|field| !clock.hides(field.expiry)))
    }
}

/// Writing.
impl Hash {
    /// Makes ready for so many fields to come, in texts of at most `longest` and in all `total` bytes: what would not stay
    /// a pack stops being one before the first of them arrives.
    pub fn prepare(&mut self, fields: usize, longest: usize, total: usize, rules: &Rules) {
        let Hash::Pack(pack) = self else { return };
        if fields as u64 > rules.hash_max_listpack_entries
            || longest as u64 > rules.hash_max_listpack_value
            || pack.byte_len() + total > LARGEST_PACK
        {
            self.leave_pack(fields, total, rules);
        }
    }

    /// A hash of names and values in turn, in one piece unless there are more than the settings allow. None if a name comes
    /// twice, or has no value.
    pub fn of_pairs(items: &[Text<'_>], rules: &Rules) -> Option<Hash> {
        let (names, fields) = (items.iter().step_by(2).copied(), items.len() / 2);
        if !items.len().is_multiple_of(2) || !all_differ(names, fields) {
            return None;
        }
        let mut hash = Hash::Pack(Pack::of(items.iter().map(as_kept)));
        if fields as u64 > rules.hash_max_listpack_entries {
            hash.leave_pack(0, 0, rules);
        }
        Some(hash)
    }

    /// Stops being a pack, for good, with so many fields in so many bytes to come.
    pub fn leave_pack(&mut self, fields: usize, bytes: usize, rules: &Rules) {
        let Hash::Pack(pack) = self else { return };
        let plain = pairs(pack).map(|(name, value)| FieldRef::plain(name, value, None));
        *self = if pack.len() / 2 + fields <= compact::FIELDS && pack.byte_len() + bytes <= compact::BYTES {
            Hash::Compact(compact::of(plain))
        } else {
            Hash::Table(Own::new(Table::of(plain, pack.len() / 2 + fields, rules.hash_key)))
        };
    }

    /// Makes a table of a compact hash that cannot take one more field, or a longer value, of so many bytes.
    fn outgrow(&mut self, fields: usize, bytes: usize, rules: &Rules) {
        let Hash::Compact(pack) = self else { return };
        if compact::len(pack) + fields > compact::FIELDS || pack.byte_len() + bytes > compact::BYTES {
            let filed = compact::filed(pack);
            let mut table = Table::of(compact::fields(pack), compact::len(pack) + fields, rules.hash_key);
            table.set_filed(filed);
            *self = Hash::Table(Own::new(table));
        }
    }

    /// Gives a field a value.
    pub fn set(
        &mut self,
        name: &[u8],
        value: NewValue<'_>,
        expiry: Expiry,
        rules: &Rules,
        clock: &Clock,
    ) -> Put {
        let bytes = value.as_slice();
        if let Hash::Pack(_) = self {
            let longest = name.len().max(bytes.len()) as u64;
            if longest > rules.hash_max_listpack_value || matches!(expiry, Expiry::At(_)) {
                self.leave_pack(1, name.len() + bytes.len(), rules);
            }
        }
        self.outgrow(1, name.len() + bytes.len(), rules);
        match self {
            Hash::Pack(pack) => {
                let put = set_in_pack(pack, name, bytes);
                if pack.len() / 2 > rules.hash_max_listpack_entries as usize {
                    self.leave_pack(0, 0, rules);
                }
                put
            }
            Hash::Compact(pack) => compact::set(pack, name, bytes, expiry, clock),
            Hash::Table(table) => table.set(name, value, expiry, clock),
        }
    }

    /// Gives a field that is there another expiry, or none.
    pub fn set_expiry(&mut self, name: &[u8], expiry: Option<i64>, rules: &Rules) {
        if expiry.is_some() {
            self.leave_pack(0, 0, rules);
        }
        match self {
            Hash::Pack(_) => {}
            Hash::Compact(pack) => compact::set_expiry(pack, name, expiry),
            Hash::Table(table) => table.set_expiry(name, expiry),
        }
    }

    /// Removes a field. Answers whether it was there: one past its time is not.
    pub fn remove(&mut self, name: &[u8], clock: &Clock) -> bool {
        match self {
            Hash::Pack(pack) => {
                let found = pack.find(&Needle::new(name), 2);
                if let Some(gap) = found {
                    pack.remove(gap, 2);
                }
                found.is_some()
            }
            Hash::Compact(pack) => compact::remove(pack, name, clock),
            Hash::Table(table) => table.remove(name, clock),
        }
    }
}

/// Time.
impl Hash {
    /// Whether some of the fields expire.
    #[inline]
    pub fn has_times(&self) -> bool {
        self.earliest().is_some()
    }

    /// A time before which no field expires; nearly always the time of the first that does.
    #[inline]
    pub fn earliest(&self) -> Option<i64> {
        match self {
            Hash::Pack(_) => None,
            Hash::Compact(pack) => compact::earliest(pack),
            Hash::Table(table) => table.earliest(),
        }
    }

    /// The time by which the keeper of the hash has filed it.
    #[inline]
    pub fn filed(&self) -> Option<i64> {
        match self {
            Hash::Pack(_) => None,
            Hash::Compact(pack) => compact::filed(pack),
            Hash::Table(table) => table.filed(),
        }
    }

    /// Takes note of the time by which the keeper files the hash: none, or its [`earliest`](Self::earliest).
    pub fn set_filed(&mut self, filed: Option<i64>) {
        match self {
            Hash::Pack(_) => {}
            Hash::Compact(pack) => compact::set_filed(pack, filed),
            Hash::Table(table) => table.set_filed(filed),
        }
    }

    /// How many steps lead from a hash to the first field that is due.
    pub const STEPS_TO_DUE: usize = 5;

    /// Asks the memory for what [`Hash::expire`] will read at one of its first steps, when those before have had their time.
    pub fn prefetch_due(&self, now: i64, step: usize) {
        if let Hash::Table(table) = self {
            table.prefetch_due(now, step);
        }
    }

    /// Takes out up to `max` fields whose time has come, the earliest first, and tells their names. The work is bounded by
    /// `max` and a constant. A field may be left that has been past its time for some milliseconds only.
    pub fn expire(&mut self, now: i64, max: usize, gone: impl FnMut(&[u8])) -> usize {
        match self {
            Hash::Pack(_) => 0,
            Hash::Compact(pack) => compact::expire(pack, now, max, gone),
            Hash::Table(table) => table.expire(now, max, gone),
        }
    }

    /// Panics if the hash contradicts itself.
    pub fn check_invariants(&self) {
        match self {
            Hash::Pack(pack) => assert!(pack.len().is_multiple_of(2)),
            Hash::Compact(pack) => compact::check_invariants(pack),
            Hash::Table(table) => table.check_invariants(),
        }
    }
}

/// The names and values of a pack.
fn pairs(pack: &Pack) -> impl Iterator<Item = (Text<'_>, Text<'_>)> {
    let mut items = pack.items().iter();
    std::iter::from_fn(move || Some((items.next()?, items.next()?)))
}

/// A string in the form in which packs keep it, and look for it.
fn as_kept<'t>(item: &Text<'t>) -> Text<'t> {
    item.integer().map_or(*item, Text::Integer)
}

fn set_in_pack(pack: &mut Pack, name: &[u8], value: &[u8]) -> Put {
    match pack.find(&Needle::new(name), 2) {
        Some(gap) => {
            let value_gap = pack.items().skip(gap, 1).unwrap_or(Gap::START);
            pack.replace(value_gap, Text::of(value));
            Put::Updated
        }
        None => {
            pack.push(Text::of(name));
            pack.push(Text::of(value));
            Put::Added
        }
    }
}
