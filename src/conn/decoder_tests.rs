//! A stream of requests, however it is cut, is the same requests.

use crate::{Batch, Decoded, Decoder, Lexicon};
use base::siphash;
use catalog::Names;
use proptest::prelude::*;
use resp::request::BIG_ARGUMENT;
use resp::{Limits, ProtocolError};

const LIMITS: Limits = Limits { max_bulk: 512 << 20, authenticated: true };

fn lexicon() -> Lexicon {
    Lexicon { names: Names::new(), hash_key: siphash::Key::from_bytes([7; 16]), cluster: false }
}

/// What came out of a stream.
#[derive(Debug, Default, PartialEq)]
struct Heard {
    requests: Vec<Vec<Vec<u8>>>,
    hashes: Vec<u64>,
    wire_bytes: usize,
    error: Option<ProtocolError>,
}

/// Feeds one piece, as the thread that owns the socket does.
fn feed(decoder: &mut Decoder, lexicon: &Lexicon, limits: &Limits, mut piece: &[u8], heard: &mut Heard) {
    let mut batch = Batch::default();
    loop {
        decoder.begin(&mut batch);
        match decoder.receiving() {
            Some(builder) if builder.remaining() > 0 => piece = builder.extend_from_slice(piece),
            _ => batch.bytes.extend_from_slice(std::mem::take(&mut piece)),
        }
        loop {
            let decoded = decoder.decode(&mut batch, lexicon, limits);
            decoder.end(&mut batch);
            for head in &batch.requests {
                let args = batch.args(head);
                heard.requests.push(args.from(0).map(<[u8]>::to_vec).collect());
                heard.hashes.push(head.hash);
                heard.wire_bytes += head.wire_bytes as usize;
            }
            heard.error = heard.error.or(batch.error);
            batch.clear();
            if decoded != Decoded::More {
                break;
            }
            decoder.begin(&mut batch);
        }
        if piece.is_empty() || heard.error.is_some() {
            return;
        }
    }
}

fn hear(lexicon: &Lexicon, stream: &[u8], cuts: &[usize]) -> Heard {
    let (mut decoder, mut heard) = (Decoder::default(), Heard::default());
    let mut ends: Vec<usize> =
        cuts.iter().map(|cut| cut % (stream.len() + 1)).chain([stream.len()]).collect();
    ends.sort_unstable();
    let mut from = 0;
    for end in ends {
        feed(&mut decoder, lexicon, &LIMITS, &stream[from..end], &mut heard);
        from = end;
    }
    if heard.error.is_none() {
        assert!(decoder.waiting().is_empty(), "a whole stream leaves nothing behind");
    }
    heard
}

#[test]
fn a_word_repeated_is_the_same_command_unless_more_words_tell() {
    let lexicon = lexicon();
    let lines = [
        "get a",
        "get b",
        "GET c",
        "set d",
        "config get x",
        "config set y",
        "config",
        "config nix",
        "nix",
        "nix",
    ];
    let mut batch = Batch::default();
    let mut decoder = Decoder::default();
    batch.bytes.extend_from_slice((lines.join("\r\n") + "\r\n").as_bytes());
    assert_eq!(decoder.decode(&mut batch, &lexicon, &LIMITS), Decoded::All);
    assert_eq!(batch.requests.len(), lines.len());
    for head in &batch.requests {
        assert_eq!(head.command, lexicon.names.resolve(&batch.args(head)));
    }
}

fn multibulk(words: &[Vec<u8>]) -> Vec<u8> {
    let mut stream = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        stream.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        stream.extend_from_slice(word);
        stream.extend_from_slice(b"\r\n");
    }
    stream
}

/// A piece of a stream with the request it holds, if any.
type Part = (Vec<u8>, Option<Vec<Vec<u8>>>);

fn part() -> impl Strategy<Value = Part> {
    let word = prop_oneof![
        8 => prop::collection::vec(any::<u8>(), 0..40),
        1 => (BIG_ARGUMENT - 2..BIG_ARGUMENT + 9000, any::<u8>()).prop_map(|(len, byte)| vec![byte; len]),
    ];
    let words = || prop::collection::vec("[a-z]{1,9}".prop_map(String::into_bytes), 1..5);
    prop_oneof![
        6 => prop::collection::vec(word, 1..6).prop_map(|words| (multibulk(&words), Some(words))),
        2 => words().prop_map(|words| {
            let mut line = words.join(&b' ');
            line.extend_from_slice(b"\r\n");
            (line, Some(words))
        }),
        1 => prop::sample::select(vec!["\r\n", "\n", "*0\r\n", "*-1\r\n", "  \r\n"])
            .prop_map(|empty| (empty.as_bytes().to_vec(), None)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_stream_is_the_same_requests_however_it_is_cut(
        parts in prop::collection::vec(part(), 0..12),
        cuts in prop::collection::vec(any::<usize>(), 0..12),
    ) {
        let lexicon = lexicon();
        let stream: Vec<u8> = parts.iter().flat_map(|part| part.0.clone()).chain(*b"PING\r\n").collect();
        let heard = hear(&lexicon, &stream, &cuts);
        let expected: Vec<_> = parts.iter().filter_map(|part| part.1.clone()).chain([vec![b"PING".to_vec()]]).collect();
        prop_assert_eq!(&heard.requests, &expected);
        prop_assert_eq!(heard.wire_bytes, stream.len(), "every byte belongs to a request");
        prop_assert_eq!(heard, hear(&lexicon, &stream, &[]));
    }

    #[test]
    fn arbitrary_bytes_neither_panic_nor_loop_and_cuts_do_not_matter(
        stream in prop::collection::vec(prop_oneof![
            any::<u8>().prop_map(|byte| vec![byte]),
            prop::sample::select(vec!["*1\r\n", "*2\r\n$3\r\nGET\r\n", "$1\r\na\r\n", "\r\n", "$-1\r\n", "\"a\" ", "*9999999\r\n"])
                .prop_map(|text| text.as_bytes().to_vec()),
        ], 0..60).prop_map(|parts| parts.concat()),
        cuts in prop::collection::vec(any::<usize>(), 0..30),
    ) {
        let lexicon = lexicon();
        let (mut decoder, mut whole) = (Decoder::default(), Heard::default());
        feed(&mut decoder, &lexicon, &LIMITS, &stream, &mut whole);
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut % (stream.len() + 1)).chain([stream.len()]).collect();
        ends.sort_unstable();
        let (mut decoder, mut heard, mut from) = (Decoder::default(), Heard::default(), 0);
        for end in ends {
            if heard.error.is_none() {
                feed(&mut decoder, &lexicon, &LIMITS, &stream[from..end], &mut heard);
            }
            from = end;
        }
        prop_assert_eq!(heard, whole);
    }
}

#[test]
fn byte_by_byte_a_big_argument_comes_whole_and_in_memory_of_its_own() {
    let lexicon = lexicon();
    let value = vec![b'v'; BIG_ARGUMENT];
    let stream = multibulk(&[b"SET".to_vec(), b"key".to_vec(), value.clone()]);
    let (mut decoder, mut batch) = (Decoder::default(), Batch::default());
    for (i, byte) in stream.iter().enumerate() {
        decoder.begin(&mut batch);
        match decoder.receiving() {
            Some(builder) if builder.remaining() > 0 => {
                assert!(builder.extend_from_slice(&[*byte]).is_empty());
            }
            _ => batch.bytes.push(*byte),
        }
        assert_eq!(decoder.decode(&mut batch, &lexicon, &LIMITS), Decoded::All);
        assert!(decoder.room(&batch) <= BIG_ARGUMENT, "no room is made twice for a big argument");
        decoder.end(&mut batch);
        assert_eq!(batch.requests.len(), usize::from(i + 1 == stream.len()));
        if i + 1 < stream.len() {
            assert!(batch.bytes.is_empty() && batch.spans.is_empty() && batch.big.is_empty());
        }
    }
    let args = batch.args(&batch.requests[0]);
    assert_eq!(args.at(2), &value);
    assert!(args.share(2).is_some() && args.share(1).is_none());
    assert_eq!(batch.requests[0].wire_bytes as usize, stream.len());
    assert_eq!(batch.requests[0].hash, lexicon.hash(b"key"));
    assert_eq!(decoder.held_bytes(), 0, "an idle connection holds nothing");
}

#[test]
fn a_promise_of_many_arguments_costs_nothing() {
    let (lexicon, mut decoder, mut heard) = (lexicon(), Decoder::default(), Heard::default());
    feed(&mut decoder, &lexicon, &LIMITS, b"*1000000000\r\n$3\r\nSET\r\n", &mut heard);
    assert!(decoder.held_bytes() < 256, "{}", decoder.held_bytes());
    assert!(heard.requests.is_empty() && heard.error.is_none());
}

#[test]
fn an_argument_beyond_all_memory_is_refused() {
    let (lexicon, mut decoder, mut heard) = (lexicon(), Decoder::default(), Heard::default());
    let limits = Limits { max_bulk: i64::MAX as u64, authenticated: true };
    feed(&mut decoder, &lexicon, &limits, b"*1\r\n$9223372036854775807\r\n", &mut heard);
    assert_eq!(heard.error, Some(ProtocolError::InvalidBulkLength));
}

#[test]
fn before_authentication_requests_come_one_at_a_time() {
    let (lexicon, mut decoder, mut batch) = (lexicon(), Decoder::default(), Batch::default());
    let limits = Limits { authenticated: false, ..LIMITS };
    batch.bytes.extend_from_slice(b"PING\r\nPING\r\n");
    assert_eq!(decoder.decode(&mut batch, &lexicon, &limits), Decoded::More);
    assert_eq!(batch.requests.len(), 1);
    assert_eq!(decoder.decode(&mut batch, &lexicon, &limits), Decoded::More);
    assert_eq!(batch.requests.len(), 2);
    assert_eq!(decoder.decode(&mut batch, &lexicon, &limits), Decoded::All);
}
