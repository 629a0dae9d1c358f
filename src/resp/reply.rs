//! The reply writer: values to bytes of either protocol version, appended to one buffer.
//!
//! A [`ReplyBuffer`] is what one connection still has to send: plain bytes, and, at marked places, large values that are
//! referred to instead of copied. A [`Reply`] is a writer on it that knows the client's protocol version.

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
#[derive(Clone, Debug, Default)]
pub struct ReplyBuffer {
    /// The plain bytes.
    pub bytes: Vec<u8>,
    /// The values that stand between them, in order.
    pub shared: Vec<Shared>,
}

impl ReplyBuffer {
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
    }

    /// Forgets what was written after the buffer had this many plain bytes.
    pub fn truncate(&mut self, bytes: usize) {
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

    /// Writes in another version from here on (`HELLO` answers in the version it switches to).
    pub fn set_protocol(&mut self, protocol: Protocol) {
        self.protocol = protocol;
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

    /// Takes back what was written since `position`.
    pub fn truncate(&mut self, position: usize) {
        self.out.truncate(position);
    }

    /// Bytes that are a reply already.
    #[inline]
    pub fn raw(&mut self, bytes: &[u8]) {
        self.out.bytes.extend_from_slice(bytes);
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
        let start = self.out.bytes.len() + 1;
        self.line(b'-', text);
        let end = self.out.bytes.len() - 2;
        for byte in &mut self.out.bytes[start..end] {
            if matches!(byte, b'\r' | b'\n') {
                *byte = b' ';
            }
        }
    }

    /// An integer.
    #[inline]
    pub fn integer(&mut self, value: i64) {
        match usize::try_from(value) {
            Ok(value) => push_header(&mut self.out.bytes, b':', value),
            Err(_) => self.negative(value),
        }
    }

    /// A string of bytes.
    #[inline]
    pub fn bulk(&mut self, value: &[u8]) {
        let out = &mut self.out.bytes;
        out.reserve(value.len() + 24);
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
        push_header(&mut self.out.bytes, b'$', value.len());
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
        push_header(&mut self.out.bytes, b'*', len);
    }

    /// The head of a map of `len` pairs; in the older version, of an array twice as long.
    pub fn map(&mut self, len: usize) {
        match self.protocol {
            Protocol::Resp2 => self.array(len * 2),
            Protocol::Resp3 => push_header(&mut self.out.bytes, b'%', len),
        }
    }

    /// The head of a set of `len` elements; in the older version, of an array.
    pub fn set(&mut self, len: usize) {
        match self.protocol {
            Protocol::Resp2 => self.array(len),
            Protocol::Resp3 => push_header(&mut self.out.bytes, b'~', len),
        }
    }

    /// The head of a push of `len` elements; in the older version, of an array.
    pub fn push(&mut self, len: usize) {
        match self.protocol {
            Protocol::Resp2 => self.array(len),
            Protocol::Resp3 => push_header(&mut self.out.bytes, b'>', len),
        }
    }

    /// The head of `len` pairs of attributes that precede a reply. The older version has none: the caller checks.
    pub fn attribute(&mut self, len: usize) {
        debug_assert!(self.protocol == Protocol::Resp3);
        push_header(&mut self.out.bytes, b'|', len);
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
        let out = &mut self.out.bytes;
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
        push_header(&mut self.out.bytes, b'=', text.len() + 4);
        self.raw(format);
        self.raw(b":");
        self.raw(text);
        self.raw(b"\r\n");
    }

    /// An array whose length will be known later. Of nested ones, the inner is closed before the outer.
    pub fn array_deferred(&mut self) -> Deferred {
        Deferred { at: self.out.bytes.len() }
    }

    /// Takes back what stands between a place and `end`: a head that turned out to be wrong.
    pub fn remove(&mut self, place: &Deferred, end: usize) {
        self.out.bytes.drain(place.at..end);
        for shared in self.out.shared.iter_mut().rev().take_while(|s| s.at >= end) {
            shared.at -= end - place.at;
        }
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
        let mut head = Vec::with_capacity(24);
        push_header(&mut head, kind, len);
        for shared in self.out.shared.iter_mut().rev().take_while(|s| s.at > place.at) {
            shared.at += head.len();
        }
        self.out.bytes.splice(place.at..place.at, head);
    }

    #[inline]
    fn line(&mut self, kind: u8, text: &[u8]) {
        let out = &mut self.out.bytes;
        out.reserve(text.len() + 3);
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

/// Appends `<kind><number>\r\n`. Most numbers are one or two digits, which need no division loop.
#[inline]
fn push_header(out: &mut Vec<u8>, kind: u8, number: usize) {
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

#[cfg(test)]
#[path = "reply_tests.rs"]
mod tests;
