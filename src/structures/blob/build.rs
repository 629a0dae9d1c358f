//! [`BlobBuilder`]: a [`Blob`] being filled, such as a large argument arriving from a socket in pieces. Its final
//! length is known from the start, so the bytes are read to where they will stay.

use super::{Blob, OutOfMemory, or_abort};
use std::alloc::alloc;
use std::mem::MaybeUninit;

/// How far ahead of the filled part zeroes are written for readers that want initialised memory. Long enough for a
/// read from a socket, short enough to be in the cache when the read overwrites it.
const AHEAD: usize = 64 * 1024;

/// A blob of fixed length whose bytes come one after the other.
///
/// Invariant: `filled <= initialised <= blob.len()`, and the first `initialised` bytes of the blob are initialised.
pub struct BlobBuilder {
    blob: Blob,
    filled: usize,
    initialised: usize,
}

impl BlobBuilder {
    /// Room for exactly `len` bytes.
    pub fn new(len: usize) -> BlobBuilder {
        or_abort(BlobBuilder::try_new(len), len)
    }

    /// Room for exactly `len` bytes, if there is that much memory. It is not touched before it is filled.
    pub fn try_new(len: usize) -> Result<BlobBuilder, OutOfMemory> {
        Ok(BlobBuilder { blob: Blob::allocate(len, alloc)?, filled: 0, initialised: 0 })
    }

    /// What has been filled.
    pub fn filled(&self) -> &[u8] {
        // SAFETY: these bytes of the allocation are initialised, and `self` alone holds it.
        unsafe { std::slice::from_raw_parts(self.blob.start(), self.filled) }
    }

    /// How many bytes are still to come.
    pub fn remaining(&self) -> usize {
        self.blob.len() - self.filled
    }

    /// Takes as many of `bytes` as are still to come and returns the others.
    pub fn extend_from_slice<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (taken, left) = bytes.split_at(bytes.len().min(self.remaining()));
        self.spare()[..taken.len()].write_copy_of_slice(taken);
        // SAFETY: so many bytes have just been written.
        unsafe { self.assume_filled(taken.len()) };
        left
    }

    /// Initialised room for the bytes that come next: all of it or a good piece. [`BlobBuilder::advance`] tells how
    /// many have come.
    pub fn unfilled_mut(&mut self) -> &mut [u8] {
        let end = self.filled + self.remaining().min(AHEAD);
        // SAFETY: `filled <= end <= len`, so all this lies in the allocation, which `self` alone holds; and by then the
        // first `end` bytes are initialised.
        unsafe {
            self.blob.start().add(self.initialised).write_bytes(0, end.saturating_sub(self.initialised));
            self.initialised = self.initialised.max(end);
            std::slice::from_raw_parts_mut(self.blob.start().add(self.filled), self.initialised - self.filled)
        }
    }

    /// Counts `n` more bytes as filled.
    ///
    /// # Panics
    /// When [`BlobBuilder::unfilled_mut`] did not give room for so many.
    pub fn advance(&mut self, n: usize) {
        assert!(n <= self.initialised - self.filled, "more bytes filled than there was room for");
        self.filled += n;
    }

    /// All of the room for the bytes that come next, not initialised.
    pub fn spare(&mut self) -> &mut [MaybeUninit<u8>] {
        // Who gets this may write uninitialised bytes over initialised ones.
        self.initialised = self.filled;
        // SAFETY: the room lies in the allocation, which `self` alone holds.
        unsafe { std::slice::from_raw_parts_mut(self.blob.start().add(self.filled).cast(), self.remaining()) }
    }

    /// Counts `n` more bytes as filled.
    ///
    /// # Safety
    /// The first `n` bytes of what [`BlobBuilder::spare`] last gave have been initialised since.
    pub(crate) unsafe fn assume_filled(&mut self, n: usize) {
        debug_assert!(n <= self.remaining());
        self.filled += n;
        self.initialised = self.initialised.max(self.filled);
    }

    /// The blob, or the builder back if bytes are still to come.
    pub fn finish(self) -> Result<Blob, BlobBuilder> {
        if self.remaining() == 0 { Ok(self.blob) } else { Err(self) }
    }
}

impl std::fmt::Debug for BlobBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BlobBuilder {{ {} of {} bytes }}", self.filled, self.blob.len())
    }
}
