//! `struct`: values packed as C would lay them out.
//!
//! ```text
//! >  <   byte order            b h i l   signed: 1, 2, 4 (or iN), 8 bytes      f d   floating point
//! !N     alignment up to N     B H I L T unsigned                             x     a byte of padding
//! cN     N bytes of a text; c0: all of it, or as many as the number before says        s   a text up to a NUL
//! ```

use super::overflow;
use crate::raw::{Fault, Frame, Outcome, truncated};

type Entry = fn(&mut Frame<'_>) -> Outcome;

pub(super) const FUNCTIONS: &[(&str, Entry)] = &[("pack", pack), ("unpack", unpack), ("size", size)];

/// The largest integer, in bytes.
const MAX_INTEGER: u64 = 32;

/// A format being read.
struct Format {
    text: Vec<u8>,
    at: usize,
    little: bool,
    align: u64,
}

/// The next item: what it is, and its size.
struct Item {
    option: u8,
    size: u64,
}

impl Format {
    fn of(frame: &mut Frame<'_>) -> Result<Format, Fault> {
        frame.check_text(1)?;
        let text = frame.bytes(1).unwrap_or_default();
        let text = text[..text.iter().position(|&byte| byte == 0).unwrap_or(text.len())].to_vec();
        Ok(Format { text, at: 0, little: true, align: 1 })
    }

    fn next(&mut self, frame: &mut Frame<'_>) -> Result<Option<Item>, Fault> {
        let Some(&option) = self.text.get(self.at) else { return Ok(None) };
        self.at += 1;
        let size = match option {
            b'b' | b'B' | b'x' => 1,
            b'h' | b'H' => 2,
            b'f' => 4,
            b'l' | b'L' | b'T' | b'd' => 8,
            b'c' => self.number(frame, 1)?,
            b'i' | b'I' => match self.number(frame, 4)? {
                size if size > MAX_INTEGER => {
                    let text = format!("integral size {size} is larger than limit of {MAX_INTEGER}");
                    return Err(frame.fail(text));
                }
                size => size,
            },
            _ => 0,
        };
        Ok(Some(Item { option, size }))
    }

    /// The digits that come next, if any do.
    fn number(&mut self, frame: &mut Frame<'_>, default: u64) -> Result<u64, Fault> {
        let digits = self.text[self.at..].iter().take_while(|byte| byte.is_ascii_digit());
        let digits: Vec<u8> = digits.copied().collect();
        if digits.is_empty() {
            return Ok(default);
        }
        self.at += digits.len();
        let value = std::str::from_utf8(&digits).ok().and_then(|text| text.parse::<i32>().ok());
        value.map(|value| value as u64).ok_or_else(|| frame.fail("integral size overflow"))
    }

    /// How many bytes come before an item at `position`, so that it is aligned.
    fn padding(&self, item: &Item, position: u64) -> u64 {
        if item.size == 0 || item.option == b'c' {
            return 0;
        }
        let mask = item.size.min(self.align).wrapping_sub(1);
        item.size.min(self.align).wrapping_sub(position & mask) & mask
    }

    /// What is no item changes how items are read.
    fn control(&mut self, frame: &mut Frame<'_>, option: u8) -> Result<(), Fault> {
        match option {
            b' ' => {}
            b'>' => self.little = false,
            b'<' => self.little = true,
            b'!' => {
                let align = self.number(frame, 8)?;
                if !align.is_power_of_two() {
                    return Err(frame.fail(format!("alignment {align} is not a power of 2")));
                }
                self.align = align;
            }
            _ => {
                let text = [b"invalid format option '".as_slice(), &[option], b"'"].concat();
                return Err(frame.bad_argument(1, text));
            }
        }
        Ok(())
    }

    /// Bytes in the order of this format, given the least significant first.
    fn ordered(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        if !self.little {
            bytes.reverse();
        }
        bytes
    }
}

/// A number as C makes it an unsigned one on the machines that scripts know: what does not fit is zero.
fn unsigned(number: f64) -> u64 {
    const HALF: f64 = 9_223_372_036_854_775_808.0;
    if number >= HALF { (truncated(number - HALF) as u64) ^ (1 << 63) } else { truncated(number) as u64 }
}

fn pack(frame: &mut Frame<'_>) -> Outcome {
    let mut format = Format::of(frame)?;
    // Quirk of the reference: behind the arguments stands a nil, which errors take for one of them.
    frame.push_nil();
    let mut out: Vec<u8> = Vec::new();
    let mut argument = 2;
    while let Some(item) = format.next(frame)? {
        let padding = format.padding(&item, out.len() as u64);
        out.resize(out.len() + padding as usize, 0);
        match item.option {
            b'b' | b'B' | b'h' | b'H' | b'l' | b'L' | b'T' | b'i' | b'I' => {
                let number = frame.check_number(argument)?;
                let value = unsigned(number);
                let mut bytes = value.to_le_bytes().to_vec();
                bytes.resize(item.size as usize, 0);
                out.extend(format.ordered(bytes));
                argument += 1;
            }
            b'x' => out.push(0),
            b'f' => {
                let number = frame.check_number(argument)? as f32;
                out.extend(format.ordered(number.to_le_bytes().to_vec()));
                argument += 1;
            }
            b'd' => {
                let number = frame.check_number(argument)?;
                out.extend(format.ordered(number.to_le_bytes().to_vec()));
                argument += 1;
            }
            b'c' | b's' => {
                frame.check_text(argument)?;
                argument += 1;
                let text = frame.bytes(argument - 1).unwrap_or_default();
                let len = if item.size == 0 { text.len() } else { item.size as usize };
                match text.get(..len) {
                    Some(text) => out.extend_from_slice(text),
                    None => return Err(frame.bad_argument(argument, "string too short")),
                }
                if item.option == b's' {
                    out.push(0);
                }
            }
            option => format.control(frame, option)?,
        }
    }
    frame.push_bytes(&out);
    Ok(1)
}

fn unpack(frame: &mut Frame<'_>) -> Outcome {
    let mut format = Format::of(frame)?;
    frame.check_text(2)?;
    let data = frame.bytes(2).unwrap_or_default().to_vec();
    let mut position = frame.optional_integer(3, 1)? as u64;
    if position == 0 {
        return Err(frame.bad_argument(3, "offset must be 1 or greater"));
    }
    position -= 1;
    let mut results = 0;
    while let Some(Item { option, mut size }) = format.next(frame)? {
        position = position.wrapping_add(format.padding(&Item { option, size }, position));
        let mut bytes = piece(frame, &data, position, size)?;
        if !frame.room(4) {
            return Err(overflow(frame, "too many results"));
        }
        match option {
            b'b' | b'B' | b'h' | b'H' | b'l' | b'L' | b'T' | b'i' | b'I' => {
                let number = integer(&format.ordered(bytes.to_vec()), option.is_ascii_lowercase());
                frame.push_number(number);
                results += 1;
            }
            b'x' => {}
            b'f' => {
                let bytes = format.ordered(bytes.to_vec());
                frame.push_number(f64::from(
                    bytes.first_chunk().map_or(0.0, |bytes| f32::from_le_bytes(*bytes)),
                ));
                results += 1;
            }
            b'd' => {
                let bytes = format.ordered(bytes.to_vec());
                frame.push_number(bytes.first_chunk().map_or(0.0, |bytes| f64::from_le_bytes(*bytes)));
                results += 1;
            }
            b'c' => {
                if size == 0 {
                    if results == 0 || !frame.is_number(-1) {
                        return Err(frame.fail("format 'c0' needs a previous size"));
                    }
                    size = unsigned(frame.number(-1));
                    frame.pop(1);
                    results -= 1;
                    bytes = piece(frame, &data, position, size)?;
                }
                frame.push_bytes(bytes);
                results += 1;
            }
            b's' => {
                let rest = &data[position as usize..];
                let Some(len) = rest.iter().position(|&byte| byte == 0) else {
                    return Err(frame.fail("unfinished string in data"));
                };
                frame.push_bytes(&rest[..len]);
                size = len as u64 + 1;
                results += 1;
            }
            option => format.control(frame, option)?,
        }
        position += size;
    }
    frame.push_number(position.wrapping_add(1) as i64 as f64);
    Ok(results + 1)
}

/// `size` bytes of the data from `position` on.
fn piece<'d>(frame: &mut Frame<'_>, data: &'d [u8], position: u64, size: u64) -> Result<&'d [u8], Fault> {
    let end = position.checked_add(size).filter(|end| *end <= data.len() as u64);
    match end {
        Some(end) => Ok(&data[position as usize..end as usize]),
        None => Err(frame.bad_argument(2, "data string too short")),
    }
}

/// The integer of some bytes, the least significant first: as many of them as 64 bits hold.
fn integer(bytes: &[u8], signed: bool) -> f64 {
    let mut value = 0u64;
    for (i, byte) in bytes.iter().enumerate().take(8) {
        value |= u64::from(*byte) << (8 * i);
    }
    if !signed {
        return value as f64;
    }
    // Quirk of the reference: for integers of more than 64 bits the place of the sign wraps around.
    let mask = u64::MAX.wrapping_shl((bytes.len() as u32).wrapping_mul(8).wrapping_sub(1));
    if value & mask != 0 {
        value |= mask;
    }
    value as i64 as f64
}

fn size(frame: &mut Frame<'_>) -> Outcome {
    let mut format = Format::of(frame)?;
    let mut position = 0u64;
    while let Some(item) = format.next(frame)? {
        position += format.padding(&item, position);
        match item {
            Item { option: b's', .. } => {
                return Err(frame.bad_argument(1, "option 's' has no fixed size"));
            }
            Item { option: b'c', size: 0 } => {
                return Err(frame.bad_argument(1, "option 'c0' has no fixed size"));
            }
            Item { option, .. } if !option.is_ascii_alphanumeric() => format.control(frame, option)?,
            _ => {}
        }
        position += item.size;
    }
    frame.push_number(position as f64);
    Ok(1)
}
