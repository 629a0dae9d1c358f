//! Snapshot files, in pieces of any size. Whatever the bytes are, a file is refused at a place within it or read to its
//! end, the same way however it is cut, and what is held of it meanwhile is not more than it accounts for.
//!
//! The first byte of the input says how the rest is cut. The rest is tried as it is, and behind the beginning of a file.

use base::siphash;
use keyspace::values::Rules;
use rdb::loader::{Reading, SLICE, Step};
use rdb::{Event, LoadError, Loader, Versions};

/// What files are made of.
pub const WORDS: &[&[u8]] = &[
    b"REDIS0003",
    b"REDIS0011",
    b"VALKEY080",
    b"\xfe\x00",
    b"\xfb\x02\x01",
    b"\xfb\x81\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    b"\xfa\x01a\x01b",
    b"\xf5\x05hello",
    b"\xf5\x80\xff\xff\xff\xff",
    b"\xfc\x01\0\0\0\0\0\0\0",
    b"\xfd\x01\0\0\0",
    b"\xf8\x05",
    b"\xf9\x07",
    b"\xf4\x01\x02\x03",
    b"\x00\x01a\x01b",
    b"\x00\x01a\xc3\x05\x15\x01aa\xe0\x0a\x00",
    b"\x01\x01l\x02\x01a\x01b",
    b"\x02\x01s\x02\x01a\x01b",
    b"\x04\x01h\x01\x01a\x01b",
    b"\x05\x01z\x01\x01a\0\0\0\0\0\0\xf8\x3f",
    b"\x0b\x01i\x0c\x02\0\0\0\x02\0\0\0\xfe\xff\x01\0",
    b"\x02\x01s\x00",
    b"\x02\x01s\x81\x00\xff\xff\xff\xff\xff\xff\xff",
    b"\x07\x01m\x81\x00\x0c\xca\x31\xe7\x8f\xdc\x01\x02\x07\x00",
    b"\xf7\x01\x02\x01\x05\x01a\x00",
    b"\xf3\x01a\x01\x00\x05",
    b"\xff\0\0\0\0\0\0\0\0",
];

const RULES: Rules = Rules::default_with(siphash::Key::new(1, 2));

/// The body.
pub fn run(input: &[u8]) {
    let (&cut, file) = input.split_first().unwrap_or((&0, &[]));
    check(file, usize::from(cut) + 1);
    check(&[b"VALKEY080\xfe\x00", file].concat(), usize::from(cut) + 1);
}

fn check(file: &[u8], piece: usize) {
    let whole = read(file, file.len().max(1));
    assert_eq!(read(file, piece), whole);
}

/// The events of a file as text, and how it ended.
fn read(file: &[u8], piece: usize) -> (Vec<String>, Option<LoadError>) {
    let reading = Reading { versions: Versions::Any, checksum: true, skip_modules: true };
    let mut loader = Loader::new(reading);
    let mut pieces = file.chunks(piece);
    let mut events = Vec::new();
    loop {
        let step = loader.next(&RULES).map(|step| match step {
            Step::Hungry => None,
            Step::Event(event) => Some((shown(&event), matches!(event, Event::End(_)))),
        });
        assert!(loader.position() <= file.len() as u64 && loader.rest().len() <= file.len().max(SLICE));
        match step {
            Err(error) => {
                // What was being read can be told of whatever is wrong.
                assert!(!loader.failing().doing.is_empty());
                return (events, Some(error));
            }
            Ok(None) => match pieces.next() {
                Some(piece) => loader.push(piece),
                None => loader.complete(),
            },
            Ok(Some((event, end))) => {
                events.push(event);
                if end {
                    return (events, None);
                }
            }
        }
    }
}

/// An event as text: a name that is a number is told like any other, since it may come as one or as its digits.
fn shown(event: &Event<'_>) -> String {
    match event {
        Event::Record(entry) => {
            let name = entry.name.bytes(&mut [0; base::int::MAX_TEXT]).to_vec();
            format!("{name:?} {:?} {:?}", entry.value, entry.told)
        }
        event => format!("{event:?}"),
    }
}
