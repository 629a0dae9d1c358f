//! Heads: what kind of reply follows, and its length; and those that were written with a length which turned out to be wrong.
//!
//! A length that is known late can be put in place when it is known, which moves what was written since: once for an
//! aggregate, and so for each level of what is nested. Where nesting can be deep, any length is written first, the right ones
//! are gathered, and one pass over the bytes puts them all in place.

use base::int;

/// The most that [`push_header`] appends: a byte, twenty digits, the end of the line.
pub(crate) const HEAD: usize = 23;

/// Appends `<kind><number>\r\n`. Most numbers are one or two digits, which need no division loop.
#[inline]
pub(crate) fn push_header(out: &mut Vec<u8>, kind: u8, number: usize) {
    if number < 10 {
        out.extend_from_slice(&[kind, b'0' + number as u8, b'\r', b'\n']);
    } else if number < 100 {
        out.extend_from_slice(&[kind, b'0' + (number / 10) as u8, b'0' + (number % 10) as u8, b'\r', b'\n']);
    } else {
        let mut digits = [0; 20];
        out.push(kind);
        out.extend_from_slice(int::format_i64(number as i64, &mut digits));
        out.extend_from_slice(b"\r\n");
    }
}

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
    /// down, piece by piece, to where it belongs, which is never above where it stands. `others` are further places that stand
    /// for what is among the bytes, in order.
    pub(crate) fn mend<'p>(mut self, bytes: &mut Vec<u8>, others: impl Iterator<Item = &'p mut usize>) {
        self.0.sort_unstable();
        let (gap, end) = (self.room(), bytes.len());
        let start = self.0[0].0;
        let (mut from, mut to) = (start, start);
        let mut others = others.skip_while(|other| **other < start).peekable();
        bytes.resize(end + gap, 0);
        bytes.copy_within(from..end, from + gap);
        let mut head = Vec::with_capacity(HEAD);
        for (upto, len) in self.0.into_iter().map(|(at, len)| (at, Some(len))).chain([(end, None)]) {
            while let Some(other) = others.next_if(|other| **other <= upto) {
                *other = *other - from + to;
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
