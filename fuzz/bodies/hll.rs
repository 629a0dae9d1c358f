//! HyperLogLogs: sound ones against an array of registers, and damaged ones, which are refused or read.

use crate::draw::Draw;
use structures::hll::{self, Encoding, REGISTERS, Raw};

/// How long the bytes before the registers are.
const HEADER: usize = 16;
/// The bytes of a dense one.
const DENSE: usize = HEADER + REGISTERS * 6 / 8;

/// The body: registers are raised, in both encodings.
pub fn run(input: &[u8]) {
    let mut draw = Draw::new(input);
    let most = draw.one_of(&[3000, 60, 0, 16000]);
    let (mut hll, mut model) = (hll::new(), vec![0u8; REGISTERS]);
    while draw.more() {
        let index = draw.one_of(&[0, 30, 64, 16_000, REGISTERS - 40]) + draw.below(40);
        let rank = 1 + draw.one_of(&[0, 0, 1, 2, 5, 31, 32, 50]);
        let higher = rank > model[index];
        model[index] = model[index].max(rank);
        assert_eq!(hll::raise(&mut hll, index, rank, most), Ok(higher));
        let mut raw = Raw::new();
        let encoding = raw.merge(&hll).expect("a sound one");
        assert!(raw.registers()[..] == model[..]);
        assert!(encoding == Encoding::Dense || hll.len() <= most.max(HEADER + 2));
    }
    let dense = hll::to_dense(&hll).expect("a sound one");
    assert_eq!(dense.len(), DENSE);
    assert_eq!(hll::histogram(&dense, Raw::portable()), hll::histogram(&hll, Raw::new()));
}

/// The body: bytes behind a header, sparse and dense.
pub fn run_damaged(input: &[u8]) {
    let mut draw = Draw::new(input);
    let (index, rank) = (draw.below(REGISTERS), 1 + draw.byte() % 51);
    let header = hll::new()[..HEADER].to_vec();
    let mut sparse = [&header[..], input].concat();
    let mut dense = [&header[..], input].concat();
    dense[4] = 0;
    dense.resize(DENSE, 0);
    for hll in [&mut sparse, &mut dense] {
        let histogram = hll::histogram(hll, Raw::new());
        assert_eq!(histogram, hll::histogram(hll, Raw::portable()));
        assert_eq!(hll::to_dense(hll).is_ok(), histogram.is_ok());
        let raised = hll::raise(hll, index, rank, 3000);
        assert!(raised.is_ok() || histogram.is_err());
        if hll::encoding_of(hll) == Some(Encoding::Sparse) {
            hll::describe(hll);
        }
    }
}
