//! The pack against a vector.

use super::{Gap, Needle, Pack};
use base::text::Text;
use proptest::prelude::*;

#[test]
fn a_boundary_is_one_byte() {
    let mut pack = Pack::new();
    pack.push(Text::of(b"v000000000000001"));
    assert_eq!(pack.byte_len(), 18);
    pack.push(Text::of(b"7"));
    assert_eq!((pack.byte_len(), pack.len()), (19, 2));
    assert_eq!(pack.get(1), Some(Text::Integer(7)));
    assert_eq!(pack.get(2), None);
}

#[test]
fn every_width_of_number_and_string_comes_back_from_both_ends() {
    let numbers =
        (0..64).flat_map(|bit| [1i64 << bit, (1i64 << bit).wrapping_sub(1), -(1i64 << bit).wrapping_sub(1)]);
    let strings = [0, 1, 175, 176, 177, 255, 256, 65535, 65536, 70000].map(|len| vec![b'x'; len]);
    let mut pack = Pack::new();
    let mut all: Vec<Vec<u8>> = numbers.map(|number| number.to_string().into_bytes()).collect();
    all.extend(strings);
    for item in &all {
        pack.push(Text::of(item));
    }
    let forth: Vec<Vec<u8>> = pack.items().iter().map(|item| item.to_vec()).collect();
    let mut back: Vec<Vec<u8>> = pack.items().iter_back().map(|item| item.to_vec()).collect();
    back.reverse();
    assert_eq!((&forth, &back), (&all, &all));
}

#[derive(Clone, Debug)]
enum Step {
    Insert(usize, Vec<u8>),
    Replace(usize, Vec<u8>),
    Remove(usize, usize),
    Find(Vec<u8>, usize),
}

/// Lengths about where one needs another byte.
const LONG: std::ops::Range<usize> = if cfg!(miri) { 250..260 } else { 65_530..65_540 };

fn item() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => "[a-c]{0,2}".prop_map(String::into_bytes),
        4 => any::<i64>().prop_map(|n| n.to_string().into_bytes()),
        4 => (-200i64..200).prop_map(|n| n.to_string().into_bytes()),
        1 => (170usize..180).prop_map(|len| vec![b'm'; len]),
        1 => LONG.prop_map(|len| vec![b'l'; len]),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<usize>(), item()).prop_map(|(at, item)| Step::Insert(at, item)),
        2 => (any::<usize>(), item()).prop_map(|(at, item)| Step::Replace(at, item)),
        2 => (any::<usize>(), 0usize..4).prop_map(|(at, count)| Step::Remove(at, count)),
        1 => (item(), 1usize..4).prop_map(|(item, step)| Step::Find(item, step)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 256 }))]

    #[test]
    fn does_what_a_vector_does(steps in proptest::collection::vec(step(), 0..if cfg!(miri) { 12 } else { 40 })) {
        let mut pack = Pack::new();
        let mut model: Vec<Vec<u8>> = Vec::new();
        for step in steps {
            match step {
                Step::Insert(at, item) => {
                    let at = at % (model.len() + 1);
                    pack.insert(pack.gap(at), Text::of(&item));
                    model.insert(at, item);
                }
                Step::Replace(at, item) if !model.is_empty() => {
                    let at = at % model.len();
                    pack.replace(pack.gap(at), Text::of(&item));
                    model[at] = item;
                }
                Step::Remove(at, count) if !model.is_empty() => {
                    let at = at % model.len();
                    let count = count.min(model.len() - at);
                    pack.remove(pack.gap(at), count);
                    model.drain(at..at + count);
                }
                Step::Find(item, step) => {
                    let needle = Needle::new(&item);
                    let found = pack.items().find(Gap::START, &needle, step).map(|(_, passed)| passed);
                    let expected = (0..model.len()).step_by(step).find(|at| model[*at] == item);
                    prop_assert_eq!(found, expected);
                }
                _ => {}
            }
            prop_assert_eq!(pack.len(), model.len());
            let items: Vec<Vec<u8>> = pack.items().iter().map(|item| item.to_vec()).collect();
            prop_assert_eq!(&items, &model);
            let copy = pack.clone();
            let mut back: Vec<Vec<u8>> = copy.items().iter_back().map(|item| item.to_vec()).collect();
            back.reverse();
            prop_assert_eq!(&back, &model);
        }
    }
}
