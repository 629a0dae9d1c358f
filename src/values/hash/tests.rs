//! Hashes against a map, in all their forms and at all times.

use super::{Clock, Expiry, Hash, NewValue, Put};
use crate::{Rules, Value};
use base::rng::Rng;
use base::siphash;
use proptest::prelude::*;
use std::collections::BTreeMap;

const RULES: Rules = Rules {
    hash_max_listpack_entries: 20,
    hash_max_listpack_value: 30,
    ..Rules::default_with(siphash::Key::new(1, 2))
};

fn at(now: i64) -> Clock {
    Clock { now, shows_all: false, keeps: false }
}

fn name(number: u16) -> Vec<u8> {
    match number % 3 {
        0 => number.to_string().into_bytes(),
        _ => format!("field{number}").into_bytes(),
    }
}

/// The naive model.
type Model = BTreeMap<Vec<u8>, (Vec<u8>, Option<i64>)>;

#[derive(Clone, Debug)]
enum Step {
    Set(u16, Vec<u8>, Option<i64>),
    SetKeeping(u16, Vec<u8>),
    Retime(u16, Option<i64>),
    Remove(u16),
    Expire(usize),
    Wait(i64),
    Copy,
}

fn step(fields: u16) -> impl Strategy<Value = Step> {
    let when = || prop::option::of(prop_oneof![Just(500i64), 0i64..3000, Just(i64::MAX), Just(-5)]);
    let value = || {
        prop_oneof![
            any::<i16>().prop_map(|number| number.to_string().into_bytes()),
            prop::collection::vec(any::<u8>(), 0..40),
            (900usize..1100).prop_map(|len| vec![b'x'; len]),
        ]
    };
    prop_oneof![
        8 => (0..fields, value(), when()).prop_map(|(name, value, when)| Step::Set(name, value, when)),
        2 => (0..fields, value()).prop_map(|(name, value)| Step::SetKeeping(name, value)),
        4 => (0..fields, when()).prop_map(|(name, when)| Step::Retime(name, when)),
        3 => (0..fields).prop_map(Step::Remove),
        2 => (0usize..20).prop_map(Step::Expire),
        2 => (0i64..200).prop_map(Step::Wait),
        1 => Just(Step::Copy),
    ]
}

fn expect_put(model: &Model, name: &[u8], clock: &Clock) -> Put {
    match model.get(name) {
        None => Put::Added,
        Some((_, Some(when))) if clock.has_passed(*when) => Put::Revived,
        Some(_) => Put::Updated,
    }
}

fn run(steps: Vec<Step>) {
    let (mut hash, mut model, mut now) = (Hash::default(), Model::new(), 0);
    for step in steps {
        let clock = at(now);
        match step {
            Step::Set(number, value, expiry) => {
                let name = name(number);
                let how = expiry.map_or(Expiry::Drop, Expiry::At);
                let put = hash.set(&name, NewValue::Bytes(&value), how, &RULES, &clock);
                assert_eq!(put, expect_put(&model, &name, &clock));
                model.insert(name, (value, expiry));
            }
            Step::SetKeeping(number, value) => {
                let name = name(number);
                let put = hash.set(&name, NewValue::Bytes(&value), Expiry::Keep, &RULES, &clock);
                assert_eq!(put, expect_put(&model, &name, &clock));
                let kept = model.get(&name).and_then(|old| old.1).filter(|_| put == Put::Updated);
                model.insert(name, (value, kept));
            }
            Step::Retime(number, expiry) => {
                let name = name(number);
                if let Some(field) = model.get_mut(&name) {
                    field.1 = expiry;
                    hash.set_expiry(&name, expiry, &RULES);
                }
            }
            Step::Remove(number) => {
                let name = name(number);
                let there = model.get(&name).is_some_and(|field| !clock.hides(field.1));
                assert_eq!(hash.remove(&name, &clock), there);
                if there {
                    model.remove(&name);
                }
            }
            Step::Expire(max) => expire(&mut hash, &mut model, now, max),
            Step::Wait(millis) => now += millis,
            Step::Copy => {
                let copy = hash.duplicate();
                assert_eq!((copy.encoding(), copy.filed()), (hash.encoding(), None));
                hash = copy;
            }
        }
        compare(&hash, &model, now);
        if hash.earliest() != hash.filed() {
            hash.set_filed(hash.earliest());
        }
    }
}

fn expire(hash: &mut Hash, model: &mut Model, now: i64, max: usize) {
    let (mut gone, past) = (Vec::new(), model.values().filter(|field| at(now).hides(field.1)).count());
    let count = hash.expire(now, max, |name| gone.push(name.to_vec()));
    assert_eq!(count, gone.len());
    assert!(count <= max.min(past));
    for name in gone {
        let field = model.remove(&name).expect("a field that was there");
        assert!(at(now).hides(field.1));
    }
    // What became due within the last tick may be left for the next time.
    let long_past = model.values().filter(|field| at(now - 16).hides(field.1)).count();
    assert!(count == max || long_past == 0);
}

fn compare(hash: &Hash, model: &Model, now: i64) {
    let clock = at(now);
    hash.check_invariants();
    assert_eq!(hash.len(), model.len());
    let first = model.values().filter_map(|field| field.1).min();
    assert_eq!(hash.has_times(), first.is_some());
    assert!(hash.earliest() <= first);
    let visible: Model = model
        .iter()
        .filter(|(_, field)| !clock.hides(field.1))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    assert_eq!(hash.visible_len(&clock), visible.len());
    let mut seen = Model::new();
    hash.for_each(&clock, |field| {
        seen.insert(field.name.to_vec(), (field.value.to_vec(), field.expiry));
    });
    assert_eq!(seen, visible);
    let (mut scanned, mut cursor) = (Model::new(), 0);
    loop {
        cursor = hash.scan(cursor, &clock, |field| {
            scanned.insert(field.name.to_vec(), (field.value.to_vec(), field.expiry));
        });
        if cursor == 0 {
            break;
        }
    }
    assert_eq!(scanned, visible);
    for (name, (value, expiry)) in model {
        let found = hash.get(name, &clock).map(|field| (field.value.to_vec(), field.expiry));
        assert_eq!(found, (!clock.hides(*expiry)).then(|| (value.clone(), *expiry)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 120 }))]
    #[test]
    fn a_short_hash_is_a_map(steps in prop::collection::vec(step(16), 0..if cfg!(miri) { 25 } else { 120 })) {
        run(steps);
    }

    #[test]
    fn a_long_hash_is_a_map(steps in prop::collection::vec(step(300), 0..if cfg!(miri) { 40 } else { 600 })) {
        run(steps);
    }
}

#[test]
fn encodings_change_when_the_settings_say_so() {
    let clock = at(0);
    let set = |hash: &mut Hash, name: &str, value: &str, expiry| {
        hash.set(name.as_bytes(), NewValue::Bytes(value.as_bytes()), expiry, &RULES, &clock);
        hash.encoding()
    };
    let mut hash = Hash::default();
    for i in 0..20 {
        assert_eq!(set(&mut hash, &i.to_string(), "v", Expiry::Drop), "listpack");
    }
    assert_eq!(set(&mut hash, "one more", "v", Expiry::Drop), "hashtable");
    let mut hash = Hash::default();
    assert_eq!(set(&mut hash, "f", &"x".repeat(30), Expiry::Drop), "listpack");
    assert_eq!(set(&mut hash, "f", &"x".repeat(31), Expiry::Drop), "hashtable");
    let mut hash = Hash::default();
    set(&mut hash, "f", "v", Expiry::Drop);
    hash.set_expiry(b"f", Some(100), &RULES);
    assert!(matches!(hash, Hash::Compact(_)));
    hash.set_expiry(b"f", None, &RULES);
    assert_eq!((hash.encoding(), hash.has_times()), ("hashtable", false), "once a table, always a table");
    let mut hash = Hash::default();
    hash.prepare(21, 1, 42, &RULES);
    assert_eq!(hash.encoding(), "hashtable");
}

#[test]
#[cfg_attr(miri, ignore = "too many draws")]
fn a_field_at_random_is_any_of_those_that_can_be_seen() {
    for fields in [10, 50, 300] {
        let (mut hash, mut rng) = (Hash::default(), Rng::seed(1));
        for i in 0..fields {
            let expiry = if i % 2 == 0 { Expiry::At(10) } else { Expiry::Drop };
            hash.set(&name(i), NewValue::Bytes(b"v"), expiry, &RULES, &at(0));
        }
        let mut seen = BTreeMap::new();
        for _ in 0..100 * fields {
            let field = hash.random(&mut rng, &at(20)).expect("half of them can be seen");
            *seen.entry(field.name.to_vec()).or_insert(0) += 1;
        }
        assert_eq!(seen.len(), usize::from(fields) / 2);
        assert!(seen.values().all(|&times| (100..320).contains(&times)), "{seen:?}");
    }
}

#[test]
fn ten_small_fields_with_expiries_are_small() {
    let mut hash = Hash::default();
    let rules = Rules::default_with(siphash::Key::new(1, 2));
    for i in 0..10 {
        let (name, value) = (format!("field{i}"), format!("value{i:05}"));
        let when = Expiry::At(1_700_000_000_000 + i);
        hash.set(name.as_bytes(), NewValue::Bytes(value.as_bytes()), when, &rules, &at(0));
    }
    assert!(hash.alloc_size(5) <= 320, "{}", hash.alloc_size(5));
}
