//! Streams against a naive model: a vector of entries.

use super::{Entries, Group, Id, Keep, Node, Trim};
use crate::Rules;
use base::siphash;
use proptest::prelude::*;
use std::collections::BTreeMap;

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

fn rules(bytes: u64, entries: u64) -> Rules {
    let rules = Rules::default_with(siphash::Key::new(1, 2));
    Rules { stream_node_max_bytes: bytes, stream_node_max_entries: entries, ..rules }
}

fn pairs_of(entry: &super::Entry<'_>) -> Pairs {
    entry.pairs.clone().map(|(field, value)| (field.to_vec(), value.to_vec())).collect()
}

fn all(entries: &Entries) -> Vec<(Id, Pairs)> {
    entries.range(Id::MIN, Id::MAX).map(|entry| (entry.id, pairs_of(&entry))).collect()
}

#[derive(Clone, Debug)]
enum Step {
    Add(u64, u64, Pairs),
    Delete(prop::sample::Index),
    TrimLength(u64, bool, u64),
    TrimFrom(prop::sample::Index, bool),
    Range(prop::sample::Index, prop::sample::Index),
}

fn word() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => "[a-c]{1,3}".prop_map(String::into_bytes),
        2 => any::<i32>().prop_map(|n| n.to_string().into_bytes()),
        1 => (0usize..300).prop_map(|len| vec![b'x'; len]),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let usual = (word(), word()).prop_map(|(a, b)| vec![(b"temp".to_vec(), a), (b"7".to_vec(), b)]);
    let pairs = prop_oneof![3 => usual, 1 => prop::collection::vec((word(), word()), 1..4)];
    let difference = prop_oneof![Just(0), 1u64..100, Just(u64::MAX / 1000)];
    prop_oneof![
        8 => (difference, 1u64..5, pairs).prop_map(|(ms, seq, pairs)| Step::Add(ms, seq, pairs)),
        2 => any::<prop::sample::Index>().prop_map(Step::Delete),
        1 => (0u64..40, any::<bool>(), 0u64..30).prop_map(|(most, whole, limit)| Step::TrimLength(most, whole, limit)),
        1 => (any::<prop::sample::Index>(), any::<bool>()).prop_map(|(at, whole)| Step::TrimFrom(at, whole)),
        1 => (any::<prop::sample::Index>(), any::<prop::sample::Index>()).prop_map(|(a, b)| Step::Range(a, b)),
    ]
}

fn borrowed(pairs: &Pairs) -> impl ExactSizeIterator<Item = (&[u8], &[u8])> + Clone {
    pairs.iter().map(|(field, value)| (field.as_slice(), value.as_slice()))
}

/// What a trim leaves lies between what was asked for and all.
fn trimmed(entries: &mut Entries, model: &mut Vec<(Id, Pairs)>, trim: &Trim, exact: usize) {
    let before = model.len();
    let gone = entries.trim(trim) as usize;
    if trim.whole_nodes || trim.limit != 0 {
        assert!(gone <= exact);
    } else {
        assert_eq!(gone, exact);
    }
    model.drain(..gone);
    assert_eq!(before, model.len() + gone);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 256 }))]

    #[test]
    fn entries_are_those_of_a_vector(
        steps in prop::collection::vec(step(), 1..if cfg!(miri) { 15 } else { 60 }),
        most_bytes in prop_oneof![Just(0u64), 100u64..600],
        most_entries in prop_oneof![Just(0u64), 1u64..9],
    ) {
        let rules = rules(most_bytes, most_entries);
        let mut entries = Entries::default();
        let mut model: Vec<(Id, Pairs)> = Vec::new();
        let mut ever = vec![Id::MIN];
        for step in steps {
            match step {
                Step::Add(ms, seq, pairs) => {
                    let last = entries.marks.last;
                    let id = if ms == 0 { Id::new(last.ms, last.seq + seq) } else { Id::new(last.ms + ms, seq) };
                    entries.append(id, borrowed(&pairs), &rules);
                    model.push((id, pairs));
                    ever.push(id);
                }
                Step::Delete(at) => {
                    let id = *at.get(&ever);
                    let found = model.iter().position(|entry| entry.0 == id);
                    prop_assert_eq!(entries.delete([id].into_iter()), u64::from(found.is_some()));
                    found.map(|at| model.remove(at));
                }
                Step::TrimLength(most, whole_nodes, limit) => {
                    let limit = if whole_nodes { limit } else { 0 };
                    let exact = model.len().saturating_sub(most as usize);
                    trimmed(&mut entries, &mut model, &Trim { keep: Keep::Length(most), whole_nodes, limit }, exact);
                }
                Step::TrimFrom(at, whole_nodes) => {
                    let from = *at.get(&ever);
                    let exact = model.iter().filter(|entry| entry.0 < from).count();
                    trimmed(&mut entries, &mut model, &Trim { keep: Keep::From(from), whole_nodes, limit: 0 }, exact);
                }
                Step::Range(a, b) => {
                    let (start, end) = (*a.get(&ever), *b.get(&ever));
                    let expected: Vec<_> =
                        model.iter().filter(|entry| (start..=end).contains(&entry.0)).map(|entry| entry.0).collect();
                    let mut back: Vec<_> = entries.range_back(start, end).map(|entry| entry.id).collect();
                    back.reverse();
                    prop_assert_eq!(&back, &expected);
                    prop_assert_eq!(entries.range(start, end).map(|entry| entry.id).collect::<Vec<_>>(), expected);
                }
            }
            entries.check_invariants();
            prop_assert_eq!(&all(&entries), &model);
            prop_assert_eq!(entries.last_live(), model.last().map(|entry| entry.0));
        }
        let nodes = entries.nodes.iter().cloned().rev().collect();
        let again = Entries::of_nodes(nodes, entries.length()).expect("as many as there should be");
        prop_assert_eq!(all(&again), model);
    }

    #[test]
    fn damaged_listpacks_are_read_or_refused(
        adds in prop::collection::vec((word(), word()), 1..5), at in any::<prop::sample::Index>(), damage in any::<u8>()
    ) {
        let mut entries = Entries::default();
        for (n, pair) in adds.into_iter().enumerate() {
            entries.append(Id::new(1, n as u64 + 1), borrowed(&vec![pair]), &rules(0, 0));
        }
        let mut listpack = entries.nodes[0].to_listpack();
        let at = at.index(listpack.len());
        listpack[at] ^= damage;
        if let Ok(node) = Node::from_listpack(Id::new(1, 1), &listpack) {
            let length = u64::from(node.live);
            let entries = Entries::of_nodes(vec![node], length).expect("one node");
            prop_assert_eq!(entries.range(Id::MIN, Id::MAX).count() as u64, length);
            prop_assert_eq!(entries.range_back(Id::MIN, Id::MAX).count() as u64, length);
        }
    }

    #[test]
    fn pending_entries_have_one_owner(steps in prop::collection::vec((0u8..6, 0u64..8, 0usize..4), 0..if cfg!(miri) { 20 } else { 60 })) {
        const NAMES: [&[u8]; 4] = [b"b", b"a", b"", b"ab"];
        let mut group = Group::new(Id::MIN, None);
        let mut model: BTreeMap<Id, usize> = BTreeMap::new();
        for (step, seq, who) in steps {
            let id = Id::new(0, seq);
            match step {
                0 => {
                    let gone = group.remove(NAMES[who]);
                    let before = model.len();
                    model.retain(|_, owner| *owner != who);
                    prop_assert_eq!(gone.unwrap_or(0), before - model.len());
                }
                1 => prop_assert_eq!(group.acknowledge(id), model.remove(&id).is_some()),
                _ => {
                    let owner = group.find(NAMES[who]).or_else(|| group.create(NAMES[who], 1)).expect("a consumer");
                    group.give(id, owner, 5, 1);
                    model.insert(id, who);
                }
            }
            group.check_invariants();
            let owners = group.pending().iter().map(|(id, pending)| (*id, group.consumer(pending.owner()).name()));
            prop_assert!(owners.eq(model.iter().map(|(id, who)| (*id, NAMES[*who]))));
        }
    }
}

/// Bytes that the reference dumped.
#[test]
fn listpacks_are_those_of_the_reference() {
    let mut entries = Entries::default();
    let pairs = |a: &str, b: &str| {
        vec![(b"temp".to_vec(), a.as_bytes().to_vec()), (b"hum".to_vec(), b.as_bytes().to_vec())]
    };
    entries.append(Id::new(5, 1), borrowed(&pairs("21.5", "40")), &rules(4096, 100));
    entries.append(Id::new(5, 2), borrowed(&pairs("21.5", "300")), &rules(4096, 100));
    entries.append(Id::new(9, 0), borrowed(&vec![(b"x".to_vec(), b"-1".to_vec())]), &rules(4096, 100));
    assert_eq!(entries.delete([Id::new(5, 2)].into_iter()), 1);
    assert_eq!(base::hex::encode(&entries.nodes[0].to_listpack()), REFERENCE);
}

const REFERENCE: &str = "4c00000019000201010102018474656d70058368756d0400010201000100018432312e3505280105\
                         010301000101018432312e3505c12c02050100010401dfff020101817802dfff020601ff";
