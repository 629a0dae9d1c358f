//! Bitmaps combined into one: BITOP.
//!
//! The destination is computed block by block. A block of every source is folded into an accumulator that the compiler
//! keeps in vector registers, so each source byte is loaded once and each result byte stored once, however many sources
//! there are.

use super::level::{Level, kernel};

/// What BITOP does with its sources.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Op {
    /// Bits set in every source.
    And,
    /// Bits set in some source.
    Or,
    /// Bits set in an odd number of sources.
    Xor,
    /// Bits clear in the first source; the others are not looked at.
    Not,
}

/// Bytes in the blocks that do nearly all the work: four 64-byte or eight 32-byte registers.
const WIDE: usize = 256;
/// Bytes in the blocks that finish what is shorter than a wide one.
const NARROW: usize = 64;

/// Fills `dst` with the combination of `sources`, each taken as if zeroes followed its end (and as if cut where `dst`
/// ends). Without sources the result is zeroes, or ones for [`Op::Not`].
pub fn op(op: Op, sources: &[&[u8]], dst: &mut [u8]) {
    op_on(Level::best(), op, sources, dst);
}

/// The same, with the instructions of `level`.
pub(super) fn op_on(level: Level, op: Op, sources: &[&[u8]], dst: &mut [u8]) {
    // Where a source has ended, an intersection is empty; a union or a difference goes on with the other sources.
    let end = match op {
        Op::And => sources.iter().map(|source| source.len()).min().unwrap_or(0),
        Op::Or | Op::Xor => sources.iter().map(|source| source.len()).max().unwrap_or(0),
        Op::Not => dst.len(),
    };
    let (dst, past) = dst.split_at_mut(end.min(dst.len()));
    past.fill(0);
    match op {
        Op::And => and(level, sources, dst),
        Op::Or => or(level, sources, dst),
        Op::Xor => xor(level, sources, dst),
        Op::Not => not(level, sources.first().copied().unwrap_or_default(), dst),
    }
}

kernel! { fn and(sources: &[&[u8]], dst: &mut [u8]) = fold_and }
kernel! { fn or(sources: &[&[u8]], dst: &mut [u8]) = fold_or }
kernel! { fn xor(sources: &[&[u8]], dst: &mut [u8]) = fold_xor }
kernel! { fn not(source: &[u8], dst: &mut [u8]) = invert }

#[inline(always)]
fn fold_and(sources: &[&[u8]], dst: &mut [u8]) {
    fold(sources, dst, |a, b| a & b);
}

#[inline(always)]
fn fold_or(sources: &[&[u8]], dst: &mut [u8]) {
    fold(sources, dst, |a, b| a | b);
}

#[inline(always)]
fn fold_xor(sources: &[&[u8]], dst: &mut [u8]) {
    fold(sources, dst, |a, b| a ^ b);
}

#[inline(always)]
fn invert(source: &[u8], dst: &mut [u8]) {
    let (dst, past) = dst.split_at_mut(source.len().min(dst.len()));
    for (to, from) in dst.iter_mut().zip(source) {
        *to = !from;
    }
    past.fill(0xff);
}

/// Wide blocks first, then narrow ones.
#[inline(always)]
fn fold(sources: &[&[u8]], dst: &mut [u8], apply: impl Fn(u64, u64) -> u64 + Copy) {
    let wide = dst.len() / WIDE * WIDE;
    fold_blocks::<{ WIDE / 8 }>(sources, dst, 0, wide, apply);
    fold_blocks::<{ NARROW / 8 }>(sources, dst, wide, dst.len(), apply);
}

/// Computes `dst[begin..end]` by blocks of `N` words, of which only the last may be shorter.
#[inline(always)]
fn fold_blocks<const N: usize>(
    sources: &[&[u8]],
    dst: &mut [u8],
    begin: usize,
    end: usize,
    apply: impl Fn(u64, u64) -> u64 + Copy,
) {
    let Some((head, tail)) = sources.split_first() else { return };
    let mut at = begin;
    while at < end {
        let mut sum = [0; N];
        load(&mut sum, head, at, |_, word| word);
        for source in tail {
            load(&mut sum, source, at, apply);
        }
        store(sum, &mut dst[at..end]);
        at += N * 8;
    }
}

/// Puts the `N` words from `at` on into `sum` by way of `apply`. Zeroes stand in for bytes past the end, but a source
/// that has ended altogether changes nothing: only a union or a difference gets here then.
#[inline(always)]
fn load<const N: usize>(sum: &mut [u64; N], source: &[u8], at: usize, apply: impl Fn(u64, u64) -> u64) {
    if at >= source.len() {
        return;
    }
    let rest = &source[at..];
    match rest.as_chunks::<8>().0.first_chunk::<N>() {
        Some(words) => merge(sum, words, apply),
        None => {
            let mut padded = [[0; 8]; N];
            padded.as_flattened_mut()[..rest.len()].copy_from_slice(rest);
            merge(sum, &padded, apply);
        }
    }
}

#[inline(always)]
fn merge<const N: usize>(sum: &mut [u64; N], words: &[[u8; 8]; N], apply: impl Fn(u64, u64) -> u64) {
    for (sum, word) in sum.iter_mut().zip(words) {
        *sum = apply(*sum, u64::from_ne_bytes(*word));
    }
}

/// Writes the words out, or as much of them as `dst` has room for.
#[inline(always)]
fn store<const N: usize>(sum: [u64; N], dst: &mut [u8]) {
    let words = sum.map(u64::to_ne_bytes);
    match dst.as_chunks_mut::<8>().0.first_chunk_mut::<N>() {
        Some(room) => *room = words,
        None => dst.copy_from_slice(&words.as_flattened()[..dst.len()]),
    }
}
