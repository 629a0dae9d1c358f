//! Strings: bytes, and numbers that are kept as numbers.

mod lcs;
mod number;
mod options;
mod read;
mod set;
#[cfg(test)]
mod tests;
mod value;
mod write;

pub use lcs::lcs;
pub use number::{decr, decrby, incr, incrby, incrbyfloat};
pub use read::{get, getdel, getex, getrange, mget, strlen};
pub(crate) use set::discard;
pub use set::{delifeq, getset, mset, msetnx, psetex, set, setex, setnx};
pub use value::{equals, reply_value, text_of};
pub use write::{append, setrange};

pub(crate) use value::{hold, len, with_bytes};
pub(crate) use write::edit;
