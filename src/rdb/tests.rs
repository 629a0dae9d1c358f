//! Tests of the dump format.

use crate::payload::{self, PayloadError};
use crate::reader::Flaw;
use crate::{Reader, Text, VERSION, Value, Versions, Writer};
use base::crc64::crc64;
use base::hex;
use base::lzf::Scratch;
use base::siphash;
use keyspace::values::Rules;
use keyspace::{NewValue, Record};
use proptest::prelude::*;

fn record(value: NewValue<'_>) -> Record {
    Record::new(b"key", value, None, 0, false)
}

fn sealed(body: &[u8], version: u16) -> Vec<u8> {
    let mut payload = [body, &version.to_le_bytes()].concat();
    payload.extend(crc64(&payload).to_le_bytes());
    payload
}

const RULES: Rules = Rules::default_with(siphash::Key::new(1, 2));

/// The string of a payload, as it is kept.
fn open(payload: &[u8]) -> Result<Text<'_>, PayloadError> {
    payload::open(payload, &RULES).map(|value| match value {
        Value::String(text) => text,
        Value::Other(value) => panic!("{value:?} is no string"),
    })
}

fn text_of(payload: &[u8]) -> Result<Vec<u8>, PayloadError> {
    open(payload).map(Text::into_bytes)
}

/// As a running 9.0.4 dumps them.
#[test]
fn payloads_are_those_of_the_reference() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "0000500092b195d1912dc52e"),
        (b"0", "00c0005000576a6ee9660264fc"),
        (b"-1", "00c0ff5000c3b9b7b51b5afa31"),
        (b"127", "00c07f5000c29f22a0cc06a2e0"),
        (b"128", "00c18000500024507a248e9d2c91"),
        (b"-128", "00c0805000564cfbfcb15e3c2d"),
        (b"-129", "00c17fff5000d84a4bb9cad2e374"),
        (b"32767", "00c1ff7f50008670fe4b89a6b2df"),
        (b"32768", "00c20080000050008af2e77c4befcee4"),
        (b"-32769", "00c2ff7fffff500061c985dc9894e2c2"),
        (b"2147483647", "00c2ffffff7f5000e35e2c0f7e7cca55"),
        (b"2147483648", "000a323134373438333634385000289be032d24f111a"),
        (b"-2147483649", "000b2d3231343734383336343950000d4bfee896a06578"),
        (b"9223372036854775807", "0013393232333337323033363835343737353830375000f54fb7051fba38d6"),
        (b"-9223372036854775808", "00142d39323233333732303336383534373735383038500022c870c77522f975"),
        (b"007", "00033030375000bd722bead23bdd2d"),
        (b"hello", "000568656c6c6f5000ac5816e7fb6647fe"),
        (b"aaaaaaaaaaaaaaaaaaaa", "0014616161616161616161616161616161616161616150004c9ea2cf8543cb05"),
        (b"aaaaaaaaaaaaaaaaaaaaa", "00c30615016161e00a00500032267af99913589c"),
        (b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "00c3094040017878e033000178785000b95b1ce75b2b33b6"),
        (b"abcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabc", "00c30e412c0361626361e0ff02e1150701626350001d7dfa5f5e1686df"),
        (b"hello world hello world hello world hello world hello world hello world hello world hello world ", "00c31440600c68656c6c6f20776f726c642068e0480b01642050008b2f71b513f5cce9"),
        (b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f !\x22#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNO", "004050000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f5000184429a97528a286"),
        (b"0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz", "00c32d40481f303132333435363738396162636465666768696a6b6c6d6e6f70717273747576047778797a30e0182301797a500081cbe385ca381762"),
    ];
    for (value, expected) in cases {
        for new in [Some(NewValue::Bytes(value)), base::int::parse_i64(value).map(NewValue::Integer)] {
            let Some(new) = new else { continue };
            let payload = payload::seal(&record(new), Some(&mut Scratch::new()));
            assert_eq!(hex::encode(&payload), *expected, "{}", value.escape_ascii());
            assert_eq!(text_of(&payload).expect("a payload"), *value);
        }
    }
}

#[test]
fn nothing_is_compressed_without_memory_for_it() {
    let value = [b'a'; 1000];
    let payload = payload::seal(&record(NewValue::Bytes(&value)), None);
    assert_eq!(payload.len(), 1 + 2 + value.len() + 10);
    assert_eq!(text_of(&payload).expect("a payload"), value);
}

#[test]
fn lengths_take_the_least_bytes_and_come_back() {
    let edges = [0, 63, 64, 16_383, 16_384, u64::from(u32::MAX), u64::from(u32::MAX) + 1, u64::MAX];
    let sizes = [1, 1, 2, 2, 5, 5, 9, 9];
    for (length, size) in edges.into_iter().zip(sizes) {
        let mut out = Writer::new(None);
        out.length(length);
        assert_eq!(out.bytes.len(), size, "{length}");
        assert_eq!(Reader::new(&out.bytes).length(), Ok(length));
    }
}

#[test]
fn flaws_are_told_with_their_places() {
    let cases: &[(&[u8], usize, Flaw)] = &[
        (b"", 0, Flaw::Short),
        (b"\x05abcd", 1, Flaw::Short),
        (b"\x81\xff\xff\xff\xff\xff\xff\xff\xff", 9, Flaw::Short),
        (b"\x82", 0, Flaw::Length),
        (b"\xbf", 0, Flaw::Length),
        (b"\xc4", 0, Flaw::Encoding),
        (b"\xc1\x01", 1, Flaw::Short),
        (b"\xc3\xc0\x05", 1, Flaw::Length),
        // A few bytes that pretend to stand for terabytes.
        (b"\xc3\x02\x81\x00\x00\x10\x00\x00\x00\x00\x00ab", 11, Flaw::Compression),
        // One byte more than it says.
        (b"\xc3\x03\x01\x01ab", 3, Flaw::Compression),
        // A copy from before the beginning.
        (b"\xc3\x04\x04\x00a\x20\x05", 3, Flaw::Compression),
    ];
    for (bytes, at, flaw) in cases {
        let error = Reader::new(bytes).string().expect_err("a flaw");
        assert_eq!((error.at, error.flaw), (*at, *flaw), "{}", bytes.escape_ascii());
    }
}

#[test]
fn footers_must_be_right_in_version_and_checksum() {
    let good = sealed(b"\x00\x03abc", VERSION);
    assert_eq!(text_of(&good).expect("a payload"), b"abc");
    for cut in 0..good.len() {
        assert_eq!(text_of(&good[..cut]), Err(PayloadError::Footer));
    }
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(text_of(&bad), Err(PayloadError::Footer), "bit {bit}");
    }
    for version in 0..=u16::MAX {
        assert_eq!(Versions::Known.include(version), (1..=11).contains(&version) || version == 80);
        assert_eq!(Versions::Any.include(version), version != 0);
    }
    assert_eq!(text_of(&sealed(b"\x00\x03abc", 12)), Err(PayloadError::Footer));
    assert_eq!(text_of(&sealed(b"\x00\x03abc", 1)).expect("an old payload"), b"abc");
}

#[test]
fn later_and_foreign_versions_are_read_if_they_may_be() {
    let any = |body: &[u8], version| {
        let payload = sealed(body, version);
        payload::open_of(Versions::Any, true, &payload, &RULES).map(|value| match value {
            Value::String(text) => text.into_bytes(),
            other => panic!("{other:?}"),
        })
    };
    for version in [1, 12, 79, 80, 81, u16::MAX] {
        assert_eq!(any(b"\x00\x017", version), Ok(b"7".to_vec()));
    }
    assert_eq!(any(b"\x00\x017", 0), Err(PayloadError::Footer));
    let type_of = |result| match result {
        Err(PayloadError::Value(error)) => Err(error.flaw),
        Err(PayloadError::ForeignType(kind)) => Ok(kind),
        other => panic!("{other:?}"),
    };
    assert_eq!(type_of(any(b"\x16\x00", 12)), Ok(22));
    assert_eq!(type_of(any(b"\x16\x00", 79)), Ok(22));
    assert_eq!(type_of(any(b"\x17\x00", 79)), Err(Flaw::Type));
    assert_eq!(type_of(any(b"\xff\x00", 81)), Err(Flaw::Type));
}

#[test]
fn values_must_be_of_a_known_type_and_may_be_followed_by_anything() {
    assert!(matches!(text_of(&sealed(b"\x00\x3f", VERSION)), Err(PayloadError::Value(_))));
    for kind in 23..=u8::MAX {
        let error = text_of(&sealed(&[kind, 0], VERSION)).expect_err("no such type");
        assert!(matches!(error, PayloadError::Value(error) if error.flaw == Flaw::Type && error.at == 0));
    }
    assert_eq!(text_of(&sealed(b"\x00\x03abcdef", VERSION)).expect("a payload"), b"abc");
}

#[test]
fn texts_of_numbers_come_back_as_numbers_however_they_were_written() {
    for bytes in [b"\x00\xc0\x07".as_slice(), b"\x00\x017"] {
        assert_eq!(open(&sealed(bytes, VERSION)), Ok(Text::Integer(7)));
    }
    let almost = Text::Bytes(b"07".into());
    assert_eq!(open(&sealed(b"\x00\x0207", VERSION)), Ok(almost));
}

/// Bytes with repetitions, which compress.
fn repetitive() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec((prop::collection::vec(any::<u8>(), 0..9), 0..40usize), 0..8)
        .prop_map(|parts| parts.into_iter().flat_map(|(part, times)| part.repeat(times)).collect())
}

proptest! {
    #[test]
    fn strings_come_back(value in prop_oneof![repetitive(), any::<Vec<u8>>(), "-?[0-9]{0,21}".prop_map(String::into_bytes)]) {
        for compress in [false, true] {
            let mut scratch = Scratch::new();
            let payload = payload::seal(&record(NewValue::Bytes(&value)), compress.then_some(&mut scratch));
            prop_assert_eq!(text_of(&payload).expect("a payload"), &value[..]);
        }
    }

    #[test]
    fn numbers_come_back(number in prop_oneof![any::<i64>(), any::<i32>().prop_map(i64::from), -70_000..70_000i64]) {
        let payload = payload::seal(&record(NewValue::Integer(number)), None);
        prop_assert_eq!(open(&payload), Ok(Text::Integer(number)));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        let _ = payload::open(&bytes, &RULES);
        let _ = payload::open(&sealed(&bytes, VERSION), &RULES);
        let _ = payload::open(&sealed(&[&[0], &bytes[..]].concat(), VERSION), &RULES);
        let _ = payload::open(&sealed(&[b"\x00\xc3", &bytes[..]].concat(), VERSION), &RULES);
        let mut reader = Reader::new(&bytes);
        while reader.string().is_ok() {}
        prop_assert!(reader.position() + reader.remaining() == bytes.len());
    }

    #[test]
    fn damaged_payloads_with_a_right_checksum_are_read_or_refused(
        value in repetitive(), at: prop::sample::Index, byte: u8
    ) {
        let payload = payload::seal(&record(NewValue::Bytes(&value)), Some(&mut Scratch::new()));
        let mut body = payload[..payload.len() - 10].to_vec();
        let at = at.index(body.len());
        body[at] = byte;
        // What comes out is bounded by what came in: LZF makes at most 88 bytes of one.
        if let Ok(text) = text_of(&sealed(&body, VERSION)) {
            prop_assert!(text.len() <= (body.len() + 10) * 88);
        }
    }
}
