//! What everything else stands on: number text, hashing, patterns, slots, randomness. Pure functions and small values;
//! no I/O, no clock, no global.
#![forbid(unsafe_code)]

mod big;
pub mod double;
pub mod glob;
mod grisu;
pub mod int;
pub mod longdouble;
pub mod map;
mod real;
pub mod rng;
pub mod siphash;
pub mod slot;
