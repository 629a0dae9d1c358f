//! `bit`: operations on 32 bits.

use crate::raw::{Fault, Frame, Outcome};

type Entry = fn(&mut Frame<'_>) -> Outcome;

pub(super) const FUNCTIONS: &[(&str, Entry)] = &[
    ("arshift", |f| shift(f, |bits, by| ((bits as i32) >> by) as u32)),
    ("band", |f| fold(f, |a, b| a & b)),
    ("bnot", |f| one(f, |bits| !bits)),
    ("bor", |f| fold(f, |a, b| a | b)),
    ("bswap", |f| one(f, u32::swap_bytes)),
    ("bxor", |f| fold(f, |a, b| a ^ b)),
    ("lshift", |f| shift(f, |bits, by| bits << by)),
    ("rol", |f| shift(f, u32::rotate_left)),
    ("ror", |f| shift(f, u32::rotate_right)),
    ("rshift", |f| shift(f, |bits, by| bits >> by)),
    ("tobit", |f| one(f, |bits| bits)),
    ("tohex", tohex),
];

/// An argument as bits: the low ones of a whole number, rounded to even, of up to 2^51.
fn bits(frame: &mut Frame<'_>, number: i32) -> Result<u32, Fault> {
    // Added, this leaves no room for a fraction, and the number stands in the low bits.
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    Ok((frame.check_number(number)? + SHIFT).to_bits() as u32)
}

fn answer(frame: &mut Frame<'_>, bits: u32) -> Outcome {
    frame.push_number(f64::from(bits as i32));
    Ok(1)
}

fn one(frame: &mut Frame<'_>, of: fn(u32) -> u32) -> Outcome {
    let bits = bits(frame, 1)?;
    answer(frame, of(bits))
}

fn fold(frame: &mut Frame<'_>, with: fn(u32, u32) -> u32) -> Outcome {
    let mut all = bits(frame, 1)?;
    for number in (2..=frame.top()).rev() {
        all = with(all, bits(frame, number)?);
    }
    answer(frame, all)
}

fn shift(frame: &mut Frame<'_>, of: fn(u32, u32) -> u32) -> Outcome {
    let (value, by) = (bits(frame, 1)?, bits(frame, 2)? & 31);
    answer(frame, of(value, by))
}

/// In hexadecimal, with so many digits; in capitals where that number is negative.
fn tohex(frame: &mut Frame<'_>) -> Outcome {
    let value = bits(frame, 1)?;
    let count = if frame.top() < 2 { 8 } else { bits(frame, 2)? as i32 };
    let digits = if count < 0 { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    // The absolute value of the least number is itself (CVE-2024-31449): as it is unsigned here, it is merely large.
    let count = count.unsigned_abs().min(8);
    let text: Vec<u8> = (0..count).rev().map(|i| digits[(value >> (4 * i)) as usize & 15]).collect();
    frame.push_bytes(&text);
    Ok(1)
}
