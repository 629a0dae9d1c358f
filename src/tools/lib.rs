//! What operators use beside the server. The logic is here and pure; what opens files and prints stands in `bin`.
#![forbid(unsafe_code)]

pub mod check_aof;
pub mod check_rdb;
