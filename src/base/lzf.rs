//! LZF, the compression of strings in RDB files and DUMP payloads.
//!
//! ```text
//! 000LLLLL  byte * (L+1)                    literals: 1 to 32 bytes as they are
//! LLLooooo  oooooooo                        copy L+2 bytes (L from 1 to 6) from o+1 bytes back
//! 111ooooo  LLLLLLLL  oooooooo              copy L+9 bytes from o+1 bytes back
//! ```
//!
//! A copy may overlap what it writes. Any stream of this form decompresses the same; but DUMP payloads are compared by
//! clients and tests, so [`compress`] finds just the matches that liblzf finds in its "very fast" mode with a table of
//! 2^16 places: the last position of each hash of three bytes is tried and no other, positions inside a match are not
//! entered but for its last two, and the very first byte of the input is never copied from. (liblzf starts with whatever
//! its table held before; where that could show, which is next to never, this compressor answers as for a clean table.)

const TABLE_BITS: u32 = 16;
const MAX_LITERALS: usize = 32;
const MAX_DISTANCE: usize = 1 << 13;
const MAX_MATCH: usize = 264;

/// Reusable memory of the compressor: 256 KiB of table and the output.
pub struct Scratch {
    /// By hash, the last position with it, counted from `base`. What is not above `base` is left over from earlier inputs.
    table: Box<[u32]>,
    base: u32,
    output: Vec<u8>,
}

impl Scratch {
    /// A clean one.
    pub fn new() -> Self {
        Self { table: vec![0; 1 << TABLE_BITS].into(), base: 0, output: Vec::new() }
    }

    /// Makes room for `len` positions that no earlier input has used.
    fn begin(&mut self, len: usize) -> Option<()> {
        self.output.clear();
        let len = u32::try_from(len).ok()?;
        if self.base.checked_add(len).is_none() {
            self.table.fill(0);
            self.base = 0;
        }
        Some(())
    }

    /// Enters position `at`; the position that had its hash before, if it is of this input and not its first.
    #[inline]
    fn enter(&mut self, input: &[u8], at: usize) -> Option<usize> {
        let three = u32::from_be_bytes([0, input[at], input[at + 1], input[at + 2]]);
        let hash = (three >> (24 - TABLE_BITS)).wrapping_sub(three.wrapping_mul(5));
        let place = &mut self.table[(hash & ((1 << TABLE_BITS) - 1)) as usize];
        let before = std::mem::replace(place, self.base + at as u32);
        (before > self.base).then(|| (before - self.base) as usize)
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

/// The compressed form, if it saves more than four bytes, as strings are stored; the slice lives in `scratch`.
pub fn compress<'a>(input: &[u8], scratch: &'a mut Scratch) -> Option<&'a [u8]> {
    compress_within(input, input.len().saturating_sub(4), scratch)
}

/// The compressed form, if it fits in `limit` bytes by liblzf's (cautious) measure.
pub fn compress_within<'a>(input: &[u8], limit: usize, scratch: &'a mut Scratch) -> Option<&'a [u8]> {
    if input.is_empty() || limit == 0 {
        return None;
    }
    scratch.begin(input.len())?;
    let mut out = Writer { bytes: std::mem::take(&mut scratch.output), limit, run: 0 };
    out.bytes.push(0);
    let fits = write_all(input, scratch, &mut out);
    scratch.output = out.bytes;
    // The next input starts where this one's positions end.
    scratch.base += input.len() as u32;
    fits.map(|()| &scratch.output[..])
}

fn write_all(input: &[u8], scratch: &mut Scratch, out: &mut Writer) -> Option<()> {
    let mut at = 0;
    while at + 2 < input.len() {
        let found = scratch.enter(input, at).filter(|&from| {
            from < at && at - from <= MAX_DISTANCE && input[from..from + 3] == input[at..at + 3]
        });
        let Some(from) = found else {
            out.has_room_for_literal().then(|| out.literal(input[at]))?;
            at += 1;
            continue;
        };
        let len = match_len(input, from, at);
        out.copy(len, at - from - 1)?;
        at += len;
        if at + 2 >= input.len() {
            break;
        }
        scratch.enter(input, at - 2);
        scratch.enter(input, at - 1);
    }
    out.has_room_for_tail().then_some(())?;
    for &byte in &input[at..] {
        out.literal(byte);
    }
    out.end_run();
    Some(())
}

/// How long the match is, three bytes being known to be equal. As in liblzf the last byte or two before the end, or before
/// the longest match there is, count only if a long run of comparisons happens to reach them.
fn match_len(input: &[u8], from: usize, at: usize) -> usize {
    let max = (input.len() - at - 2).min(MAX_MATCH);
    let equal = |len: usize| input[from + len] == input[at + len];
    let mut len = 3;
    if max > 16 {
        while len < 19 && equal(len) {
            len += 1;
        }
        if len < 19 {
            return len;
        }
    }
    while len < max && equal(len) {
        len += 1;
    }
    len
}

/// The output, ending in a run of literals under way, whose (still empty) length byte is already there.
struct Writer {
    bytes: Vec<u8>,
    limit: usize,
    run: usize,
}

impl Writer {
    fn has_room_for_literal(&self) -> bool {
        self.bytes.len() < self.limit
    }

    fn has_room_for_tail(&self) -> bool {
        self.bytes.len() + 3 <= self.limit
    }

    fn literal(&mut self, byte: u8) {
        self.bytes.push(byte);
        self.run += 1;
        if self.run == MAX_LITERALS {
            self.end_run();
            self.bytes.push(0);
        }
    }

    /// Writes the run's length, or takes its length byte back if it is empty.
    fn end_run(&mut self) {
        if self.run == 0 {
            self.bytes.pop();
        } else {
            let start = self.bytes.len() - self.run - 1;
            self.bytes[start] = (self.run - 1) as u8;
            self.run = 0;
        }
    }

    /// `back` is one less than the distance.
    fn copy(&mut self, len: usize, back: usize) -> Option<()> {
        let unused = usize::from(self.run == 0);
        if self.bytes.len() - unused + 4 >= self.limit {
            return None;
        }
        self.end_run();
        let [high, low] = (back as u16).to_be_bytes();
        match len - 2 {
            short @ ..7 => self.bytes.push(high | (short as u8) << 5),
            long => self.bytes.extend([high | 7 << 5, (long - 7) as u8]),
        }
        self.bytes.extend([low, 0]);
        Some(())
    }
}

/// The `expected_len` bytes that `input` stands for; `None` if it stands for more or for fewer. Memory is bounded
/// by the input: each byte of input is worth at most 88 of output.
pub fn decompress(input: &[u8], expected_len: usize) -> Option<Vec<u8>> {
    const MOST_PER_BYTE: usize = 88;
    if expected_len > input.len().saturating_mul(MOST_PER_BYTE) {
        return None;
    }
    let mut out = Vec::with_capacity(expected_len);
    let mut left = input;
    while let Some((&control, rest)) = left.split_first() {
        let (code, low_bits) = (usize::from(control >> 5), usize::from(control & 31));
        if code == 0 {
            let (literals, rest) = rest.split_at_checked(low_bits + 1)?;
            if literals.len() > expected_len - out.len() {
                return None;
            }
            out.extend_from_slice(literals);
            left = rest;
            continue;
        }
        let (more, rest) =
            if code == 7 { rest.split_first().map(|(&more, rest)| (more, rest))? } else { (0, rest) };
        let (&low, rest) = rest.split_first()?;
        let distance = (low_bits << 8 | usize::from(low)) + 1;
        copy_back(&mut out, distance, code + 2 + usize::from(more), expected_len)?;
        left = rest;
    }
    (out.len() == expected_len).then_some(out)
}

fn copy_back(out: &mut Vec<u8>, distance: usize, len: usize, expected_len: usize) -> Option<()> {
    let start = out.len().checked_sub(distance)?;
    if len > expected_len - out.len() {
        return None;
    }
    let end = out.len() + len;
    // Where source and target overlap, what has been copied is copied again.
    while out.len() < end {
        let take = (end - out.len()).min(out.len() - start);
        out.extend_from_within(start..start + take);
    }
    Some(())
}

#[cfg(test)]
mod tests;
