//! Commands that run or inspect the server.

pub mod command;
pub mod config;
pub mod connection;
pub mod help;
pub mod info;
pub mod keyspace;
pub mod server;
