//! The members of a set, one after the other.

use super::Set;
use base::text::Text;
use structures::hashtable;
use structures::intset;
use structures::member::{Keyed, Member};
use structures::pack::items;

/// The members of a set: numbers from the least, those in one piece in the order in which they came, those of a table in
/// none. Texts of numbers may be given as bytes.
pub struct Iter<'a>(Inner<'a>);

enum Inner<'a> {
    Ints(intset::Iter<'a>),
    Pack(items::Iter<'a>),
    Table(hashtable::Iter<'a, Member, Keyed>),
}

impl<'a> Iterator for Iter<'a> {
    type Item = Text<'a>;

    #[inline]
    fn next(&mut self) -> Option<Text<'a>> {
        match &mut self.0 {
            Inner::Ints(numbers) => numbers.next().map(Text::Integer),
            Inner::Pack(items) => items.next(),
            Inner::Table(members) => members.next().map(|member| Text::Bytes(member.as_bytes())),
        }
    }
}

impl Set {
    /// All members.
    #[inline]
    pub fn iter(&self) -> Iter<'_> {
        Iter(match self {
            Set::Ints(ints) => Inner::Ints(ints.iter()),
            Set::Pack(pack) => Inner::Pack(pack.items().iter()),
            Set::Table(table) => Inner::Table(table.iter()),
        })
    }
}
