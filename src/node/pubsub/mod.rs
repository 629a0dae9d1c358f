//! Publish and subscribe: who listens to what, and messages on their way.
//!
//! - [`registry`]: channels, shard channels and patterns, each with its listeners. Pure: it knows connections by number.
//! - [`deliver`]: a message is encoded once and put into the outbox of every listener.
//! - [`notify`]: changes of keys as messages (`notify-keyspace-events`).

mod deliver;
mod notify;
mod patterns;
mod registry;
#[cfg(test)]
mod tests;

pub(crate) use deliver::{Message, PutBy};
pub(crate) use registry::{Registry, Space, Subscriptions};
