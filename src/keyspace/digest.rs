//! The digest of data: 20 bytes that are equal for equal data, whatever the order in which it was stored. Two servers,
//! ours or the reference, that hold the same keys, values and databases have the same one.
//!
//! ```text
//! mix(d, x)    d becomes SHA1(d xor SHA1(x)): what is mixed in first and what second matters
//! add(d, x)    d becomes d xor SHA1(x): the order does not matter
//!
//! value        mix the type as four bytes, then by type; if it expires, add "!!expire!!"
//!   string     mix the string
//!   list       mix each item in turn
//!   hash       add the digest of each field: mix its name, mix its value
//!   set        add each member
//!   sorted set add the digest of each member: mix its name, mix its score
//! key          mix the name, then the value
//! everything   for each database with keys: mix its number as four bytes, add the digest of each key
//! ```
//! Quirk of the reference: when a key expires does not matter, only whether.

use crate::{Keyspace, Kind, Record};
use base::int;
use sha1::{Digest as _, Sha1};
use values::hash::Clock;
use values::list::End;
use values::stream::Id;
use values::{AnyRef, Stream};

/// A digest in the making.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest(pub [u8; 20]);

/// The number of a type, as snapshots have it too.
fn type_number(kind: Kind) -> u32 {
    match kind {
        Kind::String => 0,
        Kind::List => 1,
        Kind::Set => 2,
        Kind::SortedSet => 3,
        Kind::Hash => 4,
        Kind::Stream => 6,
    }
}

fn sha1(bytes: &[u8]) -> [u8; 20] {
    Sha1::digest(bytes).into()
}

impl Digest {
    fn add(&mut self, bytes: &[u8]) {
        for (own, other) in self.0.iter_mut().zip(sha1(bytes)) {
            *own ^= other;
        }
    }

    fn mix(&mut self, bytes: &[u8]) {
        self.add(bytes);
        self.0 = sha1(&self.0);
    }

    /// The digest of a record's value.
    pub fn of_value(record: &Record) -> Digest {
        let mut digest = Digest::default();
        digest.mix_value(record);
        digest
    }

    fn mix_value(&mut self, record: &Record) {
        self.mix(&type_number(record.kind()).to_be_bytes());
        match record.text() {
            Some(text) => self.mix(text.bytes(&mut [0; int::MAX_TEXT])),
            None => {
                record.with_any(|any| self.mix_any(&any));
            }
        }
        if record.expiry().is_some() {
            self.add(b"!!expire!!");
        }
    }

    fn mix_any(&mut self, any: &AnyRef<'_>) {
        match any {
            AnyRef::Set(set) => {
                set.iter().for_each(|member| self.add(member.bytes(&mut [0; int::MAX_TEXT])));
            }
            AnyRef::SortedSet(set) => set.each(|name, score| {
                let mut member = Digest::default();
                member.mix(name.bytes(&mut [0; int::MAX_TEXT]));
                let mut text = Vec::with_capacity(32);
                base::double::push_digits(&mut text, score);
                member.mix(&text);
                self.add(&member.0);
            }),
            AnyRef::Stream(stream) => self.mix_stream(stream),
            AnyRef::List(list) => {
                list.show(0, usize::MAX, End::Tail, |item| self.mix(item.bytes(&mut [0; int::MAX_TEXT])));
            }
            AnyRef::Hash(hash) => hash.for_each(&Clock::ALL, |field| {
                let mut pair = Digest::default();
                pair.mix(field.name.bytes(&mut [0; int::MAX_TEXT]));
                pair.mix(field.value.bytes(&mut [0; int::MAX_TEXT]));
                self.add(&pair.0);
            }),
        }
    }

    /// Entries count in their order; groups and what was deleted do not.
    fn mix_stream(&mut self, stream: &Stream) {
        for entry in stream.entries.range(Id::MIN, Id::MAX) {
            self.mix(format!("{}.{}", entry.id.ms, entry.id.seq).as_bytes());
            for (field, value) in entry.pairs {
                self.mix(field.bytes(&mut [0; int::MAX_TEXT]));
                self.mix(value.bytes(&mut [0; int::MAX_TEXT]));
            }
        }
    }

    /// The digest of all databases.
    pub fn of_all(data: &Keyspace) -> Digest {
        let mut all = Digest::default();
        for (index, database) in data.databases.iter().enumerate() {
            if database.tables.is_empty() {
                continue;
            }
            all.mix(&(index as u32).to_be_bytes());
            for record in database.tables.iter() {
                let mut digest = Digest::default();
                digest.mix(record.key());
                digest.mix_value(record);
                all.add(&digest.0);
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AccessClock, NewValue};
    use values::Value;

    /// The digests that the reference shows for the same data.
    #[test]
    fn digests_are_those_of_the_reference() {
        let clock = AccessClock { lfu: false, log_factor: 10, decay_minutes: 1, seconds: 0 };
        let mut data = Keyspace::new(4, base::siphash::Key::new(1, 2), false, clock);
        assert_eq!(Digest::of_all(&data), Digest::default());
        let mut put = |name: &[u8], value, expiry| {
            let record = data.record(name, value, expiry);
            let key = data.key(name);
            data.databases[0].tables.insert(&key, record);
            base::hex::encode(&Digest::of_all(&data).0)
        };
        assert_eq!(put(b"foo", NewValue::Bytes(b"bar"), None), "d2ab4820c1be0580ea28efbfe8bfa1dc05bb802a");
        let number = put(b"n", NewValue::Integer(12), None);
        let value = Digest::of_value(data.databases[0].tables.find(&data.key(b"n")).expect("a key"));
        assert_eq!(base::hex::encode(&value.0), "655ac46b180ad2f61a3cee25f0b1780fa2ec879a");
        data.databases.swap(0, 1);
        assert_ne!(base::hex::encode(&Digest::of_all(&data).0), number, "the database counts");
    }

    #[test]
    fn entries_of_streams_count_in_their_order() {
        let rules = values::Rules::default_with(base::siphash::Key::new(1, 2));
        let mut log = values::stream::Log::default();
        for (ms, value) in [(1, b"v1"), (3, b"v3")] {
            log.entries.append(Id::new(ms, 1), [(&b"f"[..], &value[..])].into_iter(), &rules);
        }
        let value = NewValue::Other(Stream::new(log).into_any());
        let digest = Digest::of_value(&Record::new(b"k", value, None, 0, false));
        assert_eq!(base::hex::encode(&digest.0), "257d3baec2424c92775c2b64f541bd2d554296f3");
    }

    #[test]
    fn whether_a_key_expires_counts_and_when_does_not() {
        let record = |expiry| Record::new(b"k", NewValue::Bytes(b"v"), expiry, 0, false);
        let digest = |expiry| Digest::of_value(&record(expiry));
        assert_eq!(digest(Some(1)), digest(Some(2)));
        assert_ne!(digest(Some(1)), digest(None));
    }
}
