//! IDs as arguments.
//!
//! ```text
//! ms-seq      the ID
//! ms          the first or the last of that time, by what it stands for
//! - +         the least and the greatest, in ranges
//! (...        in ranges: from behind the ID, or up to before it
//! ```
//! Quirk of the reference: the text is read up to a zero byte, and numbers as `base::int::parse_u64_loose` reads them.

use crate::{CommandError, parse};
use base::int;
use keyspace::values::stream::Id;

/// The longest text that is looked at.
const MAX_TEXT: usize = 127;

/// What is said of an ID that is none.
pub(super) const INVALID: &str = "Invalid stream ID specified as stream command argument";

fn invalid() -> CommandError {
    CommandError::of(INVALID)
}

/// An ID of its own, without the words for the least and the greatest. What has no number is number 0 of its time.
#[inline]
pub(super) fn strict(text: &[u8]) -> Result<Id, CommandError> {
    strict_id(text, 0).ok_or_else(invalid)
}

/// The same, where not being an ID is no error.
pub(super) fn strict_id(text: &[u8], missing: u64) -> Option<Id> {
    if matches!(parse::quoted(text), b"-" | b"+") { None } else { loose_id(text, missing) }
}

/// An ID, or a word for the least or the greatest.
pub(super) fn loose(text: &[u8], missing: u64) -> Result<Id, CommandError> {
    loose_id(text, missing).ok_or_else(invalid)
}

fn loose_id(text: &[u8], missing: u64) -> Option<Id> {
    let (ms, seq) = parts(text)?;
    match (ms, seq) {
        (b"", Some(b"")) => Some(Id::MIN),
        (b"+", None) => Some(Id::MAX),
        (ms, None) => Some(Id::new(int::parse_u64_loose(ms)?, missing)),
        (ms, Some(seq)) => Some(Id::new(int::parse_u64_loose(ms)?, int::parse_u64_loose(seq)?)),
    }
}

/// What stands before the first dash, and what behind it.
fn parts(text: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let text = parse::quoted(text);
    Some(match text.iter().position(|&byte| byte == b'-') {
        Some(dash) => (&text[..dash], Some(&text[dash + 1..])),
        None => (text, None),
    })
}

/// What a new entry is to be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NewId {
    /// By the time: `*`.
    Automatic,
    /// The next number of a time: `ms-*`.
    At(u64),
    /// This.
    Given(Id),
}

impl NewId {
    pub(super) fn parse(text: &[u8]) -> Result<NewId, CommandError> {
        match parts(text) {
            Some((ms, Some(b"*"))) => int::parse_u64_loose(ms).map(NewId::At).ok_or_else(invalid),
            _ => strict(text).map(NewId::Given),
        }
    }

    /// The ID of an entry that is added behind `last` at a time, if there is one left that is greater.
    pub(super) fn after(self, last: Id, now: i64) -> Option<Id> {
        let id = match self {
            NewId::Automatic => match u64::try_from(now) {
                Ok(now) if now > last.ms => Id::new(now, 0),
                _ => last.next()?,
            },
            NewId::At(ms) if ms == last.ms => Id::new(ms, last.seq.checked_add(1)?),
            NewId::At(ms) => Id::new(ms, 0),
            NewId::Given(id) => id,
        };
        (id > last).then_some(id)
    }
}

/// Where a range begins.
pub(super) fn range_start(text: &[u8]) -> Result<Id, CommandError> {
    match text {
        [b'(', id @ ..] if !id.is_empty() => {
            strict(id)?.next().ok_or_else(|| CommandError::of("invalid start ID for the interval"))
        }
        _ => loose(text, 0),
    }
}

/// Where a range ends.
pub(super) fn range_end(text: &[u8]) -> Result<Id, CommandError> {
    match text {
        [b'(', id @ ..] if !id.is_empty() => strict_id(id, u64::MAX)
            .ok_or_else(invalid)?
            .previous()
            .ok_or_else(|| CommandError::of("invalid end ID for the interval")),
        _ => loose(text, u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_the_reference_reads_them() {
        assert_eq!(strict(b"5-3"), Ok(Id::new(5, 3)));
        assert_eq!(strict(b"5"), Ok(Id::new(5, 0)));
        assert_eq!(strict(b"+5-007"), Ok(Id::new(5, 7)));
        assert_eq!(strict(b"5-3\0x"), Ok(Id::new(5, 3)));
        assert_eq!(loose(b"-", 0), Ok(Id::MIN));
        assert_eq!(loose(b"+", 0), Ok(Id::MAX));
        assert_eq!(range_end(b"5"), Ok(Id::new(5, u64::MAX)));
        for bad in [&b"-"[..], b"+", b"", b"5-", b"-5", b"5-*", b"5--1", b"x", b"5-3-1", b"-1-1"] {
            assert_eq!(strict(bad), Err(invalid()), "{}", bad.escape_ascii());
        }
        assert!(strict(&[b'0'; 127]).is_ok() && strict(&[b'0'; 128]).is_err());
    }

    #[test]
    fn bounds_may_be_left_out() {
        assert_eq!(range_start(b"(5-3"), Ok(Id::new(5, 4)));
        assert_eq!(range_end(b"(5-0"), Ok(Id::new(4, u64::MAX)));
        assert_eq!(range_start(b"(+"), Err(invalid()));
        assert_eq!(range_start(b"("), Err(invalid()));
        assert!(
            range_end(b"(0-0").is_err()
                && range_start(b"(18446744073709551615-18446744073709551615").is_err()
        );
    }

    #[test]
    fn new_ids_are_greater_than_all_before() {
        let last = Id::new(5, 3);
        assert_eq!(NewId::Automatic.after(last, 9), Some(Id::new(9, 0)));
        assert_eq!(NewId::Automatic.after(last, 4), Some(Id::new(5, 4)));
        assert_eq!(NewId::At(5).after(last, 9), Some(Id::new(5, 4)));
        assert_eq!(NewId::At(6).after(last, 9), Some(Id::new(6, 0)));
        assert_eq!(NewId::At(4).after(last, 9), None);
        assert_eq!(NewId::At(5).after(Id::new(5, u64::MAX), 9), None);
        assert_eq!(NewId::Given(last).after(last, 9), None);
        assert_eq!(NewId::parse(b"7-*"), Ok(NewId::At(7)));
        assert!(NewId::parse(b"*-1").is_err() && NewId::parse(b"-").is_err());
    }
}
