//! Beginnings of names about which clients want to hear whatever they have read: `CLIENT TRACKING ON BCAST PREFIX ...`.
//!
//! Changes gather until all inputs of a turn of the loop have been worked off. Then each client is told once for each of
//! its prefixes, with all the keys in one list; a key that changed twice stands in it once.

use crate::boundary::ConnId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The keys under a prefix that have changed, in order, and who changed each last; nobody if time has.
pub(super) type Changed = BTreeMap<Box<[u8]>, Option<ConnId>>;

#[derive(Debug, Default)]
struct Prefix {
    line: Vec<ConnId>,
    changed: Changed,
}

/// All prefixes, and what has changed under them.
#[derive(Debug, Default)]
pub(crate) struct Prefixes {
    by_text: BTreeMap<Arc<[u8]>, Prefix>,
    /// How many there are of each length: those of a name are found by looking up its beginnings of these lengths.
    lengths: BTreeMap<usize, usize>,
    /// Whether anything has changed under any.
    owed: bool,
}

impl Prefixes {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.by_text.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_text.is_empty()
    }

    /// Whether there are changes that nobody was told of.
    pub(crate) fn owed(&self) -> bool {
        self.owed
    }

    /// Lets a client hear of a prefix. Answers the prefix as it is kept here, for the client to keep it too.
    pub(super) fn enter(&mut self, text: Arc<[u8]>, conn: ConnId) -> Arc<[u8]> {
        let known = self.by_text.get_key_value(&text).map(|(known, _)| Arc::clone(known));
        let text = known.unwrap_or_else(|| {
            *self.lengths.entry(text.len()).or_default() += 1;
            text
        });
        let line = &mut self.by_text.entry(Arc::clone(&text)).or_default().line;
        if let Err(at) = line.binary_search(&conn) {
            line.insert(at, conn);
        }
        text
    }

    pub(super) fn leave(&mut self, text: &[u8], conn: ConnId) {
        let Some(prefix) = self.by_text.get_mut(text) else { return };
        prefix.line.retain(|other| *other != conn);
        if prefix.line.is_empty() {
            self.by_text.remove(text);
            if let Some(count) = self.lengths.get_mut(&text.len()) {
                *count -= 1;
                if *count == 0 {
                    self.lengths.remove(&text.len());
                }
            }
        }
    }

    /// A key has changed.
    pub(super) fn note(&mut self, key: &[u8], author: Option<ConnId>) {
        for (&length, _) in self.lengths.range(..=key.len()) {
            if let Some(prefix) = self.by_text.get_mut(&key[..length]) {
                prefix.changed.insert(key.into(), author);
                self.owed = true;
            }
        }
    }

    /// What has changed since the last time, prefix by prefix, and who is to be told.
    pub(super) fn take_changes(&mut self) -> Vec<(Vec<ConnId>, Changed)> {
        self.owed = false;
        let changed = self.by_text.values_mut().filter(|prefix| !prefix.changed.is_empty());
        changed.map(|prefix| (prefix.line.clone(), std::mem::take(&mut prefix.changed))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Prefixes;
    use crate::boundary::ConnId;
    use std::sync::Arc;

    #[test]
    fn a_change_is_told_under_every_beginning_of_the_name() {
        let (one, two) = (ConnId(1), ConnId(2));
        let mut prefixes = Prefixes::default();
        for text in ["", "user:", "user:1", "order:"] {
            prefixes.enter(text.as_bytes().into(), one);
        }
        let first = prefixes.enter(b"user:".as_slice().into(), one);
        assert!(Arc::ptr_eq(&first, &prefixes.enter(b"user:".as_slice().into(), two)));
        drop(first);
        assert_eq!(prefixes.len(), 4);
        prefixes.note(b"user:12", Some(two));
        prefixes.note(b"user:12", None);
        prefixes.note(b"user", Some(one));
        assert!(prefixes.owed());
        let changes = prefixes.take_changes();
        let told: Vec<(usize, usize)> = changes.iter().map(|(line, keys)| (line.len(), keys.len())).collect();
        assert_eq!(told, [(1, 2), (2, 1), (1, 1)]);
        assert_eq!(changes[1].1[b"user:12".as_slice()], None);
        assert!(!prefixes.owed() && prefixes.take_changes().is_empty());
        for text in ["", "user:", "user:1", "order:"] {
            prefixes.leave(text.as_bytes(), one);
        }
        prefixes.leave(b"none", one);
        assert_eq!(prefixes.len(), 1);
        prefixes.leave(b"user:", two);
        assert!(prefixes.is_empty() && prefixes.lengths.is_empty());
    }
}
