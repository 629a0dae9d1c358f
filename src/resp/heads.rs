//! Heads of aggregates that were written with a length which turned out to be wrong.
//!
//! A length that is known late can be put in place when it is known, which moves what was written since: once for an
//! aggregate, and so for each level of what is nested. Where nesting can be deep, any length is written first, the right ones
//! are gathered, and one pass over the bytes puts them all in place.

use crate::reply::{HEAD, ReplyBuffer, push_header};

/// Places of heads in a buffer, and the lengths that they should have.
#[derive(Debug, Default)]
pub struct WrongHeads(Vec<(usize, usize)>);

impl WrongHeads {
    /// The head that was written at a position should say `len`, in the units of that kind of head. Nothing before it may
    /// move until it does.
    pub fn note(&mut self, position: usize, len: usize) {
        self.0.push((position, len));
    }

    /// Whether all heads are right.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How much memory they take.
    pub fn memory(&self) -> usize {
        self.0.capacity() * size_of::<(usize, usize)>()
    }

    /// The most by which a buffer grows.
    pub(crate) fn room(&self) -> usize {
        self.0.len() * HEAD
    }

    /// Puts the lengths in place. What stands behind the first place moves up by all the room there may be need of, and then
    /// down, piece by piece, to where it belongs, which is never above where it stands.
    pub(crate) fn mend(mut self, out: &mut ReplyBuffer) {
        self.0.sort_unstable();
        let ReplyBuffer { bytes, shared, .. } = out;
        let (gap, end) = (self.room(), bytes.len());
        let (mut from, mut to) = (self.0[0].0, self.0[0].0);
        let first = shared.partition_point(|value| value.at < from);
        let mut values = shared[first..].iter_mut().peekable();
        bytes.resize(end + gap, 0);
        bytes.copy_within(from..end, from + gap);
        let mut head = Vec::with_capacity(HEAD);
        for (upto, len) in self.0.into_iter().map(|(at, len)| (at, Some(len))).chain([(end, None)]) {
            while let Some(value) = values.next_if(|value| value.at <= upto) {
                value.at = value.at - from + to;
            }
            bytes.copy_within(from + gap..upto + gap, to);
            (from, to) = (upto, to + upto - from);
            let Some(len) = len else { break };
            let wrong = &bytes[from + gap..];
            head.clear();
            push_header(&mut head, wrong[0], len);
            from += wrong.iter().position(|&byte| byte == b'\n').expect("heads end with their line") + 1;
            bytes[to..to + head.len()].copy_from_slice(&head);
            to += head.len();
        }
        bytes.truncate(to);
    }
}
