//! The bytes of a record: where its parts stand, and how they are read and written.
//!
//! ```text
//!  0          4                12                 20        21       22
//! +----------+- - - - - - - - +- - - - - - - - - +---------+- - - - +---------+- - - - - -+
//! | header   | expiry         | payload          | key len | val len| key     | value     |
//! | u32      | i64, if F_TTL  | 8, if not inline | u8/u32  | u8/u32 | bytes   | if inline |
//! +----------+- - - - - - - - +- - - - - - - - - +---------+- - - - +---------+- - - - - -+
//!
//! header:  bits 0..3  form of the value: INLINE, INTEGER, BLOB, or the type of what the payload leads to
//!          bit  3     F_TTL       an expiry follows the header
//!          bit  4     F_WIDE_KEY  the key's length takes four bytes instead of one
//!          bit  5     F_WIDE_VAL  the inline value's length takes four bytes instead of one
//!          bit  6     F_RAW       a string whose encoding is called "raw" whatever its size, since it has been edited
//!          bit  7     F_FIELDS    a hash some of whose fields expire
//!          bits 8..32 access clock, 24 bits, as `clock` reads them
//! ```
//!
//! Fields are not aligned; they are read and written as unaligned words. Numbers are in the machine's own order, since a
//! record never leaves memory. What is unsafe rests on the list at the head of `record`.

use super::Record;
use std::alloc::{Layout, alloc, handle_alloc_error};
use std::ptr::NonNull;
use structures::blob::class_size;

pub(super) const FORM: u32 = 0b111;
pub(super) const F_TTL: u32 = 1 << 3;
pub(super) const F_WIDE_KEY: u32 = 1 << 4;
pub(super) const F_WIDE_VAL: u32 = 1 << 5;
pub(super) const F_RAW: u32 = 1 << 6;
pub(super) const F_FIELDS: u32 = 1 << 7;
pub(super) const ACCESS_SHIFT: u32 = 8;

pub(super) const INLINE: u32 = 0;
pub(super) const INTEGER: u32 = 1;
pub(super) const BLOB: u32 = 2;

/// Which parts a record has and where they start.
pub(super) struct Shape {
    pub(super) key: usize,
    pub(super) key_len: usize,
    pub(super) value: usize,
    pub(super) value_len: usize,
}

impl Record {
    /// A record of these parts. Its value is `value` if the header says that it is inline, else what `payload` is or leads to.
    pub(super) fn build(header: u32, key: &[u8], expiry: Option<i64>, payload: u64, value: &[u8]) -> Record {
        let size = size_of(header, key.len(), value.len());
        let layout = layout_of(size);
        // SAFETY: every record is at least five bytes, so the layout is not empty.
        let Some(pointer) = NonNull::new(unsafe { alloc(layout) }) else { handle_alloc_error(layout) };
        let mut at = pointer.as_ptr();
        // SAFETY: the parts written are exactly those that `size_of` counted, in the order of the drawing above, so
        // every write stays within the allocation.
        unsafe {
            put(&mut at, header);
            if let Some(when) = expiry {
                put(&mut at, when);
            }
            if header & FORM != INLINE {
                put(&mut at, payload);
            }
            put_length(&mut at, key.len(), header & F_WIDE_KEY != 0);
            if header & FORM == INLINE {
                put_length(&mut at, value.len(), header & F_WIDE_VAL != 0);
            }
            std::ptr::copy_nonoverlapping(key.as_ptr(), at, key.len());
            if !value.is_empty() {
                std::ptr::copy_nonoverlapping(value.as_ptr(), at.add(key.len()), value.len());
            }
        }
        Record(pointer)
    }

    /// The allocation that it lies in.
    pub(super) fn layout(&self) -> Layout {
        let shape = self.shape();
        layout_of(shape.value + shape.value_len)
    }

    #[inline]
    pub(super) fn header(&self) -> u32 {
        // SAFETY: (2): the header is the first four bytes.
        unsafe { self.0.cast::<u32>().read_unaligned() }
    }

    #[inline]
    pub(super) fn set_header(&mut self, header: u32) {
        // SAFETY: (1): four bytes at the start of our own allocation.
        unsafe { self.0.cast::<u32>().write_unaligned(header) }
    }

    /// The expiry or the payload.
    #[inline]
    pub(super) fn word(&self, at: usize) -> u64 {
        // SAFETY: callers pass the place of the expiry or of the payload, which the header says is there (2).
        unsafe { self.0.add(at).cast::<u64>().read_unaligned() }
    }

    #[inline]
    pub(super) fn set_word(&mut self, at: usize, value: u64) {
        // SAFETY: as for `word`; `&mut self` makes it exclusive.
        unsafe { self.0.add(at).cast::<u64>().write_unaligned(value) }
    }

    #[inline]
    pub(super) fn payload_at(&self) -> usize {
        // An expiry takes eight bytes, and F_TTL is 8.
        4 + (self.header() & F_TTL) as usize
    }

    #[inline]
    pub(super) fn payload(&self) -> u64 {
        self.word(self.payload_at())
    }

    /// The key or an inline value.
    #[inline]
    pub(super) fn slice(&self, start: usize, len: usize) -> &[u8] {
        // SAFETY: (1) and (2): callers pass a part that `shape` read from the header and the lengths.
        unsafe { std::slice::from_raw_parts(self.0.as_ptr().add(start), len) }
    }

    /// Finds the parts. A record that holds no inline value has an empty one at its end.
    #[inline]
    pub(super) fn shape(&self) -> Shape {
        let header = self.header();
        let inline = header & FORM == INLINE;
        let mut at = self.payload_at() + if inline { 0 } else { 8 };
        let key_len = self.length(&mut at, header & F_WIDE_KEY != 0);
        let value_len = if inline { self.length(&mut at, header & F_WIDE_VAL != 0) } else { 0 };
        Shape { key: at, key_len, value: at + key_len, value_len }
    }

    /// The length that stands at `at`, which is moved behind it.
    #[inline]
    fn length(&self, at: &mut usize, wide: bool) -> usize {
        // SAFETY: (2): the flags say how wide the length at this place is.
        unsafe {
            let place = self.0.add(*at);
            if wide {
                *at += 4;
                place.cast::<u32>().read_unaligned() as usize
            } else {
                *at += 1;
                usize::from(place.read())
            }
        }
    }
}

/// The bytes of a record of these flags and lengths.
fn size_of(header: u32, key: usize, value: usize) -> usize {
    let ttl = if header & F_TTL != 0 { 8 } else { 0 };
    let key_len = if header & F_WIDE_KEY != 0 { 4 } else { 1 };
    let rest = match header & FORM {
        INLINE if header & F_WIDE_VAL != 0 => 4 + value,
        INLINE => 1 + value,
        _ => 8,
    };
    4 + ttl + key_len + key + rest
}

/// The same, of a record whose value is inline.
pub(super) fn size_of_inline(header: u32, key: usize, value: usize) -> usize {
    size_of((header & !FORM) | INLINE, key, value)
}

/// Writes a number and steps behind it.
///
/// # Safety
/// There is room for it at `at`.
#[inline(always)]
unsafe fn put<T: Copy>(at: &mut *mut u8, value: T) {
    // SAFETY: as the caller promises.
    unsafe {
        at.cast::<T>().write_unaligned(value);
        *at = at.cast::<T>().add(1).cast();
    }
}

/// Writes a length, in four bytes if `wide`, else in one, and steps behind it.
///
/// # Safety
/// There is room for it at `at`.
#[inline(always)]
unsafe fn put_length(at: &mut *mut u8, len: usize, wide: bool) {
    // SAFETY: as the caller promises.
    unsafe { if wide { put(at, len as u32) } else { put(at, len as u8) } }
}

/// The layout of a record of `size` bytes: rounded up to the allocator's classes, so that a value can grow within one.
pub(super) fn layout_of(size: usize) -> Layout {
    Layout::from_size_align(class_size(size), 8).expect("a record is far smaller than the address space")
}
