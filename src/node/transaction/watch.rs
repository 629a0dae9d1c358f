//! Keys watched by clients that are going to run a transaction only if nobody changes them.
//!
//! The watches are kept by key, so a change looks its own key up and nothing else, however many are watched; and by
//! client, so that EXEC asks one question. A client whose transaction is broken watches nothing any more: another change
//! could not break it again.

use crate::boundary::ConnId;
use base::map::{Map, SipMap, SipState};
use base::siphash;
use commands::Fact;

pub(super) type Name = Box<[u8]>;

/// One key that a client watches.
#[derive(Debug)]
struct Watch {
    database: usize,
    name: Name,
    /// Whether its time had come already, so that its going is no change.
    expired: bool,
}

/// One client that watches a key, and which of its watches that is.
#[derive(Debug)]
struct Watcher {
    conn: ConnId,
    index: u32,
}

/// What one client watches. Watches are added, or all are forgotten, so each keeps its place.
#[derive(Debug, Default)]
struct Client {
    watches: Vec<Watch>,
    broken: bool,
}

/// All that is watched.
#[derive(Debug)]
pub(crate) struct Watches {
    hasher: SipState,
    /// The watchers of each key, by database.
    keys: Vec<SipMap<Name, Vec<Watcher>>>,
    clients: Map<ConnId, Client>,
}

impl Watches {
    pub(crate) fn new(key: siphash::Key) -> Watches {
        Watches { hasher: SipState::new(key), keys: Vec::new(), clients: Map::default() }
    }

    /// Whether nothing is watched.
    pub(crate) fn is_empty(&self) -> bool {
        self.clients.is_empty()
    }

    /// How many clients watch keys.
    pub(crate) fn clients(&self) -> usize {
        self.clients.values().filter(|client| !client.watches.is_empty()).count()
    }

    /// How many keys are watched.
    pub(crate) fn keys(&self) -> usize {
        self.keys.iter().map(SipMap::len).sum()
    }

    /// How many keys a client watches.
    pub(crate) fn len_of(&self, conn: ConnId) -> usize {
        self.clients.get(&conn).map_or(0, |client| client.watches.len())
    }

    /// Whether something that a client watches has changed.
    pub(crate) fn is_broken(&self, conn: ConnId) -> bool {
        self.clients.get(&conn).is_some_and(|client| client.broken)
    }

    /// Lets a client watch a key. Watching it twice is watching it once. Answers the memory that it takes.
    pub(crate) fn add(&mut self, conn: ConnId, database: usize, name: &[u8], expired: bool) -> usize {
        if self.keys.len() <= database {
            self.keys.resize_with(database + 1, || SipMap::with_hasher(self.hasher));
        }
        let watchers = self.keys[database].entry(name.into()).or_default();
        if watchers.iter().any(|watcher| watcher.conn == conn) {
            return 0;
        }
        let client = self.clients.entry(conn).or_default();
        watchers.push(Watcher { conn, index: client.watches.len() as u32 });
        client.watches.push(Watch { database, name: name.into(), expired });
        2 * (size_of::<Watch>() + name.len())
    }

    /// Forgets what a client watches.
    pub(crate) fn forget(&mut self, conn: ConnId) {
        if let Some(client) = self.clients.remove(&conn) {
            self.unwatch(conn, &client.watches);
        }
    }

    /// The transaction of a client will not be run.
    fn spoil(&mut self, conn: ConnId) {
        if let Some(client) = self.clients.get_mut(&conn) {
            client.broken = true;
            let watches = std::mem::take(&mut client.watches);
            self.unwatch(conn, &watches);
        }
    }

    fn unwatch(&mut self, conn: ConnId, watches: &[Watch]) {
        for watch in watches {
            let keys = &mut self.keys[watch.database];
            if let Some(watchers) = keys.get_mut(&watch.name) {
                watchers.retain(|watcher| watcher.conn != conn);
                if watchers.is_empty() {
                    keys.remove(&watch.name);
                }
            }
        }
    }

    /// A key has changed, or time has taken it.
    pub(crate) fn note(&mut self, fact: &Fact) {
        if !fact.modifies {
            return;
        }
        let Some(watchers) = self.keys.get(fact.database).and_then(|keys| keys.get(&*fact.key)) else {
            return;
        };
        let mut spoilt = Vec::new();
        for watcher in watchers {
            match watch_of(&mut self.clients, watcher) {
                // It was as good as gone before.
                Some(watch) if watch.expired && fact.by_time => watch.expired = false,
                _ => spoilt.push(watcher.conn),
            }
        }
        for conn in spoilt {
            self.spoil(conn);
        }
    }

    /// The keys that a client watches and whose time had not come when it began to, with their databases.
    pub(super) fn unexpired(&self, conn: ConnId) -> impl Iterator<Item = (usize, &Name)> {
        let watches = self.clients.get(&conn).into_iter().flat_map(|client| &client.watches);
        watches.filter(|watch| !watch.expired).map(|watch| (watch.database, &watch.name))
    }

    /// The watched keys of a database.
    pub(super) fn names(&self, database: usize) -> impl Iterator<Item = &Name> {
        self.keys.get(database).into_iter().flat_map(SipMap::keys)
    }

    /// A database loses all its keys, and may get others: for one watched name, what it had and what it gets.
    pub(super) fn exchange(&mut self, database: usize, name: &[u8], before: State, after: State) {
        let mut spoilt = Vec::new();
        for watcher in self.keys[database].get(name).into_iter().flatten() {
            let Some(watch) = watch_of(&mut self.clients, watcher) else { continue };
            match (before, after) {
                (State::Missing, State::Missing) => {}
                // What was as good as gone is gone, or is so again: nobody can tell a difference.
                (_, State::Missing) if watch.expired => watch.expired = false,
                (_, State::Expired) if watch.expired => {}
                (State::Missing, State::Expired) => watch.expired = true,
                _ => spoilt.push(watcher.conn),
            }
        }
        for conn in spoilt {
            self.spoil(conn);
        }
    }
}

/// The watch of a watcher.
fn watch_of<'a>(clients: &'a mut Map<ConnId, Client>, watcher: &Watcher) -> Option<&'a mut Watch> {
    clients.get_mut(&watcher.conn)?.watches.get_mut(watcher.index as usize)
}

/// How a name stands in a database.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Missing,
    Expired,
    There,
}
