//! [`Blob`]: a byte string on the heap behind one thin pointer, shared by counting.
//!
//! ```text
//! one allocation of class_size(8 + length) bytes, aligned to 8; a Blob is the address of its first byte
//!
//! 0                         6        8
//! +-------------------------+--------+--------------------+---------------+
//! | length, low 48 bits     | count, | the bytes          | room to the   |
//! |                         | high 16| (length of them)   | class's end   |
//! +-------------------------+--------+--------------------+---------------+
//! `------ one u64, native byte order ------'
//! ```
//!
//! Invariants:
//! 1. The allocation's size is a function of the length alone, so no capacity is stored, and growing within the
//!    allocator's size class moves nothing.
//! 2. The count is the number of `Blob`s with this address, never 0 while one exists.
//! 3. Only a `Blob` whose count is 1 is ever written to, its header included; nobody else can then come to hold one.
//! 4. All `length` bytes are initialised (but for those that a [`BlobBuilder`] still waits for, which lets nobody see).
//!
//! It is not a growable buffer with a reserve: who wants one keeps a `Vec`.

mod build;
mod class;
mod resize;
#[cfg(test)]
mod tests;

pub use build::BlobBuilder;
pub use class::class_size;

use crate::mover::Moving;
use std::alloc::{Layout, alloc, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering, fence};

/// Bytes before the string.
const HEADER: usize = size_of::<u64>();
/// One `Blob` more, as the header counts.
const ONE: u64 = 1 << 48;
const LEN_MASK: u64 = ONE - 1;

/// A refcounted byte string. Reading is free of synchronisation; writing needs [`Blob::is_unique`] or copies first.
#[repr(transparent)]
pub struct Blob(NonNull<u8>);

// SAFETY: the count is atomic, and bytes are written only while one `Blob` exists (invariant 3), through `&mut`.
unsafe impl Send for Blob {}
// SAFETY: as above; a shared reference only reads the bytes and clones.
unsafe impl Sync for Blob {}

/// The allocator had no room for a string of that length, or no string can be so long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutOfMemory;

impl std::fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("out of memory")
    }
}

impl std::error::Error for OutOfMemory {}

impl Blob {
    /// The longest string that the header can tell.
    pub const MAX_LEN: usize = LEN_MASK as usize;

    /// A copy of `bytes`.
    pub fn from_slice(bytes: &[u8]) -> Blob {
        or_abort(Blob::try_from_slice(bytes), bytes.len())
    }

    /// A copy of `bytes`, if there is room for it.
    pub(crate) fn try_from_slice(bytes: &[u8]) -> Result<Blob, OutOfMemory> {
        let blob = Blob::allocate(bytes.len(), alloc)?;
        // SAFETY: the fresh allocation has room for `bytes.len()` bytes and overlaps nothing.
        unsafe { blob.start().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        Ok(blob)
    }

    /// `len` zeroes.
    pub fn zeroed(len: usize) -> Blob {
        or_abort(Blob::try_zeroed(len), len)
    }

    /// `len` zeroes, if there is room for them. Memory fresh from the operating system is not touched.
    pub(crate) fn try_zeroed(len: usize) -> Result<Blob, OutOfMemory> {
        Blob::allocate(len, alloc_zeroed)
    }

    /// The string.
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: the bytes lie in the allocation and are initialised (invariant 4); nobody writes while `self` is
        // borrowed (invariant 3).
        unsafe { std::slice::from_raw_parts(self.start(), self.len()) }
    }

    /// How many bytes the string has.
    #[inline]
    pub fn len(&self) -> usize {
        (self.header().load(Ordering::Relaxed) & LEN_MASK) as usize
    }

    /// Whether the string has no bytes.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of memory taken, as the allocator rounds them.
    #[inline]
    pub fn alloc_size(&self) -> usize {
        class_size(HEADER + self.len())
    }

    /// Another `Blob` of the same bytes. None when as many exist as the header can count: the caller copies then.
    #[inline]
    pub fn try_clone(&self) -> Option<Blob> {
        let one_more = |header: u64| header.checked_add(ONE);
        // Relaxed is enough: `self` keeps the bytes alive, and whoever gets the clone gets it from this thread.
        self.header().try_update(Ordering::Relaxed, Ordering::Relaxed, one_more).ok()?;
        Some(Blob(self.0))
    }

    /// Whether this is the only `Blob` of its bytes.
    #[inline]
    pub fn is_unique(&self) -> bool {
        // Acquire: what others did with the bytes before they let go of them happened before what the caller does.
        self.header().load(Ordering::Acquire) < 2 * ONE
    }

    /// The bytes for writing, unless they are shared.
    #[inline]
    pub fn get_mut(&mut self) -> Option<&mut [u8]> {
        let len = self.len();
        // SAFETY: as for `as_slice`, and no other `Blob` has these bytes, nor can one come to while `self` is borrowed.
        self.is_unique().then(|| unsafe { std::slice::from_raw_parts_mut(self.start(), len) })
    }

    /// The address, to be kept where eight bytes are at hand; [`Blob::from_raw`] takes it back.
    #[inline]
    pub fn into_raw(self) -> NonNull<u8> {
        std::mem::ManuallyDrop::new(self).0
    }

    /// The `Blob` that [`Blob::into_raw`] made an address of.
    ///
    /// # Safety
    /// The address came from `into_raw`, and each such address is given back at most once.
    #[inline]
    pub unsafe fn from_raw(address: NonNull<u8>) -> Blob {
        Blob(address)
    }

    /// The string behind an address, without taking the `Blob` back.
    ///
    /// # Safety
    /// The address came from [`Blob::into_raw`] and, for all of `'a`, is not given back, nor the string written to.
    #[inline]
    pub(crate) unsafe fn slice_from_raw<'a>(address: NonNull<u8>) -> &'a [u8] {
        let blob = std::mem::ManuallyDrop::new(Blob(address));
        // SAFETY: as for `as_slice`; that the bytes stay for `'a` is what the caller promises.
        unsafe { std::slice::from_raw_parts(blob.start(), blob.len()) }
    }

    /// Moves the string to a better place, unless it is shared.
    pub fn relocate(&mut self, moving: &mut Moving<'_>) {
        if self.is_unique()
            && let Ok(layout) = layout(self.len())
        {
            // SAFETY: the only `Blob` of the allocation, which has the layout that its length tells (invariant 1); nobody
            // can come to hold another while `self` is borrowed.
            self.0 = unsafe { moving.shift(self.0, layout) };
        }
    }

    /// A `Blob` of `len` bytes with memory from `source`; as initialised as `source` leaves them, so the caller sees
    /// to invariant 4.
    fn allocate(len: usize, source: unsafe fn(Layout) -> *mut u8) -> Result<Blob, OutOfMemory> {
        let layout = layout(len)?;
        // SAFETY: the layout's size is at least that of the header, hence not zero.
        let start = NonNull::new(unsafe { source(layout) }).ok_or(OutOfMemory)?;
        // SAFETY: the allocation begins with room for an aligned header.
        unsafe { start.cast::<u64>().write(ONE | len as u64) };
        Ok(Blob(start))
    }

    #[inline]
    fn header(&self) -> &AtomicU64 {
        // SAFETY: the allocation begins with an initialised header, aligned by its layout, alive as long as `self`.
        unsafe { self.0.cast::<AtomicU64>().as_ref() }
    }

    /// Where the bytes begin.
    #[inline]
    fn start(&self) -> *mut u8 {
        // SAFETY: the allocation is never smaller than the header.
        unsafe { self.0.as_ptr().add(HEADER) }
    }
}

impl Drop for Blob {
    #[inline]
    fn drop(&mut self) {
        // The only holder needs no atomic subtraction: nobody is left to see the count.
        if !self.is_unique() {
            if self.header().fetch_sub(ONE, Ordering::Release) >= 2 * ONE {
                return;
            }
            fence(Ordering::Acquire);
        }
        let size = self.alloc_size();
        // SAFETY: this was the last `Blob` of the allocation, whose size is what the length says (invariants 1, 2); a
        // layout of that size and alignment is what it was made with, hence valid.
        unsafe { dealloc(self.0.as_ptr(), Layout::from_size_align_unchecked(size, HEADER)) };
    }
}

impl std::ops::Deref for Blob {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl AsRef<[u8]> for Blob {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl PartialEq for Blob {
    fn eq(&self, other: &Blob) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Blob {}

impl std::fmt::Debug for Blob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "b\"{}\"", self.as_slice().escape_ascii())
    }
}

/// The allocation of a string of `len` bytes.
fn layout(len: usize) -> Result<Layout, OutOfMemory> {
    if len > Blob::MAX_LEN {
        return Err(OutOfMemory);
    }
    Layout::from_size_align(class_size(HEADER + len), HEADER).map_err(|_| OutOfMemory)
}

/// For those who cannot go on without memory: ends the process as a failed `Vec` would.
fn or_abort<T>(result: Result<T, OutOfMemory>, len: usize) -> T {
    result.unwrap_or_else(|OutOfMemory| handle_alloc_error(layout(len).unwrap_or(Layout::new::<u64>())))
}
