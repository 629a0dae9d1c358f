//! What big sets and hashes are made of, and sets of numbers: against the trees, maps and vectors of the standard library.

use crate::draw::Draw;
use base::siphash;
use std::collections::BTreeSet;
use structures::blob::Blob;
use structures::field::{Field, NewValue};
use structures::intset::{Intset, Width};
use structures::member::{Keyed, Member, Members};

/// The body: numbers.
pub fn run_numbers(input: &[u8]) {
    let mut draw = Draw::new(input);
    let (mut set, mut model, mut width) = (Intset::new(), BTreeSet::new(), Width::Two);
    while draw.more() {
        // Some far from each other, some in a row, which are marked as bits.
        let number = if draw.flip() { draw.number() } else { draw.below(200) as i64 - 50 };
        match draw.below(5) {
            0..3 => {
                width = width.max(Width::of(number));
                assert_eq!(set.insert(number), model.insert(number));
            }
            3 => assert_eq!(set.remove(number), model.remove(&number)),
            _ => {
                set = set.clone();
                if !model.is_empty() {
                    let at = draw.below(model.len());
                    let gone = set.get(at).expect("as many");
                    set.remove_at(at);
                    assert!(model.remove(&gone));
                }
            }
        }
        set.check_invariants();
        assert_eq!((set.len(), set.width()), (model.len(), width));
        assert!(set.iter().eq(model.iter().copied()));
        assert_eq!(set.contains(number), model.contains(&number));
        let below = model.range(..number).count();
        assert_eq!(set.get(below), model.range(number..).next().copied());
        assert_eq!(set.ends(), model.first().copied().zip(model.last().copied()));
    }
    let numbers = Vec::from_iter(model.iter().rev().copied());
    let at_once = Intset::of(numbers);
    at_once.check_invariants();
    assert!(at_once.iter().eq(model));
}

/// The body: a table of members.
pub fn run_members(input: &[u8]) {
    let mut draw = Draw::new(input);
    let key = Keyed(siphash::Key::new(1, 2));
    let (mut table, mut model) = (Members::new(key), BTreeSet::new());
    while draw.more() {
        let name = draw.text();
        let hash = siphash::hash(&key.0, &name);
        let found = table.locate(hash, |member| member.as_bytes() == name);
        assert_eq!(found.is_some(), model.contains(&name));
        match (draw.below(6), found) {
            (0..4, None) => {
                table.insert(hash, Member::new(&name));
                model.insert(name);
            }
            (4, Some(at)) => {
                table.remove(at);
                model.remove(&name);
            }
            (5, _) => {
                table.rebalance(draw.below(8));
                let mut state = u64::from(draw.byte());
                let mut random = move || {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    state
                };
                let drawn = table.random(&mut random).map(|at| table.get(at).as_bytes().to_vec());
                assert_eq!(drawn.is_some(), !model.is_empty());
                assert!(drawn.is_none_or(|name| model.contains(&name)));
            }
            _ => {}
        }
        table.check_invariants();
        assert_eq!(table.len(), model.len());
        let (mut scanned, mut cursor) = (BTreeSet::new(), 0);
        loop {
            cursor = table.scan(cursor, |member| _ = scanned.insert(member.as_bytes().to_vec()));
            if cursor == 0 {
                break;
            }
        }
        assert_eq!(scanned, model);
    }
}

/// The body: one field, changed again and again.
pub fn run_field(input: &[u8]) {
    let mut draw = Draw::new(input);
    let name = draw.text();
    let mut field = Field::new(&name, NewValue::Bytes(b""), None);
    let (mut value, mut expiry) = (Vec::new(), None);
    while draw.more() {
        match draw.below(6) {
            0..3 => {
                value = draw.text();
                expiry = if draw.flip() { None } else { Some(draw.number()) };
                let new = match draw.byte() % 3 {
                    0 => NewValue::Blob(Blob::from_slice(&value)),
                    _ => NewValue::Bytes(&value),
                };
                field.set(new, expiry);
            }
            3 => {
                expiry = if draw.flip() { None } else { Some(draw.number()) };
                field.set_expiry(expiry);
            }
            4 => field = field.clone(),
            _ => {
                let shared = field.share();
                assert!(shared.is_none_or(|blob| blob.as_slice() == value));
            }
        }
        assert_eq!((field.name(), field.value(), field.expiry()), (&name[..], &value[..], expiry));
        assert!(field.alloc_size() >= name.len() + value.len());
    }
}
