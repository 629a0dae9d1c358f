//! The intset: numbers in ascending order, all of the least width that holds each of them, in one allocation.
//!
//! ```text
//! +-----------+-----------+---------+---------+- - -
//! | count u32 | width u32 | least   | next    |          numbers of 2, 4 or 8 bytes, in the machine's byte order
//! +-----------+-----------+---------+---------+- - -
//! ```
//!
//! It widens when a number comes that does not fit, and never narrows: so does the reference, whose snapshots tell.
//!
//! # Safety
//! 1. The pointer is unique; it points to an allocation of `layout(count, width)`, aligned to 8.
//! 2. The header is initialised, and so are `count` numbers of `width` bytes behind it.

use crate::blob::class_size;
use crate::mover::Moving;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error, realloc};
use std::ptr::NonNull;

const HEADER: usize = 8;

/// Numbers in ascending order, behind a thin pointer.
pub struct Intset(NonNull<u8>);

// SAFETY: an intset owns plain numbers.
unsafe impl Send for Intset {}
// SAFETY: as above; a shared one is only read.
unsafe impl Sync for Intset {}

/// How many bytes each number takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Width {
    Two = 2,
    Four = 4,
    Eight = 8,
}

impl Width {
    /// The least that holds a number.
    #[inline]
    pub fn of(number: i64) -> Width {
        if i16::try_from(number).is_ok() {
            Width::Two
        } else if i32::try_from(number).is_ok() {
            Width::Four
        } else {
            Width::Eight
        }
    }
}

/// The numbers as a slice of their own type.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the variants are the widths")]
pub enum Numbers<'a> {
    Two(&'a [i16]),
    Four(&'a [i32]),
    Eight(&'a [i64]),
}

/// Does the same with numbers of any width.
macro_rules! each {
    ($numbers:expr, $slice:ident => $do:expr) => {
        match $numbers {
            Numbers::Two($slice) => $do,
            Numbers::Four($slice) => $do,
            Numbers::Eight($slice) => $do,
        }
    };
}

impl Intset {
    /// A set of no numbers.
    pub fn new() -> Intset {
        Intset::with_width(Width::Two)
    }

    /// A set of no numbers that starts out with a width.
    pub fn with_width(width: Width) -> Intset {
        Intset::allocate(0, width)
    }

    /// A set of these numbers, in any order and as often as they come, in one allocation of just their size.
    pub fn of(mut numbers: Vec<i64>) -> Intset {
        numbers.sort_unstable();
        numbers.dedup();
        let width = numbers.iter().map(|&number| Width::of(number)).max().unwrap_or(Width::Two);
        let set = Intset::allocate(numbers.len(), width);
        set.fill(numbers.iter().copied());
        set.set_header(numbers.len(), width);
        set
    }

    /// Memory for so many numbers, which are not there yet.
    fn allocate(room: usize, width: Width) -> Intset {
        let layout = layout(room, width);
        // SAFETY: the layout is not empty, as it has room for a header.
        let Some(start) = NonNull::new(unsafe { alloc(layout) }) else { handle_alloc_error(layout) };
        let set = Intset(start);
        set.set_header(0, width);
        set
    }

    /// Moves the numbers to a better place.
    pub fn relocate(&mut self, moving: &mut Moving<'_>) {
        // SAFETY: (1).
        self.0 = unsafe { moving.shift(self.0, layout(self.len(), self.width())) };
    }

    /// How many numbers there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.header()[0] as usize
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How wide the numbers are.
    #[inline]
    pub fn width(&self) -> Width {
        match self.header()[1] {
            2 => Width::Two,
            4 => Width::Four,
            _ => Width::Eight,
        }
    }

    /// The bytes of memory taken, as the allocator rounds them.
    pub fn alloc_size(&self) -> usize {
        layout(self.len(), self.width()).size()
    }

    /// The numbers.
    #[inline]
    pub fn numbers(&self) -> Numbers<'_> {
        let len = self.len();
        // SAFETY: (2); the allocation is aligned to 8 and so is what follows its header. Nobody writes while `self` is
        // borrowed.
        unsafe {
            let start = self.0.add(HEADER);
            match self.width() {
                Width::Two => Numbers::Two(std::slice::from_raw_parts(start.cast().as_ptr(), len)),
                Width::Four => Numbers::Four(std::slice::from_raw_parts(start.cast().as_ptr(), len)),
                Width::Eight => Numbers::Eight(std::slice::from_raw_parts(start.cast().as_ptr(), len)),
            }
        }
    }

    /// Number `index`, if there are so many.
    #[inline]
    pub fn get(&self, index: usize) -> Option<i64> {
        each!(self.numbers(), slice => slice.get(index).map(|&number| wide(number)))
    }

    /// The least and the greatest number.
    pub fn ends(&self) -> Option<(i64, i64)> {
        Some((self.get(0)?, self.get(self.len() - 1)?))
    }

    /// All numbers, from the least.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = i64> + Clone + '_ {
        let numbers = self.numbers();
        (0..self.len()).map(move |index| each!(numbers, slice => wide(slice[index])))
    }

    /// Where a number stands, or where it would.
    #[inline]
    pub fn search(&self, number: i64) -> Result<usize, usize> {
        each!(self.numbers(), slice => search(slice, number))
    }

    /// Whether a number is there.
    #[inline]
    pub fn contains(&self, number: i64) -> bool {
        self.search(number).is_ok()
    }

    /// Adds a number. Answers whether it was not there.
    pub fn insert(&mut self, number: i64) -> bool {
        let Err(at) = self.search(number) else { return false };
        let wanted = Width::of(number);
        if wanted > self.width() {
            self.widen(wanted);
        }
        let (len, width) = (self.len(), self.width());
        self.resize(len, len + 1);
        // SAFETY: there is room for `len + 1` numbers now; `at` is at most `len`, so the tail moves within it, and the
        // number is written to the gap.
        unsafe {
            let gap = self.start_of(at);
            gap.add(width as usize).copy_from(gap, (len - at) * width as usize);
            self.write(at, number);
        }
        self.set_header(len + 1, width);
        true
    }

    /// Takes a number out. Answers whether it was there.
    pub fn remove(&mut self, number: i64) -> bool {
        let found = self.search(number);
        if let Ok(at) = found {
            self.remove_at(at);
        }
        found.is_ok()
    }

    /// Takes number `index` out, which is there.
    pub fn remove_at(&mut self, index: usize) {
        let (len, width) = (self.len(), self.width());
        assert!(index < len, "there are so many numbers");
        // SAFETY: what moves are the numbers behind `index`, within the numbers.
        unsafe {
            let gap = self.start_of(index);
            gap.copy_from(gap.add(width as usize), (len - index - 1) * width as usize);
        }
        self.set_header(len - 1, width);
        self.resize(len, len - 1);
    }

    /// The same numbers, and room for them, at a greater width.
    fn widen(&mut self, width: Width) {
        let wider = Intset::allocate(self.len(), width);
        wider.fill(self.iter());
        wider.set_header(self.len(), width);
        *self = wider;
    }

    /// Writes numbers to memory that has room for as many, at its width.
    fn fill(&self, numbers: impl Iterator<Item = i64>) {
        for (index, number) in numbers.enumerate() {
            // SAFETY: the callers have just allocated the room.
            unsafe { self.write(index, number) };
        }
    }

    /// Writes a number to place `index`.
    ///
    /// # Safety
    /// There is room for it, and nobody reads meanwhile.
    #[inline]
    unsafe fn write(&self, index: usize, number: i64) {
        // SAFETY: the caller's promise; a place is aligned to its width, as the numbers begin at a multiple of eight.
        unsafe {
            let place = self.start_of(index);
            match self.width() {
                Width::Two => place.cast::<i16>().write(number as i16),
                Width::Four => place.cast::<i32>().write(number as i32),
                Width::Eight => place.cast::<i64>().write(number),
            }
        }
    }

    /// Where number `index` begins.
    ///
    /// # Safety
    /// There is room for so many numbers before it.
    #[inline]
    unsafe fn start_of(&self, index: usize) -> NonNull<u8> {
        // SAFETY: the caller's promise keeps this within the allocation, or at its end.
        unsafe { self.0.add(HEADER + index * self.width() as usize) }
    }

    /// Makes the room for `old` numbers one for `new`.
    fn resize(&mut self, old: usize, new: usize) {
        let (old, new) = (layout(old, self.width()), layout(new, self.width()));
        if old == new {
            return;
        }
        // SAFETY: (1): the allocation has the old layout; the new size is not zero and was checked by `layout`.
        let start = unsafe { realloc(self.0.as_ptr(), old, new.size()) };
        self.0 = NonNull::new(start).unwrap_or_else(|| handle_alloc_error(new));
    }

    #[inline]
    fn header(&self) -> [u32; 2] {
        // SAFETY: (2).
        unsafe { self.0.cast().read() }
    }

    #[inline]
    fn set_header(&self, len: usize, width: Width) {
        let len = u32::try_from(len).expect("numbers are counted in 32 bits");
        // SAFETY: (1): the header is the start of the allocation, and whoever changes it has the set to himself.
        unsafe { self.0.cast::<[u32; 2]>().write([len, width as u32]) };
    }

    /// The address, to be kept where eight bytes are at hand; [`Intset::from_raw`] takes it back. A multiple of 8.
    #[inline]
    pub fn into_raw(self) -> NonNull<u8> {
        std::mem::ManuallyDrop::new(self).0
    }

    /// The set that [`Intset::into_raw`] made an address of.
    ///
    /// # Safety
    /// The address came from `into_raw`, and each such address is given back at most once.
    #[inline]
    pub unsafe fn from_raw(address: NonNull<u8>) -> Intset {
        Intset(address)
    }

    /// Panics if the set contradicts itself.
    pub fn check_invariants(&self) {
        each!(self.numbers(), slice => assert!(slice.is_sorted_by(|a, b| a < b), "numbers ascend"));
    }
}

/// A number of any width.
#[inline(always)]
fn wide(number: impl Into<i64>) -> i64 {
    number.into()
}

/// Where a number stands in a slice, or where it would.
#[inline]
fn search<N: Copy + Ord + Into<i64>>(slice: &[N], number: i64) -> Result<usize, usize> {
    // Numbers mostly come in ascending order: then they belong behind the last.
    match slice.last() {
        Some(&last) if number <= wide(last) => slice.binary_search_by(|&own| wide(own).cmp(&number)),
        _ => Err(slice.len()),
    }
}

impl Default for Intset {
    fn default() -> Intset {
        Intset::new()
    }
}

impl Clone for Intset {
    fn clone(&self) -> Intset {
        let copy = Intset::allocate(self.len(), self.width());
        // SAFETY: both have room for the same numbers of the same width, and are apart.
        unsafe {
            let bytes = self.len() * self.width() as usize;
            copy.start_of(0).copy_from_nonoverlapping(self.start_of(0), bytes);
        }
        copy.set_header(self.len(), self.width());
        copy
    }
}

impl std::fmt::Debug for Intset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Drop for Intset {
    fn drop(&mut self) {
        // SAFETY: (1).
        unsafe { dealloc(self.0.as_ptr(), layout(self.len(), self.width())) };
    }
}

/// The layout of so many numbers of a width.
#[inline]
fn layout(len: usize, width: Width) -> Layout {
    Layout::from_size_align(class_size(HEADER + len * width as usize), 8)
        .expect("numbers counted in 32 bits fit the address space")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn number() -> impl Strategy<Value = i64> {
        prop_oneof![
            -20i64..20,
            any::<i16>().prop_map(i64::from),
            any::<i32>().prop_map(i64::from),
            any::<i64>(),
            Just(i64::MIN),
            Just(i64::MAX),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 4 } else { 256 }, ..Default::default() })]

        #[test]
        fn it_holds_what_a_tree_holds(steps in prop::collection::vec((any::<bool>(), number()), 0..120)) {
            let (mut set, mut model, mut width) = (Intset::new(), BTreeSet::new(), Width::Two);
            for (add, number) in steps {
                if add {
                    width = width.max(Width::of(number));
                    prop_assert_eq!(set.insert(number), model.insert(number));
                } else {
                    prop_assert_eq!(set.remove(number), model.remove(&number));
                }
                set.check_invariants();
                prop_assert_eq!(set.contains(number), model.contains(&number));
                prop_assert_eq!((set.width(), set.len()), (width, model.len()));
            }
            let mut all: Vec<i64> = model.iter().copied().collect();
            all.extend(model.iter().rev());
            prop_assert_eq!(Intset::of(all).iter().collect::<Vec<_>>(), set.iter().collect::<Vec<_>>());
            prop_assert_eq!(set.iter().collect::<Vec<_>>(), model.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(set.clone().iter().collect::<Vec<_>>(), set.iter().collect::<Vec<_>>());
            prop_assert_eq!(set.ends(), model.first().copied().zip(model.last().copied()));
            prop_assert_eq!(set.get(model.len()), None);
        }
    }

    #[test]
    fn five_hundred_small_numbers_take_a_kilobyte() {
        let mut set = Intset::new();
        (0..500).for_each(|number| assert!(set.insert(number)));
        assert_eq!(set.alloc_size(), 1024);
    }
}
