//! What everything else stands on: number text, hashing, patterns, slots, randomness. Pure functions and small values;
//! no I/O, no clock, no global.
#![forbid(unsafe_code)]

pub mod glob;
pub mod int;
pub mod map;
pub mod rng;
pub mod siphash;
pub mod slot;
