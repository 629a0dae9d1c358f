//! Tests of HyperLogLogs.

use super::*;
use proptest::prelude::*;

const MOST: usize = 3000;

fn shown(hll: &mut Vec<u8>, element: &[u8]) -> bool {
    let (index, rank) = place_of(element);
    raise(hll, index, rank, MOST).expect("sound")
}

fn count(hll: &[u8]) -> u64 {
    estimate(&histogram(hll, Raw::new()).expect("sound"))
}

/// What the reference holds and answers after the same elements.
#[test]
fn bytes_and_estimates_are_those_of_the_reference() {
    let mut hll = new();
    assert_eq!(hll, b"HYLL\x01\0\0\0\0\0\0\0\0\0\0\0\x7f\xff");
    assert_eq!((count(&hll), kept_estimate(&hll)), (0, Some(0)));
    for element in [&b"a"[..], b"b", b"c", b"d", b"e", b"f", b"g"] {
        assert!(shown(&mut hll, element));
    }
    assert!(!shown(&mut hll, b"a"));
    assert_eq!((count(&hll), kept_estimate(&hll)), (7, None));
    assert_eq!(
        describe(&hll),
        "Z:1646 v:1,1 Z:5645 v:1,1 Z:1085 v:2,1 z:57 v:1,1 Z:4274 v:2,1 Z:2445 v:1,1 Z:622 v:1,1 Z:603"
    );

    let (mut hll, mut number) = (new(), 0u64);
    for (goal, estimate, len) in [
        (1, 1, 21),
        (10, 10, 48),
        (100, 99, 282),
        (1000, 986, 1875),
        (10_000, 10_072, 12_304),
        (100_000, 101_470, 12_304),
    ] {
        if cfg!(miri) && goal > 10 {
            break;
        }
        while number < goal {
            number += 1;
            shown(&mut hll, &number.to_le_bytes());
        }
        assert_eq!((count(&hll), hll.len()), (estimate, len), "{goal} elements");
    }
}

#[test]
fn only_what_has_the_form_is_one() {
    assert_eq!(encoding_of(&new()), Some(Encoding::Sparse));
    assert_eq!(encoding_of(&to_dense(&new()).expect("sound")), Some(Encoding::Dense));
    let with = |at: usize, byte: u8| {
        let mut hll = new();
        hll[at] = byte;
        hll
    };
    for bytes in
        [&b""[..], b"HYLL", b"HYLL\x01\0\0\0\0\0\0\0\0\0\0", &with(0, b'h'), &with(4, 2), &with(4, 0)]
    {
        assert_eq!(encoding_of(bytes), None);
        assert_eq!(histogram(bytes, Raw::new()), Err(Corrupted));
    }
}

#[test]
fn registers_that_cannot_be_are_refused() {
    for runs in [&b""[..], b"\x7f", b"\x7f\xfe", b"\x7f\xff\x00", b"\x80\x7f\xff"] {
        let mut hll = [&new()[..HEADER], runs].concat();
        assert_eq!(histogram(&hll, Raw::new()), Err(Corrupted), "{runs:?}");
        assert_eq!(to_dense(&hll), Err(Corrupted));
        assert_eq!(raise(&mut hll, REGISTERS - 1, 40, MOST), Err(Corrupted));
    }
    let mut short = [&new()[..HEADER], b"\x00"].concat();
    assert_eq!(raise(&mut short, 7, 1, MOST), Err(Corrupted));
}

#[test]
fn an_estimate_is_kept_until_it_is_outdated() {
    let mut hll = new();
    keep_estimate(&mut hll, 12);
    assert_eq!(kept_estimate(&hll), Some(12));
    outdate(&mut hll);
    assert_eq!(kept_estimate(&hll), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 2 } else { 64 }, ..Default::default() })]

    #[test]
    fn runs_hold_what_an_array_holds(
        steps in prop::collection::vec((prop_oneof![0usize..40, 0..REGISTERS, 16300..REGISTERS], 1u8..7), 0..if cfg!(miri) { 3 } else { 300 }),
        tall in prop::option::of((0..REGISTERS, 30u8..51)), most in prop_oneof![Just(MOST), Just(60), Just(0)],
    ) {
        let (mut hll, mut model) = (new(), vec![0u8; REGISTERS]);
        for (index, rank) in steps.into_iter().chain(tall) {
            let higher = rank > model[index];
            model[index] = model[index].max(rank);
            prop_assert_eq!(raise(&mut hll, index, rank, most), Ok(higher));
            let mut raw = Raw::new();
            let encoding = raw.merge(&hll).expect("sound");
            prop_assert!(raw.registers()[..] == model[..]);
            if encoding == Encoding::Sparse {
                prop_assert!(hll.len() <= most.max(HEADER + 2));
            }
        }
        let dense = to_dense(&hll).expect("sound");
        prop_assert!((0..REGISTERS).all(|index| dense_register(&dense, index) == model[index]));
        prop_assert_eq!(histogram(&dense, Raw::portable()), histogram(&hll, Raw::new()));
        prop_assert_eq!(&to_dense(&dense).expect("sound"), &dense);
    }

    #[test]
    fn any_bytes_are_read_or_refused(runs: Vec<u8>, index in 0..REGISTERS, rank in 1u8..52) {
        let mut hll = [&new()[..HEADER], &runs[..]].concat();
        let sound = histogram(&hll, Raw::new()).is_ok();
        prop_assert_eq!(to_dense(&hll).is_ok(), sound);
        prop_assert_eq!(describe(&hll).is_empty(), runs.is_empty());
        prop_assert!(raise(&mut hll, index, rank, MOST).is_ok() || !sound);
    }
}
