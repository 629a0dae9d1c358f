//! Lists against a model of vectors, under rules that make them change their form often.

use super::*;
use base::siphash;
use proptest::prelude::*;

fn rules(fill: i32, depth: u32, threshold: u64) -> Rules {
    Rules {
        list_max_listpack_size: fill,
        list_compress_depth: depth,
        list_packed_threshold: threshold,
        ..Rules::default_with(siphash::Key::new(1, 2))
    }
}

fn items(list: &List, towards: End) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let from = if towards == End::Tail { 0 } else { list.len().saturating_sub(1) };
    list.show(from, usize::MAX, towards, |item| all.push(item.to_vec()));
    all
}

fn check(list: &List, model: &[Vec<u8>]) {
    if let List::Chain(chain) = list {
        chain.check_invariants();
        assert!(chain.is_quick() || chain.cells().len() <= 1);
    }
    assert_eq!(list.len(), model.len());
    assert_eq!(list.cells().map(|cell| cell.count).sum::<u64>(), model.len() as u64);
    assert_eq!(items(list, End::Tail), model);
    let mut back = items(list, End::Head);
    back.reverse();
    assert_eq!(back, model);
    assert_eq!(list.peek(End::Head).map(|item| item.to_vec()).as_ref(), model.first());
    assert_eq!(list.peek(End::Tail).map(|item| item.to_vec()).as_ref(), model.last());
}

fn filled(count: usize, end: End, rules: &Rules) -> List {
    let mut list = List::new();
    for number in 0..count {
        let text = format!("v{number:015}");
        list.expect(1, text.len(), rules);
        list.push(end, Text::of(text.as_bytes()), rules);
    }
    list
}

#[test]
#[cfg_attr(miri, ignore = "too many items")]
fn a_long_list_takes_little_more_than_its_items() {
    let rules = rules(-2, 0, 0);
    for end in [End::Head, End::Tail] {
        let list = filled(100_000, end, &rules);
        let size = list.alloc_size(0);
        assert!(size < 1_720_000, "{size} bytes");
    }
    assert!(filled(100, End::Tail, &rules).alloc_size(0) < 2300);
}

#[test]
fn the_encoding_changes_where_the_reference_changes_it() {
    let rules = rules(-2, 0, 0);
    let mut list = filled(453, End::Tail, &rules);
    assert_eq!((list.encoding(), list.cells().len()), ("listpack", 1));
    list = filled(454, End::Tail, &rules);
    assert_eq!(list.encoding(), "listpack");
    list = filled(456, End::Tail, &rules);
    assert_eq!(list.encoding(), "quicklist");
    while list.is_quick() {
        list.pop(End::Tail);
        list.shrink(&rules);
    }
    assert_eq!(list.len(), 227);
}

#[derive(Clone, Debug)]
enum Step {
    Push(bool, Vec<u8>, usize),
    Pop(bool, usize),
    Insert(usize, bool, Vec<u8>),
    Replace(usize, Vec<u8>),
    Remove(usize, usize),
    RemoveEqual(Vec<u8>, bool, usize),
    Find(Vec<u8>, usize),
    Suit,
    Copy,
}

fn item() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => "[a-c]{0,2}".prop_map(String::into_bytes),
        3 => (-300i64..300).prop_map(|n| n.to_string().into_bytes()),
        1 => any::<i64>().prop_map(|n| n.to_string().into_bytes()),
        2 => (30usize..200).prop_map(|len| vec![b'm'; len]),
        1 => (1000usize..if cfg!(miri) { 1200 } else { 5000 }).prop_map(|len| (0..len).map(|i| (i * i % 251) as u8).collect()),
        1 => (8180usize..8200).prop_map(|len| vec![b'l'; len]),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (any::<bool>(), item(), 1usize..12).prop_map(|(head, item, times)| Step::Push(head, item, times)),
        3 => (any::<bool>(), 1usize..8).prop_map(|(head, times)| Step::Pop(head, times)),
        4 => (any::<usize>(), any::<bool>(), item()).prop_map(|(at, behind, item)| Step::Insert(at, behind, item)),
        3 => (any::<usize>(), item()).prop_map(|(at, item)| Step::Replace(at, item)),
        2 => (any::<usize>(), 0usize..20).prop_map(|(at, count)| Step::Remove(at, count)),
        2 => (item(), any::<bool>(), 0usize..4).prop_map(|(item, head, most)| Step::RemoveEqual(item, head, most)),
        2 => (item(), any::<usize>()).prop_map(|(item, at)| Step::Find(item, at)),
        1 => Just(Step::Suit),
        1 => Just(Step::Copy),
    ]
}

fn end(head: bool) -> End {
    if head { End::Head } else { End::Tail }
}

fn remove_equal(model: &mut Vec<Vec<u8>>, item: &[u8], head: bool, most: usize) -> usize {
    let mut removed = 0;
    while removed < most {
        let found = match head {
            true => model.iter().position(|own| own == item),
            false => model.iter().rposition(|own| own == item),
        };
        let Some(at) = found else { break };
        model.remove(at);
        removed += 1;
    }
    removed
}

fn take(list: &mut List, model: &mut Vec<Vec<u8>>, step: Step, rules: &Rules) {
    match step {
        Step::Push(head, item, times) => {
            for _ in 0..times {
                list.expect(1, item.len(), rules);
                list.push(end(head), Text::of(&item), rules);
                model.insert(if head { 0 } else { model.len() }, item.clone());
            }
        }
        Step::Pop(head, times) => {
            for _ in 0..times.min(model.len()) {
                list.pop(end(head));
                model.remove(if head { 0 } else { model.len() - 1 });
            }
            list.shrink(rules);
        }
        Step::Insert(at, behind, item) if !model.is_empty() => {
            let at = at % model.len();
            list.expect(1, item.len(), rules);
            list.insert(if behind { Place::Behind(at) } else { Place::Before(at) }, Text::of(&item), rules);
            model.insert(at + usize::from(behind), item);
        }
        Step::Replace(at, item) if !model.is_empty() => {
            let at = at % model.len();
            list.expect(1, item.len(), rules);
            list.replace(at, Text::of(&item), rules);
            list.shrink(rules);
            model[at] = item;
        }
        Step::Remove(at, count) if !model.is_empty() => {
            let at = at % model.len();
            let count = count.min(model.len() - at);
            list.remove(at, count);
            model.drain(at..at + count);
            list.shrink(rules);
        }
        Step::RemoveEqual(item, head, most) => {
            let removed = list.remove_equal(Text::of(&item), end(head), most);
            assert_eq!(removed, remove_equal(model, &item, head, most));
            list.shrink(rules);
        }
        Step::Find(item, at) => {
            let (at, needle) = (at % (model.len() + 1), Needle::new(&item));
            let found = model[at..].iter().position(|own| *own == item).map(|passed| at + passed);
            assert_eq!(list.find(at, &needle), found);
        }
        Step::Suit => list.suit(rules),
        Step::Copy => *list = list.duplicate(),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 256 }))]

    #[test]
    fn does_what_a_vector_does(
        steps in proptest::collection::vec(step(), 0..if cfg!(miri) { 15 } else { 60 }),
        fill in prop_oneof![Just(-2), Just(-1), Just(-3), 0i32..6],
        depth in 0u32..3,
        threshold in prop_oneof![3 => Just(0u64), 1 => Just(100)],
    ) {
        let rules = rules(fill, depth, threshold);
        let (mut list, mut model, mut scratch) = (List::new(), Vec::new(), Scratch::new());
        for step in steps {
            take(&mut list, &mut model, step, &rules);
            if list.is_compressing() {
                list.compress(&mut scratch);
            }
            check(&list, &model);
        }
    }
}
