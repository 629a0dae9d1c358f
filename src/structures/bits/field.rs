//! Integers of any width at any bit: BITFIELD, and the arithmetic of its OVERFLOW.
//!
//! ```text
//! offset 7, width 5, value 23     |00000001|0111....|     most significant bit first, across bytes
//! ```
//!
//! A field of up to 64 bits lies within nine bytes, so each access works on one 16-byte window taken as a number.

/// Bytes in a window; more than any field needs, so that one shift brings it into place.
const WINDOW: usize = 16;

/// The unsigned integer of `width` (1 to 64) bits at `offset`.
pub fn get_unsigned(bytes: &[u8], offset: u64, width: u32) -> u64 {
    let rest = super::byte_index(offset).and_then(|at| bytes.get(at..)).unwrap_or_default();
    let window = match rest.first_chunk::<WINDOW>() {
        Some(window) => *window,
        None => padded(rest),
    };
    ((u128::from_be_bytes(window) >> shift(offset, width)) & low_bits(width)) as u64
}

/// The two's complement integer of `width` (1 to 64) bits at `offset`.
pub fn get_signed(bytes: &[u8], offset: u64, width: u32) -> i64 {
    sign_extend(get_unsigned(bytes, offset, width), width)
}

/// Writes the low `width` (1 to 64) bits of `value` at `offset`; signed values go in cast to unsigned.
///
/// # Panics
/// When the field does not lie within `bytes`.
pub fn set(bytes: &mut [u8], offset: u64, width: u32, value: u64) {
    let (begin, end) = ((offset / 8) as usize, ((offset + u64::from(width) - 1) / 8) as usize);
    let touched = &mut bytes[begin..=end];
    let shift = shift(offset, width);
    let mask = low_bits(width) << shift;
    let old = u128::from_be_bytes(padded(touched));
    let new = (old & !mask) | ((u128::from(value) << shift) & mask);
    touched.copy_from_slice(&new.to_be_bytes()[..touched.len()]);
}

/// What becomes of a value that does not fit its field.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Overflow {
    /// The low bits stay.
    #[default]
    Wrap,
    /// The nearest value that fits is taken (but see [`add_signed`] and [`add_unsigned`]).
    Sat,
    /// There is no value.
    Fail,
}

/// `value + incr` as an unsigned integer of `width` (1 to 63) bits; None only for [`Overflow::Fail`].
///
/// BITFIELD INCRBY gives the old value and the increment, BITFIELD SET the new value and 0. A negative number to SET
/// arrives cast to unsigned and so counts as too large: it saturates to the maximum, as in the reference.
pub fn add_unsigned(value: u64, incr: i64, width: u32, overflow: Overflow) -> Option<u64> {
    let max = low_bits(width) as u64;
    let fits = |sum: &u64| value <= max && *sum <= max;
    if let Some(sum) = value.checked_add_signed(incr).filter(fits) {
        return Some(sum);
    }
    match overflow {
        Overflow::Wrap => Some(value.wrapping_add_signed(incr) & max),
        Overflow::Sat if value <= max && incr < 0 => Some(0),
        Overflow::Sat => Some(max),
        Overflow::Fail => None,
    }
}

/// `value + incr` as a two's complement integer of `width` (1 to 64) bits; None only for [`Overflow::Fail`].
///
/// BITFIELD INCRBY gives the old value and the increment, BITFIELD SET the new value and 0. The reference takes a
/// number so low that its distance from the field's maximum exceeds 64 bits for one too large: such a SET saturates to
/// the maximum instead of the minimum, and here too.
pub fn add_signed(value: i64, incr: i64, width: u32, overflow: Overflow) -> Option<i64> {
    let max = i64::MAX >> (64 - width);
    let min = !max;
    let fits = |sum: &i64| (min..=max).contains(&value) && (min..=max).contains(sum);
    if let Some(sum) = value.checked_add(incr).filter(fits) {
        return Some(sum);
    }
    let too_low = value < min || (value <= max && incr < 0);
    let too_far_to_tell = width < 64 && max.checked_sub(value).is_none();
    match overflow {
        Overflow::Wrap => Some(sign_extend(value.wrapping_add(incr) as u64, width)),
        Overflow::Sat if too_low && !too_far_to_tell => Some(min),
        Overflow::Sat => Some(max),
        Overflow::Fail => None,
    }
}

/// Zeroes follow `bytes`, of which only the first [`WINDOW`] matter.
fn padded(bytes: &[u8]) -> [u8; WINDOW] {
    let mut window = [0; WINDOW];
    let len = bytes.len().min(WINDOW);
    window[..len].copy_from_slice(&bytes[..len]);
    window
}

/// How far the field is from the low end of its window.
fn shift(offset: u64, width: u32) -> u32 {
    u128::BITS - (offset % 8) as u32 - width
}

fn low_bits(width: u32) -> u128 {
    (1 << width) - 1
}

fn sign_extend(value: u64, width: u32) -> i64 {
    let unused = u64::BITS - width;
    (value << unused) as i64 >> unused
}
