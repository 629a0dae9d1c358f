//! Publish and subscribe: who listens to what, and messages on their way.
//!
//! - [`registry`]: channels, shard channels and patterns, each with its listeners. Pure: it knows connections by number.
//! - [`deliver`]: a message ([`crate::message`]) is put into the outbox of every listener.
//! - [`notify`]: changes of keys as messages (`notify-keyspace-events`).

mod deliver;
mod notify;
mod patterns;
mod registry;
#[cfg(test)]
mod tests;

pub(crate) use registry::{Registry, Space, Subscriptions};

use crate::message::Message;
use crate::tracking::Notice;

/// What waits for a client whose session is in use.
#[derive(Debug)]
pub(crate) enum PutBy {
    /// A message for it.
    Message(Message),
    /// Something that it may want to know, or to have told to another client.
    Notice(Notice),
}
