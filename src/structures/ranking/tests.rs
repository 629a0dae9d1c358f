//! A ranking against a map.

use super::Ranking;
use crate::mover::{Moving, Restless};
use base::siphash::Key;
use proptest::prelude::*;
use std::collections::BTreeMap;

type Model = BTreeMap<Vec<u8>, f64>;

#[derive(Clone, Debug)]
enum Step {
    Put(Vec<u8>, f64),
    Remove(Vec<u8>),
    RemoveRanks(usize, usize),
    Relocate(u64, u8),
}

fn name() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => "[a-e]{0,2}".prop_map(String::into_bytes),
        1 => (125usize..129).prop_map(|len| vec![b'x'; len]),
    ]
}

fn score() -> impl Strategy<Value = f64> {
    prop_oneof![4 => (-3i8..3).prop_map(f64::from), 1 => Just(f64::INFINITY), 1 => Just(-0.0), 1 => Just(0.5), 2 => Just(0.1)]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (name(), score()).prop_map(|(name, score)| Step::Put(name, score)),
        2 => name().prop_map(Step::Remove),
        1 => (any::<usize>(), 0usize..4).prop_map(|(at, count)| Step::RemoveRanks(at, count)),
        2 => (prop_oneof![Just(0), any::<u64>()], 0..9u8).prop_map(|(cursor, pieces)| Step::Relocate(cursor, pieces)),
    ]
}

/// The model's members in their order.
fn ranked(model: &Model) -> Vec<(Vec<u8>, f64)> {
    let mut all: Vec<_> = model.iter().map(|(name, score)| (name.clone(), *score)).collect();
    all.sort_by(|a, b| a.1.partial_cmp(&b.1).expect("no NaN").then_with(|| a.0.cmp(&b.0)));
    all
}

fn shown(ranking: &Ranking, backwards: bool) -> Vec<(Vec<u8>, f64)> {
    let mut all = Vec::new();
    ranking.walk(0..ranking.len(), backwards, |name, score| {
        all.push((name.to_vec(), score));
        true
    });
    all
}

fn take(ranking: &mut Ranking, model: &mut Model, step: Step) {
    match step {
        Step::Put(name, score) => {
            ranking.put(&name, |old| {
                assert_eq!(old, model.get(&name).copied());
                Some(score)
            });
            // An equal score changes nothing, not even the sign of a zero.
            let held = model.entry(name).or_insert(score);
            *held = if *held == score { *held } else { score };
        }
        Step::Remove(name) => assert_eq!(ranking.remove(&name), model.remove(&name)),
        Step::RemoveRanks(at, count) => {
            let at = at % (model.len() + 1);
            let end = model.len().min(at + count);
            ranked(model)[at..end].iter().for_each(|(name, _)| _ = model.remove(name));
            ranking.remove_ranks(at..end);
        }
        Step::Relocate(mut cursor, pieces) => {
            let mut moving = Moving::new(&Restless);
            for _ in 0..pieces {
                cursor = ranking.relocate(cursor, &mut moving);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 3 } else { 200 }))]

    #[test]
    fn does_what_a_map_does(
        steps in prop::collection::vec(step(), 0..if cfg!(miri) { 20 } else { 80 }), probe in score(),
    ) {
        let (mut ranking, mut model) = (Ranking::new(Key::new(1, 2)), Model::new());
        for step in steps {
            take(&mut ranking, &mut model, step);
            ranking.check_invariants();
            let expected = ranked(&model);
            prop_assert_eq!(&shown(&ranking, false), &expected);
            prop_assert_eq!(
                ranking.count_scores(|score| score <= probe),
                expected.iter().filter(|pair| pair.1 <= probe).count()
            );
        }
        let copy = ranking.clone();
        drop(ranking);
        let mut expected = ranked(&model);
        for (rank, (name, score)) in expected.iter().enumerate() {
            prop_assert_eq!(copy.rank(name), Some((rank, *score)));
            prop_assert_eq!(copy.get(rank), Some((&name[..], *score)));
        }
        expected.reverse();
        prop_assert_eq!(shown(&copy, true), expected);
    }
}

#[test]
fn a_scan_meets_every_member() {
    let mut ranking = Ranking::new(Key::new(1, 2));
    for n in 0..50u32 {
        ranking.put(n.to_string().as_bytes(), |_| Some(f64::from(n)));
    }
    let (mut cursor, mut met) = (0, std::collections::BTreeSet::new());
    loop {
        cursor = ranking.scan(cursor, |name, score| {
            assert_eq!(String::from_utf8_lossy(name), score.to_string());
            met.insert(name.to_vec());
        });
        if cursor == 0 {
            break;
        }
    }
    assert_eq!(met.len(), 50);
    assert!(ranking.random(&mut || 7).is_some());
    assert!(ranking.alloc_size(5) > 50 * 16);
}
