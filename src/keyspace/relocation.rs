//! Moving the memory of a database together, a little at a time (`structures::mover`).
//!
//! A walk goes through the keys in the order of scans, a bucket in a step: each key's record moves, and its value with
//! it. A value of many parts is put aside by its name, and moves piece by piece in the steps that follow, before the
//! walk goes on. Last comes what files hashes by the times of their fields. Between two steps the data may change in
//! any way: what is new may be missed, and nothing else.
//!
//! Addresses are all that changes. Nothing outside the tables knows where a record is from one input to the next.

use crate::tables::Tables;
use crate::{Key, Record};
use base::slot::slot_of;
use std::collections::VecDeque;
use structures::mover::Moving;

/// Where a walk through one database stands.
#[derive(Debug)]
pub struct Relocation {
    /// A value of more parts is put aside.
    most: usize,
    stage: Stage,
    /// The keys that were put aside, and where within the first of them we are.
    aside: VecDeque<Box<[u8]>>,
    within: u64,
    /// How many times a key, or a piece of one, had something that was moved.
    pub keys_moved: u64,
    /// How many times it had nothing.
    pub keys_left: u64,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    Keys(u64),
    Files(u64),
    Over,
}

impl Relocation {
    /// A walk that has not begun, in which values of more than `most` parts are put aside.
    pub fn new(most: usize) -> Relocation {
        let aside = VecDeque::new();
        Relocation { most, stage: Stage::Keys(0), aside, within: 0, keys_moved: 0, keys_left: 0 }
    }

    /// Takes one step, of which the work is bounded. Answers whether there are more to come.
    pub fn step(&mut self, tables: &mut Tables, moving: &mut Moving<'_>) -> bool {
        if let Some(name) = self.aside.pop_front() {
            let before = moving.moved;
            self.within = tables.relocate_aside(&name, self.within, moving);
            self.count(moving.moved > before);
            if self.within != 0 {
                self.aside.push_front(name);
            }
            return true;
        }
        self.stage = match self.stage {
            Stage::Keys(cursor) => match self.keys(cursor, tables, moving) {
                0 => Stage::Files(0),
                next => Stage::Keys(next),
            },
            Stage::Files(cursor) => match tables.agenda.relocate(cursor, moving) {
                0 => Stage::Over,
                next => Stage::Files(next),
            },
            Stage::Over => Stage::Over,
        };
        !matches!(self.stage, Stage::Over)
    }

    fn keys(&mut self, cursor: u64, tables: &mut Tables, moving: &mut Moving<'_>) -> u64 {
        tables.relocate(cursor, moving, |record, moving| {
            let before = moving.moved;
            if record.relocate(self.most, moving) {
                self.aside.push_back(record.key().into());
            }
            self.count(moving.moved > before);
        })
    }

    fn count(&mut self, moved: bool) {
        *(if moved { &mut self.keys_moved } else { &mut self.keys_left }) += 1;
    }
}

impl Tables {
    /// Moves a piece of the value of a key, if it is there, and answers the cursor of the next.
    fn relocate_aside(&mut self, name: &[u8], cursor: u64, moving: &mut Moving<'_>) -> u64 {
        let table = if self.tables.len() == 1 { 0 } else { slot_of(name) };
        let key = Key { name, hash: self.hash(name), table };
        self.find_mut(&key).map_or(0, |record| record.relocate_value(cursor, moving))
    }

    /// Moves the memory of the tables at a cursor of [`Tables::scan`], gives the records there to `visit`, and answers
    /// the next cursor. Their keys, and whether they expire, must stay as they are.
    fn relocate(
        &mut self,
        cursor: u64,
        moving: &mut Moving<'_>,
        visit: impl FnMut(&mut Record, &mut Moving<'_>),
    ) -> u64 {
        let bits = self.slot_bits();
        let (slot, within) = ((cursor & ((1 << bits) - 1)) as u16, cursor >> bits);
        if let Some(table) = &mut self.tables[usize::from(slot)] {
            if within == 0 {
                moving.boxed(table);
                table.relocate_frame(moving);
            }
            let next = table.relocate(within, moving, visit);
            if next != 0 {
                return (next << bits) | u64::from(slot);
            }
        }
        self.next_filled(slot).map_or(0, u64::from)
    }
}

#[cfg(test)]
#[path = "relocation_tests.rs"]
mod tests;
