//! What clients that track are told, and through whom.
//!
//! ```text
//! RESP3                          >2 invalidate [key, ...]          or null: all keys
//! another client, in its place   the same, or to a RESP2 client that listens to any channel a message:
//!                                *3 message __redis__:invalidate [key, ...]
//! that client is gone            >2 tracking-redir-broken id       to the one that tracks, if it speaks RESP3
//! ```
//!
//! A client that speaks RESP2 and names no other is told nothing. What comes for a client whose own command is being run
//! follows the reply of that command: it is put by (`pubsub/deliver.rs`).

use super::prefixes::Changed;
use super::{Mode, Notice, Tracker};
use crate::boundary::{ConnId, Now};
use crate::message::Message;
use crate::node::Node;
use crate::pubsub::PutBy;
use crate::session::Session;
use commands::Fact;
use resp::Protocol;
use structures::readers::{Readers, Readership};

impl Node {
    /// A key has changed, by the command of `author` if by anyone's.
    pub(crate) fn invalidate(&mut self, now: Now<'_>, author: Option<ConnId>, fact: &Fact) {
        if !fact.modifies {
            return;
        }
        if !self.tracking.prefixes.is_empty() {
            self.tracking.prefixes.note(&fact.key, author.filter(|_| !fact.by_time));
        }
        let hash = self.data.key(&fact.key).hash;
        if let Some(readers) = self.tracking.table.remove(hash, &fact.key) {
            self.tell_readers(now, author, &readers);
        }
    }

    /// Tells those who have read a key that it is not what it was.
    pub(super) fn tell_readers(&mut self, now: Now<'_>, author: Option<ConnId>, readers: &Readers) {
        let message = Message::invalidation(std::iter::once(readers.key()));
        let mut notice = Notice::Key { message, own: false };
        for number in readers.numbers() {
            let Some(&conn) = self.tracking.trackers.get(&number) else { continue };
            if let Notice::Key { own, .. } = &mut notice {
                *own = author == Some(conn);
            }
            self.tell_tracker(now, conn, &notice);
        }
    }

    /// All keys are gone. Those who track are told, and what was noted is forgotten.
    pub(crate) fn invalidate_all(&mut self, now: Now<'_>, lazily: bool) {
        let mut trackers: Vec<ConnId> = self.tracking.trackers.values().copied().collect();
        trackers.sort_unstable();
        for conn in trackers {
            self.tell_tracker(now, conn, &Notice::All);
        }
        let table = std::mem::replace(&mut self.tracking.table, Readership::new(self.data.hash_key));
        if lazily && !table.is_empty() {
            self.garbage.tracked.push(table);
        }
    }

    /// Tells of the changes under prefixes that have gathered.
    #[cold]
    pub(super) fn broadcast(&mut self, now: Now<'_>) {
        for (line, changed) in self.tracking.prefixes.take_changes() {
            let all = Message::invalidation(changed.keys().map(|key| &**key));
            for conn in line {
                let Some(mut session) = self.take_session(conn) else { continue };
                let spares = session.tracking.as_ref().is_some_and(|tracker| tracker.no_loop)
                    && changed.values().any(|author| *author == Some(conn));
                if !spares {
                    self.tell(now, &mut session, &all);
                } else if let Some(message) = by_others(&changed, conn) {
                    self.tell(now, &mut session, &message);
                }
                self.put_back(session);
            }
        }
    }

    /// Tells of what changed under prefixes in a turn of the loop, which is over. A script that is put aside has not ended.
    pub(crate) fn settle_tracking(&mut self, now: Now<'_>) {
        if self.tracking.prefixes.owed() && !self.scripting.is_slow() {
            self.broadcast(now);
        }
    }

    fn tell_tracker(&mut self, now: Now<'_>, conn: ConnId, notice: &Notice) {
        match self.take_session(conn) {
            None => self.put_by.push((conn, PutBy::Notice(notice.clone()))),
            Some(mut session) => {
                self.give_notice(now, &mut session, notice);
                self.put_back(session);
            }
        }
    }

    /// Tells a client that tracks, unless it does not want to hear this.
    pub(crate) fn give_notice(&mut self, now: Now<'_>, session: &mut Session, notice: &Notice) {
        let Some(tracker) = &session.tracking else { return };
        match notice {
            Notice::Key { .. } if tracker.mode == Mode::Broadcast => {}
            Notice::Key { own: true, .. } if tracker.no_loop => {}
            Notice::Key { message, .. } => self.tell(now, session, message),
            Notice::All => {
                // Quirk of the reference: what null looks like is up to the client that tracks, not to the one that is told.
                let message = Message::all_invalid(session.protocol);
                self.tell(now, session, &message);
            }
        }
    }

    /// Sends something to a client that tracks, or to the one that it has named.
    fn tell(&mut self, now: Now<'_>, session: &mut Session, message: &Message) {
        let Some(Tracker { redirect, .. }) = session.tracking.as_deref() else { return };
        let Some(id) = *redirect else {
            if session.protocol == Protocol::Resp3 {
                self.hand(now, session, message);
            }
            return;
        };
        if id == session.id {
            return self.hand_stand_in(now, session, message);
        }
        let Some(&conn) = self.by_id.get(&id) else { return self.redirection_broken(now, session, id) };
        match self.take_session(conn) {
            None => self.put_by.push((conn, PutBy::Message(message.clone()))),
            Some(mut other) => {
                if other.closing {
                    self.redirection_broken(now, session, id);
                } else {
                    self.hand_stand_in(now, &mut other, message);
                }
                self.put_back(other);
            }
        }
    }

    /// Hands a message to the client that another one has named, or has put by for it.
    pub(crate) fn hand_stand_in(&mut self, now: Now<'_>, session: &mut Session, message: &Message) {
        if session.protocol == Protocol::Resp3 || session.subscriptions.is_some() {
            self.hand(now, session, message);
        }
    }

    fn redirection_broken(&mut self, now: Now<'_>, session: &mut Session, id: u64) {
        if let Some(tracker) = &mut session.tracking {
            tracker.broken = true;
        }
        if session.protocol == Protocol::Resp3 {
            self.hand(now, session, &Message::redirection_broken(id));
        }
    }
}

/// The keys that others than this client have changed.
fn by_others(changed: &Changed, conn: ConnId) -> Option<Message> {
    let others = || changed.iter().filter(|(_, author)| **author != Some(conn)).map(|(key, _)| &**key);
    others().next().is_some().then(|| Message::invalidation(others().collect::<Vec<_>>().into_iter()))
}
