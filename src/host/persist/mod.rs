//! What outlives the process: snapshots to and from the disk, and the child that writes one while the server goes on.
//!
//! The node decides (`node/persistence`) and asks; this room performs. `fork` makes a child and hears from it, `output`
//! writes a file so that the old one stays until the new one is whole, `snapshot` puts a walk over the data through it. The
//! loop brings them together: `serve/jobs.rs`, `serve/loading.rs`.

pub mod aof;
pub mod fork;
pub mod output;
pub(crate) mod rewrite;
pub mod snapshot;
