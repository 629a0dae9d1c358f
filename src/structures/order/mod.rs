//! An order with ranks: pairs of a score and an item, kept sorted, where the place of a pair and the pair at a place are
//! both found in logarithmic time. A B+ tree whose inner nodes know how many pairs lie below each child.
//!
//! ```text
//!                      inner: first pair, count, node of each child
//!            +-----------------+---------+------------------+
//!   leaf: scores [ 1 1 2 5 ]       [ 5 7 ]         [ 8 8 9 ]
//!         items  [ a c b a ]       [ x a ]         [ b d c ]
//! ```
//!
//! It does not know what an item is, nor how items of equal scores are ordered: every search is given a predicate that is
//! true for all pairs before some place and false for all behind it. Scores stand apart from items, so that a search reads
//! an item (and what it leads to) only where the score alone does not decide.
//!
//! Nodes split in halves, except at the two ends: pairs that come in ascending or in descending order leave full nodes
//! behind. A node that falls below a quarter of its capacity is merged with a neighbour if both fit in three quarters of a
//! node; so nodes may be sparse next to full ones, but not next to sparse ones.
//!
//! Invariants: pairs are in the order that callers' predicates have; all leaves are equally deep; no node is empty, and
//! the root is no inner node of one child; a child's first pair and count, as its parent has them, are true.

mod node;
#[cfg(test)]
mod tests;

use crate::mover::Moving;
use node::{Inner, Node};
use std::ops::Range;

/// Pairs in order. `LEAF` pairs fit in a leaf, `FAN` children in an inner node.
#[derive(Clone, Debug)]
pub struct Order<T, const LEAF: usize = 63, const FAN: usize = 32> {
    root: Option<Node<T, LEAF, FAN>>,
    len: usize,
}

impl<T, const LEAF: usize, const FAN: usize> Default for Order<T, LEAF, FAN> {
    fn default() -> Self {
        Order { root: None, len: 0 }
    }
}

impl<T: Copy, const LEAF: usize, const FAN: usize> Order<T, LEAF, FAN> {
    /// No pairs.
    pub fn new() -> Self {
        Order::default()
    }

    /// How many pairs there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many pairs the predicate is true for: the rank of the first one that it is false for.
    #[inline]
    pub fn rank(&self, mut before: impl FnMut(f64, T) -> bool) -> usize {
        let mut rank = 0;
        let Some(mut node) = self.root.as_ref() else { return 0 };
        loop {
            match node {
                Node::Leaf(leaf) => return rank + leaf.position(&mut before),
                Node::Inner(inner) => {
                    let at = inner.position(&mut before);
                    rank += inner.children[..at].iter().map(|child| child.count).sum::<usize>();
                    node = &inner.children[at].node;
                }
            }
        }
    }

    /// The pair of a rank.
    #[inline]
    pub fn get(&self, mut rank: usize) -> Option<(f64, T)> {
        if rank >= self.len {
            return None;
        }
        let mut node = self.root.as_ref()?;
        loop {
            match node {
                Node::Leaf(leaf) => return Some(leaf.pair(rank)),
                Node::Inner(inner) => {
                    let (at, within) = inner.child_of(rank);
                    rank = within;
                    node = &inner.children[at].node;
                }
            }
        }
    }

    /// Adds a pair behind those that the predicate is true for.
    pub fn insert(&mut self, score: f64, item: T, mut before: impl FnMut(f64, T) -> bool) {
        self.len += 1;
        let Some(root) = &mut self.root else {
            self.root = Some(Node::leaf(score, item));
            return;
        };
        let ends = node::Ends { first: true, last: true };
        if let Some(right) = root.insert(score, item, &mut before, ends) {
            let left = self.root.take().expect("it has just split");
            self.root = Some(Node::Inner(Box::new(Inner::of(left, right))));
        }
    }

    /// Takes the last pair out that the predicate is true for, which is there.
    pub fn remove(&mut self, mut through: impl FnMut(f64, T) -> bool) -> (f64, T) {
        let root = self.root.as_mut().expect("there is a pair to remove");
        let pair = root.remove(&mut through);
        self.len -= 1;
        self.lower();
        pair
    }

    /// Gives the last pair that the predicate is true for, which is there, another score, if it stays at its place by
    /// that: `fits` says so of a pair before and a pair behind. Answers whether it did; a pair at an end of its leaf is
    /// left to be removed and inserted.
    #[inline]
    pub fn alter(
        &mut self,
        score: f64,
        mut through: impl FnMut(f64, T) -> bool,
        fits: impl FnOnce((f64, T), (f64, T)) -> bool,
    ) -> bool {
        let mut node = self.root.as_mut().expect("there is a pair to change");
        loop {
            match node {
                Node::Leaf(leaf) => {
                    let at = leaf.position(&mut through) - 1;
                    let stays = at > 0 && at + 1 < leaf.len() && fits(leaf.pair(at - 1), leaf.pair(at + 1));
                    if stays {
                        leaf.scores[at] = score;
                    }
                    return stays;
                }
                Node::Inner(inner) => {
                    let at = inner.position(&mut through);
                    node = &mut inner.children[at].node;
                }
            }
        }
    }

    /// Puts an item in the place of that of the last pair that the predicate is true for, which is there.
    pub fn exchange(&mut self, item: T, mut through: impl FnMut(f64, T) -> bool) {
        if let Some(root) = &mut self.root {
            root.exchange(item, &mut through);
        }
    }

    /// Moves the leaf of a rank to a better place, and what leads to it if it is the first there, and answers the first
    /// rank of the next leaf; 0 behind the last.
    pub fn relocate(&mut self, rank: usize, moving: &mut Moving<'_>) -> usize {
        if rank >= self.len {
            return 0;
        }
        let next = self.root.as_mut().map_or(0, |root| rank + root.relocate(rank, moving));
        if next < self.len { next } else { 0 }
    }

    /// Takes the pairs of these ranks out, which are there, giving each to `taken`.
    pub fn drain(&mut self, ranks: Range<usize>, mut taken: impl FnMut(f64, T)) {
        assert!(ranks.start <= ranks.end && ranks.end <= self.len, "the ranks are there");
        if ranks.is_empty() {
            return;
        }
        self.len -= ranks.len();
        if let Some(root) = &mut self.root {
            root.drain(ranks, &mut taken);
        }
        self.lower();
    }

    /// Gives the pairs of these ranks to `visit`, in order or from the last to the first, for as long as it returns true.
    pub fn walk(&self, ranks: Range<usize>, backwards: bool, mut visit: impl FnMut(f64, T) -> bool) {
        let ranks = ranks.start..ranks.end.min(self.len);
        if let Some(root) = &self.root
            && !ranks.is_empty()
        {
            match backwards {
                false => root.walk(ranks, &mut visit),
                true => root.walk_back(ranks, &mut visit),
            };
        }
    }

    /// Makes the tree as low as its root allows.
    fn lower(&mut self) {
        while let Some(Node::Inner(inner)) = &mut self.root
            && inner.children.len() == 1
        {
            self.root = inner.children.pop().map(|child| child.node);
        }
        if self.len == 0 {
            self.root = None;
        }
    }

    /// The bytes of memory taken, node by node.
    pub fn alloc_size(&self) -> usize {
        self.root.as_ref().map_or(0, Node::alloc_size)
    }

    /// Panics if any of the invariants is broken; `ordered` says whether one pair may stand right before another.
    pub fn check_invariants(&self, mut ordered: impl FnMut((f64, T), (f64, T)) -> bool) {
        if let Some(root) = &self.root {
            assert!(!matches!(root, Node::Inner(inner) if inner.children.len() < 2), "a root of one child");
            assert_eq!(root.check().0, self.len, "pairs are counted");
        }
        assert_eq!(self.root.is_none(), self.len == 0);
        let mut last = None;
        self.walk(0..self.len, false, |score, item| {
            assert!(last.is_none_or(|last| ordered(last, (score, item))), "pairs are in order");
            last = Some((score, item));
            true
        });
    }
}
