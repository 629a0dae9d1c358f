//! Commands that run or inspect the server.

pub mod acl;
pub mod client;
pub mod command;
pub mod commandlog;
pub mod config;
pub mod connection;
pub mod debug;
pub mod help;
pub mod info;
pub mod keyspace;
pub mod latency;
pub mod lolwut;
pub mod memory;
pub mod pubsub;
pub mod report;
pub mod save;
pub mod server;
pub mod transaction;
pub mod wait;

#[cfg(test)]
mod tests;

use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use commands::{CommandError, Done};
use conn::Args;

/// A handler of a command that runs or inspects the server.
pub(crate) type ServerHandler = fn(&mut Node, &mut Session, Args<'_>, Now<'_>) -> Result<Done, CommandError>;
