//! A pack that owns its bytes.
//!
//! ```text
//! +-----------+-----------+- - - - - - - - - -+
//! | bytes u32 | items u32 | items, as `items` |     one allocation, of the allocator's class for its size
//! +-----------+-----------+- - - - - - - - - -+
//! ```
//!
//! # Safety
//! 1. The pointer is unique; it points to an allocation of `class_size(HEADER + bytes)`, aligned to 8.
//! 2. The header is initialised, and so are the `bytes` behind it.

use super::code::{END, Encoded};
use super::items::{EMPTY, Gap, Items, Needle, Splice};
use crate::blob::class_size;
use crate::mover::Moving;
use base::text::Text;
use std::alloc::{Layout, alloc, alloc_zeroed, dealloc, handle_alloc_error, realloc};
use std::ptr::NonNull;

const HEADER: usize = 8;

/// Items in one allocation, behind a thin pointer. It holds less than 4 GB: callers keep packs small.
pub struct Pack(NonNull<u8>);

// SAFETY: a pack owns plain bytes.
unsafe impl Send for Pack {}
// SAFETY: as above; a shared pack is only read.
unsafe impl Sync for Pack {}

impl Pack {
    /// A pack of no items.
    pub fn new() -> Pack {
        Pack::from_parts(&EMPTY, 0)
    }

    /// A pack of these items, in one allocation of just their size.
    pub fn of<'t>(items: impl Iterator<Item = Text<'t>> + Clone) -> Pack {
        let (mut bytes, mut count) = (EMPTY.len(), 0u32);
        for item in items.clone() {
            bytes += Encoded::new(item).len() + 1;
            count = count.checked_add(1).expect("items are counted in 32 bits");
        }
        let len = u32::try_from(bytes).expect("a pack is smaller than 4 GB");
        let layout = layout(bytes);
        // SAFETY: the layout is not empty, as it has room for a header.
        let Some(start) = NonNull::new(unsafe { alloc_zeroed(layout) }) else { handle_alloc_error(layout) };
        // SAFETY: the allocation has room for the header and the bytes, which are initialised: they are zero.
        let out = unsafe {
            start.cast::<[u32; 2]>().write([len, count]);
            std::slice::from_raw_parts_mut(start.as_ptr().add(HEADER), bytes)
        };
        let (mut at, mut left) = (0, END);
        for item in items.map(Encoded::new) {
            out[at] = left ^ item.code;
            let end = at + 1 + item.len();
            item.write(&mut out[at + 1..end]);
            (at, left) = (end, item.code);
        }
        out[at] = left ^ END;
        Pack(start)
    }

    fn from_parts(bytes: &[u8], items: u32) -> Pack {
        let len = u32::try_from(bytes.len()).expect("a pack is smaller than 4 GB");
        let layout = layout(bytes.len());
        // SAFETY: the layout is not empty, as it has room for a header.
        let Some(start) = NonNull::new(unsafe { alloc(layout) }) else { handle_alloc_error(layout) };
        // SAFETY: the allocation has room for the header and the bytes.
        unsafe {
            start.cast::<[u32; 2]>().write([len, items]);
            start.as_ptr().add(HEADER).copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        }
        Pack(start)
    }

    /// How many items there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.header()[1] as usize
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes the items take.
    #[inline]
    pub fn byte_len(&self) -> usize {
        self.header()[0] as usize
    }

    /// The bytes of memory taken, as the allocator rounds them.
    pub fn alloc_size(&self) -> usize {
        class_size(HEADER + self.byte_len())
    }

    /// The items.
    #[inline]
    pub fn items(&self) -> Items<'_> {
        // SAFETY: (2); nobody writes while `self` is borrowed.
        Items::new(unsafe { std::slice::from_raw_parts(self.0.as_ptr().add(HEADER), self.byte_len()) })
    }

    /// The gap before the first item that is the needle, looking at one item in `step`.
    #[inline]
    pub fn find(&self, needle: &Needle<'_>, step: usize) -> Option<Gap> {
        self.items().find(Gap::START, needle, step).map(|(gap, _)| gap)
    }

    /// The gap before item `index`, which is there, or behind the last.
    pub fn gap(&self, index: usize) -> Gap {
        self.items().gap_of(index, self.len()).expect("there are so many items")
    }

    /// Item `index`, if there are so many.
    pub fn get(&self, index: usize) -> Option<Text<'_>> {
        let gap = self.items().gap_of(index, self.len()).filter(|_| index < self.len())?;
        self.items().next(gap).map(|(item, _)| item)
    }

    /// Adds an item behind the last.
    #[inline]
    pub fn push(&mut self, text: Text<'_>) {
        self.insert(self.items().end(), text);
    }

    /// Puts an item into a gap; the gap then lies before it.
    #[inline]
    pub fn insert(&mut self, gap: Gap, text: Text<'_>) {
        let splice = self.items().insert(gap, text);
        self.apply(&splice, 1);
    }

    /// Puts an item in the place of the one to the right of a gap.
    #[inline]
    pub fn replace(&mut self, gap: Gap, text: Text<'_>) {
        let splice = self.items().replace(gap, text);
        self.apply(&splice, 0);
    }

    /// Takes `count` items to the right of a gap out, which are there.
    #[inline]
    pub fn remove(&mut self, gap: Gap, count: usize) {
        let splice = self.items().remove(gap, count);
        self.apply(&splice, -(count as i64));
    }

    fn apply(&mut self, splice: &Splice<'_>, items: i64) {
        let [old, count] = self.header();
        let old = old as usize;
        let new = old - splice.old_len + splice.new_len;
        if new > old {
            self.resize(old, new);
        }
        // SAFETY: the allocation holds `max(old, new)` bytes behind the header; the tail is moved within them, and the
        // splice then writes exactly the bytes between its start and the tail.
        unsafe {
            let start = self.0.as_ptr().add(HEADER + splice.at);
            let tail = old - splice.at - splice.old_len;
            start.add(splice.new_len).copy_from(start.add(splice.old_len), tail);
            splice.write(std::slice::from_raw_parts_mut(start, splice.new_len));
        }
        if new < old {
            self.resize(old, new);
        }
        let items = u32::try_from(i64::from(count) + items).expect("items are counted in 32 bits");
        let new = u32::try_from(new).expect("a pack is smaller than 4 GB");
        // SAFETY: (1): the header is the start of the allocation.
        unsafe { self.0.cast::<[u32; 2]>().write([new, items]) };
    }

    /// Makes room for `new` bytes where there was room for `old`.
    fn resize(&mut self, old: usize, new: usize) {
        let (old, new) = (layout(old), layout(new));
        if old == new {
            return;
        }
        // SAFETY: (1): the allocation has the old layout; the new size is not zero and was checked by `layout`.
        let start = unsafe { realloc(self.0.as_ptr(), old, new.size()) };
        self.0 = NonNull::new(start).unwrap_or_else(|| handle_alloc_error(new));
    }

    #[inline]
    fn header(&self) -> [u32; 2] {
        // SAFETY: (2).
        unsafe { self.0.cast::<[u32; 2]>().read() }
    }

    /// Moves the pack to a better place.
    pub fn relocate(&mut self, moving: &mut Moving<'_>) {
        // SAFETY: (1).
        self.0 = unsafe { moving.shift(self.0, layout(self.byte_len())) };
    }

    /// The address, to be kept where eight bytes are at hand; [`Pack::from_raw`] takes it back. A multiple of 8.
    #[inline]
    pub fn into_raw(self) -> NonNull<u8> {
        std::mem::ManuallyDrop::new(self).0
    }

    /// The pack that [`Pack::into_raw`] made an address of.
    ///
    /// # Safety
    /// The address came from `into_raw`, and each such address is given back at most once.
    #[inline]
    pub unsafe fn from_raw(address: NonNull<u8>) -> Pack {
        Pack(address)
    }
}

impl Default for Pack {
    fn default() -> Pack {
        Pack::new()
    }
}

impl Clone for Pack {
    fn clone(&self) -> Pack {
        Pack::from_parts(self.items().bytes(), self.header()[1])
    }
}

impl std::fmt::Debug for Pack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.items().iter()).finish()
    }
}

impl Drop for Pack {
    fn drop(&mut self) {
        // SAFETY: (1).
        unsafe { dealloc(self.0.as_ptr(), layout(self.byte_len())) };
    }
}

/// The layout of a pack of so many bytes.
fn layout(bytes: usize) -> Layout {
    Layout::from_size_align(class_size(HEADER + bytes), 8)
        .expect("a pack is far smaller than the address space")
}
