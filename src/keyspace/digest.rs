//! The digest of data: 20 bytes that are equal for equal data, whatever the order in which it was stored. Two servers,
//! ours or the reference, that hold the same keys, values and databases have the same one.
//!
//! ```text
//! mix(d, x)    d becomes SHA1(d xor SHA1(x)): what is mixed in first and what second matters
//! add(d, x)    d becomes d xor SHA1(x): the order does not matter
//!
//! value        mix the type as four bytes, mix the string; if it expires, add "!!expire!!"
//! key          mix the name, then the value
//! everything   for each database with keys: mix its number as four bytes, add the digest of each key
//! ```
//! Quirk of the reference: when a key expires does not matter, only whether.

use crate::{Keyspace, Kind, Record, Text};
use sha1::{Digest as _, Sha1};

/// A digest in the making.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest(pub [u8; 20]);

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
        match record.kind() {
            Kind::String => {
                self.mix(&0u32.to_be_bytes());
                match record.text() {
                    Text::Bytes(bytes) => self.mix(bytes),
                    Text::Integer(number) => self.mix(number.to_string().as_bytes()),
                }
            }
        }
        if record.expiry().is_some() {
            self.add(b"!!expire!!");
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
