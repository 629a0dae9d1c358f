//! Dumped values to records and back. Whatever the bytes are, a payload is refused or read; what was read, dumped again
//! with compression and without, is read as the same value, and no value is larger than its bytes can account for.
//!
//! The input is tried as a payload, which its checksum nearly always stops; then as what stands before a valid version and
//! checksum, which nothing stops; and then as the items of a collection in one piece, whose frame is right.

use base::crc64::crc64;
use base::lzf::Scratch;
use base::siphash;
use keyspace::Record;
use keyspace::digest::Digest;
use keyspace::values::stream::Id;
use keyspace::values::{AnyRef, Rules};
use rdb::{Text, VERSION, Value, Writer, payload};

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
    b"\x0d\x04",
    b"\x10\x00",
    b"\x11\x00",
    b"\x12\x00",
    b"\x14\x00",
    b"\x00\x01a\x03\xf3",
    b"\x81a\x02\x05\x01",
    b"\xf4\xff\xff\xff\xff\xff\xff\xff\x7f\x09",
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
    for sealed in [Some(seal(input)), framed(input).map(|body| seal(&body))].into_iter().flatten() {
        if let Ok(value) = payload::open(&sealed, &RULES) {
            check(value, sealed.len());
        }
    }
}

/// A value in one piece: the first byte says of which type, the second what the frame needs to know, and the rest are the
/// items, between a head and an end that are right.
fn framed(input: &[u8]) -> Option<Vec<u8>> {
    const UNCOUNTED: [u8; 2] = [0xff; 2];
    let (&[kind, hint], items) = input.split_first_chunk()?;
    let piece = match kind {
        10 | 12 | 13 | 14 => {
            let last = (10 + items.len()).saturating_sub(usize::from(hint)) as u32;
            let total = (11 + items.len()) as u32;
            [&total.to_le_bytes()[..], &last.to_le_bytes(), &UNCOUNTED, items, &[0xff]].concat()
        }
        16 | 17 | 18 | 20 => {
            let total = (7 + items.len()) as u32;
            [&total.to_le_bytes()[..], &UNCOUNTED, items, &[0xff]].concat()
        }
        11 => {
            let width = [2_u32, 4, 8][usize::from(hint) % 3];
            let count = items.len() as u32 / width;
            [&width.to_le_bytes()[..], &count.to_le_bytes(), items].concat()
        }
        _ => return None,
    };
    let mut out = Writer::new(None);
    out.bytes.push(kind);
    // A list in nodes: there is one, and it is packed.
    out.bytes.extend_from_slice(match kind {
        14 => &[1],
        18 => &[1, 2],
        _ => &[],
    });
    out.string(&piece);
    Some(out.bytes)
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
    if record.text().is_none() {
        record.with_any(check_invariants);
    }
    for scratch in [None, Some(&mut Scratch::new())] {
        let payload = payload::seal(&record, scratch);
        let again = record_of(payload::open(&payload, &RULES).expect("what was dumped can be restored"));
        assert_eq!(Digest::of_value(&record), Digest::of_value(&again), "{record:?}");
    }
}

fn check_invariants(value: AnyRef<'_>) {
    match value {
        AnyRef::List(value) => value.check_invariants(),
        AnyRef::Set(value) => value.check_invariants(),
        AnyRef::Hash(value) => value.check_invariants(),
        AnyRef::SortedSet(value) => value.check_invariants(),
        AnyRef::Stream(value) => {
            // Marks are taken on trust, as the reference does: a client that lies about them is told its lies again. But they
            // must do no harm when entries are added and deleted.
            let mut entries = value.entries.clone();
            entries.marks.first = entries.first_live().unwrap_or(Id::MIN);
            entries.check_invariants();
            let mut entries = value.entries.clone();
            let ids: Vec<Id> = entries.range(Id::MIN, Id::MAX).map(|entry| entry.id).collect();
            let last = entries.marks.last;
            if let Some(seq) = last.seq.checked_add(1) {
                entries.append(Id::new(last.ms, seq), [(&b"field"[..], &b"value"[..])].into_iter(), &RULES);
                assert_eq!(entries.length(), ids.len() as u64 + 1);
                entries.range_back(Id::MIN, Id::MAX).for_each(drop);
                entries.delete(ids.into_iter());
            }
            value.groups.values().for_each(|group| group.check_invariants());
        }
    }
}
