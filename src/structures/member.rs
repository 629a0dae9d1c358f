//! A member: a string of which tables hold many, in a word of eight bytes. A string of up to seven bytes stands in the word
//! itself; a longer one in an allocation of its own, behind its length.
//!
//! ```text
//! the word, its lowest byte first
//!   | length << 1 | 1 | up to seven bytes |       a short string
//!   | address, a multiple of 8: lowest bit 0 |    a long one
//!
//! what the address leads to
//!   | length u8 | bytes |                         up to 254 bytes: a string of 17 takes an allocation of 24
//!   | 255 | length u64 | bytes |                  more
//! ```
//!
//! It does not change once made, and does not say whether it is the text of a number.
//!
//! # Safety
//! 1. A word whose lowest bit is 0 is the unique pointer to an allocation of `layout(length)`, initialised as drawn.
//! 2. A word whose lowest bit is 1 owns nothing; its length is at most [`SHORT`].

use crate::blob::class_size;
use crate::hashtable::{Entry, HashTable, Hasher};
use crate::mover::Moving;
use base::siphash;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ptr::NonNull;

/// The longest string that stands in the word.
const SHORT: usize = 7;
const IS_SHORT: usize = 1;
/// Where in the word's memory the bytes of a short string begin: beside its lowest byte.
const SHORT_AT: usize = if cfg!(target_endian = "little") { 1 } else { 0 };

/// The first byte of a string that is longer than such a byte can tell.
const WIDE: u8 = u8::MAX;
const WIDE_HEAD: usize = 1 + size_of::<u64>();

/// A string in a word.
#[repr(transparent)]
pub struct Member(NonNull<u8>);

// SAFETY: a member owns plain bytes, which do not change.
unsafe impl Send for Member {}
// SAFETY: as above.
unsafe impl Sync for Member {}

impl Member {
    /// A copy of `bytes`.
    #[inline]
    pub fn new(bytes: &[u8]) -> Member {
        if bytes.len() <= SHORT { Member::short(bytes) } else { Member::long(bytes) }
    }

    #[inline]
    fn short(bytes: &[u8]) -> Member {
        let mut word = [0; 8];
        word[SHORT_AT..SHORT_AT + bytes.len()].copy_from_slice(bytes);
        let word = usize::from_ne_bytes(word) | bytes.len() << 1 | IS_SHORT;
        Member(NonNull::new(std::ptr::without_provenance_mut(word)).expect("the lowest bit is set"))
    }

    fn long(bytes: &[u8]) -> Member {
        let layout = layout(bytes.len());
        // SAFETY: the layout is not empty, as a long string is not.
        let Some(start) = NonNull::new(unsafe { alloc(layout) }) else { handle_alloc_error(layout) };
        // SAFETY: the allocation has room for the head of a string of this length and for the string.
        unsafe {
            let head = match u8::try_from(bytes.len()) {
                Ok(len) if len != WIDE => {
                    start.write(len);
                    1
                }
                _ => {
                    start.write(WIDE);
                    start.add(1).cast::<u64>().write_unaligned(bytes.len() as u64);
                    WIDE_HEAD
                }
            };
            start.add(head).as_ptr().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        }
        Member(start)
    }

    /// The string.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        let word = self.0.addr().get();
        // SAFETY: (1) or (2), whichever the lowest bit says; what a borrowed member owns stays as it is.
        unsafe {
            if word & IS_SHORT != 0 {
                let start = (&raw const self.0).cast::<u8>().add(SHORT_AT);
                return std::slice::from_raw_parts(start, word >> 1 & SHORT);
            }
            let (head, len) = match self.0.read() {
                WIDE => (WIDE_HEAD, self.0.add(1).cast::<u64>().read_unaligned() as usize),
                len => (1, usize::from(len)),
            };
            std::slice::from_raw_parts(self.0.as_ptr().add(head), len)
        }
    }

    /// Moves a long string to a better place.
    #[inline]
    pub fn relocate(&mut self, moving: &mut Moving<'_>) {
        if !self.is_short() {
            // SAFETY: (1).
            self.0 = unsafe { moving.shift(self.0, layout(self.as_bytes().len())) };
        }
    }

    /// The bytes of memory taken beside the word, as the allocator rounds them.
    #[inline]
    pub fn alloc_size(&self) -> usize {
        if self.is_short() { 0 } else { layout(self.as_bytes().len()).size() }
    }

    #[inline]
    fn is_short(&self) -> bool {
        self.0.addr().get() & IS_SHORT != 0
    }
}

/// The allocation of a long string.
#[inline]
fn layout(len: usize) -> Layout {
    let head = if len < usize::from(WIDE) { 1 } else { WIDE_HEAD };
    Layout::from_size_align(class_size(len.saturating_add(head)), 8).expect("a string fits the address space")
}

impl Drop for Member {
    #[inline]
    fn drop(&mut self) {
        if !self.is_short() {
            // SAFETY: (1).
            unsafe { dealloc(self.0.as_ptr(), layout(self.as_bytes().len())) };
        }
    }
}

impl Clone for Member {
    fn clone(&self) -> Member {
        Member::new(self.as_bytes())
    }
}

impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "b\"{}\"", self.as_bytes().escape_ascii())
    }
}

impl Entry for Member {
    #[inline(always)]
    fn address(&self) -> *const u8 {
        self.0.as_ptr()
    }
}

/// Hashes members by a secret, so that who chooses them cannot make them collide.
#[derive(Clone, Copy, Debug)]
pub struct Keyed(pub siphash::Key);

impl Hasher<Member> for Keyed {
    #[inline]
    fn hash(&self, member: &Member) -> u64 {
        siphash::hash(&self.0, member.as_bytes())
    }
}

/// A table of members.
pub type Members = HashTable<Member, Keyed>;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_string_takes_the_least_class() {
        let sizes = [(0, 0), (7, 0), (8, 16), (15, 16), (17, 24), (23, 24), (24, 32), (254, 256), (255, 320)];
        for (len, size) in sizes {
            assert_eq!(Member::new(&vec![b'x'; len]).alloc_size(), size, "{len} bytes");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 4 } else { 256 }, ..Default::default() })]

        #[test]
        fn a_member_is_its_string(bytes: Vec<u8>, len in 0usize..600) {
            let (short, long) = (Member::new(&bytes), Member::new(&vec![b'x'; len]));
            prop_assert_eq!(short.as_bytes(), &bytes[..]);
            let copy = long.clone();
            prop_assert_eq!(copy.as_bytes(), vec![b'x'; len]);
        }

        #[test]
        fn a_table_of_members_is_a_set(steps in prop::collection::vec((any::<bool>(), 0u32..60), 0..200)) {
            let key = Keyed(siphash::Key::new(1, 2));
            let (mut table, mut model) = (Members::new(key), BTreeSet::new());
            for (add, number) in steps {
                let name = number.to_string().repeat(1 + number as usize % 5).into_bytes();
                let hash = siphash::hash(&key.0, &name);
                let found = table.locate(hash, |member| member.as_bytes() == name);
                prop_assert_eq!(found.is_some(), model.contains(&name));
                match found {
                    None if add => {
                        table.insert(hash, Member::new(&name));
                        model.insert(name);
                    }
                    Some(place) if !add => {
                        let gone = table.remove(place);
                        prop_assert_eq!(gone.as_bytes(), &name[..]);
                        model.remove(&name);
                    }
                    _ => {}
                }
                table.check_invariants();
            }
            let all: BTreeSet<Vec<u8>> = table.iter().map(|member| member.as_bytes().to_vec()).collect();
            prop_assert_eq!(all, model);
        }
    }
}
