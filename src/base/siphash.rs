//! SipHash-1-3: the keyed hash for whatever a client may choose (keys, channel and user names).
//!
//! Who does not know the 128-bit key cannot construct colliding names, which is the whole point; the hash is never stored
//! or sent, so its exact values matter to nobody but the tests. One round a word and three at the end is the variant that
//! many languages use for their own tables. [`hash`] is the quick way for bytes at hand; [`Hasher`] takes them piecemeal, for
//! the standard `Hash` trait.

/// The secret: 128 bits drawn once per process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    low: u64,
    high: u64,
}

impl Key {
    /// A key of two words, least significant first.
    pub const fn new(low: u64, high: u64) -> Self {
        Self { low, high }
    }

    /// A key of sixteen bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        let both = u128::from_le_bytes(bytes);
        Self { low: both as u64, high: (both >> 64) as u64 }
    }
}

#[derive(Clone, Copy, Debug)]
struct State {
    v0: u64,
    v1: u64,
    v2: u64,
    v3: u64,
}

impl State {
    #[inline]
    fn new(key: &Key) -> Self {
        Self {
            v0: key.low ^ 0x736f_6d65_7073_6575,
            v1: key.high ^ 0x646f_7261_6e64_6f6d,
            v2: key.low ^ 0x6c79_6765_6e65_7261,
            v3: key.high ^ 0x7465_6462_7974_6573,
        }
    }

    #[inline]
    fn round(&mut self) {
        self.v0 = self.v0.wrapping_add(self.v1);
        self.v2 = self.v2.wrapping_add(self.v3);
        self.v1 = self.v1.rotate_left(13) ^ self.v0;
        self.v3 = self.v3.rotate_left(16) ^ self.v2;
        self.v0 = self.v0.rotate_left(32);
        self.v2 = self.v2.wrapping_add(self.v1);
        self.v0 = self.v0.wrapping_add(self.v3);
        self.v1 = self.v1.rotate_left(17) ^ self.v2;
        self.v3 = self.v3.rotate_left(21) ^ self.v0;
        self.v2 = self.v2.rotate_left(32);
    }

    #[inline]
    fn absorb(&mut self, word: u64) {
        self.v3 ^= word;
        self.round();
        self.v0 ^= word;
    }

    /// `tail` holds the last zero to seven bytes; the top byte takes the length.
    #[inline]
    fn finish(mut self, tail: u64, len: usize) -> u64 {
        self.absorb(tail | (len as u64) << 56);
        self.v2 ^= 0xff;
        self.round();
        self.round();
        self.round();
        self.v0 ^ self.v1 ^ self.v2 ^ self.v3
    }
}

/// The hash of `bytes` under `key`.
#[inline]
pub fn hash(key: &Key, bytes: &[u8]) -> u64 {
    let mut state = State::new(key);
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        state.absorb(u64::from_le_bytes(*word));
    }
    let tail = match (rest.len(), bytes.last_chunk::<8>()) {
        (0, _) => 0,
        // The last eight bytes overlap the words already absorbed; shifting drops the overlap.
        (len, Some(last)) => u64::from_le_bytes(*last) >> (64 - 8 * len),
        (_, None) => short_word(rest),
    };
    state.finish(tail, bytes.len())
}

/// Fewer than eight bytes as a little-endian word.
#[inline]
fn short_word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

/// SipHash-1-3 fed piecemeal; equal to [`hash`] of all pieces joined.
#[derive(Clone, Debug)]
pub struct Hasher {
    state: State,
    tail: u64,
    len: usize,
}

impl Hasher {
    /// An empty message under `key`.
    pub fn new(key: &Key) -> Self {
        Self { state: State::new(key), tail: 0, len: 0 }
    }
}

impl std::hash::Hasher for Hasher {
    #[inline]
    fn write(&mut self, mut bytes: &[u8]) {
        let held = self.len % 8;
        self.len = self.len.wrapping_add(bytes.len());
        if held > 0 {
            let taken = bytes.len().min(8 - held);
            self.tail |= short_word(&bytes[..taken]) << (8 * held);
            if held + taken < 8 {
                return;
            }
            self.state.absorb(self.tail);
            bytes = &bytes[taken..];
        }
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.state.absorb(u64::from_le_bytes(*word));
        }
        self.tail = short_word(rest);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.state.finish(self.tail, self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::hash::Hasher as _;

    #[test]
    fn every_length_agrees_with_another_implementation() {
        let bytes: Vec<u8> = (0..=255).collect();
        let key = Key::from_bytes(*b"0123456789abcdef");
        let other = siphasher::sip::SipHasher13::new_with_key(b"0123456789abcdef");
        for len in 0..=bytes.len() {
            assert_eq!(hash(&key, &bytes[..len]), other.hash(&bytes[..len]), "length {len}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_another_implementation(low: u64, high: u64, bytes: Vec<u8>) {
            let other = siphasher::sip::SipHasher13::new_with_keys(low, high);
            prop_assert_eq!(hash(&Key::new(low, high), &bytes), other.hash(&bytes));
        }

        #[test]
        fn pieces_hash_as_the_whole(pieces: Vec<Vec<u8>>) {
            let key = Key::new(3, 4);
            let mut hasher = Hasher::new(&key);
            for piece in &pieces {
                hasher.write(piece);
            }
            prop_assert_eq!(hasher.finish(), hash(&key, &pieces.concat()));
        }
    }
}
