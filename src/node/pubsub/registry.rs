//! Who listens to what.

use super::patterns::{Pattern, Patterns};
use crate::boundary::ConnId;
use base::map::SipState;
use base::siphash;
use std::collections::BTreeSet;
use structures::hashtable::{HashTable, Hasher};
use structures::mover::Moving;

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

/// A channel and its listeners, in the order of their numbers.
#[derive(Debug)]
struct Line {
    name: Box<[u8]>,
    listeners: Vec<ConnId>,
}

/// Hashes channels by their names.
struct ByName(siphash::Key);

impl Hasher<Box<Line>> for ByName {
    #[inline]
    fn hash(&self, line: &Box<Line>) -> u64 {
        siphash::hash(&self.0, &line.name)
    }
}

/// Channels with their listeners.
struct Lines(HashTable<Box<Line>, ByName>);

impl Lines {
    fn hash(&self, name: &[u8]) -> u64 {
        siphash::hash(&self.0.hasher().0, name)
    }

    fn get(&self, name: &[u8]) -> Option<&Line> {
        self.0.find(self.hash(name), |line| *line.name == *name).map(Box::as_ref)
    }

    fn enter(&mut self, name: &[u8], conn: ConnId) {
        let hash = self.hash(name);
        match self.0.find_mut(hash, |line| *line.name == *name) {
            Some(line) => enter(&mut line.listeners, conn),
            None => {
                self.0.insert(hash, Box::new(Line { name: name.into(), listeners: vec![conn] }));
            }
        }
    }

    fn leave(&mut self, name: &[u8], conn: ConnId) {
        let Some(place) = self.0.locate(self.hash(name), |line| *line.name == *name) else { return };
        if leave(&mut self.0.get_mut(place).listeners, conn) {
            self.0.remove(place);
        }
    }

    /// Moves the channels at a cursor to better places, and answers the next cursor.
    fn relocate(&mut self, cursor: u64, moving: &mut Moving<'_>) -> u64 {
        if cursor == 0 {
            self.0.relocate_frame(moving);
        }
        self.0.relocate(cursor, moving, |line, moving| {
            moving.boxed(line);
            moving.slice(&mut line.name);
            moving.vec(&mut line.listeners);
        })
    }
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter()).finish()
    }
}

/// The listeners of everything.
#[derive(Debug)]
pub(crate) struct Registry {
    channels: Lines,
    shards: Lines,
    patterns: Patterns,
    /// How many clients listen to anything.
    pub(crate) clients: usize,
}

impl Registry {
    pub(crate) fn new(key: siphash::Key) -> Registry {
        let lines = || Lines(HashTable::new(ByName(key)));
        Registry {
            channels: lines(),
            shards: lines(),
            patterns: Patterns::new(SipState::new(key)),
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
            Space::Channels => self.channels.enter(name, conn),
            Space::Shards => self.shards.enter(name, conn),
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
        match space {
            Space::Channels => self.channels.leave(name, conn),
            Space::Shards => self.shards.leave(name, conn),
            Space::Patterns => self.patterns.leave(name, conn),
        }
    }

    /// The names of the channels, or shard channels, that someone listens to.
    pub(crate) fn names(&self, space: Space) -> impl Iterator<Item = &[u8]> {
        self.lines(space).0.iter().map(|line| &*line.name)
    }

    /// The listeners of a channel or shard channel.
    pub(crate) fn listeners(&self, space: Space, name: &[u8]) -> &[ConnId] {
        self.lines(space).get(name).map_or(&[], |line| &line.listeners)
    }

    /// Moves some of the channels, or shard channels, to better places: those at a cursor. Answers the next cursor.
    pub(crate) fn relocate(&mut self, space: Space, cursor: u64, moving: &mut Moving<'_>) -> u64 {
        let lines = if space == Space::Shards { &mut self.shards } else { &mut self.channels };
        lines.relocate(cursor, moving)
    }

    fn lines(&self, space: Space) -> &Lines {
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
            space => self.lines(space).0.len(),
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
