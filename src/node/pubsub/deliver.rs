//! Messages into the outboxes of those who listen.
//!
//! A message is encoded once: the two versions of the protocol differ in its first byte alone. A large text is referred
//! to by all outboxes instead of being copied into each.
//!
//! A client that is just being served has its session in use. What comes for it meanwhile is put by and follows the reply
//! that it is about to get, also when it has sent the message itself.

use super::Space;
use crate::boundary::{ConnId, Now};
use crate::node::Node;
use crate::session::Session;
use bytes::Bytes;
use resp::{Protocol, Reply, ReplyBuffer, Shared};

/// A text at least this long is referred to.
const SHARE_FROM: usize = 16 * 1024;

/// A message ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Message(ReplyBuffer);

impl Message {
    fn new(words: &[&[u8]], text: &Text<'_>) -> Message {
        let mut out = ReplyBuffer::default();
        let mut reply = Reply::new(&mut out, Protocol::Resp3);
        reply.push(words.len() + 1);
        words.iter().for_each(|word| reply.bulk(word));
        match text {
            Text::Short(bytes) => reply.bulk(bytes),
            Text::Long(bytes) => reply.bulk_shared(bytes.clone()),
        }
        Message(out)
    }

    fn put(&self, session: &mut Session) {
        let out = &mut session.outbox.replies;
        let start = out.bytes.len();
        out.bytes.extend_from_slice(&self.0.bytes);
        if session.protocol == Protocol::Resp2 {
            out.bytes[start] = b'*';
        }
        out.shared.extend(self.0.shared.iter().map(|s| Shared { at: s.at + start, value: s.value.clone() }));
    }
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

impl Node {
    /// Sends a message to a channel. Answers how many clients it goes to.
    pub(crate) fn publish(&mut self, now: Now<'_>, space: Space, channel: &[u8], text: &[u8]) -> usize {
        let text = Text::of(text);
        let mut sent = 0;
        let registry = std::mem::replace(&mut self.pubsub, super::Registry::new(self.data.hash_key));
        let line = registry.listeners(space, channel);
        if !line.is_empty() {
            let kind: &[u8] = if space == Space::Shards { b"smessage" } else { b"message" };
            sent += self.deliver(now, line, &Message::new(&[kind, channel], &text));
        }
        if space == Space::Channels && registry.len(Space::Patterns) > 0 {
            for pattern in registry.matching(channel) {
                let message = Message::new(&[b"pmessage", &pattern.text, channel], &text);
                sent += self.deliver(now, &pattern.line, &message);
            }
        }
        self.pubsub = registry;
        sent
    }

    fn deliver(&mut self, now: Now<'_>, line: &[ConnId], message: &Message) -> usize {
        for &conn in line {
            match self.sessions.get_mut(conn.0 as usize).and_then(Option::take) {
                None => self.put_by.push((conn, message.clone())),
                Some(mut session) => {
                    self.hand(now, &mut session, message);
                    self.sessions[conn.0 as usize] = Some(session);
                }
            }
        }
        line.len()
    }

    fn hand(&mut self, now: Now<'_>, session: &mut Session, message: &Message) {
        if session.closing {
            return;
        }
        self.lend_buffer(session);
        message.put(session);
        self.check_output(now, session);
        session.account(&mut self.client_memory);
        self.queue_send(session);
    }

    /// Hands a client what was put by for it while its session was in use.
    #[cold]
    pub(crate) fn hand_put_by(&mut self, now: Now<'_>, session: &mut Session) {
        for (conn, message) in std::mem::take(&mut self.put_by) {
            if conn == session.conn {
                self.hand(now, session, &message);
            } else {
                self.put_by.push((conn, message));
            }
        }
    }
}
