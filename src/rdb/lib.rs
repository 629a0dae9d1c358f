//! The snapshot format, version 80: values to bytes and back. What a file is made of, and what DUMP answers.
//!
//! ```text
//! length     00xxxxxx                                 below 64
//!            01xxxxxx xxxxxxxx                        below 16384
//!            10000000 u32, big-endian
//!            10000001 u64, big-endian
//! string     length, bytes                            as it is
//!            11000000 i8                              the decimal text of a number
//!            11000001 i16, little-endian
//!            11000010 i32, little-endian
//!            11000011 length of what follows, length of the text, LZF
//! value      type (1 byte), then by type:
//!              0  string
//!              4, 9, 13, 16, 22  hash, see `value/hash.rs`
//!              2, 11, 20  set: `value/set.rs`
//!              3, 5, 12, 17  sorted set: `value/sorted_set.rs`
//!              15, 19, 21  stream, see `value/stream.rs`
//!              1, 10, 14, 18  list, see `value::list`
//! payload    value, version (u16, little-endian), CRC-64 of all before (u64, little-endian)
//! ```
//!
//! Bytes come from anywhere: every length is held against what is really there before anything is allocated, and
//! whatever is wrong becomes a [`DecodeError`] with the place of it.
#![forbid(unsafe_code)]

pub mod payload;
pub mod reader;
#[cfg(test)]
mod tests;
pub mod value;
pub mod writer;
pub mod ziplist;

pub use reader::{DecodeError, Reader, Text};
pub use value::Value;
pub use writer::Writer;

/// The version of the format that is written.
pub const VERSION: u16 = 80;

/// Versions that the ancestor of this format went on to by itself, where types have other numbers.
const FOREIGN: std::ops::RangeInclusive<u16> = 12..=79;

/// Which versions are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Versions {
    /// Those that this format shares with its ancestor, and its own.
    Known,
    /// Later and foreign ones too, as far as their values are of types that exist here.
    Any,
}

impl Versions {
    /// Whether a version is among them.
    pub fn include(self, version: u16) -> bool {
        match self {
            Versions::Known => (1..=VERSION).contains(&version) && !FOREIGN.contains(&version),
            Versions::Any => version >= 1,
        }
    }
}

/// What stands in the top two bits of the first byte of a length.
mod mark {
    pub(crate) const SIX_BITS: u8 = 0b00;
    pub(crate) const FOURTEEN_BITS: u8 = 0b01;
    pub(crate) const ENCODED: u8 = 0b11;
    /// The whole byte, when four bytes follow.
    pub(crate) const WORD: u8 = 0x80;
    /// The whole byte, when eight bytes follow.
    pub(crate) const LONG: u8 = 0x81;
}

/// How a string is encoded, in the low six bits of a first byte whose top two are set.
mod encoding {
    pub(crate) const INT8: u8 = 0;
    pub(crate) const INT16: u8 = 1;
    pub(crate) const INT32: u8 = 2;
    pub(crate) const LZF: u8 = 3;
}
