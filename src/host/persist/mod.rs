//! What outlives the process.

pub mod aof;
