//! Lists: items in order, quick to add and to take at both ends.
//!
//! A small list is a [`Pack`]; a longer one a [`Chain`] of nodes. What the encoding is called is another matter: a chain
//! is a "listpack" as long as the reference would hold it in one, and a "quicklist" from then on.

mod chain;
mod node;
mod nodes;
mod partition;
#[cfg(test)]
mod tests;

pub use chain::Chain;
pub use partition::Cell;

use crate::{Any, Kind, Rules, Value};
use base::lzf::Scratch;
use base::text::Text;
use partition::Limit;
use std::ops::ControlFlow;
use structures::listpack;
use structures::mover::Moving;
use structures::own::Own;
use structures::pack::items::Gap;
use structures::pack::{Needle, Pack};

/// The bytes beyond which a pack becomes a chain, and those at which a chain becomes a pack again.
const PACK_LIMIT: usize = 512;
const PACK_AGAIN: usize = 256;

/// A list.
#[derive(Debug)]
pub enum List {
    /// All of it in one pack.
    Pack(Pack),
    /// In nodes.
    Chain(Own<Chain>),
}

/// One of the ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The left one, where indexes begin.
    Head,
    /// The right one.
    Tail,
}

/// A place beside an item, which is there.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "said by their names")]
pub enum Place {
    Before(usize),
    Behind(usize),
}

impl List {
    /// An empty list.
    pub fn new() -> List {
        List::Pack(Pack::new())
    }

    /// How many items there are.
    #[inline]
    #[expect(clippy::len_without_is_empty, reason = "all values have that one")]
    pub fn len(&self) -> usize {
        match self {
            List::Pack(pack) => pack.len(),
            List::Chain(chain) => chain.len(),
        }
    }

    /// Panics if the list contradicts itself.
    pub fn check_invariants(&self) {
        if let List::Chain(chain) = self {
            chain.check_invariants();
            assert!(chain.is_quick() || chain.cells().len() <= 1);
        }
    }

    /// Whether the encoding is called "quicklist".
    pub fn is_quick(&self) -> bool {
        matches!(self, List::Chain(chain) if chain.is_quick())
    }

    /// An empty quicklist.
    pub fn quick(rules: &Rules) -> List {
        let mut list = List::new();
        list.make_quick(rules);
        list
    }

    /// Prepares for so many more items of so many bytes in all: a list that would be too large for a listpack becomes a
    /// quicklist now, though they may never come.
    #[inline]
    pub fn expect(&mut self, count: usize, bytes: usize, rules: &Rules) {
        if !self.is_quick() && self.outgrows(count, bytes, rules) {
            self.make_quick(rules);
        }
    }

    fn outgrows(&self, count: usize, bytes: usize, rules: &Rules) -> bool {
        /// The most bytes by which an item of a listpack exceeds one of a pack.
        const MORE: usize = 3;
        let limit = Limit::new(rules.list_max_listpack_size, rules);
        let exceeds = |size: usize| limit.exceeded_by((size + bytes) as u64, (self.len() + count) as u64);
        match self {
            List::Pack(pack) => {
                exceeds(pack.byte_len() + MORE * pack.len() + listpack::OVERHEAD)
                    && exceeds(listpack::OVERHEAD + pack.items().iter().map(listpack::size_of).sum::<usize>())
            }
            List::Chain(chain) => exceeds(chain.listpack_size()),
        }
    }

    fn make_quick(&mut self, rules: &Rules) {
        self.make_chain(rules).make_quick(rules);
    }

    /// A list in one piece; none where these items would be too many or take too many bytes for one.
    pub fn in_one_piece(items: &[Text<'_>], rules: &Rules) -> Option<List> {
        let size = listpack::OVERHEAD + items.iter().copied().map(listpack::size_of).sum::<usize>();
        let (most_bytes, most_items) = match rules.list_max_listpack_size {
            fill @ 0.. => (u64::MAX, u64::from(fill.unsigned_abs().max(1))),
            fill => (partition::size_by_level(fill), u64::MAX),
        };
        let fits = size <= PACK_AGAIN && size as u64 <= most_bytes && items.len() as u64 <= most_items;
        fits.then(|| List::Pack(Pack::of(items.iter().copied())))
    }

    /// Adds a node of the reference at the tail of a quicklist: items that stood together there.
    pub fn append_node<'t>(&mut self, items: impl Iterator<Item = Text<'t>>) {
        if let List::Chain(chain) = self {
            chain.append_node(items);
        }
    }

    /// Adds a node of the reference at the tail of a quicklist: one item that stood by itself there.
    pub fn append_plain(&mut self, item: Text<'_>) {
        if let List::Chain(chain) = self {
            chain.append_plain(item);
        }
    }

    fn make_chain(&mut self, rules: &Rules) -> &mut Chain {
        if let List::Pack(pack) = self {
            *self = List::Chain(Own::new(Chain::new(pack.items(), pack.len(), rules)));
        }
        match self {
            List::Chain(chain) => chain,
            List::Pack(_) => unreachable!("it is a chain now"),
        }
    }

    /// Follows what was made smaller: a quicklist of one node, half as large as it may be, becomes a listpack.
    #[inline]
    pub fn shrink(&mut self, rules: &Rules) {
        self.settle(rules, true);
    }

    /// Gives a list that was built as a quicklist the encoding that suits its size.
    pub fn suit(&mut self, rules: &Rules) {
        self.settle(rules, false);
    }

    fn settle(&mut self, rules: &Rules, shrinking: bool) {
        let List::Chain(chain) = self else { return };
        chain.try_listpack(rules, shrinking);
        if let Some(items) = chain.as_small(PACK_AGAIN) {
            *self = List::Pack(Pack::of(items.iter()));
        }
    }

    /// Whether [`List::compress`] may have something to do.
    pub fn is_compressing(&self) -> bool {
        matches!(self, List::Chain(chain) if chain.is_quick() && chain.is_compressing())
    }

    /// Compresses what is far from both ends, if that was wished when the list became long.
    pub fn compress(&mut self, scratch: &mut Scratch) {
        if let List::Chain(chain) = self {
            chain.compress(scratch);
        }
    }

    /// The item at an end.
    #[inline]
    pub fn peek(&self, end: End) -> Option<Text<'_>> {
        match self {
            List::Pack(pack) => {
                let items = pack.items();
                let found = match end {
                    End::Head => items.next(Gap::START),
                    End::Tail => items.back(items.end()),
                };
                found.map(|(item, _)| item)
            }
            List::Chain(chain) => chain.peek(end),
        }
    }

    /// Adds an item at an end.
    #[inline]
    pub fn push(&mut self, end: End, item: Text<'_>, rules: &Rules) {
        match self {
            List::Pack(pack) if pack.byte_len() + item.len() <= PACK_LIMIT => {
                let gap = match end {
                    End::Head => Gap::START,
                    End::Tail => pack.items().end(),
                };
                pack.insert(gap, item);
            }
            List::Chain(chain) => chain.push(end, item, rules),
            List::Pack(_) => self.make_chain(rules).push(end, item, rules),
        }
    }

    /// Takes the item at an end out, if there is one.
    #[inline]
    pub fn pop(&mut self, end: End) {
        match self {
            List::Chain(chain) => chain.pop(end),
            List::Pack(pack) => {
                let items = pack.items();
                let gap = match end {
                    End::Head => Some(Gap::START),
                    End::Tail => items.back(items.end()).map(|(_, gap)| gap),
                };
                if let Some(gap) = gap.filter(|_| !pack.is_empty()) {
                    pack.remove(gap, 1);
                }
            }
        }
    }

    /// Shows the items from `from` on, towards an end, until told to stop.
    pub fn walk<B>(
        &self,
        from: usize,
        towards: End,
        mut show: impl FnMut(Text<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        match self {
            List::Chain(chain) => chain.walk(from, towards, show),
            List::Pack(pack) if from < pack.len() => {
                let (items, mut gap) = (pack.items(), pack.gap(from + usize::from(towards == End::Head)));
                let step = |gap| match towards {
                    End::Head => items.back(gap),
                    End::Tail => items.next(gap),
                };
                while let Some((item, next)) = step(gap) {
                    show(item)?;
                    gap = next;
                }
                ControlFlow::Continue(())
            }
            List::Pack(_) => ControlFlow::Continue(()),
        }
    }

    /// Shows `count` items from `from` on, towards an end, or as many as there are.
    #[inline]
    pub fn show(&self, from: usize, count: usize, towards: End, mut show: impl FnMut(Text<'_>)) {
        let mut left = count;
        if left == 0 {
            return;
        }
        let _ = self.walk(from, towards, |item| {
            show(item);
            left -= 1;
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    }

    /// The index of the first item from `from` on that is the needle.
    pub fn find(&self, from: usize, needle: &Needle<'_>) -> Option<usize> {
        match self {
            List::Chain(chain) => chain.find(from, needle),
            List::Pack(pack) if from < pack.len() => {
                let found = pack.items().find(pack.gap(from), needle, 1);
                found.map(|(_, passed)| from + passed)
            }
            List::Pack(_) => None,
        }
    }

    /// Puts an item beside another.
    pub fn insert(&mut self, place: Place, item: Text<'_>, rules: &Rules) {
        match self {
            List::Pack(pack) if pack.byte_len() + item.len() <= PACK_LIMIT => {
                let (Place::Before(index) | Place::Behind(index)) = place;
                let gap = pack.gap(index + usize::from(matches!(place, Place::Behind(_))));
                pack.insert(gap, item);
            }
            _ => self.make_chain(rules).insert(place, item, rules),
        }
    }

    /// Puts an item in the place of another, which is there.
    pub fn replace(&mut self, index: usize, item: Text<'_>, rules: &Rules) {
        match self {
            List::Pack(pack) if pack.byte_len() + item.len() <= PACK_LIMIT => {
                pack.replace(pack.gap(index), item);
            }
            _ => self.make_chain(rules).replace(index, item, rules),
        }
    }

    /// Takes items out, which are there.
    pub fn remove(&mut self, start: usize, count: usize) {
        match self {
            List::Pack(pack) if count > 0 => pack.remove(pack.gap(start), count),
            List::Pack(_) => {}
            List::Chain(chain) => chain.remove(start, count),
        }
    }

    /// Takes out up to `most` items that are equal to one, seeking from an end. Answers how many.
    pub fn remove_equal(&mut self, item: Text<'_>, from: End, most: usize) -> usize {
        let pack = match self {
            List::Chain(chain) => return chain.remove_equal(item, from, most),
            List::Pack(pack) => pack,
        };
        let mut offsets = pack.items().offsets_of(&Needle::of(item));
        keep_nearest(&mut offsets, from, most);
        for &offset in offsets.iter().rev() {
            pack.remove(pack.gap(offset), 1);
        }
        offsets.len()
    }

    /// The nodes that the reference would hold the list in.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = Cell> {
        let cells: Vec<Cell> = match self {
            List::Chain(chain) => chain.cells().copied().collect(),
            List::Pack(pack) => {
                let size = listpack::OVERHEAD + pack.items().iter().map(listpack::size_of).sum::<usize>();
                vec![Cell { count: pack.len() as u64, size: size as u64, ..Cell::EMPTY }]
            }
        };
        cells.into_iter()
    }

    /// `list-max-listpack-size` and `list-compress-depth` as they were when a quicklist became one.
    pub fn settings(&self) -> Option<(i16, u16)> {
        match self {
            List::Chain(chain) if chain.is_quick() => Some(chain.settings()),
            _ => None,
        }
    }
}

/// Of places in order, keeps the `most` that are nearest to an end.
fn keep_nearest(offsets: &mut Vec<usize>, end: End, most: usize) {
    match end {
        End::Head => offsets.truncate(most),
        End::Tail => drop(offsets.drain(..offsets.len().saturating_sub(most))),
    }
}

impl Default for List {
    fn default() -> List {
        List::new()
    }
}

impl Value for List {
    const KIND: Kind = Kind::List;

    #[inline]
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn encoding(&self) -> &'static str {
        if self.is_quick() { "quicklist" } else { "listpack" }
    }

    fn alloc_size(&self, samples: usize) -> usize {
        match self {
            List::Pack(pack) => pack.alloc_size(),
            List::Chain(chain) => chain.alloc_size(samples),
        }
    }

    fn free_effort(&self) -> usize {
        match self {
            List::Chain(chain) if chain.is_quick() => chain.cells().len(),
            _ => 1,
        }
    }

    fn relocate(&mut self, cursor: u64, moving: &mut Moving<'_>) -> u64 {
        match self {
            List::Pack(pack) => {
                pack.relocate(moving);
                0
            }
            List::Chain(chain) => {
                if cursor == 0 {
                    chain.relocate(moving);
                }
                Chain::relocate(chain, cursor, moving)
            }
        }
    }

    fn duplicate(&self) -> List {
        match self {
            List::Pack(pack) => List::Pack(pack.clone()),
            List::Chain(chain) => List::Chain(Own::new(Chain::clone(chain))),
        }
    }

    fn into_any(self) -> Any {
        Any::List(self)
    }
}
