//! Streams as the reference dumps them, in the form of each version.

use crate::payload::{self, PayloadError};
use crate::reader::Flaw;
use crate::{Value, Writer};
use base::crc64::crc64;
use base::hex;
use base::siphash;
use keyspace::values::{Any, Rules, Stream};

const RULES: Rules = Rules::default_with(siphash::Key::new(1, 2));

/// Two nodes, the first with a deleted entry.
const NODES: &str = "0210000000000000000100000000000000012a2a0000000f0001010101010181660200010201000100018276310304010301\
                     01010001827632030401ff10000000000000000300000000000000011e1e0000000a0001010001010181660200010201000100\
                     01827633030401ff";
/// A group of one pending entry and two consumers: up to what was read, what is pending, and each consumer.
const GROUP: &str = "0101670101";
const PENDING: &str = "01000000000000000100000000000000010068e5cf8b010000030201630168e5cf8b010000";
const FIRST: &str = "010000000000000001000000000000000101640168e5cf8b010000";
const LAST: &str = "00";
const TIME: &str = "0168e5cf8b010000";
const NEVER: &str = "ffffffffffffffff";
const UNKNOWN: &str = "81ffffffffffffffff";

fn read(body: &str) -> Result<Stream, PayloadError> {
    let mut payload = hex::decode(body.as_bytes()).expect("digits");
    payload.extend(11u16.to_le_bytes());
    let checksum = crc64(&payload);
    payload.extend(checksum.to_le_bytes());
    payload::open(&payload, &RULES).map(|value| match value {
        Value::Other(Any::Stream(stream)) => stream,
        value => panic!("{value:?} is no stream"),
    })
}

fn written(stream: &Stream) -> String {
    let mut out = Writer::new(None);
    super::write(&mut out, None, stream);
    hex::encode(&out.bytes)
}

fn newest(marks: &str, read: &str, active: [&str; 2]) -> String {
    ["15", NODES, "020301", marks, GROUP, read, PENDING, active[0], FIRST, active[1], LAST].concat()
}

#[test]
fn every_form_is_read_and_the_newest_written() {
    let body = newest("0101020103", UNKNOWN, [TIME, NEVER]);
    assert_eq!(written(&read(&body).expect("a stream")), body);
    let with_marks = ["13", NODES, "020301", "0101020103", GROUP, UNKNOWN, PENDING, FIRST, LAST].concat();
    let guessed = newest("0101020103", UNKNOWN, [TIME, TIME]);
    assert_eq!(written(&read(&with_marks).expect("a stream")), guessed);
    let plain = ["0f", NODES, "020301", GROUP, PENDING, FIRST, LAST].concat();
    assert_eq!(written(&read(&plain).expect("a stream")), newest("0101000002", "01", [TIME, TIME]));
}

#[test]
fn parts_that_contradict_each_other_are_refused() {
    let good = newest("0101020103", UNKNOWN, [TIME, NEVER]);
    let refused = |from: &str, to: &str| {
        let error = read(&good.replacen(from, to, 1)).expect_err("a flaw");
        assert!(
            matches!(error, PayloadError::Value(error) if matches!(error.flaw, Flaw::Content | Flaw::Consumer)),
            "{to}: {error:?}"
        );
    };
    refused("ff0203010101", "ff0303010101");
    // The second node is keyed as the first.
    refused("10000000000000000300000000000000011e", "10000000000000000100000000000000011e");
    // A key of fifteen bytes.
    refused("10000000000000000100000000000000012a", "0f000000000000000100000000000001292a");
    // What the consumer has is not pending, or is nobody's.
    refused(FIRST, &FIRST.replacen("0000000100", "0000000200", 1));
    refused(FIRST, &["00", &FIRST[34..]].concat());
    // Two consumers of one name.
    refused("0101640168", "0101630168");
}
