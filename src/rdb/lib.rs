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
//! file       "VALKEY" "080" or "REDIS" "0011", then any of these, by their first byte
//!              250  name (string), text (string): what the writer says of itself and of the data
//!              245  code of a library of functions (string)
//!              254  number of the database of all that follows (length)
//!              251  how many keys it has, how many of them expire (lengths)
//!              244  slot, keys, keys that expire (lengths): how many are about to come
//!              252  when the next key expires, in ms (i64)      253  the same, in seconds (i32)
//!              248  for how long it was not used, in s (length) 249  how often it is (u8)
//!              a type, the name of a key (string), its value
//!              255  CRC-64 of all up to here (u64, little-endian; 0 for none), and the end      from version 5 on
//! ```
//!
//! Bytes come from anywhere: every length is held against what is really there before anything is allocated, and
//! whatever is wrong becomes a [`DecodeError`] with the place of it.
#![forbid(unsafe_code)]

#[cfg(test)]
mod file_tests;
pub mod loader;
pub mod payload;
pub mod reader;
pub mod snapshot;
#[cfg(test)]
mod tests;
pub mod value;
pub mod writer;
pub mod ziplist;

pub use loader::{Event, LoadError, Loader};
pub use reader::{DecodeError, Reader, Text};
pub use snapshot::Snapshot;
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

/// What stands in the place of a type where something else than a key follows.
mod opcode {
    pub(crate) const SLOT_IMPORT: u8 = 243;
    pub(crate) const SLOT_INFO: u8 = 244;
    pub(crate) const FUNCTION: u8 = 245;
    pub(crate) const OLD_FUNCTION: u8 = 246;
    pub(crate) const MODULE_AUX: u8 = 247;
    pub(crate) const IDLE: u8 = 248;
    pub(crate) const FREQUENCY: u8 = 249;
    pub(crate) const AUX: u8 = 250;
    pub(crate) const RESIZE: u8 = 251;
    pub(crate) const EXPIRY_MS: u8 = 252;
    pub(crate) const EXPIRY_S: u8 = 253;
    pub(crate) const SELECT: u8 = 254;
    pub(crate) const END: u8 = 255;
}

/// How a string is encoded, in the low six bits of a first byte whose top two are set.
mod encoding {
    pub(crate) const INT8: u8 = 0;
    pub(crate) const INT16: u8 = 1;
    pub(crate) const INT32: u8 = 2;
    pub(crate) const LZF: u8 = 3;
}
