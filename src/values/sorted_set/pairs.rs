//! Small sorted sets: a pack of members and scores in turn, in their order.
//!
//! ```text
//!   | member | score | member | score | ...
//! ```
//!
//! A whole score is a number of the pack, any other its eight bytes. Two zeros are one here: -0 becomes 0, as in the
//! reference.

use base::text::{Digits, Text};
use std::ops::Range;
use structures::pack::{Gap, Items, Needle, Pack};

/// What looks at a member and its score, and says whether to go on.
pub(super) trait Visit: FnMut(Text<'_>, f64) -> bool {}

impl<F: FnMut(Text<'_>, f64) -> bool> Visit for F {}

/// The range in which every whole double is the number of an item, as where the reference keeps whole scores as such.
const WHOLE: f64 = (1u64 << 62) as f64;

/// Calls `f` with a score as an item.
#[inline]
fn with_score<R>(score: f64, f: impl FnOnce(Text<'_>) -> R) -> R {
    let whole = score as i64;
    if whole as f64 == score && score.abs() <= WHOLE {
        f(Text::Integer(whole))
    } else {
        f(Text::Bytes(&score.to_le_bytes()))
    }
}

/// The score that an item is.
#[inline]
fn score_of(item: Text<'_>) -> f64 {
    match item {
        Text::Integer(whole) => whole as f64,
        Text::Bytes(bytes) => f64::from_le_bytes(*bytes.first_chunk().expect("a score has eight bytes")),
    }
}

/// The pair to the right of a gap, and the gap behind it.
#[inline]
pub(super) fn next(items: Items<'_>, gap: Gap) -> Option<(Text<'_>, f64, Gap)> {
    let (name, gap) = items.next(gap)?;
    let (score, gap) = items.next(gap)?;
    Some((name, score_of(score), gap))
}

/// The pair to the left of a gap, and the gap before it.
#[inline]
fn back(items: Items<'_>, gap: Gap) -> Option<(Text<'_>, f64, Gap)> {
    let (score, gap) = items.back(gap)?;
    let (name, gap) = items.back(gap)?;
    Some((name, score_of(score), gap))
}

/// Panics if the pairs are not in their order.
pub(super) fn check_invariants(pack: &Pack) {
    let mut last: Option<(f64, Vec<u8>)> = None;
    walk(pack, 0..len(pack), false, |name, score| {
        let this = (score, name.to_vec());
        assert!(!score.is_nan() && last.as_ref().is_none_or(|last| *last < this), "pairs are in order");
        last = Some(this);
        true
    });
}

/// How many members there are.
#[inline]
pub(super) fn len(pack: &Pack) -> usize {
    pack.len() / 2
}

/// The rank and the score of a member, and the gap before it.
#[inline]
pub(super) fn find(pack: &Pack, name: &[u8]) -> Option<(usize, f64, Gap)> {
    let items = pack.items();
    let (gap, passed) = items.find(Gap::START, &Needle::new(name), 2)?;
    let (_, score, _) = next(items, gap)?;
    Some((passed / 2, score, gap))
}

/// Whether a pair stands before another.
#[inline]
fn is_before(name: Text<'_>, score: f64, than: &[u8], than_score: f64) -> bool {
    score < than_score || (score == than_score && name.bytes(&mut Digits::default()) < than)
}

/// The gap in which a pair belongs.
fn place(pack: &Pack, name: &[u8], score: f64) -> Gap {
    let items = pack.items();
    // Those who come in order are many.
    if back(items, items.end()).is_none_or(|(last, last_score, _)| is_before(last, last_score, name, score)) {
        return items.end();
    }
    let mut gap = Gap::START;
    while let Some((other, other_score, behind)) = next(items, gap)
        && is_before(other, other_score, name, score)
    {
        gap = behind;
    }
    gap
}

/// Whether pairs stand in their order.
pub(super) fn in_order(pairs: &[(Text<'_>, f64)]) -> bool {
    pairs.windows(2).all(|two| {
        let [(name, score), (other, other_score)] = two else { return true };
        is_before(*name, *score, other.bytes(&mut Digits::default()), *other_score)
    })
}

/// A pack of pairs that stand in their order.
pub(super) fn of(pairs: &[(Text<'_>, f64)]) -> Pack {
    let doubles: Vec<[u8; 8]> = pairs.iter().map(|(_, score)| score.to_le_bytes()).collect();
    let items = pairs.iter().zip(&doubles).flat_map(|((name, score), double)| {
        let whole = *score as i64;
        let is_whole = whole as f64 == *score && score.abs() <= WHOLE;
        let score = if is_whole { Text::Integer(whole) } else { Text::Bytes(double) };
        [name.integer().map_or(*name, Text::Integer), score]
    });
    Pack::of(items)
}

/// Adds a member that is not there.
pub(super) fn insert(pack: &mut Pack, name: &[u8], score: f64) {
    let gap = place(pack, name, score);
    with_score(score, |score| pack.insert(gap, score));
    pack.insert(gap, Text::of(name));
}

/// Gives the member behind a gap another score.
pub(super) fn change(pack: &mut Pack, gap: Gap, name: &[u8], score: f64) {
    let items = pack.items();
    let (_, at_score) = items.next(gap).expect("a member");
    let (_, behind) = items.next(at_score).expect("its score");
    let stays = back(items, gap).is_none_or(|(left, other, _)| is_before(left, other, name, score))
        && next(items, behind).is_none_or(|(right, other, _)| !is_before(right, other, name, score));
    if stays {
        with_score(score, |score| pack.replace(at_score, score));
    } else {
        pack.remove(gap, 2);
        insert(pack, name, score);
    }
}

/// Adds a pair behind the last, where it is known to belong.
pub(super) fn push(pack: &mut Pack, name: Text<'_>, score: f64) {
    pack.push(name);
    with_score(score, |score| pack.push(score));
}

/// The ranks of the members from the first that does not lie before a range to the last one that lies before its end.
pub(super) fn span(
    pack: &Pack,
    mut before: impl FnMut(Text<'_>, f64) -> bool,
    mut through: impl FnMut(Text<'_>, f64) -> bool,
) -> Range<usize> {
    let items = pack.items();
    let (mut gap, mut rank) = (Gap::START, 0);
    while let Some((name, score, behind)) = next(items, gap)
        && before(name, score)
    {
        (gap, rank) = (behind, rank + 1);
    }
    let first = rank;
    while let Some((name, score, behind)) = next(items, gap)
        && through(name, score)
    {
        (gap, rank) = (behind, rank + 1);
    }
    first..rank
}

/// Gives the members of these ranks to `visit`, in order or from the last to the first, for as long as it returns true.
#[inline]
pub(super) fn walk(pack: &Pack, ranks: Range<usize>, backwards: bool, mut visit: impl Visit) {
    let items = pack.items();
    let mut gap = match backwards {
        false => pack.gap(2 * ranks.start),
        true => pack.gap(2 * ranks.end),
    };
    for _ in ranks {
        let step = if backwards { back(items, gap) } else { next(items, gap) };
        let Some((name, score, beyond)) = step else { return };
        if !visit(name, score) {
            return;
        }
        gap = beyond;
    }
}

/// Removes the members of these ranks, which are there.
pub(super) fn remove_ranks(pack: &mut Pack, ranks: Range<usize>) {
    pack.remove(pack.gap(2 * ranks.start), 2 * ranks.len());
}
