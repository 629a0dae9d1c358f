//! Moving memory together: what lies scattered over sparsely used pages is copied to fuller ones, so that whole pages
//! become free.
//!
//! A [`Mover`] knows where an allocation lies well and where it does not; the allocator's owner brings one along. A
//! [`Moving`] is one stretch of work with it: structures hand it what they own, one allocation at a time, and get back
//! where that is now. What moves keeps its size and its bytes, so nothing but addresses changes. Each structure has a
//! method `relocate` that does this for its own memory: a small one for all of it, a large one piece by piece, by a
//! cursor of its own, which begins and ends at 0 and may be used however the structure has changed since.
//!
//! # Safety
//! Between the copy of an allocation and the end of the old one, the two hold the same bytes, and only one of them owns
//! what those lead to: nothing in between may panic or drop either.

use std::alloc::{Layout, alloc, dealloc};
use std::collections::VecDeque;
use std::mem::{self, ManuallyDrop};
use std::ptr::{self, NonNull};

/// Allocations of more bytes have pages of their own: there is nothing to be won by moving them.
pub(crate) const LARGEST: usize = 14 << 10;

/// Knows which allocations lie badly, and where others are to be had.
///
/// # Safety
/// What `allocate` answers is an allocation of the global allocator, of that layout, that nobody else uses.
pub unsafe trait Mover {
    /// Whether memory would be won if this allocation lay elsewhere.
    fn is_misplaced(&self, at: NonNull<u8>) -> bool;

    /// An allocation that lies well; none if there is no memory.
    fn allocate(&self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: callers ask for a size, which is not zero.
        NonNull::new(unsafe { alloc(layout) })
    }

    /// Takes back what has moved away, so that it is not handed out again before its page is needed.
    ///
    /// # Safety
    /// An allocation of the global allocator, of this layout, that nobody uses any more.
    unsafe fn free(&self, at: NonNull<u8>, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { dealloc(at.as_ptr(), layout) };
    }
}

/// Calls everything misplaced: for tests, in which all shall move.
#[derive(Clone, Copy, Debug, Default)]
pub struct Restless;

// SAFETY: the memory is the global allocator's.
unsafe impl Mover for Restless {
    fn is_misplaced(&self, _: NonNull<u8>) -> bool {
        true
    }
}

/// Some work of moving, and how it went.
pub struct Moving<'m> {
    mover: &'m dyn Mover,
    /// How many allocations were moved.
    pub moved: u64,
    /// How many were left where they were.
    pub left: u64,
}

impl<'m> Moving<'m> {
    /// Work that has not begun.
    pub fn new(mover: &'m dyn Mover) -> Moving<'m> {
        Moving { mover, moved: 0, left: 0 }
    }

    /// A copy of an allocation in a better place, if there is one. The old one is then to be given to [`Moving::free`].
    ///
    /// # Safety
    /// An allocation of the global allocator, of this layout, which is not empty and which nobody writes to.
    pub unsafe fn copy(&mut self, at: NonNull<u8>, layout: Layout) -> Option<NonNull<u8>> {
        let wanted = layout.size() <= LARGEST && self.mover.is_misplaced(at);
        let Some(new) = wanted.then(|| self.mover.allocate(layout)).flatten() else {
            self.left += 1;
            return None;
        };
        self.moved += 1;
        // SAFETY: two allocations of this size; bytes are copied whether or not they mean anything.
        unsafe { new.copy_from_nonoverlapping(at, layout.size()) };
        Some(new)
    }

    /// Ends an allocation that was copied.
    ///
    /// # Safety
    /// As for [`Mover::free`].
    pub unsafe fn free(&mut self, at: NonNull<u8>, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { self.mover.free(at, layout) };
    }

    /// Moves an allocation, if that is wanted, and answers where it is now.
    ///
    /// # Safety
    /// As for [`Moving::copy`]; and nothing but what the caller then changes refers to it.
    pub unsafe fn shift(&mut self, at: NonNull<u8>, layout: Layout) -> NonNull<u8> {
        // SAFETY: as the caller promises.
        unsafe {
            let Some(new) = self.copy(at, layout) else { return at };
            self.free(at, layout);
            new
        }
    }

    /// Moves what a box owns.
    pub fn boxed<T>(&mut self, place: &mut Box<T>) {
        let layout = Layout::new::<T>();
        if layout.size() == 0 {
            return;
        }
        // SAFETY: the box is taken out of its place and another one put there, with nothing in between that could
        // panic; the allocation is the box's alone, and of its type's layout.
        unsafe {
            let old = NonNull::new_unchecked(Box::into_raw(ptr::read(place)));
            ptr::write(place, Box::from_raw(self.shift(old.cast(), layout).cast().as_ptr()));
        }
    }

    /// Moves the items of a vector, with the room behind them.
    pub fn vec<T>(&mut self, place: &mut Vec<T>) {
        let Ok(layout) = Layout::array::<T>(place.capacity()) else { return };
        if layout.size() == 0 {
            return;
        }
        let mut old = ManuallyDrop::new(mem::take(place));
        let (len, capacity) = (old.len(), old.capacity());
        // SAFETY: the allocation is the vector's alone, and of the layout of so many items; the old vector is
        // forgotten.
        *place = unsafe {
            let start = NonNull::new_unchecked(old.as_mut_ptr());
            Vec::from_raw_parts(self.shift(start.cast(), layout).cast().as_ptr(), len, capacity)
        };
    }

    /// Moves the items of a slice.
    pub fn slice<T>(&mut self, place: &mut Box<[T]>) {
        let mut items = mem::take(place).into_vec();
        self.vec(&mut items);
        *place = items.into_boxed_slice();
    }

    /// Moves the items of a deque, with the room around them.
    pub fn deque<T>(&mut self, place: &mut VecDeque<T>) {
        if size_of::<T>() * place.capacity() > LARGEST {
            self.left += 1;
            return;
        }
        let mut items = Vec::from(mem::take(place));
        self.vec(&mut items);
        *place = items.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Moves every second one.
    struct Picky(std::cell::Cell<bool>);

    // SAFETY: the memory is the global allocator's.
    unsafe impl Mover for Picky {
        fn is_misplaced(&self, _: NonNull<u8>) -> bool {
            self.0.replace(!self.0.get())
        }
    }

    #[test]
    fn what_moves_stays_the_same() {
        let mut boxed = Box::new([String::from("one"), String::from("two")]);
        let mut vec = Vec::with_capacity(9);
        vec.extend([Box::new(1u128), Box::new(2)]);
        let mut slice: Box<[u8]> = b"bytes".as_slice().into();
        let mut deque = VecDeque::from([1u32, 2, 3, 4]);
        deque.rotate_left(2);
        deque.push_front(9);
        let before = (boxed.clone(), vec.clone(), slice.clone(), deque.clone());
        let addresses = (&raw const *boxed, vec.as_ptr(), slice.as_ptr());
        let mut moving = Moving::new(&Restless);
        moving.boxed(&mut boxed);
        moving.vec(&mut vec);
        moving.slice(&mut slice);
        moving.deque(&mut deque);
        assert_eq!((boxed.clone(), vec.clone(), slice.clone(), deque), before);
        assert_eq!((moving.moved, moving.left, vec.capacity()), (4, 0, 9));
        assert_ne!((&raw const *boxed, vec.as_ptr(), slice.as_ptr()), addresses);
    }

    #[test]
    fn what_owns_no_memory_has_none_to_move() {
        let mut moving = Moving::new(&Restless);
        moving.boxed(&mut Box::new(()));
        moving.vec(&mut Vec::<u64>::new());
        moving.vec(&mut vec![(), ()]);
        moving.slice(&mut Box::<[u8]>::default());
        moving.deque(&mut VecDeque::<u8>::new());
        assert_eq!((moving.moved, moving.left), (0, 0));
    }

    #[test]
    fn what_lies_well_or_is_large_stays() {
        let picky = Picky(std::cell::Cell::new(false));
        let mut moving = Moving::new(&picky);
        let mut large = vec![1u8; LARGEST + 1];
        let at = large.as_ptr();
        moving.vec(&mut large);
        assert!(ptr::eq(at, large.as_ptr()));
        (0..4).for_each(|n| moving.boxed(&mut Box::new(n)));
        assert_eq!((moving.moved, moving.left), (2, 3));
    }
}
