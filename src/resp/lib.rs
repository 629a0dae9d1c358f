//! The wire: request bytes to argument ranges, and replies to bytes, in both versions of the protocol.
//!
//! Nothing here knows a command, a client or a socket. The parser never copies an argument and never allocates more
//! than the bytes it was given justify; the writer appends to one buffer and refers to large values without a copy.
#![forbid(unsafe_code)]

pub mod command;
pub mod heads;
pub mod reply;
pub mod request;

pub use heads::WrongHeads;
pub use reply::{Protocol, Reply, ReplyBuffer, Shared};
pub use request::{Limits, Parser, ProtocolError, Span, Step};
