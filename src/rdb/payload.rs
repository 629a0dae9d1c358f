//! What DUMP answers and RESTORE takes: a value, closed by the version and a checksum.
//!
//! ```text
//! | type | value | version, u16 | CRC-64 of all before, u64 |      both little-endian
//! ```
//!
//! Quirks kept from the reference: what stands between the value and the footer is passed over, and a value that is cut
//! short is read on into the footer.

use crate::{DecodeError, FOREIGN, Reader, VERSION, Value, Versions, Writer, value};
use base::crc64::crc64;
use base::lzf::Scratch;
use keyspace::Record;
use keyspace::values::Rules;

/// What is wrong with a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadError {
    /// It has no footer, or one of a version that cannot be read, or of another checksum.
    Footer,
    /// Its value.
    Value(DecodeError),
    /// It comes from the ancestor's later versions, and its type is one that both gave the same number.
    ForeignType(u8),
}

/// The payload of a record's value, compressed where it can be if there is memory to do so.
pub fn seal(record: &Record, lzf: Option<&mut Scratch>) -> Vec<u8> {
    let mut out = Writer::new(lzf);
    value::write(&mut out, None, record);
    let mut payload = out.bytes;
    payload.extend(VERSION.to_le_bytes());
    let checksum = crc64(&payload);
    payload.extend(checksum.to_le_bytes());
    payload
}

/// The first type that this format and the later versions of its ancestor each gave a meaning of its own, and the last
/// type there is.
const FIRST_DISPUTED: u8 = 22;
const LAST_TYPE: u8 = 22;

/// The value of a payload of a version that is known, built by the rules.
pub fn open<'p>(payload: &'p [u8], rules: &Rules) -> Result<Value<'p>, PayloadError> {
    open_of(Versions::Known, true, payload, rules)
}

/// The value of a payload of one of these versions, built by the rules. Its checksum may be left out of account.
pub fn open_of<'p>(
    versions: Versions,
    checksum_counts: bool,
    payload: &'p [u8],
    rules: &Rules,
) -> Result<Value<'p>, PayloadError> {
    let (covered, checksum) = payload.split_last_chunk().ok_or(PayloadError::Footer)?;
    let version = u16::from_le_bytes(*covered.last_chunk().ok_or(PayloadError::Footer)?);
    let right = || crc64(covered) == u64::from_le_bytes(*checksum);
    if !versions.include(version) || (checksum_counts && !right()) {
        return Err(PayloadError::Footer);
    }
    match payload[0] {
        kind @ FIRST_DISPUTED..=LAST_TYPE if FOREIGN.contains(&version) => {
            Err(PayloadError::ForeignType(kind))
        }
        _ => value::read(&mut Reader::new(payload), rules).map_err(PayloadError::Value),
    }
}
