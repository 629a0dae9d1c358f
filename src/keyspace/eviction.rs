//! Which key goes when memory is short.
//!
//! The exact order of use of all keys is not kept: a few keys are drawn at random, and the best of them enter a pool of
//! candidates, from the worst to the best, out of which the best one goes. What is drawn later is measured against all
//! that was drawn before, so that a small sample does nearly as well as knowing everything.
//!
//! ```text
//! score   LRU   seconds since the last use
//!         LFU   255 less the frequency
//!         TTL   the sooner it expires, the higher
//! ```
//!
//! A pool holds names, not places: the key of a candidate may be gone by the time its turn comes, and is passed over. The
//! random policies need no pool. Nothing is removed here; the caller does that, and tells who has to know.

use crate::tables::Place;
use crate::{AccessClock, EvictionPolicy, Keyspace, Record};
use base::rng::Rng;

/// How many candidates wait.
const POOL: usize = 16;
/// In how many tables of one database a round draws at most: in cluster mode one may hold less than a sample.
const TABLES_PER_ROUND: usize = 16;
/// After so many rounds in which every candidate turned out to be gone, any key will do.
const ROUNDS: usize = 64;

/// A key that could go.
#[derive(Debug, Default)]
struct Candidate {
    score: u64,
    database: usize,
    name: Vec<u8>,
}

/// Chooses the keys that go.
#[derive(Debug, Default)]
pub struct Evictor {
    /// The candidates, the best at the end.
    pool: Vec<Candidate>,
    /// A candidate that had its turn, for its buffer.
    spare: Option<Candidate>,
    next_database: usize,
    policy: EvictionPolicy,
}

impl Evictor {
    /// The next key to go, if there is any that may. Draws `samples` keys from each database.
    pub fn choose(
        &mut self,
        data: &Keyspace,
        policy: EvictionPolicy,
        samples: usize,
        rng: &mut Rng,
    ) -> Option<(usize, Place)> {
        use EvictionPolicy::{AllKeysRandom, NoEviction, VolatileRandom};
        if self.policy != policy {
            // Scores of different policies cannot be compared.
            self.pool.clear();
            self.policy = policy;
        }
        match policy {
            NoEviction => None,
            AllKeysRandom | VolatileRandom => self.at_random(data, policy.volatile_only(), rng),
            _ => self.best(data, samples, rng),
        }
    }

    /// A random key, from each database in turn.
    fn at_random(&mut self, data: &Keyspace, volatile: bool, rng: &mut Rng) -> Option<(usize, Place)> {
        let mut draw = || rng.next_u64();
        for _ in 0..data.databases.len() {
            self.next_database = (self.next_database + 1) % data.databases.len();
            let tables = &data.databases[self.next_database].tables;
            let record = if volatile { tables.random_volatile(&mut draw) } else { tables.random(&mut draw) };
            if let Some(record) = record {
                let place = tables.locate(&data.key(record.key()))?;
                return Some((self.next_database, place));
            }
        }
        None
    }

    /// The best candidate, after drawing once more.
    fn best(&mut self, data: &Keyspace, samples: usize, rng: &mut Rng) -> Option<(usize, Place)> {
        let volatile = self.policy.volatile_only();
        for _ in 0..ROUNDS {
            if !self.draw(data, samples, volatile, rng) {
                return None;
            }
            while let Some(candidate) = self.pool.pop() {
                let tables = &data.databases[candidate.database].tables;
                let found = tables
                    .locate(&data.key(&candidate.name))
                    .filter(|&place| !volatile || tables.get(place).expiry().is_some());
                let database = candidate.database;
                self.spare = Some(candidate);
                if let Some(place) = found {
                    return Some((database, place));
                }
            }
        }
        self.at_random(data, volatile, rng)
    }

    /// Draws from every database. Answers whether there was any key to draw.
    fn draw(&mut self, data: &Keyspace, samples: usize, volatile: bool, rng: &mut Rng) -> bool {
        let mut any = false;
        for (index, database) in data.databases.iter().enumerate() {
            let tables = &database.tables;
            let count = if volatile { tables.volatile_len() } else { tables.len() };
            let mut drawn = 0;
            for _ in 0..TABLES_PER_ROUND {
                if count == 0 || drawn >= samples {
                    break;
                }
                any = true;
                let mut random = || rng.next_u64();
                drawn += tables.sample(&mut random, samples, volatile, |record| {
                    self.consider(index, record, score(self.policy, &data.clock, record));
                });
                if count < samples * 10 {
                    break;
                }
            }
        }
        any
    }

    /// Lets a key into the pool if there is room or it is better than the worst there.
    fn consider(&mut self, database: usize, record: &Record, score: u64) {
        let mut at = self.pool.partition_point(|other| other.score < score);
        let mut candidate = if self.pool.len() < POOL {
            self.spare.take().unwrap_or_default()
        } else if at == 0 {
            return;
        } else {
            at -= 1;
            self.pool.remove(0)
        };
        candidate.score = score;
        candidate.database = database;
        candidate.name.clear();
        candidate.name.extend_from_slice(record.key());
        self.pool.insert(at, candidate);
    }
}

/// The higher, the sooner a key should go.
fn score(policy: EvictionPolicy, clock: &AccessClock, record: &Record) -> u64 {
    match policy {
        EvictionPolicy::VolatileTtl => u64::MAX - record.expiry().unwrap_or(i64::MAX).max(0).cast_unsigned(),
        _ if policy.is_lfu() => 255 - u64::from(clock.frequency(record.access())),
        _ => clock.idle_seconds(record.access()),
    }
}

#[cfg(test)]
#[path = "eviction_tests.rs"]
mod tests;
