//! Nodes as listpacks, the form in which snapshots and other servers have them.
//!
//! ```text
//! | live | deleted | count of fields | field ... | 0 | entry ... |       entries as in `node.rs`
//! ```

use super::id::Id;
use super::node::{DELETED, HEAD, Node, SAME_FIELDS};
use base::text::Text;
use structures::listpack::{Broken, Reader, Writer};

impl Node {
    /// The listpack of this node.
    pub fn to_listpack(&self) -> Vec<u8> {
        let mut out = Writer::new();
        for number in [self.live, self.deleted, self.fields] {
            out.push(Text::Integer(number.into()));
        }
        let mut items = self.items().iter();
        items.by_ref().take(self.fields as usize).for_each(|field| out.push(field));
        out.push(Text::Integer(0));
        items.for_each(|item| out.push(item));
        debug_assert_eq!(out.byte_len(), self.listpack_len());
        out.finish()
    }

    /// The node of a listpack that nobody vouches for. All of it is checked.
    pub fn from_listpack(first: Id, bytes: &[u8]) -> Result<Node, Broken> {
        let mut input = Items(Reader::new(bytes)?);
        let (live, deleted) = (input.count()?, input.count()?);
        let fields = input.count()?;
        let mut node = Node::new(first, std::iter::empty(), bytes.len());
        for _ in 0..fields {
            let field = input.item()?;
            node.push(field);
        }
        node.fields = fields;
        // The count of fields was taken to be 0 so far.
        node.listed += structures::listpack::size_of(Text::Integer(fields.into()))
            - structures::listpack::size_of(Text::Integer(0));
        node.start = node.items().end();
        if input.number()? != 0 {
            return Err(Broken);
        }
        while let Some(flags) = input.0.next().transpose()? {
            let flags = flags.integer().filter(|flags| (0..4).contains(flags)).ok_or(Broken)?;
            input.copy_entry(flags, &mut node)?;
        }
        node.bytes.shrink_to_fit();
        if (node.live, node.deleted) == (live, deleted) { Ok(node) } else { Err(Broken) }
    }
}

/// The items of a listpack, each of which must be there.
struct Items<'a>(Reader<'a>);

impl<'a> Items<'a> {
    fn item(&mut self) -> Result<Text<'a>, Broken> {
        self.0.next().ok_or(Broken)?
    }

    fn number(&mut self) -> Result<i64, Broken> {
        self.item()?.integer().ok_or(Broken)
    }

    fn count(&mut self) -> Result<u32, Broken> {
        u32::try_from(self.number()?).map_err(|_| Broken)
    }

    fn copy(&mut self, count: u64, node: &mut Node) -> Result<(), Broken> {
        for _ in 0..count {
            let item = self.item()?;
            // Numbers may come written as strings.
            node.push(item.integer().map_or(item, Text::Integer));
        }
        Ok(())
    }

    /// Moves an entry over whose flags have been read.
    fn copy_entry(&mut self, flags: i64, node: &mut Node) -> Result<(), Broken> {
        node.push(Text::Integer(flags));
        for _ in 1..HEAD {
            node.push(Text::Integer(self.number()?));
        }
        let mut items = HEAD as u64;
        if flags & SAME_FIELDS != 0 {
            self.copy(node.fields.into(), node)?;
            items += u64::from(node.fields);
        } else {
            let count = self.count()?;
            node.push(Text::Integer(count.into()));
            self.copy(2 * u64::from(count), node)?;
            items += 1 + 2 * u64::from(count);
        }
        if self.number()? as u64 != items {
            return Err(Broken);
        }
        node.push(Text::Integer(items as i64));
        let counter = if flags & DELETED != 0 { &mut node.deleted } else { &mut node.live };
        *counter += 1;
        Ok(())
    }
}
