//! Commands that run or inspect the server.

pub mod client;
pub mod command;
pub mod config;
pub mod connection;
pub mod debug;
pub mod help;
pub mod info;
pub mod keyspace;
pub mod lolwut;
pub mod memory;
pub mod pubsub;
pub mod server;
pub mod wait;

#[cfg(test)]
mod tests;
