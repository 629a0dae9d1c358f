//! The nodes of an order, and what is done to a tree below one of them.

use crate::mover::Moving;
use std::ops::Range;

/// A node: pairs, or the way to them.
#[derive(Clone, Debug)]
pub(super) enum Node<T, const LEAF: usize, const FAN: usize> {
    Leaf(Box<Leaf<T, LEAF>>),
    Inner(Box<Inner<T, LEAF, FAN>>),
}

/// Pairs, the first `len` of each array; what lies behind is left over.
#[derive(Clone, Debug)]
pub(super) struct Leaf<T, const LEAF: usize> {
    pub(super) scores: [f64; LEAF],
    items: [T; LEAF],
    len: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Inner<T, const LEAF: usize, const FAN: usize> {
    pub(super) children: Vec<Child<T, LEAF, FAN>>,
}

/// A child, as its parent knows it.
#[derive(Clone, Debug)]
pub(super) struct Child<T, const LEAF: usize, const FAN: usize> {
    score: f64,
    item: T,
    pub(super) count: usize,
    pub(super) node: Node<T, LEAF, FAN>,
}

/// Whether a node is the first, or the last, of its depth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends {
    pub(super) first: bool,
    pub(super) last: bool,
}

/// The first number below `len` that the predicate is false for.
#[inline(always)]
fn partition(len: usize, mut before: impl FnMut(usize) -> bool) -> usize {
    let (mut low, mut size) = (0, len);
    while size > 0 {
        let half = size / 2;
        if before(low + half) {
            low += half + 1;
            size -= half + 1;
        } else {
            size = half;
        }
    }
    low
}

impl<T: Copy, const LEAF: usize> Leaf<T, LEAF> {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(super) fn position(&self, before: &mut impl FnMut(f64, T) -> bool) -> usize {
        partition(self.len, |at| before(self.scores[at], self.items[at]))
    }

    #[inline]
    pub(super) fn pair(&self, at: usize) -> (f64, T) {
        (self.scores[at], self.items[at])
    }

    fn of(score: f64, item: T) -> Box<Self> {
        Box::new(Leaf { scores: [score; LEAF], items: [item; LEAF], len: 1 })
    }

    #[inline]
    fn insert(&mut self, at: usize, score: f64, item: T) {
        self.scores.copy_within(at..self.len, at + 1);
        self.items.copy_within(at..self.len, at + 1);
        (self.scores[at], self.items[at]) = (score, item);
        self.len += 1;
    }

    #[inline]
    fn remove(&mut self, range: Range<usize>) {
        self.scores.copy_within(range.end..self.len, range.start);
        self.items.copy_within(range.end..self.len, range.start);
        self.len -= range.len();
    }

    /// Puts the pairs of another leaf behind its own.
    fn append(&mut self, other: &Self) {
        let end = self.len + other.len;
        self.scores[self.len..end].copy_from_slice(&other.scores[..other.len]);
        self.items[self.len..end].copy_from_slice(&other.items[..other.len]);
        self.len = end;
    }

    /// Adds a pair to a full leaf, by splitting it; answers the right part.
    fn split(&mut self, at: usize, score: f64, item: T, ends: Ends) -> Box<Self> {
        if ends.last && at == self.len {
            return Leaf::of(score, item);
        }
        if ends.first && at == 0 {
            return std::mem::replace(self, *Leaf::of(score, item)).into();
        }
        let half = LEAF / 2;
        let mut right = Leaf::of(score, item);
        right.len = 0;
        right.scores[..LEAF - half].copy_from_slice(&self.scores[half..]);
        right.items[..LEAF - half].copy_from_slice(&self.items[half..]);
        right.len = LEAF - half;
        self.len = half;
        if at <= half {
            self.insert(at, score, item);
        } else {
            right.insert(at - half, score, item);
        }
        right
    }
}

impl<T: Copy, const LEAF: usize, const FAN: usize> Child<T, LEAF, FAN> {
    fn of(node: Node<T, LEAF, FAN>) -> Self {
        let (score, item) = node.first();
        Child { score, item, count: node.count(), node }
    }

    /// Learns anew what the child's first pair is.
    fn follow(&mut self) {
        (self.score, self.item) = self.node.first();
    }
}

impl<T: Copy, const LEAF: usize, const FAN: usize> Inner<T, LEAF, FAN> {
    pub(super) fn of(left: Node<T, LEAF, FAN>, right: Node<T, LEAF, FAN>) -> Self {
        Inner { children: vec![Child::of(left), Child::of(right)] }
    }

    /// The child in which the place of a predicate lies.
    #[inline]
    pub(super) fn position(&self, before: &mut impl FnMut(f64, T) -> bool) -> usize {
        let rest = &self.children[1..];
        partition(rest.len(), |at| before(rest[at].score, rest[at].item))
    }

    /// The child that has the pair of a rank, and the pair's rank within it.
    #[inline]
    pub(super) fn child_of(&self, mut rank: usize) -> (usize, usize) {
        let mut at = 0;
        while rank >= self.children[at].count {
            rank -= self.children[at].count;
            at += 1;
        }
        (at, rank)
    }

    /// Adds a child at a place; answers the right part if that makes two nodes of it.
    fn adopt(&mut self, at: usize, node: Node<T, LEAF, FAN>, ends: Ends) -> Option<Self> {
        let child = Child::of(node);
        if self.children.len() < FAN {
            self.children.insert(at, child);
            return None;
        }
        let keep = match at {
            _ if ends.last && at == FAN => FAN,
            1 if ends.first => 1,
            _ => FAN / 2,
        };
        let mut right = Inner { children: self.children.split_off(keep) };
        if at < keep {
            self.children.insert(at, child);
        } else {
            right.children.reserve_exact(1);
            right.children.insert(at - keep, child);
        }
        Some(right)
    }

    /// Sees to the children in a range that have lost pairs: the empty ones go, the sparse ones are merged.
    fn mend(&mut self, range: Range<usize>) {
        for at in range.rev() {
            if self.children[at].count == 0 {
                self.children.remove(at);
            }
        }
        let mut at = 0;
        while at < self.children.len() {
            let child = &self.children[at];
            if !child.node.is_sparse() {
                at += 1;
            } else if at + 1 < self.children.len() && child.node.fits(&self.children[at + 1].node) {
                self.merge(at);
            } else if at > 0 && child.node.fits(&self.children[at - 1].node) {
                at -= 1;
                self.merge(at);
            } else {
                at += 1;
            }
        }
    }

    /// Merges a child with the next.
    fn merge(&mut self, at: usize) {
        let next = self.children.remove(at + 1);
        let child = &mut self.children[at];
        child.count += next.count;
        match (&mut child.node, next.node) {
            (Node::Leaf(left), Node::Leaf(right)) => left.append(&right),
            (Node::Inner(left), Node::Inner(mut right)) => left.children.append(&mut right.children),
            _ => unreachable!("children of one node are equally deep"),
        }
    }
}

impl<T: Copy, const LEAF: usize, const FAN: usize> Node<T, LEAF, FAN> {
    pub(super) fn leaf(score: f64, item: T) -> Self {
        Node::Leaf(Leaf::of(score, item))
    }

    fn first(&self) -> (f64, T) {
        match self {
            Node::Leaf(leaf) => leaf.pair(0),
            Node::Inner(inner) => (inner.children[0].score, inner.children[0].item),
        }
    }

    fn count(&self) -> usize {
        match self {
            Node::Leaf(leaf) => leaf.len,
            Node::Inner(inner) => inner.children.iter().map(|child| child.count).sum(),
        }
    }

    /// How much of it is used, and its capacity.
    fn fill(&self) -> (usize, usize) {
        match self {
            Node::Leaf(leaf) => (leaf.len, LEAF),
            Node::Inner(inner) => (inner.children.len(), FAN),
        }
    }

    fn is_sparse(&self) -> bool {
        let (used, capacity) = self.fill();
        used < capacity / 4
    }

    fn fits(&self, other: &Self) -> bool {
        let (used, capacity) = self.fill();
        used + other.fill().0 <= capacity * 3 / 4
    }

    /// Adds a pair; answers the right part if that makes two nodes of this one.
    pub(super) fn insert(
        &mut self,
        score: f64,
        item: T,
        before: &mut impl FnMut(f64, T) -> bool,
        ends: Ends,
    ) -> Option<Self> {
        match self {
            Node::Leaf(leaf) => {
                let at = leaf.position(before);
                if leaf.len < LEAF {
                    leaf.insert(at, score, item);
                    return None;
                }
                Some(Node::Leaf(leaf.split(at, score, item, ends)))
            }
            Node::Inner(inner) => {
                let at = inner.position(before);
                let last = inner.children.len() - 1;
                let child = &mut inner.children[at];
                let below = Ends { first: ends.first && at == 0, last: ends.last && at == last };
                let right = child.node.insert(score, item, before, below);
                child.follow();
                let Some(right) = right else {
                    child.count += 1;
                    return None;
                };
                child.count = child.node.count();
                inner.adopt(at + 1, right, ends).map(|right| Node::Inner(Box::new(right)))
            }
        }
    }

    /// Takes the last pair out that the predicate is true for, which is there.
    pub(super) fn remove(&mut self, through: &mut impl FnMut(f64, T) -> bool) -> (f64, T) {
        match self {
            Node::Leaf(leaf) => {
                let at = leaf.position(through) - 1;
                let pair = leaf.pair(at);
                leaf.remove(at..at + 1);
                pair
            }
            Node::Inner(inner) => {
                let at = inner.position(through);
                let child = &mut inner.children[at];
                let pair = child.node.remove(through);
                child.count -= 1;
                if child.count > 0 {
                    child.follow();
                }
                if child.node.is_sparse() || child.count == 0 {
                    inner.mend(at..at + 1);
                }
                pair
            }
        }
    }

    /// Puts an item in the place of that of the last pair that the predicate is true for, which is there.
    pub(super) fn exchange(&mut self, item: T, through: &mut impl FnMut(f64, T) -> bool) {
        match self {
            Node::Leaf(leaf) => {
                let at = leaf.position(through) - 1;
                leaf.items[at] = item;
            }
            Node::Inner(inner) => {
                let at = inner.position(through);
                inner.children[at].node.exchange(item, through);
                inner.children[at].follow();
            }
        }
    }

    /// Moves the leaf of a rank, and the nodes above of which that is the first. Answers how many of the leaf's pairs stand
    /// from the rank on.
    pub(super) fn relocate(&mut self, rank: usize, moving: &mut Moving<'_>) -> usize {
        match self {
            Node::Leaf(leaf) => {
                moving.boxed(leaf);
                leaf.len - rank
            }
            Node::Inner(inner) => {
                if rank == 0 {
                    moving.boxed(inner);
                    moving.vec(&mut inner.children);
                }
                let (at, within) = inner.child_of(rank);
                inner.children[at].node.relocate(within, moving)
            }
        }
    }

    /// Takes pairs out by their ranks. May leave an empty leaf, which its parent removes.
    pub(super) fn drain(&mut self, ranks: Range<usize>, taken: &mut impl FnMut(f64, T)) {
        match self {
            Node::Leaf(leaf) => {
                for at in ranks.clone() {
                    taken(leaf.scores[at], leaf.items[at]);
                }
                leaf.remove(ranks);
            }
            Node::Inner(inner) => {
                let (first, within) = inner.child_of(ranks.start);
                let (mut at, mut start, mut left) = (first, within, ranks.len());
                while left > 0 {
                    let child = &mut inner.children[at];
                    let count = left.min(child.count - start);
                    child.node.drain(start..start + count, taken);
                    child.count -= count;
                    if child.count > 0 {
                        child.follow();
                    }
                    (at, start, left) = (at + 1, 0, left - count);
                }
                inner.mend(first..at);
            }
        }
    }

    pub(super) fn walk(&self, ranks: Range<usize>, visit: &mut impl FnMut(f64, T) -> bool) -> bool {
        match self {
            Node::Leaf(leaf) => ranks.clone().all(|at| visit(leaf.scores[at], leaf.items[at])),
            Node::Inner(inner) => {
                let (mut at, mut start) = inner.child_of(ranks.start);
                let mut left = ranks.len();
                while left > 0 {
                    let child = &inner.children[at];
                    let count = left.min(child.count - start);
                    if !child.node.walk(start..start + count, visit) {
                        return false;
                    }
                    (at, start, left) = (at + 1, 0, left - count);
                }
                true
            }
        }
    }

    pub(super) fn walk_back(&self, ranks: Range<usize>, visit: &mut impl FnMut(f64, T) -> bool) -> bool {
        match self {
            Node::Leaf(leaf) => ranks.clone().rev().all(|at| visit(leaf.scores[at], leaf.items[at])),
            Node::Inner(inner) => {
                let (mut at, last) = inner.child_of(ranks.end - 1);
                let (mut end, mut left) = (last + 1, ranks.len());
                loop {
                    let count = left.min(end);
                    if !inner.children[at].node.walk_back(end - count..end, visit) {
                        return false;
                    }
                    left -= count;
                    if left == 0 {
                        return true;
                    }
                    at -= 1;
                    end = inner.children[at].count;
                }
            }
        }
    }

    pub(super) fn alloc_size(&self) -> usize {
        match self {
            Node::Leaf(leaf) => crate::blob::class_size(size_of_val(&**leaf)),
            Node::Inner(inner) => {
                let own =
                    crate::blob::class_size(inner.children.capacity() * size_of::<Child<T, LEAF, FAN>>())
                        + size_of::<Vec<T>>();
                own + inner.children.iter().map(|child| child.node.alloc_size()).sum::<usize>()
            }
        }
    }

    /// Checks what stands below, and answers its pairs and depth.
    pub(super) fn check(&self) -> (usize, usize) {
        match self {
            Node::Leaf(leaf) => {
                assert!((1..=LEAF).contains(&leaf.len), "a leaf has pairs, and room for them");
                (leaf.len, 0)
            }
            Node::Inner(inner) => {
                assert!((1..=FAN).contains(&inner.children.len()), "an inner node has children");
                let mut depths = inner.children.iter().map(|child| {
                    let (count, depth) = child.node.check();
                    assert_eq!(count, child.count, "a child's pairs are counted");
                    assert!(child.node.first().0 == child.score, "a child's first pair is known");
                    depth
                });
                let depth = depths.next().expect("a child");
                let mut pairs = inner.children.windows(2);
                assert!(
                    pairs.all(|pair| !(pair[0].node.is_sparse() && pair[1].node.is_sparse())),
                    "no sparse node stands next to another"
                );
                assert!(depths.all(|other| other == depth), "leaves are equally deep");
                (inner.children.iter().map(|child| child.count).sum(), depth + 1)
            }
        }
    }
}
