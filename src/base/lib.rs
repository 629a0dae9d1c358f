//! What everything else stands on: number text, hashing, patterns, slots, randomness. Pure functions and small values;
//! no I/O, no clock, no global.
#![forbid(unsafe_code)]

mod big;
pub mod crc64;
pub mod double;
pub mod escape;
pub mod glob;
mod grisu;
pub mod hex;
pub mod int;
pub mod log;
pub mod longdouble;
pub mod lzf;
pub mod map;
mod real;
pub mod rng;
pub mod same;
pub mod sink;
pub mod siphash;
pub mod slot;
pub mod text;
pub mod time;
pub mod units;
