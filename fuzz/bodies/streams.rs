//! Streams against a vector of entries, with groups against a map of who has what.

use crate::draw::Draw;
use base::siphash;
use std::collections::BTreeMap;
use values::Rules;
use values::stream::{Entries, Group, Id, Keep, Node, Trim};

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// The body: entries are added, deleted, trimmed and read.
pub fn run_entries(input: &[u8]) {
    let mut draw = Draw::new(input);
    let rules = Rules {
        stream_node_max_bytes: draw.one_of(&[4096, 0, 100, 500]),
        stream_node_max_entries: draw.one_of(&[100, 0, 1, 5]),
        ..Rules::default_with(siphash::Key::new(1, 2))
    };
    let (mut entries, mut model) = (Entries::default(), Vec::<(Id, Pairs)>::new());
    let mut ever = vec![Id::MIN];
    while draw.more() {
        match draw.below(8) {
            0..4 => {
                let last = entries.marks.last;
                let id = match draw.byte() {
                    0..60 => Id::new(last.ms, last.seq + 1 + u64::from(draw.byte())),
                    ms @ 60..250 => Id::new(last.ms + u64::from(ms), u64::from(draw.byte())),
                    _ => Id::new(last.ms + u64::MAX / 10_000, 0),
                };
                let pairs: Pairs = match draw.byte() % 3 {
                    0 => (0..=draw.below(4)).map(|_| (draw.text(), draw.text())).collect(),
                    _ => vec![(b"temp".to_vec(), draw.text()), (b"7".to_vec(), draw.text())],
                };
                let borrowed = pairs.iter().map(|(field, value)| (field.as_slice(), value.as_slice()));
                entries.append(id, borrowed, &rules);
                model.push((id, pairs));
                ever.push(id);
            }
            4 => {
                let id = ever[draw.below(ever.len())];
                let found = model.iter().position(|entry| entry.0 == id);
                assert_eq!(entries.delete([id].into_iter()), u64::from(found.is_some()));
                found.map(|at| model.remove(at));
            }
            5 => {
                let most = draw.below(40) as u64;
                let exact = model.len().saturating_sub(most as usize);
                trim(&mut draw, &mut entries, &mut model, Keep::Length(most), exact);
            }
            6 => {
                let from = ever[draw.below(ever.len())];
                let exact = model.iter().filter(|entry| entry.0 < from).count();
                trim(&mut draw, &mut entries, &mut model, Keep::From(from), exact);
            }
            _ => {
                let nodes =
                    entries.nodes().map(|(first, node)| Node::from_listpack(first, &node.to_listpack()));
                let nodes = nodes.collect::<Result<Vec<_>, _>>().expect("sound listpacks");
                let again = Entries::of_nodes(nodes, entries.length()).expect("as many as there should be");
                let marks = std::mem::replace(&mut entries, again).marks;
                entries.marks = marks;
            }
        }
        entries.check_invariants();
        compare(&entries, &model, (ever[draw.below(ever.len())], ever[draw.below(ever.len())]));
    }
}

fn trim(draw: &mut Draw<'_>, entries: &mut Entries, model: &mut Vec<(Id, Pairs)>, keep: Keep, exact: usize) {
    let whole_nodes = draw.flip();
    let limit = if whole_nodes { draw.below(30) as u64 } else { 0 };
    let gone = entries.trim(&Trim { keep, whole_nodes, limit }) as usize;
    assert!(if whole_nodes { gone <= exact } else { gone == exact });
    model.drain(..gone);
}

fn compare(entries: &Entries, model: &[(Id, Pairs)], (start, end): (Id, Id)) {
    let shown = entries.range(Id::MIN, Id::MAX).map(|entry| {
        let pairs = entry.pairs.clone().map(|(field, value)| (field.to_vec(), value.to_vec()));
        (entry.id, pairs.collect::<Pairs>())
    });
    assert!(shown.eq(model.iter().cloned()));
    assert_eq!(entries.last_live(), model.last().map(|entry| entry.0));
    let within = Vec::from_iter(model.iter().map(|entry| entry.0).filter(|id| (start..=end).contains(id)));
    assert!(entries.range(start, end).map(|entry| entry.id).eq(within.iter().copied()));
    assert!(entries.range_back(start, end).map(|entry| entry.id).eq(within.iter().rev().copied()));
}

const NAMES: [&[u8]; 4] = [b"b", b"a", b"", b"ab"];

/// The body: a group's consumers take, pass on and acknowledge.
pub fn run_group(input: &[u8]) {
    let mut draw = Draw::new(input);
    let (mut group, mut model) = (Group::new(Id::MIN, None), BTreeMap::<Id, usize>::new());
    while draw.more() {
        let (id, who) = (Id::new(0, draw.below(30) as u64), draw.below(NAMES.len()));
        match draw.below(6) {
            0 => {
                let (gone, before) = (group.remove(NAMES[who]), model.len());
                model.retain(|_, owner| *owner != who);
                assert_eq!(gone.unwrap_or(0), before - model.len());
            }
            1 => assert_eq!(group.acknowledge(id), model.remove(&id).is_some()),
            2 => group = group.clone(),
            _ => {
                let owner =
                    group.find(NAMES[who]).or_else(|| group.create(NAMES[who], 1)).expect("a consumer");
                group.give(id, owner, 5, 1);
                model.insert(id, who);
            }
        }
        group.check_invariants();
        let owners =
            group.pending().iter().map(|(id, pending)| (*id, group.consumer(pending.owner()).name()));
        assert!(owners.eq(model.iter().map(|(id, who)| (*id, NAMES[*who]))));
        let owned = group.consumers().map(|consumer| consumer.pending().len()).sum::<usize>();
        assert_eq!(owned, model.len());
    }
}
