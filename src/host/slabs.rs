//! The allocator's slabs: how full those of each size class are, and which allocation lies in one that should be
//! emptied.
//!
//! Small allocations of one size class share slabs, runs of pages, which go back to the system only when nothing is
//! left in them. An allocation is misplaced if its slab is about as empty as the average, or emptier, of those of its
//! class that have room at all. What is moved goes to the fullest slabs, as the allocator fills those first, but only
//! if it passes by the cache of the thread, which may hold places in any slab.

use node::boundary::Fragmentation;
use std::alloc::Layout;
use std::cell::RefCell;
use std::ffi::{CStr, c_void};
use std::ptr::NonNull;
use structures::mover::Mover;
use tikv_jemalloc_sys as je;

/// The name of a number of the allocator as numbers, which are found faster: `stats.arenas.4096.bins.0.curregs`.
type Path = [usize; 6];

/// The size classes, as they were when they were last looked at.
#[derive(Clone, Default)]
pub(crate) struct Slabs(RefCell<Vec<Class>>);

/// A size class. All that is below its first three fields changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Class {
    /// The bytes of an allocation, and how many of them a slab has.
    size: usize,
    per_slab: usize,
    /// The slabs there are, those of them with room, and the allocations in all of them.
    slabs: usize,
    roomy: usize,
    used: usize,
}

impl Class {
    /// Bytes that are not handed out.
    fn gaps(&self) -> u64 {
        (self.slabs * self.per_slab).saturating_sub(self.used) as u64 * self.size as u64
    }

    /// Whether a slab should be emptied that holds so many.
    fn is_sparse(&self, held: usize) -> bool {
        if held >= self.per_slab || self.roomy < 2 {
            return false;
        }
        let in_roomy = self.used.saturating_sub((self.slabs - self.roomy.min(self.slabs)) * self.per_slab);
        held * 8 < self.per_slab || held * self.roomy * 8 <= in_roomy * 9
    }
}

impl Slabs {
    /// Looks at all size classes. The allocator's epoch has been moved.
    pub(crate) fn survey(&self) {
        let mut classes = self.0.borrow_mut();
        if classes.is_empty() {
            *classes = vec![Class::default(); number::<u32>(c"arenas.nbins") as usize];
            let (size, per_slab) = (path(c"arenas.bin.0.size"), path(c"arenas.bin.0.nregs"));
            for (i, class) in classes.iter_mut().enumerate() {
                class.size = read(&size[..4], 2, i);
                class.per_slab = read::<u32>(&per_slab[..4], 2, i) as usize;
            }
        }
        let slabs = path(c"stats.arenas.4096.bins.0.curslabs");
        let roomy = path(c"stats.arenas.4096.bins.0.nonfull_slabs");
        let used = path(c"stats.arenas.4096.bins.0.curregs");
        for (i, class) in classes.iter_mut().enumerate() {
            (class.slabs, class.roomy, class.used) =
                (read(&slabs, 4, i), read(&roomy, 4, i), read(&used, 4, i));
        }
    }

    /// Bytes of slabs that are not handed out, as last looked at.
    pub(crate) fn gaps(&self) -> u64 {
        self.0.borrow().iter().map(Class::gaps).sum()
    }

    /// Looks at all size classes, as they are now.
    pub(crate) fn fragmentation(&self) -> Fragmentation {
        crate::alloc::move_epoch();
        self.survey();
        Fragmentation { gaps: self.gaps(), allocated: number::<usize>(c"stats.allocated") as u64 }
    }
}

// SAFETY: what `allocate` answers is the allocator's, which is the process's, and as the layout asks.
unsafe impl Mover for Slabs {
    fn is_misplaced(&self, at: NonNull<u8>) -> bool {
        let Some([free, per_slab, bytes]) = utilization(at) else { return false };
        let classes = self.0.borrow();
        let Some(size) = bytes.checked_div(per_slab) else { return false };
        let found = classes.binary_search_by_key(&size, |class| class.size);
        found.is_ok_and(|class| classes[class].is_sparse(per_slab.saturating_sub(free)))
    }

    fn allocate(&self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the size is not zero, as callers see to.
        NonNull::new(unsafe { je::mallocx(layout.size(), flags(layout)) }.cast())
    }

    unsafe fn free(&self, at: NonNull<u8>, layout: Layout) {
        // SAFETY: as the caller promises; the flags are those of such an allocation but for the cache, which is for
        // each call to choose.
        unsafe { je::sdallocx(at.as_ptr().cast(), layout.size(), flags(layout)) };
    }
}

/// `MALLOCX_TCACHE_NONE`: past the thread's cache.
const NO_CACHE: i32 = 1 << 8;

fn flags(layout: Layout) -> i32 {
    crate::alloc::flags(layout) | NO_CACHE
}

/// Of the slab that an allocation lies in: how many of its places are free, how many it has, and its bytes.
fn utilization(at: NonNull<u8>) -> Option<[usize; 3]> {
    thread_local! {
        static QUERY: Path = path(c"experimental.utilization.batch_query");
    }
    let (mut told, mut length) = ([0usize; 3], size_of::<[usize; 3]>());
    let mut asked: *const c_void = at.as_ptr().cast();
    let failed = QUERY.with(|query| {
        // SAFETY: the control takes an array of addresses, here of one, and fills three numbers for each.
        unsafe {
            je::mallctlbymib(
                query.as_ptr(),
                3,
                (&raw mut told).cast(),
                &raw mut length,
                (&raw mut asked).cast(),
                size_of::<*const c_void>(),
            )
        }
    });
    (failed == 0).then_some(told)
}

/// The path of a name, which has up to six parts.
fn path(name: &CStr) -> Path {
    let (mut path, mut parts) = (Path::default(), Path::default().len());
    // SAFETY: the buffer has room for as many parts as are given.
    unsafe { je::mallctlnametomib(name.as_ptr(), path.as_mut_ptr(), &raw mut parts) };
    path
}

/// The number at a path one part of which is `index`.
fn read<T: Copy + Default>(path: &[usize], part: usize, index: usize) -> T {
    let mut place = Path::default();
    place[..path.len()].copy_from_slice(path);
    place[part] = index;
    let (mut value, mut length) = (T::default(), size_of::<T>());
    // SAFETY: the buffer is of the length that is given, and the allocator refuses a control of another length.
    unsafe {
        je::mallctlbymib(
            place.as_ptr(),
            path.len(),
            (&raw mut value).cast(),
            &raw mut length,
            std::ptr::null_mut(),
            0,
        );
    }
    value
}

fn number<T: Copy + Default>(name: &CStr) -> T {
    let mut value = T::default();
    crate::alloc::control(name, &mut value, false);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[global_allocator]
    static ALLOCATOR: crate::alloc::Jemalloc = crate::alloc::Jemalloc;

    #[test]
    fn slabs_below_the_average_are_sparse() {
        // Ten slabs of a hundred, six of them full; the others hold 40 on the average.
        let class = Class { size: 64, per_slab: 100, slabs: 10, roomy: 4, used: 760 };
        assert_eq!(class.gaps(), 240 * 64);
        assert!(class.is_sparse(12) && class.is_sparse(40) && class.is_sparse(45));
        assert!(!class.is_sparse(46) && !class.is_sparse(100));
        let lonely = Class { roomy: 1, used: 901, ..class };
        assert!(!lonely.is_sparse(1), "there is no other slab to go to");
        let skewed = Class { roomy: 4, used: 604, ..class };
        assert!(skewed.is_sparse(12), "nearly empty, though the average is lower still");
    }

    #[test]
    fn what_is_left_of_many_comes_together() {
        let slabs = Slabs::default();
        let mut boxes: Vec<Option<Box<[u8; 1024]>>> =
            (0..4096).map(|i| Some(Box::new([i as u8; 1024]))).collect();
        boxes.iter_mut().enumerate().filter(|(i, _)| i % 9 != 0).for_each(|(_, place)| *place = None);
        // Other tests allocate meanwhile, so what counts is where these lie.
        let pages = |boxes: &[Option<Box<[u8; 1024]>>]| {
            let mut pages: Vec<usize> =
                boxes.iter().flatten().map(|place| (&raw const **place).addr() >> 12).collect();
            pages.sort_unstable();
            pages.dedup();
            pages.len()
        };
        let before = pages(&boxes);
        slabs.fragmentation();
        let mut moving = structures::mover::Moving::new(&slabs);
        boxes.iter_mut().flatten().for_each(|place| moving.boxed(place));
        assert!(moving.moved > 200, "{} of 456", moving.moved);
        let after = pages(&boxes);
        assert!(after < before / 2, "{before} {after}");
        assert!(
            boxes
                .iter()
                .enumerate()
                .all(|(i, place)| place.as_ref().is_none_or(|place| **place == [i as u8; 1024]))
        );
    }
}
