//! LCS: the longest sequence of bytes that two strings share in order.
//!
//! Let L(i, j) be the length of that sequence for the first i bytes of `a` and the first j of `b`. Along a row i, each
//! L(i, j) is either L(i, j-1) or one more, so a row is kept as one bit a column, clear where L rises, and a row follows
//! from the one above in a few instructions for 64 columns at a time (Hyyrö's form of the algorithm of Crochemore,
//! Iliopoulos, Pinzon and Reid):
//!
//! ```text
//! matches = bits of the columns where b has the byte a[i]
//! shared  = row & matches
//! row'    = (row + shared) | (row & !matches)          one addition over the whole row, with carries
//! ```
//!
//! To find the sequence itself all rows are kept: 1/32 of what a table of 32-bit lengths takes. Which of several longest
//! sequences is found, and the limit that the size of that table sets, are the reference's.

use super::value::hold;
use crate::{CommandError, Ctx, Done, parse};
use conn::Args;
use resp::Reply;

/// Bytes that the reference needs for each pair of positions.
const REFERENCE_CELL: u64 = 4;

/// What is asked for.
#[derive(Clone, Copy, Debug, Default)]
struct Options {
    length: bool,
    indexes: bool,
    with_lengths: bool,
    shortest: i64,
}

/// `LCS key1 key2 [LEN] [IDX] [MINMATCHLEN length] [WITHMATCHLEN]`
pub fn lcs(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let (first, second) = (cx.key(&args, 1), cx.key(&args, 2));
    let (first, second) = (hold(cx, &first), hold(cx, &second));
    let (Ok(first), Ok(second)) = (first, second) else {
        return Err(CommandError::of("The specified keys must contain string values"));
    };
    let (a, b) = (first.as_deref().unwrap_or_default(), second.as_deref().unwrap_or_default());
    let options = Options::parse(args)?;
    check_size(a.len(), b.len(), cx.settings.max_bulk)?;

    if options.length {
        cx.reply.integer(Rows::compute(a, b, false).length as i64);
        return Ok(Done::Replied);
    }
    let rows = Rows::compute(a, b, true);
    if options.indexes {
        reply_ranges(&mut cx.reply, &rows, a, b, options);
    } else {
        let mut sequence = Vec::with_capacity(rows.length);
        rows.walk(a, b, |i, _| sequence.push(a[i]));
        sequence.reverse();
        cx.reply.bulk(&sequence);
    }
    Ok(Done::Replied)
}

impl Options {
    fn parse(args: Args<'_>) -> Result<Options, CommandError> {
        let mut options = Options::default();
        let mut at = 3;
        while at < args.len() {
            match (args.at(at), args.get(at + 1)) {
                (word, _) if parse::is(word, "idx") => options.indexes = true,
                (word, _) if parse::is(word, "len") => options.length = true,
                (word, _) if parse::is(word, "withmatchlen") => options.with_lengths = true,
                (word, Some(shortest)) if parse::is(word, "minmatchlen") => {
                    options.shortest = parse::integer(shortest)?;
                    at += 1;
                }
                _ => return Err(CommandError::SYNTAX),
            }
            at += 1;
        }
        if options.length && options.indexes {
            let text = "If you want both the length and indexes, please just use IDX.";
            return Err(CommandError::of(text));
        }
        Ok(options)
    }
}

/// Refuses strings for which the reference's table would not fit into `proto-max-bulk-len`.
fn check_size(a: usize, b: usize, max_bulk: u64) -> Result<(), CommandError> {
    let too_long = u32::MAX as usize - 1;
    if a >= too_long || b >= too_long {
        return Err(CommandError::of("String too long for LCS"));
    }
    match ((a as u64 + 1) * (b as u64 + 1)).checked_mul(REFERENCE_CELL) {
        None => Err(CommandError::of("Insufficient memory, failed allocating transient memory for LCS")),
        Some(size) if size > max_bulk => {
            Err(CommandError::of("Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len"))
        }
        Some(_) => Ok(()),
    }
}

/// Replies with the ranges that match, from the last to the first.
fn reply_ranges(reply: &mut Reply<'_>, rows: &Rows, a: &[u8], b: &[u8], options: Options) {
    reply.map(2);
    reply.bulk(b"matches");
    let head = reply.array_deferred();
    let mut count = 0;
    let mut emit = |(i, j, length): (usize, usize, usize)| {
        if (length as i64) < options.shortest {
            return;
        }
        reply.array(if options.with_lengths { 3 } else { 2 });
        for start in [i, j] {
            reply.array(2);
            reply.integer(start as i64);
            reply.integer((start + length - 1) as i64);
        }
        if options.with_lengths {
            reply.integer(length as i64);
        }
        count += 1;
    };
    let mut range: Option<(usize, usize, usize)> = None;
    rows.walk(a, b, |i, j| {
        range = match range {
            Some((from, to, length)) if from == i + 1 && to == j + 1 => Some((i, j, length + 1)),
            other => {
                other.map(&mut emit);
                Some((i, j, 1))
            }
        };
    });
    range.map(&mut emit);
    reply.set_array(&head, count);
    reply.bulk(b"len");
    reply.integer(rows.length as i64);
}

/// The rows of L, one bit a column.
struct Rows {
    /// L of both strings whole.
    length: usize,
    /// Words in a row.
    words: usize,
    /// The rows from the first byte of `a` on, if they were to be kept.
    bits: Vec<u64>,
}

impl Rows {
    fn compute(a: &[u8], b: &[u8], keep: bool) -> Rows {
        let words = if a.is_empty() { 0 } else { b.len().div_ceil(64) };
        let matches = Matches::of(a, b, words);
        let mut bits = Vec::with_capacity(if keep { words * a.len() } else { 0 });
        let mut row = vec![u64::MAX; words];
        for byte in a {
            let mut carry = false;
            for (word, matches) in row.iter_mut().zip(matches.of_byte(*byte, words)) {
                let (sum, carried) = word.carrying_add(*word & matches, carry);
                *word = sum | (*word & !matches);
                carry = carried;
            }
            if keep {
                bits.extend_from_slice(&row);
            }
        }
        // Columns behind the end of `b` match nothing, so their bits stay set.
        let length = row.iter().map(|word| word.count_zeros() as usize).sum();
        Rows { length, words, bits }
    }

    /// Whether L rises between columns j and j + 1 in the row of `a[i]`.
    fn rises(&self, i: usize, j: usize) -> bool {
        self.bits[i * self.words + j / 64] & (1 << (j % 64)) == 0
    }

    /// Visits the positions of a longest sequence, from its last byte to its first. Where the bytes differ, `b` is
    /// shortened unless that would lose a byte of the sequence.
    fn walk(&self, a: &[u8], b: &[u8], mut visit: impl FnMut(usize, usize)) {
        let (mut i, mut j) = (a.len(), b.len());
        while i > 0 && j > 0 {
            if a[i - 1] == b[j - 1] {
                (i, j) = (i - 1, j - 1);
                visit(i, j);
            } else if self.rises(i - 1, j - 1) {
                i -= 1;
            } else {
                j -= 1;
            }
        }
    }
}

/// For each byte that `a` has, the columns where `b` has it. There are never more of them than bytes in `a`, so they
/// take no more memory than the rows would.
struct Matches {
    start: [usize; 256],
    bits: Vec<u64>,
}

impl Matches {
    fn of(a: &[u8], b: &[u8], words: usize) -> Matches {
        const ABSENT: usize = usize::MAX;
        let mut matches = Matches { start: [ABSENT; 256], bits: Vec::new() };
        let mut end = 0;
        for byte in a {
            let start = &mut matches.start[usize::from(*byte)];
            if *start == ABSENT {
                *start = end;
                end += words;
            }
        }
        matches.bits.resize(end, 0);
        for (j, byte) in b.iter().enumerate() {
            let start = matches.start[usize::from(*byte)];
            if start != ABSENT {
                matches.bits[start + j / 64] |= 1 << (j % 64);
            }
        }
        matches
    }

    /// The columns of a byte that `a` has.
    fn of_byte(&self, byte: u8, words: usize) -> &[u64] {
        &self.bits[self.start[usize::from(byte)]..][..words]
    }
}

#[cfg(test)]
mod tests {
    use super::{Rows, check_size, lcs};
    use crate::string::set;
    use crate::testing::Bench;
    use proptest::prelude::*;

    /// The whole table, and the walk over it.
    fn naive(a: &[u8], b: &[u8]) -> (usize, Vec<(usize, usize)>) {
        let mut table = vec![vec![0usize; b.len() + 1]; a.len() + 1];
        for i in 1..=a.len() {
            for j in 1..=b.len() {
                table[i][j] = if a[i - 1] == b[j - 1] {
                    table[i - 1][j - 1] + 1
                } else {
                    table[i - 1][j].max(table[i][j - 1])
                };
            }
        }
        let (mut i, mut j, mut path) = (a.len(), b.len(), Vec::new());
        while i > 0 && j > 0 {
            if a[i - 1] == b[j - 1] {
                (i, j) = (i - 1, j - 1);
                path.push((i, j));
            } else if table[i - 1][j] > table[i][j - 1] {
                i -= 1;
            } else {
                j -= 1;
            }
        }
        (table[a.len()][b.len()], path)
    }

    proptest! {
        #[test]
        fn rows_of_bits_find_what_the_table_of_lengths_finds(
            a in prop::collection::vec(b'a'..b'e', 0..150),
            b in prop::collection::vec(b'a'..b'f', 0..300),
        ) {
            let (length, expected) = naive(&a, &b);
            let rows = Rows::compute(&a, &b, true);
            let mut path = Vec::new();
            rows.walk(&a, &b, |i, j| path.push((i, j)));
            prop_assert_eq!(rows.length, length);
            prop_assert_eq!(path, expected);
            prop_assert_eq!(Rows::compute(&a, &b, false).length, length);
        }
    }

    #[test]
    fn the_sequence_its_length_or_its_ranges_are_answered() {
        let mut bench = Bench::new();
        bench.run(set, "set a ohmytext");
        bench.run(set, "set b mynewtext");
        let cases = [
            ("", "$6 mytext"),
            (" len", ":6"),
            (" IDX", "*4 $7 matches *2 *2 *2 :4 :7 *2 :5 :8 *2 *2 :2 :3 *2 :0 :1 $3 len :6"),
            (" idx minmatchlen 4 withmatchlen", "*4 $7 matches *1 *3 *2 :4 :7 *2 :5 :8 :4 $3 len :6"),
            (" len idx", "-ERR If you want both the length and indexes, please just use IDX."),
            (" minmatchlen", "-ERR syntax error"),
            (" minmatchlen x len idx", "-ERR value is not an integer or out of range"),
        ];
        for (options, expected) in cases {
            assert_eq!(bench.run(lcs, &format!("lcs a b{options}")), expected, "{options}");
        }
        assert_eq!(bench.run(lcs, "lcs a none"), "$0");
        assert_eq!(bench.run(lcs, "lcs none a idx"), "*4 $7 matches *0 $3 len :0");
        bench.settings.max_bulk = 4 * 9 * 10 - 1;
        let refused = "-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len";
        assert_eq!(bench.run(lcs, "lcs a b len"), refused);
    }

    #[test]
    fn the_limit_is_what_a_table_of_lengths_would_take() {
        assert!(check_size(9, 9, 400).is_ok());
        assert!(check_size(9, 9, 399).is_err());
        assert!(check_size(0, 99, 400).is_ok());
        let text = check_size(u32::MAX as usize, 0, u64::MAX).unwrap_err();
        assert_eq!(text.0.as_ref(), b"ERR String too long for LCS");
    }
}
