//! Choices drawn from the bytes of an input: the input decides which operations come, and with what.
//!
//! An input that has been used up answers zeros, so that any bytes are a sequence of operations.

/// What is left of an input.
pub struct Draw<'a>(&'a [u8]);

impl<'a> Draw<'a> {
    /// All of an input.
    pub fn new(input: &'a [u8]) -> Draw<'a> {
        Draw(input)
    }

    /// Whether anything is left.
    pub fn more(&self) -> bool {
        !self.0.is_empty()
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let (&first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        first
    }

    /// One or the other.
    pub fn flip(&mut self) -> bool {
        self.byte() & 1 == 0
    }

    /// A number below a bound, which may be zero: then it is zero.
    pub fn below(&mut self, bound: usize) -> usize {
        let number = if bound > 256 {
            usize::from(self.byte()) << 8 | usize::from(self.byte())
        } else {
            usize::from(self.byte())
        };
        number.checked_rem(bound).unwrap_or(0)
    }

    /// Any of these.
    pub fn one_of<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// A number: mostly a small one, else one near an edge of a width, or of any eight bytes.
    pub fn number(&mut self) -> i64 {
        const EDGES: [i64; 16] = [
            0,
            12,
            63,
            127,
            128,
            255,
            2048,
            4095,
            8191,
            32767,
            65535,
            8_388_607,
            2_147_483_647,
            4_294_967_295,
            i64::MAX,
            i64::MIN,
        ];
        match self.byte() {
            small @ 0..200 => i64::from(small) - 50,
            200..240 => {
                let edge = self.one_of(&EDGES);
                let beside = edge.saturating_add(i64::from(self.byte() % 5) - 2);
                if self.flip() { beside } else { beside.saturating_neg() }
            }
            _ => i64::from_le_bytes(std::array::from_fn(|_| self.byte())),
        }
    }

    /// A text: a number's, a short one, one as long as where an encoding changes, or a long one.
    pub fn text(&mut self) -> Vec<u8> {
        match self.byte() {
            0..90 => self.number().to_string().into_bytes(),
            90..180 => format!("t{}", self.byte() % 64).into_bytes(),
            180..210 => self.raw(),
            210..250 => {
                let len = self.one_of(&[0, 7, 8, 15, 16, 62, 63, 64, 65, 126, 127, 128, 254, 255, 256, 300]);
                vec![self.byte(); len]
            }
            _ => {
                let len = self.one_of(&[1000, 1023, 1025, 4090, 4096, 5000, 8180, 8190, 8200]);
                let step = usize::from(self.byte());
                (0..len).map(|i| (i * step % 251) as u8).collect()
            }
        }
    }

    /// A few of the input's own bytes.
    fn raw(&mut self) -> Vec<u8> {
        let len = self.below(24);
        (0..len).map(|_| self.byte()).collect()
    }
}

/// Bytes that make many operations: every byte that choices begin with, and longer pieces with everything in them.
pub const WORDS: &[&[u8]] = &[
    &[0],
    &[1, 1],
    &[2, 100, 3],
    &[3, 0],
    &[4, 200, 9, 1, 0],
    &[5, 95, 7],
    &[6, 251, 3, 77],
    &[7, 0, 50],
    &[0, 20, 0, 60, 0, 100, 0, 140, 0, 180],
    &[1, 91, 1, 2, 92, 5, 3, 93, 9, 0, 94, 33, 2, 95, 60, 1, 96, 17],
    &[2, 245, 3, 9, 1, 255, 6, 31, 0, 230, 8, 2, 0],
    &[0xff; 9],
    b"\x00\x07\x2a\x5b\x83\xb4\xd7\xf2\x11\x3c\x64\x90\xbd\xe0\x05\x2f\x57\x79\xa6\xcc\xe9\x0d\x31\x4e",
];
