//! A member of a ranking: its score and its name in one allocation.
//!
//! ```text
//! 0           8        9
//! +-----------+--------+- - - - - -+
//! | score f64 | len u8 | name      |      names below 255 bytes
//! +-----------+--------+-----+- - - - - -+
//! | score f64 | 255    | u32 | name      |
//! +-----------+--------+-----+- - - - - -+
//! ```
//! A name of 17 bytes makes 26, for which an allocation of 32 is taken.
//!
//! # Safety
//! 1. A `Member` owns its allocation, of the layout that its length tells; it was written in full when it was made.
//! 2. A `Ref` points to the allocation of a member. Whoever keeps one sees to it that it is not used after the member
//!    is dropped, and that the score is not written while someone else uses the member.

use crate::blob::class_size;
use crate::hashtable::Entry;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ptr::NonNull;

const LEN: usize = 8;
const LONG: u8 = u8::MAX;

/// Owns a member.
pub(super) struct Member(NonNull<u8>);

/// Points to a member that something else owns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Ref(NonNull<u8>);

// SAFETY: a member is plain memory of its own.
unsafe impl Send for Member {}
// SAFETY: as above; a shared member is only read.
unsafe impl Sync for Member {}
// SAFETY: by (2), a reference travels and is shared along with its member.
unsafe impl Send for Ref {}
// SAFETY: as above.
unsafe impl Sync for Ref {}

impl Entry for Member {
    #[inline(always)]
    fn address(&self) -> *const u8 {
        self.0.as_ptr()
    }
}

/// Where the name begins, and the layout of the whole.
#[inline]
fn shape(len: usize) -> (usize, Layout) {
    let name = LEN + if len < usize::from(LONG) { 1 } else { 5 };
    let layout = Layout::from_size_align(class_size(name + len), 8);
    (name, layout.expect("a name is far smaller than the address space"))
}

impl Member {
    pub(super) fn new(name: &[u8], score: f64) -> Member {
        let (at, layout) = shape(name.len());
        // SAFETY: the layout is not empty, as it has room for a score.
        let Some(start) = NonNull::new(unsafe { alloc(layout) }) else { handle_alloc_error(layout) };
        // SAFETY: the allocation has room for the score, the length and the name.
        unsafe {
            start.cast::<f64>().write(score);
            match u8::try_from(name.len()) {
                Ok(len) if len < LONG => start.add(LEN).write(len),
                _ => {
                    let len = u32::try_from(name.len()).expect("a name is shorter than 4 GB");
                    start.add(LEN).write(LONG);
                    start.add(LEN + 1).cast::<u32>().write_unaligned(len);
                }
            }
            start.add(at).as_ptr().copy_from_nonoverlapping(name.as_ptr(), name.len());
        }
        Member(start)
    }

    /// A pointer to it.
    #[inline]
    pub(super) fn as_ref(&self) -> Ref {
        Ref(self.0)
    }

    #[inline]
    pub(super) fn name(&self) -> &[u8] {
        // SAFETY: the member lives as long as it is borrowed.
        unsafe { self.as_ref().name() }
    }

    #[inline]
    pub(super) fn score(&self) -> f64 {
        // SAFETY: (1).
        unsafe { self.0.cast().read() }
    }

    #[inline]
    pub(super) fn set_score(&mut self, score: f64) {
        // SAFETY: (1), and `&mut self` keeps everyone away.
        unsafe { self.0.cast().write(score) }
    }

    /// The bytes of memory taken.
    pub(super) fn alloc_size(&self) -> usize {
        shape(self.name().len()).1.size()
    }
}

impl Ref {
    /// The member's name.
    ///
    /// # Safety
    /// The member lives for as long as the name is used.
    #[inline]
    pub(super) unsafe fn name<'a>(self) -> &'a [u8] {
        // SAFETY: (1); the member lives, as the caller says.
        unsafe {
            let (at, len) = match self.0.add(LEN).read() {
                LONG => (LEN + 5, self.0.add(LEN + 1).cast::<u32>().read_unaligned() as usize),
                len => (LEN + 1, usize::from(len)),
            };
            std::slice::from_raw_parts(self.0.add(at).as_ptr(), len)
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let (_, layout) = shape(self.name().len());
        // SAFETY: (1).
        unsafe { dealloc(self.0.as_ptr(), layout) };
    }
}
