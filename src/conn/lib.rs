//! A connection's two ends, as pure machines: bytes in become batches of requests, replies wait in order to go out.
//!
//! Runs on the thread that owns the socket. Knows which words are commands and where their keys stand, so that the
//! thread that owns the data finds each request looked up and hashed; knows nothing of data, users or sockets.
#![forbid(unsafe_code)]

pub mod batch;
pub mod decoder;
pub mod outbox;

pub use batch::{Args, Batch, Head};
pub use decoder::{Decoded, Decoder, Lexicon};
pub use outbox::Outbox;
