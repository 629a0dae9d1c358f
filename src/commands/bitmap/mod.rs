//! Bitmaps: strings looked at bit by bit. What is computed on bytes lies in `structures::bits`; here are the arguments,
//! the keys and the replies. A number is looked at as its text, and becomes text for good once a bit of it is written.

mod combine;
mod field;
mod range;
mod single;
#[cfg(test)]
mod tests;

pub use combine::bitop;
pub use field::{bitfield, bitfield_ro};
pub use range::{bitcount, bitpos};
pub use single::{getbit, setbit};

use crate::{CommandError, Ctx};

/// The offset of a bit: it must lie within the longest string that there may be.
fn offset(cx: &Ctx<'_>, text: &[u8]) -> Result<u64, CommandError> {
    let number = base::int::parse_i64(text).ok_or(CommandError::BIT_OFFSET)?;
    check_offset(cx, number)
}

/// The same, of a number already read.
fn check_offset(cx: &Ctx<'_>, number: i64) -> Result<u64, CommandError> {
    match u64::try_from(number) {
        Ok(offset) if offset / 8 < cx.settings.max_bulk => Ok(offset),
        _ => Err(CommandError::BIT_OFFSET),
    }
}
