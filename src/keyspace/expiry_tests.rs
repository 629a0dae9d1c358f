//! Tests of the active expiry cycle, on a clock that the test moves.

use super::*;
use crate::{AccessClock, NewValue};
use base::siphash;
use std::cell::Cell;

const NOW: i64 = 1_700_000_000_000;

fn keyspace(databases: usize) -> Keyspace {
    let clock = AccessClock { lfu: false, log_factor: 10, decay_minutes: 1, seconds: NOW / 1000 };
    Keyspace::new(databases, siphash::Key::new(1, 2), false, clock)
}

fn fill(data: &mut Keyspace, index: usize, count: usize, expiry: impl Fn(usize) -> Option<i64>) {
    for i in 0..count {
        let name = format!("key:{i}").into_bytes();
        let record = data.record(&name, NewValue::Integer(i as i64), expiry(i));
        let key = data.key(&name);
        data.databases[index].tables.insert(&key, record);
    }
}

/// Runs one cycle, on a clock that moves `step` microseconds whenever it is read.
fn cycle(
    expiry: &mut ActiveExpiry,
    data: &mut Keyspace,
    cycle: Cycle,
    clock: &Cell<u64>,
    step: u64,
) -> usize {
    let micros = || {
        clock.set(clock.get() + step);
        clock.get()
    };
    let run = Run { cycle, effort: Effort::of(1), hz: 10, now_ms: NOW, micros: &micros };
    let mut gone = 0;
    expiry.run(data, &run, |_, expired| {
        let Expired::Key(record) = expired else { panic!("{expired:?}") };
        assert!(record.expiry().is_some_and(|when| when < NOW));
        gone += 1;
    });
    for database in &data.databases {
        database.tables.check_invariants();
    }
    gone
}

#[test]
fn efforts_are_those_of_the_reference() {
    assert_eq!(Effort::of(1).budget_us(Cycle::Slow, 10), 25_000);
    assert_eq!(Effort::of(10).budget_us(Cycle::Slow, 100), 4_300);
    assert_eq!(Effort::of(10).budget_us(Cycle::Fast, 100), 3_250);
    assert_eq!((Effort::of(10).keys_per_loop, Effort::of(10).acceptable_stale), (65, 1));
}

#[test]
fn a_cycle_with_time_takes_all_that_has_expired_and_nothing_else() {
    let (mut data, clock) = (keyspace(3), Cell::new(0));
    fill(&mut data, 0, 1000, |_| Some(NOW - 1));
    fill(&mut data, 2, 1000, |i| match i % 3 {
        0 => None,
        1 => Some(NOW),
        _ => Some(NOW - 1 - i as i64),
    });
    let mut expiry = ActiveExpiry::default();
    let gone: usize = (0..20).map(|_| cycle(&mut expiry, &mut data, Cycle::Slow, &clock, 0)).sum();
    assert_eq!(gone, 1000 + 333);
    assert_eq!((data.databases[0].tables.len(), data.databases[2].tables.len()), (0, 667));
    assert_eq!(expiry.time_cap_reached, 0);
}

#[test]
fn a_database_is_left_when_few_of_its_keys_have_expired() {
    let (mut data, clock) = (keyspace(1), Cell::new(0));
    fill(&mut data, 0, 10_000, |i| Some(if i % 100 == 0 { NOW - 1 } else { NOW + 5000 }));
    let gone = cycle(&mut ActiveExpiry::default(), &mut data, Cycle::Slow, &clock, 0);
    assert!(gone < 20, "{gone}");
    assert!((4900..=5000).contains(&data.databases[0].average_ttl), "{}", data.databases[0].average_ttl);
}

#[test]
fn a_cycle_stops_when_its_time_is_up_and_a_fast_one_goes_on_in_the_next_database() {
    let (mut data, clock) = (keyspace(2), Cell::new(0));
    fill(&mut data, 0, 100_000, |_| Some(NOW - 1));
    fill(&mut data, 1, 100, |_| Some(NOW - 1));
    let mut expiry = ActiveExpiry::default();
    assert_eq!(expiry.fast_due(Effort::of(1)), None);
    let gone = cycle(&mut expiry, &mut data, Cycle::Slow, &clock, 10_000);
    assert!((800..4000).contains(&gone), "{gone}");
    assert_eq!(expiry.time_cap_reached, 1);
    assert_eq!(expiry.fast_due(Effort::of(1)), Some(0));

    let before = data.databases[0].tables.len();
    cycle(&mut expiry, &mut data, Cycle::Fast, &clock, 600);
    assert_eq!(data.databases[1].tables.len(), 0);
    assert!(data.databases[0].tables.len() < before);
    assert!(expiry.fast_due(Effort::of(1)).is_some_and(|due| due > clock.get()));
    assert_eq!(cycle(&mut expiry, &mut data, Cycle::Fast, &clock, 0), 0, "it rests first");
}

#[test]
fn the_average_of_ttls_follows_the_samples_slowly() {
    assert_eq!(averaged(0, 700, 1), 700);
    assert_eq!(averaged(1000, 0, 1), 980);
    assert_eq!(averaged(1000, 1000, 16), 1000);
    assert!(averaged(1000, 0, 16) < 730);
}
