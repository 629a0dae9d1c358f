//! Hashes in snapshots.
//!
//! ```text
//! type
//!   4  number of fields, (name, value) ...
//!   9  zipmap, as a string
//!  13  ziplist of names and values, as a string
//!  16  listpack of names and values, as a string
//!  22  number of fields, (name, value, expiry as a signed 64-bit number, -1 for none) ...
//!
//! zipmap     | number of fields, if below 254 | length, name, length, free, value, free bytes ... | 0xff |
//!            a length is a byte below 254, or 254 and four bytes, little-endian
//! ```
//!
//! Written are 16 for a hash called a listpack, 22 for one with fields that expire, 4 for all others. What is read is built
//! by the rules, except that types 22 and 16 also say which kind of hash it was.

use crate::reader::Flaw;
use crate::{DecodeError, Reader, Writer, ziplist};
use base::text::Text;
use keyspace::values::hash::{Clock, Expiry, NewValue, Put};
use keyspace::values::{Hash, Rules};
use structures::listpack;
use structures::pack::Pack;

const PLAIN: u8 = 4;
const ZIPMAP: u8 = 9;
const ZIPLIST: u8 = 13;
const LISTPACK: u8 = 16;
const WITH_EXPIRIES: u8 = 22;

/// An expiry that is none.
const NEVER: i64 = -1;
/// The first byte of a length in a zipmap that takes four bytes more; and its end.
const ZIPMAP_LONG: u8 = 254;
const ZIPMAP_END: u8 = 255;

/// Whether a type's number stands for one of these.
pub(super) fn knows(kind: u8) -> bool {
    matches!(kind, PLAIN | ZIPMAP | ZIPLIST | LISTPACK | WITH_EXPIRIES)
}

/// Writes the type, the key's name where it stands between, and the value.
pub(super) fn write(out: &mut Writer<'_>, name: Option<&[u8]>, value: &Hash) {
    if let Hash::Pack(pack) = value {
        out.head(LISTPACK, name);
        let mut list = listpack::Writer::with_room(room(pack));
        pack.items().iter().for_each(|item| list.push(item));
        return out.string(&list.finish());
    }
    let timed = value.has_times();
    out.head(if timed { WITH_EXPIRIES } else { PLAIN }, name);
    out.length(value.len() as u64);
    value.for_each(&Clock::ALL, |field| {
        out.text(field.name);
        out.text(field.value);
        if timed {
            out.bytes.extend(field.expiry.unwrap_or(NEVER).to_le_bytes());
        }
    });
}

/// What the items of a pack may take in a listpack.
pub(super) fn room(pack: &Pack) -> usize {
    pack.byte_len() + 4 * pack.len()
}

/// Reads a hash that is one string of bytes. No hash is empty, and none has a field twice.
pub(super) fn read(kind: u8, input: &mut Reader<'_>, rules: &Rules) -> Result<Hash, DecodeError> {
    let flaw = input.error(Flaw::Content);
    let hash = match kind {
        LISTPACK => {
            let bytes = input.bytes()?;
            let items = listpack::Reader::new(&bytes).and_then(listpack::Reader::all).map_err(|_| flaw)?;
            Hash::of_pairs(&items, rules).ok_or(flaw)?
        }
        ZIPLIST => {
            let bytes = input.bytes()?;
            let items = ziplist::Reader::new(&bytes).and_then(ziplist::Reader::all).map_err(|_| flaw)?;
            Hash::of_pairs(&items, rules).ok_or(flaw)?
        }
        _ => {
            let bytes = input.bytes()?;
            let items = read_zipmap(&bytes).ok_or(flaw)?;
            let longest = items.iter().map(Text::len).max().unwrap_or(0);
            let mut hash = Hash::of_pairs(&items, rules).ok_or(flaw)?;
            hash.prepare(0, longest, 0, rules);
            hash
        }
    };
    if hash.is_empty() { Err(input.error(Flaw::Empty)) } else { Ok(hash) }
}

/// A hash whose fields come one by one, with their expiries or without.
pub(crate) struct Growing {
    timed: bool,
    left: u64,
    hash: Hash,
}

impl Growing {
    /// Whether hashes of a type do.
    pub(super) fn is(kind: u8) -> bool {
        matches!(kind, PLAIN | WITH_EXPIRIES)
    }

    pub(super) fn begin(kind: u8, input: &mut Reader<'_>, rules: &Rules) -> Result<Growing, DecodeError> {
        let (timed, left) = (kind == WITH_EXPIRIES, input.length()?);
        // Each field takes two bytes at least, whatever the number says. Those that are yet to come are not counted on.
        let fields = usize::try_from(left).unwrap_or(usize::MAX).min(input.remaining() / 2);
        let mut hash = Hash::default();
        match timed {
            true => hash.leave_pack(fields, input.remaining(), rules),
            false => hash.prepare(fields, 0, 0, rules),
        }
        Ok(Growing { timed, left, hash })
    }

    pub(super) fn grow(&mut self, input: &mut Reader<'_>, rules: &Rules) -> Result<(), DecodeError> {
        while self.left > 0 {
            let (name, value, expiry) = input.whole(|input| {
                let (name, value) = (input.bytes()?, input.bytes()?);
                Ok((name, value, if self.timed { i64::from_le_bytes(input.array()?) } else { NEVER }))
            })?;
            let flaw = input.error(Flaw::Content);
            let expiry = match expiry {
                NEVER => Expiry::Drop,
                when @ 0.. => Expiry::At(when),
                _ => return Err(flaw),
            };
            if self.hash.set(&name, NewValue::Bytes(&value), expiry, rules, &Clock::ALL) != Put::Added {
                return Err(flaw);
            }
            self.left -= 1;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Option<Hash> {
        Some(self.hash).filter(|hash| !hash.is_empty())
    }
}

/// The names and values of a zipmap.
fn read_zipmap(bytes: &[u8]) -> Option<Vec<Text<'_>>> {
    let (&announced, mut rest) = bytes.split_first()?;
    let mut items = Vec::new();
    loop {
        let (&first, behind) = rest.split_first()?;
        if first == ZIPMAP_END {
            let fields = items.len() / 2;
            let as_announced = announced >= ZIPMAP_LONG || usize::from(announced) == fields;
            return (as_announced && behind.is_empty()).then_some(items);
        }
        let (name, behind) = zipmap_string(rest, 0)?;
        let (value, behind) = zipmap_string(behind, 1)?;
        items.extend([Text::of(name), Text::of(value)]);
        rest = behind;
    }
}

/// A string of a zipmap behind its length and so many bytes (one, that says how many free ones follow, or none), and what
/// is behind it.
fn zipmap_string(bytes: &[u8], between: usize) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let (len, rest) = match first {
        ZIPMAP_LONG => {
            let (len, rest) = rest.split_first_chunk()?;
            let len = u32::from_le_bytes(*len);
            // As the reference does, a length that a byte could tell is refused in four.
            (usize::try_from(len).ok().filter(|_| len >= u32::from(ZIPMAP_LONG))?, rest)
        }
        ZIPMAP_END => return None,
        short => (usize::from(short), rest),
    };
    let (free, rest) = rest.split_at_checked(between)?;
    let (string, rest) = rest.split_at_checked(len)?;
    Some((string, rest.get(usize::from(free.first().copied().unwrap_or(0))..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::siphash;
    use proptest::prelude::*;

    const RULES: Rules =
        Rules { hash_max_listpack_entries: 4, ..Rules::default_with(siphash::Key::new(1, 2)) };

    type Fields = Vec<(Vec<u8>, Vec<u8>, Option<i64>)>;

    fn fields_of(hash: &Hash) -> Fields {
        let mut fields = Fields::new();
        hash.for_each(&Clock::ALL, |field| {
            fields.push((field.name.to_vec(), field.value.to_vec(), field.expiry));
        });
        fields.sort();
        fields
    }

    fn reread(bytes: &[u8]) -> Result<Hash, DecodeError> {
        let mut input = Reader::new(bytes);
        let kind = input.byte()?;
        assert!(knows(kind));
        match crate::value::read_of(kind, &mut input, &RULES)? {
            crate::Value::Other(keyspace::values::Any::Hash(hash)) => Ok(hash),
            value => panic!("{value:?} is no hash"),
        }
    }

    #[test]
    fn old_forms_are_read() {
        let zipmap = b"\x09\x15\x02\x03foo\x03\x00bar\x05hello\x01\x017x\xff";
        let hash = reread(zipmap).expect("sound");
        let expected = [(b"foo".to_vec(), b"bar".to_vec(), None), (b"hello".to_vec(), b"7".to_vec(), None)];
        assert_eq!(fields_of(&hash), expected);
        let ziplist = b"\x0d\x10\x10\x00\x00\x00\x0d\x00\x00\x00\x02\x00\x00\x01a\x03\xf3\xff";
        assert_eq!(fields_of(&reread(ziplist).expect("sound")), [(b"a".to_vec(), b"2".to_vec(), None)]);
    }

    #[test]
    fn a_field_twice_or_none_is_refused() {
        assert!(reread(b"\x04\x02\x01a\x01b\x01a\x01c").is_err());
        assert!(reread(b"\x04\x00").is_err());
        assert!(reread(b"\x16\x01\x01a\x01b\xfe\xff\xff\xff\xff\xff\xff\xff").is_err(), "an expiry below -1");
        assert!(reread(b"\x09\x0c\x02\x01a\x01\x00b\x01a\x01\x00c\xff").is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_and_no_damage_panics(
            fields in prop::collection::btree_map(
                prop::collection::vec(any::<u8>(), 0..30),
                (prop::collection::vec(any::<u8>(), 0..80), prop::option::of(0i64..)),
                1..12,
            ),
            timed: bool, at: usize, damage: u8,
        ) {
            let mut hash = Hash::default();
            for (name, (value, expiry)) in &fields {
                let expiry = expiry.filter(|_| timed).map_or(Expiry::Drop, Expiry::At);
                hash.set(name, NewValue::Bytes(value), expiry, &RULES, &Clock::ALL);
            }
            let mut out = Writer::new(None);
            write(&mut out, None, &hash);
            let back = reread(&out.bytes).expect("sound");
            prop_assert_eq!(fields_of(&back), fields_of(&hash));
            prop_assert_eq!(matches!(back, Hash::Pack(_)), matches!(hash, Hash::Pack(_)));
            back.check_invariants();
            let at = at % out.bytes.len();
            out.bytes[at] ^= damage;
            let mut input = Reader::new(&out.bytes);
            if input.byte().is_ok_and(knows) {
                let _ = reread(&out.bytes);
            }
        }
    }
}
