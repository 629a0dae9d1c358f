//! Sets in snapshots.
//!
//! ```text
//!  2  set            number of members, a string each
//! 11  set, intset    a string: | width u32 | count u32 | numbers, ascending |      little-endian
//! 20  set, listpack  a string: a listpack of the members
//! ```

use super::hash::room;
use crate::reader::Flaw;
use crate::{DecodeError, Reader, Writer};
use base::text::Text;
use keyspace::values::{Rules, Set};
use structures::intset::{Intset, Width};
use structures::listpack;

const SET: u8 = 2;
const INTSET: u8 = 11;
const LISTPACK: u8 = 20;

/// Whether a type's number stands for one of these.
pub(super) fn knows(kind: u8) -> bool {
    matches!(kind, SET | INTSET | LISTPACK)
}

/// Writes the type, the key's name where it stands between, and the value.
pub(super) fn write(out: &mut Writer<'_>, name: Option<&[u8]>, value: &Set) {
    match value {
        Set::Ints(ints) => {
            out.head(INTSET, name);
            out.string(&intset_bytes(ints));
        }
        Set::Pack(pack) => {
            out.head(LISTPACK, name);
            let mut list = listpack::Writer::with_room(room(pack));
            pack.items().iter().for_each(|member| list.push(member));
            out.string(&list.finish());
        }
        Set::Table(table) => {
            out.head(SET, name);
            out.length(table.len() as u64);
            table.iter().for_each(|member| out.string(member.as_bytes()));
        }
    }
}

fn intset_bytes(ints: &Intset) -> Vec<u8> {
    let width = ints.width() as usize;
    let mut bytes = Vec::with_capacity(8 + ints.len() * width);
    bytes.extend((width as u32).to_le_bytes());
    bytes.extend((ints.len() as u32).to_le_bytes());
    ints.iter().for_each(|number| bytes.extend(&number.to_le_bytes()[..width]));
    bytes
}

/// Reads a set that is one string of bytes. No set is empty, and none has a member twice.
pub(super) fn read(kind: u8, input: &mut Reader<'_>, rules: &Rules) -> Result<Set, DecodeError> {
    let flaw = input.error(Flaw::Content);
    let set = match kind {
        INTSET => {
            let mut set = Set::Ints(read_intset(&input.bytes()?).ok_or(flaw)?);
            set.expect(set.len(), rules);
            set
        }
        _ => {
            let bytes = input.bytes()?;
            let members = listpack::Reader::new(&bytes).and_then(listpack::Reader::all).map_err(|_| flaw)?;
            Set::in_one_piece(&members, rules).ok_or(flaw)?
        }
    };
    if set.is_empty() { Err(input.error(Flaw::Empty)) } else { Ok(set) }
}

fn read_intset(bytes: &[u8]) -> Option<Intset> {
    let (width, rest) = bytes.split_first_chunk()?;
    let (count, numbers) = rest.split_first_chunk()?;
    let width = match u32::from_le_bytes(*width) {
        2 => Width::Two,
        4 => Width::Four,
        8 => Width::Eight,
        _ => return None,
    };
    if (u32::from_le_bytes(*count) as usize).checked_mul(width as usize) != Some(numbers.len()) {
        return None;
    }
    let numbers = numbers.chunks_exact(width as usize).map(|number| {
        let mut word = [0; 8];
        word[8 - width as usize..].copy_from_slice(number);
        i64::from_le_bytes(word) >> (64 - 8 * width as u32)
    });
    let numbers = Vec::from_iter(numbers);
    numbers.is_sorted_by(|a, b| a < b).then(|| Intset::of_ascending(&numbers, width))
}

/// A set whose members come one by one: as numbers while they are, if they are not too many.
pub(crate) struct Growing {
    left: u64,
    set: Set,
}

impl Growing {
    /// Whether sets of a type do.
    pub(super) fn is(kind: u8) -> bool {
        kind == SET
    }

    pub(super) fn begin(input: &mut Reader<'_>, rules: &Rules) -> Result<Growing, DecodeError> {
        let left = input.length()?;
        let set = if left > rules.set_max_intset_entries { Set::table(rules) } else { Set::of_ints() };
        Ok(Growing { left, set })
    }

    pub(super) fn grow(&mut self, input: &mut Reader<'_>, rules: &Rules) -> Result<(), DecodeError> {
        while self.left > 0 {
            let added = match input.whole(Reader::string)? {
                crate::Text::Integer(number) => self.set.add(Text::Integer(number), rules),
                crate::Text::Bytes(bytes) => self.set.add(Text::Bytes(&bytes), rules),
            };
            if !added {
                return Err(input.error(Flaw::Content));
            }
            self.left -= 1;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Option<Set> {
        Some(self.set).filter(|set| !set.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::siphash;

    fn rules() -> Rules {
        Rules::default_with(siphash::Key::new(1, 2))
    }

    fn written(set: &Set) -> Vec<u8> {
        let mut out = Writer::new(None);
        write(&mut out, None, set);
        out.bytes
    }

    fn read_all(bytes: &[u8]) -> Result<Set, DecodeError> {
        let mut input = Reader::new(bytes);
        let kind = input.byte()?;
        assert!(knows(kind));
        match crate::value::read_of(kind, &mut input, &rules())? {
            crate::Value::Other(keyspace::values::Any::Set(set)) => Ok(set),
            value => panic!("{value:?} is no set"),
        }
    }

    fn set_of(names: &[&[u8]]) -> Set {
        let mut set = Set::for_members(names[0], names.len(), &rules());
        names.iter().for_each(|name| assert!(set.add(Text::Bytes(name), &rules())));
        set
    }

    #[test]
    fn bytes_are_those_of_the_reference() {
        assert_eq!(written(&set_of(&[b"1", b"-2"])), b"\x0b\x0c\x02\0\0\0\x02\0\0\0\xfe\xff\x01\0");
        assert_eq!(written(&set_of(&[b"a", b"1"])), b"\x14\x0c\x0c\0\0\0\x02\0\x81a\x02\x01\x01\xff");
        let long = [b'x'; 65];
        assert_eq!(written(&set_of(&[&long]))[..4], b"\x02\x01\x40\x41"[..]);
    }

    #[test]
    fn what_is_written_is_read() {
        let long = [b'x'; 65];
        let many: Vec<String> = (0..600).map(|number| (number * 1000).to_string()).collect();
        let many: Vec<&[u8]> = many.iter().map(String::as_bytes).collect();
        for names in [&[&b"1"[..], b"70000", b"-5"][..], &[b"a", b"1", b"01"], &[&long, b"a", b"7"], &many] {
            let set = set_of(names);
            let read = read_all(&written(&set)).expect("sound");
            read.check_invariants();
            assert!(read.len() == set.len() && set.iter().all(|member| read.contains(member)));
            assert_eq!(
                keyspace::values::Value::encoding(&read),
                keyspace::values::Value::encoding(&set),
                "{names:?}"
            );
        }
    }

    #[test]
    fn contradictions_are_refused() {
        for bytes in [
            &b"\x02\x00"[..],
            b"\x02\x02\x01a\x01a",
            b"\x02\x02\x01a",
            b"\x02\x81\xff\xff\xff\xff\xff\xff\xff\xff\x01a",
            b"\x0b\x08\x02\0\0\0\0\0\0\0",
            b"\x0b\x0c\x02\0\0\0\x02\0\0\0\x01\0\x01\0",
            b"\x0b\x0c\x02\0\0\0\x02\0\0\0\x02\0\x01\0",
            b"\x0b\x0b\x02\0\0\0\x01\0\0\0\x02\0\x01",
            b"\x0b\x0c\x03\0\0\0\x01\0\0\0\x02\0\x01\0",
            b"\x0b\x03\x02\0\0",
            b"\x14\x07\x07\0\0\0\0\0\xff",
            b"\x14\x0d\x0d\0\0\0\x02\0\x81a\x02\x81a\x02\xff",
            b"\x14\x0c\x0c\0\0\0\x03\0\x81a\x02\x01\x01\xff",
        ] {
            assert!(read_all(bytes).is_err(), "{bytes:?}");
        }
    }
}
