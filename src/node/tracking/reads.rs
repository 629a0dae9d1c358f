//! Clients that track: how they begin and end, what they have read, and how much of that is kept.

use super::{Mode, Tracker};
use crate::boundary::{ConnId, Now};
use crate::call::Call;
use crate::node::Node;
use crate::session::Session;
use crate::straits::Straits;
use catalog::{CommandId, Flag, id};
use std::sync::Arc;

/// What a client is charged for a prefix: its place in the list of them. Quirk of the reference: the bytes, of which it keeps
/// the common beginnings once, are charged to nobody.
const PREFIX_BYTES: usize = 24;

/// How many keys are forgotten at a time while the table is too large; more when that does not help.
const FORGOTTEN_AT_ONCE: usize = 100;

impl Node {
    /// Lets a client track, or track otherwise. Prefixes add up.
    pub(crate) fn track(&mut self, session: &mut Session, mut tracker: Tracker) {
        session.tracker_number = self.tracking.number(session.conn, session.tracker_number);
        self.tracking.trackers.insert(session.tracker_number, session.conn);
        if tracker.mode == Mode::Broadcast && tracker.prefixes.is_empty() {
            tracker.prefixes.insert(Arc::default());
        }
        let prefixes = std::mem::take(&mut tracker.prefixes).into_iter();
        tracker.prefixes =
            prefixes.map(|prefix| self.tracking.prefixes.enter(prefix, session.conn)).collect();
        if let Some(before) = session.tracking.take() {
            tracker.caching = before.caching;
            tracker.prefixes.extend(before.prefixes);
        }
        let prefixes = tracker.prefixes.len() * PREFIX_BYTES;
        tracker.bytes = size_of::<Tracker>() + prefixes;
        session.tracking = Some(Box::new(tracker));
        self.follow_trackers();
    }

    /// Lets a client track no more. What it has read stays noted until it changes.
    pub(crate) fn end_tracking(&mut self, session: &mut Session) {
        let Some(tracker) = session.tracking.take() else { return };
        for prefix in &tracker.prefixes {
            self.tracking.prefixes.leave(prefix, session.conn);
        }
        self.tracking.trackers.remove(&session.tracker_number);
        self.follow_trackers();
    }

    fn follow_trackers(&mut self) {
        self.straits.put(Straits::TRACKED, self.tracking.clients() > 0);
        self.follow_listeners();
    }

    /// Takes note of what a client has read in a command.
    pub(crate) fn note_reads(&mut self, session: &Session, call: &Call<'_>) {
        let notes = session.tracking.as_ref().is_some_and(|tracker| tracker.notes());
        if notes {
            self.note_reads_of(session.tracker_number, call);
        }
    }

    /// The same, for a tracker that notes.
    pub(crate) fn note_reads_of(&mut self, tracker: u32, call: &Call<'_>) {
        let &Call { id, args, head } = call;
        // A script reads what the commands that it calls read.
        if !id.has(Flag::ReadOnly) || id.has(Flag::PubSub) || id.has(Flag::NoMandatoryKeys) {
            return;
        }
        let mut keys = std::mem::take(&mut self.key_refs);
        catalog::find_read_keys(id, &args, &mut keys);
        for key in &keys {
            let name = args.at(key.position);
            let known = head.key_at as usize == key.position && key.position > 0;
            let hash = if known { head.hash } else { self.data.key(name).hash };
            self.tracking.table.add(hash, name, tracker);
        }
        self.key_refs = keys;
    }

    /// `CLIENT CACHING` holds for one command or transaction, which is over.
    pub(crate) fn end_caching(&mut self, session: &mut Session, command: Option<CommandId>) {
        let said = command.is_some_and(|command| command.parent() == Some(const { id("client") }));
        if let Some(tracker) = &mut session.tracking
            && session.transaction.is_none()
            && !said
        {
            tracker.caching = false;
        }
    }

    /// Forgets keys while the table has more than `tracking-table-max-keys`, as if they had changed.
    pub(crate) fn limit_tracking(&mut self, now: Now<'_>, current: Option<ConnId>) {
        let limit = self.config.memory.tracking_table_max_keys as usize;
        if limit == 0 || self.tracking.table.len() <= limit {
            self.tracking.crowded = 0;
            return;
        }
        for _ in 0..FORGOTTEN_AT_ONCE * (self.tracking.crowded + 1) {
            let Node { tracking, rng, .. } = self;
            let Some(readers) = tracking.table.remove_any(&mut || rng.next_u64()) else { break };
            self.tell_readers(now, current, &readers);
            if self.tracking.table.len() <= limit {
                self.tracking.crowded = 0;
                return;
            }
        }
        self.tracking.crowded += 1;
    }
}
