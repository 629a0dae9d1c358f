//! Every kernel against a model that looks at one bit at a time, and every level of vector instructions that this
//! processor has against the portable one. (Valgrind's processor has no AVX-512; that level is then left out.)

use super::level::Level;
use super::*;
use proptest::prelude::*;

/// The model: bits as a vector.
fn bits_of(bytes: &[u8]) -> Vec<bool> {
    bytes.iter().flat_map(|byte| (0..8).map(move |bit| byte >> (7 - bit) & 1 == 1)).collect()
}

/// Bytes of many lengths, often in long runs of one value, as a slice that begins at any alignment.
fn bitmap() -> impl Strategy<Value = (Vec<u8>, usize)> {
    let run = (prop_oneof![Just(0u8), Just(0xff), any::<u8>()], 0..400usize);
    let runs = prop::collection::vec(run, 0..5)
        .prop_map(|runs| runs.iter().flat_map(|&(byte, n)| std::iter::repeat_n(byte, n)).collect::<Vec<_>>());
    let bytes = prop_oneof![
        runs,
        prop::collection::vec(any::<u8>(), 0..700),
        prop::collection::vec(any::<u8>(), 0..20)
    ];
    (bytes, 0..64usize).prop_map(|(bytes, skip)| {
        let skip = skip.min(bytes.len());
        (bytes, skip)
    })
}

/// First and last bit of a range in or around `len` bytes: every other one of a few bits only, so that its edges decide.
fn range(len: usize, from: u64, to: u64) -> (u64, u64) {
    let bits = len as u64 * 8 + 20;
    let first = from % bits;
    (first, if to.is_multiple_of(2) { to % bits } else { first + to % 19 })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 2 } else { 256 }, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn counts_what_the_model_counts((bytes, skip) in bitmap(), from: u64, to: u64) {
        let bytes = &bytes[skip..];
        let model = bits_of(bytes);
        let expected = model.iter().filter(|bit| **bit).count() as u64;
        prop_assert_eq!(count(bytes), expected);
        for level in Level::all() {
            prop_assert_eq!(count::count_on(level, bytes), expected, "{:?}", level);
        }
        let (first, last) = range(bytes.len(), from, to);
        let expected = (first..=last).filter(|at| model.get(*at as usize) == Some(&true)).count() as u64;
        prop_assert_eq!(count_range(bytes, first, last), expected);
    }

    #[test]
    fn finds_what_the_model_finds((bytes, skip) in bitmap(), from: u64, to: u64, bit: bool) {
        let bytes = &bytes[skip..];
        let model = bits_of(bytes);
        let (first, last) = range(bytes.len(), from, to);
        let expected = (first..=last).find(|at| model.get(*at as usize) == Some(&bit));
        prop_assert_eq!(position(bytes, bit, first, last), expected);
        let whole = model.iter().position(|b| *b == bit).map(|at| at as u64);
        prop_assert_eq!(position(bytes, bit, 0, u64::MAX), whole);
        for level in Level::all() {
            let expected = bytes.iter().position(|byte| *byte != bytes[0]);
            let dull = bytes.first().copied().unwrap_or_default();
            prop_assert_eq!(position::unlike_on(level, bytes, dull), expected, "{:?}", level);
        }
    }

    #[test]
    fn combines_as_the_model_does(
        sources in prop::collection::vec(bitmap(), 0..20),
        dst_len in prop::option::of(0..1200usize),
    ) {
        let sources: Vec<&[u8]> = sources.iter().map(|(bytes, skip)| &bytes[*skip..]).collect();
        let longest = sources.iter().map(|source| source.len()).max().unwrap_or(0);
        for kind in [Op::And, Op::Or, Op::Xor, Op::Not] {
            let expected: Vec<u8> = (0..dst_len.unwrap_or(longest))
                .map(|at| {
                    let mut column = sources.iter().map(|source| source.get(at).copied().unwrap_or(0));
                    let head = column.next().unwrap_or(0);
                    match kind {
                        Op::And => column.fold(head, |a, b| a & b),
                        Op::Or => column.fold(head, |a, b| a | b),
                        Op::Xor => column.fold(head, |a, b| a ^ b),
                        Op::Not => !head,
                    }
                })
                .collect();
            for level in Level::all() {
                let mut dst = vec![0x5a; expected.len()];
                combine::op_on(level, kind, &sources, &mut dst);
                prop_assert_eq!(&dst, &expected, "{:?} {:?}", kind, level);
            }
        }
    }

    #[test]
    fn reads_and_writes_bits((bytes, skip) in bitmap(), offset: u64, bit: bool) {
        let mut bytes = bytes[skip..].to_vec();
        let (offset, _) = range(bytes.len(), offset, 0);
        let mut model = bits_of(&bytes);
        let expected = model.get(offset as usize).copied();
        prop_assert_eq!(get_bit(&bytes, offset), expected.unwrap_or(false));
        if let Some(old) = expected {
            prop_assert_eq!(set_bit(&mut bytes, offset, bit), old);
            model[offset as usize] = bit;
            prop_assert_eq!(bits_of(&bytes), model);
        }
    }

    #[test]
    fn reads_and_writes_fields(bytes in prop::collection::vec(any::<u8>(), 0..40), offset: u64, width in 1..=64u32, value: u64) {
        let mut bytes = bytes;
        let (offset, _) = range(bytes.len(), offset, 0);
        let mut model = bits_of(&bytes);
        let bit = |at: u64| model.get(at as usize).copied().unwrap_or(false);
        let expected = (offset..offset + u64::from(width)).fold(0u64, |value, at| value << 1 | u64::from(bit(at)));
        prop_assert_eq!(get_unsigned(&bytes, offset, width), expected);
        let sign = if bit(offset) { -1i128 << width } else { 0 };
        prop_assert_eq!(i128::from(get_signed(&bytes, offset, width)), i128::from(expected) + sign);
        if offset + u64::from(width) <= bytes.len() as u64 * 8 {
            set(&mut bytes, offset, width, value);
            for at in 0..width {
                model[offset as usize + at as usize] = value >> (width - 1 - at) & 1 == 1;
            }
            prop_assert_eq!(bits_of(&bytes), model);
        }
    }

    #[test]
    fn adds_as_unbounded_integers_do(value: i64, incr: i64, small in -300..300i64, width in 1..=64u32) {
        let module = 1i128 << width;
        for incr in [incr, small] {
            // INCRBY: the old value fits its field.
            let signed = value >> (64 - width);
            let (min, max) = (-module / 2, module / 2 - 1);
            let exact = i128::from(signed) + i128::from(incr);
            let wrapped = (exact - min).rem_euclid(module) + min;
            check(exact, min, max, wrapped, |overflow| add_signed(signed, incr, width, overflow).map(i128::from))?;
            if width < 64 {
                let unsigned = value as u64 >> (64 - width);
                let exact = i128::from(unsigned) + i128::from(incr);
                let wrapped = exact.rem_euclid(module);
                check(exact, 0, module - 1, wrapped, |o| add_unsigned(unsigned, incr, width, o).map(i128::from))?;
            }
        }
    }
}

fn check(
    exact: i128,
    min: i128,
    max: i128,
    wrapped: i128,
    add: impl Fn(Overflow) -> Option<i128>,
) -> Result<(), TestCaseError> {
    prop_assert_eq!(add(Overflow::Wrap), Some(wrapped));
    prop_assert_eq!(add(Overflow::Sat), Some(exact.clamp(min, max)));
    prop_assert_eq!(add(Overflow::Fail), (min..=max).contains(&exact).then_some(exact));
    Ok(())
}

/// SET sends a value that may not fit, with nothing added.
#[test]
fn setting_a_field_checks_its_value() {
    use Overflow::{Fail, Sat, Wrap};
    for (value, wrap, sat) in [(200, -56, 127), (-129, 127, -128), (i64::MAX, -1, 127), (-1000, 24, -128)] {
        assert_eq!(add_signed(value, 0, 8, Wrap), Some(wrap));
        assert_eq!(add_signed(value, 0, 8, Sat), Some(sat));
        assert_eq!(add_signed(value, 0, 8, Fail), None);
    }
    assert_eq!(add_signed(i64::MIN, 0, 64, Fail), Some(i64::MIN));
    // The reference's own arithmetic overflows below this value, and it takes the field's maximum.
    assert_eq!(add_signed(i64::MIN + 127, 0, 8, Sat), Some(127));
    assert_eq!(add_signed(i64::MIN + 128, 0, 8, Sat), Some(-128));
    assert_eq!(add_unsigned(-1i64 as u64, 0, 8, Sat), Some(255));
    assert_eq!(add_unsigned(-2i64 as u64, 0, 8, Wrap), Some(254));
    assert_eq!(add_unsigned(256, 0, 8, Fail), None);
    assert_eq!(add_unsigned(255, 0, 8, Fail), Some(255));
}

#[test]
fn offsets_beyond_all_memory_read_as_zero() {
    assert!(!get_bit(b"\xff", u64::MAX));
    assert_eq!(get_unsigned(b"\xff", u64::MAX - 7, 64), 0);
    assert_eq!(get_signed(b"\xff", 4, 8), -16);
    assert_eq!(position(b"", false, 0, u64::MAX), None);
    assert_eq!(count_range(b"", 0, u64::MAX), 0);
}

/// Prints gigabytes of source per second; run with `--ignored --nocapture` and optimisation.
#[test]
#[ignore = "a measurement"]
#[expect(clippy::print_stdout, clippy::disallowed_methods, reason = "it measures and tells")]
fn throughput() {
    let time = |bytes: usize, run: &mut dyn FnMut()| {
        let rounds = (1 << 30) / bytes.max(512);
        let begin = std::time::Instant::now();
        (0..rounds).for_each(|_| run());
        (bytes * rounds) as f64 / begin.elapsed().as_secs_f64() / 1e9
    };
    for level in Level::all() {
        for len in [64, 4096, 1 << 20] {
            let sources: Vec<Vec<u8>> = (0..16u8).map(|seed| vec![seed; len]).collect();
            let sources: Vec<&[u8]> = sources.iter().map(Vec::as_slice).collect();
            let mut dst = vec![0; len];
            let source = sources[0];
            let mut line = format!("{level:?} {len} B:");
            let speed = time(len, &mut || {
                std::hint::black_box(count::count_on(level, std::hint::black_box(source)));
            });
            line += &format!(" count {speed:.1}");
            let speed = time(len, &mut || {
                std::hint::black_box(position::unlike_on(level, std::hint::black_box(source), 0));
            });
            line += &format!(" position {speed:.1}");
            for (kind, n) in [(Op::Not, 1), (Op::And, 2), (Op::Or, 4), (Op::Xor, 16)] {
                let speed = time(len * n, &mut || {
                    combine::op_on(level, kind, std::hint::black_box(&sources[..n]), &mut dst);
                    std::hint::black_box(&dst);
                });
                line += &format!(" {kind:?}*{n} {speed:.1}");
            }
            println!("{line}");
        }
    }
}
