//! Streams: entries of fields and values under IDs that only grow, and groups of consumers that read them together.
//!
//! - `id`: what names an entry.
//! - `node`, `listpack`: entries that lie close together, and the form of them that travels.
//! - `entries`, `trim`: all entries, and how old ones go.
//! - `group`, `progress`: who was given what, and how far a group has come.
//! - `tree`: a figure that clients see of how the reference keeps streams.

pub mod entries;
pub mod group;
pub mod id;
mod listpack;
pub mod node;
mod progress;
#[cfg(test)]
mod tests;
mod tree;
pub mod trim;

pub use entries::{Entries, MAX_NODE_BYTES, Marks};
pub use group::{Consumer, ConsumerId, Group, NEVER, Pending};
pub use id::{Id, IdText};
pub use node::{Entry, Node};
pub use trim::{Keep, Trim};

use crate::{Any, Kind, Value};
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use structures::mover::Moving;
use structures::own::Own;

/// A stream.
#[derive(Debug)]
pub enum Stream {
    /// Entries in nodes, and groups.
    Log(Own<Log>),
}

/// Entries, and those who read them together.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// The entries.
    pub entries: Entries,
    /// The groups, by name.
    pub groups: BTreeMap<Box<[u8]>, Group>,
}

impl Log {
    /// The number of nodes of the radix tree in which the reference would keep the entries.
    pub fn radix_nodes(&self) -> usize {
        tree::radix_nodes(&Vec::from_iter(self.entries.nodes().map(|(first, _)| first.number())))
    }
}

impl Stream {
    /// A stream of these entries and groups.
    pub fn new(log: Log) -> Stream {
        Stream::Log(Own::new(log))
    }
}

impl Deref for Stream {
    type Target = Log;

    #[inline]
    fn deref(&self) -> &Log {
        let Stream::Log(log) = self;
        log
    }
}

impl DerefMut for Stream {
    #[inline]
    fn deref_mut(&mut self) -> &mut Log {
        let Stream::Log(log) = self;
        log
    }
}

impl Value for Stream {
    const KIND: Kind = Kind::Stream;

    /// A stream without entries stays: it has an ID to go on from, and perhaps groups.
    fn is_empty(&self) -> bool {
        false
    }

    fn encoding(&self) -> &'static str {
        "stream"
    }

    fn alloc_size(&self, samples: usize) -> usize {
        let seen = self.groups.len().min(samples.max(1));
        let sampled = self.groups.iter().take(seen);
        let groups = sampled.map(|(name, group)| name.len() + group.alloc_size()).sum::<usize>();
        let groups = (groups * self.groups.len()).checked_div(seen).unwrap_or(0);
        size_of::<Log>() + self.entries.alloc_size(samples) + groups
    }

    /// As the reference reckons: the nodes of its tree, and what is pending in the first group for every group.
    fn free_effort(&self) -> usize {
        let pending = self.groups.values().next().map_or(0, |group| group.pending().len());
        2 * self.entries.nodes().len() + self.groups.len() * (1 + pending)
    }

    fn relocate(&mut self, cursor: u64, moving: &mut Moving<'_>) -> u64 {
        let Stream::Log(log) = self;
        if cursor == 0 {
            log.relocate(moving);
            log.groups.values_mut().for_each(|group| group.relocate(moving));
        }
        log.entries.relocate(cursor, moving)
    }

    fn duplicate(&self) -> Stream {
        Stream::new(Log::clone(self))
    }

    fn into_any(self) -> Any {
        Any::Stream(self)
    }
}
