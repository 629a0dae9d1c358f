//! An order against a sorted vector, with nodes so small that trees become deep.

use super::Order;
use crate::mover::{Moving, Restless};
use proptest::prelude::*;

type Small = Order<u32, 4, 4>;
type Pair = (f64, u32);

#[derive(Clone, Debug)]
enum Step {
    Insert(u8, u32),
    Ascend(u8, u8),
    Descend(u8, u8),
    Remove(usize),
    Drain(usize, usize),
    Alter(usize, u8),
    Exchange(usize),
    Relocate,
}

fn less(a: Pair, b: Pair) -> bool {
    a.0 < b.0 || (a.0 == b.0 && a.1 < b.1)
}

fn add(order: &mut Small, model: &mut Vec<Pair>, new: Pair) {
    let at = model.partition_point(|&pair| less(pair, new));
    if model.get(at) == Some(&new) {
        return;
    }
    order.insert(new.0, new.1, |score, item| less((score, item), new));
    model.insert(at, new);
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0u8..20, 0u32..30).prop_map(|(score, item)| Step::Insert(score, item)),
        1 => (any::<u8>(), 1u8..40).prop_map(|(from, count)| Step::Ascend(from, count)),
        1 => (any::<u8>(), 1u8..40).prop_map(|(from, count)| Step::Descend(from, count)),
        6 => any::<usize>().prop_map(Step::Remove),
        2 => (any::<usize>(), 0usize..12).prop_map(|(at, count)| Step::Drain(at, count)),
        4 => (any::<usize>(), 0u8..20).prop_map(|(at, score)| Step::Alter(at, score)),
        2 => any::<usize>().prop_map(Step::Exchange),
        1 => Just(Step::Relocate),
    ]
}

fn take(order: &mut Small, model: &mut Vec<Pair>, step: &Step) {
    match *step {
        Step::Insert(score, item) => add(order, model, (f64::from(score), item)),
        Step::Ascend(from, count) => {
            (0..u32::from(count)).for_each(|i| add(order, model, (f64::from(from) + f64::from(i), i)));
        }
        Step::Descend(from, count) => {
            (0..u32::from(count)).for_each(|i| add(order, model, (f64::from(from) - f64::from(i), i)));
        }
        Step::Remove(at) if !model.is_empty() => {
            let gone = model.remove(at % model.len());
            assert_eq!(order.remove(|score, item| !less(gone, (score, item))), gone);
        }
        Step::Drain(at, count) => {
            let at = at % (model.len() + 1);
            let end = model.len().min(at + count);
            let mut taken = Vec::new();
            order.drain(at..end, |score, item| taken.push((score, item)));
            assert_eq!(taken, model.drain(at..end).collect::<Vec<_>>());
        }
        Step::Alter(at, score) if !model.is_empty() => {
            let at = at % model.len();
            let (old, new) = (model[at], (f64::from(score), model[at].1));
            let fits = |left, right| less(left, new) && less(new, right);
            if order.alter(new.0, |score, item| !less(old, (score, item)), fits) {
                model[at] = new;
                assert!(model.is_sorted_by(|a, b| less(*a, *b)));
            }
        }
        Step::Exchange(at) if !model.is_empty() => {
            let at = at % model.len();
            let (old, new) = (model[at], (model[at].0, model[at].1 + 1));
            if model.get(at + 1).is_none_or(|next| less(new, *next)) {
                order.exchange(new.1, |score, item| !less(old, (score, item)));
                model[at] = new;
            }
        }
        Step::Relocate => {
            let mut moving = Moving::new(&Restless);
            let mut rank = order.relocate(0, &mut moving);
            while rank != 0 {
                rank = order.relocate(rank, &mut moving);
            }
            assert!(moving.moved as usize >= model.len().div_ceil(4));
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 3 } else { 256 }))]

    #[test]
    fn does_what_a_sorted_vector_does(
        steps in prop::collection::vec(step(), 0..if cfg!(miri) { 30 } else { 120 }), probe in 0u8..20, at: usize
    ) {
        let (mut order, mut model) = (Small::new(), Vec::new());
        for step in steps {
            take(&mut order, &mut model, &step);
            order.check_invariants(less);
            prop_assert_eq!(order.len(), model.len());
            prop_assert_eq!(
                order.rank(|score, _| score < f64::from(probe)),
                model.partition_point(|pair| pair.0 < f64::from(probe))
            );
        }
        for (rank, pair) in model.iter().enumerate() {
            prop_assert_eq!(order.get(rank), Some(*pair));
        }
        prop_assert_eq!(order.get(model.len()), None);
        let start = at % (model.len() + 1);
        for end in start..=model.len() {
            let (mut there, mut back) = (Vec::new(), Vec::new());
            order.walk(start..end, false, |score, item| { there.push((score, item)); true });
            order.walk(start..end, true, |score, item| { back.push((score, item)); back.len() < 7 });
            prop_assert_eq!(&there[..], &model[start..end]);
            there.reverse();
            there.truncate(7);
            prop_assert_eq!(there, back);
        }
    }
}

/// How full the nodes are after so many pairs came in an order.
fn fullness(scores: impl Iterator<Item = f64>) -> f64 {
    let mut order = Order::<u32>::new();
    for score in scores {
        order.insert(score, 0, |other, _| other < score);
    }
    order.len() as f64 * 12.0 / order.alloc_size() as f64
}

#[test]
#[cfg_attr(miri, ignore = "too many pairs")]
fn pairs_in_order_fill_their_nodes() {
    let count = 100_000;
    assert!(fullness((0..count).map(f64::from)) > 0.7);
    assert!(fullness((0..count).rev().map(f64::from)) > 0.7);
    assert!(fullness((0..count).map(|n| f64::from(n * 7919 % count))) > 0.4);
    // Upwards first, then downwards into the middle.
    assert!(fullness((0..100).chain((100..count).rev()).map(f64::from)) > 0.3);
}
