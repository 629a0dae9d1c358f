//! A message to clients that have not asked for it just now: what is published, or what they cache and has changed. It is
//! encoded once; the two versions of the protocol differ in how it begins. A large text is referred to by all outboxes
//! instead of being copied into each.

use bytes::Bytes;
use resp::{Protocol, Reply, ReplyBuffer, Shared};

/// A text at least this long is referred to.
const SHARE_FROM: usize = 16 * 1024;

/// The text of a message.
pub(crate) enum Text<'a> {
    Short(&'a [u8]),
    Long(Bytes),
}

impl<'a> Text<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Text<'a> {
        if bytes.len() < SHARE_FROM { Text::Short(bytes) } else { Text::Long(Bytes::copy_from_slice(bytes)) }
    }
}

/// A message ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    kind: Kind,
    /// What follows the beginning that its kind has.
    rest: ReplyBuffer,
}

/// How a message begins: the only thing in which the versions of the protocol differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Of words: the number of them follows.
    Words,
    /// Keys that changed: a list of them follows, or null. In the older version it comes by a channel.
    Invalidation,
}

impl Kind {
    fn beginning(self, protocol: Protocol) -> &'static [u8] {
        match (self, protocol) {
            (Kind::Words, Protocol::Resp2) => b"*",
            (Kind::Words, Protocol::Resp3) => b">",
            (Kind::Invalidation, Protocol::Resp2) => {
                b"*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n"
            }
            (Kind::Invalidation, Protocol::Resp3) => b">2\r\n$10\r\ninvalidate\r\n",
        }
    }
}

impl Message {
    pub(crate) fn new(words: &[&[u8]], text: &Text<'_>) -> Message {
        Message::of_words(words.len() + 1, |reply| {
            words.iter().for_each(|word| reply.bulk(word));
            match text {
                Text::Short(bytes) => reply.bulk(bytes),
                Text::Long(bytes) => reply.bulk_shared(bytes.clone()),
            }
        })
    }

    /// A message of so many words, which `write` writes.
    fn of_words(count: usize, write: impl FnOnce(&mut Reply<'_>)) -> Message {
        let mut rest = ReplyBuffer::default();
        let mut digits = [0; 20];
        rest.bytes.extend_from_slice(base::int::format_i64(count as i64, &mut digits));
        rest.bytes.extend_from_slice(b"\r\n");
        write(&mut Reply::new(&mut rest, Protocol::Resp3));
        Message { kind: Kind::Words, rest }
    }

    /// Whether it tells of keys that changed.
    pub(crate) fn is_invalidation(&self) -> bool {
        self.kind == Kind::Invalidation
    }

    /// Keys have changed.
    pub(crate) fn invalidation<'k>(keys: impl ExactSizeIterator<Item = &'k [u8]>) -> Message {
        let mut rest = ReplyBuffer::default();
        let mut reply = Reply::new(&mut rest, Protocol::Resp3);
        reply.array(keys.len());
        keys.for_each(|key| reply.bulk(key));
        Message { kind: Kind::Invalidation, rest }
    }

    /// All keys are gone.
    pub(crate) fn all_invalid(protocol: Protocol) -> Message {
        let mut rest = ReplyBuffer::default();
        Reply::new(&mut rest, protocol).null();
        Message { kind: Kind::Invalidation, rest }
    }

    /// The client is gone that was to be told of changed keys.
    pub(crate) fn redirection_broken(id: u64) -> Message {
        Message::of_words(2, |reply| {
            reply.bulk(b"tracking-redir-broken");
            reply.integer(id as i64);
        })
    }

    /// Appends it for a client that speaks this version of the protocol.
    pub(crate) fn put(&self, out: &mut ReplyBuffer, protocol: Protocol) {
        out.bytes.extend_from_slice(self.kind.beginning(protocol));
        let start = out.bytes.len();
        out.bytes.extend_from_slice(&self.rest.bytes);
        out.shared
            .extend(self.rest.shared.iter().map(|s| Shared { at: s.at + start, value: s.value.clone() }));
    }
}
