//! The access clock: 24 bits in every record that say how recently (LRU) or how often (LFU) the key was used.
//!
//! ```text
//! LRU   | seconds, modulo 2^24                        |
//! LFU   | minutes, modulo 2^16         | counter, u8  |
//! ```
//!
//! The LFU counter is logarithmic: the higher it stands, the less likely one more access raises it; it falls by one for
//! every `lfu-decay-time` minutes without use. Both clocks wrap, which the comparisons take into account.

use base::rng::Rng;

/// The LFU counter of a new key, so that it is not the first to go before it had a chance.
pub(crate) const LFU_INITIAL: u32 = 5;
const LRU_MASK: u32 = (1 << 24) - 1;

/// How keys are chosen when memory is short (`maxmemory-policy`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EvictionPolicy {
    /// None is: writes are refused.
    #[default]
    NoEviction,
    /// Any key, least recently used first.
    AllKeysLru,
    /// Any key, least frequently used first.
    AllKeysLfu,
    /// Any key, at random.
    AllKeysRandom,
    /// Keys with a TTL, least recently used first.
    VolatileLru,
    /// Keys with a TTL, least frequently used first.
    VolatileLfu,
    /// Keys with a TTL, at random.
    VolatileRandom,
    /// Keys with a TTL, soonest to expire first.
    VolatileTtl,
}

impl EvictionPolicy {
    /// Whether the access clock counts uses instead of telling the time.
    pub(crate) fn is_lfu(self) -> bool {
        matches!(self, EvictionPolicy::AllKeysLfu | EvictionPolicy::VolatileLfu)
    }

    /// Whether only keys with a TTL may go.
    pub(crate) fn volatile_only(self) -> bool {
        use EvictionPolicy::{VolatileLfu, VolatileLru, VolatileRandom, VolatileTtl};
        matches!(self, VolatileLru | VolatileLfu | VolatileRandom | VolatileTtl)
    }
}

/// Reads and advances access clocks.
#[derive(Clone, Copy, Debug)]
pub struct AccessClock {
    /// Whether records carry LFU clocks.
    pub lfu: bool,
    /// `lfu-log-factor`.
    pub log_factor: u32,
    /// `lfu-decay-time`, in minutes.
    pub decay_minutes: u32,
    /// The time, in Unix seconds.
    pub seconds: i64,
}

impl AccessClock {
    /// The clock of a key that is made now.
    #[inline]
    pub fn fresh(&self) -> u32 {
        if self.lfu { (self.minutes() << 8) | LFU_INITIAL } else { self.seconds as u32 & LRU_MASK }
    }

    /// The clock of a key that is used now.
    #[inline]
    pub fn touched(&self, clock: u32, rng: &mut Rng) -> u32 {
        if !self.lfu {
            return self.seconds as u32 & LRU_MASK;
        }
        (self.minutes() << 8) | self.raised(self.frequency(clock), rng)
    }

    /// Seconds since the last use.
    pub fn idle_seconds(&self, clock: u32) -> u64 {
        u64::from((self.seconds as u32).wrapping_sub(clock) & LRU_MASK)
    }

    /// A clock that says the key was last used `idle` seconds ago.
    pub fn with_idle(&self, idle: u64) -> u32 {
        (self.seconds as u32).wrapping_sub(idle as u32) & LRU_MASK
    }

    /// A clock that says the key is used this frequently.
    pub fn with_frequency(&self, frequency: u8) -> u32 {
        (self.minutes() << 8) | u32::from(frequency)
    }

    /// The LFU counter, after the decay of the time since the last use.
    pub fn frequency(&self, clock: u32) -> u32 {
        let counter = clock & 0xff;
        if self.decay_minutes == 0 {
            return counter;
        }
        let elapsed = self.minutes().wrapping_sub(clock >> 8) & 0xffff;
        counter.saturating_sub(elapsed / self.decay_minutes)
    }

    fn raised(&self, counter: u32, rng: &mut Rng) -> u32 {
        if counter == 255 {
            return 255;
        }
        let over = counter.saturating_sub(LFU_INITIAL);
        counter + u32::from(rng.chance(1, u64::from(over) * u64::from(self.log_factor) + 1))
    }

    fn minutes(&self) -> u32 {
        (self.seconds / 60) as u32 & 0xffff
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(lfu: bool, seconds: i64) -> AccessClock {
        AccessClock { lfu, log_factor: 10, decay_minutes: 1, seconds }
    }

    #[test]
    fn idle_time_survives_the_wrap_of_the_clock() {
        let before = clock(false, (1 << 24) - 10).fresh();
        assert_eq!(clock(false, (1 << 24) + 5).idle_seconds(before), 15);
        assert_eq!(clock(false, 1000).idle_seconds(clock(false, 1000).with_idle(77)), 77);
    }

    #[test]
    fn frequency_decays_by_the_minute_and_rises_ever_more_slowly() {
        let mut rng = Rng::seed(1);
        let now = clock(true, 60 * 100_000);
        let mut value = now.fresh();
        assert_eq!(now.frequency(value), LFU_INITIAL);
        for _ in 0..100_000 {
            value = now.touched(value, &mut rng);
        }
        let high = now.frequency(value);
        assert!((100..255).contains(&high), "{high}");
        assert_eq!(clock(true, 60 * 100_007).frequency(value), high - 7);
        assert_eq!(clock(true, 60 * 101_000).frequency(value), 0);
    }
}
