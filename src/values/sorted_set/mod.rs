//! Sorted sets: members with scores, in the order of their scores; those of equal scores in the order of their names.
//!
//! Small ones are a pack of pairs (`pairs.rs`), big ones a [`Ranking`]; the reference calls these encodings "listpack" and
//! "skiplist". A pack becomes a ranking when it would have more members, or longer ones, than the rules allow, and stays
//! one. Whatever is named by bounds is a range of ranks first: counting, walking and removing know ranks alone.
//!
//! No score is NaN: callers see to that.

mod bounds;
mod pairs;
#[cfg(test)]
mod tests;

use crate::distinct::all_differ;
use crate::{Any, Kind, Rules, Value};
use base::rng::Rng;
use base::text::{Digits, Text};
pub use bounds::{Bounds, NameEnd, ScoreEnd};
use std::ops::Range;
use structures::mover::Moving;
use structures::own::Own;
use structures::pack::Pack;
use structures::ranking::Ranking;

/// Packs are smaller than this, whatever the rules allow.
const LARGEST_PACK: usize = 1 << 30;

/// A sorted set.
#[derive(Debug)]
pub enum SortedSet {
    /// All of it in one pack.
    Pack(Pack),
    /// A table and an order.
    Ranking(Own<Ranking>),
}

impl SortedSet {
    /// An empty one that is going to have about so many members, with names up to a length.
    pub fn new(rules: &Rules, members: usize, longest: usize) -> SortedSet {
        let mut set = SortedSet::Pack(Pack::new());
        set.expect(rules, members, longest);
        set
    }

    /// An empty one that takes its form when it is whole, by [`SortedSet::settle`]. Until then it is a ranking, where unlike
    /// in a pack there are two zeros: as in the reference, a score that passed through a pack would not be the same.
    pub fn unsettled(rules: &Rules) -> SortedSet {
        SortedSet::Ranking(Own::new(Ranking::new(rules.hash_key)))
    }

    /// Prepares for so many members, with names up to a length: what will not fit a pack becomes a ranking at once.
    #[inline]
    pub fn expect(&mut self, rules: &Rules, members: usize, longest: usize) {
        if members as u64 > rules.zset_max_listpack_entries || longest as u64 > rules.zset_max_listpack_value
        {
            self.ranking(rules);
        }
    }

    /// The ranking that it is, or now becomes.
    #[cold]
    fn ranking(&mut self, rules: &Rules) -> &mut Ranking {
        if let SortedSet::Pack(pack) = self {
            let mut ranking = Ranking::new(rules.hash_key);
            pairs::walk(pack, 0..pairs::len(pack), false, |name, score| {
                ranking.put(name.bytes(&mut Digits::default()), |_| Some(score));
                true
            });
            *self = SortedSet::Ranking(Own::new(ranking));
        }
        match self {
            SortedSet::Ranking(ranking) => ranking,
            SortedSet::Pack(_) => unreachable!("it has become one"),
        }
    }

    /// Makes a pack of a ranking that is small: results are built as they come, and take their form when they are done.
    pub fn settle(&mut self, rules: &Rules) {
        let SortedSet::Ranking(ranking) = self else { return };
        if ranking.len() as u64 > rules.zset_max_listpack_entries {
            return;
        }
        let (mut longest, mut total) = (0, 0);
        ranking.walk(0..ranking.len(), false, |name, _| {
            (longest, total) = (name.len().max(longest), total + name.len());
            true
        });
        if longest as u64 <= rules.zset_max_listpack_value && total < LARGEST_PACK {
            let mut pack = Pack::new();
            ranking.walk(0..ranking.len(), false, |name, score| {
                pairs::push(&mut pack, Text::of(name), score);
                true
            });
            *self = SortedSet::Pack(pack);
        }
    }

    /// Panics if the set contradicts itself.
    pub fn check_invariants(&self) {
        match self {
            SortedSet::Pack(pack) => pairs::check_invariants(pack),
            SortedSet::Ranking(ranking) => ranking.check_invariants(),
        }
    }

    /// How many members there are.
    #[inline]
    #[expect(clippy::len_without_is_empty, reason = "all values have that one")]
    pub fn len(&self) -> usize {
        match self {
            SortedSet::Pack(pack) => pairs::len(pack),
            SortedSet::Ranking(ranking) => ranking.len(),
        }
    }

    /// The score of a member.
    #[inline]
    pub fn score(&self, name: &[u8]) -> Option<f64> {
        match self {
            SortedSet::Pack(pack) => pairs::find(pack, name).map(|(_, score, _)| score),
            SortedSet::Ranking(ranking) => ranking.score(name),
        }
    }

    /// The rank and the score of a member.
    pub fn rank(&self, name: &[u8]) -> Option<(usize, f64)> {
        match self {
            SortedSet::Pack(pack) => pairs::find(pack, name).map(|(rank, score, _)| (rank, score)),
            SortedSet::Ranking(ranking) => ranking.rank(name),
        }
    }

    /// A sorted set of these members in one piece, whatever their lengths; none if they are too many for that, stand in
    /// another order, or one of them comes twice.
    pub fn in_one_piece(pairs: &[(Text<'_>, f64)], rules: &Rules) -> Option<SortedSet> {
        let fits = pairs.len() as u64 <= rules.zset_max_listpack_entries;
        let names = pairs.iter().map(|(name, _)| *name);
        (fits && pairs::in_order(pairs) && all_differ(names, pairs.len()))
            .then(|| SortedSet::Pack(pairs::of(pairs)))
    }

    /// Gives a member the score that `decide` makes of the one that it has, if it is a member; without one, nothing is
    /// done.
    #[inline]
    pub fn put(&mut self, rules: &Rules, name: &[u8], decide: impl FnOnce(Option<f64>) -> Option<f64>) {
        let pack = match self {
            SortedSet::Ranking(ranking) => return ranking.put(name, decide),
            SortedSet::Pack(pack) => pack,
        };
        match pairs::find(pack, name) {
            Some((_, old, gap)) => {
                if let Some(score) = decide(Some(old)).filter(|score| *score != old) {
                    pairs::change(pack, gap, name, score);
                }
            }
            None => {
                let Some(score) = decide(None) else { return };
                let fits = pairs::len(pack) < rules.zset_max_listpack_entries as usize
                    && name.len() as u64 <= rules.zset_max_listpack_value
                    && pack.byte_len() + name.len() < LARGEST_PACK;
                match fits {
                    true => pairs::insert(pack, name, score),
                    false => self.ranking(rules).put(name, |_| Some(score)),
                }
            }
        }
    }

    /// Removes a member, if it is there; answers its score.
    pub fn remove(&mut self, name: &[u8]) -> Option<f64> {
        match self {
            SortedSet::Pack(pack) => {
                let (_, score, gap) = pairs::find(pack, name)?;
                pack.remove(gap, 2);
                Some(score)
            }
            SortedSet::Ranking(ranking) => ranking.remove(name),
        }
    }

    /// The ranks of the members within bounds.
    pub fn ranks(&self, bounds: &Bounds<'_>) -> Range<usize> {
        let range = match (self, *bounds) {
            (_, Bounds::Ranks(first, last)) => bounds::ranks(first, last, self.len()),
            (SortedSet::Pack(pack), Bounds::Scores(min, max)) => {
                pairs::span(pack, |_, score| min.starts_behind(score), |_, score| max.ends_behind(score))
            }
            (SortedSet::Pack(pack), Bounds::Names(min, max)) => {
                let mut digits = Digits::default();
                pairs::span(
                    pack,
                    |name, _| min.starts_behind(name.bytes(&mut Digits::default())),
                    |name, _| max.ends_behind(name.bytes(&mut digits)),
                )
            }
            (SortedSet::Ranking(ranking), Bounds::Scores(min, max)) => {
                let first = ranking.count_scores(|score| min.starts_behind(score));
                first..ranking.count_scores(|score| max.ends_behind(score))
            }
            (SortedSet::Ranking(ranking), Bounds::Names(min, max)) => {
                let first = ranking.count(|_, name| min.starts_behind(name));
                first..ranking.count(|_, name| max.ends_behind(name))
            }
        };
        range.start..range.end.max(range.start)
    }

    /// Gives the members of these ranks to `visit`, in order or from the last to the first, for as long as it returns
    /// true.
    #[inline]
    pub fn walk(&self, ranks: Range<usize>, backwards: bool, mut visit: impl FnMut(Text<'_>, f64) -> bool) {
        match self {
            SortedSet::Pack(pack) => pairs::walk(pack, ranks, backwards, visit),
            SortedSet::Ranking(ranking) => {
                ranking.walk(ranks, backwards, |name, score| visit(Text::Bytes(name), score));
            }
        }
    }

    /// Gives all members to `visit`, in order.
    #[inline]
    pub fn each(&self, mut visit: impl FnMut(Text<'_>, f64)) {
        self.walk(0..self.len(), false, |name, score| {
            visit(name, score);
            true
        });
    }

    /// Removes the members of these ranks, which are there.
    pub fn remove_ranks(&mut self, ranks: Range<usize>) {
        match self {
            SortedSet::Pack(pack) => pairs::remove_ranks(pack, ranks),
            SortedSet::Ranking(ranking) => ranking.remove_ranks(ranks),
        }
    }

    /// Gives a member chosen at random, each with the same probability, to `visit`; there is one.
    pub fn random<R>(&self, rng: &mut Rng, visit: impl FnOnce(Text<'_>, f64) -> R) -> R {
        match self {
            SortedSet::Pack(pack) => {
                let (items, gap) = (pack.items(), pack.gap(2 * rng.index(pairs::len(pack))));
                let (name, score, _) = pairs::next(items, gap).expect("there is a member");
                visit(name, score)
            }
            SortedSet::Ranking(ranking) => {
                let (name, score) = ranking.random(&mut || rng.next_u64()).expect("there is a member");
                visit(Text::Bytes(name), score)
            }
        }
    }

    /// Gives some members to `visit` and returns the cursor with which to go on, 0 at the end. A pack is given at once.
    pub fn scan(&self, cursor: u64, mut visit: impl FnMut(Text<'_>, f64)) -> u64 {
        match self {
            SortedSet::Pack(_) => {
                self.each(visit);
                0
            }
            SortedSet::Ranking(ranking) => {
                ranking.scan(cursor, |name, score| visit(Text::Bytes(name), score))
            }
        }
    }
}

impl Value for SortedSet {
    const KIND: Kind = Kind::SortedSet;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn encoding(&self) -> &'static str {
        match self {
            SortedSet::Pack(_) => "listpack",
            SortedSet::Ranking(_) => "skiplist",
        }
    }

    fn alloc_size(&self, samples: usize) -> usize {
        match self {
            SortedSet::Pack(pack) => pack.alloc_size(),
            SortedSet::Ranking(ranking) => ranking.alloc_size(samples),
        }
    }

    fn free_effort(&self) -> usize {
        match self {
            SortedSet::Pack(_) => 1,
            SortedSet::Ranking(ranking) => ranking.free_effort(),
        }
    }

    fn relocate(&mut self, cursor: u64, moving: &mut Moving<'_>) -> u64 {
        match self {
            SortedSet::Pack(pack) => {
                pack.relocate(moving);
                0
            }
            SortedSet::Ranking(ranking) => {
                if cursor == 0 {
                    ranking.relocate(moving);
                }
                Ranking::relocate(ranking, cursor, moving)
            }
        }
    }

    fn duplicate(&self) -> SortedSet {
        match self {
            SortedSet::Pack(pack) => SortedSet::Pack(pack.clone()),
            SortedSet::Ranking(ranking) => SortedSet::Ranking(Own::new((**ranking).clone())),
        }
    }

    fn into_any(self) -> Any {
        Any::SortedSet(self)
    }

    #[inline]
    fn prefetch_part(&self, name: &[u8]) -> Option<u64> {
        let SortedSet::Ranking(ranking) = self else { return None };
        Some(ranking.prefetch(name))
    }

    #[inline]
    fn prefetch_found(&self, hash: u64) {
        if let SortedSet::Ranking(ranking) = self {
            ranking.prefetch_found(hash);
        }
    }
}
