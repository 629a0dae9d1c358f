//! `cjson.encode`: a Lua value as JSON. A table whose keys are all whole numbers from 1 on is an array, if it has not too many
//! holes; any other is an object, and so is an empty one.

use super::{Setting, setting};
use crate::number;
use crate::raw::{Fault, Frame, Outcome, Type};

struct Encoder {
    out: Vec<u8>,
    convert: bool,
    ratio: i32,
    safe: i32,
    depth: i32,
    precision: usize,
    /// What becomes of numbers that JSON has not: an error, themselves, or `null`.
    invalid: i32,
}

/// `cjson.encode(value)`
pub(super) fn encode(frame: &mut Frame<'_>) -> Outcome {
    if frame.top() != 1 {
        return Err(frame.bad_argument(1, "expected 1 argument"));
    }
    let mut encoder = Encoder {
        out: Vec::new(),
        convert: setting(frame, Setting::SparseConvert) != 0,
        ratio: setting(frame, Setting::SparseRatio),
        safe: setting(frame, Setting::SparseSafe),
        depth: setting(frame, Setting::EncodeDepth),
        precision: setting(frame, Setting::Precision) as usize,
        invalid: setting(frame, Setting::EncodeInvalid),
    };
    encoder.value(frame, 0)?;
    frame.push_bytes(&encoder.out);
    Ok(1)
}

/// The escape of a byte, if it needs one.
fn escape(byte: u8) -> Option<&'static [u8]> {
    Some(match byte {
        b'"' => b"\\\"",
        b'\\' => b"\\\\",
        b'/' => b"\\/",
        8 => b"\\b",
        9 => b"\\t",
        10 => b"\\n",
        12 => b"\\f",
        13 => b"\\r",
        0..32 | 127 => b"",
        _ => return None,
    })
}

impl Encoder {
    /// Appends the value on top of the stack.
    fn value(&mut self, frame: &mut Frame<'_>, depth: i32) -> Result<(), Fault> {
        match frame.kind(-1) {
            Type::Text => self.text(frame.bytes(-1).unwrap_or_default()),
            Type::Number => self.number(frame, -1)?,
            Type::Boolean => self.out.extend_from_slice(if frame.truth(-1) { b"true" } else { b"false" }),
            Type::Table => self.table(frame, depth + 1)?,
            Type::Nil => self.out.extend_from_slice(b"null"),
            Type::Pointer if frame.is_null_pointer(-1) => self.out.extend_from_slice(b"null"),
            _ => return Err(cannot(frame, -1, "type not supported")),
        }
        Ok(())
    }

    fn text(&mut self, text: &[u8]) {
        self.out.reserve(text.len() + 2);
        self.out.push(b'"');
        let mut rest = text;
        while let Some(at) = rest.iter().position(|&byte| escape(byte).is_some()) {
            self.out.extend_from_slice(&rest[..at]);
            match escape(rest[at]) {
                Some(b"") => self.out.extend_from_slice(format!("\\u{:04x}", rest[at]).as_bytes()),
                Some(escape) => self.out.extend_from_slice(escape),
                None => {}
            }
            rest = &rest[at + 1..];
        }
        self.out.extend_from_slice(rest);
        self.out.push(b'"');
    }

    fn number(&mut self, frame: &mut Frame<'_>, index: i32) -> Result<(), Fault> {
        let value = frame.number(index);
        if !value.is_finite() {
            let text: &[u8] = match self.invalid {
                0 => return Err(cannot(frame, index, "must not be NaN or Inf")),
                1 if value.is_nan() => b"nan",
                1 if value > 0.0 => b"inf",
                1 => b"-inf",
                _ => b"null",
            };
            self.out.extend_from_slice(text);
            return Ok(());
        }
        number::push_general(&mut self.out, value, self.precision);
        Ok(())
    }

    fn table(&mut self, frame: &mut Frame<'_>, depth: i32) -> Result<(), Fault> {
        if depth > self.depth || !frame.room(4) {
            return Err(frame.fail(format!("Cannot serialise, excessive nesting ({depth})")));
        }
        match self.array_len(frame)? {
            len @ 1.. => {
                self.out.push(b'[');
                for i in 1..=len {
                    if i > 1 {
                        self.out.push(b',');
                    }
                    frame.raw_get_at(-1, i);
                    self.value(frame, depth)?;
                    frame.pop(1);
                }
                self.out.push(b']');
                Ok(())
            }
            _ => self.object(frame, depth),
        }
    }

    /// How long the array is that the table on top is; 0 or less for what is none.
    fn array_len(&mut self, frame: &mut Frame<'_>) -> Result<i32, Fault> {
        let (mut max, mut items, mut is_array) = (0i32, 0i32, true);
        frame.each(-1, |frame| {
            let key = frame.number(-2);
            is_array = frame.kind(-2) == Type::Number && key >= 1.0 && key.floor() == key;
            if is_array {
                // As in C, a number too large for an int is its least.
                if key > f64::from(max) {
                    max = if key < 2_147_483_648.0 { key as i32 } else { i32::MIN };
                }
                items = items.wrapping_add(1);
            }
            Ok(is_array)
        })?;
        if !is_array {
            return Ok(-1);
        }
        // As in C, what is too large for an int is something else.
        if self.ratio > 0 && max > items.wrapping_mul(self.ratio) && max > self.safe {
            if !self.convert {
                return Err(cannot(frame, -1, "excessively sparse array"));
            }
            return Ok(-1);
        }
        Ok(max)
    }

    fn object(&mut self, frame: &mut Frame<'_>, depth: i32) -> Result<(), Fault> {
        self.out.push(b'{');
        let mut first = true;
        frame.each(-1, |frame| {
            if !std::mem::take(&mut first) {
                self.out.push(b',');
            }
            match frame.kind(-2) {
                Type::Number => {
                    self.out.push(b'"');
                    self.number(frame, -2)?;
                    self.out.extend_from_slice(b"\":");
                }
                Type::Text => {
                    self.text(frame.bytes(-2).unwrap_or_default());
                    self.out.push(b':');
                }
                _ => return Err(cannot(frame, -2, "table key must be a number or string")),
            }
            self.value(frame, depth)?;
            Ok(true)
        })?;
        self.out.push(b'}');
        Ok(())
    }
}

fn cannot(frame: &mut Frame<'_>, index: i32, why: &str) -> Fault {
    let kind = frame.kind(index).name();
    frame.fail(format!("Cannot serialise {kind}: {why}"))
}
