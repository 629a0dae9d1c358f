//! The intset: numbers in ascending order, in one allocation, listed or marked, whichever is smaller.
//!
//! ```text
//! listed   | count u32 | shown u8 | wide u8 | - u16     |  least | next | ...      `wide` bytes each, little-endian
//! marked   | count u32 | shown u8 |    0    | words u16 |  base i64 | word | word | ...              a bit each
//! ```
//!
//! - **Listed** numbers are all as wide as the widest of them needs (`listed.rs`).
//! - **Marked** numbers are bits of words, which cover everything from the least number to the greatest (`marked.rs`). So
//!   five hundred numbers in a row take a hundred bytes; and to look for one, or to add it, is to look at a bit.
//!
//! A set is marked once that takes half of what a list does, and listed again when a list takes less. The number with a
//! certain index is found by counting marks: hence no more than [`MOST_WORDS`] of these.
//!
//! The width *shown* is the one that the reference's numbers have, 2, 4 or 8 bytes. It grows when a number comes that does
//! not fit, and never shrinks: so the reference has it, whose snapshots tell.
//!
//! # Safety
//! 1. The pointer is unique; it points to an allocation of the layout that its header names, which are whole words.
//! 2. All of the allocation is initialised, also what lies behind the numbers.

mod listed;
mod marked;
#[cfg(test)]
mod tests;

use crate::blob::class_size;
use listed::{Listed, bytes_of};
use marked::{Marked, mark_of, word_of, words_between};
use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error, realloc};
use std::ptr::NonNull;

const WORD: usize = 8;
const HEADER: usize = WORD;
/// The words before those with marks: header and base.
const BEFORE_MARKS: usize = 2;
/// More words than these hold no marks.
const MOST_WORDS: usize = 128;
/// The form of a set that has had none.
const EMPTY: Form = Form::Listed(1);

/// Numbers in ascending order, behind a thin pointer.
pub struct Intset(NonNull<u64>);

// SAFETY: an intset owns plain numbers.
unsafe impl Send for Intset {}
// SAFETY: as above; a shared one is only read.
unsafe impl Sync for Intset {}

/// How many bytes each number takes in the reference.
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

/// The header.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Head {
    count: u32,
    shown: Width,
    form: Form,
}

/// How the numbers are kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// In so many bytes each.
    Listed(usize),
    /// As bits in so many words.
    Marked(usize),
}

/// A look at the numbers.
#[derive(Clone, Copy)]
enum Numbers<'a> {
    Listed(Listed<'a>),
    Marked(Marked<'a>),
}

impl Form {
    /// The bytes that so many numbers take in this form.
    #[inline]
    fn size(self, count: usize) -> usize {
        match self {
            Form::Listed(wide) => HEADER + count * wide,
            Form::Marked(words) => (BEFORE_MARKS + words) * WORD,
        }
    }

    /// The list of any numbers between two.
    #[inline]
    fn list(least: i64, most: i64) -> Form {
        Form::Listed(bytes_of(least).max(bytes_of(most)))
    }

    /// The form for so many numbers between two, which have had this one.
    #[inline]
    fn after(self, count: usize, least: i64, most: i64) -> Form {
        let list = Form::list(least, most);
        let words = words_between(least, most);
        let marks = Form::Marked(words);
        let most_bytes = match self {
            Form::Listed(_) => list.size(count) / 2,
            Form::Marked(_) => list.size(count),
        };
        if words <= MOST_WORDS && marks.size(count) <= most_bytes { marks } else { list }
    }
}

impl Head {
    #[inline]
    fn from_word(word: u64) -> Head {
        let [a, b, c, d, shown, wide, low, high] = word.to_le_bytes();
        Head {
            count: u32::from_le_bytes([a, b, c, d]),
            shown: match shown {
                2 => Width::Two,
                4 => Width::Four,
                _ => Width::Eight,
            },
            form: match wide {
                0 => Form::Marked(u16::from_le_bytes([low, high]) as usize),
                _ => Form::Listed(wide as usize),
            },
        }
    }

    #[inline]
    fn to_word(self) -> u64 {
        let [a, b, c, d] = self.count.to_le_bytes();
        let (wide, [low, high]) = match self.form {
            Form::Listed(wide) => (wide as u8, [0; 2]),
            Form::Marked(words) => (0, (words as u16).to_le_bytes()),
        };
        u64::from_le_bytes([a, b, c, d, self.shown as u8, wide, low, high])
    }

    /// How many words the set takes.
    #[inline]
    fn words(self) -> usize {
        self.form.size(self.count as usize).div_ceil(WORD)
    }

    /// The layout of a set's memory: as much as the allocator has to give anyway, which is whole words.
    fn layout(self) -> Layout {
        let size = class_size(self.words() * WORD);
        Layout::from_size_align(size, WORD).expect("numbers counted in 32 bits fit the address space")
    }
}

/// Making.
impl Intset {
    /// A set of no numbers.
    pub fn new() -> Intset {
        Intset::of_ascending(&[], Width::Two)
    }

    /// A set of these numbers, in any order and as often as they come.
    pub fn of(mut numbers: Vec<i64>) -> Intset {
        numbers.sort_unstable();
        numbers.dedup();
        Intset::of_ascending(&numbers, Width::Two)
    }

    /// A set of these numbers, each greater than the one before it. It shows this width or the one that they need.
    pub fn of_ascending(numbers: &[i64], shown: Width) -> Intset {
        Intset::build(numbers, EMPTY, shown)
    }

    /// A set of ascending numbers which have been in this form.
    fn build(numbers: &[i64], form: Form, shown: Width) -> Intset {
        let (least, most) = ends_of(numbers).unwrap_or_default();
        let (form, shown) =
            (form.after(numbers.len(), least, most), shown.max(Width::of(least)).max(Width::of(most)));
        let count = u32::try_from(numbers.len()).expect("numbers are counted in 32 bits");
        let mut set = Intset::allocate(Head { count, shown, form });
        match form {
            Form::Listed(wide) => {
                let places = set.bytes_mut()[HEADER..].chunks_exact_mut(wide);
                places.zip(numbers).for_each(|(place, &number)| write(place, number));
            }
            Form::Marked(_) => {
                let base = word_of(least);
                let words = set.words_mut();
                words[1] = base as u64;
                for &number in numbers {
                    words[BEFORE_MARKS + (word_of(number) - base) as usize] |= mark_of(number);
                }
            }
        }
        set
    }
}

/// Reading.
impl Intset {
    /// How many numbers there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.head().count as usize
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How wide the numbers are in the reference.
    #[inline]
    pub fn width(&self) -> Width {
        self.head().shown
    }

    /// The bytes of memory taken, as the allocator rounds them.
    pub fn alloc_size(&self) -> usize {
        self.head().layout().size()
    }

    #[inline]
    fn numbers(&self) -> Numbers<'_> {
        let head = self.head();
        match head.form {
            Form::Listed(wide) => Numbers::Listed(Listed::new(self.bytes(), wide, head.count as usize)),
            Form::Marked(count) => {
                let words = self.words();
                Numbers::Marked(Marked::new(words[1] as i64, &words[BEFORE_MARKS..][..count]))
            }
        }
    }

    /// Number `index` from the least, if there are so many.
    #[inline]
    pub fn get(&self, index: usize) -> Option<i64> {
        match self.numbers() {
            Numbers::Listed(list) => list.get(index),
            Numbers::Marked(marks) => marks.get(index),
        }
    }

    /// The least and the greatest number.
    #[inline]
    pub fn ends(&self) -> Option<(i64, i64)> {
        match self.numbers() {
            Numbers::Listed(list) => list.ends(),
            Numbers::Marked(marks) => marks.ends(),
        }
    }

    /// All numbers, from the least.
    #[inline]
    pub fn iter(&self) -> Iter<'_> {
        let numbers = self.numbers();
        let left = match numbers {
            Numbers::Listed(_) => 0,
            Numbers::Marked(marks) => marks.first(),
        };
        Iter { numbers, at: 0, left, rest: self.len() }
    }

    /// Whether a number is there.
    #[inline]
    pub fn contains(&self, number: i64) -> bool {
        match self.numbers() {
            Numbers::Listed(list) => list.search(number).is_ok(),
            Numbers::Marked(marks) => marks.contains(number),
        }
    }

    /// Panics if the set contradicts itself.
    pub fn check_invariants(&self) {
        assert!(self.iter().is_sorted_by(|a, b| a < b), "numbers ascend");
        assert_eq!(self.iter().count(), self.len());
        let (least, most) = self.ends().unwrap_or_default();
        assert!(self.width() >= Width::of(least).max(Width::of(most)));
        match self.numbers() {
            Numbers::Listed(list) => assert!(list.wide() >= bytes_of(least).max(bytes_of(most))),
            Numbers::Marked(marks) => {
                marks.check_invariants();
                assert!(self.head().form == self.head().form.after(self.len(), least, most), "marks pay");
            }
        }
    }
}

/// Writing.
impl Intset {
    /// Adds a number. Answers whether it was not there.
    pub fn insert(&mut self, number: i64) -> bool {
        match self.numbers() {
            Numbers::Listed(list) => match list.search(number) {
                Ok(_) => return false,
                Err(at) => self.list(at, number),
            },
            Numbers::Marked(marks) => match marks.index_of(number) {
                Some(_) if marks.contains(number) => return false,
                Some(index) => self.mark(index, number),
                None => self.rebuild_with(number),
            },
        }
        true
    }

    /// Lists a number as number `at`.
    fn list(&mut self, at: usize, number: i64) {
        let head = self.head();
        let (count, (least, most)) = (self.len(), self.ends().unwrap_or((number, number)));
        let wide = match (head.form, head.form.after(count + 1, least.min(number), most.max(number))) {
            (Form::Listed(wide), Form::Listed(needed)) if needed <= wide => wide,
            _ => return self.rebuild_with(number),
        };
        self.resize(Head { count: head.count + 1, shown: head.shown.max(Width::of(number)), ..head });
        let (from, end) = (HEADER + at * wide, HEADER + count * wide);
        let bytes = self.bytes_mut();
        bytes.copy_within(from..end, from + wide);
        write(&mut bytes[from..from + wide], number);
    }

    /// Marks a number that is not there, in the word that has place for it.
    #[inline]
    fn mark(&mut self, index: usize, number: i64) {
        let head = self.head();
        self.words_mut()[BEFORE_MARKS + index] |= mark_of(number);
        self.set_head(Head { count: head.count + 1, shown: head.shown.max(Width::of(number)), ..head });
    }

    /// Adds a number for which there is no place in this form.
    #[cold]
    fn rebuild_with(&mut self, number: i64) {
        let mut numbers = Vec::with_capacity(self.len() + 1);
        numbers.extend(self.iter());
        numbers.insert(numbers.partition_point(|&own| own < number), number);
        *self = Intset::build(&numbers, self.head().form, self.width());
    }

    /// Takes a number out. Answers whether it was there.
    pub fn remove(&mut self, number: i64) -> bool {
        match self.numbers() {
            Numbers::Listed(list) => match list.search(number) {
                Ok(at) => self.unlist(at),
                Err(_) => return false,
            },
            Numbers::Marked(marks) => match marks.index_of(number) {
                Some(index) if marks.contains(number) => self.unmark(index, number),
                _ => return false,
            },
        }
        true
    }

    /// Takes number `index` out, which is there.
    pub fn remove_at(&mut self, index: usize) {
        let number = self.get(index).expect("there are so many numbers");
        match self.head().form {
            Form::Listed(_) => self.unlist(index),
            Form::Marked(_) => _ = self.remove(number),
        }
    }

    /// Takes number `at` out of a list.
    fn unlist(&mut self, at: usize) {
        let head = self.head();
        let Form::Listed(wide) = head.form else { return };
        let (to, end) = (HEADER + at * wide, HEADER + self.len() * wide);
        self.bytes_mut().copy_within(to + wide..end, to);
        self.resize(Head { count: head.count - 1, ..head });
    }

    /// Takes the mark of a number out of a word. Words at the ends that have none left go; if marks pay no more, all do.
    fn unmark(&mut self, index: usize, number: i64) {
        let head = self.head();
        self.words_mut()[BEFORE_MARKS + index] &= !mark_of(number);
        self.set_head(Head { count: head.count - 1, ..head });
        let stays = |(least, most)| head.form.after(self.len(), least, most) == head.form;
        if !self.ends().is_some_and(stays) {
            let numbers = Vec::from_iter(self.iter());
            *self = Intset::build(&numbers, head.form, head.shown);
        }
    }
}

/// Memory.
impl Intset {
    /// Memory for a set of this head, all zeros behind that.
    fn allocate(head: Head) -> Intset {
        let layout = head.layout();
        // SAFETY: the layout is not empty, as it has room for a header.
        let Some(start) = NonNull::new(unsafe { alloc_zeroed(layout) }) else { handle_alloc_error(layout) };
        let mut set = Intset(start.cast());
        set.set_head(head);
        set
    }

    /// Gives the set another head, and the memory that goes with it.
    fn resize(&mut self, head: Head) {
        let (old, new) = (self.head().layout(), head.layout());
        if old != new {
            // SAFETY: (1): the allocation has the old layout; the new size is not zero and was checked by `layout`. What
            // it has more than the old one is initialised before anyone looks.
            unsafe {
                let start = realloc(self.0.as_ptr().cast(), old, new.size());
                let Some(start) = NonNull::new(start) else { handle_alloc_error(new) };
                if let Some(more) = new.size().checked_sub(old.size()) {
                    start.add(old.size()).write_bytes(0, more);
                }
                self.0 = start.cast();
            }
        }
        self.set_head(head);
    }

    #[inline]
    fn head(&self) -> Head {
        // SAFETY: (2): an allocation begins with a header.
        Head::from_word(unsafe { self.0.read() })
    }

    #[inline]
    fn set_head(&mut self, head: Head) {
        // SAFETY: (1): the header is the start of the allocation, and the set is borrowed by nobody else.
        unsafe { self.0.write(head.to_word()) };
    }

    /// The words that the set takes.
    #[inline]
    fn words(&self) -> &[u64] {
        // SAFETY: (1) and (2); nobody writes while `self` is borrowed.
        unsafe { std::slice::from_raw_parts(self.0.as_ptr(), self.head().words()) }
    }

    /// The words that the set takes.
    #[inline]
    fn words_mut(&mut self) -> &mut [u64] {
        // SAFETY: (1) and (2); `self` is borrowed by nobody else.
        unsafe { std::slice::from_raw_parts_mut(self.0.as_ptr(), self.head().words()) }
    }

    /// The same, byte by byte.
    #[inline]
    fn bytes(&self) -> &[u8] {
        let words = self.words();
        // SAFETY: words are bytes, and a slice of bytes needs no alignment.
        unsafe { std::slice::from_raw_parts(words.as_ptr().cast(), size_of_val(words)) }
    }

    /// The same, byte by byte.
    #[inline]
    fn bytes_mut(&mut self) -> &mut [u8] {
        let words = self.words_mut();
        // SAFETY: as above; any bytes are words.
        unsafe { std::slice::from_raw_parts_mut(words.as_mut_ptr().cast(), size_of_val(words)) }
    }

    /// The address, to be kept where eight bytes are at hand; [`Intset::from_raw`] takes it back. A multiple of 8.
    #[inline]
    pub fn into_raw(self) -> NonNull<u8> {
        std::mem::ManuallyDrop::new(self).0.cast()
    }

    /// The set that [`Intset::into_raw`] made an address of.
    ///
    /// # Safety
    /// The address came from `into_raw`, and each such address is given back at most once.
    #[inline]
    pub unsafe fn from_raw(address: NonNull<u8>) -> Intset {
        Intset(address.cast())
    }
}

/// The numbers of a set, from the least.
#[derive(Clone)]
pub struct Iter<'a> {
    numbers: Numbers<'a>,
    /// The index of the next number that is listed, or of the word that has the next mark.
    at: usize,
    /// What is left of that word.
    left: u64,
    rest: usize,
}

impl Iterator for Iter<'_> {
    type Item = i64;

    #[inline]
    fn next(&mut self) -> Option<i64> {
        let next = match self.numbers {
            Numbers::Listed(list) => {
                self.at += 1;
                list.get(self.at - 1)
            }
            Numbers::Marked(marks) => marks.next(&mut self.at, &mut self.left),
        };
        self.rest -= usize::from(next.is_some());
        next
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.rest, Some(self.rest))
    }
}

impl ExactSizeIterator for Iter<'_> {}

/// Writes a number to a place of the width it needs, or a greater one.
#[inline]
fn write(place: &mut [u8], number: i64) {
    let wide = place.len();
    place.copy_from_slice(&number.to_le_bytes()[..wide]);
}

/// The first and the last.
fn ends_of(numbers: &[i64]) -> Option<(i64, i64)> {
    Some((*numbers.first()?, *numbers.last()?))
}

impl Default for Intset {
    fn default() -> Intset {
        Intset::new()
    }
}

impl Clone for Intset {
    fn clone(&self) -> Intset {
        let mut copy = Intset::allocate(self.head());
        copy.words_mut().copy_from_slice(self.words());
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
        unsafe { dealloc(self.0.as_ptr().cast(), self.head().layout()) };
    }
}
