//! The key record: one allocation that holds a key, its expiry, its access clock and its value, or the way to it.
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
//! A 16-byte key with a 16-byte value is 38 bytes and takes a 40-byte allocation; with an expiry, 46 and 48. Fields are
//! not aligned; they are read and written as unaligned words. Numbers are in the machine's own order, since a record
//! never leaves memory. The record is a thin pointer, as a slot of the table wants it.
//!
//! # Safety
//!
//! Everything rests on these, which hold from `allocate` to `drop`:
//! 1. the pointer is unique and points to an allocation of exactly `self.layout()`;
//! 2. the header, the lengths and the form describe what lies behind them, and were written before any reader;
//! 3. a payload of form BLOB owns one reference of a `Blob`;
//! 4. what `held` says of the other forms.

mod held;

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

pub use base::text::Text;
pub use held::{Held, Opened};
use structures::blob::{Blob, class_size};
use structures::mover::Moving;
use values::{Any, AnyRef, Kind, Value, each};

const FORM: u32 = 0b111;
const F_TTL: u32 = 1 << 3;
const F_WIDE_KEY: u32 = 1 << 4;
const F_WIDE_VAL: u32 = 1 << 5;
const F_RAW: u32 = 1 << 6;
const F_FIELDS: u32 = 1 << 7;
const ACCESS_SHIFT: u32 = 8;

const INLINE: u32 = 0;
const INTEGER: u32 = 1;
const BLOB: u32 = 2;

/// A value is kept inside the record as long as the whole fits this many bytes.
const INLINE_LIMIT: usize = 256;

/// A key with everything that is known of it.
pub struct Record(NonNull<u8>);

// SAFETY: a record owns what it points to, and `Blob` is Send and Sync.
unsafe impl Send for Record {}
// SAFETY: as above; a shared record is only read.
unsafe impl Sync for Record {}

/// A value on its way into a record.
#[derive(Debug)]
pub enum NewValue<'a> {
    /// A number.
    Integer(i64),
    /// Bytes to be copied.
    Bytes(&'a [u8]),
    /// Bytes that are already where they may stay.
    Blob(Blob),
    /// A value of another type.
    Other(Any),
}

/// Which parts a record has and where they start.
struct Shape {
    key: usize,
    key_len: usize,
    value: usize,
    value_len: usize,
}

impl Record {
    /// A record of `key` and `value`.
    pub fn new(key: &[u8], value: NewValue<'_>, expiry: Option<i64>, access: u32, raw: bool) -> Record {
        let mut header = (access << ACCESS_SHIFT) | if raw { F_RAW } else { 0 };
        if expiry.is_some() {
            header |= F_TTL;
        }
        if key.len() > usize::from(u8::MAX) {
            header |= F_WIDE_KEY;
        }
        match value {
            NewValue::Bytes(bytes) => {
                if bytes.len() > usize::from(u8::MAX) {
                    header |= F_WIDE_VAL;
                }
                if size_of_inline(header, key.len(), bytes.len()) <= INLINE_LIMIT {
                    return Record::build(header | INLINE, key, expiry, 0, bytes);
                }
                let blob = Blob::from_slice(bytes).into_raw().as_ptr() as u64;
                Record::build((header & !F_WIDE_VAL) | BLOB, key, expiry, blob, &[])
            }
            NewValue::Blob(blob) if size_of_inline(header, key.len(), blob.len()) <= INLINE_LIMIT => {
                Record::new(key, NewValue::Bytes(blob.as_slice()), expiry, access, raw)
            }
            NewValue::Blob(blob) => {
                Record::build(header | BLOB, key, expiry, blob.into_raw().as_ptr() as u64, &[])
            }
            NewValue::Integer(value) => {
                Record::build((header & !F_RAW) | INTEGER, key, expiry, value as u64, &[])
            }
            NewValue::Other(value) => {
                let (form, payload) = held::hold(value);
                Record::build((header & !F_RAW) | form, key, expiry, payload, &[])
            }
        }
    }

    fn build(header: u32, key: &[u8], expiry: Option<i64>, payload: u64, value: &[u8]) -> Record {
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

    /// The key.
    #[inline]
    pub fn key(&self) -> &[u8] {
        let header = self.header();
        if header & (F_WIDE_KEY | F_WIDE_VAL) != 0 {
            return self.wide_key();
        }
        // Either the payload stands before the key's length, or the value's length behind it.
        let inline = usize::from(header & FORM == INLINE);
        let at = self.payload_at() + 8 * (1 - inline);
        // SAFETY: (2): both lengths are of one byte.
        let len = usize::from(unsafe { self.0.add(at).read() });
        self.slice(at + 1 + inline, len)
    }

    /// The key, where a length takes four bytes.
    #[cold]
    fn wide_key(&self) -> &[u8] {
        let shape = self.shape();
        self.slice(shape.key, shape.key_len)
    }

    /// When the key expires, in Unix milliseconds.
    #[inline]
    pub fn expiry(&self) -> Option<i64> {
        (self.header() & F_TTL != 0).then(|| self.word(4) as i64)
    }

    /// The access clock: 24 bits that `clock` knows how to read.
    #[inline]
    pub fn access(&self) -> u32 {
        self.header() >> ACCESS_SHIFT
    }

    /// Sets the access clock.
    #[inline]
    pub fn set_access(&mut self, access: u32) {
        self.set_header((self.header() & 0xff) | (access << ACCESS_SHIFT));
    }

    /// The type of the value.
    #[inline]
    pub fn kind(&self) -> Kind {
        held::kind_of(self.header() & FORM)
    }

    /// The value of a string.
    #[inline]
    pub fn text(&self) -> Option<Text<'_>> {
        Some(match self.header() & FORM {
            INLINE => {
                let shape = self.shape();
                Text::Bytes(self.slice(shape.value, shape.value_len))
            }
            INTEGER => Text::Integer(self.payload() as i64),
            BLOB => {
                let bytes: *const [u8] = self.borrow_blob().as_slice();
                // SAFETY: (3): the record keeps its reference, so the blob's bytes live and stay as long as `&self` does.
                Text::Bytes(unsafe { &*bytes })
            }
            _ => return None,
        })
    }

    /// Another reference to the blob that holds the value, when one does and it can have more.
    pub fn share(&self) -> Option<Blob> {
        (self.header() & FORM == BLOB).then(|| self.borrow_blob().try_clone())?
    }

    /// Edits the blob that holds the value, when one does, and marks the string as edited. Whatever the closure makes of
    /// the blob is the new value.
    pub fn edit_blob<R>(&mut self, edit: impl FnOnce(&mut Blob) -> R) -> Option<R> {
        if self.header() & FORM != BLOB {
            return None;
        }
        let mut blob = ManuallyDrop::into_inner(self.borrow_blob());
        // Until the edited blob is back, the record owns none: a panic in `edit` frees it once.
        self.forget_payload();
        let result = edit(&mut blob);
        self.set_word(self.payload_at(), blob.into_raw().as_ptr() as u64);
        self.set_header((self.header() & !FORM) | BLOB | F_RAW);
        Some(result)
    }

    /// The bytes of a value that lies inside the record, to be edited without changing their number. Marks the string as
    /// edited.
    pub fn inline_mut(&mut self) -> Option<&mut [u8]> {
        if self.header() & FORM != INLINE {
            return None;
        }
        self.set_header(self.header() | F_RAW);
        let shape = self.shape();
        // SAFETY: (1) and (2): the range is within the allocation, initialised, and `&mut self` makes it exclusive.
        Some(unsafe { std::slice::from_raw_parts_mut(self.0.as_ptr().add(shape.value), shape.value_len) })
    }

    /// The name of the encoding, as OBJECT ENCODING answers it.
    pub fn encoding(&self) -> &'static str {
        match self.text() {
            Some(Text::Integer(_)) => "int",
            Some(Text::Bytes(_)) if self.is_raw() => "raw",
            Some(Text::Bytes(_)) => "embstr",
            None => self.with_any(|any| each!(AnyRef, any, value => value.encoding())).unwrap_or_default(),
        }
    }

    /// Whether the encoding of a string of bytes is called "raw".
    fn is_raw(&self) -> bool {
        let header = self.header();
        let embeds = |value: &[u8]| embeds(self.key().len(), header & F_TTL != 0, value.len());
        header & F_RAW != 0 || matches!(self.text(), Some(Text::Bytes(value)) if !embeds(value))
    }

    /// Overwrites an integer by another. Answers whether there was one.
    #[inline]
    pub fn set_integer(&mut self, value: i64) -> bool {
        if self.header() & FORM != INTEGER {
            return false;
        }
        let at = self.payload_at();
        self.set_word(at, value as u64);
        true
    }

    /// Overwrites the value, and sets the expiry, where both fit the record as it is. Answers whether they did.
    #[inline]
    pub fn refill(&mut self, value: &NewValue<'_>, expiry: Option<i64>) -> bool {
        match value {
            NewValue::Bytes(bytes) => self.overwrite(bytes, expiry),
            NewValue::Integer(number) => self.expiry() == expiry && self.set_integer(*number),
            NewValue::Blob(_) | NewValue::Other(_) => false,
        }
    }

    /// Overwrites an inline value by another that fits the same allocation, dropping or setting the expiry only where
    /// the record already agrees on having one. Answers whether it could.
    #[inline]
    pub fn overwrite(&mut self, value: &[u8], expiry: Option<i64>) -> bool {
        let header = self.header();
        let shape = self.shape();
        if header & (FORM | F_WIDE_VAL) != INLINE
            || expiry.is_some() != (header & F_TTL != 0)
            || value.len() > usize::from(u8::MAX)
        {
            return false;
        }
        let (old, new) = (shape.value + shape.value_len, shape.value + value.len());
        if layout_of(old) != layout_of(new) {
            return false;
        }
        // SAFETY: (1): both sizes have the same layout, so the new value ends within the allocation; the byte before the
        // key is the narrow value length, as F_WIDE_VAL is clear.
        unsafe {
            *self.0.as_ptr().add(shape.key - 1) = value.len() as u8;
            std::ptr::copy_nonoverlapping(value.as_ptr(), self.0.as_ptr().add(shape.value), value.len());
        }
        self.set_header(header & !F_RAW);
        if let Some(when) = expiry {
            self.set_word(4, when as u64);
        }
        true
    }

    /// The same record with another value and another expiry. The access clock stays. As in the reference, where the
    /// value is replaced first and the old expiry then removed, a value that was too large beside it is called "raw".
    pub fn with_value(self, value: NewValue<'_>, expiry: Option<i64>, raw: bool) -> Record {
        let len = match &value {
            NewValue::Integer(_) | NewValue::Other(_) => 0,
            NewValue::Bytes(bytes) => bytes.len(),
            NewValue::Blob(blob) => blob.len(),
        };
        let raw = raw || (self.expiry().is_some() && !embeds(self.key().len(), true, len));
        Record::new(self.key(), value, expiry, self.access(), raw)
    }

    /// Sets the expiry of a record that has one already. Answers whether it had.
    #[inline]
    pub fn set_expiry(&mut self, when: i64) -> bool {
        if self.header() & F_TTL == 0 {
            return false;
        }
        self.set_word(4, when as u64);
        true
    }

    /// The same record with an expiry, or without.
    pub fn with_expiry(self, expiry: Option<i64>) -> Record {
        self.rebuild(None, expiry)
    }

    /// The same record under another name.
    pub fn with_key(self, key: &[u8], expiry: Option<i64>) -> Record {
        self.rebuild(Some(key), expiry)
    }

    /// Moves the value, whatever it is, into a record of another key or expiry. What was called "raw" stays so.
    fn rebuild(mut self, key: Option<&[u8]>, expiry: Option<i64>) -> Record {
        let mut header = self.header() & !(F_TTL | F_WIDE_KEY);
        if self.is_raw() {
            header |= F_RAW;
        }
        if expiry.is_some() {
            header |= F_TTL;
        }
        let shape = self.shape();
        let key = key.unwrap_or_else(|| self.slice(shape.key, shape.key_len));
        if key.len() > usize::from(u8::MAX) {
            header |= F_WIDE_KEY;
        }
        let inline = self.slice(shape.value, shape.value_len);
        let payload = if header & FORM == INLINE { 0 } else { self.payload() };
        let record = Record::build(header, key, expiry, payload, inline);
        self.forget_payload();
        record
    }

    /// A copy of the record under another name: strings share or copy their bytes.
    pub fn duplicate(&self, key: &[u8], expiry: Option<i64>, access: u32) -> Record {
        let copy = match self.text() {
            Some(Text::Integer(number)) => NewValue::Integer(number),
            Some(Text::Bytes(bytes)) => self.share().map_or(NewValue::Bytes(bytes), NewValue::Blob),
            None => NewValue::Other(self.copy_any().expect("what is no string is of another type")),
        };
        Record::new(key, copy, expiry, access, self.is_raw())
    }

    fn copy_any(&self) -> Option<Any> {
        self.with_any(|any| match any {
            AnyRef::List(value) => Any::List(value.duplicate()),
            AnyRef::Set(value) => Any::Set(value.duplicate()),
            AnyRef::Hash(value) => Any::Hash(value.duplicate()),
            AnyRef::SortedSet(value) => Any::SortedSet(value.duplicate()),
            AnyRef::Stream(value) => Any::Stream(value.duplicate()),
        })
    }

    /// The bytes that the record and its value occupy, judged by `samples` parts of a value that has many.
    pub fn alloc_size(&self, samples: usize) -> usize {
        let value = match self.header() & FORM {
            BLOB => self.borrow_blob().alloc_size(),
            _ => self.with_any(|any| each!(AnyRef, any, value => value.alloc_size(samples))).unwrap_or(0),
        };
        self.layout().size() + value
    }

    /// How costly it is to free the value, in the unit of `lazyfree`: allocations.
    pub fn free_effort(&self) -> usize {
        self.with_any(|any| each!(AnyRef, any, value => value.free_effort())).unwrap_or(1)
    }

    /// Moves the record to a better place, and what it holds with it: a value of more than `most` parts is left to be moved
    /// piece by piece, by [`Record::relocate_value`]. Answers whether there is such a one.
    pub(crate) fn relocate(&mut self, most: usize, moving: &mut Moving<'_>) -> bool {
        let form = self.header() & FORM;
        let mut left = false;
        if form == BLOB {
            let mut blob = ManuallyDrop::into_inner(self.borrow_blob());
            blob.relocate(moving);
            self.set_word(self.payload_at(), blob.into_raw().as_ptr() as u64);
        } else if form != INLINE && form != INTEGER {
            left = self.free_effort() > most;
            let mut cursor = if left { 0 } else { self.relocate_value(0, moving) };
            while cursor != 0 {
                cursor = self.relocate_value(cursor, moving);
            }
        }
        // SAFETY: (1).
        self.0 = unsafe { moving.shift(self.0, self.layout()) };
        left
    }

    /// A record that stands for none while another is being edited.
    pub(crate) fn placeholder() -> Record {
        Record::build(INTEGER, &[], None, 0, &[])
    }

    /// Where the record begins.
    #[inline]
    pub(crate) fn as_ptr(&self) -> *const u8 {
        self.0.as_ptr()
    }

    fn layout(&self) -> Layout {
        let shape = self.shape();
        layout_of(shape.value + shape.value_len)
    }

    #[inline]
    fn header(&self) -> u32 {
        // SAFETY: (2): the header is the first four bytes.
        unsafe { self.0.cast::<u32>().read_unaligned() }
    }

    #[inline]
    fn set_header(&mut self, header: u32) {
        // SAFETY: (1): four bytes at the start of our own allocation.
        unsafe { self.0.cast::<u32>().write_unaligned(header) }
    }

    #[inline]
    fn word(&self, at: usize) -> u64 {
        // SAFETY: callers pass the place of the expiry or of the payload, which the header says is there (2).
        unsafe { self.0.add(at).cast::<u64>().read_unaligned() }
    }

    #[inline]
    fn set_word(&mut self, at: usize, value: u64) {
        // SAFETY: as for `word`; `&mut self` makes it exclusive.
        unsafe { self.0.add(at).cast::<u64>().write_unaligned(value) }
    }

    #[inline]
    fn payload_at(&self) -> usize {
        4 + ((self.header() & F_TTL) as usize)
    }

    #[inline]
    fn payload(&self) -> u64 {
        self.word(self.payload_at())
    }

    /// The blob in the payload, without taking over its reference.
    #[inline]
    fn borrow_blob(&self) -> ManuallyDrop<Blob> {
        let raw = NonNull::new(self.payload() as *mut u8).expect("a blob payload is never null");
        // SAFETY: (3): the payload is a raw blob; ManuallyDrop leaves its one reference with the record.
        ManuallyDrop::new(unsafe { Blob::from_raw(raw) })
    }

    fn forget_payload(&mut self) {
        if self.header() & FORM != INLINE {
            // An integer payload owns nothing, and takes the same room.
            self.set_header((self.header() & !FORM) | INTEGER);
        }
    }

    #[inline]
    fn slice(&self, start: usize, len: usize) -> &[u8] {
        // SAFETY: (1) and (2): callers pass a part that `shape` read from the header and the lengths.
        unsafe { std::slice::from_raw_parts(self.0.as_ptr().add(start), len) }
    }

    /// Finds the parts. A record that holds no inline value has an empty one at its end.
    #[inline]
    fn shape(&self) -> Shape {
        let header = self.header();
        let inline = header & FORM == INLINE;
        let mut at = self.payload_at() + if inline { 0 } else { 8 };
        let key_len = self.length(&mut at, header & F_WIDE_KEY != 0);
        let value_len = if inline { self.length(&mut at, header & F_WIDE_VAL != 0) } else { 0 };
        Shape { key: at, key_len, value: at + key_len, value_len }
    }

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

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Record({:?}: {:?} {:?})", self.key(), self.kind(), self.text())
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let layout = self.layout();
        if self.header() & FORM == BLOB {
            drop(ManuallyDrop::into_inner(self.borrow_blob()));
        }
        self.drop_held();
        // SAFETY: (1): allocated with this layout, and nobody uses the record after its drop.
        unsafe { dealloc(self.0.as_ptr(), layout) }
    }
}

/// Whether the reference would keep key, expiry and value of these lengths in one allocation, which is what it calls
/// "embstr": with their headers, and the object's 16 bytes, in no more than 64.
fn embeds(key: usize, expires: bool, value: usize) -> bool {
    const LIMIT: usize = 64 - 16;
    let key_header = if key < 32 { 3 } else { 5 };
    let expiry = if expires { 8 } else { 0 };
    key_header + key + expiry + 4 + value <= LIMIT
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

fn size_of_inline(header: u32, key: usize, value: usize) -> usize {
    size_of((header & !FORM) | INLINE, key, value)
}

/// The layout of a record of `size` bytes: rounded up to the allocator's classes, so that a value can grow within one.
fn layout_of(size: usize) -> Layout {
    Layout::from_size_align(class_size(size), 8).expect("a record is far smaller than the address space")
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
