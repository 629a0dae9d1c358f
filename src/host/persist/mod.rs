//! What outlives the process: snapshots to and from the disk, and the child that writes one while the server goes on.
//!
//! The node decides (`node/persistence`) and asks; this room performs. `fork` makes a child and hears from it, `output`
//! writes a file so that the old one stays until the new one is whole, `snapshot` puts a walk over the data through it, `load`
//! brings a file to the node in slices.

pub mod fork;
mod jobs;
mod load;
pub mod output;
mod snapshot;

pub use jobs::Running;
pub use load::Loading;
