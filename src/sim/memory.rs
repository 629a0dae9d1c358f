//! The allocator of a simulation: the system's, counting what each thread has in use.
//!
//! A world lives on one thread, so what that thread allocates less what it frees follows from the seed alone, unlike the
//! memory of the process. Sizes are those asked for, which makes them the same on every machine.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static IN_USE: Cell<isize> = const { Cell::new(0) };
}

/// Counts, and lets the system allocate.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes that this thread has in use; negative when it freed what others allocated.
pub fn in_use() -> isize {
    IN_USE.with(Cell::get)
}

fn count(bytes: isize) {
    // While a thread ends there is no counter any more, and nobody to read it.
    let _ = IN_USE.try_with(|counter| counter.set(counter.get() + bytes));
}

// SAFETY: every call goes to the system's allocator unchanged, which fulfils the contract; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: see the impl.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: see the impl.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: see the impl.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        // SAFETY: see the impl.
        unsafe { System.realloc(pointer, layout, size) }
    }
}
