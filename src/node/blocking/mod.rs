//! Clients that wait for keys.
//!
//! A handler that has nothing to reply with answers [`commands::Done::Block`]. The client then stands in a line for each key
//! that it named, and its request is kept. When a command has changed such a key, the clients in line are served in their
//! order: the request of each is run again, and either it finds something now or the client goes on waiting, in its place.
//! There is no second form of any command for those who waited.
//!
//! Who is served may change keys in turn (`BLMOVE`), which may serve others: the queue of changed keys is worked off until
//! it is empty. What stands behind a blocking command in its client's pipeline is run afterwards, by `Node::resume`.
//!
//! Here are the lines and who stands in them; `serve.rs` lets clients in and serves them.

mod serve;
#[cfg(test)]
mod tests;

use crate::boundary::ConnId;
use base::map::{SipMap, SipState};
use base::siphash;
use commands::Wait;
use conn::Batch;
use std::collections::VecDeque;

type Line = VecDeque<ConnId>;

/// What a client waits for, and how it goes on.
#[derive(Debug)]
pub struct KeyWait {
    database: usize,
    names: Vec<Box<[u8]>>,
    wait: Box<Wait>,
    request: Batch,
}

/// The lines, one for each key that someone waits for.
#[derive(Debug)]
pub(crate) struct Lines {
    hasher: SipState,
    /// By database.
    lines: Vec<SipMap<Box<[u8]>, Line>>,
    /// Keys that changed and whose lines have not been served yet.
    changed: VecDeque<(usize, Box<[u8]>)>,
    /// Clients that wait no more, and whose next requests have not been run yet.
    resumed: VecDeque<ConnId>,
}

impl Lines {
    pub(crate) fn new(key: siphash::Key) -> Lines {
        Lines {
            hasher: SipState::new(key),
            lines: Vec::new(),
            changed: VecDeque::new(),
            resumed: VecDeque::new(),
        }
    }

    /// Whether nobody waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.iter().all(SipMap::is_empty)
    }

    /// Whether keys have changed whose lines have not been served yet.
    #[inline]
    pub(crate) fn has_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// The keys that someone waits for, with their databases and their lines.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &[u8], &Line)> {
        self.lines
            .iter()
            .enumerate()
            .flat_map(|(database, lines)| lines.iter().map(move |(name, line)| (database, &**name, line)))
    }

    /// A client waits no more: its next requests are to be run.
    pub(crate) fn resumed(&mut self, conn: ConnId) {
        self.resumed.push_back(conn);
    }

    fn enter(&mut self, database: usize, name: &[u8], conn: ConnId) {
        if self.lines.len() <= database {
            self.lines.resize_with(database + 1, || SipMap::with_hasher(self.hasher));
        }
        let line = self.lines[database].entry(name.into()).or_default();
        if !line.contains(&conn) {
            line.push_back(conn);
        }
    }

    fn leave(&mut self, database: usize, name: &[u8], conn: ConnId) {
        let Some(lines) = self.lines.get_mut(database) else { return };
        if let Some(line) = lines.get_mut(name) {
            line.retain(|other| *other != conn);
            if line.is_empty() {
                lines.remove(name);
            }
        }
    }

    /// Takes note of a key that changed.
    pub(crate) fn note(&mut self, database: usize, name: &[u8]) {
        let awaited = self.lines.get(database).is_some_and(|lines| lines.contains_key(name));
        if awaited && !self.changed.iter().any(|(other, key)| *other == database && **key == *name) {
            self.changed.push_back((database, name.into()));
        }
    }

    /// Takes note of a database all of whose keys may have changed.
    pub(crate) fn note_database(&mut self, database: usize) {
        let names: Vec<_> =
            self.lines.get(database).into_iter().flat_map(|lines| lines.keys().cloned()).collect();
        names.iter().for_each(|name| self.note(database, name));
    }
}
