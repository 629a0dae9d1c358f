//! Items as bytes of a slice: walks, searches, and edits as splices.

use super::code::{self, END, Encoded};
use base::text::Text;

/// The bytes of no item: the boundary between both ends.
pub const EMPTY: [u8; 1] = [0];

/// A sequence of items, as a slice.
#[derive(Clone, Copy, Debug)]
pub struct Items<'a>(&'a [u8]);

/// A place between two items, or at an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Where its boundary byte stands.
    at: usize,
    /// The code of the item to the left.
    left: u8,
}

impl Gap {
    /// The gap before the first item.
    pub const START: Gap = Gap { at: 0, left: END };
}

/// A replacement of bytes, worked out and ready to be done: `old` bytes from `at` on make room for `new_len`.
#[derive(Clone, Copy, Debug)]
pub struct Splice<'a> {
    /// Where it begins.
    pub at: usize,
    /// How many bytes go.
    pub old_len: usize,
    /// How many bytes come.
    pub new_len: usize,
    first: u8,
    item: Option<(Encoded<'a>, u8)>,
}

impl Splice<'_> {
    /// Writes the new bytes to `out`, which has `new_len` of them.
    #[inline]
    pub fn write(&self, out: &mut [u8]) {
        out[0] = self.first;
        if let Some((item, last)) = &self.item {
            let end = out.len() - 1;
            item.write(&mut out[1..end]);
            out[end] = *last;
        }
    }
}

/// Adds an item behind the last of those in a buffer of the caller's own.
#[inline]
pub fn append(bytes: &mut Vec<u8>, text: Text<'_>) {
    let item = Encoded::new(text);
    let end = bytes.len();
    bytes[end - 1] ^= item.code;
    bytes.resize(end + item.len() + 1, item.code);
    item.write(&mut bytes[end..end + item.len()]);
}

/// A string to be looked for, encoded once.
#[derive(Clone, Copy, Debug)]
pub struct Needle<'a>(Encoded<'a>);

impl<'a> Needle<'a> {
    /// A string to be looked for among items written by [`Text::of`].
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Needle<'a> {
        Needle(Encoded::new(Text::of(bytes)))
    }

    /// The same for a string that may be kept as a number already.
    #[inline]
    pub fn of(text: Text<'a>) -> Needle<'a> {
        match text {
            Text::Integer(_) => Needle(Encoded::new(text)),
            Text::Bytes(bytes) => Needle::new(bytes),
        }
    }
}

impl<'a> Items<'a> {
    /// Items from bytes that splices made.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Items<'a> {
        Items(bytes)
    }

    /// The bytes.
    pub fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// The gap behind the last item.
    #[inline]
    pub fn end(self) -> Gap {
        let at = self.0.len() - 1;
        Gap { at, left: self.0[at] }
    }

    /// The item to the right of a gap, and the gap behind it.
    #[inline]
    pub fn next(self, gap: Gap) -> Option<(Text<'a>, Gap)> {
        let (code, start, end) = self.right_of(gap);
        (code != END).then(|| (code::decode(code, &self.0[start..end]), Gap { at: end, left: code }))
    }

    /// The item to the left of a gap, and the gap before it.
    #[inline]
    pub fn back(self, gap: Gap) -> Option<(Text<'a>, Gap)> {
        if gap.left == END {
            return None;
        }
        let start = gap.at - code::len_from_end(gap.left, self.0, gap.at);
        let item = code::decode(gap.left, &self.0[start..gap.at]);
        Some((item, Gap { at: start - 1, left: self.0[start - 1] ^ gap.left }))
    }

    /// The gap that lies `count` items further right, if there are so many.
    #[inline]
    pub fn skip(self, mut gap: Gap, count: usize) -> Option<Gap> {
        for _ in 0..count {
            let (code, _, end) = self.right_of(gap);
            if code == END {
                return None;
            }
            gap = Gap { at: end, left: code };
        }
        Some(gap)
    }

    /// The gap that lies `count` items further left, if there are so many.
    #[inline]
    pub fn skip_back(self, mut gap: Gap, count: usize) -> Option<Gap> {
        for _ in 0..count {
            gap = self.back(gap)?.1;
        }
        Some(gap)
    }

    /// The gap before item `index` of `len`, sought from the nearer end.
    #[inline]
    pub fn gap_of(self, index: usize, len: usize) -> Option<Gap> {
        if index <= len / 2 { self.skip(Gap::START, index) } else { self.skip_back(self.end(), len - index) }
    }

    /// The code, start and end of the item to the right of a gap.
    #[inline]
    fn right_of(self, gap: Gap) -> (u8, usize, usize) {
        let code = self.0[gap.at] ^ gap.left;
        let start = gap.at + 1;
        (code, start, start + code::len_from_start(code, self.0, start))
    }

    /// The gap before the first item, from `gap` on and looking at one in `step`, that is the needle; and how many were
    /// passed, those between included.
    #[inline]
    pub fn find(self, mut gap: Gap, needle: &Needle<'_>, step: usize) -> Option<(Gap, usize)> {
        let mut passed = 0;
        loop {
            let (code, start, end) = self.right_of(gap);
            if code == END {
                return None;
            }
            if code == needle.0.code && needle.0.is(&self.0[start..end]) {
                return Some((gap, passed));
            }
            gap = self.skip(Gap { at: end, left: code }, step - 1)?;
            passed += step;
        }
    }

    /// The places of those items that are the needle.
    pub fn offsets_of(self, needle: &Needle<'_>) -> Vec<usize> {
        let (mut gap, mut passed, mut offsets) = (Gap::START, 0, Vec::new());
        while let Some((found, between)) = self.find(gap, needle, 1) {
            offsets.push(passed + between);
            passed += between + 1;
            gap = self.skip(found, 1).unwrap_or(found);
        }
        offsets
    }

    /// Whether the item to the right of a gap is the needle.
    #[inline]
    pub fn is(self, gap: Gap, needle: &Needle<'_>) -> bool {
        let (code, start, end) = self.right_of(gap);
        code == needle.0.code && needle.0.is(&self.0[start..end])
    }

    /// Puts an item into a gap. Afterwards the same gap lies before it.
    #[inline]
    pub fn insert(self, gap: Gap, text: Text<'_>) -> Splice<'_> {
        let right = self.0[gap.at] ^ gap.left;
        self.splice(gap, 1, Some(text), right)
    }

    /// Puts an item in the place of the one to the right of a gap.
    #[inline]
    pub fn replace(self, gap: Gap, text: Text<'_>) -> Splice<'_> {
        let (code, _, end) = self.right_of(gap);
        debug_assert!(code != END, "there is an item to replace");
        self.splice(gap, end + 1 - gap.at, Some(text), self.0[end] ^ code)
    }

    /// Takes `count` items to the right of a gap out, which are there.
    #[inline]
    pub fn remove(self, gap: Gap, count: usize) -> Splice<'static> {
        let last = self.skip(gap, count).expect("there are items to remove");
        self.splice(gap, last.at + 1 - gap.at, None, self.0[last.at] ^ last.left)
    }

    fn splice(self, gap: Gap, old_len: usize, text: Option<Text<'_>>, right: u8) -> Splice<'_> {
        match text.map(Encoded::new) {
            None => Splice { at: gap.at, old_len, new_len: 1, first: gap.left ^ right, item: None },
            Some(item) => Splice {
                at: gap.at,
                old_len,
                new_len: item.len() + 2,
                first: gap.left ^ item.code,
                item: Some((item, item.code ^ right)),
            },
        }
    }

    /// All items, from the first.
    pub fn iter(self) -> Iter<'a> {
        Iter { items: self, gap: Gap::START }
    }

    /// All items, from the last.
    pub fn iter_back(self) -> IterBack<'a> {
        IterBack { items: self, gap: self.end() }
    }
}

/// Items from left to right.
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    items: Items<'a>,
    gap: Gap,
}

impl<'a> Iterator for Iter<'a> {
    type Item = Text<'a>;

    #[inline]
    fn next(&mut self) -> Option<Text<'a>> {
        let (item, gap) = self.items.next(self.gap)?;
        self.gap = gap;
        Some(item)
    }
}

/// Items from right to left.
#[derive(Clone, Debug)]
pub struct IterBack<'a> {
    items: Items<'a>,
    gap: Gap,
}

impl<'a> Iterator for IterBack<'a> {
    type Item = Text<'a>;

    #[inline]
    fn next(&mut self) -> Option<Text<'a>> {
        let (item, gap) = self.items.back(self.gap)?;
        self.gap = gap;
        Some(item)
    }
}
