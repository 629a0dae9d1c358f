//! The pack: a short sequence of strings and numbers in one piece of memory. Small lists, sets, hashes and sorted sets
//! are packs, and the nodes of long lists and streams hold the same bytes.
//!
//! **One byte between two neighbours, read from either side.** Each item has a *code*, one byte, that says what it is and
//! mostly how long it is (`code.rs`). Where two items meet stands the exclusive or of their codes; the ends count as a
//! code of 0:
//!
//! ```text
//!     0^a    item a    a^b    item b    b^c    item c    c^0
//!   |------|---------|------|---------|------|---------|------|
//! ```
//!
//! Whoever comes from the left knows `a` and reads `b` out of `a^b`; whoever comes from the right knows `b` and reads
//! `a`. So a walk goes both ways at a cost of one byte an item, where a length on each side would take two.
//!
//! - [`items`]: such bytes as a slice: walking, searching, and edits as splices. Knows nothing of where the bytes live.
//! - [`Pack`]: owns such bytes behind a thin pointer, with their number.
//!
//! The bytes come from our own hands alone and never leave memory in this form; a broken sequence is a bug and may panic.

mod code;
pub mod items;
mod owned;
#[cfg(test)]
mod tests;

pub use items::{Gap, Items, Needle};
pub use owned::Pack;
