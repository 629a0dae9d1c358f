//! Tests of moving a database: whatever moves, however the data changes between two steps, all stays as it was.

use super::*;
use crate::digest::Digest;
use crate::{AccessClock, Keyspace, NewValue};
use base::rng::Rng;
use base::siphash;
use base::text::Text;
use proptest::prelude::*;
use std::collections::BTreeMap;
use structures::blob::Blob;
use structures::mover::Restless;
use values::hash::{Clock, Expiry, NewValue as FieldValue};
use values::list::End;
use values::stream::{Id, Log, Stream};
use values::{Any, Hash, List, Rules, Set, SortedSet};

const HASH_KEY: siphash::Key = siphash::Key::new(1, 2);
const RULES: Rules = Rules::default_with(HASH_KEY);

fn keyspace(cluster: bool) -> Keyspace {
    let clock = AccessClock { lfu: false, log_factor: 10, decay_minutes: 1, seconds: 1 };
    Keyspace::new(1, HASH_KEY, cluster, clock)
}

/// A value of one of all the forms, of about so many parts.
fn value(form: u64, parts: usize) -> NewValue<'static> {
    let names = (0..parts).map(|n| format!("part {n} {}", "x".repeat(n % 60)).into_bytes());
    let any = match form {
        0 => return NewValue::Integer(parts as i64),
        1 => return NewValue::Blob(Blob::zeroed(parts)),
        2 => return NewValue::Blob(Blob::zeroed(parts + 1000)),
        3 => {
            let mut list = List::new();
            names.for_each(|name| list.push(End::Tail, Text::Bytes(&name), &RULES));
            Any::List(list)
        }
        4 => Any::Set(Set::of(names.collect::<Vec<_>>().iter().map(Vec::as_slice), &RULES)),
        5 => {
            let numbers: Vec<Vec<u8>> = (0..parts).map(|n| n.to_string().into_bytes()).collect();
            Any::Set(Set::of(numbers.iter().map(Vec::as_slice), &RULES))
        }
        6 | 7 => {
            let mut hash = Hash::default();
            for (n, name) in names.enumerate() {
                let expiry = if form == 7 && n % 3 == 0 { Expiry::At(n as i64 * 100) } else { Expiry::Drop };
                let long = vec![b'v'; if n % 7 == 0 { 1500 } else { n % 50 }];
                hash.set(&name, FieldValue::Bytes(&long), expiry, &RULES, &Clock::ALL);
            }
            Any::Hash(hash)
        }
        8 => {
            let mut set = SortedSet::new(&RULES, parts, 0);
            names.enumerate().for_each(|(n, name)| set.put(&RULES, &name, |_| Some((n / 4) as f64 / 3.0)));
            Any::SortedSet(set)
        }
        _ => {
            let mut log = Log::default();
            for (n, name) in names.enumerate() {
                let pair = [(name.as_slice(), b"value".as_slice())];
                log.entries.append(Id { ms: n as u64 + 1, seq: 0 }, pair.into_iter(), &RULES);
            }
            let mut group = values::stream::Group::new(Id::MIN, None);
            group.create(b"one of two consumers", 1);
            group.create(b"the other", 2);
            log.groups.insert(b"group".as_slice().into(), group);
            Any::Stream(Stream::new(log))
        }
    };
    NewValue::Other(any)
}

fn add(data: &mut Keyspace, rng: &mut Rng, most: usize) {
    let name = format!("key {} {}", rng.index(100), "k".repeat(rng.index(40))).into_bytes();
    let (key, expiry) = (data.key(&name), rng.chance(1, 3).then_some(1000));
    let parts = 1 + rng.index(most);
    let record = data.record(&name, value(rng.below(10), parts), expiry);
    let tables = &mut data.databases[0].tables;
    match tables.locate(&key) {
        Some(place) => {
            tables.remove(place);
        }
        None => {
            tables.insert(&key, record);
        }
    }
}

fn run(seed: u64, cluster: bool, most: usize, keys: usize) {
    let (mut data, mut rng) = (keyspace(cluster), Rng::seed(seed));
    (0..keys).for_each(|_| add(&mut data, &mut rng, most));
    let mut walk = Relocation::new(20);
    let mut moving = Moving::new(&Restless);
    let mut more = true;
    while more {
        let before = Digest::of_all(&data);
        for _ in 0..1 + rng.index(30) {
            more = more && walk.step(&mut data.databases[0].tables, &mut moving);
        }
        assert_eq!(Digest::of_all(&data).0, before.0);
        if rng.chance(1, 3) {
            add(&mut data, &mut rng, most);
        }
        data.databases[0].tables.check_invariants();
    }
    assert!(walk.aside.is_empty());
    assert!(data.is_empty() || moving.moved > 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 2 } else { 24 }, ..Default::default() })]

    #[test]
    fn all_that_moves_stays_what_it_is(seed: u64, cluster: bool) {
        let (most, keys) = if cfg!(miri) { (40, 8) } else { (150, 40) };
        run(seed, cluster && !cfg!(miri), most, keys);
    }
}

#[test]
#[cfg_attr(miri, ignore = "of the size that it takes to matter")]
fn a_walk_in_peace_comes_to_everything_once() {
    let mut data = keyspace(false);
    for n in 0..500u64 {
        let name = format!("key {n}").into_bytes();
        let (key, record) = (data.key(&name), data.record(&name, value(n % 10, 300), None));
        data.databases[0].tables.insert(&key, record);
    }
    let mut walk = Relocation::new(100);
    let mut moving = Moving::new(&Restless);
    let addresses = |data: &Keyspace| -> BTreeMap<Vec<u8>, usize> {
        let records = data.databases[0].tables.iter();
        records.map(|record| (record.key().to_vec(), record.as_ptr().addr())).collect()
    };
    let before = addresses(&data);
    while walk.step(&mut data.databases[0].tables, &mut moving) {}
    let after = addresses(&data);
    assert!(before.iter().all(|(key, at)| after[key] != *at), "every record has moved");
    assert!(walk.keys_moved >= 500 && walk.keys_left < 500);
}
