//! The key record: one allocation that holds a key, its expiry, its access clock and its value, or the way to it.
//!
//! Its bytes are drawn in [`parts`], which reads and writes them. A 16-byte key with a 16-byte value is 38 bytes and takes a
//! 40-byte allocation; with an expiry, 46 and 48. The record is a thin pointer, as a slot of the table wants it.
//!
//! # Safety
//!
//! Everything rests on these, which hold from `build` to `drop`:
//! 1. the pointer is unique and points to an allocation of exactly `self.layout()`;
//! 2. the header, the lengths and the form describe what lies behind them, and were written before any reader;
//! 3. a payload of form BLOB owns one reference of a `Blob`;
//! 4. what `held` says of the other forms.

mod held;
mod parts;

use std::alloc::dealloc;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

pub use base::text::Text;
pub use held::{Held, Opened};
use parts::{
    ACCESS_SHIFT, BLOB, F_FIELDS, F_RAW, F_TTL, F_WIDE_KEY, F_WIDE_VAL, FORM, INLINE, INTEGER, layout_of,
    size_of_inline,
};
use structures::blob::Blob;
use structures::mover::Moving;
use values::{Any, AnyRef, Kind, Value, each};

/// A value is kept inside the record as long as the whole fits this many bytes.
const INLINE_LIMIT: usize = 256;

/// A value of more allocations than this is costly to free.
const COSTLY: usize = 64;

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
    pub(crate) fn with_expiry(self, expiry: Option<i64>) -> Record {
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

    /// Whether it is worth another thread to free the value.
    pub fn is_costly_to_free(&self) -> bool {
        self.free_effort() > COSTLY
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

    /// The blob in the payload, without taking over its reference.
    #[inline]
    fn borrow_blob(&self) -> ManuallyDrop<Blob> {
        let raw = NonNull::new(self.payload() as *mut u8).expect("a blob payload is never null");
        // SAFETY: (3): the payload is a raw blob; ManuallyDrop leaves its one reference with the record.
        ManuallyDrop::new(unsafe { Blob::from_raw(raw) })
    }

    /// Leaves what the payload owns to someone else.
    fn forget_payload(&mut self) {
        if self.header() & FORM != INLINE {
            // An integer payload owns nothing, and takes the same room.
            self.set_header((self.header() & !FORM) | INTEGER);
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

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
