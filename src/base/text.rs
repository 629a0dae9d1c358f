//! A string as it is kept: as the number whose text it is, or as bytes.

use crate::int;

/// A string, kept as a number or as bytes. A number stands for its canonical text ([`int::parse_i64`]); nothing says that
/// bytes are not the text of one.
#[derive(Clone, Copy, Debug)]
pub enum Text<'a> {
    /// A number.
    Integer(i64),
    /// Bytes.
    Bytes(&'a [u8]),
}

/// Room for the text of a number.
pub type Digits = [u8; int::MAX_TEXT];

impl<'a> Text<'a> {
    /// A string as small as it can be kept: as a number where it is the text of one.
    #[inline]
    pub fn of(bytes: &'a [u8]) -> Text<'a> {
        match bytes.len() {
            1..=int::MAX_TEXT => int::parse_i64(bytes).map_or(Text::Bytes(bytes), Text::Integer),
            _ => Text::Bytes(bytes),
        }
    }

    /// The string's bytes, written to `digits` if it is kept as a number.
    #[inline]
    pub fn bytes<'s>(&'s self, digits: &'s mut Digits) -> &'s [u8] {
        match self {
            Text::Integer(number) => int::format_i64(*number, digits),
            Text::Bytes(bytes) => bytes,
        }
    }

    /// How many bytes the string has.
    #[inline]
    pub fn len(&self) -> usize {
        match self {
            Text::Integer(number) => int::text_len(*number),
            Text::Bytes(bytes) => bytes.len(),
        }
    }

    /// Whether the string is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number that the string is the text of.
    #[inline]
    pub fn integer(&self) -> Option<i64> {
        match self {
            Text::Integer(number) => Some(*number),
            Text::Bytes(bytes) => int::parse_i64(bytes),
        }
    }

    /// The string's bytes, in memory of their own.
    pub fn to_vec(&self) -> Vec<u8> {
        self.bytes(&mut [0; int::MAX_TEXT]).to_vec()
    }
}

impl PartialEq for Text<'_> {
    /// Whether both are the same string, however they are kept.
    fn eq(&self, other: &Text<'_>) -> bool {
        match (self, other) {
            (Text::Integer(a), Text::Integer(b)) => a == b,
            (Text::Bytes(a), Text::Bytes(b)) => a == b,
            _ => self.integer().is_some() && self.integer() == other.integer(),
        }
    }
}

impl Eq for Text<'_> {}

impl std::hash::Hash for Text<'_> {
    /// By the bytes of the string, however it is kept.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write(self.bytes(&mut [0; int::MAX_TEXT]));
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn a_string_is_the_same_however_it_is_kept() {
        assert_eq!(Text::of(b"12"), Text::Bytes(b"12"));
        assert!(matches!(Text::of(b"12"), Text::Integer(12)));
        assert!(matches!(Text::of(b"012"), Text::Bytes(b"012")));
        assert_ne!(Text::of(b"012"), Text::of(b"12"));
        assert_eq!((Text::of(b"-7").len(), Text::of(b"-7").to_vec()), (2, b"-7".to_vec()));
    }
}
