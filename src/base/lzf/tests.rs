//! Vectors are what a running 9.0.4 put into DUMP payloads.

use super::*;
use proptest::prelude::*;

fn bytes(hex: &str) -> Vec<u8> {
    crate::hex::decode(hex.as_bytes()).unwrap()
}

/// Text that repeats itself: words of a small vocabulary.
fn wordy() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::collection::vec(any::<u8>(), 1..12);
    (prop::collection::vec(word, 1..8), prop::collection::vec(any::<prop::sample::Index>(), 0..200))
        .prop_map(|(words, picks)| picks.iter().flat_map(|pick| pick.get(&words).clone()).collect())
}

proptest! {
    #[test]
    fn what_is_compressed_comes_back(input in wordy(), earlier in wordy()) {
        let mut scratch = Scratch::new();
        compress(&earlier, &mut scratch);
        let used = compress(&input, &mut scratch).map(<[u8]>::to_vec);
        let mut clean = Scratch::new();
        prop_assert_eq!(used.as_deref(), compress(&input, &mut clean), "earlier inputs leave no trace");
        if let Some(packed) = used {
            prop_assert!(packed.len() + 4 <= input.len());
            prop_assert_eq!(decompress(&packed, input.len()), Some(input.clone()));
            prop_assert_eq!(decompress(&packed, input.len() + 1), None);
            prop_assert_eq!(decompress(&packed, input.len() - 1), None);
            prop_assert_eq!(decompress(&packed[..packed.len() - 1], input.len()), None);
        }
    }

    #[test]
    fn any_bytes_end_in_an_answer(input: Vec<u8>, len in 0usize..2000) {
        prop_assert!(decompress(&input, len).is_none_or(|output| output.len() == len));
    }
}

#[test]
fn hostile_lengths_allocate_nothing() {
    assert_eq!(decompress(b"\x00a", usize::MAX), None);
    assert_eq!(decompress(b"", 1), None);
    assert_eq!(decompress(b"\x00a", 1), Some(b"a".to_vec()));
    assert_eq!(decompress(b"\x00a\x20\x01", 4), None, "reaches back before the start");
    assert_eq!(decompress(b"\x00a\xe0\xff\x00", 265), Some(vec![b'a'; 265]));
}

#[test]
fn the_table_is_cleared_when_positions_run_out() {
    let input = b"abcabcabcabcabcabcabcabcabcabc";
    let mut scratch = Scratch::new();
    let fresh = compress(input, &mut scratch).unwrap().to_vec();
    scratch.base = u32::MAX - 10;
    scratch.table.fill(u32::MAX);
    assert_eq!(compress(input, &mut scratch), Some(&fresh[..]));
    assert_eq!(compress(input, &mut scratch), Some(&fresh[..]));
}

#[test]
fn bytes_are_those_of_the_reference() {
    let mut scratch = Scratch::new();
    for &(input, expected) in VECTORS {
        let input = bytes(input);
        assert_eq!(
            compress(&input, &mut scratch).unwrap_or_default(),
            bytes(expected),
            "{} bytes",
            input.len()
        );
    }
    for (len, expected) in RUNS {
        assert_eq!(
            compress(&vec![b'a'; *len], &mut scratch).unwrap_or_default(),
            bytes(expected),
            "{len} times a"
        );
    }
}

/// Inputs and what they compress to; "" where they are stored as they are.
#[rustfmt::skip]
const VECTORS: &[(&str, &str)] = &[
    ("43b53507a6b071e0a26201c500000000000000000000000000",
     "0c43b53507a6b071e0a26201c500e00100010000"),
    ("787878787878787878787878787878787878787878",
     "017878e00a00"),
    ("7878787878787878787878787878787878787878787878787878787878787878",
     "017878e01300017878"),
    ("626262626262626261616161616162626261616261616162616162626161626262626162616261626162626261616161616161626262616261",
     "016262800000616000200b2004200a2003600a2000200b6001200980004009016261"),
    ("62616262616161616261616262626261626262626261626161626261616162626262616162",
     "046261626261200020040062200060042005400d40152000200a"),
    ("787878787878787878787878787878787878787878",
     "017878e00a00"),
    ("abed4feedb63e7d0dd595b4ecaa16fca91baabed4feedb63e7d0dd595b4ecaa16fca91",
     "12abed4feedb63e7d0dd595b4ecaa16fca91baabe0051101ca91"),
    ("62616261626261616261626262616162626161626262",
     "0662616261626261600540064003016262"),
    ("336cd7cf4e40336cd7cf4e40336cd7cf4e40336cd7",
     "06336cd7cf4e4033e00305016cd7"),
    ("78787878787878787878787878787878787878787878",
     "017878e00a000078"),
    ("a71c2b1c8c7cf115f1d81b731721b1000000000000000000000000000000",
     "0fa71c2b1c8c7cf115f1d81b731721b100e00300010000"),
    ("78787878787878787878787878787878787878787878787878",
     "017878e00c00017878"),
    ("1c283e2b0965862b27b03aaafdf7786878054586e0aa0000000000000000000000000000000000000000000000",
     "161c283e2b0965862b27b03aaafdf7786878054586e0aa00e00b00010000"),
    ("d3be67b7897c2bcf8688988bea1cc3b3f051324c88988bea1cc3b3f051324cae",
     "13d3be67b7897c2bcf8688988bea1cc3b3f051324ce0010a014cae"),
    ("656362656465636463626567616261686466646663646667",
     ""),
    ("616162626161616262626162626261626261626162",
     ""),
    ("d9f5f0e302e6d2387ca48cc39cfc900461c99d50813d",
     ""),
    ("626261626162626261616262616261626261626161",
     ""),
];

/// Lengths of runs of "a", around the places where matches end, and what they compress to.
#[rustfmt::skip]
const RUNS: &[(usize, &str)] = &[
    (21, "016161e00a00"),
    (22, "016161e00a000061"),
    (265, "016161e0fc00016161"),
    (266, "016161e0fd00016161"),
    (267, "016161e0fe00016161"),
    (268, "016161e0ff00016161"),
    (280, "016161e0ff00e00300016161"),
    (281, "016161e0ff00e00400016161"),
    (282, "016161e0ff00e00500016161"),
    (283, "016161e0ff00e00600016161"),
    (284, "016161e0ff00e00700016161"),
    (285, "016161e0ff00e00a00"),
    (286, "016161e0ff00e00a000061"),
    (530, "016161e0ff00e0fd00016161"),
    (531, "016161e0ff00e0fe00016161"),
    (532, "016161e0ff00e0ff00016161"),
    (545, "016161e0ff00e0ff00e00400016161"),
    (546, "016161e0ff00e0ff00e00500016161"),
];
