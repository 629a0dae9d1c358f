//! Request bytes to batches. However the stream is cut, the same requests and the same end come out, every byte of
//! them is counted once, and what a connection holds is bounded by what was sent.
//!
//! ```text
//! input   | n | n bytes: the lengths of the first pieces | the stream |
//! ```

use conn::decoder::READ_CHUNK;
use conn::{Batch, Decoded, Decoder, Lexicon};
use resp::{Limits, ProtocolError};
use std::sync::LazyLock;

/// What streams of requests are made of.
pub const WORDS: &[&[u8]] = &[
    b"\x00",
    b"\x01\x05",
    b"\x03\x01\x02\x09",
    b"\r\n",
    b"\n",
    b"*1\r\n",
    b"*2\r\n",
    b"*3\r\n",
    b"*0\r\n",
    b"*-1\r\n",
    b"*1000000\r\n",
    b"$0\r\n",
    b"$1\r\n",
    b"$3\r\n",
    b"$-1\r\n",
    b"$32768\r\n",
    b"$40000\r\n",
    b"GET\r\n",
    b"SET\r\n",
    b"k\r\n",
    b"PING\r\n",
    b"get \"a b\" 'c'\r\n",
    b"\"",
    b"\\x41",
    b" ",
    b"CONFIG\r\n",
    &[b'v'; 20_000],
];

/// Piece lengths are at most this often taken from the input.
const MAX_CUTS: usize = 64;

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon {
    names: catalog::Names::new(),
    hash_key: base::siphash::Key::from_bytes([1; 16]),
    cluster: true,
});

#[derive(Debug, Default, PartialEq)]
struct Heard {
    requests: Vec<Vec<Vec<u8>>>,
    bytes: usize,
    error: Option<ProtocolError>,
}

/// The body.
pub fn run(input: &[u8]) {
    let Some((count, rest)) = input.split_first() else { return };
    let (cuts, stream) = rest.split_at(usize::from(*count).min(MAX_CUTS).min(rest.len()));
    let whole = hear(stream, &[]);
    assert_eq!(hear(stream, cuts), whole, "the cuts show");
    assert!(whole.bytes <= stream.len(), "more bytes counted than came");
}

fn hear(stream: &[u8], cuts: &[u8]) -> Heard {
    let (mut decoder, mut heard, mut rest) = (Decoder::default(), Heard::default(), stream);
    for cut in cuts {
        let (piece, behind) = rest.split_at(usize::from(*cut).min(rest.len()));
        feed(&mut decoder, piece, &mut heard);
        rest = behind;
    }
    feed(&mut decoder, rest, &mut heard);
    // A buffer may be twice as large as what is in it, and an argument of six bytes, `$0` and two ends of lines, has a place
    // of eight in the list of them. A large argument that is announced has its memory from then on.
    let announced = decoder.receiving().map_or(0, |builder| builder.remaining());
    let held = decoder.held_bytes() - announced;
    assert!(held <= READ_CHUNK + (2 + 3) * stream.len(), "{held} bytes held of {}", stream.len());
    heard
}

fn feed(decoder: &mut Decoder, mut piece: &[u8], heard: &mut Heard) {
    let limits = Limits { max_bulk: 1 << 20, authenticated: true };
    let mut batch = Batch::default();
    while heard.error.is_none() {
        decoder.begin(&mut batch);
        match decoder.receiving() {
            Some(builder) if builder.remaining() > 0 => piece = builder.extend_from_slice(piece),
            _ => batch.bytes.extend_from_slice(std::mem::take(&mut piece)),
        }
        let decoded = decoder.decode(&mut batch, &LEXICON, &limits);
        decoder.end(&mut batch);
        for head in &batch.requests {
            heard.requests.push(batch.args(head).from(0).map(<[u8]>::to_vec).collect());
            heard.bytes += head.wire_bytes as usize;
        }
        heard.error = batch.error;
        batch.clear();
        if piece.is_empty() && decoded != Decoded::More {
            return;
        }
    }
}
