//! A small seeded generator (xoshiro256++) for sampling and for simulation.
//!
//! The same seed gives the same sequence on every machine, which is what makes a simulated run repeatable. It is no source
//! of secrets: who has seen a few outputs can tell the rest.

/// A generator; cloning it repeats its future.
#[derive(Clone, Debug)]
pub struct Rng {
    state: [u64; 4],
}

impl Rng {
    /// A generator whose whole sequence follows from `seed`.
    pub fn seed(seed: u64) -> Self {
        // SplitMix64 spreads the seed: no seed, zero included, gives the all-zero state that would stay zero.
        let mut at = seed;
        let state = std::array::from_fn(|_| {
            at = at.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = at;
            word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^ word >> 31
        });
        Self { state }
    }

    /// A generator of its own for one part of the program, so that what others draw does not disturb it.
    pub fn fork(&mut self) -> Self {
        Self::seed(self.next_u64())
    }

    /// The next 64 bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let out = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        out
    }

    /// A number below `n`, each equally likely; 0 if `n` is 0.
    #[inline]
    pub fn below(&mut self, n: u64) -> u64 {
        // The high half of a 64x64-bit product is uniform once the few low halves that would favour some results are
        // drawn again.
        let mut product = u128::from(self.next_u64()) * u128::from(n);
        if (product as u64) < n {
            let surplus = n.wrapping_neg() % n;
            while (product as u64) < surplus {
                product = u128::from(self.next_u64()) * u128::from(n);
            }
        }
        (product >> 64) as u64
    }

    /// An index into something of `len` elements; 0 if it is empty.
    #[inline]
    pub fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// True `numerator` times out of `denominator`.
    #[inline]
    pub fn chance(&mut self, numerator: u64, denominator: u64) -> bool {
        self.below(denominator) < numerator
    }

    /// A number in [0, 1), each of the 2^53 multiples of 2^-53 equally likely.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Fills `out` with random bytes.
    pub fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            chunk.copy_from_slice(&self.next_u64().to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rng;
    use proptest::prelude::*;

    #[test]
    fn follows_the_published_sequence() {
        let mut rng = Rng { state: [1, 2, 3, 4] };
        let drawn: Vec<u64> = (0..4).map(|_| rng.next_u64()).collect();
        assert_eq!(drawn, [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386]);
    }

    #[test]
    fn below_is_even() {
        let mut rng = Rng::seed(7);
        let mut seen = [0u32; 6];
        for _ in 0..60_000 {
            seen[rng.index(6)] += 1;
        }
        assert!(seen.iter().all(|&n| (9_500..10_500).contains(&n)), "{seen:?}");
        assert_eq!(rng.below(0), 0);
        assert_eq!(rng.below(1), 0);
        assert!(!rng.chance(0, 5) && rng.chance(5, 5));
    }

    #[test]
    fn the_largest_bound_redraws_nothing_wrong() {
        let mut rng = Rng::seed(1);
        let bound = (1 << 63) + 1;
        assert!((0..1000).all(|_| rng.below(bound) < bound));
    }

    proptest! {
        #[test]
        fn a_seed_repeats(seed: u64, len in 0usize..40, n in 1u64..) {
            let (mut one, mut two) = (Rng::seed(seed), Rng::seed(seed));
            let (mut a, mut b) = (vec![0; len], vec![0; len]);
            one.fill(&mut a);
            two.fill(&mut b);
            prop_assert_eq!(a, b);
            prop_assert!(one.below(n) < n);
            let unit = one.unit();
            prop_assert!((0.0..1.0).contains(&unit));
        }
    }
}
