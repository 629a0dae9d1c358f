//! The data types beside strings: lists, sets, hashes, sorted sets and streams, each in the encoding that suits its size.
//!
//! A value knows nothing of keys, clients or commands. It is built on `structures`, chooses its encoding by the [`Rules`]
//! it is given at each change, and fits one word of a key record (`raw.rs`, the only page with `unsafe`).

mod distinct;
pub mod hash;
pub mod kind;
pub mod list;
mod raw;
pub mod rules;
pub mod set;
pub mod sorted_set;
pub mod stream;

pub use hash::Hash;
pub use kind::{Any, AnyRef, Kind, Value};
pub use list::List;
pub use raw::Raw;
pub use rules::Rules;
pub use set::Set;
pub use sorted_set::SortedSet;
pub use stream::Stream;
