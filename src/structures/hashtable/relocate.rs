//! Moving a table's memory to better places: buckets here, entries by whoever owns them.
//!
//! A walk goes by the cursors of scans (`scan.rs`), with their promise: what is there from the first step to the last is
//! visited, however the table is resized meanwhile.

use super::scan::next_in_reverse_binary;
use super::{Entry, HashTable, Hasher, chain};
use crate::mover::Moving;

impl<E: Entry, H: Hasher<E>> HashTable<E, H> {
    /// Moves what the table has besides overflow buckets and entries: as a rule only of small tables, since the segments of
    /// large ones have pages of their own.
    pub fn relocate_frame(&mut self, moving: &mut Moving<'_>) {
        self.directory.relocate(moving);
    }

    /// Moves the overflow buckets of one position, gives its entries to `visit`, which may move them, and returns the
    /// cursor of the next position; start with 0, end when 0 comes back. An entry's hash must stay as it is.
    pub fn relocate(
        &mut self,
        cursor: u64,
        moving: &mut Moving<'_>,
        mut visit: impl FnMut(&mut E, &mut Moving<'_>),
    ) -> u64 {
        let positions = self.directory.positions();
        if positions == 0 {
            return 0;
        }
        let position = cursor as usize & (positions - 1);
        for index in [position, position + positions] {
            if index < self.directory.len() {
                // SAFETY: `index` was compared; `&mut self` keeps everyone away.
                unsafe { chain::relocate(self.directory.bucket(index), moving, &mut visit) };
            }
        }
        next_in_reverse_binary(cursor, positions as u64)
    }
}
