//! What operators use beside the server. The logic is here and pure; what opens files and prints stands in `bin`.
#![forbid(unsafe_code)]

pub mod check_aof;
pub mod check_rdb;

/// What both say of their version, as the server says it of itself.
pub fn version() -> String {
    let number = env!("CARGO_PKG_VERSION");
    format!("v={number} sha=00000000:0 malloc=libc bits=64 build=0")
}
