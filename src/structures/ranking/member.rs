//! A member of a ranking: its score and its name in one allocation.
//!
//! ```text
//! 0        1             5 or 9
//! +--------+-------------+- - - - - -+      kind: the length of the name, below 127; the top bit is set where the
//! | kind   | score       | name      |            score takes eight bytes
//! +--------+-------------+- - - - - -+      score: f32 where that is the same number, else f64
//!
//! 0        1         5             9 or 13
//! +--------+---------+-------------+- - - - - -+
//! | kind   | length  | score       | name      |      kind: 127, and the top bit; the length follows as u32
//! +--------+---------+-------------+- - - - - -+
//! ```
//! Whole numbers up to 2^24 and their halves and quarters are such scores. A name of 17 bytes then takes an allocation of
//! 24 bytes, and of 32 with any other score. Fields are not aligned.
//!
//! # Safety
//! 1. A `Member` owns its allocation, of the layout that its length tells; it was written in full when it was made.
//! 2. A `Ref` points to the allocation of a member. Whoever keeps one sees to it that it is not used after the member
//!    is dropped, and that the score is not written while someone else uses the member.

use crate::blob::class_size;
use crate::hashtable::Entry;
use crate::mover::Moving;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ptr::NonNull;

/// The bit of the kind that says that the score takes eight bytes.
const WIDE: u8 = 0x80;
/// The length that says that it follows.
const LONG: u8 = 0x7f;

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

/// Where the parts of a member are, and how large it is.
#[derive(Clone, Copy)]
struct Shape {
    is_wide: bool,
    score: usize,
    name: usize,
    len: usize,
}

impl Shape {
    #[inline]
    fn new(len: usize, is_wide: bool) -> Shape {
        let score = if len < usize::from(LONG) { 1 } else { 5 };
        Shape { is_wide, score, name: score + if is_wide { 8 } else { 4 }, len }
    }

    #[inline]
    fn layout(self) -> Layout {
        let layout = Layout::from_size_align(class_size(self.name + self.len), 8);
        layout.expect("a name is far smaller than the address space")
    }
}

/// Whether a score is no f32.
#[inline]
fn is_wide(score: f64) -> bool {
    f64::from(score as f32).to_bits() != score.to_bits()
}

impl Member {
    pub(super) fn new(name: &[u8], score: f64) -> Member {
        let shape = Shape::new(name.len(), is_wide(score));
        let layout = shape.layout();
        // SAFETY: the layout is not empty, as it has room for a score.
        let Some(start) = NonNull::new(unsafe { alloc(layout) }) else { handle_alloc_error(layout) };
        let wide = if shape.is_wide { WIDE } else { 0 };
        // SAFETY: the allocation has room for the kind, the length, the score and the name.
        unsafe {
            match u8::try_from(name.len()) {
                Ok(len) if len < LONG => start.write(len | wide),
                _ => {
                    let len = u32::try_from(name.len()).expect("a name is shorter than 4 GB");
                    start.write(LONG | wide);
                    start.add(1).cast::<u32>().write_unaligned(len);
                }
            }
            start.add(shape.name).as_ptr().copy_from_nonoverlapping(name.as_ptr(), name.len());
        }
        let mut member = Member(start);
        member.write_score(shape, score);
        member
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
        // SAFETY: the member lives as long as it is borrowed.
        let shape = unsafe { self.as_ref().shape() };
        // SAFETY: (1): the shape says where the score is and what it takes.
        unsafe {
            let at = self.0.add(shape.score);
            match shape.is_wide {
                true => at.cast::<f64>().read_unaligned(),
                false => f64::from(at.cast::<f32>().read_unaligned()),
            }
        }
    }

    /// Gives it another score, if there is room for it.
    #[inline]
    pub(super) fn set_score(&mut self, score: f64) -> bool {
        // SAFETY: the member lives as long as it is borrowed.
        let shape = unsafe { self.as_ref().shape() };
        let fits = shape.is_wide || !is_wide(score);
        if fits {
            self.write_score(shape, score);
        }
        fits
    }

    #[inline]
    fn write_score(&mut self, shape: Shape, score: f64) {
        // SAFETY: (1): the shape, which is this member's, says where the score is and what it takes; `&mut self` keeps
        // everyone away.
        unsafe {
            let at = self.0.add(shape.score);
            match shape.is_wide {
                true => at.cast::<f64>().write_unaligned(score),
                false => at.cast::<f32>().write_unaligned(score as f32),
            }
        }
    }

    /// Moves the member to a better place. `follow` is told where that is while the old one is still there, and must not
    /// panic.
    pub(super) fn relocate(&mut self, moving: &mut Moving<'_>, follow: impl FnOnce(Ref)) {
        // SAFETY: the member lives as long as it is borrowed.
        let layout = unsafe { self.as_ref().shape() }.layout();
        // SAFETY: (1); whoever has references follows before the old place is given back (2).
        unsafe {
            let Some(new) = moving.copy(self.0, layout) else { return };
            follow(Ref(new));
            moving.free(std::mem::replace(&mut self.0, new), layout);
        }
    }

    /// The bytes of memory taken.
    pub(super) fn alloc_size(&self) -> usize {
        // SAFETY: the member lives as long as it is borrowed.
        unsafe { self.as_ref().shape() }.layout().size()
    }
}

impl Ref {
    /// The member's shape.
    ///
    /// # Safety
    /// The member lives.
    #[inline]
    unsafe fn shape(self) -> Shape {
        // SAFETY: (1); the member lives, as the caller says.
        unsafe {
            let kind = self.0.read();
            let len = match kind & !WIDE {
                LONG => self.0.add(1).cast::<u32>().read_unaligned() as usize,
                len => usize::from(len),
            };
            Shape::new(len, kind & WIDE != 0)
        }
    }

    /// The member's name.
    ///
    /// # Safety
    /// The member lives for as long as the name is used.
    #[inline]
    pub(super) unsafe fn name<'a>(self) -> &'a [u8] {
        // SAFETY: (1); the member lives, as the caller says.
        unsafe {
            let shape = self.shape();
            std::slice::from_raw_parts(self.0.add(shape.name).as_ptr(), shape.len)
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        // SAFETY: the member lives until it is freed here.
        let layout = unsafe { self.as_ref().shape() }.layout();
        // SAFETY: (1).
        unsafe { dealloc(self.0.as_ptr(), layout) };
    }
}
