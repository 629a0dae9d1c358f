//! A node of a stream: entries that lie close together, as items of a pack.
//!
//! ```text
//! | field ... | entry ... |
//!
//! field   the names of the fields of the first entry: most entries have the same ones
//! entry   | flags | ms | seq | value ...                  | items |     fields as above
//!         | flags | ms | seq | count | field | value ...  | items |     fields of its own
//! ```
//! `ms` and `seq` are differences to the node's first ID; `items` says of how many items before it the entry consists, so
//! that entries can be walked from the right. An entry that is deleted stays where it is, with a flag.
//!
//! The reference keeps a node as a listpack, and begins a new node by the bytes of that; so a node counts what it would
//! take there. `listpack.rs` makes the one of the other.

use super::id::Id;
use base::text::Text;
use structures::listpack;
use structures::pack::items::{self, EMPTY};
use structures::pack::{Gap, Items, Needle};

/// The entry is deleted.
pub(super) const DELETED: i64 = 1;
/// The entry has the node's fields.
pub(super) const SAME_FIELDS: i64 = 2;
/// The items of an entry before its count of fields or its first value: flags, ms, seq.
pub(super) const HEAD: usize = 3;

/// Entries that lie close together.
#[derive(Clone, Debug)]
pub struct Node {
    pub(super) first: Id,
    pub(super) bytes: Vec<u8>,
    /// Behind the fields.
    pub(super) start: Gap,
    /// How many fields there are.
    pub(super) fields: u32,
    pub(super) live: u32,
    pub(super) deleted: u32,
    /// The bytes that the items, the fields' count and their end would take in a listpack.
    pub(super) listed: usize,
}

impl Node {
    /// A node without entries, whose first will have this ID and these fields.
    pub(super) fn new<'t>(first: Id, fields: impl ExactSizeIterator<Item = Text<'t>>, room: usize) -> Node {
        let mut node = Node {
            first,
            bytes: Vec::with_capacity(room),
            start: Gap::START,
            fields: fields.len() as u32,
            live: 0,
            deleted: 0,
            listed: listpack::size_of(Text::Integer(fields.len() as i64))
                + listpack::size_of(Text::Integer(0)),
        };
        node.bytes.extend_from_slice(&EMPTY);
        fields.for_each(|field| node.push(field));
        node.start = node.items().end();
        node
    }

    #[inline]
    pub(super) fn items(&self) -> Items<'_> {
        Items::new(&self.bytes)
    }

    /// Adds an item behind the last.
    #[inline]
    pub(super) fn push(&mut self, item: Text<'_>) {
        self.listed += listpack::size_of(item);
        items::append(&mut self.bytes, item);
    }

    #[inline]
    fn push_number(&mut self, number: i64) {
        self.push(Text::Integer(number));
    }

    /// How many bytes the listpack of this node has.
    pub(crate) fn listpack_len(&self) -> usize {
        let counts = [self.live, self.deleted];
        listpack::OVERHEAD
            + self.listed
            + counts.iter().map(|n| listpack::size_of(Text::Integer((*n).into()))).sum::<usize>()
    }

    /// How many entries there are, deleted ones too.
    pub fn entries(&self) -> u64 {
        u64::from(self.live) + u64::from(self.deleted)
    }

    /// Adds an entry behind the last.
    pub(super) fn append<'t, P>(&mut self, id: Id, pairs: P)
    where
        P: ExactSizeIterator<Item = (&'t [u8], &'t [u8])> + Clone,
    {
        let count = pairs.len();
        let same = self.has_fields(pairs.clone().map(|(field, _)| field));
        let (ms, seq) = id.minus(self.first);
        self.push_number(if same { SAME_FIELDS } else { 0 });
        self.push_number(ms);
        self.push_number(seq);
        if same {
            pairs.for_each(|(_, value)| self.push(Text::of(value)));
            self.push_number((HEAD + count) as i64);
        } else {
            self.push_number(count as i64);
            for (field, value) in pairs {
                self.push(Text::of(field));
                self.push(Text::of(value));
            }
            self.push_number((HEAD + 1 + 2 * count) as i64);
        }
        self.live += 1;
    }

    /// Whether these are the node's fields.
    fn has_fields<'t>(&self, fields: impl ExactSizeIterator<Item = &'t [u8]>) -> bool {
        if fields.len() != self.fields as usize {
            return false;
        }
        let items = self.items();
        let mut gap = Gap::START;
        for field in fields {
            match items.skip(gap, 1) {
                Some(next) if items.is(gap, &Needle::new(field)) => gap = next,
                _ => return false,
            }
        }
        true
    }

    /// The entries from the first, deleted ones too.
    pub(super) fn forward(&self) -> Forward<'_> {
        Forward { node: self, at: self.start }
    }

    /// The entries from the last, deleted ones too.
    pub(super) fn backward(&self) -> Backward<'_> {
        Backward { node: self, at: self.items().end() }
    }

    /// The entry that begins at a gap.
    fn entry(&self, at: Gap) -> Option<Entry<'_>> {
        let items = self.items();
        let mut gap = at;
        let mut number = || {
            let (item, next) = items.next(gap)?;
            gap = next;
            item.integer()
        };
        let (flags, ms, seq) = (number()?, number()?, number()?);
        let same = flags & SAME_FIELDS != 0;
        let count = if same { self.fields as usize } else { number()? as usize };
        let fields = same.then_some(Gap::START);
        let id = self.first.plus(ms, seq);
        Some(Entry { id, pairs: Pairs { items, fields, values: gap, left: count }, at, flags })
    }

    /// Marks an entry of this node as deleted.
    pub(super) fn mark_deleted(&mut self, at: Gap, flags: i64) {
        // Flags are numbers that their code alone tells: one takes another's place byte by byte.
        let splice = self.items().replace(at, Text::Integer(flags | DELETED));
        let (place, len) = (splice.at, splice.old_len);
        debug_assert_eq!(len, splice.new_len);
        let mut new = [0; 2];
        splice.write(&mut new[..len]);
        self.bytes[place..place + len].copy_from_slice(&new[..len]);
        self.live -= 1;
        self.deleted += 1;
    }

    /// Marks entries from the first on as deleted, as long as `go_on` says so of their IDs and of how many were marked.
    /// Answers how many.
    pub(super) fn delete_while(&mut self, go_on: impl Fn(Id, u64) -> bool) -> u64 {
        let mut marked = 0;
        let mut at = self.start;
        while let Some(entry) = self.entry(at) {
            if !go_on(entry.id, marked) {
                break;
            }
            let (flags, place) = (entry.flags, at);
            at = entry.end();
            if flags & DELETED == 0 {
                let left = at;
                self.mark_deleted(place, flags);
                at = left;
                marked += 1;
            }
        }
        marked
    }

    /// The bytes of memory taken.
    pub(super) fn alloc_size(&self) -> usize {
        structures::blob::class_size(self.bytes.capacity())
    }
}

/// An entry.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// Its ID.
    pub id: Id,
    /// Its fields and values.
    pub pairs: Pairs<'a>,
    /// Where in the node it begins.
    pub(super) at: Gap,
    pub(super) flags: i64,
}

impl Entry<'_> {
    pub(super) fn is_deleted(&self) -> bool {
        self.flags & DELETED != 0
    }

    /// The gap behind it.
    fn end(&self) -> Gap {
        let pairs = &self.pairs;
        let items = if pairs.fields.is_some() { pairs.left } else { 2 * pairs.left };
        pairs.items.skip(pairs.values, items + 1).expect("an entry ends with its count of items")
    }
}

/// The fields and values of an entry, in their order.
#[derive(Clone, Debug)]
pub struct Pairs<'a> {
    items: Items<'a>,
    /// The next field among the node's, if they are the entry's.
    fields: Option<Gap>,
    /// The next value, or the field before it.
    values: Gap,
    left: usize,
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (Text<'a>, Text<'a>);

    #[inline]
    fn next(&mut self) -> Option<(Text<'a>, Text<'a>)> {
        self.left = self.left.checked_sub(1)?;
        let place = self.fields.as_mut().unwrap_or(&mut self.values);
        let (field, behind) = self.items.next(*place)?;
        *place = behind;
        let (value, behind) = self.items.next(self.values)?;
        self.values = behind;
        Some((field, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Pairs<'_> {}

/// The entries of a node from the first.
#[derive(Clone, Debug)]
pub(super) struct Forward<'a> {
    node: &'a Node,
    at: Gap,
}

impl<'a> Iterator for Forward<'a> {
    type Item = Entry<'a>;

    #[inline]
    fn next(&mut self) -> Option<Entry<'a>> {
        let entry = self.node.entry(self.at)?;
        self.at = entry.end();
        Some(entry)
    }
}

/// The entries of a node from the last.
#[derive(Clone, Debug)]
pub(super) struct Backward<'a> {
    node: &'a Node,
    at: Gap,
}

impl<'a> Iterator for Backward<'a> {
    type Item = Entry<'a>;

    #[inline]
    fn next(&mut self) -> Option<Entry<'a>> {
        if self.at == self.node.start {
            return None;
        }
        let items = self.node.items();
        let (count, before) = items.back(self.at)?;
        self.at = items.skip_back(before, count.integer()? as usize)?;
        self.node.entry(self.at)
    }
}
