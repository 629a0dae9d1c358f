//! From registers to a number of elements: the estimator of Otmar Ertl, "New cardinality estimation algorithms for
//! HyperLogLog sketches" (arXiv:1702.01284). It needs no correction for small or large numbers. The operations and their
//! order are such that the outcome is the reference's to the last digit.

use super::{Histogram, INDEX_BITS, REGISTERS};

/// The highest rank that a hash can have is one more than this.
const LAST_COUNTED: usize = 64 - INDEX_BITS as usize;
/// 1 / (2 ln 2)
const ALPHA: f64 = 0.721_347_520_444_481_7;

/// How many elements are likely to have left registers with these ranks.
pub fn estimate(histogram: &Histogram) -> u64 {
    let registers = REGISTERS as f64;
    let part = |count: u32| f64::from(count) / registers;
    let mut z = registers * tau((registers - f64::from(histogram[LAST_COUNTED + 1])) / registers);
    for rank in (1..=LAST_COUNTED).rev() {
        z = (z + f64::from(histogram[rank])) * 0.5;
    }
    z += registers * sigma(part(histogram[0]));
    (ALPHA * registers * registers / z).round() as u64
}

/// x + the sum over k of x^(2^k) * 2^(k-1)
fn sigma(mut x: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut sum) = (1.0, x);
    loop {
        x *= x;
        let before = sum;
        sum += x * y;
        y += y;
        if sum == before {
            return sum;
        }
    }
}

/// (1 - x - the sum over k of (1 - x^(2^-k))^2 * 2^-k) / 3
fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let (mut y, mut rest) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = rest;
        y *= 0.5;
        rest -= (1.0 - x) * (1.0 - x) * y;
        if rest == before {
            return rest / 3.0;
        }
    }
}
