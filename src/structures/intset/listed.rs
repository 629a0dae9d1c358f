//! Numbers listed one after the other, all of the same number of bytes, from one to eight.

use super::HEADER;

/// How many bytes hold a number and its sign.
#[inline]
pub(super) fn bytes_of(number: i64) -> usize {
    let bits = 64 - (number ^ (number >> 63)).leading_zeros();
    bits as usize / 8 + 1
}

/// A look at listed numbers.
#[derive(Clone, Copy)]
pub(super) struct Listed<'a> {
    /// The header and the numbers.
    bytes: &'a [u8],
    wide: usize,
    len: usize,
}

impl<'a> Listed<'a> {
    #[inline]
    pub(super) fn new(bytes: &'a [u8], wide: usize, len: usize) -> Listed<'a> {
        Listed { bytes, wide, len }
    }

    #[inline]
    pub(super) fn wide(self) -> usize {
        self.wide
    }

    /// Number `index`, of which there are more.
    #[inline]
    pub(super) fn at(self, index: usize) -> i64 {
        // It is read with what stands before it, at least the header, which is then shifted away.
        let end = HEADER + (index + 1) * self.wide;
        let word = self.bytes[..end].last_chunk().expect("a header is as long as the widest number");
        i64::from_le_bytes(*word) >> (64 - 8 * self.wide)
    }

    /// Number `index`, if there are so many.
    #[inline]
    pub(super) fn get(self, index: usize) -> Option<i64> {
        (index < self.len).then(|| self.at(index))
    }

    /// The least and the greatest.
    #[inline]
    pub(super) fn ends(self) -> Option<(i64, i64)> {
        Some((self.get(0)?, self.at(self.len - 1)))
    }

    /// Where a number stands, or where it would.
    #[inline]
    pub(super) fn search(self, number: i64) -> Result<usize, usize> {
        // Numbers mostly come in ascending order: then they belong behind the last.
        if self.len == 0 || number > self.at(self.len - 1) {
            return Err(self.len);
        }
        let (mut low, mut len) = (0, self.len);
        while len > 1 {
            let half = len / 2;
            low = if self.at(low + half) <= number { low + half } else { low };
            len -= half;
        }
        match self.at(low).cmp(&number) {
            std::cmp::Ordering::Equal => Ok(low),
            std::cmp::Ordering::Less => Err(low + 1),
            std::cmp::Ordering::Greater => Err(low),
        }
    }
}
