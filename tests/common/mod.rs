//! What the tests of a running server share: a process that ends with its test, and a client that sees bytes.
//!
//! The client knows just enough of the protocol to tell where a reply ends. It never waits longer than [`PATIENCE`].
#![allow(dead_code, unused_imports)] // each test binary uses its part

mod client;
mod server;

pub(crate) use client::{Client, encode, pattern, shown};
pub(crate) use server::{Server, binary, free_port, new_folder, reference};

/// How long a test waits for anything before it fails.
pub(crate) const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);
