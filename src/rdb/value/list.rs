//! Lists in snapshots.
//!
//! ```text
//! 18   nodes (length), and for each: 2 and a listpack, or 1 and an item that is too large for one       written
//! 14   nodes (length), and each as a ziplist
//! 10   a ziplist
//!  1   items (length), and each as a string
//! ```
//!
//! The nodes are those of the reference, so that equal lists with equal histories have equal payloads.

use crate::reader::Flaw;
use crate::{DecodeError, Reader, Writer, ziplist};
use base::text::Text;
use keyspace::values::list::End;
use keyspace::values::{List, Rules, Value};
use structures::listpack;

const STRINGS: u8 = 1;
const ZIPLIST: u8 = 10;
const ZIPLISTS: u8 = 14;
const NODES: u8 = 18;

/// What stands before a node: whether it is one item by itself, or a listpack.
const PLAIN: u64 = 1;
const PACKED: u64 = 2;

/// Whether a type's number stands for one of these.
pub(super) fn knows(kind: u8) -> bool {
    matches!(kind, STRINGS | ZIPLIST | ZIPLISTS | NODES)
}

/// Writes the type, the key's name where it stands between, and the value.
pub(super) fn write(out: &mut Writer<'_>, name: Option<&[u8]>, value: &List) {
    out.head(NODES, name);
    let mut cells = value.cells();
    out.length(cells.len() as u64);
    let (mut cell, mut left, mut node) = (None, 0, listpack::Writer::new());
    value.show(0, usize::MAX, End::Tail, |item| {
        if left == 0 {
            cell = cells.next();
            left = cell.map_or(1, |cell| cell.count);
        }
        left -= 1;
        match cell {
            Some(cell) if cell.plain => {
                out.length(PLAIN);
                out.text(item);
                if let Text::Bytes(bytes) = item {
                    out.done_with(bytes);
                }
            }
            _ => {
                node.push(item);
                if left == 0 {
                    out.length(PACKED);
                    out.string(&std::mem::take(&mut node).finish());
                }
            }
        }
    });
}

/// Reads a list that is one string of bytes. Quirk of the reference: such a list remains a quicklist, however small.
pub(super) fn read(input: &mut Reader<'_>, rules: &Rules) -> Result<List, DecodeError> {
    let flaw = input.error(Flaw::Content);
    let mut list = List::quick(rules);
    let bytes = input.bytes()?;
    let items = ziplist::Reader::new(&bytes).and_then(ziplist::Reader::all).map_err(|_| flaw)?;
    items.into_iter().for_each(|item| list.push(End::Tail, item, rules));
    if list.is_empty() { Err(input.error(Flaw::Empty)) } else { Ok(list) }
}

/// A list whose items or nodes come one by one.
pub(crate) struct Growing {
    kind: u8,
    left: u64,
    list: List,
}

impl Growing {
    /// Whether lists of a type do.
    pub(super) fn is(kind: u8) -> bool {
        matches!(kind, STRINGS | ZIPLISTS | NODES)
    }

    pub(super) fn begin(kind: u8, input: &mut Reader<'_>, rules: &Rules) -> Result<Growing, DecodeError> {
        let left = input.length()?;
        if left == 1
            && kind == NODES
            && let Some(list) = read_only_node(input, rules)?
        {
            return Ok(Growing { kind, left: 0, list });
        }
        Ok(Growing { kind, left, list: List::quick(rules) })
    }

    pub(super) fn grow(&mut self, input: &mut Reader<'_>, rules: &Rules) -> Result<(), DecodeError> {
        while self.left > 0 {
            match self.kind {
                STRINGS => self.list.push(End::Tail, Text::of(&input.whole(Reader::bytes)?), rules),
                kind => input.whole(|input| read_node(kind, input, &mut self.list))?,
            }
            self.left -= 1;
        }
        Ok(())
    }

    pub(super) fn finish(mut self, rules: &Rules) -> Option<List> {
        if matches!(self.list, List::Chain(_)) {
            self.list.suit(rules);
        }
        Some(self.list).filter(|list| !list.is_empty())
    }
}

/// Reads the only node of a list, if a list of it stays in one piece; else nothing is read.
fn read_only_node(input: &mut Reader<'_>, rules: &Rules) -> Result<Option<List>, DecodeError> {
    let flaw = input.error(Flaw::Content);
    let mut ahead = input.clone();
    if ahead.length()? != PACKED {
        return Ok(None);
    }
    let bytes = ahead.bytes()?;
    if bytes.len() > SMALL {
        return Ok(None);
    }
    let items = listpack::Reader::new(&bytes).and_then(listpack::Reader::all).map_err(|_| flaw)?;
    let items: Vec<_> = items.into_iter().map(as_kept).collect();
    let list = List::in_one_piece(&items, rules).filter(|list| !list.is_empty());
    if list.is_some() {
        *input = ahead;
    }
    Ok(list)
}

/// An item as lists keep it.
fn as_kept(item: Text<'_>) -> Text<'_> {
    match item {
        Text::Bytes(bytes) => Text::of(bytes),
        number => number,
    }
}

/// No list of more bytes is kept in one piece.
const SMALL: usize = 1024;

fn read_node(kind: u8, input: &mut Reader<'_>, list: &mut List) -> Result<(), DecodeError> {
    let flaw = input.error(Flaw::Content);
    let container = if kind == NODES { input.length()? } else { PACKED };
    let bytes = input.bytes()?;
    match (container, kind) {
        (PLAIN, _) if !bytes.is_empty() => list.append_plain(Text::of(&bytes)),
        (PACKED, ZIPLISTS) => {
            let items = ziplist::Reader::new(&bytes).and_then(ziplist::Reader::all).map_err(|_| flaw)?;
            list.append_node(items.into_iter());
        }
        (PACKED, _) => {
            let items = listpack::Reader::new(&bytes).and_then(listpack::Reader::all).map_err(|_| flaw)?;
            list.append_node(items.into_iter().map(as_kept));
        }
        _ => return Err(flaw),
    }
    Ok(())
}
