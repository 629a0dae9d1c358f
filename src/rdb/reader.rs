//! The reader: lengths and strings from bytes that nobody vouches for.

use crate::{encoding, mark};
use base::{int, lzf};
use keyspace::NewValue;
use std::borrow::Cow;
use structures::blob::Blob;

/// The longest string that a value can be, or have.
const LONGEST: u64 = Blob::MAX_LEN as u64;

/// Reads the pieces of the format, each from behind the last.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// What was wrong, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// How many bytes were read before.
    pub at: usize,
    /// What was wrong.
    pub flaw: Flaw,
}

/// What can be wrong with bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// They end too early.
    Short,
    /// The first byte of a length is none.
    Length,
    /// A string is encoded in no known way.
    Encoding,
    /// A compressed string is not what it says.
    Compression,
    /// The type of a value is not known.
    Type,
    /// The parts of a value contradict each other.
    Content,
    /// A group of a stream has a consumer twice.
    Consumer,
    /// A value that is read to its end has no part at all, as no value of a key may be.
    Empty,
}

impl std::fmt::Display for Flaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Flaw::Short => "the bytes end too early",
            Flaw::Length => "a length that is none",
            Flaw::Encoding => "a string in an unknown encoding",
            Flaw::Compression => "Invalid LZF compressed string",
            Flaw::Type => "an unknown type",
            Flaw::Content => "the parts of a value contradict each other",
            Flaw::Consumer => "Duplicate stream consumer detected.",
            Flaw::Empty => "a value without parts",
        })
    }
}

/// A string: a number where it was written as one or has exactly the text of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text<'a> {
    /// A number.
    Integer(i64),
    /// Bytes.
    Bytes(Cow<'a, [u8]>),
}

impl Text<'_> {
    /// The string as a record takes it.
    pub(crate) fn as_new(&self) -> NewValue<'_> {
        match self {
            Text::Integer(number) => NewValue::Integer(*number),
            Text::Bytes(bytes) => NewValue::Bytes(bytes),
        }
    }

    /// The bytes of the string, written to `digits` where it is a number.
    pub fn bytes<'b>(&'b self, digits: &'b mut [u8; int::MAX_TEXT]) -> &'b [u8] {
        match self {
            Text::Integer(number) => int::format_i64(*number, digits),
            Text::Bytes(bytes) => bytes,
        }
    }

    /// The string as bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Text::Integer(number) => int::format_i64(number, &mut [0; int::MAX_TEXT]).to_vec(),
            Text::Bytes(bytes) => bytes.into_owned(),
        }
    }
}

/// What the first byte of a string, and those that belong to it, announce.
enum Announced {
    Length(u64),
    Encoding(u8),
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0 }
    }

    /// A reader of `bytes` that has read so many already.
    pub(crate) fn from(bytes: &'a [u8], at: usize) -> Reader<'a> {
        Reader { bytes, at: at.min(bytes.len()) }
    }

    /// How many bytes have been read.
    pub fn position(&self) -> usize {
        self.at
    }

    /// How many bytes have not.
    pub fn remaining(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// An error about what begins here.
    pub fn error(&self, flaw: Flaw) -> DecodeError {
        DecodeError { at: self.at, flaw }
    }

    /// Reads something whole, or nothing where the bytes end before.
    pub(crate) fn whole<T>(
        &mut self,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        let before = self.at;
        let result = read(self);
        if matches!(result, Err(DecodeError { flaw: Flaw::Short, .. })) {
            self.at = before;
        }
        result
    }

    /// One byte.
    pub fn byte(&mut self) -> Result<u8, DecodeError> {
        self.array().map(|[byte]| byte)
    }

    /// So many bytes.
    pub fn take(&mut self, count: u64) -> Result<&'a [u8], DecodeError> {
        let taken = usize::try_from(count).ok().and_then(|count| self.bytes[self.at..].get(..count));
        let taken = taken.ok_or(self.error(Flaw::Short))?;
        self.at += taken.len();
        Ok(taken)
    }

    /// A fixed number of bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let bytes = self.bytes[self.at..].first_chunk().ok_or(self.error(Flaw::Short))?;
        self.at += N;
        Ok(*bytes)
    }

    /// A length.
    pub fn length(&mut self) -> Result<u64, DecodeError> {
        let start = self.error(Flaw::Length);
        match self.announced()? {
            Announced::Length(length) => Ok(length),
            Announced::Encoding(_) => Err(start),
        }
    }

    fn announced(&mut self) -> Result<Announced, DecodeError> {
        let start = self.error(Flaw::Length);
        let first = self.byte()?;
        let low = first & 0x3f;
        Ok(Announced::Length(match (first >> 6, first) {
            (mark::SIX_BITS, _) => u64::from(low),
            (mark::FOURTEEN_BITS, _) => u64::from(u16::from_be_bytes([low, self.byte()?])),
            (mark::ENCODED, _) => return Ok(Announced::Encoding(low)),
            (_, mark::WORD) => u64::from(u32::from_be_bytes(self.array()?)),
            (_, mark::LONG) => u64::from_be_bytes(self.array()?),
            _ => return Err(start),
        }))
    }

    /// A double.
    pub fn double(&mut self) -> Result<f64, DecodeError> {
        self.array().map(f64::from_le_bytes)
    }

    /// A string.
    pub fn string(&mut self) -> Result<Text<'a>, DecodeError> {
        let start = self.error(Flaw::Encoding);
        let bytes = match self.announced()? {
            Announced::Length(length) => {
                let bytes = self.take(length)?;
                if length > LONGEST {
                    return Err(start);
                }
                Cow::Borrowed(bytes)
            }
            Announced::Encoding(encoding::INT8) => {
                return Ok(Text::Integer(i8::from_le_bytes(self.array()?).into()));
            }
            Announced::Encoding(encoding::INT16) => {
                return Ok(Text::Integer(i16::from_le_bytes(self.array()?).into()));
            }
            Announced::Encoding(encoding::INT32) => {
                return Ok(Text::Integer(i32::from_le_bytes(self.array()?).into()));
            }
            Announced::Encoding(encoding::LZF) => Cow::Owned(self.compressed()?),
            Announced::Encoding(_) => return Err(start),
        };
        Ok(int::parse_i64(&bytes).map_or(Text::Bytes(bytes), Text::Integer))
    }

    /// A string as bytes, whatever it was written as.
    pub fn bytes(&mut self) -> Result<Cow<'a, [u8]>, DecodeError> {
        let start = self.error(Flaw::Encoding);
        let number = match self.announced()? {
            Announced::Length(length) => return self.take(length).map(Cow::Borrowed),
            Announced::Encoding(encoding::INT8) => i64::from(i8::from_le_bytes(self.array()?)),
            Announced::Encoding(encoding::INT16) => i64::from(i16::from_le_bytes(self.array()?)),
            Announced::Encoding(encoding::INT32) => i64::from(i32::from_le_bytes(self.array()?)),
            Announced::Encoding(encoding::LZF) => return self.compressed().map(Cow::Owned),
            Announced::Encoding(_) => return Err(start),
        };
        Ok(Cow::Owned(int::format_i64(number, &mut [0; int::MAX_TEXT]).to_vec()))
    }

    /// What follows the mark of a compressed string.
    fn compressed(&mut self) -> Result<Vec<u8>, DecodeError> {
        let packed = self.length()?;
        let length = self.length()?;
        let flaw = self.error(Flaw::Compression);
        let packed = self.take(packed)?;
        if length > LONGEST {
            return Err(flaw);
        }
        lzf::decompress(packed, length as usize).ok_or(flaw)
    }
}
