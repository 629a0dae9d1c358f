//! How far a group has come: how many entries lie before an ID, and how many are still ahead of a group.
//!
//! Entries carry no running number. The number of one is known for the first and the last, by how many were ever added and
//! how many are left, and as long as no deletion tore a hole in between.

use super::entries::Entries;
use super::group::Group;
use super::id::Id;

impl Entries {
    /// Whether an entry behind this ID, or of it, was deleted while others are left.
    pub(crate) fn has_hole_from(&self, start: Id) -> bool {
        let deleted = self.marks.max_deleted;
        self.length > 0 && deleted != Id::MIN && start <= deleted
    }

    /// How many entries were ever added up to an ID, if that can be told.
    pub fn count_up_to(&self, id: Id) -> Option<u64> {
        let marks = &self.marks;
        if marks.added == 0 {
            return Some(0);
        }
        if self.length == 0 && id <= marks.last {
            return Some(marks.added);
        }
        if id != Id::MIN && id < marks.max_deleted {
            return None;
        }
        if id == marks.last {
            return Some(marks.added);
        }
        let unbroken = marks.max_deleted == Id::MIN || marks.max_deleted < marks.first;
        let before = marks.added.wrapping_sub(self.length);
        match id.cmp(&marks.first) {
            _ if id > marks.last || !unbroken => None,
            std::cmp::Ordering::Less => Some(before),
            std::cmp::Ordering::Equal => Some(before.wrapping_add(1)),
            std::cmp::Ordering::Greater => None,
        }
    }

    /// How many entries a group has not been given yet, if that can be told.
    pub fn lag(&self, group: &Group) -> Option<i64> {
        let behind = |read: u64| self.marks.added.wrapping_sub(read).cast_signed();
        if self.marks.added == 0 {
            return Some(0);
        }
        match group.read {
            Some(read) if !self.has_hole_from(group.last) => Some(behind(read)),
            _ => self.count_up_to(group.last).map(behind),
        }
    }

    /// Takes note that a group has been given an entry. Answers whether the entry was new to it.
    pub fn advance(&self, group: &mut Group, id: Id) -> bool {
        if id <= group.last {
            return false;
        }
        match group.read {
            Some(read) if group.last >= self.marks.first && !self.has_hole_from(group.last) => {
                group.read = Some(read.wrapping_add(1));
            }
            _ if self.marks.added > 0 => group.read = self.count_up_to(id),
            _ => {}
        }
        group.last = id;
        true
    }
}
