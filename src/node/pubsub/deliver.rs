//! Messages into the outboxes of those who listen.
//!
//! A message is encoded once: the two versions of the protocol differ in how it begins. A large text is referred
//! to by all outboxes instead of being copied into each.
//!
//! A client that is just being served has its session in use. What comes for it meanwhile is put by and follows the reply
//! that it is about to get, also when it has sent the message itself.

use super::Space;
use crate::boundary::{ConnId, Now, Output};
use crate::node::{Node, lend_buffer, queue_send};
use crate::session::{OWN_ROOM, Session};
use crate::tracking::Notice;
use bytes::Bytes;
use resp::{Protocol, Reply, ReplyBuffer, Shared};
use std::collections::VecDeque;

/// A text at least this long is referred to.
const SHARE_FROM: usize = 16 * 1024;

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
    fn new(words: &[&[u8]], text: &Text<'_>) -> Message {
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

    fn put(&self, session: &mut Session) {
        let out = &mut session.outbox.replies;
        out.bytes.extend_from_slice(self.kind.beginning(session.protocol));
        let start = out.bytes.len();
        out.bytes.extend_from_slice(&self.rest.bytes);
        out.shared
            .extend(self.rest.shared.iter().map(|s| Shared { at: s.at + start, value: s.value.clone() }));
    }
}

/// What waits for a client whose session is in use.
#[derive(Debug)]
pub(crate) enum PutBy {
    /// A message for it.
    Message(Message),
    /// Something that it may want to know, or to have told to another client.
    Notice(Notice),
}

enum Text<'a> {
    Short(&'a [u8]),
    Long(Bytes),
}

impl<'a> Text<'a> {
    fn of(bytes: &'a [u8]) -> Text<'a> {
        if bytes.len() < SHARE_FROM { Text::Short(bytes) } else { Text::Long(Bytes::copy_from_slice(bytes)) }
    }
}

/// The parts of a node that a message on its way goes through, while the registry says to whom.
struct Post<'n> {
    sessions: &'n mut [Option<Box<Session>>],
    put_by: &'n mut Vec<(ConnId, PutBy)>,
    spare: &'n mut Vec<ReplyBuffer>,
    client_memory: &'n mut [u64; 3],
    outputs: &'n mut VecDeque<Output>,
    queued: &'n mut usize,
    /// Who has so much unread by now that it may be too much.
    crowded: Vec<ConnId>,
}

impl Post<'_> {
    fn deliver(&mut self, line: &[ConnId], message: &Message) -> usize {
        for &conn in line {
            match self.sessions.get_mut(conn.0 as usize) {
                Some(Some(session)) if session.closing => {}
                Some(Some(session)) => {
                    lend_buffer(self.spare, session);
                    message.put(session);
                    if session.outbox.waiting() > OWN_ROOM {
                        self.crowded.push(conn);
                    }
                    session.account(self.client_memory);
                    queue_send(self.outputs, self.queued, session);
                }
                _ => self.put_by.push((conn, PutBy::Message(message.clone()))),
            }
        }
        line.len()
    }
}

impl Node {
    /// Sends a message to a channel. Answers how many clients it goes to.
    pub(crate) fn publish(&mut self, now: Now<'_>, space: Space, channel: &[u8], text: &[u8]) -> usize {
        let text = Text::of(text);
        let Node { pubsub, sessions, put_by, spare, client_memory, outputs, queued, .. } = self;
        let mut post = Post { sessions, put_by, spare, client_memory, outputs, queued, crowded: Vec::new() };
        let mut sent = 0;
        let line = pubsub.listeners(space, channel);
        if !line.is_empty() {
            let kind: &[u8] = if space == Space::Shards { b"smessage" } else { b"message" };
            sent += post.deliver(line, &Message::new(&[kind, channel], &text));
        }
        if space == Space::Channels && pubsub.len(Space::Patterns) > 0 {
            for pattern in pubsub.matching(channel) {
                let message = Message::new(&[b"pmessage", &pattern.text, channel], &text);
                sent += post.deliver(&pattern.line, &message);
            }
        }
        for conn in post.crowded {
            if let Some(mut session) = self.sessions[conn.0 as usize].take() {
                self.check_output(now, &mut session);
                self.sessions[conn.0 as usize] = Some(session);
            }
        }
        sent
    }

    /// Sends a message to the client of this session.
    pub(crate) fn hand(&mut self, now: Now<'_>, session: &mut Session, message: &Message) {
        if session.closing {
            return;
        }
        self.lend_buffer(session);
        message.put(session);
        self.check_output(now, session);
        session.account(&mut self.client_memory);
        self.queue_send(session);
    }

    /// Hands a client what was put by for it while its session was in use: messages, then what changed.
    #[cold]
    pub(crate) fn hand_put_by(&mut self, now: Now<'_>, session: &mut Session) {
        let mut notices = Vec::new();
        for (conn, what) in std::mem::take(&mut self.put_by) {
            match what {
                what if conn != session.conn => self.put_by.push((conn, what)),
                PutBy::Message(message) if message.kind == Kind::Words => self.hand(now, session, &message),
                PutBy::Message(message) => self.hand_stand_in(now, session, &message),
                PutBy::Notice(notice) => notices.push(notice),
            }
        }
        notices.iter().for_each(|notice| self.give_notice(now, session, notice));
    }
}
