//! Client-side caching: clients that keep what they have read, and are told when it changes.
//!
//! ```text
//! CLIENT TRACKING ON          what the client reads is noted in the table; a change of it is told once    structures::readers
//! CLIENT TRACKING ON BCAST    every change of a key that begins with a prefix is told                     prefixes.rs
//! ```
//!
//! What is noted is [`reads`]; what a client is told, and through whom, is [`invalidate`]. A server that no client tracks
//! pays nothing for this; one that some track looks at `Straits::TRACKED` before and after each command.
//!
//! Invariant: `trackers` holds the number of each session that has a [`Tracker`], and no other.

mod invalidate;
mod prefixes;
mod reads;
#[cfg(test)]
mod tests;

use crate::boundary::ConnId;
use crate::message::Message;
use base::map::Map;
use base::siphash;
use prefixes::Prefixes;
use std::collections::BTreeSet;
use std::sync::Arc;
use structures::readers::Readership;

/// Which keys a client is told of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Those that it has read.
    #[default]
    Read,
    /// Those that it has read in a command behind `CLIENT CACHING YES`.
    OptIn,
    /// Those that it has read, except in a command behind `CLIENT CACHING NO`.
    OptOut,
    /// All that begin with one of its prefixes.
    Broadcast,
}

/// A client that is told.
#[derive(Debug, Default)]
pub(crate) struct Tracker {
    pub(crate) mode: Mode,
    /// Whether it is not told of what it changes itself.
    pub(crate) no_loop: bool,
    /// Whether `CLIENT CACHING` was said for the next command, or for the transaction.
    pub(crate) caching: bool,
    /// Which client is told in its place.
    pub(crate) redirect: Option<u64>,
    /// Whether that client was found to be gone.
    pub(crate) broken: bool,
    pub(crate) prefixes: BTreeSet<Arc<[u8]>>,
    /// The memory that all this takes.
    pub(crate) bytes: usize,
}

impl Tracker {
    /// Whether the keys of the present command are noted.
    pub(crate) fn notes(&self) -> bool {
        match self.mode {
            Mode::Read => true,
            Mode::OptIn => self.caching,
            Mode::OptOut => !self.caching,
            Mode::Broadcast => false,
        }
    }
}

/// Something for a client that tracks.
#[derive(Clone, Debug)]
pub(crate) enum Notice {
    /// A key that it has read changed.
    Key {
        /// The key, ready to be sent.
        message: Message,
        /// Whether it changed the key itself.
        own: bool,
    },
    /// All keys are gone.
    All,
}

/// What a node knows of all of them.
#[derive(Debug)]
pub(crate) struct Tracking {
    pub(crate) table: Readership,
    pub(crate) prefixes: Prefixes,
    /// Who tracks, by the number that the table has of it.
    trackers: Map<u32, ConnId>,
    last_number: u32,
    /// How often in a row the table was found to be too large.
    crowded: usize,
}

impl Tracking {
    pub(crate) fn new(hash_key: siphash::Key) -> Tracking {
        Tracking {
            table: Readership::new(hash_key),
            prefixes: Prefixes::default(),
            trackers: Map::default(),
            last_number: 0,
            crowded: 0,
        }
    }

    /// How many clients track.
    pub(crate) fn clients(&self) -> usize {
        self.trackers.len()
    }

    /// Whether changes of keys mean anything here.
    pub(crate) fn listens(&self) -> bool {
        !self.trackers.is_empty() || !self.table.is_empty()
    }

    /// A number for a client: the one that it had, if that is still its own.
    fn number(&mut self, conn: ConnId, had: u32) -> u32 {
        let mut number = had;
        while number == 0 || self.trackers.get(&number).is_some_and(|other| *other != conn) {
            self.last_number = self.last_number.wrapping_add(1);
            number = self.last_number;
        }
        number
    }
}
