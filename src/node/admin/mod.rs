//! Commands that run or inspect the server.

pub mod connection;
pub mod keyspace;
pub mod server;
