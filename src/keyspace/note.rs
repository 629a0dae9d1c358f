//! Notes of hashes whose fields expire: when, in which table, and where in it.
//!
//! ```text
//! | when / 16 ms, 48 bits | table, 16 bits | fragment of the key's hash, 32 bits |
//! ```
//!
//! With its time in it, a note is kept in order without a look at the hash, of which each would be somewhere else in memory.
//! A time beyond those bits, a hundred thousand years from now, is taken for the last of them; one before the epoch for the
//! first.

use structures::agenda::{Book, Item};
use structures::hashtable::Fragment;

/// How many bits of a time a note leaves out.
const LEFT_OUT: u32 = 4;
/// The last time that a note can have, without those bits.
const LAST: i64 = (1 << 48) - 1;

/// A hash of which fields are due.
#[derive(Clone, Copy, Debug)]
pub struct Due {
    pub(crate) table: u16,
    pub(crate) fragment: Fragment,
}

/// A note in the agenda: the words of its drawing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Note([u32; 3]);

impl Item for Note {}

impl Note {
    pub(crate) fn new(when: i64, table: u16, hash: u64) -> Note {
        let ticks = (when >> LEFT_OUT).clamp(0, LAST) as u64;
        Note([(ticks >> 16) as u32, (ticks as u32) << 16 | u32::from(table), Fragment::of(hash).to_bits()])
    }

    /// When, as far as the note tells.
    pub(crate) fn when(self) -> i64 {
        (i64::from(self.0[0]) << 16 | i64::from(self.0[1] >> 16)) << LEFT_OUT
    }

    pub(crate) fn due(self) -> Due {
        Due { table: self.0[1] as u16, fragment: Fragment::from_bits(self.0[2]) }
    }
}

/// Notes have their times with them.
pub(crate) struct Dated;

impl Book<Note> for Dated {
    const BY_ITEM: bool = true;

    fn times(&self, note: Note, tell: &mut dyn FnMut(i64)) {
        tell(note.when());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_says_what_was_noted() {
        let hash = 0x1234_5678_9abc_def0;
        for (when, noted) in
            [(0, 0), (1_700_000_000_123, 1_700_000_000_112), (-5, 0), (i64::MAX, LAST << LEFT_OUT)]
        {
            let note = Note::new(when, 16383, hash);
            assert_eq!((note.when(), note.due().table), (noted, 16383));
            assert_eq!(note.due().fragment, Fragment::of(hash));
        }
    }
}
