//! Tests of the tables of a database.

use super::*;
use crate::NewValue;
use base::rng::Rng;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const HASH_KEY: siphash::Key = siphash::Key::new(3, 4);

fn key(name: &[u8], cluster: bool) -> Key<'_> {
    let table = if cluster { base::slot::slot_of(name) } else { 0 };
    Key { name, hash: siphash::hash(&HASH_KEY, name), table }
}

fn record(name: &[u8], expiry: Option<i64>) -> Record {
    Record::new(name, NewValue::Bytes(b"v"), expiry, 0, false)
}

fn filled(cluster: bool, names: impl IntoIterator<Item = String>) -> Tables {
    let mut tables = Tables::new(HASH_KEY, cluster);
    for (i, name) in names.into_iter().enumerate() {
        let expiry = (i % 10 == 0).then_some(i as i64);
        tables.insert(&key(name.as_bytes(), cluster), record(name.as_bytes(), expiry));
    }
    tables.check_invariants();
    tables
}

fn scan_all(tables: &Tables, only: Option<u16>) -> (BTreeSet<Vec<u8>>, usize) {
    let (mut names, mut cursor, mut calls) = (BTreeSet::new(), 0, 0);
    loop {
        cursor = tables.scan(cursor, only, |record| _ = names.insert(record.key().to_vec()));
        calls += 1;
        if cursor == 0 {
            return (names, calls);
        }
    }
}

#[test]
fn a_scan_visits_every_key_whether_in_one_table_or_in_many() {
    for cluster in [false, true] {
        let tables = filled(cluster, (0..3000).map(|n| format!("key:{n}")));
        let (names, calls) = scan_all(&tables, None);
        assert_eq!(names, tables.iter().map(|record| record.key().to_vec()).collect());
        assert_eq!(names.len(), 3000);
        assert!(calls <= 6000, "empty slots are passed over: {calls}");
    }
}

#[test]
fn a_scan_of_one_slot_stays_there_and_passes_cursors_of_others() {
    let tables =
        filled(true, (0..500).map(|n| format!("{{tag}}{n}")).chain((0..500).map(|n| format!("x{n}"))));
    let slot = base::slot::slot_of(b"{tag}");
    let (names, _) = scan_all(&tables, Some(slot));
    assert!(names.len() >= 500 && names.iter().all(|name| base::slot::slot_of(name) == slot));
    assert_eq!(names.len(), tables.len_of(slot));
    assert_eq!(names, tables.iter_of(slot).map(|record| record.key().to_vec()).collect());
    // A cursor in an earlier slot goes on at the start of the only one, a cursor behind it ends.
    let first = tables.scan(0, Some(slot), |_| {});
    assert_eq!(tables.scan(u64::from(slot) - 1, Some(slot), |_| {}), first);
    assert_eq!(tables.scan(u64::from(slot) + 1, Some(slot), |_| panic!("visited")), 0);
    assert_eq!(tables.iter_of(slot + 1).count(), tables.len_of(slot + 1));
    assert_eq!(scan_all(&Tables::new(HASH_KEY, true), None), (BTreeSet::new(), 1));
}

#[test]
fn made_up_cursors_end_or_go_on_but_never_fail() {
    for cluster in [false, true] {
        let tables = filled(cluster, (0..100).map(|n| format!("key:{n}")));
        let mut rng = Rng::seed(1);
        for _ in 0..2000 {
            let cursor = rng.next_u64() >> rng.below(64);
            tables.scan(cursor, None, |_| {});
            tables.scan(cursor, Some(cursor as u16 & 0x3fff).filter(|_| cluster), |_| {});
            tables.scan_marked(cursor, |_| {});
        }
    }
}

#[test]
fn keys_with_a_ttl_are_found_among_the_others() {
    for cluster in [false, true] {
        let tables = filled(cluster, (0..2000).map(|n| format!("key:{n}")));
        assert_eq!(tables.volatile_len(), 200);
        let (mut seen, mut cursor) = (BTreeSet::new(), 0);
        loop {
            cursor = tables.scan_marked(cursor, |record| {
                assert!(record.expiry().is_some());
                seen.insert(record.key().to_vec());
            });
            if cursor == 0 {
                break;
            }
        }
        assert_eq!(seen.len(), 200);
        let mut rng = Rng::seed(2);
        let mut draw = || rng.next_u64();
        for _ in 0..100 {
            assert!(tables.random_volatile(&mut draw).is_some_and(|record| record.expiry().is_some()));
            tables.sample(&mut draw, 5, true, |record| assert!(record.expiry().is_some()));
        }
    }
}

#[test]
fn every_key_is_as_likely_to_be_drawn() {
    for cluster in [false, true] {
        let tables = filled(cluster, (0..50).map(|n| format!("{{{}}}{n}", n % 7)));
        let mut rng = Rng::seed(5);
        let mut draw = || rng.next_u64();
        let mut drawn: BTreeMap<Vec<u8>, u32> = BTreeMap::new();
        for _ in 0..50_000 {
            *drawn.entry(tables.random(&mut draw).expect("there are keys").key().to_vec()).or_default() += 1;
        }
        assert_eq!(drawn.len(), 50);
        // A thousand each, give or take six standard deviations.
        assert!(drawn.values().all(|count| (810..1190).contains(count)), "{drawn:?}");
        assert!(Tables::new(HASH_KEY, cluster).random(&mut draw).is_none());
    }
}

#[test]
fn taking_everything_leaves_tables_of_the_same_kind() {
    for cluster in [false, true] {
        let mut tables = filled(cluster, (0..100).map(|n| format!("key:{n}")));
        let taken = tables.take();
        assert_eq!((taken.len(), taken.volatile_len()), (100, 10));
        assert_eq!((tables.len(), tables.volatile_len()), (0, 0));
        tables.insert(&key(b"again", cluster), record(b"again", None));
        tables.check_invariants();
        assert!(tables.find(&key(b"again", cluster)).is_some());
    }
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u8, Option<i64>),
    Remove(u8),
    Expire(u8, Option<i64>),
    Rebalance,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => any::<(u8, Option<i64>)>().prop_map(|(n, e)| Step::Insert(n, e)),
        2 => any::<u8>().prop_map(Step::Remove),
        2 => any::<(u8, Option<i64>)>().prop_map(|(n, e)| Step::Expire(n, e)),
        1 => Just(Step::Rebalance),
    ]
}

proptest! {
    #[test]
    fn tables_do_what_a_map_does(steps in prop::collection::vec(step(), 0..200), cluster: bool) {
        let mut tables = Tables::new(HASH_KEY, cluster);
        let mut model: BTreeMap<Vec<u8>, Option<i64>> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Insert(n, expiry) => {
                    let name = format!("{{{}}}{n}", n % 3).into_bytes();
                    if model.insert(name.clone(), expiry).is_none() {
                        let place = tables.insert(&key(&name, cluster), record(&name, expiry));
                        prop_assert_eq!(tables.get(place).key(), &name[..]);
                    } else {
                        let place = tables.locate(&key(&name, cluster)).expect("the model has it");
                        tables.update(place, |old| old.with_value(NewValue::Integer(1), expiry, false));
                    }
                }
                Step::Remove(n) => {
                    let name = format!("{{{}}}{n}", n % 3).into_bytes();
                    let place = tables.locate(&key(&name, cluster));
                    let removed = place.map(|place| tables.remove(place).expiry());
                    prop_assert_eq!(removed, model.remove(&name));
                }
                Step::Expire(n, expiry) => {
                    let name = format!("{{{}}}{n}", n % 3).into_bytes();
                    if let Some(place) = tables.locate(&key(&name, cluster)) {
                        tables.update(place, |old| old.with_expiry(expiry));
                        model.insert(name, expiry);
                    }
                }
                Step::Rebalance => _ = tables.rebalance(3),
            }
            prop_assert_eq!(tables.len(), model.len());
        }
        tables.check_invariants();
        prop_assert_eq!(tables.volatile_len(), model.values().flatten().count());
        let found: BTreeMap<_, _> = tables.iter().map(|r| (r.key().to_vec(), r.expiry())).collect();
        prop_assert_eq!(found, model);
    }
}
