//! Sorted sets in snapshots.
//!
//! ```text
//!   3  number of members; each: string, score as text      scores by a length byte: 253 NaN, 254 inf, 255 -inf
//!   5  number of members; each: string, score as f64       little-endian; from the highest to the lowest
//!  12  a string that is a ziplist: as 17, from old servers
//!  17  a string that is a listpack: member, score, ...     a whole score is a number, any other its text
//! ```

use super::hash::room;
use crate::reader::Flaw;
use crate::{DecodeError, Reader, Writer, ziplist};
use base::double::{parse_f64, push_digits};
use base::text::{Digits, Text};
use keyspace::values::{Rules, SortedSet};
use structures::listpack;

const TEXTS: u8 = 3;
const DOUBLES: u8 = 5;
const ZIPLIST: u8 = 12;
const LISTPACK: u8 = 17;

/// Whether a type's number stands for one of these.
pub(super) fn knows(kind: u8) -> bool {
    matches!(kind, TEXTS | DOUBLES | ZIPLIST | LISTPACK)
}

/// Writes the type, the key's name where it stands between, and the value.
pub(super) fn write(out: &mut Writer<'_>, name: Option<&[u8]>, value: &SortedSet) {
    match value {
        SortedSet::Pack(pack) => {
            let mut items = listpack::Writer::with_room(room(pack));
            value.each(|name, score| {
                items.push(name);
                push_score(&mut items, score);
            });
            out.head(LISTPACK, name);
            out.string(&items.finish());
        }
        SortedSet::Ranking(ranking) => {
            out.head(DOUBLES, name);
            out.length(ranking.len() as u64);
            // From the highest on, so that whoever inserts one after the other always does so at the front.
            ranking.walk(0..ranking.len(), true, |name, score| {
                out.string(name);
                out.bytes.extend(score.to_le_bytes());
                true
            });
        }
    }
}

/// Adds a score to a listpack: as a number in the range in which the reference does so.
fn push_score(items: &mut listpack::Writer, score: f64) {
    const LIMIT: f64 = (1u64 << 62) as f64;
    let whole = score as i64;
    if whole as f64 == score && score.abs() <= LIMIT {
        items.push(Text::Integer(whole));
    } else {
        let mut text = Vec::with_capacity(32);
        push_digits(&mut text, score);
        // Beyond the limit a whole score can be the text of a number all the same.
        items.push(Text::of(&text));
    }
}

/// Reads a sorted set that is one string of bytes.
pub(super) fn read(kind: u8, input: &mut Reader<'_>, rules: &Rules) -> Result<SortedSet, DecodeError> {
    let start = input.error(Flaw::Content);
    let bytes = input.bytes()?;
    // As in the reference, a pack that comes whole stays one whatever its names' lengths.
    let rules = &Rules { zset_max_listpack_value: u64::MAX, ..*rules };
    let items = match kind {
        ZIPLIST => ziplist::Reader::new(&bytes).and_then(ziplist::Reader::all).map_err(|_| start)?,
        _ => listpack::Reader::new(&bytes).and_then(listpack::Reader::all).map_err(|_| start)?,
    };
    let (pairs, rest) = items.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(start);
    }
    let pairs: Option<Vec<_>> = pairs.iter().map(scored).collect();
    let pairs = pairs.ok_or(start)?;
    if pairs.is_empty() {
        return Err(input.error(Flaw::Empty));
    }
    // They stand in their order, unless somebody else has written them.
    if let Some(set) = SortedSet::in_one_piece(&pairs, rules) {
        return Ok(set);
    }
    let mut set = SortedSet::new(rules, 0, 0);
    for (name, score) in pairs {
        add(&mut set, rules, name.bytes(&mut Digits::default()), score).ok_or(start)?;
    }
    Ok(set)
}

/// A sorted set whose members come one by one.
pub(crate) struct Growing {
    kind: u8,
    left: u64,
    set: SortedSet,
}

impl Growing {
    /// Whether sorted sets of a type do.
    pub(super) fn is(kind: u8) -> bool {
        matches!(kind, TEXTS | DOUBLES)
    }

    pub(super) fn begin(kind: u8, input: &mut Reader<'_>, rules: &Rules) -> Result<Growing, DecodeError> {
        Ok(Growing { kind, left: input.length()?, set: SortedSet::unsettled(rules) })
    }

    pub(super) fn grow(&mut self, input: &mut Reader<'_>, rules: &Rules) -> Result<(), DecodeError> {
        while self.left > 0 {
            let (name, score) = input.whole(|input| {
                let name = input.bytes()?;
                Ok((name, if self.kind == DOUBLES { input.double()? } else { old_score(input)? }))
            })?;
            add(&mut self.set, rules, &name, score).ok_or(input.error(Flaw::Content))?;
            self.left -= 1;
        }
        Ok(())
    }

    pub(super) fn finish(mut self, rules: &Rules) -> Option<SortedSet> {
        self.set.settle(rules);
        Some(self.set).filter(|set| set.len() > 0)
    }
}

/// A member and its score as they stand in one piece, unless the score is none.
fn scored<'t>([name, score]: &[Text<'t>; 2]) -> Option<(Text<'t>, f64)> {
    let score = match *score {
        Text::Integer(whole) => Some(whole as f64),
        Text::Bytes(text) => parse_f64(text).filter(|score| !score.is_nan()),
    };
    score.map(|score| (*name, score))
}

/// Adds a member that was read, unless its score is none or it is there already.
fn add(set: &mut SortedSet, rules: &Rules, name: &[u8], score: f64) -> Option<()> {
    let mut is_new = false;
    set.put(rules, name, |old| {
        is_new = old.is_none() && !score.is_nan();
        is_new.then_some(score)
    });
    is_new.then_some(())
}

/// A score as the first versions wrote it.
fn old_score(input: &mut Reader<'_>) -> Result<f64, DecodeError> {
    let start = input.error(Flaw::Content);
    match input.byte()? {
        255 => Ok(f64::NEG_INFINITY),
        254 => Ok(f64::INFINITY),
        253 => Err(start),
        len => parse_f64(input.take(u64::from(len))?).ok_or(start),
    }
}
