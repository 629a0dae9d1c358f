//! Tests of the choice of keys to evict: who may go, and who goes first.

use super::*;
use crate::NewValue;
use base::siphash;

const NOW: i64 = 1_700_000_000;
const KEYS: usize = 2000;

fn keyspace(policy: EvictionPolicy, databases: usize, cluster: bool) -> Keyspace {
    let clock = AccessClock { lfu: policy.is_lfu(), log_factor: 10, decay_minutes: 1, seconds: NOW };
    Keyspace::new(databases, siphash::Key::new(3, 4), cluster, clock)
}

/// Keys of which the `i`th is better to keep the higher `i`, by every measure; the even ones have a TTL.
fn fill(data: &mut Keyspace) {
    for i in 0..KEYS {
        let name = format!("{i}").into_bytes();
        let expiry = i.is_multiple_of(2).then(|| NOW * 1000 + 1_000_000 + i as i64);
        let mut record = data.record(&name, NewValue::Bytes(b"value"), expiry);
        record.set_access(match data.clock.lfu {
            true => data.clock.with_frequency((i * 255 / KEYS) as u8),
            false => data.clock.with_idle((KEYS - i) as u64),
        });
        let key = data.key(&name);
        let index = i % data.databases.len();
        data.databases[index].tables.insert(&key, record);
    }
}

/// Evicts `count` keys, answers their numbers.
fn evict(data: &mut Keyspace, policy: EvictionPolicy, samples: usize, count: usize) -> Vec<usize> {
    let (mut evictor, mut rng) = (Evictor::default(), Rng::seed(9));
    let mut gone = Vec::new();
    while gone.len() < count {
        let Some((index, place)) = evictor.choose(data, policy, samples, &mut rng) else { break };
        let record = data.databases[index].tables.remove(place);
        gone.push(std::str::from_utf8(record.key()).unwrap().parse().unwrap());
    }
    gone
}

const ALL: [EvictionPolicy; 7] = [
    EvictionPolicy::AllKeysLru,
    EvictionPolicy::AllKeysLfu,
    EvictionPolicy::AllKeysRandom,
    EvictionPolicy::VolatileLru,
    EvictionPolicy::VolatileLfu,
    EvictionPolicy::VolatileRandom,
    EvictionPolicy::VolatileTtl,
];

#[test]
fn every_key_that_may_go_goes_in_the_end_and_no_other() {
    for policy in ALL {
        for cluster in [false, true] {
            let mut data = keyspace(policy, if cluster { 1 } else { 3 }, cluster);
            fill(&mut data);
            let gone = evict(&mut data, policy, 5, usize::MAX);
            if policy.volatile_only() {
                assert_eq!(gone.len(), KEYS / 2, "{policy:?}");
                assert!(gone.iter().all(|i| i % 2 == 0), "{policy:?}");
            } else {
                assert_eq!(gone.len(), KEYS, "{policy:?}");
            }
        }
    }
    let mut data = keyspace(EvictionPolicy::NoEviction, 1, false);
    fill(&mut data);
    assert!(evict(&mut data, EvictionPolicy::NoEviction, 5, 1).is_empty());
}

#[test]
fn the_least_worth_keeping_go_first_the_more_surely_the_more_are_drawn() {
    for policy in ALL {
        let mean = |samples| {
            let mut data = keyspace(policy, 1, false);
            fill(&mut data);
            let gone = evict(&mut data, policy, samples, KEYS / 10);
            gone.iter().sum::<usize>() as f64 / gone.len() as f64 / KEYS as f64
        };
        let (five, many) = (mean(5), mean(64));
        if matches!(policy, EvictionPolicy::AllKeysRandom | EvictionPolicy::VolatileRandom) {
            assert!((0.4..0.6).contains(&five), "{policy:?} {five}");
        } else {
            // Perfect choice would give 0.05 of all keys, or 0.1 where only every second one may go.
            assert!(five < 0.2 && many <= five + 0.02, "{policy:?} {five} {many}");
        }
    }
}

#[test]
fn candidates_that_are_gone_or_lost_their_ttl_are_passed_over() {
    let policy = EvictionPolicy::VolatileTtl;
    let mut data = keyspace(policy, 1, false);
    fill(&mut data);
    let (mut evictor, mut rng) = (Evictor::default(), Rng::seed(1));
    evictor.choose(&data, policy, 10, &mut rng);
    for i in (0..KEYS).step_by(2) {
        let name = format!("{i}").into_bytes();
        let key = data.key(&name);
        let place = data.databases[0].tables.locate(&key).unwrap();
        if i != 1000 {
            data.databases[0].set_expiry(place, None);
        }
    }
    let (_, place) = evictor.choose(&data, policy, 10, &mut rng).unwrap();
    assert_eq!(data.databases[0].tables.get(place).key(), b"1000");
}
