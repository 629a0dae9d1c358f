//! The codes of items, and what stands between two boundary bytes.
//!
//! ```text
//! code        what                           bytes of the item
//! 0           an end: no item                -
//! 1 ..= 177   a string of 0 ..= 176 bytes    the string
//! 178 ..= 241 a number from 0 to 63          none
//! 242 ..= 247 a number                       1, 2, 3, 4, 6, 8: little-endian, signed
//! 248         a string below 64 KB           length (u16), the string, length
//! 249         a string                       length (u32), the string, length
//! ```
//!
//! The lengths stand on both sides of a long string, so that it can be passed either way. A string is written in the
//! shortest form there is for it, hence two equal strings have equal codes and bytes.

use base::text::Text;

/// The code of what lies beyond both ends.
pub(super) const END: u8 = 0;
const LONGEST_SHORT: usize = 176;
const SMALL_NUMBER: u8 = 178;
const LARGEST_SMALL: i64 = 63;
const NUMBER: u8 = 242;
/// How many bytes the numbers of the codes from [`NUMBER`] on have.
const WIDTHS: [usize; 6] = [1, 2, 3, 4, 6, 8];
const LAST_NUMBER: u8 = NUMBER + WIDTHS.len() as u8 - 1;
const MEDIUM: u8 = 248;
const LONG: u8 = 249;

/// Marks the codes in [`FIXED`] whose items tell their length themselves.
const VARIES: u8 = u8::MAX;

/// How many bytes the item of a code has.
static FIXED: [u8; 256] = {
    let mut lengths = [VARIES; 256];
    lengths[END as usize] = 0;
    let mut code = 1;
    while code < MEDIUM as usize {
        lengths[code] = match code as u8 {
            SMALL_NUMBER..NUMBER => 0,
            NUMBER..=LAST_NUMBER => WIDTHS[code - NUMBER as usize] as u8,
            _ => code as u8 - 1,
        };
        code += 1;
    }
    lengths
};

/// The bytes of the item that begins at `at`.
#[inline]
pub(super) fn len_from_start(code: u8, bytes: &[u8], at: usize) -> usize {
    match FIXED[usize::from(code)] {
        VARIES if code == MEDIUM => 4 + usize::from(u16::from_le_bytes(chunk(bytes, at))),
        VARIES => 8 + u32::from_le_bytes(chunk(bytes, at)) as usize,
        fixed => usize::from(fixed),
    }
}

/// The bytes of the item that ends at `end`.
#[inline]
pub(super) fn len_from_end(code: u8, bytes: &[u8], end: usize) -> usize {
    match FIXED[usize::from(code)] {
        VARIES if code == MEDIUM => 4 + usize::from(u16::from_le_bytes(chunk(bytes, end - 2))),
        VARIES => 8 + u32::from_le_bytes(chunk(bytes, end - 4)) as usize,
        fixed => usize::from(fixed),
    }
}

fn chunk<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    *bytes[at..].first_chunk().expect("a length stands within the item")
}

/// The string or number of an item.
#[inline]
pub(super) fn decode(code: u8, item: &[u8]) -> Text<'_> {
    match code {
        ..SMALL_NUMBER => Text::Bytes(item),
        SMALL_NUMBER..NUMBER => Text::Integer(i64::from(code - SMALL_NUMBER)),
        NUMBER..=LAST_NUMBER => {
            let mut word = [0; 8];
            word[8 - item.len()..].copy_from_slice(item);
            Text::Integer(i64::from_le_bytes(word) >> (64 - 8 * item.len()))
        }
        MEDIUM => Text::Bytes(&item[2..item.len() - 2]),
        _ => Text::Bytes(&item[4..item.len() - 4]),
    }
}

/// An item ready to be written: its code, and its bytes in up to three pieces.
#[derive(Clone, Copy, Debug)]
pub(super) struct Encoded<'a> {
    pub(super) code: u8,
    side: [u8; 8],
    side_len: u8,
    string: &'a [u8],
    /// Whether the side stands behind the string as well.
    both: bool,
}

impl<'a> Encoded<'a> {
    #[inline]
    pub(super) fn new(text: Text<'a>) -> Encoded<'a> {
        match text {
            Text::Integer(number @ 0..=LARGEST_SMALL) => Encoded::plain(SMALL_NUMBER + number as u8, &[]),
            Text::Integer(number) => Encoded::number(number),
            Text::Bytes(string) if string.len() <= LONGEST_SHORT => {
                Encoded::plain(1 + string.len() as u8, string)
            }
            Text::Bytes(string) => match u16::try_from(string.len()) {
                Ok(len) => Encoded::framed(MEDIUM, &len.to_le_bytes(), string),
                Err(_) => {
                    let len = u32::try_from(string.len()).expect("a string is shorter than 4 GB");
                    Encoded::framed(LONG, &len.to_le_bytes(), string)
                }
            },
        }
    }

    fn plain(code: u8, string: &'a [u8]) -> Encoded<'a> {
        Encoded { code, side: [0; 8], side_len: 0, string, both: false }
    }

    fn number(number: i64) -> Encoded<'a> {
        let bits = 65 - if number < 0 { (!number).leading_zeros() } else { number.leading_zeros() } as usize;
        let index = WIDTHS.iter().position(|width| bits <= 8 * width).expect("eight bytes hold any number");
        Encoded {
            code: NUMBER + index as u8,
            side: number.to_le_bytes(),
            side_len: WIDTHS[index] as u8,
            string: &[],
            both: false,
        }
    }

    fn framed(code: u8, len: &[u8], string: &'a [u8]) -> Encoded<'a> {
        let mut side = [0; 8];
        side[..len.len()].copy_from_slice(len);
        Encoded { code, side, side_len: len.len() as u8, string, both: true }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        usize::from(self.side_len) * if self.both { 2 } else { 1 } + self.string.len()
    }

    /// Writes the item to `out`, which has its length.
    #[inline]
    pub(super) fn write(&self, out: &mut [u8]) {
        let side = &self.side[..usize::from(self.side_len)];
        out[..side.len()].copy_from_slice(side);
        let end = side.len() + self.string.len();
        out[side.len()..end].copy_from_slice(self.string);
        if self.both {
            out[end..].copy_from_slice(side);
        }
    }

    /// Whether these are the bytes of an item of the same code.
    #[inline]
    pub(super) fn is(&self, item: &[u8]) -> bool {
        let side = usize::from(self.side_len);
        item.len() == self.len()
            && item[..side] == self.side[..side]
            && item[side..side + self.string.len()] == *self.string
    }
}
