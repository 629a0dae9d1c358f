//! Tests of sets.

use super::*;
use base::rng::Rng;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn rules() -> Rules {
    Rules {
        set_max_intset_entries: 12,
        set_max_listpack_entries: 8,
        set_max_listpack_value: 10,
        ..Rules::default_with(siphash::Key::new(1, 2))
    }
}

fn member() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => (-12i64..12).prop_map(|n| n.to_string().into_bytes()),
        1 => any::<i64>().prop_map(|n| n.to_string().into_bytes()),
        1 => (0u8..12).prop_map(|n| format!("m{n}").into_bytes()),
        1 => (0usize..20).prop_map(|n| vec![b'x'; n]),
    ]
}

fn members(set: &Set) -> BTreeSet<Vec<u8>> {
    set.iter().map(|member| member.to_vec()).collect()
}

fn set_of(names: &[&str], rules: &Rules) -> Set {
    let mut set = Set::for_members(names[0].as_bytes(), names.len(), rules);
    for name in names {
        set.add(Text::Bytes(name.as_bytes()), rules);
    }
    set
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 4 } else { 256 }, ..Default::default() })]

    #[test]
    fn it_holds_what_a_tree_holds(
        first in member(),
        steps in prop::collection::vec((0u8..5, member()), 0..if cfg!(miri) { 20 } else { 60 }),
        seed: u64,
    ) {
        let (rules, mut rng) = (rules(), Rng::seed(seed));
        let mut set = Set::for_members(&first, 1, &rules);
        let mut model = BTreeSet::new();
        for (step, name) in steps {
            match step {
                0..3 => prop_assert_eq!(set.add(Text::Bytes(&name), &rules), model.insert(name.clone())),
                3 => prop_assert_eq!(set.remove(Text::of(&name)), model.remove(&name)),
                _ if model.is_empty() => prop_assert!(set.random(&mut rng).is_none()),
                _ => {
                    let popped = set.pop(&mut rng, |member| member.to_vec()).expect("a member");
                    prop_assert!(model.remove(&popped));
                }
            }
            set.check_invariants();
            prop_assert_eq!(members(&set), model.clone());
            prop_assert_eq!(set.contains(Text::Bytes(&name)), model.contains(&name));
            prop_assert_eq!(set.contains(Text::of(&name)), model.contains(&name));
            if let Some(one) = set.random(&mut rng) {
                prop_assert!(model.contains(&one.to_vec()));
            }
            prop_assert_eq!(members(&set.duplicate()), model.clone());
            prop_assert_eq!(set.duplicate().encoding(), set.encoding());
        }
    }

    #[test]
    fn many_at_once_are_as_one_after_the_other(names in prop::collection::vec(member(), 1..16)) {
        let rules = rules();
        let mut set = Set::for_members(&names[0], names.len(), &rules);
        for name in &names {
            set.add(Text::Bytes(name), &rules);
        }
        let at_once = Set::of(names.iter().map(Vec::as_slice), &rules);
        at_once.check_invariants();
        prop_assert_eq!(at_once.encoding(), set.encoding());
        prop_assert_eq!(at_once.alloc_size(0), set.alloc_size(0));
        prop_assert_eq!(members(&at_once), members(&set));
    }

    #[test]
    fn what_is_popped_is_gone_and_what_is_sampled_is_not(
        names in prop::collection::btree_set(member(), 2..60), count in 1usize..60, seed: u64,
    ) {
        let (rules, mut rng) = (rules(), Rng::seed(seed));
        let mut set = Set::for_members(names.first().expect("a member"), 1, &rules);
        for name in &names {
            set.add(Text::Bytes(name), &rules);
        }
        let count = 1 + count % (names.len() - 1);
        let mut given = BTreeSet::new();
        set.sample(count, &mut rng, |member| assert!(given.insert(member.to_vec()), "twice"));
        prop_assert!(given.len() == count && given.is_subset(&names));
        prop_assert_eq!(set.len(), names.len());

        let mut given = BTreeSet::new();
        set.pop_many(count, &rules, &mut rng, |member| assert!(given.insert(member.to_vec()), "twice"));
        set.check_invariants();
        prop_assert_eq!(given.len(), count);
        let left = members(&set);
        prop_assert!(left.is_disjoint(&given));
        given.extend(left);
        prop_assert_eq!(given, names);
    }

    #[test]
    fn a_walk_sees_all(names in prop::collection::btree_set(member(), 1..if cfg!(miri) { 20 } else { 80 })) {
        let rules = rules();
        let mut set = Set::table(&rules);
        for name in &names {
            set.add(Text::Bytes(name), &rules);
        }
        let (mut seen, mut cursor) = (BTreeSet::new(), 0);
        loop {
            cursor = set.scan(cursor, |member| {
                seen.insert(member.to_vec());
            });
            if cursor == 0 {
                break;
            }
        }
        prop_assert_eq!(seen, names);
    }
}

#[test]
fn encodings_change_when_those_of_the_reference_do() {
    let rules = rules();
    let numbers: Vec<String> = (0..13).map(|n| n.to_string()).collect();
    let mut set = set_of(&["1", "2"], &rules);
    assert_eq!(set.encoding(), "intset");
    for number in &numbers[..12] {
        set.add(Text::Bytes(number.as_bytes()), &rules);
        assert_eq!(set.encoding(), "intset");
    }
    set.add(Text::Bytes(b"12"), &rules);
    assert_eq!(set.encoding(), "hashtable", "too many numbers");

    let mut set = set_of(&["1", "2"], &rules);
    set.add(Text::Bytes(b"x"), &rules);
    assert_eq!(set.encoding(), "listpack", "what is no number");
    set.remove(Text::Bytes(b"x"));
    assert_eq!(set.encoding(), "listpack", "there is no way back");
    set.add(Text::Bytes(b"12345678901"), &rules);
    assert_eq!(set.encoding(), "hashtable", "too long a member");

    let mut set = set_of(&["1", "12345678901"], &rules);
    set.add(Text::Bytes(b"x"), &rules);
    assert_eq!(set.encoding(), "hashtable", "a number whose text is too long");

    let mut set = set_of(&["a", "b", "c", "d", "e", "f", "g", "h"], &rules);
    assert_eq!(set.encoding(), "listpack");
    set.add(Text::Bytes(b"i"), &rules);
    assert_eq!(set.encoding(), "hashtable", "too many members");

    assert_eq!(Set::for_members(b"1", 12, &rules).encoding(), "intset");
    assert_eq!(Set::for_members(b"1", 13, &rules).encoding(), "hashtable");
    assert_eq!(Set::for_members(b"a", 8, &rules).encoding(), "listpack");
    let mut set = set_of(&["a"], &rules);
    set.expect(8, &rules);
    assert_eq!(set.encoding(), "listpack");
    set.expect(9, &rules);
    assert_eq!(set.encoding(), "hashtable", "many are to come");
}

#[test]
fn a_set_of_which_little_is_left_is_small_again() {
    let rules = rules();
    let names: Vec<String> = (0..100).map(|n| format!("m{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut set = set_of(&names, &rules);
    set.pop_many(60, &rules, &mut Rng::seed(1), |_| ());
    assert_eq!((set.encoding(), set.len()), ("hashtable", 40));
    set.pop_many(35, &rules, &mut Rng::seed(1), |_| ());
    assert_eq!((set.encoding(), set.len()), ("listpack", 5));
}

#[test]
#[cfg_attr(miri, ignore = "too many draws")]
fn chance_favours_nobody() {
    const ROUNDS: usize = 6000;
    let rules = Rules { set_max_intset_entries: 0, ..rules() };
    let mut rng = Rng::seed(7);
    for names in [&["1", "2", "3", "4", "5", "6"][..], &["a", "b", "c", "d", "e", "f"]] {
        let mut tables = set_of(names, &rules);
        tables.expect(100, &rules);
        let mut ints = set_of(names, &rules);
        ints.settle_for_ints(&Rules { set_max_intset_entries: 12, ..rules });
        for set in [set_of(names, &rules), tables, ints] {
            let mut drawn = [[0usize; 6]; 3];
            let index = |member: Text<'_>| names.iter().position(|name| name.as_bytes() == member.to_vec());
            for _ in 0..ROUNDS {
                drawn[0][set.random(&mut rng).and_then(index).expect("a member")] += 1;
                set.sample(2, &mut rng, |member| drawn[1][index(member).expect("a member")] += 1);
                let mut copy = set.duplicate();
                copy.pop_many(5, &rules, &mut rng, |_| ());
                drawn[2][copy.iter().next().and_then(index).expect("a member")] += 1;
            }
            for (counts, expected) in drawn.into_iter().zip([1000.0, 2000.0, 1000.0]) {
                let chi: f64 = counts.iter().map(|&n| (n as f64 - expected).powi(2) / expected).sum();
                assert!(chi < 25.0, "{counts:?} of a {}", set.encoding());
            }
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "too many items")]
fn a_big_set_of_short_strings_is_small() {
    let rules = Rules::default_with(siphash::Key::new(1, 2));
    let mut set = Set::table(&rules);
    for number in 0..10_000 {
        set.add(Text::Bytes(format!("member:{number:010}").as_bytes()), &rules);
    }
    assert!(set.alloc_size(0) <= 39 * 10_000, "{}", set.alloc_size(0));
    assert_eq!(set.alloc_size(0), set.alloc_size(5), "all are of one length");
}
