//! A node: items in a buffer with room at both ends, so that neither end's pushes and pops move the rest.
//!
//! ```text
//! +- - - - - - +-----------------------+- - - - - - +
//! |    room    |   items, as a pack    |    room    |     a buffer of one of the allocator's classes
//! +- - - - - - +-----------------------+- - - - - - +
//!              ^ start                 ^ end
//! ```
//!
//! A buffer grows by classes up to a limit that is a class itself; beyond that a new node begins. A node that is not at
//! an end may be compressed; then its buffer is what LZF made of the items' bytes.

use super::End;
use base::lzf::{self, Scratch};
use base::text::Text;
use structures::blob::class_size;
use structures::mover::Moving;
use structures::pack::Items;
use structures::pack::items::{EMPTY, Gap, Splice};

/// Shorter nodes are not worth an attempt to compress, and what is won must be more than this.
const COMPRESS_FROM: usize = 48;
const COMPRESS_WINS: usize = 8;

/// How a node is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is.
    Open,
    /// As it is, since it does not compress well.
    Stubborn,
    /// Compressed.
    Compressed,
}

/// Items in a row.
#[derive(Clone, Debug)]
pub(super) struct Node {
    buffer: Box<[u8]>,
    start: u32,
    end: u32,
    count: u32,
    form: Form,
}

/// The bytes that one item takes alone in a node.
pub(super) fn size_alone(item: Text<'_>) -> usize {
    Items::new(&EMPTY).insert(Gap::START, item).new_len
}

impl Node {
    /// A node of no items whose buffer has `capacity` bytes, all of the room being where items will come.
    pub(super) fn new(capacity: usize, growing: End) -> Node {
        let buffer = vec![0; capacity].into_boxed_slice();
        let start = match growing {
            End::Head => capacity as u32 - 1,
            End::Tail => 0,
        };
        Node { buffer, start, end: start + 1, count: 0, form: Form::Open }
    }

    /// A node of these items, in a buffer of their size.
    pub(super) fn of(items: &[u8], count: usize) -> Node {
        let mut node = Node::new(class_size(items.len()), End::Tail);
        node.buffer[..items.len()].copy_from_slice(items);
        (node.end, node.count) = (items.len() as u32, count as u32);
        node
    }

    pub(super) fn len(&self) -> usize {
        self.count as usize
    }

    /// How many bytes the items take.
    #[inline]
    pub(super) fn used(&self) -> usize {
        (self.end - self.start) as usize
    }

    pub(super) fn alloc_size(&self) -> usize {
        class_size(self.buffer.len())
    }

    /// Moves the buffer to a better place.
    pub(super) fn relocate(&mut self, moving: &mut Moving<'_>) {
        moving.slice(&mut self.buffer);
    }

    pub(super) fn form(&self) -> Form {
        self.form
    }

    /// The items, of a node that is not compressed.
    #[inline]
    pub(super) fn items(&self) -> Items<'_> {
        debug_assert_ne!(self.form, Form::Compressed);
        Items::new(&self.buffer[self.start as usize..self.end as usize])
    }

    /// Looks at the items, whatever the node's form.
    #[inline]
    pub(super) fn read<R>(&self, look: impl FnOnce(Items<'_>) -> R) -> R {
        match self.form {
            Form::Compressed => look(Items::new(&self.decompressed())),
            _ => look(self.items()),
        }
    }

    fn decompressed(&self) -> Vec<u8> {
        lzf::decompress(&self.buffer, self.used()).expect("what was compressed here comes back")
    }

    /// Makes a compressed node one that can be changed.
    pub(super) fn open(&mut self) {
        if self.form == Form::Compressed {
            *self = Node::of(&self.decompressed(), self.len());
        }
        self.form = Form::Open;
    }

    /// Compresses the node, if that pays.
    pub(super) fn compress(&mut self, scratch: &mut Scratch) {
        if self.form != Form::Open {
            return;
        }
        self.form = Form::Stubborn;
        let items = self.items().bytes();
        if items.len() < COMPRESS_FROM {
            return;
        }
        let packed = lzf::compress_within(items, items.len(), scratch);
        if let Some(packed) = packed.filter(|packed| packed.len() + COMPRESS_WINS < items.len()) {
            (self.start, self.end) = (0, items.len() as u32);
            self.buffer = packed.into();
            self.form = Form::Compressed;
        }
    }

    /// Adds an item at an end, in a buffer of up to `limit` bytes; answers whether it could.
    #[inline]
    pub(super) fn push(&mut self, end: End, item: Text<'_>, limit: usize) -> bool {
        let items = self.items();
        let gap = match end {
            End::Head => Gap::START,
            End::Tail => items.end(),
        };
        let splice = items.insert(gap, item);
        if !self.make_room(end, splice.new_len - 1, limit) {
            return false;
        }
        self.count += 1;
        match end {
            End::Head => {
                self.start -= splice.new_len as u32 - 1;
                splice.write(&mut self.buffer[self.start as usize..][..splice.new_len]);
            }
            End::Tail => {
                splice.write(&mut self.buffer[self.end as usize - 1..][..splice.new_len]);
                self.end += splice.new_len as u32 - 1;
            }
        }
        true
    }

    /// Makes room for so many bytes at an end, in a buffer of up to `limit` bytes. Moves what is there only when that
    /// wins more room than is moved.
    #[inline]
    fn make_room(&mut self, end: End, more: usize, limit: usize) -> bool {
        let room = match end {
            End::Head => self.start as usize,
            End::Tail => self.buffer.len() - self.end as usize,
        };
        room >= more || self.make_room_slowly(end, more, limit)
    }

    #[cold]
    fn make_room_slowly(&mut self, end: End, more: usize, limit: usize) -> bool {
        let used = self.used();
        let room = self.buffer.len() - used;
        if room >= used.max(more) {
            self.rehouse(self.buffer.len(), end);
        } else if used + more <= limit && self.buffer.len() < limit {
            self.rehouse(class_size((used + more).max(used + used / 4)).min(limit), end);
        } else {
            return false;
        }
        true
    }

    /// Moves the items to a buffer of so many bytes, with all the room at one end.
    fn rehouse(&mut self, capacity: usize, growing: End) {
        let (used, old) = (self.used(), self.start as usize);
        let start = match growing {
            End::Head => capacity - used,
            End::Tail => 0,
        };
        if capacity == self.buffer.len() {
            self.buffer.copy_within(old..old + used, start);
        } else {
            let mut buffer = vec![0; capacity].into_boxed_slice();
            buffer[start..start + used].copy_from_slice(&self.buffer[old..old + used]);
            self.buffer = buffer;
        }
        (self.start, self.end) = (start as u32, (start + used) as u32);
    }

    /// Gives up what room there is, for a node that will not be pushed to.
    pub(super) fn trim(&mut self) {
        let capacity = class_size(self.used());
        if capacity < self.buffer.len() {
            self.rehouse(capacity, End::Tail);
        }
    }

    /// Gives up most of the room, where it is three quarters of the buffer.
    pub(super) fn shrink(&mut self) {
        let capacity = class_size(2 * self.used());
        if self.form != Form::Compressed && 2 * capacity <= self.buffer.len() {
            self.rehouse(capacity, End::Tail);
        }
    }

    /// Takes the item at an end out.
    #[inline]
    pub(super) fn pop(&mut self, end: End) {
        let items = self.items();
        let gap = match end {
            End::Head => Gap::START,
            End::Tail => items.back(items.end()).map_or(Gap::START, |(_, gap)| gap),
        };
        self.remove(gap, 1);
    }

    /// Takes items to the right of a gap out.
    pub(super) fn remove(&mut self, gap: Gap, count: usize) {
        let splice = self.items().remove(gap, count);
        self.apply(&splice);
        self.count -= count as u32;
    }

    /// Takes those items out that stand at these places, which are in order.
    pub(super) fn remove_each(&mut self, offsets: &[usize]) {
        if let [offset] = offsets {
            let gap = self.items().gap_of(*offset, self.len()).unwrap_or(Gap::START);
            return self.remove(gap, 1);
        }
        let mut rest = Node::new(self.buffer.len(), End::Tail);
        let mut gone = offsets.iter().peekable();
        for (offset, item) in self.items().iter().enumerate() {
            if gone.next_if_eq(&&offset).is_none() {
                rest.push(End::Tail, item, usize::MAX);
            }
        }
        *self = rest;
    }

    /// Puts an item into a gap, in a buffer of up to `limit` bytes; answers whether it could.
    pub(super) fn insert(&mut self, gap: Gap, item: Text<'_>, limit: usize) -> bool {
        let splice = self.items().insert(gap, item);
        let fits = self.splice(&splice, limit);
        self.count += u32::from(fits);
        fits
    }

    /// Puts an item in the place of the one to the right of a gap, in a buffer of up to `limit` bytes; answers whether it
    /// could.
    pub(super) fn replace(&mut self, gap: Gap, item: Text<'_>, limit: usize) -> bool {
        let splice = self.items().replace(gap, item);
        self.splice(&splice, limit)
    }

    fn splice(&mut self, splice: &Splice<'_>, limit: usize) -> bool {
        let used = self.used() + splice.new_len - splice.old_len;
        if used > self.buffer.len() {
            if used > limit {
                return false;
            }
            self.rehouse(class_size(used).min(limit), End::Tail);
        }
        self.apply(splice);
        true
    }

    /// Does a splice for which there is room in all, moving the shorter side if there is room for it.
    fn apply(&mut self, splice: &Splice<'_>) {
        let (start, end) = (self.start as usize, self.end as usize);
        let (at, behind) = (start + splice.at, start + splice.at + splice.old_len);
        let fits_left = start + splice.old_len >= splice.new_len;
        let fits_right = end + splice.new_len - splice.old_len <= self.buffer.len();
        let at = if fits_left && (splice.at < end - behind || !fits_right) {
            let new_start = start + splice.old_len - splice.new_len;
            self.buffer.copy_within(start..at, new_start);
            self.start = new_start as u32;
            new_start + splice.at
        } else if fits_right {
            self.buffer.copy_within(behind..end, at + splice.new_len);
            self.end = (end + splice.new_len - splice.old_len) as u32;
            at
        } else {
            // Neither side has room enough alone.
            self.rehouse(self.buffer.len(), End::Tail);
            return self.apply(splice);
        };
        splice.write(&mut self.buffer[at..at + splice.new_len]);
    }

    /// Cuts the node in two, the second of which has what lies to the right of a gap behind `kept` items.
    pub(super) fn split(&mut self, gap: Gap, kept: usize) -> Node {
        let mut rest = self.clone();
        rest.remove(Gap::START, kept);
        rest.trim();
        let gone = self.len() - kept;
        self.remove(gap, gone);
        self.trim();
        rest
    }

    /// Takes over the items of the next node, for which there is room within a buffer of `limit` bytes.
    pub(super) fn take_over(&mut self, next: &Node, limit: usize) {
        let used = (self.used() + next.used() - 1).min(limit);
        self.rehouse(class_size(used), End::Tail);
        for item in next.items().iter() {
            self.push(End::Tail, item, usize::MAX);
        }
    }

    pub(super) fn check_invariants(&self) {
        assert!(self.count > 0, "a node has items");
        self.read(|items| {
            assert_eq!(items.iter().count(), self.len());
            assert_eq!(items.iter_back().count(), self.len());
        });
        if self.form != Form::Compressed {
            assert!(self.end as usize <= self.buffer.len());
            assert_eq!(class_size(self.buffer.len()), self.buffer.len(), "a buffer is of a class");
        }
    }
}
