//! Who listens to what.

use super::patterns::{Pattern, Patterns};
use crate::boundary::ConnId;
use base::map::{SipMap, SipState};
use base::siphash;
use std::collections::BTreeSet;

/// What can be listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    /// Channels.
    Channels,
    /// Patterns of names of channels.
    Patterns,
    /// Channels of one slot of a cluster.
    Shards,
}

/// What one client listens to.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    channels: BTreeSet<Box<[u8]>>,
    patterns: BTreeSet<Box<[u8]>>,
    shards: BTreeSet<Box<[u8]>>,
    /// The memory that all the names take.
    bytes: usize,
}

/// What a name takes beside its bytes, here and with its listeners.
const NAME_BYTES: usize = 64;

impl Subscriptions {
    /// What it listens to of one kind.
    pub(crate) fn of(&self, space: Space) -> &BTreeSet<Box<[u8]>> {
        match space {
            Space::Channels => &self.channels,
            Space::Patterns => &self.patterns,
            Space::Shards => &self.shards,
        }
    }

    fn of_mut(&mut self, space: Space) -> &mut BTreeSet<Box<[u8]>> {
        match space {
            Space::Channels => &mut self.channels,
            Space::Patterns => &mut self.patterns,
            Space::Shards => &mut self.shards,
        }
    }

    /// The number that replies to subscribing tell: shard channels are counted by themselves.
    pub(crate) fn count(&self, space: Space) -> usize {
        match space {
            Space::Shards => self.shards.len(),
            Space::Channels | Space::Patterns => self.channels.len() + self.patterns.len(),
        }
    }

    /// The memory that it takes to know this.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether it listens to nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.count(Space::Channels) + self.count(Space::Shards) == 0
    }
}

/// The listeners of everything.
#[derive(Debug)]
pub(crate) struct Registry {
    channels: SipMap<Box<[u8]>, Vec<ConnId>>,
    shards: SipMap<Box<[u8]>, Vec<ConnId>>,
    patterns: Patterns,
    /// How many clients listen to anything.
    pub(crate) clients: usize,
}

impl Registry {
    pub(crate) fn new(key: siphash::Key) -> Registry {
        let hasher = SipState::new(key);
        Registry {
            channels: SipMap::with_hasher(hasher),
            shards: SipMap::with_hasher(hasher),
            patterns: Patterns::new(hasher),
            clients: 0,
        }
    }

    /// Lets a client listen. Answers whether it did not before.
    pub(crate) fn subscribe(
        &mut self,
        own: &mut Subscriptions,
        space: Space,
        name: &[u8],
        conn: ConnId,
    ) -> bool {
        let was_silent = own.is_empty();
        if !own.of_mut(space).insert(name.into()) {
            return false;
        }
        own.bytes += NAME_BYTES + name.len();
        self.clients += usize::from(was_silent);
        match space {
            Space::Channels => enter(self.channels.entry(name.into()).or_default(), conn),
            Space::Shards => enter(self.shards.entry(name.into()).or_default(), conn),
            Space::Patterns => self.patterns.enter(name, conn),
        }
        true
    }

    /// Lets a client listen no more.
    pub(crate) fn unsubscribe(&mut self, own: &mut Subscriptions, space: Space, name: &[u8], conn: ConnId) {
        if !own.of_mut(space).remove(name) {
            return;
        }
        own.bytes -= NAME_BYTES + name.len();
        self.clients -= usize::from(own.is_empty());
        let lines = match space {
            Space::Channels => &mut self.channels,
            Space::Shards => &mut self.shards,
            Space::Patterns => return self.patterns.leave(name, conn),
        };
        if lines.get_mut(name).is_some_and(|line| leave(line, conn)) {
            lines.remove(name);
        }
    }

    /// The names of the channels, or shard channels, that someone listens to.
    pub(crate) fn names(&self, space: Space) -> impl Iterator<Item = &[u8]> {
        self.lines(space).keys().map(|name| &**name)
    }

    /// The listeners of a channel or shard channel.
    pub(crate) fn listeners(&self, space: Space, name: &[u8]) -> &[ConnId] {
        self.lines(space).get(name).map_or(&[], Vec::as_slice)
    }

    fn lines(&self, space: Space) -> &SipMap<Box<[u8]>, Vec<ConnId>> {
        if space == Space::Shards { &self.shards } else { &self.channels }
    }

    /// The patterns that a channel's name matches.
    pub(super) fn matching<'s>(&'s self, channel: &'s [u8]) -> impl Iterator<Item = &'s Pattern> {
        self.patterns.matching(channel)
    }

    /// How many of a kind someone listens to.
    pub(crate) fn len(&self, space: Space) -> usize {
        match space {
            Space::Patterns => self.patterns.len(),
            space => self.lines(space).len(),
        }
    }
}

/// Puts a client into a line, which is in the order of numbers.
pub(super) fn enter(line: &mut Vec<ConnId>, conn: ConnId) {
    if let Err(at) = line.binary_search(&conn) {
        line.insert(at, conn);
    }
}

/// Takes a client out of a line. Answers whether nobody is left.
pub(super) fn leave(line: &mut Vec<ConnId>, conn: ConnId) -> bool {
    if let Ok(at) = line.binary_search(&conn) {
        line.remove(at);
    }
    line.is_empty()
}
