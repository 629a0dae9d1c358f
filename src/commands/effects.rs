//! What a command changed, in the order it did.
//!
//! A handler says each change once, by [`Effects::changed`]; what follows from it (invalidations, wake-ups, events, the
//! write stream) is worked out by the node when the command has ended. While nobody listens, a change costs an addition.

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

    /// Whether those who watch the key count it as changed. Quirk of the reference: what is done to the groups of a stream,
    /// or to its last ID, is no change in this sense.
    pub fn breaks_watches(&self) -> bool {
        !matches!(
            self.event,
            "keymiss"
                | "new"
                | "xsetid"
                | "xgroup-setid"
                | "xgroup-destroy"
                | "xgroup-createconsumer"
                | "xgroup-delconsumer"
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
    /// What they are to repeat in place of the request, when the handler has said so.
    pub writes: Vec<Vec<Vec<u8>>>,
    /// Whether they are to repeat `writes` alone, and nothing where there are none.
    pub silent: bool,
}

impl Effects {
    /// Says that `key` changed, and how many changes that counts for.
    #[inline]
    pub fn changed(&mut self, database: usize, key: &[u8], event: &'static str, count: u64) {
        self.dirty += count;
        if self.listening {
            self.facts.push(Fact { database, key: key.to_vec(), event, by_time: false });
        }
    }

    /// Says that a key is gone, or fields of it, because their time had come. What time does by itself is no change that
    /// someone made: it is told, not counted.
    #[inline]
    pub fn expired(&mut self, database: usize, key: &[u8], event: &'static str) {
        if self.listening {
            self.facts.push(Fact { database, key: key.to_vec(), event, by_time: true });
        }
    }

    /// Says what is to be repeated in place of the request. Several such commands are repeated in their order.
    #[inline]
    pub fn replicate_as(&mut self, words: &[&[u8]]) {
        if self.recording {
            self.writes.push(words.iter().map(|word| word.to_vec()).collect());
        }
    }

    /// Says that the request itself is not to be repeated, but only what [`Effects::replicate_as`] names, if it does.
    #[inline]
    pub fn replicate_no_request(&mut self) {
        self.silent = true;
    }

    /// Forgets what was said, when everyone has heard it.
    pub fn clear(&mut self) {
        self.silent = false;
        self.facts.clear();
        self.writes.clear();
    }
}
