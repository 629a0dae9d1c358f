//! Tests of sets of numbers.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Numbers near each other, so that sets become marked, and others from everywhere.
fn number() -> impl Strategy<Value = i64> {
    prop_oneof![
        8 => -20i64..120,
        8 => 70_000i64..70_200,
        1 => any::<i16>().prop_map(i64::from),
        1 => any::<i32>().prop_map(i64::from),
        1 => any::<i64>(),
        1 => prop_oneof![i64::MIN..i64::MIN + 70, i64::MAX - 70..=i64::MAX],
    ]
}

/// One number, or some in a row.
fn row() -> impl Strategy<Value = (i64, i64)> {
    (number(), prop_oneof![3 => Just(1i64), 1 => 1i64..200])
}

fn same(set: &Intset, model: &BTreeSet<i64>) {
    set.check_invariants();
    assert_eq!(set.len(), model.len());
    assert!(set.iter().eq(model.iter().copied()));
    assert_eq!(set.ends(), model.first().copied().zip(model.last().copied()));
    assert!((0..=model.len()).map(|index| set.get(index)).eq(model.iter().copied().map(Some).chain([None])));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 4 } else { 256 }, ..Default::default() })]

    #[test]
    fn it_holds_what_a_tree_holds(steps in prop::collection::vec((0u8..5, row()), 0..60)) {
        let (mut set, mut model, mut width) = (Intset::new(), BTreeSet::new(), Width::Two);
        for (step, (first, len)) in steps {
            for number in first..=first.saturating_add(len - 1) {
                prop_assert_eq!(set.contains(number), model.contains(&number));
                match step {
                    0..3 => {
                        width = width.max(Width::of(number));
                        prop_assert_eq!(set.insert(number), model.insert(number));
                    }
                    3 => prop_assert_eq!(set.remove(number), model.remove(&number)),
                    _ if model.is_empty() => {}
                    _ => {
                        let index = number.unsigned_abs() as usize % model.len();
                        let gone = set.get(index).expect("as many");
                        set.remove_at(index);
                        prop_assert!(model.remove(&gone));
                    }
                }
                prop_assert_eq!(set.contains(number), model.contains(&number));
            }
            same(&set, &model);
            same(&set.clone(), &model);
            prop_assert_eq!(set.width(), width);
        }
        let twice = model.iter().chain(model.iter().rev()).copied().collect();
        same(&Intset::of(twice), &model);
    }
}

#[test]
fn numbers_in_a_row_are_marked_however_they_come() {
    let upwards = Vec::from_iter(0..500);
    let downwards = Vec::from_iter((0..500).rev());
    let jumping = Vec::from_iter((0..500).map(|number| number * 7 % 500));
    for order in [upwards, downwards, jumping] {
        for offset in [-1_000_000_007, 0, 1_700_000_000_000] {
            let mut set = Intset::new();
            order.iter().for_each(|number| assert!(set.insert(offset + number)));
            assert!(set.alloc_size() <= 96, "{} bytes", set.alloc_size());
            let model = (offset..offset + 500).collect();
            same(&set, &model);
            let at_once = Intset::of(order.iter().map(|number| offset + number).collect());
            assert_eq!(at_once.alloc_size(), set.alloc_size());
        }
    }
}

#[test]
fn numbers_apart_are_listed_in_the_bytes_they_need() {
    for (step, bytes) in [(1_000, 3), (100_000, 4), (1 << 33, 6), (1 << 53, 8)] {
        let mut set = Intset::new();
        (0..500).for_each(|number| assert!(set.insert(number * step)));
        assert_eq!(set.alloc_size(), class_size(8 + 500 * bytes));
        same(&set, &(0..500).map(|number| number * step).collect());
    }
    assert_eq!(Intset::of(vec![127]).alloc_size(), 16);
    assert_eq!(Intset::of((-4..4).collect()).alloc_size(), 16);
}

#[test]
fn what_comes_and_goes_leaves_little() {
    // A window over ascending numbers stays marked; what is left of many is listed.
    let mut set = Intset::of((0..300).collect());
    for number in 300..2000 {
        assert!(set.insert(number) && set.remove(number - 300));
        assert!(set.alloc_size() <= 80, "{} bytes", set.alloc_size());
    }
    assert!((1700..1998).all(|number| set.remove(number)));
    assert_eq!(set.alloc_size(), 16);
    // A number far off makes a list of it, for as long as it is there and a little longer.
    let mut set = Intset::of((0..300).collect());
    assert!(set.insert(1 << 40));
    assert_eq!(set.alloc_size(), class_size(8 + 301 * 6));
    assert!(set.remove(1 << 40) && set.insert(300));
    assert_eq!(set.alloc_size(), 56);
    assert_eq!(set.width(), Width::Eight);
}
