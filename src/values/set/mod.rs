//! Sets: members without order and without repetition.
//!
//! ```text
//! intset     all members are numbers        structures::intset
//! listpack   few members, all short         structures::pack
//! hashtable  the rest                       structures::member, a table of strings
//! ```
//!
//! A set begins as the first of these that its first member and the number of members to come allow, and moves on when a
//! member or their number calls for it. It does not come back, but where a command makes a set anew.

mod iter;
mod random;
#[cfg(test)]
mod tests;

pub use iter::Iter;

use crate::distinct::all_differ;
use crate::{Any, Kind, Rules, Value};
use base::int;
use base::siphash;
use base::text::Text;
use structures::blob::class_size;
use structures::intset::Intset;
use structures::member::{Keyed, Member, Members};
use structures::mover::Moving;
use structures::own::Own;
use structures::pack::{Needle, Pack};

/// No set of numbers has more than this, whatever the settings.
const MOST_INTS: u64 = 1 << 30;
/// No set has more bytes than this in one piece, whatever the settings.
const MOST_BYTES: usize = 1 << 30;

/// A set.
pub enum Set {
    /// Numbers in one piece.
    Ints(Intset),
    /// Strings and numbers in one piece, in the order in which they came.
    Pack(Pack),
    /// Strings in a table.
    Table(Own<Members>),
}

impl Set {
    /// An empty set of numbers.
    pub fn of_ints() -> Set {
        Set::Ints(Intset::new())
    }

    /// An empty set of short strings.
    pub fn of_strings() -> Set {
        Set::Pack(Pack::new())
    }

    /// An empty table.
    pub fn table(rules: &Rules) -> Set {
        Set::Table(Own::new(Members::new(Keyed(rules.hash_key))))
    }

    /// An empty set that is to hold `first` and about `count` members in all.
    pub fn for_members(first: &[u8], count: usize, rules: &Rules) -> Set {
        if count as u64 <= rules.set_max_intset_entries && int::parse_i64(first).is_some() {
            Set::of_ints()
        } else if count as u64 <= rules.set_max_listpack_entries {
            Set::of_strings()
        } else {
            let mut table = Members::new(Keyed(rules.hash_key));
            table.reserve(count);
            Set::Table(Own::new(table))
        }
    }

    /// A set of these members, which may come more than once, as adding one after the other would make it.
    pub fn of<'m>(members: impl ExactSizeIterator<Item = &'m [u8]> + Clone, rules: &Rules) -> Set {
        if members.len() as u64 <= rules.set_max_intset_entries.min(MOST_INTS)
            && let Some(numbers) = members.clone().map(int::parse_i64).collect()
        {
            return Set::Ints(Intset::of(numbers));
        }
        let first = members.clone().next().unwrap_or_default();
        let mut set = Set::for_members(first, members.len(), rules);
        for member in members {
            set.add(Text::Bytes(member), rules);
        }
        set
    }

    /// A set of these members in one piece and in their order, whatever their lengths, or a table if they are too many;
    /// none if one of them comes twice.
    pub fn in_one_piece(members: &[Text<'_>], rules: &Rules) -> Option<Set> {
        if members.len() as u64 <= rules.set_max_listpack_entries {
            let differ = all_differ(members.iter().copied(), members.len());
            return differ.then(|| Set::Pack(Pack::of(members.iter().map(|&member| canonical(member)))));
        }
        let mut table = Members::new(Keyed(rules.hash_key));
        members.iter().all(|&member| table.add(member)).then(|| Set::Table(Own::new(table)))
    }

    /// Makes a set in one piece a table if so many members are to come that it would become one anyway.
    pub fn expect(&mut self, count: usize, rules: &Rules) {
        let most = match self {
            Set::Ints(_) => rules.set_max_intset_entries,
            Set::Pack(_) => rules.set_max_listpack_entries,
            Set::Table(_) => return,
        };
        if count as u64 > most {
            self.convert_to_table(count, rules);
        }
    }

    /// How many members there are.
    #[inline]
    pub fn len(&self) -> usize {
        match self {
            Set::Ints(ints) => ints.len(),
            Set::Pack(pack) => pack.len(),
            Set::Table(table) => table.len(),
        }
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a string is a member.
    #[inline]
    pub fn contains(&self, member: Text<'_>) -> bool {
        match self {
            Set::Ints(ints) => member.integer().is_some_and(|number| ints.contains(number)),
            Set::Pack(pack) => pack.find(&Needle::of(member), 1).is_some(),
            Set::Table(table) => {
                let mut digits = [0; int::MAX_TEXT];
                let bytes = member.bytes(&mut digits);
                table.find(hash(table, bytes), |own| own.as_bytes() == bytes).is_some()
            }
        }
    }

    /// Adds a member. Answers whether it was not there.
    #[inline]
    pub fn add(&mut self, member: Text<'_>, rules: &Rules) -> bool {
        match self {
            Set::Ints(ints) => match member.integer() {
                Some(number) => {
                    let added = ints.insert(number);
                    if added && ints.len() as u64 > rules.set_max_intset_entries.min(MOST_INTS) {
                        self.convert_to_table(0, rules);
                    }
                    added
                }
                None => self.add_string_to_ints(member, rules),
            },
            Set::Pack(pack) => {
                let needle = Needle::of(member);
                if pack.find(&needle, 1).is_some() {
                    return false;
                }
                if (pack.len() as u64) < rules.set_max_listpack_entries
                    && member.len() as u64 <= rules.set_max_listpack_value
                    && pack.byte_len().saturating_add(member.len()) <= MOST_BYTES
                {
                    pack.push(canonical(member));
                } else {
                    self.convert_to_table(0, rules).add(member);
                }
                true
            }
            Set::Table(table) => table.add(member),
        }
    }

    /// Adds what is not a number to a set of numbers.
    #[cold]
    fn add_string_to_ints(&mut self, member: Text<'_>, rules: &Rules) -> bool {
        let Set::Ints(ints) = self else { return self.add(member, rules) };
        let (least, most) = ints.ends().unwrap_or_default();
        let longest = int::text_len(least).max(int::text_len(most)).max(member.len());
        if (ints.len() as u64) < rules.set_max_listpack_entries
            && longest as u64 <= rules.set_max_listpack_value
            && member.len() <= MOST_BYTES
        {
            let mut pack = Pack::of(ints.iter().map(Text::Integer));
            pack.push(member);
            *self = Set::Pack(pack);
        } else {
            self.convert_to_table(0, rules).add(member);
        }
        true
    }

    /// Takes a member out. Answers whether it was there.
    #[inline]
    pub fn remove(&mut self, member: Text<'_>) -> bool {
        match self {
            Set::Ints(ints) => member.integer().is_some_and(|number| ints.remove(number)),
            Set::Pack(pack) => {
                let gap = pack.find(&Needle::of(member), 1);
                if let Some(gap) = gap {
                    pack.remove(gap, 1);
                }
                gap.is_some()
            }
            Set::Table(table) => {
                let mut digits = [0; int::MAX_TEXT];
                let bytes = member.bytes(&mut digits);
                let hash = hash(table, bytes);
                table.extract(hash, |own| own.as_bytes() == bytes).is_some()
            }
        }
    }

    /// Makes the set a table with room for `count` members, and for one more than there are.
    fn convert_to_table(&mut self, count: usize, rules: &Rules) -> &mut Members {
        let mut table = Members::new(Keyed(rules.hash_key));
        table.reserve(count.max(self.len() + 1));
        for member in self.iter() {
            table.add(member);
        }
        *self = Set::Table(Own::new(table));
        match self {
            Set::Table(table) => table,
            _ => unreachable!("it has just become one"),
        }
    }

    /// Makes the set one of numbers if all its members are and they are not too many. Only commands that store a new set
    /// do this.
    pub fn settle_for_ints(&mut self, rules: &Rules) {
        if self.len() as u64 > rules.set_max_intset_entries.min(MOST_INTS) {
            return;
        }
        if let Some(numbers) = self.iter().map(|member| member.integer()).collect() {
            *self = Set::Ints(Intset::of(numbers));
        }
    }

    /// Visits the members at one place of a table and answers the cursor of the next; of a set in one piece all members,
    /// and that was all. See [`structures::hashtable`] for what a walk by cursors promises.
    pub fn scan(&self, cursor: u64, mut visit: impl FnMut(Text<'_>)) -> u64 {
        match self {
            Set::Table(table) => table.scan(cursor, |member| visit(Text::Bytes(member.as_bytes()))),
            _ => {
                self.iter().for_each(visit);
                0
            }
        }
    }

    /// Panics if the set contradicts itself.
    pub fn check_invariants(&self) {
        match self {
            Set::Ints(ints) => ints.check_invariants(),
            Set::Pack(pack) => assert_eq!(pack.items().iter().count(), pack.len()),
            Set::Table(table) => table.check_invariants(),
        }
    }
}

/// A string as a pack has it: the text of a number as the number.
#[inline]
fn canonical(member: Text<'_>) -> Text<'_> {
    match member {
        Text::Bytes(bytes) => Text::of(bytes),
        number => number,
    }
}

#[inline]
fn hash(table: &Members, bytes: &[u8]) -> u64 {
    siphash::hash(&table.hasher().0, bytes)
}

/// What sets do with tables.
trait Table {
    /// Adds a member. Answers whether it was not there.
    fn add(&mut self, member: Text<'_>) -> bool;
}

impl Table for Members {
    #[inline]
    fn add(&mut self, member: Text<'_>) -> bool {
        let mut digits = [0; int::MAX_TEXT];
        let bytes = member.bytes(&mut digits);
        let hash = hash(self, bytes);
        if self.find(hash, |own| own.as_bytes() == bytes).is_some() {
            return false;
        }
        self.insert(hash, Member::new(bytes));
        true
    }
}

impl std::fmt::Debug for Set {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Value for Set {
    const KIND: Kind = Kind::Set;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn encoding(&self) -> &'static str {
        match self {
            Set::Ints(_) => "intset",
            Set::Pack(_) => "listpack",
            Set::Table(_) => "hashtable",
        }
    }

    fn alloc_size(&self, samples: usize) -> usize {
        match self {
            Set::Ints(ints) => ints.alloc_size(),
            Set::Pack(pack) => pack.alloc_size(),
            Set::Table(table) => {
                let samples = if samples == 0 { table.len() } else { samples.min(table.len()) };
                let sum: usize = table.iter().take(samples).map(Member::alloc_size).sum();
                let members = (sum as u128 * table.len() as u128).checked_div(samples as u128).unwrap_or(0);
                class_size(size_of::<Members>()) + table.mem_bytes() + members as usize
            }
        }
    }

    fn free_effort(&self) -> usize {
        match self {
            Set::Ints(_) | Set::Pack(_) => 1,
            Set::Table(table) => table.len(),
        }
    }

    fn relocate(&mut self, cursor: u64, moving: &mut Moving<'_>) -> u64 {
        let table = match self {
            Set::Ints(ints) => {
                ints.relocate(moving);
                return 0;
            }
            Set::Pack(pack) => {
                pack.relocate(moving);
                return 0;
            }
            Set::Table(table) => table,
        };
        if cursor == 0 {
            table.relocate(moving);
            table.relocate_frame(moving);
        }
        Members::relocate(table, cursor, moving, Member::relocate)
    }

    fn duplicate(&self) -> Set {
        match self {
            Set::Ints(ints) => Set::Ints(ints.clone()),
            Set::Pack(pack) => Set::Pack(pack.clone()),
            Set::Table(table) => {
                let mut copy = Members::new(*table.hasher());
                copy.reserve(table.len());
                for member in table.iter() {
                    copy.insert(hash(table, member.as_bytes()), member.clone());
                }
                Set::Table(Own::new(copy))
            }
        }
    }

    fn into_any(self) -> Any {
        Any::Set(self)
    }

    #[inline]
    fn prefetch_part(&self, name: &[u8]) -> Option<u64> {
        let Set::Table(table) = self else { return None };
        let hash = hash(table, name);
        table.prefetch_bucket(hash);
        Some(hash)
    }

    #[inline]
    fn prefetch_found(&self, hash: u64) {
        if let Set::Table(table) = self {
            table.prefetch_entry(hash);
        }
    }
}
