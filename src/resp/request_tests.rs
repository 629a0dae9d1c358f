//! The parser alone: requests, limits and every text of refusal.

use super::*;
use proptest::prelude::*;

const LIMITS: Limits = Limits { max_bulk: 512 << 20, authenticated: true };

/// Reads all of `bytes`, fed in pieces of `step` bytes, as a caller without big arguments' own memory would.
fn parse(bytes: &[u8], step: usize, limits: &Limits) -> (Vec<Vec<Vec<u8>>>, Option<ProtocolError>) {
    let (mut parser, mut buffer, mut spans, mut requests) =
        (Parser::default(), Vec::new(), Vec::new(), Vec::new());
    for piece in bytes.chunks(step.max(1)) {
        buffer.extend_from_slice(piece);
        loop {
            let before = parser.position();
            match parser.step(&mut buffer, &mut spans, limits) {
                Ok(Step::Request) => {
                    assert!(parser.position() > before || step < bytes.len());
                    let words =
                        spans.drain(..).map(|s: Span| buffer[s.start as usize..][..s.len as usize].to_vec());
                    requests.push(words.collect());
                }
                Ok(Step::Empty) => assert!(parser.position() > before, "an empty request takes bytes"),
                Ok(Step::NeedMore | Step::Big(_)) => break,
                Err(error) => return (requests, Some(error)),
            }
            // What is finished leaves the buffer.
            buffer.drain(..parser.position());
            parser.rebase(parser.position());
        }
    }
    (requests, None)
}

fn error_of(bytes: &[u8], limits: &Limits) -> Option<ProtocolError> {
    parse(bytes, usize::MAX, limits).1
}

proptest! {
    #[test]
    fn any_pieces_give_the_same_requests(
        requests in prop::collection::vec(prop::collection::vec(prop::collection::vec(any::<u8>(), 0..30), 1..6), 0..8),
        step in 1usize..50,
    ) {
        let mut stream = Vec::new();
        for words in &requests {
            stream.extend_from_slice(format!("*{}\r\n", words.len()).as_bytes());
            for word in words {
                stream.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
                stream.extend_from_slice(word);
                stream.extend_from_slice(b"\r\n");
            }
        }
        prop_assert_eq!(parse(&stream, step, &LIMITS), (requests, None));
    }

    #[test]
    fn arbitrary_bytes_end_the_same_way_however_they_come(
        bytes in prop::collection::vec(prop::sample::select(b"*$0123456789-\r\n\0ab\"'\\x ".to_vec()), 0..200),
        step in 1usize..40,
    ) {
        prop_assert_eq!(parse(&bytes, step, &LIMITS), parse(&bytes, bytes.len(), &LIMITS));
    }
}

#[test]
fn refusals_have_their_reasons() {
    let long = vec![b'1'; MAX_LINE + 1];
    let cases: [(&[u8], ProtocolError); 14] = [
        (b"*x\r\n", ProtocolError::InvalidMultibulkLength),
        (b"*\r\n", ProtocolError::InvalidMultibulkLength),
        (b"*01\r\n", ProtocolError::InvalidMultibulkLength),
        (b"*2147483648\r\n", ProtocolError::InvalidMultibulkLength),
        (b"*99999999999999999999\r\n", ProtocolError::InvalidMultibulkLength),
        (b"*1\r\nx1\r\n", ProtocolError::ExpectedDollar(b'x')),
        (b"*1\r\n\r\n", ProtocolError::ExpectedDollar(b'\r')),
        (b"*1\r\n$-1\r\n", ProtocolError::InvalidBulkLength),
        (b"*1\r\n$\r\n", ProtocolError::InvalidBulkLength),
        (b"*1\r\n$536870913\r\n", ProtocolError::InvalidBulkLength),
        (b"set a \"b\r\n", ProtocolError::UnbalancedQuotes),
        (b"set a 'b\r\n", ProtocolError::UnbalancedQuotes),
        (&[b"*", long.as_slice()].concat(), ProtocolError::BigMultibulkCount),
        (&[b"*1\r\n$", long.as_slice()].concat(), ProtocolError::BigBulkCount),
    ];
    for (bytes, expected) in cases {
        assert_eq!(
            error_of(bytes, &LIMITS),
            Some(expected),
            "{}",
            bytes[..bytes.len().min(40)].escape_ascii()
        );
    }
    assert_eq!(error_of(&long, &LIMITS), Some(ProtocolError::BigInline));
    assert_eq!(error_of(&long[1..], &LIMITS), None);
}

#[test]
fn refusals_have_their_texts() {
    let cases: [(ProtocolError, &str); 9] = [
        (ProtocolError::BigInline, "too big inline request"),
        (ProtocolError::UnbalancedQuotes, "unbalanced quotes in request"),
        (ProtocolError::BigMultibulkCount, "too big mbulk count string"),
        (ProtocolError::InvalidMultibulkLength, "invalid multibulk length"),
        (ProtocolError::UnauthenticatedMultibulk, "unauthenticated multibulk length"),
        (ProtocolError::BigBulkCount, "too big bulk count string"),
        (ProtocolError::ExpectedDollar(b'?'), "expected '$', got '?'"),
        (ProtocolError::InvalidBulkLength, "invalid bulk length"),
        (ProtocolError::UnauthenticatedBulk, "unauthenticated bulk length"),
    ];
    for (error, text) in cases {
        assert_eq!(error.reply(), format!("Protocol error: {text}").into_bytes());
        assert!(!error.log_text().is_empty());
    }
}

#[test]
fn before_authentication_requests_are_small() {
    let limits = Limits { authenticated: false, ..LIMITS };
    assert_eq!(error_of(b"*10\r\n", &limits), None);
    assert_eq!(error_of(b"*11\r\n", &limits), Some(ProtocolError::UnauthenticatedMultibulk));
    assert_eq!(error_of(b"*1\r\n$16384\r\n", &limits), None);
    assert_eq!(error_of(b"*1\r\n$16385\r\n", &limits), Some(ProtocolError::UnauthenticatedBulk));
    assert_eq!(error_of(b"*11\r\n$16385\r\n", &LIMITS), None);
}

#[test]
fn counts_of_nothing_and_empty_lines_ask_for_nothing() {
    let (requests, error) = parse(b"*0\r\n*-7\r\n\r\n\n   \r\nPING\n", usize::MAX, &LIMITS);
    assert_eq!((requests, error), (vec![vec![b"PING".to_vec()]], None));
}

#[test]
fn inline_words_are_unescaped_in_place() {
    let (requests, _) = parse(b"set \"a\\x41\\n\" 'it\\'s' \"\"\r\n", usize::MAX, &LIMITS);
    assert_eq!(requests, [[b"set".to_vec(), b"aA\n".to_vec(), b"it's".to_vec(), b"".to_vec()]]);
    let (requests, _) = parse(b"get \0\r\nPING\r\n", usize::MAX, &LIMITS);
    assert!(requests.is_empty(), "a zero byte hides the end of the line");
}

#[test]
fn a_big_argument_is_announced_once_its_header_is_read() {
    let (mut parser, mut spans) = (Parser::default(), Vec::new());
    let mut buffer = b"*2\r\n$4\r\nECHO\r\n$32768\r\nabc".to_vec();
    assert_eq!(parser.step(&mut buffer, &mut spans, &LIMITS), Ok(Step::Big(BIG_ARGUMENT)));
    assert_eq!(&buffer[parser.position()..], b"abc");
    assert_eq!(parser.wanted(buffer.len()), 0);
    parser.big_taken();
    assert!(parser.finished());

    let mut parser = Parser::default();
    let mut buffer = b"*1\r\n$32767\r\nabc".to_vec();
    assert_eq!(parser.step(&mut buffer, &mut spans, &LIMITS), Ok(Step::NeedMore));
    assert_eq!(parser.wanted(buffer.len()), 32767 + 2 - 3);
}
