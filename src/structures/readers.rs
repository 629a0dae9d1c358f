//! Which clients have read which keys.
//!
//! ```text
//! HashTable   one thin record a key:   | head | name of the key | number u32 | number u32 | ...
//! ```
//!
//! A client goes by a number of four bytes here; the numbers of a key stand in order behind its name, in one allocation. A
//! name of 16 bytes that one client has read takes 24 bytes and a tenth of a cache line. A table of a million keys grows
//! by one bucket at a time, as the keyspace does.
//!
//! Names are not told apart by database: a client is told that `key` has changed, wherever it has read it.
//!
//! It knows nothing of sessions. The number of a client that is gone may still stand here, until the key changes.

use crate::field::{Field, NewValue};
use crate::hashtable::{HashTable, Hasher};
use base::siphash;

/// Hashes as the keyspace does, so that what a request knows of its key serves here too.
#[derive(Debug)]
struct NameHasher(siphash::Key);

impl Hasher<Field> for NameHasher {
    fn hash(&self, readers: &Field) -> u64 {
        siphash::hash(&self.0, readers.name())
    }
}

/// The keys that clients have read, and who has.
pub struct Readership {
    keys: HashTable<Field, NameHasher>,
    /// How many numbers stand behind all the keys.
    items: usize,
}

/// A key and those who have read it.
#[derive(Debug)]
pub struct Readers(Field);

impl Readers {
    /// The key.
    pub fn key(&self) -> &[u8] {
        self.0.name()
    }

    /// Their numbers, in order.
    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        numbers(&self.0)
    }
}

const WIDTH: usize = size_of::<u32>();

fn numbers(readers: &Field) -> impl Iterator<Item = u32> {
    readers.value().as_chunks::<WIDTH>().0.iter().map(|bytes| u32::from_ne_bytes(*bytes))
}

impl Readership {
    /// An empty table, whose hashes are those of the keyspace.
    pub fn new(hash_key: siphash::Key) -> Readership {
        Readership { keys: HashTable::new(NameHasher(hash_key)), items: 0 }
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// How many times any key was read by any client.
    pub fn items(&self) -> usize {
        self.items
    }

    /// The bytes that it takes, apart from the keys.
    pub fn mem_bytes(&self) -> usize {
        self.keys.mem_bytes()
    }

    /// Takes note of a client that has read a key.
    pub fn add(&mut self, hash: u64, key: &[u8], number: u32) {
        let Some(readers) = self.keys.find_mut(hash, |readers| readers.name() == key) else {
            let readers = Field::new(key, NewValue::Bytes(&number.to_ne_bytes()), None);
            self.keys.insert(hash, readers);
            self.items += 1;
            return;
        };
        let before = readers.value();
        let (known, _) = before.as_chunks::<WIDTH>();
        let Err(at) = known.binary_search_by_key(&number, |bytes| u32::from_ne_bytes(*bytes)) else { return };
        let (lower, higher) = before.split_at(at * WIDTH);
        let after = [lower, &number.to_ne_bytes(), higher].concat();
        readers.set(NewValue::Bytes(&after), None);
        self.items += 1;
    }

    /// Forgets a key. Answers who has read it.
    pub fn remove(&mut self, hash: u64, key: &[u8]) -> Option<Readers> {
        let readers = self.keys.extract(hash, |readers| readers.name() == key)?;
        Some(self.removed(readers))
    }

    /// Forgets some key.
    pub fn remove_any(&mut self, random: &mut impl FnMut() -> u64) -> Option<Readers> {
        let place = self.keys.random(random)?;
        let readers = self.keys.remove(place);
        Some(self.removed(readers))
    }

    fn removed(&mut self, readers: Field) -> Readers {
        self.items -= numbers(&readers).count();
        Readers(readers)
    }
}

impl std::fmt::Debug for Readership {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} keys, {} readers", self.len(), self.items)
    }
}

#[cfg(test)]
mod tests {
    use super::Readership;
    use base::siphash;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    const KEY: siphash::Key = siphash::Key::new(1, 2);

    fn hash(name: &[u8]) -> u64 {
        siphash::hash(&KEY, name)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 4 } else { 256 }, ..Default::default() })]

        #[test]
        fn it_holds_what_a_model_holds(steps in prop::collection::vec((0u8..40, 0u32..600, 0u8..40), 1..if cfg!(miri) { 25 } else { 2000 })) {
            let mut table = Readership::new(KEY);
            let mut model: BTreeMap<Vec<u8>, BTreeSet<u32>> = BTreeMap::new();
            for (key, number, kind) in steps {
                let name = format!("key:{key}").into_bytes();
                if kind == 0 {
                    let readers = table.remove(hash(&name), &name);
                    let numbers = readers.map(|readers| readers.numbers().collect::<BTreeSet<u32>>());
                    prop_assert_eq!(numbers, model.remove(&name));
                } else {
                    table.add(hash(&name), &name, number);
                    model.entry(name).or_default().insert(number);
                }
                prop_assert_eq!(table.len(), model.len());
                prop_assert_eq!(table.items(), model.values().map(BTreeSet::len).sum::<usize>());
            }
            let mut rng = base::rng::Rng::seed(1);
            while let Some(readers) = table.remove_any(&mut || rng.next_u64()) {
                let numbers: Vec<u32> = readers.numbers().collect();
                prop_assert!(numbers.iter().eq(&model.remove(readers.key()).unwrap()));
            }
            prop_assert!(model.is_empty() && table.items() == 0);
        }
    }
}
