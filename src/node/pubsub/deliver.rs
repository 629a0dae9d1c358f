//! Messages into the outboxes of those who listen.
//!
//! A client that is just being served has its session in use. What comes for it meanwhile is put by and follows the reply
//! that it is about to get, also when it has sent the message itself.

use super::{PutBy, Space};
use crate::boundary::{ConnId, Now, Output};
use crate::message::{Message, Text};
use crate::node::{Node, lend_buffer, queue_send};
use crate::session::{OWN_ROOM, Session};
use resp::ReplyBuffer;
use std::collections::VecDeque;

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
                    message.put(&mut session.outbox.replies, session.protocol);
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
            if let Some(mut session) = self.take_session(conn) {
                self.check_output(now, &mut session);
                self.put_back(session);
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
        message.put(&mut session.outbox.replies, session.protocol);
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
                PutBy::Message(message) if message.is_invalidation() => {
                    self.hand_stand_in(now, session, &message);
                }
                PutBy::Message(message) => self.hand(now, session, &message),
                PutBy::Notice(notice) => notices.push(notice),
            }
        }
        notices.iter().for_each(|notice| self.give_notice(now, session, notice));
    }
}
