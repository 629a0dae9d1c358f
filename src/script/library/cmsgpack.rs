//! `cmsgpack`: MessagePack. A table with the keys 1 to n and no other is an array, any other a map.

use super::overflow;
use crate::raw::{Fault, Frame, Outcome, Type, truncated};

type Entry = fn(&mut Frame<'_>) -> Outcome;

const FUNCTIONS: [(&str, Entry); 4] =
    [("pack", pack), ("unpack", unpack), ("unpack_one", unpack_one), ("unpack_limit", unpack_limit)];

/// Tables within tables deeper than this become nil.
const MAX_NESTING: u32 = 16;

/// Pushes the table.
pub(super) fn push(frame: &mut Frame<'_>) {
    frame.push_table();
    for (name, entry) in FUNCTIONS {
        frame.push_function(entry, 0);
        frame.set_field(-2, name);
    }
    for (name, text) in [
        ("_NAME", "cmsgpack"),
        ("_VERSION", "lua-cmsgpack 0.4.0"),
        ("_COPYRIGHT", "Copyright (C) 2012, Redis Ltd."),
        ("_DESCRIPTION", "MessagePack C implementation for Lua"),
    ] {
        frame.push_bytes(text.as_bytes());
        frame.set_field(-2, name);
    }
}

/// `cmsgpack.pack(...)`
fn pack(frame: &mut Frame<'_>) -> Outcome {
    let count = frame.top();
    if count == 0 {
        return Err(frame.bad_argument(0, "MessagePack pack needs input."));
    }
    let mut out = Vec::new();
    for number in 1..=count {
        if !frame.room(4) {
            return Err(frame.bad_argument(0, "Too many arguments for MessagePack pack."));
        }
        frame.push_value(number);
        encode(frame, &mut out, 0)?;
        frame.pop(1);
    }
    frame.push_bytes(&out);
    Ok(1)
}

/// Appends a head: in one byte where the number fits its low bits, else with the shortest of the codes that come in ones for
/// 8 bits (where there is one), 16 and 32.
fn head(out: &mut Vec<u8>, short: (u8, usize), codes: [Option<u8>; 3], len: usize) {
    match (len, codes) {
        _ if len < short.1 => out.push(short.0 | len as u8),
        (0..=0xff, [Some(code), ..]) => out.extend_from_slice(&[code, len as u8]),
        (0..=0xffff, [_, Some(code), _]) => {
            out.push(code);
            out.extend_from_slice(&(len as u16).to_be_bytes());
        }
        (_, [_, _, code]) => {
            out.push(code.unwrap_or_default());
            out.extend_from_slice(&(len as u32).to_be_bytes());
        }
    }
}

/// Appends the value on top of the stack.
fn encode(frame: &mut Frame<'_>, out: &mut Vec<u8>, level: u32) -> Result<(), Fault> {
    match frame.kind(-1) {
        Type::Text => {
            let text = frame.bytes(-1).unwrap_or_default();
            head(out, (0xa0, 32), [Some(0xd9), Some(0xda), Some(0xdb)], text.len());
            out.extend_from_slice(text);
        }
        Type::Boolean => out.push(if frame.truth(-1) { 0xc3 } else { 0xc2 }),
        Type::Number => number(out, frame.number(-1)),
        Type::Table if level < MAX_NESTING => table(frame, out, level)?,
        _ => out.push(0xc0),
    }
    Ok(())
}

fn number(out: &mut Vec<u8>, number: f64) {
    let whole = truncated(number);
    if whole as f64 == number && !number.is_infinite() {
        return integer(out, whole);
    }
    if f64::from(number as f32) == number {
        out.push(0xca);
        out.extend_from_slice(&(number as f32).to_be_bytes());
    } else {
        out.push(0xcb);
        out.extend_from_slice(&number.to_be_bytes());
    }
}

fn integer(out: &mut Vec<u8>, n: i64) {
    match n {
        0..=0x7f => out.push(n as u8),
        0x80..=0xff => out.extend_from_slice(&[0xcc, n as u8]),
        0x100..=0xffff => {
            out.push(0xcd);
            out.extend_from_slice(&(n as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(0xce);
            out.extend_from_slice(&(n as u32).to_be_bytes());
        }
        0x1_0000_0000.. => {
            out.push(0xcf);
            out.extend_from_slice(&n.to_be_bytes());
        }
        -32..0 => out.push(n as u8),
        -128..-32 => out.extend_from_slice(&[0xd0, n as u8]),
        -32768..-128 => {
            out.push(0xd1);
            out.extend_from_slice(&(n as i16).to_be_bytes());
        }
        -2_147_483_648..-32768 => {
            out.push(0xd2);
            out.extend_from_slice(&(n as i32).to_be_bytes());
        }
        _ => {
            out.push(0xd3);
            out.extend_from_slice(&n.to_be_bytes());
        }
    }
}

fn table(frame: &mut Frame<'_>, out: &mut Vec<u8>, level: u32) -> Result<(), Fault> {
    if !frame.room(6) {
        return Err(overflow(frame, "in function mp_encode_lua_table_as_array"));
    }
    let (mut count, mut max, mut is_array) = (0usize, 0.0f64, true);
    frame.each(-1, |frame| {
        let key = frame.number(-2);
        let fits =
            frame.kind(-2) == Type::Number && key > 0.0 && key <= 2_147_483_647.0 && key.floor() == key;
        is_array &= fits;
        max = max.max(key);
        count += 1;
        Ok(true)
    })?;
    if is_array && max == count as f64 {
        head(out, (0x90, 16), [None, Some(0xdc), Some(0xdd)], count);
        for i in 1..=count {
            frame.raw_get_at(-1, i as i32);
            encode(frame, out, level + 1)?;
            frame.pop(1);
        }
        return Ok(());
    }
    head(out, (0x80, 16), [None, Some(0xde), Some(0xdf)], count);
    frame.each(-1, |frame| {
        frame.push_value(-2);
        encode(frame, out, level + 1)?;
        frame.pop(1);
        encode(frame, out, level + 1)?;
        Ok(true)
    })
}

/// `cmsgpack.unpack(text)`
fn unpack(frame: &mut Frame<'_>) -> Outcome {
    unpack_full(frame, 0, 0)
}

/// `cmsgpack.unpack_one(text, offset)`
fn unpack_one(frame: &mut Frame<'_>) -> Outcome {
    let offset = frame.optional_integer(2, 0)?;
    frame.set_top(frame.top().min(1));
    unpack_full(frame, 1, offset)
}

/// `cmsgpack.unpack_limit(text, limit, offset)`
fn unpack_limit(frame: &mut Frame<'_>) -> Outcome {
    let limit = truncated(frame.check_number(2)?);
    let offset = frame.optional_integer(3, 0)?;
    frame.set_top(1);
    unpack_full(frame, limit, offset)
}

fn unpack_full(frame: &mut Frame<'_>, limit: i64, offset: i64) -> Outcome {
    frame.check_text(1)?;
    let text = frame.bytes(1).unwrap_or_default().to_vec();
    let len = text.len();
    if offset < 0 || limit < 0 {
        let text = format!("Invalid request to unpack with offset of {} and limit of {len}.", offset as i32);
        return Err(frame.fail(text));
    }
    let Some(mut rest) = usize::try_from(offset).ok().and_then(|offset| text.get(offset..)) else {
        let text = format!("Start offset {} greater than input length {len}.", offset as i32);
        return Err(frame.fail(text));
    };
    let all = limit == 0 && offset == 0;
    let most = if all { i64::from(i32::MAX) } else { limit };
    let mut count = 0;
    while !rest.is_empty() && i64::from(count) < most {
        decode(frame, &mut rest)?;
        count += 1;
    }
    if !all {
        let next = if rest.is_empty() { -1.0 } else { (len - rest.len()) as f64 };
        frame.push_number(next);
        frame.insert(2);
        count += 1;
    }
    Ok(count)
}

fn missing(frame: &mut Frame<'_>) -> Fault {
    frame.fail("Missing bytes in input.")
}

/// Takes so many bytes off the front.
fn take<'t>(frame: &mut Frame<'_>, rest: &mut &'t [u8], len: usize) -> Result<&'t [u8], Fault> {
    let Some((taken, left)) = rest.split_at_checked(len) else { return Err(missing(frame)) };
    *rest = left;
    Ok(taken)
}

fn fixed<const N: usize>(frame: &mut Frame<'_>, rest: &mut &[u8]) -> Result<[u8; N], Fault> {
    let Some((taken, left)) = rest.split_first_chunk() else { return Err(missing(frame)) };
    *rest = left;
    Ok(*taken)
}

/// Pushes the value that comes next.
fn decode(frame: &mut Frame<'_>, rest: &mut &[u8]) -> Result<(), Fault> {
    if !frame.room(6) {
        return Err(overflow(
            frame,
            "too many return values at once; use unpack_one or unpack_limit instead.",
        ));
    }
    let [code] = fixed::<1>(frame, rest)?;
    let number = match code {
        0x00..=0x7f => f64::from(code),
        0xe0..=0xff => f64::from(code as i8),
        0xcc => f64::from(u8::from_be_bytes(fixed(frame, rest)?)),
        0xcd => f64::from(u16::from_be_bytes(fixed(frame, rest)?)),
        0xce => f64::from(u32::from_be_bytes(fixed(frame, rest)?)),
        // Unsigned ones of 64 bits are read as signed ones too.
        0xcf | 0xd3 => i64::from_be_bytes(fixed(frame, rest)?) as f64,
        0xd0 => f64::from(i8::from_be_bytes(fixed(frame, rest)?)),
        0xd1 => f64::from(i16::from_be_bytes(fixed(frame, rest)?)),
        0xd2 => f64::from(i32::from_be_bytes(fixed(frame, rest)?)),
        0xca => f64::from(f32::from_be_bytes(fixed(frame, rest)?)),
        0xcb => f64::from_be_bytes(fixed(frame, rest)?),
        _ => return decode_other(frame, rest, code),
    };
    frame.push_number(number);
    Ok(())
}

fn decode_other(frame: &mut Frame<'_>, rest: &mut &[u8], code: u8) -> Result<(), Fault> {
    match code {
        0xc0 => frame.push_nil(),
        0xc2 | 0xc3 => frame.push_bool(code == 0xc3),
        0x80..=0x8f => return map(frame, rest, u32::from(code & 15)),
        0x90..=0x9f => return array(frame, rest, u32::from(code & 15)),
        0xdc => {
            let len = u16::from_be_bytes(fixed(frame, rest)?);
            return array(frame, rest, u32::from(len));
        }
        0xdd => {
            let len = u32::from_be_bytes(fixed(frame, rest)?);
            return array(frame, rest, len);
        }
        0xde => {
            let len = u16::from_be_bytes(fixed(frame, rest)?);
            return map(frame, rest, u32::from(len));
        }
        0xdf => {
            let len = u32::from_be_bytes(fixed(frame, rest)?);
            return map(frame, rest, len);
        }
        0xa0..=0xbf | 0xd9..=0xdb => {
            let len = match code {
                0xd9 => usize::from(u8::from_be_bytes(fixed(frame, rest)?)),
                0xda => usize::from(u16::from_be_bytes(fixed(frame, rest)?)),
                0xdb => u32::from_be_bytes(fixed(frame, rest)?) as usize,
                _ => usize::from(code & 31),
            };
            let text = take(frame, rest, len)?;
            frame.push_bytes(text);
        }
        _ => return Err(frame.fail("Bad data format in input.")),
    }
    Ok(())
}

fn array(frame: &mut Frame<'_>, rest: &mut &[u8], len: u32) -> Result<(), Fault> {
    frame.push_table();
    for i in 1..=len {
        decode(frame, rest)?;
        frame.set_at(-2, f64::from(i));
    }
    Ok(())
}

fn map(frame: &mut Frame<'_>, rest: &mut &[u8], len: u32) -> Result<(), Fault> {
    frame.push_table();
    for _ in 0..len {
        decode(frame, rest)?;
        let key = (frame.kind(-1), frame.number(-1).is_nan());
        decode(frame, rest)?;
        if !frame.raw_set(-3) {
            frame.push_bytes(if key == (Type::Number, true) {
                b"table index is NaN"
            } else {
                b"table index is nil"
            });
            return Err(Fault::Value);
        }
    }
    Ok(())
}
