//! Hash tables without a hidden random source.
//!
//! [`Map`] and [`Set`] hash with a fixed seed: quick, and iterated in the same order on every run. They are for names and
//! numbers the server itself chose. Whoever can choose the keys can make them collide, so what a client names (channels,
//! users, scripts) goes into a [`SipMap`], whose key the shell draws at start.

use crate::siphash::{Hasher, Key};
use std::hash::BuildHasher;

/// A table for keys that no client chooses.
pub type Map<K, V> = hashbrown::HashMap<K, V, foldhash::fast::FixedState>;

/// A set of keys that no client chooses.
pub type Set<K> = hashbrown::HashSet<K, foldhash::fast::FixedState>;

/// A table for keys that clients choose: `SipMap::with_hasher(SipState::new(key))`.
pub type SipMap<K, V> = hashbrown::HashMap<K, V, SipState>;

/// A set of keys that clients choose.
pub type SipSet<K> = hashbrown::HashSet<K, SipState>;

/// Makes keyed hashers.
#[derive(Clone, Copy, Debug)]
pub struct SipState {
    key: Key,
}

impl SipState {
    /// Hashing under `key`.
    pub const fn new(key: Key) -> Self {
        Self { key }
    }
}

impl BuildHasher for SipState {
    type Hasher = Hasher;

    #[inline]
    fn build_hasher(&self) -> Hasher {
        Hasher::new(&self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn tables_hold_what_a_model_holds(entries: Vec<(Vec<u8>, u32)>) {
            let mut map: Map<Vec<u8>, u32> = Map::default();
            let mut sip: SipMap<Vec<u8>, u32> = SipMap::with_hasher(SipState::new(Key::new(5, 6)));
            let mut model = BTreeMap::new();
            for (key, value) in entries {
                prop_assert_eq!(map.insert(key.clone(), value), model.insert(key.clone(), value));
                sip.insert(key, value);
            }
            prop_assert_eq!(map.len(), model.len());
            for (key, value) in &model {
                prop_assert_eq!(map.get(key.as_slice()), Some(value));
                prop_assert_eq!(sip.get(key.as_slice()), Some(value));
            }
        }

        #[test]
        fn order_follows_from_the_contents(keys: Vec<u64>) {
            let one: Set<u64> = keys.iter().copied().collect();
            let two: Set<u64> = keys.iter().copied().collect();
            prop_assert!(one.iter().eq(&two));
        }
    }

    #[test]
    fn hashes_depend_on_the_key() {
        let [one, two] = [1, 2].map(|low| SipState::new(Key::new(low, 0)).hash_one(b"channel"));
        assert_ne!(one, two);
    }
}
