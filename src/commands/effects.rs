//! What a command changed, in the order it did.
//!
//! A handler says each change once, by [`Effects::changed`]; what follows from it (invalidations, wake-ups, events, the
//! write stream) is worked out by the node when the command has ended. While nobody listens, a change costs an addition.

use crate::Writes;
use base::log::Line;

/// One change to one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The database.
    pub database: usize,
    /// The key.
    pub key: Vec<u8>,
    /// The name of the event, as keyspace notifications call it; empty if they say nothing of it.
    pub event: &'static str,
    /// Whether nobody made the change: a time had come.
    pub by_time: bool,
    /// Whether those who watch the key, or keep a copy of it, count it as changed.
    pub modifies: bool,
}

impl Fact {
    /// Whether those who wait for the key may find something afterwards. Of a stream, they go by entries that come and by
    /// groups that go; a group that is taken back is noticed with the next entry.
    pub fn serves(&self) -> bool {
        !matches!(
            self.event,
            "xdel" | "xtrim" | "xsetid" | "xgroup-setid" | "xgroup-createconsumer" | "xgroup-delconsumer"
        )
    }
}

/// The changes of one command.
#[derive(Debug, Default)]
pub struct Effects {
    /// How many changes the data set saw, as `rdb_changes_since_last_save` counts them.
    pub dirty: u64,
    /// Whether anyone wants to know more than their number.
    pub listening: bool,
    /// The changes, when someone does.
    pub facts: Vec<Fact>,
    /// What the log is to say.
    pub remarks: Vec<Line>,
    /// Whether anyone repeats the writes of this server.
    pub recording: bool,
    /// What they are to repeat, from the beginning of what is done in one.
    pub writes: Writes,
    /// What the command that is being run has said of how it is repeated.
    said: Said,
}

/// What a command has said of how it is to be repeated.
#[derive(Clone, Copy, Debug, Default)]
struct Said {
    /// The database that it was run in.
    database: usize,
    /// Whether it named commands to be repeated in its place.
    named: bool,
    /// Whether it is not to be repeated.
    silent: bool,
    /// Whether it is to be repeated even if nothing has changed.
    forced: bool,
}

impl Effects {
    /// Says that `key` changed, and how many changes that counts for.
    #[inline]
    pub fn changed(&mut self, database: usize, key: &[u8], event: &'static str, count: u64) {
        self.dirty += count;
        self.tell(database, key, event, false, true);
    }

    /// Says that something was done to `key` that is no change for those who watch it, and how many changes it counts for.
    /// Quirk of the reference: what is done to the groups of a stream is such a thing.
    #[inline]
    pub fn noted(&mut self, database: usize, key: &[u8], event: &'static str, count: u64) {
        self.dirty += count;
        self.tell(database, key, event, false, false);
    }

    #[inline]
    fn tell(&mut self, database: usize, key: &[u8], event: &'static str, by_time: bool, modifies: bool) {
        if self.listening {
            self.facts.push(Fact { database, key: key.to_vec(), event, by_time, modifies });
        }
    }

    /// Says that a key is gone because its time had come. What time does by itself is no change that someone made: it is
    /// told, not counted.
    #[inline]
    pub fn key_expired(&mut self, database: usize, key: &[u8], lazily: bool) {
        self.fields_expired(database, key, "expired");
        if self.recording {
            self.removed(database, key, lazily);
        }
    }

    /// Says that fields of a key are gone because their time had come. Those who repeat writes have to be told which.
    #[inline]
    pub fn fields_expired(&mut self, database: usize, key: &[u8], event: &'static str) {
        self.tell(database, key, event, true, true);
    }

    /// Says to those who repeat writes that a key is gone without a command having said so.
    pub fn removed(&mut self, database: usize, key: &[u8], lazily: bool) {
        if self.recording {
            self.writes.push(database, [removal(lazily), key].into_iter());
        }
    }

    /// A command begins in a database.
    #[inline]
    pub fn begin(&mut self, database: usize) {
        self.said = Said { database, ..Said::default() };
    }

    /// A command has ended: it is repeated itself if it `changed` anything and has not said otherwise.
    pub fn end<'a>(&mut self, changed: bool, request: impl ExactSizeIterator<Item = &'a [u8]>) {
        let said = std::mem::take(&mut self.said);
        if (changed || said.forced) && !said.named && !said.silent {
            self.writes.push(said.database, request);
        }
    }

    /// Says what is to be repeated in place of the request. Several such commands are repeated in their order.
    #[inline]
    pub fn replicate_as(&mut self, words: &[&[u8]]) {
        if self.recording {
            self.said.named = true;
            self.writes.push(self.said.database, words.iter().copied());
        }
    }

    /// Says that the request itself is not to be repeated, but only what [`Effects::replicate_as`] names, if it does.
    #[inline]
    pub fn replicate_no_request(&mut self) {
        self.said.silent = true;
    }

    /// Says that the request is to be repeated even if nothing has changed here.
    pub fn replicate_anyway(&mut self) {
        self.said.forced = true;
    }

    /// Forgets what was said, when everyone has heard it.
    pub fn clear(&mut self) {
        self.facts.clear();
    }
}

/// The command that removes a key: the one of the two that frees it as it was freed here.
pub fn removal(lazily: bool) -> &'static [u8] {
    if lazily { b"UNLINK" } else { b"DEL" }
}

#[cfg(test)]
impl Effects {
    /// Of a server that someone listens to and someone repeats.
    pub(crate) fn heard_and_repeated() -> Effects {
        Effects { listening: true, recording: true, ..Effects::default() }
    }
}
