//! The reply writer: values to bytes of either protocol version, appended to one buffer.
//!
//! A [`ReplyBuffer`] is what one connection still has to send: plain bytes, and, at marked places, large values that are
//! referred to instead of copied. A [`Reply`] is a writer on it that knows the client's protocol version.
//!
//! A buffer can be bounded. What would make its memory grow beyond that is left out, and from then on the buffer is full:
//! what it holds is no reply any more, and whoever it was for is cut off. This is looked at where the memory grows, so a
//! bound costs nothing while there is room.

use crate::heads::{HEAD, WrongHeads, push_header};
use base::int;
use bytes::Bytes;

/// The protocol version a connection speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// The version every client starts with.
    #[default]
    Resp2,
    /// The version with maps, sets, doubles and pushes, chosen by `HELLO 3`.
    Resp3,
}

/// A large value standing between two bytes of a [`ReplyBuffer`].
#[derive(Clone, Debug)]
pub struct Shared {
    /// How many plain bytes come before it.
    pub at: usize,
    /// The value.
    pub value: Bytes,
}

/// Bytes waiting to be sent.
#[derive(Clone, Debug)]
pub struct ReplyBuffer {
    /// The plain bytes.
    pub bytes: Vec<u8>,
    /// The values that stand between them, in order.
    pub shared: Vec<Shared>,
    /// How many bytes it may hold; `usize::MAX` if it does not matter.
    bound: usize,
    /// How many of these are not for what is written aside.
    spared: usize,
    /// Whether something was left out.
    full: bool,
}

impl Default for ReplyBuffer {
    fn default() -> ReplyBuffer {
        ReplyBuffer::bounded(usize::MAX)
    }
}

/// The least memory that a buffer takes.
const LEAST_CAPACITY: usize = 64;

impl ReplyBuffer {
    /// An empty buffer of at most so many bytes.
    pub fn bounded(bound: usize) -> ReplyBuffer {
        ReplyBuffer { bytes: Vec::new(), shared: Vec::new(), bound, spared: 0, full: false }
    }

    /// Bounds it from now on. The bound of what is written aside is lower by `spared`.
    #[inline]
    pub fn set_bound(&mut self, bound: usize, spared: usize) {
        (self.bound, self.spared) = (bound, spared);
    }

    /// Whether something was left out, so that this is not to be sent.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.full
    }

    /// The plain bytes, with room for `n` more; `None` if these are to be left out.
    #[inline]
    fn room(&mut self, n: usize) -> Option<&mut Vec<u8>> {
        let has_room = self.bytes.capacity() - self.bytes.len() >= n;
        (has_room || self.grow(n)).then_some(&mut self.bytes)
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, n: usize) -> bool {
        if self.len().saturating_add(n) > self.bound {
            self.full = true;
            return false;
        }
        let doubled =
            self.bytes.capacity().saturating_mul(2).clamp(LEAST_CAPACITY, self.bound.max(LEAST_CAPACITY));
        let capacity = doubled.max(self.bytes.len() + n);
        self.bytes.reserve_exact(capacity - self.bytes.len());
        true
    }

    /// Whether there is nothing to send.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.shared.is_empty()
    }

    /// How many bytes go over the wire.
    #[inline]
    pub fn len(&self) -> usize {
        self.bytes.len() + self.shared.iter().map(|s| s.value.len()).sum::<usize>()
    }

    /// How many bytes go over the wire of what was written after the buffer had `bytes` plain bytes.
    #[inline]
    pub fn len_since(&self, bytes: usize) -> usize {
        let shared = self.shared.iter().rev().take_while(|s| s.at > bytes);
        self.bytes.len().saturating_sub(bytes) + shared.map(|s| s.value.len()).sum::<usize>()
    }

    /// Forgets everything, keeping the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.shared.clear();
        self.full = false;
    }

    /// Forgets what was written, or left out, after the buffer had this many plain bytes.
    pub fn truncate(&mut self, bytes: usize) {
        self.full = false;
        self.bytes.truncate(bytes);
        while self.shared.last().is_some_and(|s| s.at > bytes) {
            self.shared.pop();
        }
    }

    /// Puts `other` behind what is here.
    pub fn append(&mut self, other: &mut ReplyBuffer) {
        let shift = self.bytes.len();
        self.bytes.append(&mut other.bytes);
        self.shared.extend(other.shared.drain(..).map(|s| Shared { at: s.at + shift, value: s.value }));
    }

    /// The pieces in the order of the wire.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let ends = self.shared.iter().map(|s| (s.at, &s.value[..])).chain([(self.bytes.len(), &[][..])]);
        let mut from = 0;
        ends.flat_map(move |(at, value)| {
            let plain = &self.bytes[from..at];
            from = at;
            [plain, value]
        })
        .filter(|piece| !piece.is_empty())
    }
}

/// The place of an aggregate's length that is not known yet.
#[derive(Debug)]
#[must_use = "an aggregate whose length is never written breaks the protocol"]
pub struct Deferred {
    at: usize,
}

/// A writer of replies for one client.
pub struct Reply<'a> {
    out: &'a mut ReplyBuffer,
    protocol: Protocol,
}

impl<'a> Reply<'a> {
    /// A writer at the end of `out`.
    #[inline]
    pub fn new(out: &'a mut ReplyBuffer, protocol: Protocol) -> Self {
        Reply { out, protocol }
    }

    /// The client's protocol version.
    #[inline]
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// How many plain bytes the buffer holds.
    #[inline]
    pub fn position(&self) -> usize {
        self.out.bytes.len()
    }

    /// How many bytes, by value and by reference, the buffer holds.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing is waiting in the buffer.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Whether there is a limit to what may be written.
    pub fn is_bounded(&self) -> bool {
        self.out.bound < usize::MAX
    }

    /// A buffer for what is to be written later.
    pub fn buffer_aside(&self) -> ReplyBuffer {
        ReplyBuffer::bounded(self.out.bound - self.out.spared)
    }

    /// Writes what was written aside.
    pub fn take_aside(&mut self, aside: &mut ReplyBuffer) {
        match aside.full || self.out.room(aside.bytes.len()).is_none() {
            true => self.out.full = true,
            false => self.out.append(aside),
        }
    }

    /// Whether something was left out because the client has too much unread. It is going to be cut off, so nobody reads
    /// what is written from here on: who writes more than the data or the request justifies may as well stop.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.out.full
    }

    /// Takes back what was written since `position`.
    pub fn truncate(&mut self, position: usize) {
        // What was left out may stand before that.
        let full = self.out.full;
        self.out.truncate(position);
        self.out.full = full;
    }

    /// Bytes that are a reply already.
    #[inline]
    pub fn raw(&mut self, bytes: &[u8]) {
        if let Some(out) = self.out.room(bytes.len()) {
            out.extend_from_slice(bytes);
        }
    }

    /// `+OK`.
    #[inline]
    pub fn ok(&mut self) {
        self.raw(b"+OK\r\n");
    }

    /// A status: one line that means success.
    #[inline]
    pub fn simple(&mut self, text: &[u8]) {
        self.line(b'+', text);
    }

    /// An error: a line that begins with its code. Line ends inside become spaces, as one line is all there is.
    pub fn error(&mut self, text: &[u8]) {
        let start = self.out.bytes.len();
        self.line(b'-', text);
        if let [_, line @ .., _, _] = &mut self.out.bytes[start..] {
            line.iter_mut().filter(|byte| matches!(byte, b'\r' | b'\n')).for_each(|byte| *byte = b' ');
        }
    }

    /// An integer.
    #[inline]
    pub fn integer(&mut self, value: i64) {
        match usize::try_from(value) {
            Ok(value) => self.head(b':', value),
            Err(_) => self.negative(value),
        }
    }

    /// A string of bytes.
    #[inline]
    pub fn bulk(&mut self, value: &[u8]) {
        let Some(out) = self.out.room(value.len() + HEAD + 2) else { return };
        push_header(out, b'$', value.len());
        out.extend_from_slice(value);
        out.extend_from_slice(b"\r\n");
    }

    /// An integer as a string.
    #[inline]
    pub fn bulk_integer(&mut self, value: i64) {
        let mut digits = [0; 20];
        self.bulk(int::format_i64(value, &mut digits));
    }

    /// A string of bytes by reference: sent from where it lies.
    pub fn bulk_shared(&mut self, value: Bytes) {
        self.head(b'$', value.len());
        self.out.shared.push(Shared { at: self.out.bytes.len(), value });
        self.raw(b"\r\n");
    }

    /// Nothing, where a value was asked for.
    #[inline]
    pub fn null(&mut self) {
        match self.protocol {
            Protocol::Resp2 => self.raw(b"$-1\r\n"),
            Protocol::Resp3 => self.raw(b"_\r\n"),
        }
    }

    /// Nothing, where an array was asked for.
    pub fn null_array(&mut self) {
        match self.protocol {
            Protocol::Resp2 => self.raw(b"*-1\r\n"),
            Protocol::Resp3 => self.raw(b"_\r\n"),
        }
    }

    /// The head of an array of `len` elements.
    #[inline]
    pub fn array(&mut self, len: usize) {
        self.head(b'*', len);
    }

    /// The head of a map of `len` pairs; in the older version, of an array twice as long.
    pub fn map(&mut self, len: usize) {
        match self.protocol {
            Protocol::Resp2 => self.array(len * 2),
            Protocol::Resp3 => self.head(b'%', len),
        }
    }

    /// The head of a set of `len` elements; in the older version, of an array.
    pub fn set(&mut self, len: usize) {
        match self.protocol {
            Protocol::Resp2 => self.array(len),
            Protocol::Resp3 => self.head(b'~', len),
        }
    }

    /// The head of a push of `len` elements; in the older version, of an array.
    pub fn push(&mut self, len: usize) {
        match self.protocol {
            Protocol::Resp2 => self.array(len),
            Protocol::Resp3 => self.head(b'>', len),
        }
    }

    /// The head of `len` pairs of attributes that precede a reply. The older version has none: the caller checks.
    pub fn attribute(&mut self, len: usize) {
        debug_assert!(self.protocol == Protocol::Resp3);
        self.head(b'|', len);
    }

    /// True or false; in the older version, one or zero.
    pub fn boolean(&mut self, value: bool) {
        match (self.protocol, value) {
            (Protocol::Resp2, _) => self.integer(i64::from(value)),
            (Protocol::Resp3, true) => self.raw(b"#t\r\n"),
            (Protocol::Resp3, false) => self.raw(b"#f\r\n"),
        }
    }

    /// A floating-point number; in the older version, its text as a string.
    pub fn double(&mut self, value: f64) {
        let Some(out) = self.out.room(LONGEST_DOUBLE) else { return };
        let start = out.len();
        base::double::push_f64(out, value);
        let len = out.len() - start;
        // The length stands before the text, which is short: it moves up.
        let mut head = [b'$', b'0' + (len / 10) as u8, b'0' + (len % 10) as u8, b'\r', b'\n'];
        let head = match self.protocol {
            Protocol::Resp3 => &b","[..],
            Protocol::Resp2 if len < 10 => {
                head.copy_within(2.., 1);
                &head[..4]
            }
            Protocol::Resp2 => &head,
        };
        out.resize(start + head.len() + len, 0);
        out.copy_within(start..start + len, start + head.len());
        out[start..start + head.len()].copy_from_slice(head);
        out.extend_from_slice(b"\r\n");
    }

    /// A number beyond 64 bits, given as its digits.
    pub fn big_number(&mut self, digits: &[u8]) {
        match self.protocol {
            Protocol::Resp2 => self.bulk(digits),
            Protocol::Resp3 => self.line(b'(', digits),
        }
    }

    /// Text with a three-letter format (`txt`, `mkd`).
    pub fn verbatim(&mut self, format: &[u8; 3], text: &[u8]) {
        if self.protocol == Protocol::Resp2 {
            return self.bulk(text);
        }
        self.head(b'=', text.len() + 4);
        self.raw(format);
        self.raw(b":");
        self.raw(text);
        self.raw(b"\r\n");
    }

    /// An array whose length will be known later. Of nested ones, the inner is closed before the outer.
    pub fn array_deferred(&mut self) -> Deferred {
        Deferred { at: self.out.bytes.len() }
    }

    /// Writes the head of the array announced as `place`, over everything written since.
    pub fn set_array(&mut self, place: &Deferred, len: usize) {
        self.set_deferred(place, b'*', len);
    }

    /// As [`Reply::set_array`], for a map of `len` pairs.
    pub fn set_map(&mut self, place: &Deferred, len: usize) {
        match self.protocol {
            Protocol::Resp2 => self.set_deferred(place, b'*', len * 2),
            Protocol::Resp3 => self.set_deferred(place, b'%', len),
        }
    }

    /// As [`Reply::set_array`], for a set of `len` elements.
    pub fn set_set(&mut self, place: &Deferred, len: usize) {
        match self.protocol {
            Protocol::Resp2 => self.set_deferred(place, b'*', len),
            Protocol::Resp3 => self.set_deferred(place, b'~', len),
        }
    }

    fn set_deferred(&mut self, place: &Deferred, kind: u8, len: usize) {
        let mut head = Vec::with_capacity(HEAD);
        push_header(&mut head, kind, len);
        if self.out.room(HEAD).is_none() {
            return;
        }
        for shared in self.out.shared.iter_mut().rev().take_while(|s| s.at > place.at) {
            shared.at += head.len();
        }
        self.out.bytes.splice(place.at..place.at, head);
    }

    /// Puts lengths in place of those that aggregates were written with. Where something was left out, that may be their heads,
    /// and nobody reads the others.
    pub fn correct(&mut self, heads: WrongHeads) {
        if !heads.is_empty() && !self.out.full && self.out.room(heads.room()).is_some() {
            heads.mend(&mut self.out.bytes, self.out.shared.iter_mut().map(|shared| &mut shared.at));
        }
    }

    #[inline]
    fn head(&mut self, kind: u8, number: usize) {
        if let Some(out) = self.out.room(HEAD) {
            push_header(out, kind, number);
        }
    }

    #[inline]
    fn line(&mut self, kind: u8, text: &[u8]) {
        let Some(out) = self.out.room(text.len() + 3) else { return };
        out.push(kind);
        out.extend_from_slice(text);
        out.extend_from_slice(b"\r\n");
    }

    #[cold]
    fn negative(&mut self, value: i64) {
        let mut digits = [0; 20];
        self.line(b':', int::format_i64(value, &mut digits));
    }
}

/// The most that a double takes.
const LONGEST_DOUBLE: usize = 48;

#[cfg(test)]
#[path = "reply_tests.rs"]
mod tests;
