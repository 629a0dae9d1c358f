//! Dumped values to records and back. Whatever the bytes are, a payload is refused or read; what was read, dumped again
//! with compression and without, is read as the same value, and no value is larger than its bytes can account for.
//!
//! The input is tried as a payload, which its checksum nearly always stops, and then as what stands before a valid
//! version and checksum, which nothing stops.

use base::crc64::crc64;
use base::lzf::Scratch;
use base::siphash;
use keyspace::Record;
use keyspace::digest::Digest;
use keyspace::values::Rules;
use rdb::{Text, VERSION, Value, payload};

/// What dumped values are made of.
pub const WORDS: &[&[u8]] = &[
    b"\x00",
    b"\x00\x05",
    b"\x00\x40\x80",
    b"\x00\x80\x00\x00\x00\x03",
    b"\x00\x80\xff\xff\xff\xff",
    b"\x00\x81\x00\x00\x00\x00\x00\x00\x00\x02",
    b"\x00\x81\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x00\xc0\x7f",
    b"\x00\xc1\x00\x80",
    b"\x00\xc2\xff\xff\xff\x7f",
    b"\x00\xc3\x05\x15",
    b"\x00\xc3\x05\x15\x01aa\xe0\x0a\x00",
    b"\x00\xc3\x09\x40\x40\x01xx\xe0\x33\x00\x01xx",
    b"\x00\xc3\x03\x80\x00\x01\x00\x00",
    b"\x00\xc4",
    b"\xe0\xff\x00",
    b"\x20\x00",
    b"\x0212",
    b"\x14-9223372036854775808",
    b"\x50\x00",
    b"\x0b\x00",
    &[b'v'; 300],
];

/// One byte of LZF is at most this many bytes of text.
const MOST_PER_BYTE: usize = 88;

const RULES: Rules = Rules::default_with(siphash::Key::new(1, 2));

/// The body.
pub fn run(input: &[u8]) {
    if let Ok(value) = payload::open(input, &RULES) {
        check(value, input.len());
    }
    let sealed = seal(input);
    if let Ok(value) = payload::open(&sealed, &RULES) {
        check(value, sealed.len());
    }
}

/// The bytes with a version and their checksum behind them.
fn seal(body: &[u8]) -> Vec<u8> {
    let mut payload = [body, &VERSION.to_le_bytes()].concat();
    payload.extend(crc64(&payload).to_le_bytes());
    payload
}

fn record_of(value: Value<'_>) -> Record {
    value.give(|value| Record::new(b"key", value, None, 0, false))
}

fn check(value: Value<'_>, room: usize) {
    if let Value::String(Text::Bytes(bytes)) = &value {
        assert!(bytes.len() <= MOST_PER_BYTE * room, "{} bytes of {room}", bytes.len());
    }
    let record = record_of(value);
    for scratch in [None, Some(&mut Scratch::new())] {
        let payload = payload::seal(&record, scratch);
        let again = record_of(payload::open(&payload, &RULES).expect("what was dumped can be restored"));
        assert_eq!(Digest::of_value(&record), Digest::of_value(&again), "{record:?}");
    }
}
