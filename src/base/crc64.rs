//! The CRC-64 that closes RDB files and DUMP payloads: Jones' polynomial, bits reflected, nothing inverted at either end.
//!
//! Sixteen bytes a step, each looked up in a table of its own ("slicing"): the tables are computed at compile time, 32 KiB.

/// The polynomial 0xad93d23594c935a9 with its bits reversed.
const POLYNOMIAL: u64 = 0xad93_d235_94c9_35a9_u64.reverse_bits();

const LANES: usize = 16;

/// `TABLES[n][byte]` is what `byte` contributes when `n` bytes follow it.
static TABLES: [[u64; 256]; LANES] = {
    let mut tables = [[0u64; 256]; LANES];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u64;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ POLYNOMIAL } else { crc >> 1 };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut after = 1;
    while after < LANES {
        let mut byte = 0;
        while byte < 256 {
            let crc = tables[after - 1][byte];
            tables[after][byte] = crc >> 8 ^ tables[0][(crc & 0xff) as usize];
            byte += 1;
        }
        after += 1;
    }
    tables
};

/// A checksum under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Crc64 {
    crc: u64,
}

impl Crc64 {
    /// The checksum of nothing.
    pub const fn new() -> Self {
        Self { crc: 0 }
    }

    /// Goes on from a checksum that [`Crc64::value`] gave.
    pub const fn resume(crc: u64) -> Self {
        Self { crc }
    }

    /// Takes in more bytes.
    #[inline]
    pub fn update(&mut self, bytes: &[u8]) {
        let (blocks, rest) = bytes.as_chunks::<LANES>();
        for block in blocks {
            let mut block = u128::from_le_bytes(*block) ^ u128::from(self.crc);
            let mut crc = 0;
            for table in TABLES.iter().rev() {
                crc ^= table[(block & 0xff) as usize];
                block >>= 8;
            }
            self.crc = crc;
        }
        for &byte in rest {
            self.crc = self.crc >> 8 ^ TABLES[0][usize::from(self.crc as u8 ^ byte)];
        }
    }

    /// The checksum of all bytes taken in.
    pub const fn value(&self) -> u64 {
        self.crc
    }
}

/// The checksum of `bytes`.
pub fn crc64(bytes: &[u8]) -> u64 {
    let mut crc = Crc64::new();
    crc.update(bytes);
    crc.value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The CRC bit by bit.
    fn slow(bytes: &[u8]) -> u64 {
        bytes.iter().fold(0, |crc, &byte| {
            (0..8).fold(crc ^ u64::from(byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { POLYNOMIAL } else { 0 })
        })
    }

    #[test]
    fn check_value() {
        assert_eq!(crc64(b"123456789"), 0xe9c6_d914_c4b8_d9ca);
        assert_eq!(crc64(b""), 0);
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_agree_with_bits(pieces: Vec<Vec<u8>>) {
            let mut crc = Crc64::new();
            for piece in &pieces {
                crc.update(piece);
                crc = Crc64::resume(crc.value());
            }
            prop_assert_eq!(crc.value(), slow(&pieces.concat()));
        }
    }
}
