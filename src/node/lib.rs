//! One server as a pure machine: inputs and the time come in, ordered outputs come out. No socket, file, clock or thread
//! is reachable from here; `host` performs what a [`Node`] asks for, and `sim` pretends to.
//!
//! Pages lean on those below them; `tests/tidy/circles.rs` looks after that. What makes up a server is taken apart by what
//! it is about (`blocking`, `pubsub`, `aof` ...): the `mod.rs` of such a room holds what is kept for it, and knows nothing of
//! the node; the other pages of the room say what the node does with that.
//!
//! ```text
//! inputs.rs  request.rs           what comes in, and what follows: the tour of a request is admit, execute, settle
//! blocking/serve.rs  cron.rs ...  what the node does: each page an `impl Node`
//! node.rs                         all the state of one server
//! session.rs                      what it knows of one client
//! blocking/mod.rs  stats.rs ...   the pieces of that state, with what holds of each by itself
//! boundary.rs  job.rs             what comes in and goes out
//! ```
#![forbid(unsafe_code)]

pub mod admin;
mod admit;
pub mod aof;
mod blocking;
pub mod boundary;
mod call;
mod client_line;
mod commandlog;
pub(crate) mod cron;
mod defrag;
mod disk;
pub(crate) mod dispatch;
pub mod errand;
pub mod histogram;
mod inputs;
pub mod job;
mod latency;
pub mod lazyfree;
pub mod limits;
pub mod memory;
mod message;
mod monitor;
pub mod node;
mod noting;
mod pause;
mod persistence;
mod propagate;
mod protected;
mod pubsub;
mod redact;
mod remains;
pub mod request;
mod scripting;
pub mod session;
pub mod settings;
pub mod stats;
mod straits;
#[cfg(test)]
mod stream_tests;
#[cfg(test)]
mod testing;
mod tracking;
mod transaction;
pub mod users;
mod verbose;

/// The version this server answers to.
pub const VERSION: &str = "9.0.4";
/// The version of the ancestor's protocol that clients look for.
pub(crate) const REDIS_VERSION: &str = "7.2.4";

pub use boundary::{CloseReason, ConnId, Errand, Failure, Fault, Figures, Input, Meter, Now, Output};
pub use commands::ctx::Collate;
pub use job::{Ending, Job, Opened, Progress, Started};
pub use node::Node;
pub use session::Session;
