//! The ID of an entry: a time in milliseconds, and a number that tells apart the entries of one millisecond.

use base::int;

/// The ID of an entry. IDs of a stream only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id {
    /// Unix time in milliseconds.
    pub ms: u64,
    /// Which of the entries of that time.
    pub seq: u64,
}

/// The longest text of an ID.
const MAX_TEXT: usize = 2 * int::MAX_TEXT + 1;

impl Id {
    /// The least ID, which no entry has.
    pub const MIN: Id = Id { ms: 0, seq: 0 };
    /// The greatest ID.
    pub const MAX: Id = Id { ms: u64::MAX, seq: u64::MAX };

    /// An ID of its two parts.
    pub const fn new(ms: u64, seq: u64) -> Id {
        Id { ms, seq }
    }

    /// The ID that follows, unless this is the greatest.
    pub fn next(self) -> Option<Id> {
        self.number().checked_add(1).map(Id::from_number)
    }

    /// The ID before, unless this is the least.
    pub fn previous(self) -> Option<Id> {
        self.number().checked_sub(1).map(Id::from_number)
    }

    /// The ID as one number, of the same order.
    pub fn number(self) -> u128 {
        u128::from(self.ms) << 64 | u128::from(self.seq)
    }

    /// The ID of a number.
    pub fn from_number(number: u128) -> Id {
        Id { ms: (number >> 64) as u64, seq: number as u64 }
    }

    /// The text, as clients see it.
    #[inline]
    pub fn text(self) -> IdText {
        let mut text = IdText { bytes: [0; MAX_TEXT], len: 0 };
        text.push(int::format_u64(self.ms, &mut [0; int::MAX_TEXT]));
        text.push(b"-");
        text.push(int::format_u64(self.seq, &mut [0; int::MAX_TEXT]));
        text
    }

    /// How far apart the parts are from those of `first`, modulo 2^64 each.
    pub(super) fn minus(self, first: Id) -> (i64, i64) {
        (self.ms.wrapping_sub(first.ms).cast_signed(), self.seq.wrapping_sub(first.seq).cast_signed())
    }

    /// The ID that lies so far apart.
    #[inline]
    pub(super) fn plus(self, ms: i64, seq: i64) -> Id {
        Id { ms: self.ms.wrapping_add_signed(ms), seq: self.seq.wrapping_add_signed(seq) }
    }
}

/// The text of an ID.
#[derive(Clone, Copy, Debug)]
pub struct IdText {
    bytes: [u8; MAX_TEXT],
    len: usize,
}

impl IdText {
    fn push(&mut self, piece: &[u8]) {
        self.bytes[self.len..][..piece.len()].copy_from_slice(piece);
        self.len += piece.len();
    }
}

impl std::ops::Deref for IdText {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::Id;

    #[test]
    fn neighbours_carry_from_one_part_to_the_other() {
        assert_eq!(Id::new(1, u64::MAX).next(), Some(Id::new(2, 0)));
        assert_eq!(Id::new(2, 0).previous(), Some(Id::new(1, u64::MAX)));
        assert_eq!((Id::MAX.next(), Id::MIN.previous()), (None, None));
        assert!(Id::new(1, u64::MAX) < Id::new(2, 0));
    }

    #[test]
    fn texts_have_both_parts() {
        assert_eq!(&*Id::new(5, 12).text(), b"5-12");
        assert_eq!(&*Id::MAX.text(), b"18446744073709551615-18446744073709551615");
    }
}
