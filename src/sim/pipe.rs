//! A pipe between a client and the node: bytes on their way in both directions, and how they are cut and delayed.

use base::rng::Rng;
use conn::Decoder;
use std::collections::VecDeque;

/// How bytes travel.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    /// The largest piece that arrives at once.
    pub largest_piece: usize,
    /// The longest time between two pieces, in microseconds.
    pub longest_delay_us: u64,
}

/// One connection, seen from both ends.
#[derive(Debug)]
pub struct Pipe {
    /// Bytes on their way to the node, and when the next piece of them arrives.
    pub(crate) outward: VecDeque<u8>,
    pub(crate) arrives_us: u64,
    /// The node's end: the unfinished input, as a socket's owner keeps it.
    pub(crate) decoder: Decoder,
    pub(crate) held: usize,
    /// Whether the node leaves unread what arrives.
    pub(crate) resting: bool,
    /// When the node's end takes more output, if output waits.
    pub(crate) writable_us: Option<u64>,
    /// Whether the connection ends once its output is gone.
    pub(crate) closing: bool,
    /// What the client has received and not looked at yet.
    pub(crate) inbox: VecDeque<u8>,
    /// How many bytes the client takes before it reads.
    pub(crate) room: usize,
    /// Whether the connection has ended.
    pub(crate) ended: bool,
}

impl Pipe {
    pub(crate) fn new() -> Pipe {
        Pipe {
            outward: VecDeque::new(),
            arrives_us: 0,
            decoder: Decoder::default(),
            held: 0,
            resting: false,
            writable_us: None,
            closing: false,
            inbox: VecDeque::new(),
            room: usize::MAX,
            ended: false,
        }
    }

    /// When something happens here next.
    pub(crate) fn next_event_us(&self) -> Option<u64> {
        let arrival = (!self.outward.is_empty() && !self.closing && !self.resting).then_some(self.arrives_us);
        if self.ended { None } else { [arrival, self.takes_output_us()].into_iter().flatten().min() }
    }

    /// When output that waits can go on: not while the client has no room for it.
    pub(crate) fn takes_output_us(&self) -> Option<u64> {
        self.writable_us.filter(|_| self.inbox.len() < self.room)
    }
}

impl Network {
    /// How much of so many bytes travels at once.
    pub(crate) fn piece(&self, rng: &mut Rng, bytes: usize) -> usize {
        1 + rng.index(bytes.min(self.largest_piece))
    }

    /// How long the next piece takes.
    pub(crate) fn delay(&self, rng: &mut Rng) -> u64 {
        rng.below(self.longest_delay_us + 1)
    }
}
