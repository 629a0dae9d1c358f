//! The compact hash: a short hash called a table, in one pack.
//!
//! ```text
//! | earliest | filed | name | value | expiry | name | value | expiry | ...
//!
//! expiry     Unix milliseconds, or an empty string: the field does not expire
//! earliest   no field expires before; an empty string if none does
//! filed      by which time the keeper filed the hash: 0 for `earliest`, an empty string for not at all
//! ```
//!
//! An expiry takes seven bytes, its absence one; the head nine, or two. So ten fields with expiries are smaller here than
//! ten without are in a table. Searches go from the front, hence the limits.

use super::{Clock, Expiry, FieldRef, Put};
use base::text::Text;
use structures::pack::{Gap, Needle, Pack};

/// A hash with more fields becomes a table.
pub(super) const FIELDS: usize = 64;
/// A hash with more bytes becomes a table.
pub(super) const BYTES: usize = 4096;

const HEAD: usize = 2;
const TRIPLE: usize = 3;
/// An expiry that is none.
const NONE: Text<'static> = Text::Bytes(b"");
/// What says that a hash is filed by its earliest time.
const BY_EARLIEST: i64 = 0;

/// A compact hash of these fields, which is filed nowhere.
pub(super) fn of<'a>(fields: impl Iterator<Item = FieldRef<'a>>) -> Pack {
    let mut pack = Pack::new();
    pack.push(NONE);
    pack.push(NONE);
    for field in fields {
        append(&mut pack, field.name, field.value, field.expiry);
    }
    pack
}

fn append(pack: &mut Pack, name: Text<'_>, value: Text<'_>, expiry: Option<i64>) {
    pack.push(name);
    pack.push(value);
    pack.push(expiry.map_or(NONE, Text::Integer));
    if let Some(when) = expiry {
        lower(pack, when);
    }
}

fn time(text: Text<'_>) -> Option<i64> {
    match text {
        Text::Integer(when) => Some(when),
        Text::Bytes(_) => None,
    }
}

pub(super) fn len(pack: &Pack) -> usize {
    (pack.len() - HEAD) / TRIPLE
}

/// The two items of the head.
fn head(pack: &Pack) -> (Option<i64>, Option<i64>) {
    let mut items = pack.items().iter();
    let mut next = || items.next().and_then(time);
    (next(), next())
}

pub(super) fn earliest(pack: &Pack) -> Option<i64> {
    head(pack).0
}

pub(super) fn filed(pack: &Pack) -> Option<i64> {
    match head(pack) {
        (earliest, Some(BY_EARLIEST)) => earliest,
        (_, filed) => filed,
    }
}

pub(super) fn set_filed(pack: &mut Pack, filed: Option<i64>) {
    let earliest = earliest(pack);
    write_head(pack, earliest, filed);
}

/// Writes the head. (A hash that is filed by the epoch and not by its earliest time cannot be told from one that is: the
/// one is always noted before the other comes about, as nothing is earlier than the epoch.)
fn write_head(pack: &mut Pack, earliest: Option<i64>, filed: Option<i64>) {
    let filed = if filed.is_some() && filed == earliest { Some(BY_EARLIEST) } else { filed };
    if head(pack) != (earliest, filed) {
        pack.replace(Gap::START, earliest.map_or(NONE, Text::Integer));
        let second = pack.gap(1);
        pack.replace(second, filed.map_or(NONE, Text::Integer));
    }
}

/// Takes note of an expiry that may be the earliest.
fn lower(pack: &mut Pack, when: i64) {
    let (earliest, filed) = (earliest(pack), filed(pack));
    if earliest.is_none_or(|earliest| when < earliest) {
        write_head(pack, Some(when), filed);
    }
}

/// Looks again for the earliest expiry.
fn look_again(pack: &mut Pack) {
    let (earliest, filed) = (fields(pack).filter_map(|field| field.expiry).min(), filed(pack));
    write_head(pack, earliest, filed);
}

/// The gap before the first field.
fn first(pack: &Pack) -> Gap {
    pack.gap(HEAD)
}

/// The field to the right of a gap, and the gap behind it.
fn next_field(pack: &Pack, gap: Gap) -> Option<(FieldRef<'_>, Gap)> {
    let (name, gap) = pack.items().next(gap)?;
    let (value, gap) = pack.items().next(gap)?;
    let (expiry, gap) = pack.items().next(gap)?;
    Some((FieldRef::plain(name, value, time(expiry)), gap))
}

/// The field to the right of a gap.
fn field_at(pack: &Pack, gap: Gap) -> Option<FieldRef<'_>> {
    next_field(pack, gap).map(|(field, _)| field)
}

fn find(pack: &Pack, name: &[u8]) -> Option<Gap> {
    pack.items().find(first(pack), &Needle::new(name), TRIPLE).map(|(gap, _)| gap)
}

/// All fields.
pub(super) fn fields(pack: &Pack) -> impl Iterator<Item = FieldRef<'_>> {
    let mut items = pack.items().iter();
    items.next();
    items.next();
    std::iter::from_fn(move || {
        let (name, value) = (items.next()?, items.next()?);
        Some(FieldRef::plain(name, value, time(items.next()?)))
    })
}

pub(super) fn get<'p>(pack: &'p Pack, name: &[u8]) -> Option<FieldRef<'p>> {
    field_at(pack, find(pack, name)?)
}

/// Field `index`, if there are so many.
pub(super) fn nth(pack: &Pack, index: usize) -> Option<FieldRef<'_>> {
    field_at(pack, pack.gap(HEAD + TRIPLE * index))
}

pub(super) fn set(pack: &mut Pack, name: &[u8], value: &[u8], expiry: Expiry, clock: &Clock) -> Put {
    let Some(gap) = find(pack, name) else {
        let expiry = if let Expiry::At(when) = expiry { Some(when) } else { None };
        append(pack, Text::of(name), Text::of(value), expiry);
        return Put::Added;
    };
    let old = field_at(pack, gap).and_then(|field| field.expiry);
    let revived = old.is_some_and(|when| clock.has_passed(when));
    let value_gap = gap_behind(pack, gap, 1);
    pack.replace(value_gap, Text::of(value));
    let new = match expiry {
        Expiry::At(when) => Some(when),
        Expiry::Keep if !revived => old,
        _ => None,
    };
    put_expiry(pack, gap, old, new);
    if revived { Put::Revived } else { Put::Updated }
}

/// The gap so many items further right, which are there.
fn gap_behind(pack: &Pack, gap: Gap, count: usize) -> Gap {
    pack.items().skip(gap, count).expect("a name, a value and an expiry stand together")
}

/// Gives the field at a gap another expiry.
fn put_expiry(pack: &mut Pack, gap: Gap, old: Option<i64>, new: Option<i64>) {
    if old == new {
        return;
    }
    let gap = gap_behind(pack, gap, 2);
    pack.replace(gap, new.map_or(NONE, Text::Integer));
    match new {
        Some(when) => lower(pack, when),
        None => look_again(pack),
    }
}

pub(super) fn set_expiry(pack: &mut Pack, name: &[u8], expiry: Option<i64>) {
    if let Some(gap) = find(pack, name) {
        let old = field_at(pack, gap).and_then(|field| field.expiry);
        put_expiry(pack, gap, old, expiry);
    }
}

pub(super) fn remove(pack: &mut Pack, name: &[u8], clock: &Clock) -> bool {
    let Some(gap) = find(pack, name) else { return false };
    let expiry = field_at(pack, gap).and_then(|field| field.expiry);
    if clock.hides(expiry) {
        return false;
    }
    pack.remove(gap, TRIPLE);
    if expiry.is_some() {
        look_again(pack);
    }
    true
}

pub(super) fn expire(pack: &mut Pack, now: i64, max: usize, mut gone: impl FnMut(&[u8])) -> usize {
    if earliest(pack).is_none_or(|when| when >= now) {
        return 0;
    }
    let (mut gap, mut expired, mut earliest) = (first(pack), 0, None);
    while let Some((field, behind)) = next_field(pack, gap) {
        if expired < max && field.expiry.is_some_and(|when| when < now) {
            gone(field.name.bytes(&mut [0; base::int::MAX_TEXT]));
            pack.remove(gap, TRIPLE);
            expired += 1;
        } else {
            earliest = [earliest, field.expiry].into_iter().flatten().min();
            gap = behind;
        }
    }
    let filed = filed(pack);
    write_head(pack, earliest, filed);
    expired
}

pub(super) fn check_invariants(pack: &Pack) {
    assert_eq!((pack.len() - HEAD) % TRIPLE, 0);
    let first = fields(pack).filter_map(|field| field.expiry).min();
    assert_eq!(first.is_some(), earliest(pack).is_some());
    assert!(earliest(pack) <= first);
}
