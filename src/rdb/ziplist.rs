//! The ziplist: what the listpack replaced. Only old snapshots have it, so it is read and never written.
//!
//! ```text
//! | bytes in all, u32 | offset of the last item, u32 | items, u16 | item ... | 0xff |
//!                                                     little-endian; 65535 items mean "count them"
//!
//! item   | length of the item before | what and how long | bytes |
//!
//!   length before   one byte below 254; or 254 and a u32, little-endian
//!
//!   00xxxxxx                      a string of up to 63 bytes
//!   01xxxxxx xxxxxxxx             a string of up to 16383 bytes
//!   10...... u32, big-endian      a string
//!   11000000                      a number of 2 bytes, little-endian and signed, as are the others
//!   11010000                      of 4
//!   11100000                      of 8
//!   11110000                      of 3
//!   11111110                      of 1
//!   1111xxxx                      a number from 0 to 12: one less than xxxx
//! ```

use base::text::Text;

const END: u8 = 0xff;
/// The first byte of a length before that takes four bytes more.
const LONG_BEFORE: u8 = 254;
/// A number of items that says nothing.
const UNCOUNTED: u16 = u16::MAX;

/// A ziplist whose bytes contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken;

/// Reads the items of a ziplist that nobody vouches for, each checked before it is given out. Texts of numbers come out as
/// numbers, however they were written.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    /// All but the end.
    bytes: &'a [u8],
    at: usize,
    /// The length of the item before.
    before: usize,
    /// Where the last item is said to begin.
    tail: usize,
    /// How many items have been read, of how many.
    read: u64,
    announced: Option<u16>,
}

impl<'a> Reader<'a> {
    /// A reader of a ziplist. Checks its frame.
    pub fn new(bytes: &'a [u8]) -> Result<Reader<'a>, Broken> {
        let (body, end) = bytes.split_at_checked(bytes.len().wrapping_sub(1)).ok_or(Broken)?;
        let mut frame = Reader { bytes: body, at: 0, before: 0, tail: 0, read: 0, announced: None };
        let total = u32::from_le_bytes(frame.array()?) as usize;
        frame.tail = u32::from_le_bytes(frame.array()?) as usize;
        frame.announced = Some(u16::from_le_bytes(frame.array()?)).filter(|items| *items != UNCOUNTED);
        let sound = total == bytes.len() && end == [END] && frame.tail <= body.len();
        if sound { Ok(frame) } else { Err(Broken) }
    }

    /// All items, if every one is sound and there are as many as the header says.
    pub fn all(self) -> Result<Vec<Text<'a>>, Broken> {
        self.collect()
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Broken> {
        let taken = self.bytes[self.at..].get(..len).ok_or(Broken)?;
        self.at += len;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        self.take(N)?.try_into().map_err(|_| Broken)
    }

    fn item(&mut self) -> Result<Text<'a>, Broken> {
        let start = self.at;
        let before = match self.array()? {
            [END] => return Err(Broken),
            [LONG_BEFORE] => u32::from_le_bytes(self.array()?) as usize,
            [short] => usize::from(short),
        };
        let item = self.value()?;
        let is_last = self.at == self.bytes.len();
        if before != self.before || (is_last && start != self.tail) {
            return Err(Broken);
        }
        self.before = self.at - start;
        self.read += 1;
        Ok(item)
    }

    fn value(&mut self) -> Result<Text<'a>, Broken> {
        let [first] = self.array()?;
        let low = first & 0x3f;
        let string_len = match first {
            0..0x40 => usize::from(low),
            0x40..0x80 => usize::from(u16::from_be_bytes([low, self.array::<1>()?[0]])),
            0x80..0xc0 => u32::from_be_bytes(self.array()?) as usize,
            0xc0 => return self.number(2),
            0xd0 => return self.number(4),
            0xe0 => return self.number(8),
            0xf0 => return self.number(3),
            0xfe => return self.number(1),
            0xf1..=0xfd => return Ok(Text::Integer(i64::from(first & 0xf) - 1)),
            _ => return Err(Broken),
        };
        Ok(Text::of(self.take(string_len)?))
    }

    fn number(&mut self, width: usize) -> Result<Text<'a>, Broken> {
        let mut word = [0; 8];
        word[8 - width..].copy_from_slice(self.take(width)?);
        Ok(Text::Integer(i64::from_le_bytes(word) >> (64 - 8 * width)))
    }

    /// Whether there are as many items as were announced.
    fn ends_well(&self) -> bool {
        self.announced.is_none_or(|items| u64::from(items) == self.read)
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Result<Text<'a>, Broken>;

    fn next(&mut self) -> Option<Result<Text<'a>, Broken>> {
        if self.at == self.bytes.len() {
            let ends_well = self.ends_well();
            self.announced = None;
            return (!ends_well).then_some(Err(Broken));
        }
        let item = self.item();
        if item.is_err() {
            // Behind a broken item nothing can be read.
            (self.at, self.announced) = (self.bytes.len(), None);
        }
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEADER: usize = 10;

    /// A ziplist of items, as old servers wrote it.
    fn ziplist(items: &[Vec<u8>]) -> Vec<u8> {
        let (mut bytes, mut before, mut tail) = (vec![0; HEADER], 0, HEADER);
        for item in items {
            tail = bytes.len();
            match before {
                0..254 => bytes.push(before as u8),
                _ => bytes.extend([&[254][..], &(before as u32).to_le_bytes()].concat()),
            }
            match Text::of(item) {
                Text::Integer(number @ 0..=12) => bytes.push(0xf1 + number as u8),
                Text::Integer(number) => {
                    let fits =
                        |width: usize| number >= -1 << (8 * width - 1) && number < 1 << (8 * width - 1);
                    let forms = [(0xfe, 1), (0xc0, 2), (0xf0, 3), (0xd0, 4)];
                    let (first, width) = forms.into_iter().find(|form| fits(form.1)).unwrap_or((0xe0, 8));
                    bytes.push(first);
                    bytes.extend(&number.to_le_bytes()[..width]);
                }
                Text::Bytes(string) => {
                    match string.len() {
                        len @ 0..64 => bytes.push(len as u8),
                        len @ 64..16_384 => bytes.extend((0x4000 | len as u16).to_be_bytes()),
                        len => bytes.extend([&[0x80][..], &(len as u32).to_be_bytes()].concat()),
                    }
                    bytes.extend_from_slice(string);
                }
            }
            before = bytes.len() - tail;
        }
        bytes.push(END);
        let total = bytes.len() as u32;
        bytes[..4].copy_from_slice(&total.to_le_bytes());
        bytes[4..8].copy_from_slice(&(tail as u32).to_le_bytes());
        bytes[8..HEADER].copy_from_slice(&(items.len() as u16).to_le_bytes());
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Vec<Vec<u8>>, Broken> {
        let items = Reader::new(bytes)?.all()?;
        Ok(items.iter().map(Text::to_vec).collect())
    }

    #[test]
    fn what_an_old_server_wrote_is_read() {
        let two = b"\x0f\0\0\0\x0c\0\0\0\x02\0\0\xf3\x02\xf6\xff";
        assert_eq!(Reader::new(two).and_then(Reader::all), Ok(vec![Text::Integer(2), Text::Integer(5)]));
        let empty = b"\x0b\0\0\0\x0a\0\0\0\0\0\xff";
        assert_eq!(Reader::new(empty).and_then(Reader::all), Ok(vec![]));
    }

    #[test]
    fn contradictions_are_found() {
        let good = ziplist(&[b"2".to_vec(), b"five".to_vec()]);
        assert_eq!(read(&good).map(|items| items.len()), Ok(2));
        for (at, byte) in
            [(0, 16), (4, 10), (4, 200), (8, 1), (8, 3), (10, 1), (11, 0xff), (12, 3), (13, 5), (13, 3)]
        {
            let mut bad = good.clone();
            bad[at] = byte;
            assert_eq!(read(&bad), Err(Broken), "{byte} at {at}");
        }
        for len in 0..good.len() {
            assert_eq!(read(&good[..len]), Err(Broken));
        }
    }

    fn item() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            any::<i64>().prop_map(|n| n.to_string().into_bytes()),
            (-70_000i64..70_000).prop_map(|n| n.to_string().into_bytes()),
            (-2i64..15).prop_map(|n| n.to_string().into_bytes()),
            proptest::collection::vec(any::<u8>(), 0..300),
            (16_380usize..16_390).prop_map(|len| vec![b'x'; len]),
        ]
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_and_no_damage_panics(
            items in proptest::collection::vec(item(), 0..20), at in any::<usize>(), damage in any::<u8>()
        ) {
            let mut bytes = ziplist(&items);
            prop_assert_eq!(read(&bytes), Ok(items));
            let at = at % bytes.len();
            bytes[at] ^= damage;
            let _ = read(&bytes);
        }
    }
}
