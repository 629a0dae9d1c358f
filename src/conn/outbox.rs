//! What waits to be sent on one connection, and how far sending has come.

use resp::ReplyBuffer;

/// The output of one connection.
#[derive(Debug, Default)]
pub struct Outbox {
    /// The replies, in order.
    pub replies: ReplyBuffer,
    /// How many bytes of them have gone.
    sent: usize,
    /// Bytes that another thread is sending, and the memory that holds them.
    lent: usize,
    lent_memory: usize,
}

impl Outbox {
    /// Whether nothing waits.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.replies.is_empty()
    }

    /// How many bytes wait, here or with the thread that they were lent to.
    pub fn waiting(&self) -> usize {
        self.replies.len() - self.sent + self.lent
    }

    /// Bounds how many bytes may wait: `most`, and `spared` more, which are not for what is written aside. Replies beyond
    /// that are left out, and the outbox is full.
    #[inline]
    pub fn set_bound(&mut self, most: usize, spared: usize) {
        let bound = match most {
            usize::MAX => most,
            most => most.saturating_add(spared + self.sent).saturating_sub(self.lent).max(spared),
        };
        self.replies.set_bound(bound, spared);
    }

    /// Whether replies were left out, so that what waits is not to be sent.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.replies.is_full()
    }

    /// Gives what waits to the thread that owns the socket. It counts here until [`Outbox::repaid`].
    pub fn lend(&mut self) -> ReplyBuffer {
        debug_assert!(self.sent == 0, "an outbox is sent from here or lent, not both");
        self.lent += self.replies.len();
        self.lent_memory += memory(&self.replies);
        std::mem::take(&mut self.replies)
    }

    /// Says that so many of the bytes that were lent have gone.
    #[inline]
    pub fn repaid(&mut self, bytes: usize) {
        self.lent = self.lent.saturating_sub(bytes);
        if self.lent == 0 {
            self.lent_memory = 0;
        }
    }

    /// The bytes that wait when they are in one piece, as nearly all are.
    #[inline]
    pub fn single(&self) -> Option<&[u8]> {
        self.replies.shared.is_empty().then(|| &self.replies.bytes[self.sent..])
    }

    /// The pieces that wait, in order.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let mut skip = self.sent;
        self.replies.pieces().filter_map(move |piece| {
            let gone = skip.min(piece.len());
            skip -= gone;
            let rest = &piece[gone..];
            (!rest.is_empty()).then_some(rest)
        })
    }

    /// Says that `n` more bytes have gone. Answers whether that was all.
    #[inline]
    pub fn advance(&mut self, n: usize) -> bool {
        self.sent += n;
        if self.sent < self.replies.bytes.len() || self.sent < self.replies.len() {
            return false;
        }
        self.sent = 0;
        self.replies.clear();
        true
    }

    /// Forgets what waits.
    pub fn clear(&mut self) {
        *self = Outbox::default();
    }

    /// The memory of what waits. The room behind it is not counted: the buffer is lent.
    pub fn memory(&self) -> usize {
        memory(&self.replies) + self.lent_memory
    }
}

fn memory(replies: &ReplyBuffer) -> usize {
    replies.bytes.len() + replies.shared.iter().map(|s| s.value.len()).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::Outbox;
    use bytes::Bytes;
    use resp::{Protocol, Reply};

    #[test]
    fn what_is_lent_counts_until_it_has_gone() {
        let mut outbox = Outbox::default();
        Reply::new(&mut outbox.replies, Protocol::Resp2).bulk_shared(Bytes::from_static(b"a shared value"));
        let (waiting, memory) = (outbox.waiting(), outbox.memory());
        let lent = outbox.lend();
        assert!(outbox.is_empty() && lent.len() == waiting);
        assert_eq!((outbox.waiting(), outbox.memory()), (waiting, memory));
        Reply::new(&mut outbox.replies, Protocol::Resp2).ok();
        assert_eq!(outbox.waiting(), waiting + 5);
        outbox.repaid(waiting);
        assert_eq!(outbox.waiting(), 5);
        assert!(outbox.memory() < memory);
    }

    #[test]
    fn what_may_wait_is_bounded_wherever_it_waits() {
        let mut outbox = Outbox::default();
        for _ in 0..2 {
            outbox.set_bound(900, 100);
            while !outbox.is_full() {
                Reply::new(&mut outbox.replies, Protocol::Resp2).bulk(&[b'x'; 90]);
            }
            assert!((900..=1000).contains(&outbox.waiting()), "{}", outbox.waiting());
            outbox.clear();
            outbox.set_bound(900, 100);
            Reply::new(&mut outbox.replies, Protocol::Resp2).bulk(&[b'x'; 390]);
            outbox.lend();
        }
    }

    #[test]
    fn bytes_and_shared_values_go_out_in_order_however_they_are_cut() {
        let mut expected = Vec::new();
        for cut in 1..40 {
            let mut outbox = Outbox::default();
            let mut reply = Reply::new(&mut outbox.replies, Protocol::Resp2);
            reply.bulk(b"one");
            reply.bulk_shared(Bytes::from_static(b"a shared value"));
            reply.bulk_shared(Bytes::from_static(b"another"));
            reply.ok();
            let mut wire = Vec::new();
            loop {
                let piece: Vec<u8> = outbox.pieces().flatten().copied().take(cut).collect();
                wire.extend_from_slice(&piece);
                if outbox.advance(piece.len()) {
                    break;
                }
            }
            assert!(outbox.is_empty());
            expected = b"$3\r\none\r\n$14\r\na shared value\r\n$7\r\nanother\r\n+OK\r\n".to_vec();
            assert_eq!(wire, expected);
        }
        assert!(!expected.is_empty());
    }
}
