//! What was denied, and to whom: ACL LOG.
//!
//! What happens again and again makes one entry that counts. Only the newest few entries are looked through for one to
//! count in, and only those of the last minute.

use crate::check::Reason;
use std::collections::VecDeque;

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// By itself.
    TopLevel,
    /// In a transaction.
    Multi,
    /// From a script.
    Script,
}

/// Something that was denied.
#[derive(Clone, Debug)]
pub struct Event {
    /// Why.
    pub reason: Reason,
    /// How it came.
    pub context: Context,
    /// The command, key or channel.
    pub object: Vec<u8>,
    /// The user.
    pub user: Vec<u8>,
    /// The client, as CLIENT LIST shows it.
    pub client: Vec<u8>,
}

/// An entry of the log.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What happened, and last to which client.
    pub event: Event,
    /// How often.
    pub count: u64,
    /// Its number, never used twice.
    pub id: u64,
    /// When it happened first, in Unix milliseconds.
    pub created_ms: i64,
    /// When it happened last.
    pub updated_ms: i64,
}

/// How long ago an event may be for another to be counted with it.
const TOGETHER_MS: u64 = 60_000;
/// How many entries are looked through.
const LOOKED_AT: usize = 10;

/// The log, newest first.
#[derive(Debug, Default)]
pub struct Log {
    entries: VecDeque<Entry>,
    next_id: u64,
}

impl Log {
    /// Takes an event down. No more than `max` entries are kept.
    pub fn note(&mut self, event: Event, now_ms: i64, max: usize) {
        if max == 0 {
            return self.clear();
        }
        let together = |entry: &Entry| {
            let known = &entry.event;
            known.reason == event.reason
                && known.context == event.context
                && entry.updated_ms.abs_diff(now_ms) <= TOGETHER_MS
                && known.object == event.object
                && known.user == event.user
        };
        let known = self.entries.iter().take(LOOKED_AT).position(together);
        if let Some(mut entry) = known.and_then(|at| self.entries.remove(at)) {
            entry.event.client = event.client;
            entry.updated_ms = now_ms;
            entry.count += 1;
            self.entries.push_front(entry);
            return;
        }
        let id = self.next_id;
        self.next_id += 1;
        self.entries.push_front(Entry { event, count: 1, id, created_ms: now_ms, updated_ms: now_ms });
        self.entries.truncate(max);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// The entries, newest first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.entries.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(object: &str) -> Event {
        Event {
            reason: Reason::Key,
            context: Context::TopLevel,
            object: object.into(),
            user: b"alice".to_vec(),
            client: Vec::new(),
        }
    }

    fn shown(log: &Log) -> Vec<(u64, String, u64)> {
        log.iter().map(|e| (e.id, String::from_utf8(e.event.object.clone()).unwrap(), e.count)).collect()
    }

    #[test]
    fn what_happens_again_is_counted_and_comes_first() {
        let mut log = Log::default();
        for object in ["a", "b", "a"] {
            log.note(event(object), 1000, 128);
        }
        assert_eq!(shown(&log), [(0, "a".into(), 2), (1, "b".into(), 1)]);
        log.note(event("b"), 61_001, 128);
        assert_eq!(shown(&log)[0], (2, "b".into(), 1), "a minute has gone by");
        log.note(Event { context: Context::Multi, ..event("b") }, 61_001, 128);
        assert_eq!(log.iter().len(), 4);
    }

    #[test]
    fn it_is_as_long_as_it_may_be() {
        let mut log = Log::default();
        for at in 0..20 {
            log.note(event(&at.to_string()), 0, 12);
        }
        assert_eq!(log.iter().len(), 12);
        log.note(event("8"), 0, 12);
        assert_eq!(log.iter().len(), 12, "it stands too deep to be found, and one goes for it");
        log.note(event("x"), 0, 0);
        assert_eq!(log.iter().len(), 0);
    }
}
