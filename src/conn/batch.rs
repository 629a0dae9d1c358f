//! A batch: the requests that arrived together on one connection, with the bytes they point into.
//!
//! ```text
//! bytes     *2..$3..GET..$1..a..*3..$3..SET..$1..b..$5..value..      one buffer
//! spans             [GET]   [a]         [SET]   [b]   [value]        ranges of it, or numbers of `big`
//! requests  { GET, spans 0..2, key hash }  { SET, spans 2..5, ... }
//! big       arguments too long to be worth copying, each where it is going to stay
//! ```
//!
//! A batch owns all that it names, so it can travel to another thread or wait for its connection to be unblocked.

use catalog::{CommandId, Unknown};
use resp::{ProtocolError, Span};
use structures::blob::Blob;

/// The requests of one connection, in their order.
#[derive(Debug, Default)]
pub struct Batch {
    /// What was read.
    pub bytes: Vec<u8>,
    /// The arguments of all the requests.
    pub spans: Vec<Span>,
    /// The arguments that have memory of their own.
    pub big: Vec<Blob>,
    /// The requests.
    pub requests: Vec<Head>,
    /// What broke the stream behind the last request, after which nothing more can be read.
    pub error: Option<ProtocolError>,
    /// What was not understood, where something broke the stream.
    pub rest: Vec<u8>,
}

/// The most memory that an empty batch keeps for the next requests.
const KEPT: usize = 256 * 1024;

/// One request of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// The command, or why there is none.
    pub command: Result<CommandId, Unknown>,
    /// Where its arguments begin among the batch's spans, its name being the first.
    pub first: u32,
    /// How many arguments it has, its name included.
    pub argc: u32,
    /// How many bytes it took on the wire.
    pub wire_bytes: u32,
    /// The position of the first key among the arguments, or zero.
    pub key_at: u32,
    /// The table of the first key: its slot in cluster mode, else zero.
    pub table: u16,
    /// The hash of the first key.
    pub hash: u64,
}

impl Batch {
    /// Forgets the requests and the bytes, keeping the memory if it is of the usual size.
    pub fn clear(&mut self) {
        if self.memory() > KEPT {
            *self = Batch::default();
            return;
        }
        self.bytes.clear();
        self.spans.clear();
        self.big.clear();
        self.requests.clear();
        self.error = None;
        self.rest.clear();
    }

    /// The bytes that it occupies.
    pub fn memory(&self) -> usize {
        let big = self.big.iter().map(Blob::alloc_size).sum::<usize>();
        self.bytes.capacity() + self.spans.capacity() * size_of::<Span>() + big
    }

    /// The arguments of a request of this batch.
    #[inline]
    pub fn args(&self, head: &Head) -> Args<'_> {
        let first = head.first as usize;
        Args { batch: self, spans: &self.spans[first..first + head.argc as usize] }
    }

    /// Adds a copy of a request of another batch.
    pub fn append(&mut self, head: &Head, args: Args<'_>) {
        let first = self.spans.len() as u32;
        for (index, word) in args.from(0).enumerate() {
            let span = match args.share(index) {
                Some(blob) => {
                    self.big.push(blob);
                    Span::big(self.big.len() - 1)
                }
                None => {
                    let start = self.bytes.len() as u32;
                    self.bytes.extend_from_slice(word);
                    Span { start, len: word.len() as u32 }
                }
            };
            self.spans.push(span);
        }
        self.requests.push(Head { first, ..*head });
    }

    /// A batch of a copy of one request.
    pub fn of_request(head: &Head, args: Args<'_>) -> Batch {
        let mut batch = Batch::default();
        batch.append(head, args);
        batch
    }

    /// A batch of one request, made of these words: what a stored or generated command runs from.
    pub fn of_words<'a>(
        command: Result<CommandId, Unknown>,
        words: impl IntoIterator<Item = &'a [u8]>,
    ) -> Batch {
        let mut batch = Batch::default();
        for word in words {
            batch.spans.push(Span { start: batch.bytes.len() as u32, len: word.len() as u32 });
            batch.bytes.extend_from_slice(word);
        }
        let argc = batch.spans.len() as u32;
        batch.requests.push(Head { command, first: 0, argc, wire_bytes: 0, key_at: 0, table: 0, hash: 0 });
        batch
    }
}

/// The words of one request.
#[derive(Clone, Copy, Debug)]
pub struct Args<'a> {
    batch: &'a Batch,
    spans: &'a [Span],
}

impl<'a> Args<'a> {
    /// How many there are, the command's name included.
    #[inline]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there are none (a request has at least its name).
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The argument at `index`, which must exist.
    #[inline]
    pub fn at(&self, index: usize) -> &'a [u8] {
        let span = self.spans[index];
        if span.start == Span::BIG {
            return self.batch.big[span.len as usize].as_slice();
        }
        &self.batch.bytes[span.start as usize..][..span.len as usize]
    }

    /// The argument at `index`, if there is one.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&'a [u8]> {
        (index < self.len()).then(|| self.at(index))
    }

    /// Another reference to a big argument's memory, or `None` for an argument that lies in the buffer.
    pub fn share(&self, index: usize) -> Option<Blob> {
        let span = self.spans[index];
        if span.start == Span::BIG { self.batch.big[span.len as usize].try_clone() } else { None }
    }

    /// The arguments from `index` on.
    pub fn from(&self, index: usize) -> impl ExactSizeIterator<Item = &'a [u8]> + use<'a> {
        let this = *self;
        (index.min(self.len())..self.len()).map(move |i| this.at(i))
    }
}

impl catalog::Argv for Args<'_> {
    fn len(&self) -> usize {
        self.spans.len()
    }

    fn get(&self, index: usize) -> &[u8] {
        self.at(index)
    }
}

#[cfg(test)]
mod tests {
    use super::Batch;
    use catalog::Unknown;
    use resp::Span;
    use structures::blob::Blob;

    #[test]
    fn words_made_into_a_request_are_read_back() {
        let words: [&[u8]; 3] = [b"SET", b"", b"value"];
        let batch = Batch::of_words(Err(Unknown::Command), words);
        let args = batch.args(&batch.requests[0]);
        assert_eq!(args.len(), 3);
        assert_eq!(args.from(0).collect::<Vec<_>>(), words);
        assert_eq!(args.from(2).len(), 1);
        assert_eq!(args.from(9).len(), 0);
        assert_eq!((args.get(1), args.get(3)), (Some(&b""[..]), None));
        assert!(args.share(2).is_none(), "it lies in the buffer");
    }

    #[test]
    fn a_big_argument_is_read_and_shared() {
        let mut batch = Batch::of_words(Err(Unknown::Command), [&b"ECHO"[..]]);
        batch.spans.push(Span::big(0));
        batch.big.push(Blob::from_slice(b"big"));
        batch.requests[0].argc = 2;
        let args = batch.args(&batch.requests[0]);
        assert_eq!(args.at(1), b"big");
        let shared = args.share(1).expect("it has memory of its own");
        assert!(!shared.is_unique());
        assert_eq!(shared.as_slice(), b"big");
        batch.clear();
        assert!(batch.requests.is_empty() && batch.big.is_empty() && batch.spans.is_empty());
    }
}
