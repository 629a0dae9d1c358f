//! Lists, hashes, sets and sorted sets against vectors, maps and trees, under rules that make them change their form.

use crate::draw::Draw;
use base::lzf::Scratch;
use base::rng::Rng;
use base::siphash;
use base::text::Text;
use std::collections::{BTreeMap, BTreeSet};
use structures::pack::Needle;
use values::hash::{Clock, Expiry, Hash, NewValue, Put};
use values::list::{End, List, Place};
use values::sorted_set::{Bounds, ScoreEnd, SortedSet};
use values::{Rules, Set, Value};

const RULES: Rules = Rules::default_with(siphash::Key::new(1, 2));

/// The body: a list.
pub fn run_list(input: &[u8]) {
    let mut draw = Draw::new(input);
    let rules = Rules {
        list_max_listpack_size: draw.one_of(&[-2, -1, -3, 0, 1, 2, 5, 100]),
        list_compress_depth: draw.one_of(&[0, 0, 1, 2]),
        list_packed_threshold: draw.one_of(&[0, 0, 0, 100]),
        ..RULES
    };
    let (mut list, mut model, mut scratch) = (List::new(), Vec::<Vec<u8>>::new(), Scratch::new());
    while draw.more() {
        list_step(&mut draw, &mut list, &mut model, &rules);
        if list.is_compressing() {
            list.compress(&mut scratch);
        }
        list.check_invariants();
        assert_eq!(list.len(), model.len());
        let mut shown = model.iter();
        list.show(0, usize::MAX, End::Tail, |item| assert_eq!(Some(&item.to_vec()), shown.next()));
        let mut shown = model.iter().rev();
        list.show(model.len().saturating_sub(1), usize::MAX, End::Head, |item| {
            assert_eq!(Some(&item.to_vec()), shown.next());
        });
        assert_eq!(list.peek(End::Head).map(|item| item.to_vec()).as_ref(), model.first());
        assert_eq!(list.peek(End::Tail).map(|item| item.to_vec()).as_ref(), model.last());
    }
}

fn list_step(draw: &mut Draw<'_>, list: &mut List, model: &mut Vec<Vec<u8>>, rules: &Rules) {
    let at = draw.below(model.len());
    match draw.below(9) {
        0..2 => {
            let (head, item) = (draw.flip(), draw.text());
            for _ in 0..=draw.below(12) {
                list.expect(1, item.len(), rules);
                list.push(if head { End::Head } else { End::Tail }, Text::of(&item), rules);
                model.insert(if head { 0 } else { model.len() }, item.clone());
            }
        }
        2 => {
            let head = draw.flip();
            for _ in 0..draw.below(8).min(model.len()) {
                list.pop(if head { End::Head } else { End::Tail });
                model.remove(if head { 0 } else { model.len() - 1 });
            }
            list.shrink(rules);
        }
        3 if !model.is_empty() => {
            let (behind, item) = (draw.flip(), draw.text());
            list.expect(1, item.len(), rules);
            list.insert(if behind { Place::Behind(at) } else { Place::Before(at) }, Text::of(&item), rules);
            model.insert(at + usize::from(behind), item);
        }
        4 if !model.is_empty() => {
            model[at] = draw.text();
            list.expect(1, model[at].len(), rules);
            list.replace(at, Text::of(&model[at]), rules);
            list.shrink(rules);
        }
        5 if !model.is_empty() => {
            let count = draw.below(40).min(model.len() - at);
            list.remove(at, count);
            model.drain(at..at + count);
            list.shrink(rules);
        }
        6 => {
            let (item, most) = (draw.text(), draw.below(4));
            let removed = list.remove_equal(Text::of(&item), End::Head, most);
            let mut left = most;
            let before = model.len();
            model.retain(|own| {
                let goes = left > 0 && *own == item;
                left -= usize::from(goes);
                !goes
            });
            assert_eq!(removed, before - model.len());
            list.shrink(rules);
        }
        7 => {
            let item = draw.text();
            let found = model[at..].iter().position(|own| *own == item).map(|passed| at + passed);
            assert_eq!(list.find(at, &Needle::new(&item)), found);
        }
        _ => {
            list.suit(rules);
            *list = list.duplicate();
        }
    }
}

/// A hash that is shown at a time.
type Fields = BTreeMap<Vec<u8>, (Vec<u8>, Option<i64>)>;

/// The body: a hash whose fields expire.
pub fn run_hash(input: &[u8]) {
    let mut draw = Draw::new(input);
    let most = draw.one_of(&[512, 4, 20, 0]);
    let rules = Rules { hash_max_listpack_entries: most, ..RULES };
    let (mut hash, mut model, mut now) = (Hash::default(), Fields::new(), 0);
    while draw.more() {
        let clock = Clock { now, shows_all: false, keeps: false };
        let number = draw.byte();
        let name =
            if number.is_multiple_of(3) { number.to_string() } else { format!("field{number}") }.into_bytes();
        let when = match draw.byte() {
            0..120 => None,
            120..240 => Some(now - 100 + draw.below(1000) as i64),
            _ => Some(draw.number()),
        };
        match draw.below(8) {
            0..3 => {
                let (value, keeps) = (draw.text(), draw.below(4) == 0);
                let old = model.get(&name).cloned();
                let is_past = old.as_ref().and_then(|old| old.1).is_some_and(|when| clock.has_passed(when));
                let how = if keeps { Expiry::Keep } else { when.map_or(Expiry::Drop, Expiry::At) };
                let put = hash.set(&name, NewValue::Bytes(&value), how, &rules, &clock);
                let expected = match old {
                    None => Put::Added,
                    Some(_) if is_past => Put::Revived,
                    Some(_) => Put::Updated,
                };
                assert_eq!(put, expected);
                let kept = old.and_then(|old| old.1).filter(|_| put == Put::Updated);
                model.insert(name, (value, if keeps { kept } else { when }));
            }
            3 => {
                if let Some(field) = model.get_mut(&name) {
                    field.1 = when;
                    hash.set_expiry(&name, when, &rules);
                }
            }
            4 => {
                let there = model.get(&name).is_some_and(|field| !clock.hides(field.1));
                assert_eq!(hash.remove(&name, &clock), there);
                if there {
                    model.remove(&name);
                }
            }
            5 => expire(&mut hash, &mut model, now, draw.below(20)),
            6 => now += draw.below(300) as i64,
            _ => hash = hash.duplicate(),
        }
        compare_hash(&hash, &model, now);
        if hash.earliest() != hash.filed() {
            hash.set_filed(hash.earliest());
        }
    }
}

fn expire(hash: &mut Hash, model: &mut Fields, now: i64, max: usize) {
    let hides = |now: i64, expiry| Clock { now, shows_all: false, keeps: false }.hides(expiry);
    let count = hash.expire(now, max, |name| {
        let field = model.remove(name).expect("a field that was there");
        assert!(hides(now, field.1));
    });
    // What became due within the last tick may be left for the next time.
    assert!(count == max || !model.values().any(|field| hides(now - 16, field.1)));
}

fn compare_hash(hash: &Hash, model: &Fields, now: i64) {
    let clock = Clock { now, shows_all: false, keeps: false };
    hash.check_invariants();
    assert_eq!(hash.len(), model.len());
    let first = model.values().filter_map(|field| field.1).min();
    assert_eq!(hash.has_times(), first.is_some());
    assert!(hash.earliest() <= first);
    let visible: Fields = model
        .iter()
        .filter(|(_, field)| !clock.hides(field.1))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    assert_eq!(hash.visible_len(&clock), visible.len());
    let mut seen = Fields::new();
    hash.for_each(&clock, |field| _ = seen.insert(field.name.to_vec(), (field.value.to_vec(), field.expiry)));
    assert_eq!(seen, visible);
    let mut cursor = 0;
    let mut scanned = Fields::new();
    loop {
        cursor = hash.scan(cursor, &clock, |field| {
            scanned.insert(field.name.to_vec(), (field.value.to_vec(), field.expiry));
        });
        if cursor == 0 {
            break;
        }
    }
    assert_eq!(scanned, visible);
}

/// The body: a set.
pub fn run_set(input: &[u8]) {
    let mut draw = Draw::new(input);
    let rules = Rules {
        set_max_intset_entries: draw.one_of(&[512, 4, 12]),
        set_max_listpack_entries: draw.one_of(&[128, 0, 8]),
        ..RULES
    };
    let mut rng = Rng::seed(draw.byte().into());
    let first = draw.text();
    let (mut set, mut model) = (Set::for_members(&first, 1, &rules), BTreeSet::new());
    while draw.more() {
        let name = draw.text();
        match draw.below(7) {
            0..4 => assert_eq!(set.add(Text::Bytes(&name), &rules), model.insert(name.clone())),
            4 => assert_eq!(set.remove(Text::of(&name)), model.remove(&name)),
            5 => {
                let popped = set.pop(&mut rng, |member| member.to_vec());
                assert_eq!(popped.is_some(), !model.is_empty());
                assert!(popped.is_none_or(|name| model.remove(&name)));
            }
            _ => set = set.duplicate(),
        }
        set.check_invariants();
        assert_eq!(set.len(), model.len());
        assert_eq!(BTreeSet::from_iter(set.iter().map(|member| member.to_vec())), model);
        assert_eq!(set.contains(Text::Bytes(&name)), model.contains(&name));
        assert!(set.random(&mut rng).is_none_or(|member| model.contains(&member.to_vec())));
        let mut drawn = BTreeSet::new();
        let count = draw.below(20).min(model.len());
        set.sample(count, &mut rng, |member| assert!(drawn.insert(member.to_vec())));
        assert!(drawn.len() == count && drawn.is_subset(&model));
    }
}

/// The body: a sorted set.
pub fn run_sorted_set(input: &[u8]) {
    let mut draw = Draw::new(input);
    let rules = Rules { zset_max_listpack_entries: draw.one_of(&[128, 0, 8]), ..RULES };
    let (mut set, mut model) = (SortedSet::new(&rules, 0, 0), BTreeMap::<Vec<u8>, f64>::new());
    while draw.more() {
        let name = draw.text();
        match draw.below(8) {
            0..5 => {
                let score = score(&mut draw);
                set.put(&rules, &name, |old| {
                    assert_eq!(old, model.get(&name).copied());
                    Some(score)
                });
                model.insert(name, score);
            }
            5 => assert_eq!(set.remove(&name), model.remove(&name)),
            6 => {
                let ranks = set.ranks(&Bounds::Ranks(draw.number() % 50, draw.number() % 50));
                ranked(&model)[ranks.clone()].iter().for_each(|(name, _)| _ = model.remove(name));
                set.remove_ranks(ranks);
            }
            _ => {
                set = set.duplicate();
                set.settle(&rules);
            }
        }
        set.check_invariants();
        compare_sorted_set(&set, &model, &mut draw);
    }
}

fn score(draw: &mut Draw<'_>) -> f64 {
    match draw.byte() {
        small @ 0..150 => f64::from(small % 8),
        150..220 => draw.number() as f64,
        _ => draw.one_of(&[0.0, 0.5, -0.25, f64::INFINITY, f64::NEG_INFINITY, 1e17, 1e300, -9.3e18, 5e-324]),
    }
}

fn ranked(model: &BTreeMap<Vec<u8>, f64>) -> Vec<(Vec<u8>, f64)> {
    let mut all: Vec<_> = model.iter().map(|(name, score)| (name.clone(), *score)).collect();
    all.sort_by(|a, b| a.1.partial_cmp(&b.1).expect("no NaN").then_with(|| a.0.cmp(&b.0)));
    all
}

fn compare_sorted_set(set: &SortedSet, model: &BTreeMap<Vec<u8>, f64>, draw: &mut Draw<'_>) {
    let expected = ranked(model);
    assert_eq!(set.len(), expected.len());
    let mut shown = expected.iter();
    set.each(|name, score| assert_eq!(shown.next(), Some(&(name.to_vec(), score))));
    let mut shown = expected.iter().rev();
    set.walk(0..set.len(), true, |name, score| {
        assert_eq!(shown.next(), Some(&(name.to_vec(), score)));
        true
    });
    if let Some((name, score)) = expected.get(draw.below(expected.len())) {
        let rank = expected.partition_point(|pair| pair.1 < *score || pair.1 == *score && pair.0 < *name);
        assert_eq!(set.rank(name), Some((rank, *score)));
    }
    let (min, max, open) = (score(draw), score(draw), draw.flip());
    let bounds = Bounds::Scores(ScoreEnd { score: min, open }, ScoreEnd { score: max, open: !open });
    let inside = |score: f64| (min < score || !open && min == score) && (score < max || open && score == max);
    assert_eq!(set.ranks(&bounds).len(), expected.iter().filter(|pair| inside(pair.1)).count());
}
