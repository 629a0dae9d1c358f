//! The allocator: jemalloc, and how much of it is in use.
//!
//! jemalloc counts for each thread the bytes it ever handed out and took back, whether asked or not. A thread that
//! registers lends the addresses of its two counters, and what is in use is the sum of the differences: no counting of
//! our own on the way of every allocation. A thread may free what another allocated, so a difference can be negative and
//! only the sum means something.
//!
//! jemalloc is built with a quantum of eight bytes (see `.cargo/config.toml`), so that it aligns small sizes to eight only
//! and every greater alignment must be asked for.

use std::alloc::{GlobalAlloc, Layout};
use std::ffi::{CStr, c_void};
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use tikv_jemalloc_sys as je;

/// How jemalloc is set up, read by it when the process starts.
///
/// Every slab costs 128 bytes of bookkeeping. The classes that are powers of two come by default in slabs of one page, so
/// that each 512-byte value would pay 16 bytes for that; in slabs of 32 pages it pays half a byte. Pages that were freed go
/// back to the system after half a second instead of ten. What a thread has freed waits for it in a cache; of the large
/// sizes, where requests are read to, only a few, as twenty of each would be more than a megabyte.
#[unsafe(export_name = "_rjem_malloc_conf")]
pub static SETUP: Option<&'static std::ffi::c_char> = {
    let text = c"slab_sizes:32-32:4|128-128:8|256-256:16|512-512:32|1024-1024:32|2048-2048:32|\
                 8192-8192:16,tcache_nslots_small_min:8,tcache_nslots_large:4,dirty_decay_ms:500,muzzy_decay_ms:0";
    // SAFETY: the text is a constant that ends with a zero byte, which is what jemalloc expects behind this pointer.
    Some(unsafe { &*text.as_ptr() })
};

/// The process's allocator.
pub struct Jemalloc;

/// What every allocation is aligned to without being asked.
const QUANTUM: usize = 8;

pub(crate) fn flags(layout: Layout) -> i32 {
    if layout.align() <= QUANTUM { 0 } else { je::MALLOCX_ALIGN(layout.align()) }
}

// SAFETY: jemalloc's functions fulfil the contract of an allocator for the sizes and alignments that they are given; sizes
// are never zero (GlobalAlloc's callers promise that), and the flags given to free and resize are those given to allocate.
unsafe impl GlobalAlloc for Jemalloc {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: see the impl.
        unsafe {
            match flags(layout) {
                0 => je::malloc(layout.size()).cast(),
                flags => je::mallocx(layout.size(), flags).cast(),
            }
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: see the impl.
        unsafe {
            match flags(layout) {
                0 => je::calloc(1, layout.size()).cast(),
                flags => je::mallocx(layout.size(), flags | je::MALLOCX_ZERO).cast(),
            }
        }
    }

    #[inline]
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: see the impl.
        unsafe { je::sdallocx(pointer.cast::<c_void>(), layout.size(), flags(layout)) }
    }

    #[inline]
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: see the impl.
        unsafe {
            match flags(layout) {
                0 => je::realloc(pointer.cast::<c_void>(), size).cast(),
                flags => je::rallocx(pointer.cast::<c_void>(), size, flags).cast(),
            }
        }
    }
}

/// How many threads can be counted.
const MAX_THREADS: usize = 320;
static THREADS: AtomicUsize = AtomicUsize::new(0);
static ALLOCATED: [AtomicPtr<u64>; MAX_THREADS] =
    [const { AtomicPtr::new(std::ptr::null_mut()) }; MAX_THREADS];
static FREED: [AtomicPtr<u64>; MAX_THREADS] = [const { AtomicPtr::new(std::ptr::null_mut()) }; MAX_THREADS];

/// Counts this thread's memory from now on. Only threads that live as long as the process may be counted, since the
/// counters lie in the thread's own memory.
pub fn register_thread() {
    let index = THREADS.fetch_add(1, Ordering::Relaxed);
    if index < MAX_THREADS {
        ALLOCATED[index].store(counter(c"thread.allocatedp"), Ordering::Release);
        FREED[index].store(counter(c"thread.deallocatedp"), Ordering::Release);
    }
}

/// The address of one of jemalloc's counters of this thread.
fn counter(name: &CStr) -> *mut u64 {
    let mut address: *mut u64 = std::ptr::null_mut();
    let mut size = size_of::<*mut u64>();
    // SAFETY: the name is a control that yields a pointer to a u64, and the buffer is of a pointer's size.
    let failed = unsafe {
        je::mallctl(name.as_ptr(), (&raw mut address).cast(), &raw mut size, std::ptr::null_mut(), 0)
    };
    if failed == 0 { address } else { std::ptr::null_mut() }
}

/// Bytes in use.
pub fn used_memory() -> usize {
    let mut used = 0u64;
    for index in 0..THREADS.load(Ordering::Relaxed).min(MAX_THREADS) {
        let (allocated, freed) =
            (ALLOCATED[index].load(Ordering::Acquire), FREED[index].load(Ordering::Acquire));
        if !allocated.is_null() && !freed.is_null() {
            // SAFETY: registered threads live as long as the process, so their counters do. Another thread may be writing
            // one of them: a torn or stale reading only makes the sum a little old, and volatile reads of an aligned word
            // are not torn on the machines we support.
            unsafe {
                used = used.wrapping_add(allocated.read_volatile()).wrapping_sub(freed.read_volatile());
            }
        }
    }
    usize::try_from(used.cast_signed()).unwrap_or(0)
}

/// Whether a thread of the allocator's own gives memory back to the system, or whoever happens to free some does that: a
/// million fields that expire together leave so many pages that it can take a second.
pub(crate) fn purge_aside(mut wanted: bool) {
    control(c"background_thread", &mut wanted, true);
}

/// Has the allocator reckon its figures anew, which stand still until then.
pub(crate) fn move_epoch() {
    control(c"epoch", &mut 1u64, true);
}

/// Reads one of the allocator's controls, which must be a number of this type, or writes it if that is wished.
pub(crate) fn control<T: Copy>(name: &CStr, value: &mut T, write: bool) {
    let mut length = size_of::<T>();
    let (pointer, nothing): (*mut c_void, _) = ((&raw mut *value).cast(), std::ptr::null_mut());
    // SAFETY: the buffer is of the length that is given, and jemalloc refuses a control of another length.
    unsafe {
        match write {
            true => je::mallctl(name.as_ptr(), nothing, nothing.cast(), pointer, length),
            false => je::mallctl(name.as_ptr(), pointer, &raw mut length, nothing, 0),
        }
    };
}
