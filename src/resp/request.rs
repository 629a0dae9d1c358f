//! The request parser: multibulk and inline commands, incrementally, as ranges into the caller's buffer.
//!
//! ```text
//! *3\r\n $3\r\nSET\r\n $3\r\nkey\r\n $5\r\nvalue\r\n      multibulk: a count, then that many length-prefixed strings
//! SET key "a value"\r\n                                  inline: a line, split as a shell would, ended by \n
//! ```
//!
//! A [`Parser`] keeps its place between calls, so a request that arrives in a thousand pieces is read once. Spans are
//! positions in the buffer; whoever moves the unfinished bytes to another place says so with [`Parser::rebase`].
//! A bulk of at least [`BIG_ARGUMENT`] bytes that is not whole yet is handed to the caller ([`Step::Big`]), who reads it
//! straight into the memory where it is going to stay.

use base::int::parse_i64;

/// A bulk this long is worth an allocation of its own, into which the socket is read directly.
pub const BIG_ARGUMENT: usize = 32 * 1024;
/// The longest inline request, and the longest line that may hold a count.
pub(crate) const MAX_LINE: usize = 64 * 1024;
/// What a client may send before it has authenticated: arguments in a request, and bytes in a bulk.
const UNAUTHENTICATED_ARGS: i64 = 10;
const UNAUTHENTICATED_BULK: i64 = 16 * 1024;

/// One argument: `len` bytes from `start`. A start of [`Span::BIG`] means the `len`th big argument instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where the argument starts in the buffer.
    pub start: u32,
    /// How long it is.
    pub len: u32,
}

impl Span {
    /// The start of a span that names a big argument by number.
    pub const BIG: u32 = u32::MAX;

    /// The span that stands for big argument number `index`.
    pub fn big(index: usize) -> Span {
        Span { start: Span::BIG, len: index as u32 }
    }
}

/// What a request may measure.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// `proto-max-bulk-len`: the longest argument.
    pub max_bulk: u64,
    /// Whether the client has authenticated; until then it may send only small requests.
    pub authenticated: bool,
}

/// Why a stream of bytes is not a stream of requests. The connection is closed after the reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtocolError {
    /// An inline request without an end.
    BigInline,
    /// Quotes that do not close.
    UnbalancedQuotes,
    /// A count of arguments without an end.
    BigMultibulkCount,
    /// A count of arguments that is not a number, or too large.
    InvalidMultibulkLength,
    /// Too many arguments before authentication.
    UnauthenticatedMultibulk,
    /// A length of an argument without an end.
    BigBulkCount,
    /// Something other than `$` where an argument must start.
    ExpectedDollar(u8),
    /// A length of an argument that is not a number, or too large.
    InvalidBulkLength,
    /// Too long an argument before authentication.
    UnauthenticatedBulk,
}

impl ProtocolError {
    /// The text of the error reply, without its `-` and code.
    pub fn reply(self) -> Vec<u8> {
        let text: &[u8] = match self {
            ProtocolError::BigInline => b"too big inline request",
            ProtocolError::UnbalancedQuotes => b"unbalanced quotes in request",
            ProtocolError::BigMultibulkCount => b"too big mbulk count string",
            ProtocolError::InvalidMultibulkLength => b"invalid multibulk length",
            ProtocolError::UnauthenticatedMultibulk => b"unauthenticated multibulk length",
            ProtocolError::BigBulkCount => b"too big bulk count string",
            ProtocolError::InvalidBulkLength => b"invalid bulk length",
            ProtocolError::UnauthenticatedBulk => b"unauthenticated bulk length",
            ProtocolError::ExpectedDollar(got) => {
                return [b"Protocol error: expected '$', got '".as_slice(), &[got], b"'"].concat();
            }
        };
        [b"Protocol error: ".as_slice(), text].concat()
    }

    /// The short form that stands in the log.
    pub fn log_text(self) -> &'static str {
        match self {
            ProtocolError::BigInline => "too big inline request",
            ProtocolError::UnbalancedQuotes => "unbalanced quotes in inline request",
            ProtocolError::BigMultibulkCount => "too big mbulk count string",
            ProtocolError::InvalidMultibulkLength => "invalid mbulk count",
            ProtocolError::UnauthenticatedMultibulk => "unauth mbulk count",
            ProtocolError::BigBulkCount => "too big bulk count string",
            ProtocolError::ExpectedDollar(_) => "expected $ but got something else",
            ProtocolError::InvalidBulkLength => "invalid bulk length",
            ProtocolError::UnauthenticatedBulk => "unauth bulk length",
        }
    }
}

/// How far one call of [`Parser::step`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The buffer ends before the request does.
    NeedMore,
    /// A request is whole: its spans were appended, and it ends where the parser now stands.
    Request,
    /// Bytes that ask for nothing: an empty line, or a multibulk of no arguments.
    Empty,
    /// The next argument is this long, and not whole in the buffer: read it elsewhere, call [`Parser::big_taken`].
    Big(usize),
}

/// Where a connection stands between two requests, or within one.
#[derive(Clone, Debug, Default)]
pub struct Parser {
    /// The first byte not yet consumed.
    position: usize,
    /// Arguments of the current multibulk that are still to come.
    remaining: u32,
    /// The length of the argument whose bytes come next, once its header was read.
    bulk: Option<usize>,
}

impl Parser {
    /// The first byte that no finished request, header or argument covers.
    #[inline]
    pub fn position(&self) -> usize {
        self.position
    }

    /// How many bytes beyond `have` would complete the argument being read: what a reader should make room for. Nothing
    /// for a big argument, which is read elsewhere.
    pub fn wanted(&self, have: usize) -> usize {
        let small = self.bulk.filter(|len| *len < BIG_ARGUMENT);
        small.map_or(0, |len| (self.position + len + 2).saturating_sub(have))
    }

    /// The bytes from `start` on now begin the buffer.
    #[inline]
    pub fn rebase(&mut self, start: usize) {
        self.position -= start;
    }

    /// Reads on in `buffer`, appending the spans of the current request.
    #[inline]
    pub fn step(
        &mut self,
        buffer: &mut [u8],
        spans: &mut Vec<Span>,
        limits: &Limits,
    ) -> Result<Step, ProtocolError> {
        if self.remaining == 0 {
            match buffer.get(self.position) {
                None => return Ok(Step::NeedMore),
                Some(b'*') => match self.count(buffer, limits)? {
                    Some(0) => return Ok(Step::Empty),
                    Some(count) => self.remaining = count,
                    None => return Ok(Step::NeedMore),
                },
                Some(_) => return self.inline(buffer, spans),
            }
        }
        while self.remaining > 0 {
            let len = match self.bulk {
                Some(len) => len,
                None => match self.bulk_length(buffer, limits)? {
                    Some(len) => len,
                    None => return Ok(Step::NeedMore),
                },
            };
            if buffer.len() - self.position < len + 2 {
                self.bulk = Some(len);
                return Ok(if len >= BIG_ARGUMENT { Step::Big(len) } else { Step::NeedMore });
            }
            spans.push(Span { start: self.position as u32, len: len as u32 });
            self.position += len + 2;
            self.bulk = None;
            self.remaining -= 1;
        }
        Ok(Step::Request)
    }

    /// The big argument announced by [`Step::Big`] was received elsewhere, line end and all: nothing of it is left in the
    /// buffer.
    pub fn big_taken(&mut self) {
        self.bulk = None;
        self.remaining -= 1;
    }

    /// Whether the request was whole with the big argument just taken.
    pub fn finished(&self) -> bool {
        self.remaining == 0
    }

    /// Reads `*<count>\r\n`: `None` when the line is not whole, zero for a count that asks for nothing.
    #[inline]
    fn count(&mut self, buffer: &[u8], limits: &Limits) -> Result<Option<u32>, ProtocolError> {
        let line = &buffer[self.position..];
        let (count, next) = match short_number(b'*', line) {
            Some((count, next)) => (count as i64, next),
            None => match header(line) {
                Some((Some(count), next)) if count <= i64::from(i32::MAX) => (count, next),
                Some(_) => return Err(ProtocolError::InvalidMultibulkLength),
                None => return self.unfinished_line(buffer, ProtocolError::BigMultibulkCount),
            },
        };
        if count > UNAUTHENTICATED_ARGS && !limits.authenticated {
            return Err(ProtocolError::UnauthenticatedMultibulk);
        }
        self.position += next;
        Ok(Some(count.max(0) as u32))
    }

    /// Reads `$<length>\r\n`: `None` when the line is not whole.
    #[inline]
    fn bulk_length(&mut self, buffer: &[u8], limits: &Limits) -> Result<Option<usize>, ProtocolError> {
        let line = &buffer[self.position..];
        if let Some((len, next)) = short_number(b'$', line) {
            self.position += next;
            return Ok(Some(len));
        }
        let Some((value, next)) = header(line) else {
            return self.unfinished_line(buffer, ProtocolError::BigBulkCount);
        };
        let first = buffer[self.position];
        if first != b'$' {
            return Err(ProtocolError::ExpectedDollar(first));
        }
        let len = match value {
            Some(n) if n >= 0 && n as u64 <= limits.max_bulk => n,
            _ => return Err(ProtocolError::InvalidBulkLength),
        };
        if len > UNAUTHENTICATED_BULK && !limits.authenticated {
            return Err(ProtocolError::UnauthenticatedBulk);
        }
        self.position += next;
        Ok(Some(len as usize))
    }

    fn unfinished_line<T>(&self, buffer: &[u8], error: ProtocolError) -> Result<Option<T>, ProtocolError> {
        if buffer.len() - self.position > MAX_LINE
            && memchr::memchr(b'\r', &buffer[self.position..]).is_none()
        {
            return Err(error);
        }
        Ok(None)
    }

    /// Reads one line and splits it into arguments. The unescaped text is never longer than its source, so it is laid
    /// over the line itself and spans can point at it.
    fn inline(&mut self, buffer: &mut [u8], spans: &mut Vec<Span>) -> Result<Step, ProtocolError> {
        let start = self.position;
        // A quirk kept: the reference looks for the end of the line as in a C string, so a NUL hides it.
        let newline = memchr::memchr2(b'\n', 0, &buffer[start..]).filter(|&at| buffer[start + at] != 0);
        let Some(newline) = newline else {
            let too_long = buffer.len() - start > MAX_LINE;
            return if too_long { Err(ProtocolError::BigInline) } else { Ok(Step::NeedMore) };
        };
        let mut line = &buffer[start..start + newline];
        if let [rest @ .., b'\r'] = line {
            line = rest;
        }
        let args = base::escape::split_args(line).ok_or(ProtocolError::UnbalancedQuotes)?;
        self.position = start + newline + 1;
        if args.is_empty() {
            return Ok(Step::Empty);
        }
        let mut at = start;
        for arg in &args {
            buffer[at..at + arg.len()].copy_from_slice(arg);
            spans.push(Span { start: at as u32, len: arg.len() as u32 });
            at += arg.len();
        }
        Ok(Step::Request)
    }
}

/// Reads `<kind><number>\r\n` where the number has one digit or two, as nearly all have: as a length, within every limit
/// there is. Answers the number and the bytes consumed.
#[inline(always)]
fn short_number(kind: u8, line: &[u8]) -> Option<(usize, usize)> {
    match *line {
        [first, a @ b'0'..=b'9', b'\r', _, ..] if first == kind => Some((usize::from(a - b'0'), 4)),
        [first, a @ b'1'..=b'9', b @ b'0'..=b'9', b'\r', _, ..] if first == kind => {
            Some((usize::from(a - b'0') * 10 + usize::from(b - b'0'), 5))
        }
        _ => None,
    }
}

/// Reads `<type><number>\r\n` at the start of `line`: the number (`None` if it is not one) and the bytes consumed.
/// Answers `None` while the line is not whole. Nearly every header is one to four digits, which the loop reads in one
/// pass with no search for the line's end; anything else takes the careful road.
#[inline]
fn header(line: &[u8]) -> Option<(Option<i64>, usize)> {
    let mut value: i64 = 0;
    for (i, &byte) in line.iter().enumerate().skip(1).take(8) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            if byte == b'\r' && i > 1 && (line[1] != b'0' || i == 2) {
                return if line.len() > i + 1 { Some((Some(value), i + 2)) } else { None };
            }
            break;
        }
        value = value * 10 + i64::from(digit);
    }
    careful_header(line)
}

#[cold]
fn careful_header(line: &[u8]) -> Option<(Option<i64>, usize)> {
    let end = memchr::memchr(b'\r', line)?;
    if end + 2 > line.len() {
        return None;
    }
    Some((line.get(1..end).and_then(parse_i64), end + 2))
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
