//! Bounds as arguments spell them.

use crate::{CommandError, parse};
use base::double;
use keyspace::values::sorted_set::{Bounds, NameEnd, ScoreEnd};

/// What two arguments name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Rank,
    Score,
    Name,
}

impl By {
    /// The bounds that two arguments are, the lower first.
    pub(super) fn bounds<'a>(self, min: &'a [u8], max: &'a [u8]) -> Result<Bounds<'a>, CommandError> {
        match self {
            By::Rank => Ok(Bounds::Ranks(parse::integer(min)?, parse::integer(max)?)),
            By::Score => score_end(min)
                .zip(score_end(max))
                .map(|(min, max)| Bounds::Scores(min, max))
                .ok_or_else(|| CommandError::of("min or max is not a float")),
            By::Name => name_end(min)
                .zip(name_end(max))
                .map(|(min, max)| Bounds::Names(min, max))
                .ok_or_else(|| CommandError::of("min or max not valid string range item")),
        }
    }
}

/// An end of a range of scores: a number, or behind a parenthesis one that does not belong to the range.
///
/// Quirks of the reference: white space before the number is skipped, what follows a zero byte is not seen, no number at
/// all is 0, and one beyond what a double can be is infinity or 0.
fn score_end(text: &[u8]) -> Option<ScoreEnd> {
    let (open, text) = match text {
        [b'(', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let text = parse::quoted(text);
    if text.is_empty() {
        return Some(ScoreEnd { score: 0.0, open });
    }
    let number = text.trim_ascii_start();
    let number = number.strip_prefix(b"\x0b").unwrap_or(number);
    double::parse_f64_rounded(number).map(|score| ScoreEnd { score, open })
}

/// An end of a range of names: `-` and `+` for the lowest and the highest, `[name`, or `(name` for one that does not
/// belong to the range.
fn name_end(text: &[u8]) -> Option<NameEnd<'_>> {
    match text {
        [b'-'] | [b'-', 0, ..] => Some(NameEnd::Lowest),
        [b'+'] | [b'+', 0, ..] => Some(NameEnd::Highest),
        [b'[', name @ ..] => Some(NameEnd::At(name)),
        [b'(', name @ ..] => Some(NameEnd::Beyond(name)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_scores() {
        let closed = |score| Some(ScoreEnd { score, open: false });
        let open = |score| Some(ScoreEnd { score, open: true });
        let cases: &[(&[u8], Option<ScoreEnd>)] = &[
            (b"1.5", closed(1.5)),
            (b"(1.5", open(1.5)),
            (b"-inf", closed(f64::NEG_INFINITY)),
            (b"(+inf", open(f64::INFINITY)),
            (b"", closed(0.0)),
            (b"(", open(0.0)),
            (b" \t1", closed(1.0)),
            (b"1\0x", closed(1.0)),
            (b"-1e400", closed(f64::NEG_INFINITY)),
            (b"1e-400", closed(0.0)),
            (b"0x10", closed(16.0)),
            (b"((1", None),
            (b" ", None),
            (b"nan", None),
            (b"1x", None),
            (b"-", None),
        ];
        for (text, end) in cases {
            assert_eq!(score_end(text), *end, "{}", text.escape_ascii());
        }
    }

    #[test]
    fn ends_of_names() {
        let cases: &[(&[u8], Option<NameEnd<'_>>)] = &[
            (b"-", Some(NameEnd::Lowest)),
            (b"+", Some(NameEnd::Highest)),
            (b"-\0a", Some(NameEnd::Lowest)),
            (b"[", Some(NameEnd::At(b""))),
            (b"[a", Some(NameEnd::At(b"a"))),
            (b"(a", Some(NameEnd::Beyond(b"a"))),
            (b"", None),
            (b"a", None),
            (b"-a", None),
        ];
        for (text, end) in cases {
            assert_eq!(name_end(text), *end, "{}", text.escape_ascii());
        }
    }
}
