//! The writer: lengths and strings, each in the shortest of its forms, to the end of a buffer; and on from there, when that
//! has much and there is somewhere to go. So a value of any size is written in little memory.

use crate::{encoding, mark};
use base::int;
use base::lzf::{self, Scratch};
use base::sink::{LARGE, Sink};
use base::text::Text;

/// Shorter strings, this long included, are not worth an attempt to compress.
const COMPRESS_ABOVE: usize = 20;
/// The longest text of a number that has an encoding of its own: "-2147483648".
const LONGEST_NUMBER: usize = 11;
/// So many bytes are handed on together.
pub(crate) const CHUNK: usize = 128 * 1024;

/// Writes the pieces of the format.
pub struct Writer<'a> {
    /// What has been written, and not been handed on.
    pub bytes: Vec<u8>,
    /// Memory to compress with; strings are compressed only if there is some.
    lzf: Option<&'a mut Scratch>,
    /// Where it goes.
    sink: Option<&'a mut dyn Sink>,
}

impl<'a> Writer<'a> {
    /// A writer with nothing written, all of which is kept. It compresses strings when it is given memory to do so.
    pub fn new(lzf: Option<&'a mut Scratch>) -> Writer<'a> {
        Writer { bytes: Vec::new(), lzf, sink: None }
    }

    /// A writer that goes on behind what these bytes hold, and hands it on to `sink`.
    pub(crate) fn behind(bytes: Vec<u8>, lzf: Option<&'a mut Scratch>, sink: &'a mut dyn Sink) -> Writer<'a> {
        Writer { bytes, lzf, sink: Some(sink) }
    }

    /// Hands on what there is, if that is much. Whatever has many parts calls this behind each.
    pub(crate) fn spill(&mut self) {
        if self.bytes.len() >= CHUNK {
            self.hand_on();
        }
    }

    /// Hands on what there is, if there is somewhere to go.
    pub(crate) fn hand_on(&mut self) {
        if let Some(sink) = &mut self.sink {
            sink.take(&self.bytes);
            self.bytes.clear();
        }
    }

    /// This stretch of the data will not be looked at again.
    pub(crate) fn done_with(&mut self, stretch: &[u8]) {
        if stretch.len() >= LARGE
            && let Some(sink) = &mut self.sink
        {
            sink.done_with(stretch);
        }
    }

    /// One byte.
    pub fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    /// The type of a value, and the name of the key that it belongs to where that is told.
    pub(crate) fn head(&mut self, kind: u8, name: Option<&[u8]>) {
        self.byte(kind);
        if let Some(name) = name {
            self.string(name);
        }
    }

    /// A length.
    pub fn length(&mut self, length: u64) {
        match length {
            0..0x40 => self.byte(mark::SIX_BITS << 6 | length as u8),
            0x40..0x4000 => {
                let [high, low] = (length as u16).to_be_bytes();
                self.bytes.extend([mark::FOURTEEN_BITS << 6 | high, low]);
            }
            _ => match u32::try_from(length) {
                Ok(length) => {
                    self.byte(mark::WORD);
                    self.bytes.extend(length.to_be_bytes());
                }
                Err(_) => {
                    self.byte(mark::LONG);
                    self.bytes.extend(length.to_be_bytes());
                }
            },
        }
    }

    /// A string: as a number if it is the text of one, compressed if that pays, else as it is.
    pub fn string(&mut self, text: &[u8]) {
        let number = if text.len() <= LONGEST_NUMBER { int::parse_i64(text) } else { None };
        if number.is_some_and(|number| self.number(number)) || self.compressed(text) {
            return;
        }
        self.length(text.len() as u64);
        self.raw(text);
    }

    /// Bytes as they are.
    fn raw(&mut self, bytes: &[u8]) {
        match &mut self.sink {
            Some(sink) if bytes.len() >= LARGE => {
                sink.take(&self.bytes);
                self.bytes.clear();
                sink.take(bytes);
            }
            _ => {
                self.bytes.extend_from_slice(bytes);
                self.spill();
            }
        }
    }

    /// A string, however it is kept.
    pub fn text(&mut self, text: Text<'_>) {
        match text {
            Text::Integer(number) => self.integer(number),
            Text::Bytes(bytes) => self.string(bytes),
        }
    }

    /// A string that is the text of a number.
    pub fn integer(&mut self, number: i64) {
        if !self.number(number) {
            let mut digits = [0; int::MAX_TEXT];
            let text = int::format_i64(number, &mut digits);
            self.length(text.len() as u64);
            self.bytes.extend_from_slice(text);
        }
    }

    /// Writes a number of up to 32 bits; answers whether it is one.
    fn number(&mut self, number: i64) -> bool {
        if let Ok(number) = i8::try_from(number) {
            self.encoding(encoding::INT8);
            self.bytes.extend(number.to_le_bytes());
        } else if let Ok(number) = i16::try_from(number) {
            self.encoding(encoding::INT16);
            self.bytes.extend(number.to_le_bytes());
        } else if let Ok(number) = i32::try_from(number) {
            self.encoding(encoding::INT32);
            self.bytes.extend(number.to_le_bytes());
        } else {
            return false;
        }
        true
    }

    /// Writes a text compressed; answers whether that pays.
    fn compressed(&mut self, text: &[u8]) -> bool {
        if text.len() <= COMPRESS_ABOVE {
            return false;
        }
        let Some(scratch) = self.lzf.take() else { return false };
        let packed = lzf::compress(text, scratch);
        let pays = packed.is_some();
        if let Some(packed) = packed {
            self.encoding(encoding::LZF);
            self.length(packed.len() as u64);
            self.length(text.len() as u64);
            self.raw(packed);
        }
        self.lzf = Some(scratch);
        pays
    }

    fn encoding(&mut self, encoding: u8) {
        self.byte(mark::ENCODED << 6 | encoding);
    }
}
