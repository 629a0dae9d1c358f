//! A thin owning pointer, as `Box`, that may be borrowed through copies of its address: a box promises the compiler that
//! no other pointer to its content exists, which a value kept as a word in a record cannot.
//!
//! # Safety
//! The pointer came from a box of the same type, and whoever holds the `Own` holds the only one.

use crate::mover::Moving;
use std::alloc::Layout;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

/// Owns a `T` on the heap.
pub struct Own<T>(NonNull<T>);

// SAFETY: an `Own` is the only holder of its content, as a box is.
unsafe impl<T: Send> Send for Own<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Own<T> {}

impl<T> Own<T> {
    /// Moves a value to the heap.
    pub fn new(value: T) -> Own<T> {
        Own(NonNull::from(Box::leak(Box::new(value))))
    }

    /// Moves the value back.
    pub fn into_inner(self) -> T {
        let pointer = std::mem::ManuallyDrop::new(self).0;
        // SAFETY: the pointer came from a box, and this was its only holder.
        *unsafe { Box::from_raw(pointer.as_ptr()) }
    }

    /// The address, to be kept where eight bytes are at hand; [`Own::from_raw`] takes it back.
    #[inline]
    pub fn into_raw(self) -> NonNull<u8> {
        std::mem::ManuallyDrop::new(self).0.cast()
    }

    /// What [`Own::into_raw`] made an address of.
    ///
    /// # Safety
    /// The address came from `into_raw` of the same type, and is given back at most once.
    #[inline]
    pub unsafe fn from_raw(address: NonNull<u8>) -> Own<T> {
        Own(address.cast())
    }

    /// Moves the content to a better place.
    pub fn relocate(&mut self, moving: &mut Moving<'_>) {
        const { assert!(size_of::<T>() > 0) };
        // SAFETY: the content is a box's, and this is its only holder.
        self.0 = unsafe { moving.shift(self.0.cast(), Layout::new::<T>()) }.cast();
    }
}

impl<T> Deref for Own<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the content lives as long as its only holder.
        unsafe { self.0.as_ref() }
    }
}

impl<T> DerefMut for Own<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above; `&mut self` makes the access exclusive.
        unsafe { self.0.as_mut() }
    }
}

impl<T> Drop for Own<T> {
    fn drop(&mut self) {
        // SAFETY: the pointer came from a box, and this is its only holder.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for Own<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        T::fmt(self, f)
    }
}
