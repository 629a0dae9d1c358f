//! Registers with a byte each, to be merged and counted with vector instructions. The loops are written once and compiled
//! for each level of these, see [`crate::bits`]; all of them compute the same.

use super::{
    Corrupted, DENSE_LEN, Encoding, HEADER, Histogram, PACKED, REGISTERS, dense, encoding_of, sparse,
};
use crate::bits::level::{Level, kernel};

/// How many ranks are counted in one pass: their counters stay in vector registers.
const RANKS: usize = 8;
/// How many bytes are compared at once.
const LANES: usize = 32;
/// How many comparisons a counter of a byte takes before it is emptied.
const BLOCK: usize = 128;

/// The highest ranks of one or more HyperLogLogs, register by register.
pub struct Raw {
    registers: [u8; REGISTERS],
    level: Level,
}

impl Raw {
    /// Of none.
    pub fn new() -> Raw {
        Raw { registers: [0; REGISTERS], level: Level::best() }
    }

    /// Of none, and without vector instructions beyond what every processor has.
    pub fn portable() -> Raw {
        Raw { registers: [0; REGISTERS], level: Level::PORTABLE }
    }

    /// Whether this processor has vector instructions that make a difference.
    pub fn has_vectors() -> bool {
        Level::best() != Level::PORTABLE
    }

    /// The ranks.
    pub fn registers(&self) -> &[u8; REGISTERS] {
        &self.registers
    }

    /// Takes in the registers of one, whose encoding is the answer.
    pub fn merge(&mut self, hll: &[u8]) -> Result<Encoding, Corrupted> {
        let encoding = encoding_of(hll).ok_or(Corrupted)?;
        match encoding {
            Encoding::Dense => {
                let packed = hll[HEADER..].first_chunk().ok_or(Corrupted)?;
                merge_packed(self.level, &mut self.registers, packed);
            }
            Encoding::Sparse => {
                let mut index = 0;
                sparse::for_each_run(hll, |run| {
                    if run.rank > 0 {
                        for register in &mut self.registers[index..index + run.len] {
                            *register = run.rank.max(*register);
                        }
                    }
                    index += run.len;
                })?;
            }
        }
        Ok(encoding)
    }

    /// How often each rank stands in the registers.
    pub fn histogram(&self) -> Histogram {
        let mut histogram = [0; 64];
        count_ranks(self.level, &self.registers, &mut histogram);
        histogram
    }

    /// These registers with the dense encoding, under a header that says what that of `hll` says otherwise.
    pub fn to_dense(&self, hll: &[u8]) -> Vec<u8> {
        let mut dense = vec![0; DENSE_LEN];
        dense[..HEADER].copy_from_slice(&hll[..HEADER]);
        dense[4] = Encoding::Dense as u8;
        self.pack(&mut dense);
        dense
    }

    /// Writes these registers to one with the dense encoding.
    pub fn pack(&self, hll: &mut [u8]) {
        if let Some(packed) = hll.get_mut(HEADER..).and_then(|packed| packed.first_chunk_mut()) {
            pack_registers(self.level, packed, &self.registers);
        }
    }
}

impl Default for Raw {
    fn default() -> Raw {
        Raw::new()
    }
}

kernel! {
    /// Takes in registers of six bits each.
    fn merge_packed(raw: &mut [u8; REGISTERS], packed: &[u8; PACKED]) = merge_words
}
kernel! {
    /// Makes registers of six bits each.
    fn pack_registers(packed: &mut [u8; PACKED], raw: &[u8; REGISTERS]) = pack_words
}
kernel! {
    /// Counts how often each rank stands in the registers.
    fn count_ranks(raw: &[u8; REGISTERS], histogram: &mut Histogram) = compare_all
}

/// Four registers, three bytes, make up a word; spreading its bits is the same for all words of a vector.
#[inline(always)]
fn merge_words(raw: &mut [u8; REGISTERS], packed: &[u8; PACKED]) {
    for (raw, packed) in raw.as_chunks_mut::<32>().0.iter_mut().zip(packed.as_chunks::<24>().0) {
        let groups = packed.as_chunks::<3>().0;
        let mut words = [0u32; 8];
        for (word, group) in words.iter_mut().zip(groups) {
            *word = u32::from_le_bytes([group[0], group[1], group[2], 0]);
        }
        for word in &mut words {
            let w = *word;
            *word = w & 0x3f | w << 2 & 0x3f00 | w << 4 & 0x3f_0000 | w << 6 & 0x3f00_0000;
        }
        let ranks = words.map(u32::to_le_bytes);
        for (own, rank) in raw.iter_mut().zip(ranks.as_flattened()) {
            *own = (*own).max(*rank);
        }
    }
}

#[inline(always)]
fn pack_words(packed: &mut [u8; PACKED], raw: &[u8; REGISTERS]) {
    for (packed, raw) in packed.as_chunks_mut::<3>().0.iter_mut().zip(raw.as_chunks::<4>().0) {
        let w = u32::from_le_bytes(*raw);
        let w = w & 0x3f | w >> 2 & 0xfc0 | w >> 4 & 0x3_f000 | w >> 6 & 0xfc_0000;
        packed.copy_from_slice(&w.to_le_bytes()[..3]);
    }
}

/// Compares every register with every rank between the lowest and the highest: without branches, and without the
/// dependencies of counting in memory.
#[inline(always)]
fn compare_all(raw: &[u8; REGISTERS], histogram: &mut Histogram) {
    let (mut low, mut high) = ([u8::MAX; LANES], [0; LANES]);
    for lanes in raw.as_chunks::<LANES>().0 {
        for i in 0..LANES {
            low[i] = low[i].min(lanes[i]);
            high[i] = high[i].max(lanes[i]);
        }
    }
    let mut rank = low.into_iter().min().unwrap_or(0);
    let highest = high.into_iter().max().unwrap_or(0).min(dense::LARGEST);
    while rank <= highest {
        let counts = count_some(raw, rank);
        for (count, place) in counts.into_iter().zip(&mut histogram[usize::from(rank)..]) {
            *place = count;
        }
        rank += RANKS as u8;
    }
}

/// Counts the registers of rank `first` and of those that follow it.
#[inline(always)]
fn count_some(raw: &[u8; REGISTERS], first: u8) -> [u32; RANKS] {
    let mut counts = [0; RANKS];
    for block in raw.as_chunks::<LANES>().0.chunks(BLOCK) {
        let mut equal = [[0u8; LANES]; RANKS];
        for lanes in block {
            for (rank, equal) in (first..).zip(&mut equal) {
                for i in 0..LANES {
                    equal[i] += u8::from(lanes[i] == rank);
                }
            }
        }
        for (count, equal) in counts.iter_mut().zip(&equal) {
            *count += equal.iter().map(|&n| u32::from(n)).sum::<u32>();
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn raw(ranks: &[u8], level: Level) -> Raw {
        let registers =
            std::array::from_fn(|i| ranks[i % ranks.len()].rotate_left(i as u32 / 77) & dense::LARGEST);
        Raw { registers, level }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 2 } else { 48 }, ..Default::default() })]

        #[test]
        fn every_level_computes_what_registers_one_by_one_do(
            ranks in prop::collection::vec(any::<u8>(), 1..5000), others in prop::collection::vec(0u8..40, 1..5000),
        ) {
            let (one, other) = (raw(&ranks, Level::PORTABLE), raw(&others, Level::PORTABLE));
            let mut packed = [0; PACKED];
            let mut expected = [0; 64];
            for (index, &rank) in one.registers.iter().enumerate() {
                dense::set(&mut packed, index, rank);
                expected[usize::from(rank)] += 1;
            }
            for level in Level::all() {
                let mut again = [0xff; PACKED];
                pack_registers(level, &mut again, &one.registers);
                prop_assert!(packed == again, "packing with {:?}", level);
                let mut merged = other.registers;
                merge_packed(level, &mut merged, &packed);
                let same = (0..REGISTERS).all(|i| merged[i] == one.registers[i].max(other.registers[i]));
                prop_assert!(same, "merging with {:?}", level);
                let counted = Raw { registers: one.registers, level }.histogram();
                prop_assert_eq!(counted, expected, "counting with {:?}", level);
            }
        }
    }
}
