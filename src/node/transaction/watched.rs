//! Watched keys and the data: what becomes of watches when a database is emptied or exchanged, or time passes.

use super::watch::{Name, State};
use crate::boundary::ConnId;
use crate::node::Node;
use keyspace::Lookup;

impl Node {
    /// A database is about to lose all its keys, or to get those of `other` instead: minds the watches on its names.
    pub(crate) fn exchange_watched(&mut self, database: usize, other: Option<usize>, now_ms: i64) {
        let state = |index: usize, name: &[u8]| match self.data.databases[index]
            .lookup(&self.data.key(name), now_ms)
        {
            Lookup::Missing => State::Missing,
            Lookup::Expired(_) => State::Expired,
            Lookup::Found(_) => State::There,
        };
        let after = |name: &Name| other.map_or(State::Missing, |other| state(other, name));
        let states =
            self.watches.names(database).map(|name| (name.clone(), state(database, name), after(name)));
        for (name, before, after) in states.collect::<Vec<_>>() {
            self.watches.exchange(database, &name, before, after);
        }
    }

    /// Whether the time of a key has come that a client watches, and had not when it began to.
    pub(crate) fn watched_key_expired(&self, conn: ConnId, now_ms: i64) -> bool {
        self.watches.unexpired(conn).any(|(database, name)| {
            let key = self.data.key(name);
            matches!(self.data.databases[database].lookup(&key, now_ms), Lookup::Expired(_))
        })
    }
}
