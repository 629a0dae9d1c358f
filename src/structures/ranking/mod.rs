//! A ranking: members with scores, found by name and by rank. Big sorted sets are rankings.
//!
//! ```text
//!   hash table of members          members                  order
//!   | m | m |   | m | ...   --->   | score | name |   <---   | score, m | score, m | ...
//! ```
//!
//! The table owns the members. The order refers to them and has their scores beside, so that a search looks at a member
//! only where scores are equal; members of equal scores stand in the order of their names, byte by byte.
//!
//! # Safety
//! The order refers to exactly the members of the table: a member is put into both and leaves both within one call,
//! nothing in between panics, and names are lent no longer than the ranking is borrowed.

mod member;
#[cfg(test)]
mod tests;

use crate::hashtable::{HashTable, Hasher};
use crate::mover::Moving;
use crate::order::Order;
use base::siphash;
use member::{Member, Ref};
use std::cmp::Ordering;
use std::ops::Range;

/// Hashes members by their names.
#[derive(Clone, Copy, Debug)]
struct ByName(siphash::Key);

impl Hasher<Member> for ByName {
    #[inline]
    fn hash(&self, member: &Member) -> u64 {
        siphash::hash(&self.0, member.name())
    }
}

/// Members in the order of their scores.
pub struct Ranking {
    members: HashTable<Member, ByName>,
    order: Order<Ref>,
}

/// The name of a member that is in the table of the ranking that `order` belongs to.
#[inline(always)]
fn name_of<'a>(member: Ref) -> &'a [u8] {
    // SAFETY: see the module's head: every reference in the order leads to a member of the table, and callers in this
    // module use the name only while they borrow the ranking.
    unsafe { member.name() }
}

/// Whether the first pair stands before the second.
#[inline(always)]
fn is_before(score: f64, member: Ref, than_score: f64, than: &[u8]) -> bool {
    score < than_score || (score == than_score && name_of(member) < than)
}

/// Whether the first pair stands before the second or is the second.
#[inline(always)]
fn is_through(score: f64, member: Ref, score_of: f64, this: Ref) -> bool {
    score < score_of || (score == score_of && (member == this || name_of(member) < name_of(this)))
}

impl Ranking {
    /// An empty ranking; `key` is that of the hashes of names.
    pub fn new(key: siphash::Key) -> Ranking {
        Ranking { members: HashTable::new(ByName(key)), order: Order::new() }
    }

    /// How many members there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    #[inline]
    fn hash(&self, name: &[u8]) -> u64 {
        siphash::hash(&self.members.hasher().0, name)
    }

    /// The score of a member.
    #[inline]
    pub fn score(&self, name: &[u8]) -> Option<f64> {
        self.members.find(self.hash(name), |member| member.name() == name).map(Member::score)
    }

    /// Asks the memory for where a search for a name begins. Answers the hash of the name.
    #[inline]
    pub fn prefetch(&self, name: &[u8]) -> u64 {
        let hash = self.hash(name);
        self.members.prefetch_bucket(hash);
        hash
    }

    /// Asks the memory for the member that a search for this hash will look at.
    #[inline]
    pub fn prefetch_found(&self, hash: u64) {
        self.members.prefetch_entry(hash);
    }

    /// Gives a member the score that `decide` makes of the one that it has; without one, nothing is done. A score is
    /// never NaN.
    #[inline]
    pub fn put(&mut self, name: &[u8], decide: impl FnOnce(Option<f64>) -> Option<f64>) {
        let hash = self.hash(name);
        match self.members.find_mut(hash, |member| member.name() == name) {
            Some(member) => {
                let old = member.score();
                let Some(score) = decide(Some(old)).filter(|score| score.to_bits() != old.to_bits()) else {
                    return;
                };
                let this = member.as_ref();
                match member.set_score(score) {
                    true => self.shift(this, old, score),
                    false => {
                        // A larger one takes its place, in the table and then in the order.
                        let smaller = std::mem::replace(member, Member::new(name, score));
                        let larger = member.as_ref();
                        self.order.remove(|other, member| is_through(other, member, old, this));
                        drop(smaller);
                        self.order
                            .insert(score, larger, |other, member| is_before(other, member, score, name));
                    }
                }
            }
            None => {
                let Some(score) = decide(None) else { return };
                let member = Member::new(name, score);
                let this = member.as_ref();
                self.members.insert(hash, member);
                self.order.insert(score, this, |other, member| is_before(other, member, score, name));
            }
        }
    }

    /// Moves a member in the order from where its old score had it to where the new one wants it.
    fn shift(&mut self, this: Ref, old: f64, score: f64) {
        let name = name_of(this);
        let through = |other: f64, member: Ref| is_through(other, member, old, this);
        let fits = |left: (f64, Ref), right: (f64, Ref)| {
            is_before(left.0, left.1, score, name) && !is_before(right.0, right.1, score, name)
        };
        if !self.order.alter(score, through, fits) {
            self.order.remove(through);
            self.order.insert(score, this, |other, member| is_before(other, member, score, name));
        }
    }

    /// Removes a member, if it is there; answers its score.
    pub fn remove(&mut self, name: &[u8]) -> Option<f64> {
        let member = self.members.extract(self.hash(name), |member| member.name() == name)?;
        let (score, this) = (member.score(), member.as_ref());
        self.order.remove(|other, member| is_through(other, member, score, this));
        Some(score)
    }

    /// The rank and the score of a member.
    #[inline]
    pub fn rank(&self, name: &[u8]) -> Option<(usize, f64)> {
        let score = self.score(name)?;
        Some((self.order.rank(|other, member| is_before(other, member, score, name)), score))
    }

    /// How many members there are that `before` is true for: all those before some place in the order, and no other.
    #[inline]
    pub fn count(&self, mut before: impl FnMut(f64, &[u8]) -> bool) -> usize {
        self.order.rank(|score, member| before(score, name_of(member)))
    }

    /// How many members there are whose score is below one, or up to it.
    #[inline]
    pub fn count_scores(&self, mut before: impl FnMut(f64) -> bool) -> usize {
        self.order.rank(|score, _| before(score))
    }

    /// The member of a rank.
    #[inline]
    pub fn get(&self, rank: usize) -> Option<(&[u8], f64)> {
        self.order.get(rank).map(|(score, member)| (name_of(member), score))
    }

    /// Gives the members of these ranks to `visit`, in order or from the last to the first, for as long as it returns
    /// true.
    #[inline]
    pub fn walk(&self, ranks: Range<usize>, backwards: bool, mut visit: impl FnMut(&[u8], f64) -> bool) {
        self.order.walk(ranks, backwards, |score, member| visit(name_of(member), score));
    }

    /// Removes the members of these ranks, which are there.
    pub fn remove_ranks(&mut self, ranks: Range<usize>) {
        let members = &mut self.members;
        self.order.drain(ranks, |_, this| {
            let hash = siphash::hash(&members.hasher().0, name_of(this));
            members.extract(hash, |member| member.as_ref() == this);
        });
    }

    /// A member chosen at random, each with the same probability.
    pub fn random(&self, random: &mut impl FnMut() -> u64) -> Option<(&[u8], f64)> {
        let member = self.members.get(self.members.random(random)?);
        Some((member.name(), member.score()))
    }

    /// Visits the members of one position of the table and returns the cursor of the next: see [`HashTable::scan`].
    pub fn scan(&self, cursor: u64, mut visit: impl FnMut(&[u8], f64)) -> u64 {
        self.members.scan(cursor, |member| visit(member.name(), member.score()))
    }

    /// Moves a piece of the ranking, at a cursor, to better places, and answers the cursor of the next: members first, in
    /// the order of scans, then the order, from the first rank to the last.
    pub fn relocate(&mut self, cursor: u64, moving: &mut Moving<'_>) -> u64 {
        const ORDER: u64 = 1 << 63;
        let Ranking { members, order } = self;
        if cursor & ORDER != 0 {
            let next = order.relocate((cursor & !ORDER) as usize, moving) as u64;
            return if next == 0 { 0 } else { ORDER | next };
        }
        if cursor == 0 {
            members.relocate_frame(moving);
        }
        let next = members.relocate(cursor, moving, |member, moving| {
            let (score, old) = (member.score(), member.as_ref());
            member.relocate(moving, |new| {
                order.exchange(new, |other, member| is_through(other, member, score, old));
            });
        });
        if next == 0 { ORDER } else { next }
    }

    /// The bytes of memory taken, judged by the sizes of `samples` members.
    pub fn alloc_size(&self, samples: usize) -> usize {
        let sampled: Vec<usize> = self.members.iter().take(samples.max(1)).map(Member::alloc_size).collect();
        let members = match sampled.len() {
            0 => 0,
            count => (sampled.iter().sum::<usize>() as f64 / count as f64 * self.len() as f64) as usize,
        };
        size_of::<Ranking>() + members + self.members.mem_bytes() + self.order.alloc_size()
    }

    /// How costly it is to free, in allocations.
    pub fn free_effort(&self) -> usize {
        self.len()
    }

    /// Panics if the table or the order is not in order, or they disagree.
    pub fn check_invariants(&self) {
        self.members.check_invariants();
        self.order.check_invariants(|a, b| is_before(a.0, a.1, b.0, name_of(b.1)));
        assert_eq!(self.members.len(), self.order.len());
        self.walk(0..self.len(), false, |name, score| {
            let found = self.score(name).expect("every member is in the table");
            assert_eq!(found.total_cmp(&score), Ordering::Equal, "both have the same score");
            true
        });
    }
}

impl Clone for Ranking {
    fn clone(&self) -> Ranking {
        let mut copy = Ranking::new(self.members.hasher().0);
        self.walk(0..self.len(), false, |name, score| {
            copy.put(name, |_| Some(score));
            true
        });
        copy
    }
}

impl std::fmt::Debug for Ranking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut map = f.debug_map();
        self.walk(0..self.len(), false, |name, score| {
            map.entry(&String::from_utf8_lossy(name), &score);
            true
        });
        map.finish()
    }
}
