//! Growing and shrinking a [`Blob`] in place where it is unique, in a copy where it is shared.
//!
//! Appending is cheap in the long run because the allocation grows by a size class, about a fifth, at a time.

use super::{Blob, HEADER, ONE, OutOfMemory, layout, or_abort};
use std::alloc::{Layout, alloc, realloc};
use std::ptr::NonNull;
use std::sync::atomic::Ordering;

impl Blob {
    /// Adds `more` at the end.
    pub fn append(&mut self, more: &[u8]) {
        or_abort(self.try_append(more), self.len().saturating_add(more.len()));
    }

    /// Adds `more` at the end, or changes nothing if there is no room for it.
    pub(crate) fn try_append(&mut self, more: &[u8]) -> Result<(), OutOfMemory> {
        let old_len = self.len();
        let new_len = old_len.checked_add(more.len()).ok_or(OutOfMemory)?;
        // SAFETY: the bytes from `old_len` on are written here, before anyone reads them. `more` cannot overlap them,
        // since `self` is borrowed exclusively.
        unsafe {
            self.set_len(new_len)?;
            self.start().add(old_len).copy_from_nonoverlapping(more.as_ptr(), more.len());
        }
        Ok(())
    }

    /// Cuts the string to `new_len` bytes, or lengthens it with zeroes.
    pub fn resize_zeroed(&mut self, new_len: usize) {
        or_abort(self.try_resize_zeroed(new_len), new_len);
    }

    /// Cuts the string to `new_len` bytes, or lengthens it with zeroes; changes nothing if there is no room.
    pub(crate) fn try_resize_zeroed(&mut self, new_len: usize) -> Result<(), OutOfMemory> {
        let old_len = self.len();
        let new_size = layout(new_len)?.size();
        if new_len / 2 > old_len && new_size != self.alloc_size() {
            // Most of it will be zeroes, which the operating system has at no cost.
            let new = Blob::try_zeroed(new_len)?;
            // SAFETY: the new allocation is longer than the old bytes and does not overlap them.
            unsafe { new.start().copy_from_nonoverlapping(self.start(), old_len) };
            *self = new;
            return Ok(());
        }
        // SAFETY: bytes from `old_len` on, if any, are written here, before anyone reads them.
        unsafe {
            self.set_len(new_len)?;
            self.start().add(old_len.min(new_len)).write_bytes(0, new_len.saturating_sub(old_len));
        }
        Ok(())
    }

    /// Makes the string unique and `new_len` bytes long, keeping what fits of the old bytes. On an error nothing has
    /// changed.
    ///
    /// # Safety
    /// The caller initialises the bytes beyond the old length before anyone reads them.
    unsafe fn set_len(&mut self, new_len: usize) -> Result<(), OutOfMemory> {
        let new_layout = layout(new_len)?;
        if !self.is_unique() {
            let new = Blob::allocate(new_len, alloc)?;
            // SAFETY: both allocations hold that many bytes; they are distinct.
            unsafe { new.start().copy_from_nonoverlapping(self.start(), new_len.min(self.len())) };
            *self = new;
            return Ok(());
        }
        let old_size = self.alloc_size();
        if new_layout.size() != old_size {
            // SAFETY: the string is unique, its allocation was made with this size and alignment, and `layout` has
            // checked the new size.
            let moved = unsafe {
                realloc(
                    self.0.as_ptr(),
                    Layout::from_size_align_unchecked(old_size, HEADER),
                    new_layout.size(),
                )
            };
            self.0 = NonNull::new(moved).ok_or(OutOfMemory)?;
        }
        self.header().store(ONE | new_len as u64, Ordering::Relaxed);
        Ok(())
    }
}
