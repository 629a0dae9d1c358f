//! Which of the 16384 cluster slots a key belongs to, and sets of slots.
//!
//! A slot is the CRC-16 of the key's hash tag, or of the whole key if it has none, modulo 16384. The CRC is the XMODEM
//! one: polynomial x^16 + x^12 + x^5 + 1, most significant bit first, starting at zero. Invariant of [`SlotSet`]: `len`
//! counts the bits set.

use crate::glob;

/// How many slots a cluster has.
pub const SLOTS: usize = 16384;

const POLYNOMIAL: u16 = 0x1021;

/// `TABLES[n][byte]` is what `byte` contributes to the CRC when `n` bytes follow it.
const TABLES: [[u16; 256]; 8] = {
    let mut tables = [[0u16; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = (byte as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000 != 0 { crc << 1 ^ POLYNOMIAL } else { crc << 1 };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut after = 1;
    while after < 8 {
        let mut byte = 0;
        while byte < 256 {
            let crc = tables[after - 1][byte];
            tables[after][byte] = crc << 8 ^ tables[0][(crc >> 8) as usize];
            byte += 1;
        }
        after += 1;
    }
    tables
};

/// The CRC-16/XMODEM of `bytes`.
#[inline]
pub fn crc16(bytes: &[u8]) -> u16 {
    // The CRC starts at zero, and zero bytes in front leave it there: so the odd bytes come first, padded in front, and
    // all steps are of eight bytes.
    let (odd, words) = bytes.as_rchunks::<8>();
    let padded = match (odd.len(), bytes.first_chunk::<8>()) {
        (0, _) => 0,
        (len, Some(first)) => u64::from_be_bytes(*first) >> (64 - 8 * len),
        (_, None) => odd.iter().fold(0, |word, &byte| word << 8 | u64::from(byte)),
    };
    let start = if odd.is_empty() { 0 } else { eight_bytes(0, padded.to_be_bytes()) };
    words.iter().fold(start, |crc, word| eight_bytes(crc, *word))
}

#[inline]
fn eight_bytes(crc: u16, word: [u8; 8]) -> u16 {
    let [high, low] = crc.to_be_bytes();
    let [a, b, c, d, e, f, g, h] = word;
    TABLES[7][usize::from(a ^ high)]
        ^ TABLES[6][usize::from(b ^ low)]
        ^ TABLES[5][usize::from(c)]
        ^ TABLES[4][usize::from(d)]
        ^ TABLES[3][usize::from(e)]
        ^ TABLES[2][usize::from(f)]
        ^ TABLES[1][usize::from(g)]
        ^ TABLES[0][usize::from(h)]
}

/// The slot of `key`.
#[inline]
pub fn slot_of(key: &[u8]) -> u16 {
    slot_of_tag(hash_tag(key).unwrap_or(key))
}

/// What stands between the first `{` of `key` and the first `}` after it, unless that is nothing.
#[inline]
pub fn hash_tag(key: &[u8]) -> Option<&[u8]> {
    let open = key.iter().position(|&byte| byte == b'{')?;
    let inside = &key[open + 1..];
    match inside.iter().position(|&byte| byte == b'}')? {
        0 => None,
        close => Some(&inside[..close]),
    }
}

/// The one slot that every key matching the glob `pattern` must be in, if the pattern tells: it has no wildcard, or a hash
/// tag stands before the first one. (An escape counts as a wildcard here.)
pub fn slot_of_pattern(pattern: &[u8]) -> Option<u16> {
    let prefix = glob::literal_prefix(pattern);
    if prefix.len() == pattern.len() {
        return Some(slot_of(pattern));
    }
    hash_tag(prefix).map(slot_of_tag)
}

fn slot_of_tag(tag: &[u8]) -> u16 {
    crc16(tag) % SLOTS as u16
}

/// A set of slots: one bit each, 2 KiB.
#[derive(Clone, PartialEq, Eq)]
pub struct SlotSet {
    words: [u64; SLOTS / 64],
    len: u16,
}

impl SlotSet {
    /// The set of no slot.
    pub const fn new() -> Self {
        Self { words: [0; SLOTS / 64], len: 0 }
    }

    /// The set of every slot.
    pub const fn full() -> Self {
        Self { words: [u64::MAX; SLOTS / 64], len: SLOTS as u16 }
    }

    /// The set in its wire form: slot `n` is bit `n % 8` (from the least significant) of byte `n / 8`.
    pub fn from_bytes(bytes: &[u8; SLOTS / 8]) -> Self {
        let (chunks, _) = bytes.as_chunks::<8>();
        let words = std::array::from_fn(|at| u64::from_le_bytes(chunks[at]));
        let len = words.iter().map(|word| word.count_ones() as u16).sum();
        Self { words, len }
    }

    /// The wire form that [`SlotSet::from_bytes`] reads.
    pub fn to_bytes(&self) -> [u8; SLOTS / 8] {
        let mut bytes = [0; SLOTS / 8];
        let (chunks, _) = bytes.as_chunks_mut::<8>();
        for (chunk, word) in chunks.iter_mut().zip(&self.words) {
            *chunk = word.to_le_bytes();
        }
        bytes
    }

    /// How many slots are in the set.
    pub fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// Whether no slot is in the set.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether `slot` is in the set.
    #[inline]
    pub fn contains(&self, slot: u16) -> bool {
        let (word, bit) = place(slot);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Adds `slot`; whether it was new. What is no slot is never added.
    pub fn insert(&mut self, slot: u16) -> bool {
        let (word, bit) = place(slot);
        let Some(word) = self.words.get_mut(word) else { return false };
        let new = *word & bit == 0;
        *word |= bit;
        self.len += u16::from(new);
        new
    }

    /// Takes `slot` out; whether it was there.
    pub fn remove(&mut self, slot: u16) -> bool {
        let there = self.contains(slot);
        if there {
            let (word, bit) = place(slot);
            self.words[word] &= !bit;
            self.len -= 1;
        }
        there
    }

    /// Takes every slot out.
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// The slots, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        self.words.iter().enumerate().flat_map(|(at, &word)| {
            let mut left = word;
            std::iter::from_fn(move || {
                let bit = left.checked_ilog2().map(|_| left.trailing_zeros())?;
                left &= left - 1;
                Some(at as u16 * 64 + bit as u16)
            })
        })
    }

    /// The slots as runs of neighbours, first and last included, ascending.
    pub fn ranges(&self) -> impl Iterator<Item = (u16, u16)> + '_ {
        let mut from = 0;
        std::iter::from_fn(move || {
            let first = self.next_where(from, true)?;
            from = self.next_where(first, false).unwrap_or(SLOTS as u16);
            Some((first, from - 1))
        })
    }

    /// The first slot not below `from` that is in the set (or is not, as asked).
    fn next_where(&self, from: u16, inside: bool) -> Option<u16> {
        let flip = if inside { 0 } else { u64::MAX };
        let (first, bit) = place(from);
        let mut mask = bit.wrapping_neg();
        for (at, word) in self.words.iter().enumerate().skip(first) {
            let found = (word ^ flip) & mask;
            if found != 0 {
                return Some(at as u16 * 64 + found.trailing_zeros() as u16);
            }
            mask = u64::MAX;
        }
        None
    }
}

#[inline]
fn place(slot: u16) -> (usize, u64) {
    (usize::from(slot / 64), 1 << (slot % 64))
}

impl Default for SlotSet {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for SlotSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.ranges()).finish()
    }
}

impl FromIterator<u16> for SlotSet {
    fn from_iter<I: IntoIterator<Item = u16>>(slots: I) -> Self {
        let mut set = Self::new();
        for slot in slots {
            set.insert(slot);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// The CRC bit by bit.
    fn slow_crc(bytes: &[u8]) -> u16 {
        bytes.iter().fold(0, |crc, &byte| {
            (0..8).fold(crc ^ u16::from(byte) << 8, |crc, _| {
                if crc & 0x8000 != 0 { crc << 1 ^ POLYNOMIAL } else { crc << 1 }
            })
        })
    }

    #[test]
    fn known_slots() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
        assert_eq!(slot_of(b""), 0);
        assert_eq!(slot_of(b"foo"), 12182);
        assert_eq!(slot_of(b"somekey"), 11058);
        assert_eq!(slot_of(b"foo{hash_tag}"), 2515);
    }

    #[test]
    fn only_a_filled_first_tag_counts() {
        assert_eq!(hash_tag(b"{user}.following"), Some(&b"user"[..]));
        assert_eq!(hash_tag(b"foo{{bar}}zap"), Some(&b"{bar"[..]));
        assert_eq!(hash_tag(b"foo{bar}{zap}"), Some(&b"bar"[..]));
        for whole in ["foo{}{bar}", "foo{bar", "foo}bar{", "", "{}"] {
            assert_eq!(hash_tag(whole.as_bytes()), None, "{whole}");
        }
    }

    #[test]
    fn a_pattern_tells_its_slot_by_a_tag_before_any_wildcard() {
        assert_eq!(slot_of_pattern(b"foo"), Some(12182));
        assert_eq!(slot_of_pattern(b"x{foo}*"), Some(12182));
        assert_eq!(slot_of_pattern(b"x{}{foo}"), Some(slot_of(b"x{}{foo}")));
        for silent in ["*", "x{fo?}", "x{}{foo}*", "*{foo}", "x{foo*}", "\\f", "[{]foo}", "{foo"]
            .map(|p| p.to_owned() + "*")
        {
            assert_eq!(slot_of_pattern(silent.as_bytes()), None, "{silent}");
        }
    }

    #[test]
    fn what_is_no_slot_is_in_no_set() {
        let mut set = SlotSet::full();
        for slot in [16384, u16::MAX] {
            assert!(!set.contains(slot) && !set.insert(slot) && !set.remove(slot));
        }
        assert_eq!(set.ranges().collect::<Vec<_>>(), [(0, 16383)]);
        assert_eq!(set.len(), SLOTS);
    }

    fn near_edges() -> impl Strategy<Value = u16> {
        prop_oneof![0..200u16, 8000..8100u16, 16300..16384u16]
    }

    proptest! {
        #[test]
        fn tables_agree_with_bits(bytes: Vec<u8>) {
            prop_assert_eq!(crc16(&bytes), slow_crc(&bytes));
        }

        #[test]
        fn sets_agree_with_a_model(steps in prop::collection::vec((near_edges(), any::<bool>()), 0..600)) {
            let (mut set, mut model) = (SlotSet::new(), BTreeSet::new());
            for (slot, add) in steps {
                if add {
                    prop_assert_eq!(set.insert(slot), model.insert(slot));
                } else {
                    prop_assert_eq!(set.remove(slot), model.remove(&slot));
                }
            }
            prop_assert_eq!(set.len(), model.len());
            prop_assert!(set.iter().eq(model.iter().copied()));
            prop_assert!(set.ranges().flat_map(|(first, last)| first..=last).eq(model.iter().copied()));
            let ranges: Vec<_> = set.ranges().collect();
            prop_assert!(ranges.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0));
            prop_assert_eq!(&SlotSet::from_bytes(&set.to_bytes()), &set);
            prop_assert_eq!(model.into_iter().collect::<SlotSet>(), set);
        }
    }
}
