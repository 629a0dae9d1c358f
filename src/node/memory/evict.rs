//! Eviction: how far it goes for one command, and what follows when that is not enough.

use super::{Room, policy};
use crate::boundary::{ConnId, Now};
use crate::lazyfree;
use crate::node::Node;
use crate::propagate::Unit;
use crate::session::{Class, OWN_ROOM};
use base::log::Level;
use catalog::{Flag, Flags};
use commands::CommandError;
use keyspace::EvictionPolicy;

/// The clock is read, and memory on its way out looked at, once in so many keys.
const KEYS_PER_LOOK: u64 = 16;

impl Node {
    /// Makes room for a command, or refuses it.
    pub(crate) fn admit_memory(
        &mut self,
        conn: Option<ConnId>,
        flags: Flags,
        now: Now<'_>,
    ) -> Result<(), CommandError> {
        let room = self.make_room(now);
        self.scripting.short_of_memory = room == Room::None;
        // What went is told before the command that it went for is run.
        if !self.effects.facts.is_empty() {
            self.follow_facts(now, conn);
        }
        match room {
            Room::None if flags.has(Flag::DenyOom) => Err(CommandError::OUT_OF_MEMORY),
            _ => Ok(()),
        }
    }

    /// Evicts keys while memory is above the limit, for as long as `maxmemory-eviction-tenacity` allows.
    pub(crate) fn make_room(&mut self, now: Now<'_>) -> Room {
        if self.pause.is_on() {
            self.eviction.going_on = false;
            return Room::Enough;
        }
        let mut surplus = self.surplus(now);
        self.eviction.tight = surplus > 0;
        if surplus > 0 && self.drop_large_spares() {
            surplus = self.surplus(now);
        }
        self.eviction.going_on = false;
        let room = if surplus == 0 {
            Room::Enough
        } else {
            let began = self.event_begins(now);
            let room = self.evict(now, surplus);
            self.event_ends(now, "eviction-cycle", began);
            room
        };
        let micros = now.meter.micros();
        match (room, self.eviction.exceeded_since) {
            (Room::Enough, Some(since)) => {
                self.eviction.exceeded_us += micros.saturating_sub(since);
                self.eviction.exceeded_since = None;
            }
            (Room::Coming | Room::None, None) => self.eviction.exceeded_since = Some(micros),
            _ => {}
        }
        room
    }

    /// Frees what is only kept to be used again, if it is large: before any key goes. Answers whether there was any.
    fn drop_large_spares(&mut self) -> bool {
        let before = self.spare.len();
        self.spare.retain(|buffer| buffer.bytes.capacity() <= OWN_ROOM);
        self.spare.len() < before
    }

    /// Bytes above the limit.
    fn surplus(&self, now: Now<'_>) -> u64 {
        let (used, limit) = (now.meter.used_memory() as u64, self.config.memory.maxmemory);
        if limit == 0 || used <= limit {
            return 0;
        }
        used.saturating_sub(self.uncounted_memory())
            .saturating_sub(self.pending_bytes(now))
            .saturating_sub(limit)
    }

    /// Memory in use that no eviction could reduce: the output to replicas.
    pub(crate) fn uncounted_memory(&self) -> u64 {
        self.client_memory[Class::Replica as usize]
    }

    fn evict(&mut self, now: Now<'_>, surplus: u64) -> Room {
        let policy = policy(&self.config);
        if self.is_loading() {
            return Room::Enough;
        }
        if policy == EvictionPolicy::NoEviction || self.config.data.import_mode {
            return Room::None;
        }
        let (samples, lazily) =
            (self.config.memory.maxmemory_samples as usize, self.config.memory.lazyfree_lazy_eviction);
        let limit_us = time_limit(self.config.memory.maxmemory_eviction_tenacity);
        let start = now.meter.micros();
        let (mut freed, mut keys) = (0i64, 0);
        while freed < surplus.cast_signed() {
            let Some((index, place)) =
                self.eviction.evictor.choose(&self.data, policy, samples, &mut self.rng)
            else {
                // What is still being freed elsewhere may be room enough.
                return if self.pending_objects(now) > 0 { Room::Coming } else { Room::None };
            };
            let record = self.data.databases[index].tables.remove(place);
            let size = record.alloc_size(lazyfree::SIZE_SAMPLES);
            self.effects.changed(index, record.key(), "evicted", 1);
            self.effects.removed(index, record.key(), lazily);
            self.end_unit(Unit::Each);
            // What it takes to tell of it may be more than is freed; if that counted there would be no end to this.
            let before = now.meter.used_memory();
            let began = self.event_begins(now);
            lazyfree::discard(&mut self.garbage.records, record, lazily);
            self.event_ends(now, "eviction-del", began);
            let gone = before as i64 - now.meter.used_memory() as i64;
            freed += if self.garbage.records.is_empty() { gone } else { gone.max(size as i64) };
            self.stats.evicted_keys += 1;
            keys += 1;
            if keys % KEYS_PER_LOOK == 0 {
                if self.surplus(now) == 0 {
                    break;
                }
                if now.meter.micros().saturating_sub(start) > limit_us {
                    self.eviction.going_on = true;
                    return Room::Coming;
                }
            }
        }
        Room::Enough
    }

    /// Goes on evicting where a command ran out of time, or begins after `maxmemory` was lowered.
    pub(crate) fn go_on_evicting(&mut self, now: Now<'_>) {
        if self.config.memory.maxmemory == 0 {
            self.eviction.going_on = false;
            return;
        }
        if std::mem::take(&mut self.eviction.limit_changed) {
            self.warn_of_memory_limit(now);
        }
        self.make_room(now);
    }

    /// Follows a new `maxmemory`.
    pub(crate) fn follow_memory_limit(&mut self) {
        self.eviction.going_on = self.config.memory.maxmemory > 0;
        self.eviction.limit_changed = self.eviction.going_on;
    }

    /// Says in the log that a `maxmemory` is smaller than what is in use.
    fn warn_of_memory_limit(&mut self, now: Now<'_>) {
        let (used, limit) = (now.meter.used_memory() as u64, self.config.memory.maxmemory);
        if limit > 0 && used > limit {
            self.log(
                Level::Warning,
                format!(
                    "WARNING: the new maxmemory value set via CONFIG SET ({limit}) is smaller than the current memory \
                     usage ({used}). This will result in key eviction and/or the inability to accept new write commands \
                     depending on the maxmemory-policy."
                ),
            );
        }
    }

    /// Milliseconds that memory was above the limit: in all, and this time.
    pub(crate) fn exceeded_ms(&self, now: Now<'_>) -> (u64, u64) {
        let since = self.eviction.exceeded_since;
        let current = since.map_or(0, |since| now.meter.micros().saturating_sub(since));
        ((self.eviction.exceeded_us + current) / 1000, current / 1000)
    }

    /// Sets the figures of eviction to zero.
    pub(crate) fn reset_eviction_figures(&mut self) {
        self.eviction.exceeded_us = 0;
        self.eviction.exceeded_since = None;
    }
}

/// How long one command may be held up by eviction, in microseconds: half a millisecond at the default tenacity of 10,
/// from there on 15% more with every step, without end at 100.
fn time_limit(tenacity: u32) -> u64 {
    match tenacity {
        0..=10 => 50 * u64::from(tenacity),
        11..=99 => (500.0 * 1.15f64.powi(tenacity as i32 - 10)) as u64,
        _ => u64::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::time_limit;

    #[test]
    fn tenacity_is_a_time_limit() {
        assert_eq!([0, 5, 10].map(time_limit), [0, 250, 500]);
        assert_eq!(time_limit(11), 575);
        assert!((110_000_000..=150_000_000).contains(&time_limit(99)));
        assert_eq!(time_limit(100), u64::MAX);
    }
}
