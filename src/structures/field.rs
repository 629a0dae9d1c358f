//! The field record: one allocation that holds a field of a big hash: its name, its value, and when it expires.
//!
//! ```text
//!  0       1          2           3
//! +-------+----------+-----------+- - - - - - - -+- - - - - - -+----------+- - - - - - -+
//! | flags | name len | value len | expiry        | blob        | name     | value       |
//! | u8    | u8/u32   | u8/u32    | i64, if F_TTL | 8, if F_BLOB| bytes    | unless blob |
//! +-------+----------+-----------+- - - - - - - -+- - - - - - -+----------+- - - - - - -+
//!
//! flags:  bit 0  F_TTL   an expiry follows the lengths
//!         bit 1  F_WIDE  the lengths take four bytes each instead of one
//!         bit 2  F_BLOB  the value is a blob of its own, the length of which counts as zero here
//! ```
//!
//! A 16-byte name with a 16-byte value is 35 bytes and takes a 40-byte allocation; with an expiry, 43 and 48. Parts are
//! not aligned. A value of a kilobyte and more is a blob, so that a reply can refer to it while the field changes.
//!
//! # Safety
//! From `build` to `drop`:
//! 1. the pointer is unique and points to an allocation of `class_size(self.size())` bytes;
//! 2. flags and lengths describe what lies behind them, and were written before any reader;
//! 3. the payload of a record with F_BLOB owns one reference of a `Blob`.

use crate::blob::{Blob, class_size};
use crate::hashtable::Entry;
use crate::mover::Moving;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

const F_TTL: u8 = 1;
const F_WIDE: u8 = 1 << 1;
const F_BLOB: u8 = 1 << 2;

/// Values from here on are blobs.
const BLOB_FROM: usize = 1024;

/// A field of a hash.
pub struct Field(NonNull<u8>);

// SAFETY: a field owns what it points to, and `Blob` is Send and Sync.
unsafe impl Send for Field {}
// SAFETY: as above; a shared field is only read.
unsafe impl Sync for Field {}

/// A value on its way into a field.
#[derive(Debug)]
pub enum NewValue<'a> {
    /// Bytes to be copied.
    Bytes(&'a [u8]),
    /// Bytes that are already where they may stay.
    Blob(Blob),
}

impl NewValue<'_> {
    /// The bytes.
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        match self {
            NewValue::Bytes(bytes) => bytes,
            NewValue::Blob(blob) => blob.as_slice(),
        }
    }
}

/// Where the parts of a record are.
struct Shape {
    /// Of the expiry, if there is one.
    fixed: usize,
    name: usize,
    name_len: usize,
    value_len: usize,
}

impl Field {
    /// A field of this name and value.
    #[inline]
    pub fn new(name: &[u8], value: NewValue<'_>, expiry: Option<i64>) -> Field {
        let flags = if expiry.is_some() { F_TTL } else { 0 };
        match value {
            NewValue::Bytes(bytes) if bytes.len() < BLOB_FROM => Field::build(flags, name, bytes, expiry, 0),
            NewValue::Blob(blob) if blob.len() < BLOB_FROM => {
                Field::build(flags, name, blob.as_slice(), expiry, 0)
            }
            NewValue::Bytes(bytes) => Field::new(name, NewValue::Blob(Blob::from_slice(bytes)), expiry),
            NewValue::Blob(blob) => {
                Field::build(flags | F_BLOB, name, &[], expiry, blob.into_raw().as_ptr() as u64)
            }
        }
    }

    #[inline]
    fn build(mut flags: u8, name: &[u8], value: &[u8], expiry: Option<i64>, blob: u64) -> Field {
        let narrow = usize::from(u8::MAX);
        if name.len() > narrow || value.len() > narrow {
            flags |= F_WIDE;
        }
        let layout = layout(size_of_parts(flags, name.len(), value.len()));
        // SAFETY: every record has three bytes at least, so the layout is not empty.
        let Some(start) = NonNull::new(unsafe { alloc(layout) }) else { handle_alloc_error(layout) };
        let mut at = start.as_ptr();
        // SAFETY: the parts written are those that `size_of_parts` counted, in the order of the drawing above, so every
        // write stays within the allocation.
        unsafe {
            let mut put = |bytes: &[u8]| {
                at.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
                at = at.add(bytes.len());
            };
            if flags & F_WIDE == 0 {
                put(&[flags, name.len() as u8, value.len() as u8]);
            } else {
                put(&[flags]);
                put(&(name.len() as u32).to_ne_bytes());
                put(&(value.len() as u32).to_ne_bytes());
            }
            if let Some(when) = expiry {
                put(&when.to_ne_bytes());
            }
            if flags & F_BLOB != 0 {
                put(&blob.to_ne_bytes());
            }
            put(name);
            put(value);
        }
        Field(start)
    }

    /// The name.
    #[inline]
    pub fn name(&self) -> &[u8] {
        let shape = self.shape();
        self.slice(shape.name, shape.name_len)
    }

    /// The value.
    #[inline]
    pub fn value(&self) -> &[u8] {
        if self.flags() & F_BLOB != 0 {
            // SAFETY: (3): the record keeps its reference, so the bytes live and stay as long as `&self` does.
            return unsafe { Blob::slice_from_raw(self.raw_blob()) };
        }
        let shape = self.shape();
        self.slice(shape.name + shape.name_len, shape.value_len)
    }

    /// Another reference to the blob that holds the value, when one does and it can have more.
    pub fn share(&self) -> Option<Blob> {
        if self.flags() & F_BLOB == 0 {
            return None;
        }
        // SAFETY: (3): the payload is a raw blob; ManuallyDrop leaves its reference with the record.
        ManuallyDrop::new(unsafe { Blob::from_raw(self.raw_blob()) }).try_clone()
    }

    /// When the field expires, in Unix milliseconds.
    #[inline]
    pub fn expiry(&self) -> Option<i64> {
        (self.flags() & F_TTL != 0).then(|| self.word(self.shape().fixed) as i64)
    }

    /// Gives the field another value and another expiry: in place where both fit the record as it is.
    #[inline]
    pub fn set(&mut self, value: NewValue<'_>, expiry: Option<i64>) {
        if let NewValue::Bytes(bytes) = value
            && self.overwrite(bytes, expiry)
        {
            return;
        }
        let field = Field::new(self.name(), value, expiry);
        *self = field;
    }

    /// Gives the field another expiry, or none.
    pub fn set_expiry(&mut self, expiry: Option<i64>) {
        let flags = self.flags();
        match expiry {
            Some(when) if flags & F_TTL != 0 => {
                let at = self.shape().fixed;
                // SAFETY: (1) and (2): F_TTL says that eight bytes of expiry stand there; `&mut self` is exclusive.
                unsafe { self.0.add(at).cast::<u64>().write_unaligned(when as u64) };
            }
            None if flags & F_TTL == 0 => {}
            _ => {
                let shape = self.shape();
                let name = self.slice(shape.name, shape.name_len);
                let value = self.slice(shape.name + shape.name_len, shape.value_len);
                let blob = if flags & F_BLOB != 0 { self.raw_blob().as_ptr() as u64 } else { 0 };
                let ttl = if expiry.is_some() { F_TTL } else { 0 };
                let field = Field::build((flags & F_BLOB) | ttl, name, value, expiry, blob);
                let old = ManuallyDrop::new(std::mem::replace(self, field));
                // SAFETY: (1). The blob, if there is one, now belongs to the new record.
                unsafe { dealloc(old.0.as_ptr(), old.layout()) };
            }
        }
    }

    /// Overwrites value and expiry where they take as much room as those before. Answers whether they do.
    #[inline]
    fn overwrite(&mut self, value: &[u8], expiry: Option<i64>) -> bool {
        let flags = self.flags();
        let shape = self.shape();
        let at = shape.name + shape.name_len;
        if flags & F_BLOB != 0
            || expiry.is_some() != (flags & F_TTL != 0)
            || value.len() >= BLOB_FROM
            || (flags & F_WIDE == 0 && value.len() > usize::from(u8::MAX))
            || class_size(at + value.len()) != class_size(at + shape.value_len)
        {
            return false;
        }
        // SAFETY: (1): both sizes are of one class, so the new value ends within the allocation; the length and the expiry
        // stand where F_WIDE and F_TTL say (2).
        unsafe {
            let start = self.0.as_ptr();
            if flags & F_WIDE == 0 {
                *start.add(2) = value.len() as u8;
            } else {
                start.add(5).cast::<u32>().write_unaligned(value.len() as u32);
            }
            if let Some(when) = expiry {
                start.add(shape.fixed).cast::<u64>().write_unaligned(when as u64);
            }
            start.add(at).copy_from_nonoverlapping(value.as_ptr(), value.len());
        }
        true
    }

    /// Moves the field, and its value if that is a blob of its own, to better places.
    pub fn relocate(&mut self, moving: &mut Moving<'_>) {
        if self.flags() & F_BLOB != 0 {
            // SAFETY: (3): the reference is taken out, and that of the same blob, wherever it is then, put back.
            let mut blob = unsafe { Blob::from_raw(self.raw_blob()) };
            blob.relocate(moving);
            let (at, address) = (self.shape().name - 8, blob.into_raw().as_ptr() as u64);
            // SAFETY: (2): F_BLOB says that eight bytes stand there.
            unsafe { self.0.add(at).cast::<u64>().write_unaligned(address) };
        }
        // SAFETY: (1).
        self.0 = unsafe { moving.shift(self.0, self.layout()) };
    }

    /// The bytes of memory taken, as the allocator rounds them.
    pub fn alloc_size(&self) -> usize {
        let blob = if self.flags() & F_BLOB == 0 {
            0
        } else {
            // SAFETY: (3): as for `share`.
            ManuallyDrop::new(unsafe { Blob::from_raw(self.raw_blob()) }).alloc_size()
        };
        self.layout().size() + blob
    }

    #[inline]
    fn flags(&self) -> u8 {
        // SAFETY: (2): the flags are the first byte.
        unsafe { self.0.read() }
    }

    #[inline]
    fn shape(&self) -> Shape {
        let flags = self.flags();
        // SAFETY: (2): the flags say how wide the lengths are, which follow them.
        let (lengths, name_len, value_len) = unsafe {
            if flags & F_WIDE == 0 {
                (3, usize::from(self.0.add(1).read()), usize::from(self.0.add(2).read()))
            } else {
                let wide = |at| self.0.add(at).cast::<u32>().read_unaligned() as usize;
                (9, wide(1), wide(5))
            }
        };
        Shape { fixed: lengths, name: lengths + fixed_len(flags), name_len, value_len }
    }

    #[inline]
    fn word(&self, at: usize) -> u64 {
        // SAFETY: callers pass the place of the expiry or of the blob, which the flags say is there (2).
        unsafe { self.0.add(at).cast::<u64>().read_unaligned() }
    }

    fn raw_blob(&self) -> NonNull<u8> {
        let address = self.word(self.shape().name - 8);
        NonNull::new(address as *mut u8).expect("the address of a blob is never null")
    }

    #[inline]
    fn slice(&self, at: usize, len: usize) -> &[u8] {
        // SAFETY: (1) and (2): callers pass a part that `shape` read.
        unsafe { std::slice::from_raw_parts(self.0.as_ptr().add(at), len) }
    }

    fn layout(&self) -> Layout {
        let shape = self.shape();
        layout(shape.name + shape.name_len + shape.value_len)
    }
}

impl Entry for Field {
    #[inline]
    fn address(&self) -> *const u8 {
        self.0.as_ptr()
    }
}

impl Clone for Field {
    fn clone(&self) -> Field {
        let value = self.share().map_or(NewValue::Bytes(self.value()), NewValue::Blob);
        Field::new(self.name(), value, self.expiry())
    }
}

impl Drop for Field {
    #[inline]
    fn drop(&mut self) {
        let layout = self.layout();
        if self.flags() & F_BLOB != 0 {
            // SAFETY: (3): the one reference of the record, given back once.
            drop(unsafe { Blob::from_raw(self.raw_blob()) });
        }
        // SAFETY: (1): allocated with this layout, and nobody uses the record after its drop.
        unsafe { dealloc(self.0.as_ptr(), layout) };
    }
}

impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, value) = (self.name().escape_ascii(), self.value().escape_ascii());
        write!(f, "Field({name}: {value}, {:?})", self.expiry())
    }
}

/// The bytes between the lengths and the name.
#[inline]
fn fixed_len(flags: u8) -> usize {
    8 * usize::from(flags & F_TTL) + 8 * usize::from(flags & F_BLOB != 0)
}

fn size_of_parts(flags: u8, name: usize, value: usize) -> usize {
    let lengths = if flags & F_WIDE == 0 { 3 } else { 9 };
    lengths + fixed_len(flags) + name + value
}

/// The layout of a record of `size` bytes: rounded up to the allocator's classes, so that a value can grow within one.
#[inline]
fn layout(size: usize) -> Layout {
    Layout::from_size_align(class_size(size), 8).expect("a field is far smaller than the address space")
}

#[cfg(test)]
mod tests {
    use super::{BLOB_FROM, Field, NewValue};
    use crate::blob::Blob;
    use proptest::prelude::*;

    #[test]
    fn small_fields_take_one_small_allocation() {
        let field = |expiry| Field::new(&[b'f'; 16], NewValue::Bytes(&[b'v'; 16]), expiry);
        assert_eq!((field(None).alloc_size(), field(Some(1)).alloc_size()), (40, 48));
    }

    #[test]
    fn a_large_value_is_taken_over_and_shared() {
        let blob = Blob::zeroed(BLOB_FROM);
        let bytes = blob.as_slice().as_ptr();
        let mut field = Field::new(b"f", NewValue::Blob(blob), None);
        field.set_expiry(Some(5));
        let shared = field.share().expect("a blob");
        assert!(std::ptr::eq(shared.as_slice().as_ptr(), bytes));
        field.set(NewValue::Bytes(b"small"), None);
        assert_eq!((field.value(), field.expiry(), shared.len()), (&b"small"[..], None, BLOB_FROM));
    }

    fn value() -> impl Strategy<Value = Vec<u8>> {
        (any::<u8>(), prop_oneof![0usize..40, 200usize..300, BLOB_FROM - 2..BLOB_FROM + 2])
            .prop_map(|(byte, len)| vec![byte; len])
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 4 } else { 256 }, ..Default::default() })]

        #[test]
        fn a_field_holds_what_it_was_last_given(
            name in value(),
            first in value(),
            edits in prop::collection::vec((prop::option::of(value()), prop::option::of(any::<i64>()), any::<bool>()), 0..20),
        ) {
            let mut field = Field::new(&name, NewValue::Bytes(&first), None);
            let mut expected = (first, None);
            for (value, expiry, as_blob) in edits {
                match value {
                    Some(ref value) if as_blob => field.set(NewValue::Blob(Blob::from_slice(value)), expiry),
                    Some(ref value) => field.set(NewValue::Bytes(value), expiry),
                    None => field.set_expiry(expiry),
                }
                if let Some(value) = value {
                    expected.0 = value;
                }
                expected.1 = expiry;
                let copy = field.clone();
                for field in [&field, &copy] {
                    prop_assert_eq!((field.name(), field.value(), field.expiry()), (&name[..], &expected.0[..], expected.1));
                }
                // Lengths that were wide once may stay so, which can take the next class.
                let anew = Field::new(&name, NewValue::Bytes(&expected.0), expiry).alloc_size();
                prop_assert!(field.alloc_size() >= anew && field.alloc_size() <= crate::blob::class_size(anew + 6));
            }
        }
    }
}
