//! One server as a pure machine: inputs and the time come in, ordered outputs come out. No socket, file, clock or thread
//! is reachable from here; `host` performs what a [`Node`] asks for, and `sim` pretends to.
//!
//! The tour of a request begins in [`request`]: admit, execute, settle.
#![forbid(unsafe_code)]

pub mod admin;
pub mod boundary;
pub mod cron;
pub mod dispatch;
pub mod node;
pub mod request;
pub mod session;
pub mod stats;

pub use boundary::{CloseReason, ConnId, Input, Meter, Now, Output};
pub use node::Node;
pub use session::Session;
