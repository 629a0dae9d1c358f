//! The sparse encoding: runs of equal registers, all of them, in order.
//!
//! ```text
//! 00nnnnnn             n + 1 registers of 0, up to 64
//! 01nnnnnn nnnnnnnn    n + 1 registers of 0, up to 16384; the higher bits first
//! 1rrrrrnn             n + 1 registers of rank r + 1: up to 4, up to 32
//! ```
//!
//! A run is split where a register within it changes, and joined with a neighbour of the same rank, but only near the
//! change: which bytes come of which elements is part of the format, odd as some of the outcomes are.

use super::{Corrupted, HEADER, REGISTERS, dense, outdate, to_dense};
use std::fmt::Write;

/// The highest rank that a run can have.
const HIGHEST: u8 = 32;
/// The longest run of a rank.
const LONGEST: usize = 4;
/// The longest run of zeros in one byte.
const LONGEST_SHORT: usize = 64;
const LONG_ZEROS: u8 = 0x40;
const RANKED: u8 = 0x80;
/// How many runs are looked at for neighbours to be joined.
const JOINED_AMONG: usize = 5;

/// Registers that are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) rank: u8,
    pub(super) len: usize,
    /// In how many bytes it is told.
    bytes: usize,
}

/// The run that begins at `at`.
#[inline]
fn run_at(hll: &[u8], at: usize) -> Result<Run, Corrupted> {
    let first = *hll.get(at).ok_or(Corrupted)?;
    if first & RANKED != 0 {
        return Ok(Run { rank: (first >> 2 & 0x1f) + 1, len: usize::from(first & 3) + 1, bytes: 1 });
    }
    if first & LONG_ZEROS == 0 {
        return Ok(Run { rank: 0, len: usize::from(first) + 1, bytes: 1 });
    }
    let low = *hll.get(at + 1).ok_or(Corrupted)?;
    Ok(Run { rank: 0, len: (usize::from(first & 0x3f) << 8 | usize::from(low)) + 1, bytes: 2 })
}

fn ranked(rank: u8, len: usize) -> u8 {
    RANKED | (rank - 1) << 2 | (len - 1) as u8
}

/// Tells that no register holds anything.
pub(super) fn push_zeros(hll: &mut Vec<u8>) {
    let n = REGISTERS - 1;
    hll.extend([LONG_ZEROS | (n >> 8) as u8, n as u8]);
}

/// Visits the runs, which must make up all registers.
#[inline]
pub(super) fn for_each_run(hll: &[u8], mut visit: impl FnMut(Run)) -> Result<(), Corrupted> {
    let (mut at, mut registers) = (HEADER, 0);
    while at < hll.len() {
        let run = run_at(hll, at)?;
        registers += run.len;
        if registers > REGISTERS {
            return Err(Corrupted);
        }
        visit(run);
        at += run.bytes;
    }
    if registers == REGISTERS { Ok(()) } else { Err(Corrupted) }
}

/// Lets a register hold a rank at least.
pub(super) fn raise(hll: &mut Vec<u8>, index: usize, rank: u8, most: usize) -> Result<bool, Corrupted> {
    if rank > HIGHEST {
        return raise_dense(hll, index, rank);
    }
    // The run that the register is in, and the one before it.
    let (mut at, mut before, mut first) = (HEADER, HEADER, 0);
    let run = loop {
        let run = run_at(hll, at)?;
        if index < first + run.len {
            break run;
        }
        (before, at, first) = (at, at + run.bytes, first + run.len);
    };
    if run.rank >= rank {
        return Ok(false);
    }

    let mut pieces = Pieces::default();
    pieces.push(run.rank, index - first);
    pieces.push(rank, 1);
    pieces.push(run.rank, first + run.len - 1 - index);
    let new = pieces.bytes();
    if new.len() > run.bytes && hll.len() + new.len() - run.bytes > most {
        return raise_dense(hll, index, rank);
    }
    hll.splice(at..at + run.bytes, new.iter().copied());
    join(hll, before);
    outdate(hll);
    Ok(true)
}

/// What takes the place of a run: up to three runs in up to five bytes.
#[derive(Default)]
struct Pieces {
    bytes: [u8; 5],
    len: usize,
}

impl Pieces {
    /// Adds a run, unless it is empty. A run of a rank is short, as it is part of one.
    fn push(&mut self, rank: u8, len: usize) {
        let n = len.wrapping_sub(1);
        match (rank, len) {
            (_, 0) => return,
            (0, ..=LONGEST_SHORT) => self.bytes[self.len] = n as u8,
            (0, _) => {
                self.bytes[self.len] = LONG_ZEROS | (n >> 8) as u8;
                self.len += 1;
                self.bytes[self.len] = n as u8;
            }
            _ => self.bytes[self.len] = ranked(rank, len),
        }
        self.len += 1;
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Joins runs of one rank, among a few from `at` on.
fn join(hll: &mut Vec<u8>, mut at: usize) {
    for _ in 0..JOINED_AMONG {
        let Ok(run) = run_at(hll, at) else { return };
        let next = if run.rank > 0 { run_at(hll, at + 1).ok() } else { None };
        match next {
            Some(next) if next.rank == run.rank && run.len + next.len <= LONGEST => {
                hll[at] = ranked(run.rank, run.len + next.len);
                hll.remove(at + 1);
            }
            _ => at += run.bytes,
        }
    }
}

/// Takes the dense encoding to let a register hold a rank that this one has no room for.
#[cold]
fn raise_dense(hll: &mut Vec<u8>, index: usize, rank: u8) -> Result<bool, Corrupted> {
    *hll = to_dense(hll)?;
    Ok(dense::raise(&mut hll[HEADER..], index, rank))
}

/// The runs in words, whatever they make up. One that is cut off ends with a zero byte.
pub(super) fn describe(hll: &[u8]) -> String {
    let (mut text, mut at) = (String::new(), HEADER);
    while at < hll.len() {
        let Ok(run) = run_at(hll, at).or_else(|_| run_at(&[hll[at], 0], 0)) else { break };
        at += run.bytes;
        let space = if at < hll.len() { " " } else { "" };
        let written = match (run.rank, run.bytes) {
            (0, 1) => write!(text, "z:{}{space}", run.len),
            (0, _) => write!(text, "Z:{}{space}", run.len),
            (rank, _) => write!(text, "v:{rank},{}{space}", run.len),
        };
        written.expect("a string takes what is written to it");
    }
    text
}
