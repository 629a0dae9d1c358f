//! What the expiry cycle hands to its caller.

use crate::Record;

/// Names, in one buffer.
#[derive(Debug, Default)]
pub struct Names {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// What time has taken.
#[derive(Debug)]
pub enum Expired<'a> {
    /// A key.
    Key(Record),
    /// Fields of a hash.
    Fields {
        /// The key of the hash.
        key: &'a [u8],
        /// The fields.
        names: &'a Names,
        /// The record, if those were the last fields: then the key is gone as well.
        emptied: Option<Record>,
    },
}

impl Names {
    pub(crate) fn push(&mut self, name: &[u8]) {
        self.bytes.extend_from_slice(name);
        self.ends.push(self.bytes.len());
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The names, in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| &self.bytes[std::mem::replace(&mut start, end)..end])
    }
}
