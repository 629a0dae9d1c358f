//! The listpack: a sequence of strings and numbers as snapshots and other servers have it. Nothing here is kept so in
//! memory, see [`crate::pack`]; but encodings change by the size that a value would have in this form.
//!
//! ```text
//! | bytes in all, u32 | items, u16 | item ... | 0xff |       little-endian; 65535 items mean "count them"
//!
//! item   | what and how long | bytes | length of both before, to be read backwards |
//!
//!   0xxxxxxx                       a number from 0 to 127
//!   10xxxxxx                       a string of up to 63 bytes
//!   110xxxxx xxxxxxxx              a number of 13 bits, signed
//!   1110xxxx xxxxxxxx              a string of up to 4095 bytes
//!   11110000 u32                   a string
//!   11110001 to 11110100           a number of 2, 3, 4, 8 bytes, signed
//!
//! length backwards   seven bits a byte, the highest first; all but the first have the top bit set
//! ```

use base::text::Text;

const HEADER: usize = 6;
const END: u8 = 0xff;
/// A number of items that says nothing.
const UNCOUNTED: u16 = u16::MAX;

/// The bytes that a listpack has beside its items.
pub const OVERHEAD: usize = HEADER + 1;

/// How many bytes an item takes.
#[inline]
pub fn size_of(item: Text<'_>) -> usize {
    let len = match item {
        Text::Integer(0..=127) => 1,
        Text::Integer(-4096..=4095) => 2,
        Text::Integer(number) => 1 + number_width(number).1,
        Text::Bytes(bytes) => match bytes.len() {
            len @ 0..64 => 1 + len,
            len @ 64..4096 => 2 + len,
            len => 5 + len,
        },
    };
    len + backlen_size(len)
}

fn backlen_size(len: usize) -> usize {
    match len {
        0..128 => 1,
        128..16_384 => 2,
        16_384..2_097_152 => 3,
        2_097_152..268_435_456 => 4,
        _ => 5,
    }
}

/// The first byte and the width of a number that is not one of the short ones.
fn number_width(number: i64) -> (u8, usize) {
    const I24: std::ops::RangeInclusive<i64> = -(1 << 23)..=(1 << 23) - 1;
    match number {
        -0x8000..=0x7fff => (0xf1, 2),
        _ if I24.contains(&number) => (0xf2, 3),
        -0x8000_0000..=0x7fff_ffff => (0xf3, 4),
        _ => (0xf4, 8),
    }
}

/// Writes a listpack.
#[derive(Clone, Debug)]
pub struct Writer {
    bytes: Vec<u8>,
    items: usize,
}

impl Default for Writer {
    fn default() -> Writer {
        Writer { bytes: vec![0; HEADER], items: 0 }
    }
}

impl Writer {
    /// An empty listpack.
    pub fn new() -> Writer {
        Writer::default()
    }

    /// An empty listpack with room for items of so many bytes.
    pub fn with_room(bytes: usize) -> Writer {
        let mut writer = Writer { bytes: Vec::with_capacity(OVERHEAD + bytes), items: 0 };
        writer.bytes.resize(HEADER, 0);
        writer
    }

    /// How many bytes it has, its end included.
    pub fn byte_len(&self) -> usize {
        self.bytes.len() + 1
    }

    /// How many items it has.
    pub fn len(&self) -> usize {
        self.items
    }

    /// Whether it has no items.
    pub fn is_empty(&self) -> bool {
        self.items == 0
    }

    /// Adds an item.
    pub fn push(&mut self, item: Text<'_>) {
        let start = self.bytes.len();
        match item {
            Text::Integer(number @ 0..=127) => self.bytes.push(number as u8),
            Text::Integer(number @ -4096..=4095) => {
                let bits = (number & 0x1fff) as u16;
                self.bytes.extend([0xc0 | (bits >> 8) as u8, bits as u8]);
            }
            Text::Integer(number) => {
                let (first, width) = number_width(number);
                self.bytes.push(first);
                self.bytes.extend_from_slice(&number.to_le_bytes()[..width]);
            }
            Text::Bytes(bytes) => {
                match bytes.len() {
                    len @ 0..64 => self.bytes.push(0x80 | len as u8),
                    len @ 64..4096 => self.bytes.extend([0xe0 | (len >> 8) as u8, len as u8]),
                    len => {
                        self.bytes.push(0xf0);
                        self.bytes.extend((len as u32).to_le_bytes());
                    }
                }
                self.bytes.extend_from_slice(bytes);
            }
        }
        let len = self.bytes.len() - start;
        for place in (0..backlen_size(len)).rev() {
            let more = if place + 1 < backlen_size(len) { 0x80 } else { 0 };
            self.bytes.push((len >> (7 * place)) as u8 & 0x7f | more);
        }
        self.items += 1;
    }

    /// The listpack.
    pub fn finish(mut self) -> Vec<u8> {
        self.bytes.push(END);
        let total = self.bytes.len() as u32;
        let items = u16::try_from(self.items).unwrap_or(UNCOUNTED);
        self.bytes[..4].copy_from_slice(&total.to_le_bytes());
        self.bytes[4..HEADER].copy_from_slice(&items.to_le_bytes());
        self.bytes
    }
}

/// A listpack whose bytes contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken;

/// Reads the items of a listpack that nobody vouches for, each checked before it is given out.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    left: Option<u16>,
}

impl<'a> Reader<'a> {
    /// A reader of a listpack. Checks its frame.
    pub fn new(bytes: &'a [u8]) -> Result<Reader<'a>, Broken> {
        let total = bytes.first_chunk().map(|total| u32::from_le_bytes(*total)).ok_or(Broken)?;
        let items = bytes[4..].first_chunk().map(|items| u16::from_le_bytes(*items)).ok_or(Broken)?;
        if total as usize != bytes.len() || bytes.len() < OVERHEAD || bytes.last() != Some(&END) {
            return Err(Broken);
        }
        let left = (items != UNCOUNTED).then_some(items);
        Ok(Reader { bytes: &bytes[..bytes.len() - 1], at: HEADER, left })
    }

    /// All items, if every one is sound and there are as many as the header says.
    pub fn all(self) -> Result<Vec<Text<'a>>, Broken> {
        // Each takes two bytes at least.
        let most = self.bytes.len() / 2;
        let mut items = Vec::with_capacity(self.left.map_or(0, |left| usize::from(left).min(most)));
        for item in self {
            items.push(item?);
        }
        Ok(items)
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Broken> {
        let end = self.at.checked_add(len).ok_or(Broken)?;
        let taken = self.bytes.get(self.at..end).ok_or(Broken)?;
        self.at = end;
        Ok(taken)
    }

    fn item(&mut self) -> Result<Text<'a>, Broken> {
        let start = self.at;
        let first = self.take(1)?[0];
        let item = match first {
            0..0x80 => Text::Integer(i64::from(first)),
            0x80..0xc0 => Text::Bytes(self.take(usize::from(first & 0x3f))?),
            0xc0..0xe0 => {
                let bits = i64::from(first & 0x1f) << 8 | i64::from(self.take(1)?[0]);
                Text::Integer(bits << 51 >> 51)
            }
            0xe0..0xf0 => {
                let len = usize::from(first & 0xf) << 8 | usize::from(self.take(1)?[0]);
                Text::Bytes(self.take(len)?)
            }
            0xf0 => {
                let len = self.number(4)?;
                Text::Bytes(self.take(len as u32 as usize)?)
            }
            0xf1 => Text::Integer(self.number(2)?),
            0xf2 => Text::Integer(self.number(3)?),
            0xf3 => Text::Integer(self.number(4)?),
            0xf4 => Text::Integer(self.number(8)?),
            _ => return Err(Broken),
        };
        let len = self.at - start;
        let back = self.take(backlen_size(len))?;
        let read = back.iter().fold(0usize, |sum, byte| sum << 7 | usize::from(byte & 0x7f));
        let marked = back[1..].iter().all(|byte| byte & 0x80 != 0) && back[0] & 0x80 == 0;
        if read == len && marked { Ok(item) } else { Err(Broken) }
    }

    fn number(&mut self, width: usize) -> Result<i64, Broken> {
        let mut word = [0; 8];
        word[8 - width..].copy_from_slice(self.take(width)?);
        Ok(i64::from_le_bytes(word) >> (64 - 8 * width))
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Result<Text<'a>, Broken>;

    fn next(&mut self) -> Option<Result<Text<'a>, Broken>> {
        if self.at == self.bytes.len() {
            return match self.left.take() {
                None | Some(0) => None,
                Some(_) => Some(Err(Broken)),
            };
        }
        let item = match &mut self.left {
            Some(0) => Err(Broken),
            Some(left) => {
                *left -= 1;
                self.item()
            }
            None => self.item(),
        };
        if item.is_err() {
            // Behind a broken item nothing can be read.
            (self.at, self.left) = (self.bytes.len(), None);
        }
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bytes_are_those_of_other_servers() {
        let mut writer = Writer::new();
        for item in [&b"a"[..], b"127", b"128", b"-1", b"4096", b"100000"] {
            writer.push(Text::of(item));
        }
        assert_eq!(
            writer.finish(),
            b"\x1b\0\0\0\x06\0\x81a\x02\x7f\x01\xc0\x80\x02\xdf\xff\x02\xf1\x00\x10\x03\xf2\xa0\x86\x01\x04\xff"
        );
    }

    fn item() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            any::<i64>().prop_map(|n| n.to_string().into_bytes()),
            (-70_000i64..70_000).prop_map(|n| n.to_string().into_bytes()),
            proptest::collection::vec(any::<u8>(), 0..200),
            (4090usize..4100).prop_map(|len| vec![b'x'; len]),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 4 } else { 256 }, ..Default::default() })]

        #[test]
        fn what_is_written_is_read_and_no_damage_panics(
            items in proptest::collection::vec(item(), 0..if cfg!(miri) { 6 } else { 20 }), at in any::<usize>(), damage in any::<u8>()
        ) {
            let mut writer = Writer::new();
            let mut size = OVERHEAD;
            for item in &items {
                writer.push(Text::of(item));
                size += size_of(Text::of(item));
                prop_assert_eq!(writer.byte_len(), size);
            }
            let mut bytes = writer.finish();
            let read = Reader::new(&bytes).and_then(Reader::all).expect("sound");
            prop_assert_eq!(read.iter().map(Text::to_vec).collect::<Vec<_>>(), items);
            let at = at % bytes.len();
            bytes[at] ^= damage;
            if let Ok(reader) = Reader::new(&bytes) {
                for _ in reader {}
            }
        }
    }
}
