//! Sorted sets against a map, across the change of their encoding.

use super::{Bounds, NameEnd, ScoreEnd, SortedSet};
use crate::{Rules, Value};
use base::rng::Rng;
use base::siphash::Key;
use proptest::prelude::*;
use std::collections::BTreeMap;

type Model = BTreeMap<Vec<u8>, f64>;

fn rules() -> Rules {
    Rules { zset_max_listpack_entries: 8, zset_max_listpack_value: 6, ..Rules::default_with(Key::new(1, 2)) }
}

#[derive(Clone, Debug)]
enum Step {
    Put(Vec<u8>, f64),
    Remove(Vec<u8>),
    RemoveRanks(i64, i64),
}

fn name() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof!["[a-c0-3]{0,2}", "-?[0-9]{1,3}", Just("longer".to_owned())].prop_map(String::into_bytes)
}

fn score() -> impl Strategy<Value = f64> {
    let special =
        vec![0.5, -0.25, f64::INFINITY, f64::NEG_INFINITY, 1e17, 1e300, 4.6e18, -9.3e18, f64::MIN_POSITIVE];
    prop_oneof![3 => (-3i8..3).prop_map(f64::from), 1 => prop::sample::select(special)]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (name(), score()).prop_map(|(name, score)| Step::Put(name, score)),
        2 => name().prop_map(Step::Remove),
        1 => (-5i64..5, -5i64..5).prop_map(|(first, last)| Step::RemoveRanks(first, last)),
    ]
}

fn ranked(model: &Model) -> Vec<(Vec<u8>, f64)> {
    let mut all: Vec<_> = model.iter().map(|(name, score)| (name.clone(), *score)).collect();
    all.sort_by(|a, b| a.1.partial_cmp(&b.1).expect("no NaN").then_with(|| a.0.cmp(&b.0)));
    all
}

fn shown(set: &SortedSet, ranks: std::ops::Range<usize>, backwards: bool) -> Vec<(Vec<u8>, f64)> {
    let mut all = Vec::new();
    set.walk(ranks, backwards, |name, score| {
        all.push((name.to_vec(), score));
        true
    });
    all
}

fn take(set: &mut SortedSet, model: &mut Model, step: Step) {
    match step {
        Step::Put(name, score) => {
            set.put(&rules(), &name, |old| {
                assert_eq!(old, model.get(&name).copied());
                Some(score)
            });
            model.insert(name, score);
        }
        Step::Remove(name) => assert_eq!(set.remove(&name), model.remove(&name)),
        Step::RemoveRanks(first, last) => {
            let ranks = set.ranks(&Bounds::Ranks(first, last));
            ranked(model)[ranks.clone()].iter().for_each(|(name, _)| _ = model.remove(name));
            set.remove_ranks(ranks);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 256 }))]

    #[test]
    fn does_what_a_map_does(
        steps in prop::collection::vec(step(), 0..if cfg!(miri) { 20 } else { 60 }),
        min in score(), max in score(), open: bool,
    ) {
        let (mut set, mut model) = (SortedSet::new(&rules(), 0, 0), Model::new());
        for step in steps {
            take(&mut set, &mut model, step);
            let expected = ranked(&model);
            prop_assert_eq!(shown(&set, 0..set.len(), false), expected.clone());
            let bounds = Bounds::Scores(ScoreEnd { score: min, open }, ScoreEnd { score: max, open: !open });
            let inside = |score: f64| {
                (min < score || !open && min == score) && (score < max || open && score == max)
            };
            let found = shown(&set, set.ranks(&bounds), false);
            prop_assert_eq!(found, expected.into_iter().filter(|pair| inside(pair.1)).collect::<Vec<_>>());
            if set.len() > 8 {
                prop_assert_eq!(set.encoding(), "skiplist");
            }
        }
        let expected = ranked(&model);
        for (rank, (name, score)) in expected.iter().enumerate() {
            prop_assert_eq!(set.rank(name), Some((rank, *score)));
        }
        let mut copy = set.duplicate();
        copy.settle(&rules());
        prop_assert_eq!(copy.encoding(), if model.len() > 8 { "skiplist" } else { "listpack" });
        let mut back = shown(&copy, 0..copy.len(), true);
        back.reverse();
        prop_assert_eq!(back, expected.clone());
        let (mut cursor, mut met) = (0, Model::new());
        loop {
            cursor = set.scan(cursor, |name, score| _ = met.insert(name.to_vec(), score));
            if cursor == 0 {
                break;
            }
        }
        prop_assert_eq!(&met, &model);
        if !model.is_empty() {
            let drawn = set.random(&mut Rng::seed(1), |name, score| (name.to_vec(), score));
            prop_assert!(expected.contains(&drawn));
        }
    }

    #[test]
    fn names_between_two(names in prop::collection::btree_set(name(), 0..14), from in name(), to in name()) {
        let mut set = SortedSet::new(&rules(), 0, 0);
        names.iter().for_each(|name| set.put(&rules(), name, |_| Some(1.0)));
        let cases = [
            (NameEnd::At(&from), NameEnd::Beyond(&to)),
            (NameEnd::Beyond(&from), NameEnd::At(&to)),
            (NameEnd::Lowest, NameEnd::At(&to)),
            (NameEnd::At(&from), NameEnd::Highest),
            (NameEnd::Highest, NameEnd::Lowest),
        ];
        for (low, high) in cases {
            let above = |name: &[u8]| match low {
                NameEnd::Lowest => true,
                NameEnd::Highest => false,
                NameEnd::At(first) => name >= first,
                NameEnd::Beyond(first) => name > first,
            };
            let below = |name: &[u8]| match high {
                NameEnd::Lowest => false,
                NameEnd::Highest => true,
                NameEnd::At(last) => name <= last,
                NameEnd::Beyond(last) => name < last,
            };
            let found = shown(&set, set.ranks(&Bounds::Names(low, high)), false);
            let expected: Vec<_> = names.iter().filter(|name| above(name) && below(name)).cloned().collect();
            prop_assert_eq!(found.into_iter().map(|pair| pair.0).collect::<Vec<_>>(), expected);
        }
    }
}

#[test]
fn long_names_make_a_ranking_at_once() {
    let mut set = SortedSet::new(&rules(), 1, 6);
    assert_eq!(set.encoding(), "listpack");
    set.put(&rules(), b"1234567", |_| Some(1.0));
    assert_eq!(set.encoding(), "skiplist");
    assert_eq!(SortedSet::new(&rules(), 9, 0).encoding(), "skiplist");
    assert_eq!(SortedSet::new(&rules(), 0, 7).encoding(), "skiplist");
}
