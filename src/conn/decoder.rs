//! From bytes to batches.
//!
//! One [`Decoder`] a connection holds what is unfinished between two reads: nothing at all, most of the time, so that an
//! idle connection owns no buffer. The bytes being read lie in the [`Batch`], which connections of a thread share in turn:
//!
//! ```text
//! begin      the connection's unfinished bytes, if any, become the batch's bytes
//! space      where the socket reads to: behind those bytes, or into the big argument being received
//! received   that many bytes came
//! decode     finished requests become heads; may be called again when the first ones have run
//! end        unfinished bytes go back to the connection
//! ```

use crate::batch::{Batch, Head};
use base::same::same;
use base::siphash;
use catalog::{CommandId, Names, Unknown};
use resp::{Limits, Parser, ProtocolError, Span, Step};
use structures::blob::{Blob, BlobBuilder, OutOfMemory};

/// How much room a read finds at least.
pub const READ_CHUNK: usize = 16 * 1024;
/// How many requests one call of `decode` makes at most, so that one connection cannot hold up the others for long.
const MAX_REQUESTS: usize = 512;
/// The longest unfinished request, apart from its big arguments, that spans can point into.
const MAX_BUFFER: usize = u32::MAX as usize - 1;
/// Unfinished bytes this few are copied out of the batch instead of taking its buffer along, so that a connection in
/// the middle of a request holds no more memory than it has sent bytes.
const COPIED: usize = 4 * 1024;

/// What the decoder knows of words: command names, and how to hash a key.
pub struct Lexicon {
    /// The names of commands.
    pub names: Names,
    /// The key of the key hash.
    pub hash_key: siphash::Key,
    /// Whether keys have slots.
    pub cluster: bool,
}

impl Lexicon {
    /// The hash of a key's name.
    #[inline]
    pub fn hash(&self, key: &[u8]) -> u64 {
        siphash::hash(&self.hash_key, key)
    }

    /// The table that a key belongs to.
    #[inline]
    pub fn table(&self, key: &[u8]) -> u16 {
        if self.cluster { base::slot::slot_of(key) } else { 0 }
    }
}

/// Why `decode` stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// The bytes are used up, but for an unfinished request.
    All,
    /// There may be more requests in the bytes: run these first.
    More,
    /// The stream is broken; `Batch::error` says how.
    Broken,
}

/// The unfinished part of a connection's input.
#[derive(Debug, Default)]
pub struct Decoder {
    parser: Parser,
    bytes: Vec<u8>,
    spans: Vec<Span>,
    big: Vec<Blob>,
    /// The big argument being received; once it is whole, it waits in `whole` for its line end.
    receiving: Option<BlobBuilder>,
    whole: Option<Blob>,
    /// Where the unfinished request begins in the batch's bytes and spans.
    request_start: usize,
    request_spans: usize,
    request_big: usize,
    /// Bytes of the unfinished request that are no longer in the buffer: big arguments, and what asked for nothing
    /// before it.
    request_bytes: usize,
}

impl Decoder {
    /// Moves the unfinished input into `batch`, which is empty.
    pub fn begin(&mut self, batch: &mut Batch) {
        if self.bytes.len() < READ_CHUNK {
            batch.bytes.extend_from_slice(&self.bytes);
            self.bytes = Vec::new();
        } else {
            // The connection keeps the batch's empty buffer for the moment: no allocation either way.
            std::mem::swap(&mut self.bytes, &mut batch.bytes);
        }
        if !self.spans.is_empty() {
            std::mem::swap(&mut self.spans, &mut batch.spans);
            std::mem::swap(&mut self.big, &mut batch.big);
        }
        self.request_start = 0;
        self.request_spans = 0;
        self.request_big = 0;
    }

    /// The big argument being received, which is where the socket should be read to.
    pub fn receiving(&mut self) -> Option<&mut BlobBuilder> {
        self.receiving.as_mut()
    }

    /// How many bytes to make room for in the batch before reading.
    pub fn room(&self, batch: &Batch) -> usize {
        self.parser.wanted(batch.bytes.len()).max(READ_CHUNK)
    }

    /// How many bytes of input this connection holds between reads.
    pub fn held_bytes(&self) -> usize {
        let big: usize = self.big.iter().chain(&self.whole).map(Blob::len).sum();
        // Its memory is taken as soon as its length is known.
        let receiving =
            self.receiving.as_ref().map_or(0, |builder| builder.filled().len() + builder.remaining());
        // Where the first argument is being received, there is but the line with its length besides.
        let heads = self.receiving.is_some() && self.spans.is_empty();
        let bytes = if heads { 0 } else { self.bytes.capacity() };
        bytes + self.spans.capacity() * size_of::<Span>() + big + receiving
    }

    /// The input that waits between reads, up to the big argument being received.
    pub fn waiting(&self) -> &[u8] {
        &self.bytes
    }

    /// Turns bytes into requests.
    pub fn decode(&mut self, batch: &mut Batch, lexicon: &Lexicon, limits: &Limits) -> Decoded {
        self.decode_with(batch, lexicon, limits, |_| {})
    }

    /// As [`Decoder::decode`], telling of each request as soon as it is whole.
    #[inline]
    pub fn decode_with(
        &mut self,
        batch: &mut Batch,
        lexicon: &Lexicon,
        limits: &Limits,
        each: impl Fn(&Head),
    ) -> Decoded {
        if batch.bytes.len() > MAX_BUFFER {
            batch.error = Some(ProtocolError::InvalidMultibulkLength);
            return Decoded::Broken;
        }
        loop {
            let step = match self.pass_big(batch) {
                Some(step) => Ok(step),
                None => self.parser.step(&mut batch.bytes, &mut batch.spans, limits),
            };
            match step {
                Ok(Step::NeedMore) => return Decoded::All,
                Ok(Step::Empty) => {
                    let skipped = self.request_bytes + self.parser.position() - self.request_start;
                    self.start_next(batch);
                    self.request_bytes = skipped;
                }
                Ok(Step::Request) => {
                    each(self.finish_request(batch, lexicon));
                    // Until a client has authenticated, each request may change what the next may be.
                    if batch.requests.len() >= MAX_REQUESTS || !limits.authenticated {
                        return Decoded::More;
                    }
                }
                Ok(Step::Big(len)) if self.start_big(batch, len).is_ok() => {}
                // An argument that there is no memory for is as good as one beyond the limit.
                Ok(Step::Big(_)) => {
                    batch.error = Some(ProtocolError::InvalidBulkLength);
                    return Decoded::Broken;
                }
                Err(error) => {
                    batch.error = Some(error);
                    batch.rest = batch.bytes[self.parser.position()..].to_vec();
                    return Decoded::Broken;
                }
            }
        }
    }

    /// Moves the unfinished input out of `batch`, whose requests have run or are about to travel.
    pub fn end(&mut self, batch: &mut Batch) {
        let unfinished = &batch.bytes[self.request_start..];
        if self.request_start == 0 && unfinished.len() >= COPIED {
            std::mem::swap(&mut self.bytes, &mut batch.bytes);
        } else {
            self.bytes = unfinished.to_vec();
            batch.bytes.truncate(self.request_start);
        }
        if self.request_start == 0 && !batch.spans.is_empty() {
            // All that the batch has is this request, however many arguments of it have come by now.
            std::mem::swap(&mut self.spans, &mut batch.spans);
            std::mem::swap(&mut self.big, &mut batch.big);
        } else {
            let (start, big) = (self.request_start, self.request_big);
            self.spans =
                batch.spans.drain(self.request_spans..).map(|span| moved(span, start, big)).collect();
            self.big = batch.big.drain(self.request_big..).collect();
        }
        self.parser.rebase(self.request_start);
    }

    /// Begins to receive an argument of `len` bytes in memory of its own, with what the buffer holds of it. Bytes of its
    /// line end stay in the buffer.
    fn start_big(&mut self, batch: &mut Batch, len: usize) -> Result<(), OutOfMemory> {
        let mut builder = BlobBuilder::try_new(len)?;
        let here = self.parser.position();
        let rest = builder.extend_from_slice(&batch.bytes[here..]).len();
        let taken = batch.bytes.len() - here - rest;
        batch.bytes.drain(here..here + taken);
        self.receiving = Some(builder);
        Ok(())
    }

    /// Completes the big argument being received. Answers where that leaves the request, or `None` when the parser has to
    /// tell: no argument is being received, or more follow the one just completed.
    #[inline]
    fn pass_big(&mut self, batch: &mut Batch) -> Option<Step> {
        if self.receiving.is_none() && self.whole.is_none() { None } else { self.pass_one_big(batch) }
    }

    fn pass_one_big(&mut self, batch: &mut Batch) -> Option<Step> {
        if let Some(builder) = self.receiving.take() {
            match builder.finish() {
                Ok(blob) => self.whole = Some(blob),
                Err(builder) => self.receiving = Some(builder),
            }
        }
        if self.receiving.is_some() {
            return Some(Step::NeedMore);
        }
        let here = self.parser.position();
        if self.whole.is_some() && batch.bytes.len() - here < 2 {
            return Some(Step::NeedMore);
        }
        let blob = self.whole.take()?;
        self.request_bytes += blob.len() + 2;
        batch.bytes.drain(here..here + 2);
        batch.spans.push(Span::big(batch.big.len()));
        batch.big.push(blob);
        self.parser.big_taken();
        self.parser.finished().then_some(Step::Request)
    }

    fn finish_request<'b>(&mut self, batch: &'b mut Batch, lexicon: &Lexicon) -> &'b Head {
        let first = self.request_spans;
        let argc = batch.spans.len() - first;
        let wire_bytes = self.parser.position() - self.request_start + self.request_bytes;
        let mut head = Head {
            command: Err(Unknown::Command),
            first: first as u32,
            argc: argc as u32,
            wire_bytes: u32::try_from(wire_bytes).unwrap_or(u32::MAX),
            key_at: 0,
            table: 0,
            hash: 0,
        };
        let args = batch.args(&head);
        head.command = match repeated(batch, args.at(0)) {
            Some(id) => Ok(id),
            None => lexicon.names.resolve(&args),
        };
        if let Some(at) = head.command.ok().and_then(|id| id.first_key(argc)) {
            let key = args.at(at);
            head.key_at = at as u32;
            head.hash = lexicon.hash(key);
            head.table = lexicon.table(key);
        }
        self.start_next(batch);
        batch.requests.push_mut(head)
    }

    fn start_next(&mut self, batch: &Batch) {
        self.request_start = self.parser.position();
        self.request_spans = batch.spans.len();
        self.request_big = batch.big.len();
        self.request_bytes = 0;
    }
}

/// The command of the request before, if the next one calls the same by the same word, as requests that come together
/// mostly do. Subcommands take more than a word.
#[inline]
fn repeated(batch: &Batch, word: &[u8]) -> Option<CommandId> {
    let before = batch.requests.last()?;
    let id = before.command.ok()?;
    let plain = !id.is_container() && id.parent().is_none();
    (plain && same(batch.args(before).at(0), word)).then_some(id)
}

/// A span of the unfinished request, as it reads once that request begins the buffer.
fn moved(span: Span, start: usize, big: usize) -> Span {
    if span.start == Span::BIG {
        Span::big(span.len as usize - big)
    } else {
        Span { start: span.start - start as u32, len: span.len }
    }
}

#[cfg(test)]
#[path = "decoder_tests.rs"]
mod tests;
