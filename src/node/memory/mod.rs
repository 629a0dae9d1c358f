//! `maxmemory`: making room before a command runs, and refusing the command when there is none.
//!
//! ```text
//! over the limit -> evict keys until the surplus is gone        Room::Enough
//!                -> or time is up: go on by the timer           Room::Coming   commands run meanwhile
//!                -> or there is nothing to evict                Room::None     what may need memory is refused
//! ```
//!
//! Which key goes is decided in `keyspace::eviction`. Memory of replicas' output is left out of the sum, since evicting
//! adds to it; what is on its way out, being freed elsewhere, is left out as well, so that nothing is evicted for it twice.
//!
//! Here is what is known of that; `evict.rs` does it.

mod evict;

use keyspace::{EvictionPolicy, Evictor};

/// How memory stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// Within the limit.
    Enough,
    /// Above it, and keys are being evicted.
    Coming,
    /// Above it, and nothing can be evicted.
    None,
}

/// The state of eviction.
#[derive(Debug, Default)]
pub(crate) struct Eviction {
    evictor: Evictor,
    /// Whether eviction ran out of time and goes on by the timer.
    pub(crate) going_on: bool,
    /// Whether memory was above the limit when it was last looked at.
    pub(crate) tight: bool,
    /// Whether `maxmemory` is new.
    limit_changed: bool,
    /// Since when memory has been above the limit, by the meter's clock.
    exceeded_since: Option<u64>,
    /// Microseconds that memory was above the limit before that.
    exceeded_us: u64,
}

/// The policy, as the data set calls it.
pub(crate) fn policy(config: &config::Config) -> EvictionPolicy {
    match config.memory.maxmemory_policy {
        config::EvictionPolicy::VolatileLru => EvictionPolicy::VolatileLru,
        config::EvictionPolicy::VolatileLfu => EvictionPolicy::VolatileLfu,
        config::EvictionPolicy::VolatileRandom => EvictionPolicy::VolatileRandom,
        config::EvictionPolicy::VolatileTtl => EvictionPolicy::VolatileTtl,
        config::EvictionPolicy::AllKeysLru => EvictionPolicy::AllKeysLru,
        config::EvictionPolicy::AllKeysLfu => EvictionPolicy::AllKeysLfu,
        config::EvictionPolicy::AllKeysRandom => EvictionPolicy::AllKeysRandom,
        config::EvictionPolicy::NoEviction => EvictionPolicy::NoEviction,
    }
}
