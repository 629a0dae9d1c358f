//! Tests of the active expiry of fields, and of the files behind it.

use crate::expiry::{Cycle, Effort, Run};
use crate::{AccessClock, ActiveExpiry, Expired, Keyspace, NewValue, Record};
use base::siphash;
use proptest::prelude::*;
use std::cell::Cell;
use std::collections::BTreeMap;
use values::hash::{Clock, Expiry};
use values::{Any, Hash, Rules};

const NOW: i64 = 1_700_000_000_000;
const RULES: Rules = Rules::default_with(siphash::Key::new(1, 2));

fn keyspace(databases: usize, cluster: bool) -> Keyspace {
    let clock = AccessClock { lfu: false, log_factor: 10, decay_minutes: 1, seconds: NOW / 1000 };
    Keyspace::new(databases, siphash::Key::new(1, 2), cluster, clock)
}

/// Adds a hash of fields `from..to`, which expire at the times given.
fn add_hash(
    data: &mut Keyspace,
    index: usize,
    name: &str,
    fields: usize,
    when: impl Fn(usize) -> Option<i64>,
) {
    let mut hash = Hash::default();
    for i in 0..fields {
        let expiry = when(i).map_or(Expiry::Drop, Expiry::At);
        let value = values::hash::NewValue::Bytes(b"v");
        hash.set(format!("field{i}").as_bytes(), value, expiry, &RULES, &Clock::ALL);
    }
    let record = data.record(name.as_bytes(), NewValue::Other(Any::Hash(hash)), None);
    let key = data.key(name.as_bytes());
    data.databases[index].tables.insert(&key, record);
}

/// What one cycle took: how many fields, and how many keys.
fn cycle(
    expiry: &mut ActiveExpiry,
    data: &mut Keyspace,
    now_ms: i64,
    clock: &Cell<u64>,
    step: u64,
) -> (usize, usize) {
    let micros = || {
        clock.set(clock.get() + step);
        clock.get()
    };
    let run = Run { cycle: Cycle::Slow, effort: Effort::of(1), hz: 10, now_ms, micros: &micros };
    let (mut fields, mut keys) = (0, 0);
    expiry.run(data, &run, |_, expired| match expired {
        Expired::Key(_) => keys += 1,
        Expired::Fields { key, names, emptied } => {
            assert!(names.iter().all(|name| name.starts_with(b"field")));
            assert!(emptied.as_ref().is_none_or(|record| record.key() == key));
            fields += names.len();
            keys += usize::from(emptied.is_some());
        }
    });
    for database in &data.databases {
        database.tables.check_invariants();
    }
    (fields, keys)
}

#[test]
fn fields_that_are_due_go_and_a_hash_with_its_last_one() {
    let mut data = keyspace(2, false);
    add_hash(&mut data, 0, "small", 5, |i| (i < 3).then_some(NOW - 100));
    add_hash(&mut data, 0, "large", 1000, |i| Some(NOW - 500 + i as i64));
    add_hash(&mut data, 1, "all", 100, |_| Some(NOW - 1000));
    add_hash(&mut data, 1, "none", 100, |_| None);
    assert_eq!((data.databases[0].tables.timed_len(), data.databases[1].tables.timed_len()), (2, 1));
    let (mut expiry, clock) = (ActiveExpiry::default(), Cell::new(0));
    cycle(&mut expiry, &mut data, NOW - 1_000_000, &clock, 0);
    assert_eq!(expiry.stale_fields, 0.0);
    let (fields, keys) = cycle(&mut expiry, &mut data, NOW, &clock, 0);
    assert_eq!(expiry.stale_fields, 0.05, "all hashes had fields past their time");
    // What is due within the last 16 ms may wait for the next cycle.
    assert!((3 + 484 + 100..=3 + 500 + 100).contains(&fields), "{fields}");
    assert_eq!(keys, 1);
    assert_eq!((data.databases[0].tables.timed_len(), data.databases[1].tables.timed_len()), (1, 0));
    let (more, keys) = cycle(&mut expiry, &mut data, NOW + 10_000, &clock, 0);
    assert_eq!((fields + more, keys), (3 + 1000 + 100, 1));
    assert_eq!(data.len(), 2);
}

#[test]
fn a_cycle_stops_when_its_time_is_up_however_much_is_due() {
    let mut data = keyspace(1, false);
    add_hash(&mut data, 0, "large", 20_000, |_| Some(NOW - 100));
    for i in 0..500 {
        add_hash(&mut data, 0, &format!("small{i}"), 3, |_| Some(NOW - 50));
    }
    let (mut expiry, clock) = (ActiveExpiry::default(), Cell::new(0));
    let (first, _) = cycle(&mut expiry, &mut data, NOW, &clock, 100);
    assert!((256..4096).contains(&first), "{first}");
    assert_eq!(cycle(&mut expiry, &mut data, NOW, &clock, 100), (0, 0), "it rests first");
    let due = expiry.fast_due(Effort::of(1)).expect("more is due");
    assert!((clock.get()..clock.get() + 10_000).contains(&due));
    assert_eq!(expiry.time_cap_reached, 1);
    let mut fields = first;
    for _ in 0..200 {
        clock.set(clock.get() + 10_000);
        fields += cycle(&mut expiry, &mut data, NOW, &clock, 100).0;
    }
    assert_eq!(fields, 21_500);
    assert!(data.is_empty());
}

#[test]
fn what_is_not_due_is_not_looked_at() {
    let mut data = keyspace(1, false);
    for i in 0..1000 {
        add_hash(&mut data, 0, &format!("hash{i}"), 3, |_| Some(NOW + 60_000));
    }
    let mut expiry = ActiveExpiry::default();
    let steps = Cell::new(0);
    let micros = || {
        steps.set(steps.get() + 1);
        0
    };
    let run = Run { cycle: Cycle::Slow, effort: Effort::of(1), hz: 10, now_ms: NOW, micros: &micros };
    expiry.run(&mut data, &run, |_, expired| panic!("{expired:?}"));
    assert!(steps.get() <= 2, "the clock was read {} times", steps.get());
}

#[derive(Clone, Debug)]
enum Step {
    Set(u8, u8, Option<i64>),
    Rename(u8, u8),
    Copy(u8, u8),
    Ttl(u8, Option<i64>),
    Replace(u8),
    Remove(u8),
    Cycle(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let key = || 0u8..12;
    let when = || prop::option::of(prop_oneof![Just(NOW), NOW..NOW + 5000]);
    prop_oneof![
        8 => (key(), any::<u8>(), when()).prop_map(|(key, field, when)| Step::Set(key, field, when)),
        1 => (key(), key()).prop_map(|(from, to)| Step::Rename(from, to)),
        1 => (key(), key()).prop_map(|(from, to)| Step::Copy(from, to)),
        1 => (key(), when()).prop_map(|(key, when)| Step::Ttl(key, when)),
        1 => key().prop_map(Step::Replace),
        1 => key().prop_map(Step::Remove),
        2 => (0i64..1000).prop_map(Step::Cycle),
    ]
}

/// A key and the times of its fields.
type Model = BTreeMap<u8, BTreeMap<u8, Option<i64>>>;

fn name(key: u8) -> Vec<u8> {
    format!("key{key}").into_bytes()
}

fn put(data: &mut Keyspace, key: u8, record: Record) {
    let name = name(key);
    let key = data.key(&name);
    let tables = &mut data.databases[0].tables;
    if let Some(place) = tables.locate(&key) {
        tables.remove(place);
    }
    tables.insert(&key, record);
}

fn run(steps: Vec<Step>, cluster: bool) {
    let (mut data, mut model, mut now) = (keyspace(1, cluster), Model::new(), NOW);
    let (mut expiry, clock) = (ActiveExpiry::default(), Cell::new(0));
    for step in steps {
        match step {
            Step::Set(number, field, when) => {
                model.entry(number).or_default().insert(field, when);
                set(&mut data, number, field, when);
            }
            Step::Rename(from, to) | Step::Copy(from, to) if from == to || !model.contains_key(&from) => {}
            Step::Rename(from, to) => {
                let taken = take(&mut data, from);
                put(&mut data, to, taken.with_key(&name(to), None));
                let fields = model.remove(&from).expect("there");
                model.insert(to, fields);
            }
            Step::Copy(from, to) => {
                let taken = take(&mut data, from);
                let copy = taken.duplicate(&name(to), None, 0);
                put(&mut data, from, taken);
                put(&mut data, to, copy);
                model.insert(to, model[&from].clone());
            }
            Step::Ttl(number, when) => {
                if let Some(place) = data.databases[0].tables.locate(&data.key(&name(number))) {
                    data.databases[0].set_expiry(place, when.map(|when| when + 1_000_000));
                }
            }
            Step::Replace(number) => {
                if let Some(place) = data.databases[0].tables.locate(&data.key(&name(number))) {
                    data.databases[0].overwrite(place, NewValue::Integer(1), None);
                    let tables = &mut data.databases[0].tables;
                    tables.remove(place);
                    model.remove(&number);
                }
            }
            Step::Remove(number) => {
                if model.remove(&number).is_some() {
                    take(&mut data, number);
                }
            }
            Step::Cycle(millis) => {
                now += millis;
                cycle(&mut expiry, &mut data, now, &clock, 0);
                settle(&data, &mut model, now);
            }
        }
        data.databases[0].tables.check_invariants();
        let timed = model.values().filter(|fields| fields.values().any(Option::is_some)).count();
        assert_eq!(data.databases[0].tables.timed_len(), timed);
    }
}

fn take(data: &mut Keyspace, number: u8) -> Record {
    let name = name(number);
    let key = data.key(&name);
    let tables = &mut data.databases[0].tables;
    let place = tables.locate(&key).expect("there");
    tables.remove(place)
}

fn set(data: &mut Keyspace, number: u8, field: u8, when: Option<i64>) {
    let name = name(number);
    let key = data.key(&name);
    let place = match data.databases[0].tables.locate(&key) {
        Some(place) => place,
        None => {
            let record = data.record(&name, NewValue::Other(Any::Hash(Hash::default())), None);
            data.databases[0].tables.insert(&key, record)
        }
    };
    let tables = &mut data.databases[0].tables;
    let mut hash = tables.get_mut(place).open::<Hash>().expect("a hash");
    let value = values::hash::NewValue::Bytes(b"v");
    let expiry = when.map_or(Expiry::Drop, Expiry::At);
    hash.set(format!("field{field}").as_bytes(), value, expiry, &RULES, &Clock::ALL);
    drop(hash);
    tables.note_timed_fields(place);
}

/// Takes out of the model what a cycle has rightly taken out of the data.
fn settle(data: &Keyspace, model: &mut Model, now: i64) {
    model.retain(|&number, fields| {
        let key_name = name(number);
        let record = data.databases[0].tables.find(&data.key(&key_name));
        let hash = record.and_then(Record::value::<Hash>);
        fields.retain(|field, when| {
            let name = format!("field{field}").into_bytes();
            let there = hash.as_ref().is_some_and(|hash| hash.get(&name, &Clock::ALL).is_some());
            assert!(there || when.is_some_and(|when| when < now), "only what is due goes");
            assert!(!there || when.is_none_or(|when| when >= now - 16), "all that is due goes");
            there
        });
        assert_eq!(record.is_none(), fields.is_empty());
        !fields.is_empty()
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn files_follow_whatever_happens_to_hashes(steps in prop::collection::vec(step(), 0..150), cluster: bool) {
        run(steps, cluster);
    }
}
