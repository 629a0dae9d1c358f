//! What is freed away from the thread that serves: gathered while an input is handled, handed to the shell after it.
//!
//! The node counts what it hands over, the shell what it has freed; the difference is on its way. Only what is costly to
//! free goes this way: a value of many allocations, or all the keys of a database.

use crate::boundary::{Garbage, Now, Output};
use crate::node::Node;
use crate::remains::Remains;
use keyspace::{Record, Tables};
use structures::readers::Readership;

/// By how many of its parts the size of a value is judged.
pub(crate) const SIZE_SAMPLES: usize = 5;

fn size(record: &Record) -> usize {
    record.alloc_size(SIZE_SAMPLES)
}

/// Frees a record, elsewhere if that is wished and it is costly.
pub(crate) fn discard(garbage: &mut Vec<Record>, record: Record, lazily: bool) {
    if lazily && record.is_costly_to_free() {
        garbage.push(record);
    }
}

impl Garbage {
    #[inline]
    fn is_empty(&self) -> bool {
        self.records.is_empty()
            && self.tables.is_empty()
            && self.tracked.is_empty()
            && self.scripts.is_empty()
    }

    /// Says how much it is.
    fn count(&mut self) {
        let Garbage { records, tables, tracked, scripts, .. } = self;
        let objects = records.len()
            + tables.iter().map(Tables::len).sum::<usize>()
            + tracked.iter().map(Readership::len).sum::<usize>()
            + scripts.iter().map(Remains::objects).sum::<usize>();
        let bytes = records.iter().map(size).sum::<usize>()
            + tables.iter().map(Tables::mem_bytes).sum::<usize>()
            + tracked.iter().map(Readership::mem_bytes).sum::<usize>()
            + scripts.iter().map(Remains::bytes).sum::<usize>();
        (self.objects, self.bytes) = (objects as u64, bytes as u64);
    }
}

impl Node {
    /// Removes all keys of a database.
    pub(crate) fn flush(&mut self, now: Now<'_>, index: usize, lazily: bool) {
        self.exchange_watched(index, None, now.unix_ms());
        let database = &mut self.data.databases[index];
        let tables = database.tables.take();
        database.average_ttl = 0;
        database.expiry_cursor = 0;
        self.effects.dirty += tables.len() as u64;
        self.lines.note_database(index);
        if lazily && !tables.is_empty() {
            self.garbage.tables.push(tables);
        }
    }

    /// Hands over what is to be freed.
    pub(crate) fn hand_over_garbage(&mut self) {
        if self.garbage.is_empty() {
            return;
        }
        let mut garbage = std::mem::take(&mut self.garbage);
        garbage.count();
        self.handed.objects += garbage.objects;
        self.handed.bytes += garbage.bytes;
        self.outputs.push_back(Output::Free(garbage));
    }

    /// How many values are on their way out.
    pub(crate) fn pending_objects(&self, now: Now<'_>) -> u64 {
        self.handed.objects.saturating_sub(now.meter.freed().objects)
    }

    /// How many values were freed elsewhere, since CONFIG RESETSTAT.
    pub(crate) fn lazyfreed_objects(&self, now: Now<'_>) -> u64 {
        now.meter.freed().objects.saturating_sub(self.handed.forgotten)
    }

    /// How many bytes are on their way out, those not handed over yet among them.
    pub(crate) fn pending_bytes(&self, now: Now<'_>) -> u64 {
        let here: usize = self.garbage.records.iter().map(size).sum();
        self.handed.bytes.saturating_sub(now.meter.freed().bytes) + here as u64
    }
}
