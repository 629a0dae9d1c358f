//! HyperLogLogs: strings that tell how many different elements they were shown, roughly, however often each was. They are
//! ordinary strings which clients may read and write, so their form is that of the reference to the bit, and what claims to
//! be one is checked as it is read.
//!
//! ```text
//! 0      4          5         8                    16
//! +------+----------+---------+--------------------+- - - -
//! | HYLL | encoding | 0  0  0 | estimate, u64      | registers     little-endian
//! +------+----------+---------+--------------------+- - - -
//!          0 dense              its top bit says
//!          1 sparse             that it is outdated
//! ```
//!
//! An element is hashed; 14 bits of the hash name one of 16384 registers, and the number of zeros that the others begin with,
//! plus one, is the element's *rank*. A register holds the highest rank it has met: `dense.rs`, `sparse.rs`. How many
//! elements are likely to have left such registers is worked out from how often each rank stands in them: `estimate.rs`.
//! Several are counted together by spreading them over a byte for each register: `raw.rs`.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod dense;
mod estimate;
mod hash;
mod raw;
mod sparse;
#[cfg(test)]
mod tests;

pub use estimate::estimate;
pub use hash::place_of;
pub use raw::Raw;

/// How many registers there are.
pub const REGISTERS: usize = 1 << INDEX_BITS;
/// The bits of a hash that name a register.
const INDEX_BITS: u32 = 14;
/// What stands before the registers.
const HEADER: usize = 16;
/// The bytes of the registers where each has six bits.
const PACKED: usize = REGISTERS * 6 / 8;
/// The length of one with the dense encoding.
pub const DENSE_LEN: usize = HEADER + PACKED;

const MAGIC: &[u8; 4] = b"HYLL";
/// In the last byte of the estimate.
const OUTDATED: u8 = 0x80;

/// How often each rank stands in the registers.
pub type Histogram = [u32; 64];

/// How the registers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Six bits each.
    Dense = 0,
    /// Runs of equal ones.
    Sparse = 1,
}

/// Registers that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Corrupted;

/// The encoding of a string, if it is a HyperLogLog. What follows the header is not looked at, but for its length.
pub fn encoding_of(bytes: &[u8]) -> Option<Encoding> {
    match bytes.get(..HEADER)?.strip_prefix(MAGIC)?[0] {
        0 if bytes.len() == DENSE_LEN => Some(Encoding::Dense),
        1 => Some(Encoding::Sparse),
        _ => None,
    }
}

/// One that has been shown nothing.
pub fn new() -> Vec<u8> {
    let mut hll = vec![0; HEADER];
    hll[..4].copy_from_slice(MAGIC);
    hll[4] = Encoding::Sparse as u8;
    sparse::push_zeros(&mut hll);
    hll
}

/// The estimate that is kept in one, unless it is outdated.
pub fn kept_estimate(hll: &[u8]) -> Option<u64> {
    let kept = *hll[8..].first_chunk()?;
    (kept[7] & OUTDATED == 0).then(|| u64::from_le_bytes(kept))
}

/// Keeps an estimate.
pub fn keep_estimate(hll: &mut [u8], estimate: u64) {
    hll[8..HEADER].copy_from_slice(&estimate.to_le_bytes());
}

/// Says that the estimate that is kept is outdated.
pub fn outdate(hll: &mut [u8]) {
    hll[HEADER - 1] |= OUTDATED;
}

/// Shows an element to one with the dense encoding. Answers whether a register has changed.
pub fn add_dense(hll: &mut [u8], element: &[u8]) -> bool {
    let (index, rank) = place_of(element);
    dense::raise(&mut hll[HEADER..], index, rank)
}

/// Lets a register hold a rank at least. One with the sparse encoding takes the dense one when it would become longer than
/// `most` bytes. Answers whether the register has changed.
pub fn raise(hll: &mut Vec<u8>, index: usize, rank: u8, most: usize) -> Result<bool, Corrupted> {
    match encoding_of(hll) {
        Some(Encoding::Dense) => Ok(dense::raise(&mut hll[HEADER..], index, rank)),
        Some(Encoding::Sparse) => sparse::raise(hll, index, rank, most),
        None => Err(Corrupted),
    }
}

/// The same with the dense encoding.
pub fn to_dense(hll: &[u8]) -> Result<Vec<u8>, Corrupted> {
    let mut raw = Raw::new();
    raw.merge(hll)?;
    Ok(raw.to_dense(hll))
}

/// How often each rank stands in the registers of one, which are spread over `raw` if need be.
pub fn histogram(hll: &[u8], mut raw: Raw) -> Result<Histogram, Corrupted> {
    match encoding_of(hll).ok_or(Corrupted)? {
        Encoding::Sparse => {
            let mut histogram = [0; 64];
            sparse::for_each_run(hll, |run| histogram[usize::from(run.rank)] += run.len as u32)?;
            Ok(histogram)
        }
        Encoding::Dense => {
            raw.merge(hll)?;
            Ok(raw.histogram())
        }
    }
}

/// The registers of one with the sparse encoding in words, as PFDEBUG shows them: `z:n` and `Z:n` are zeros told in one
/// byte or two, `v:rank,n` is a rank in so many registers. What is corrupted is shown as it stands.
pub fn describe(hll: &[u8]) -> String {
    sparse::describe(hll)
}

/// The rank in a register of one with the dense encoding.
pub fn dense_register(hll: &[u8], index: usize) -> u8 {
    dense::get(&hll[HEADER..], index)
}
