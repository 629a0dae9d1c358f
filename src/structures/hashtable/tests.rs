//! The table against naive models: every operation against a BTreeMap, the guarantee of SCAN, the fairness of random
//! choices, and that nothing is dropped twice or never.
#![allow(clippy::borrowed_box)] // The hasher sees the entry, and the entry is a Box.

use super::*;
use crate::mover::{Moving, Restless};
use proptest::prelude::*;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A record that counts the living.
struct Record {
    id: u64,
    version: u32,
    alive: Rc<Cell<i64>>,
}

impl Drop for Record {
    fn drop(&mut self) {
        self.alive.set(self.alive.get() - 1);
    }
}

/// SplitMix64: a good hash of a number, and a generator when called on 1, 2, 3 ...
fn mix(n: u64) -> u64 {
    let n = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ n >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ n >> 31
}

fn generator(seed: u64) -> impl FnMut() -> u64 {
    let mut n = seed << 32;
    move || {
        n += 1;
        mix(n)
    }
}

/// Hashes ids well, or so that few buckets and tags are ever used.
#[derive(Clone, Copy, PartialEq)]
struct IdHasher {
    keep: u64,
}

const GOOD: IdHasher = IdHasher { keep: u64::MAX };
const BAD: IdHasher = IdHasher { keep: 0x0300_0000_0000_0015 };

impl IdHasher {
    fn of(self, id: u64) -> u64 {
        mix(id) & self.keep
    }
}

impl Hasher<Box<Record>> for IdHasher {
    fn hash(&self, entry: &Box<Record>) -> u64 {
        self.of(entry.id)
    }
}

type Table = HashTable<Box<Record>, IdHasher>;

/// A table and what it should contain: id -> (version, mark).
struct Pair {
    table: Table,
    model: BTreeMap<u64, (u32, bool)>,
    alive: Rc<Cell<i64>>,
}

impl Pair {
    fn new(hasher: IdHasher) -> Self {
        Pair { table: HashTable::new(hasher), model: BTreeMap::new(), alive: Rc::default() }
    }

    fn record(&self, id: u64, version: u32) -> Box<Record> {
        self.alive.set(self.alive.get() + 1);
        Box::new(Record { id, version, alive: self.alive.clone() })
    }

    fn hash(&self, id: u64) -> u64 {
        self.table.hasher().of(id)
    }

    fn locate(&self, id: u64) -> Option<Position> {
        self.table.locate(self.hash(id), |e| e.id == id)
    }

    /// Inserts, or replaces what is there, as SET does.
    fn set(&mut self, id: u64, version: u32) {
        let record = self.record(id, version);
        match self.locate(id) {
            Some(position) => {
                let old = self.table.replace(position, record);
                assert_eq!(old.version, self.model[&id].0);
                self.model.get_mut(&id).unwrap().0 = version;
            }
            None => {
                let position = self.table.insert(self.hash(id), record);
                assert_eq!((self.table.get(position).id, self.table.is_marked(position)), (id, false));
                self.model.insert(id, (version, false));
            }
        }
    }

    fn mark(&mut self, id: u64, mark: bool) {
        if let Some(position) = self.locate(id) {
            self.table.set_mark(position, mark);
            assert_eq!(self.table.is_marked(position), mark);
            self.model.get_mut(&id).unwrap().1 = mark;
        }
    }

    fn remove(&mut self, id: u64) {
        let removed = self.table.extract(self.hash(id), |e| e.id == id);
        assert_eq!(removed.map(|r| r.version), self.model.remove(&id).map(|m| m.0));
    }

    fn check(&self) {
        self.table.check_invariants();
        assert_eq!(self.table.len(), self.model.len());
        assert_eq!(self.table.marked_len(), self.model.values().filter(|m| m.1).count());
        assert_eq!(self.alive.get(), self.model.len() as i64);
    }

    fn check_contents(&self) {
        let listed: BTreeMap<u64, u32> = self.table.iter().map(|e| (e.id, e.version)).collect();
        assert!(listed.into_iter().eq(self.model.iter().map(|(&id, m)| (id, m.0))));
        for (&id, &(version, mark)) in &self.model {
            let position = self.locate(id).unwrap();
            assert_eq!((self.table.get(position).version, self.table.is_marked(position)), (version, mark));
            assert_eq!(self.table.find(self.hash(id), |e| e.id == id).unwrap().version, version);
        }
        let mut marked = BTreeSet::new();
        walk(|cursor| self.table.scan_marked(cursor, |e| assert!(marked.insert(e.id))));
        assert!(marked.into_iter().eq(self.model.iter().filter(|(_, m)| m.1).map(|(&id, _)| id)));
        let mut scanned = BTreeSet::new();
        walk(|cursor| {
            self.table.scan(cursor, |e| assert!(scanned.insert(e.id), "nothing twice in a table at rest"))
        });
        assert!(scanned.iter().eq(self.model.keys()));
    }
}

/// Follows a cursor from 0 to 0.
fn walk(mut step: impl FnMut(u64) -> u64) {
    let mut cursor = 0;
    loop {
        cursor = step(cursor);
        if cursor == 0 {
            return;
        }
    }
}

#[derive(Clone, Debug)]
enum Op {
    Set(u64, u32),
    SetMany(u64, u16),
    Remove(u64),
    RemoveMany(u64, u16),
    Mark(u64, bool),
    MarkMany(u64, u16),
    Edit(u64, u32),
    Miss(u64),
    Pop,
    Policy(ResizePolicy),
    Rebalance(u8),
    Reserve(u16),
    Random(u64),
    Sample(u64, u8),
    Relocate(u64, u8),
    Clear,
    Take,
    Compare,
}

const IDS: u64 = if cfg!(miri) { 60 } else { 1000 };
const MANY: u16 = if cfg!(miri) { 25 } else { 300 };

fn op() -> impl Strategy<Value = Op> {
    let policy =
        prop_oneof![Just(ResizePolicy::Allow), Just(ResizePolicy::Avoid), Just(ResizePolicy::Forbid)];
    prop_oneof![
        10 => (0..IDS, any::<u32>()).prop_map(|(id, v)| Op::Set(id, v)),
        4 => (0..IDS, 0..MANY).prop_map(|(id, n)| Op::SetMany(id, n)),
        6 => (0..IDS).prop_map(Op::Remove),
        2 => (0..IDS, 0..MANY).prop_map(|(id, n)| Op::RemoveMany(id, n)),
        4 => (0..IDS, any::<bool>()).prop_map(|(id, m)| Op::Mark(id, m)),
        1 => (0..IDS, 0..50u16).prop_map(|(id, n)| Op::MarkMany(id, n)),
        2 => (0..IDS, any::<u32>()).prop_map(|(id, v)| Op::Edit(id, v)),
        2 => (0..IDS).prop_map(Op::Miss),
        3 => Just(Op::Pop),
        2 => policy.prop_map(Op::Policy),
        1 => (0..20u8).prop_map(Op::Rebalance),
        1 => (0..MANY).prop_map(Op::Reserve),
        2 => any::<u64>().prop_map(Op::Random),
        2 => (any::<u64>(), any::<u8>()).prop_map(|(seed, n)| Op::Sample(seed, n)),
        2 => (any::<u64>(), any::<u8>()).prop_map(|(cursor, pieces)| Op::Relocate(cursor, pieces)),
        1 => prop_oneof![Just(Op::Clear), Just(Op::Take)],
        3 => Just(Op::Compare),
    ]
}

fn ids(first: u64, n: u16) -> impl Iterator<Item = u64> {
    (first..first + u64::from(n)).map(|id| id % IDS)
}

fn apply(pair: &mut Pair, op: &Op) {
    match *op {
        Op::Set(id, version) => pair.set(id, version),
        Op::SetMany(first, n) => ids(first, n).for_each(|id| pair.set(id, u32::from(n))),
        Op::Remove(id) => pair.remove(id),
        Op::RemoveMany(first, n) => ids(first, n).for_each(|id| pair.remove(id)),
        Op::Mark(id, mark) => pair.mark(id, mark),
        Op::MarkMany(first, n) => ids(first, n).for_each(|id| pair.mark(id, true)),
        Op::Edit(id, version) => {
            let hash = pair.hash(id);
            if let Some(entry) = pair.table.find_mut(hash, |e| e.id == id) {
                entry.version = version;
                pair.model.get_mut(&id).unwrap().0 = version;
            }
        }
        Op::Miss(id) => {
            let absent = id + IDS;
            pair.table.prefetch_bucket(pair.hash(absent));
            pair.table.prefetch_entry(pair.hash(id));
            assert!(pair.table.find(pair.hash(absent), |e| e.id == absent).is_none());
        }
        Op::Pop => {
            let popped = pair.table.pop().map(|r| (r.id, r.version));
            assert_eq!(popped.is_none(), pair.model.is_empty());
            if let Some((id, version)) = popped {
                assert_eq!(pair.model.remove(&id).unwrap().0, version);
            }
        }
        Op::Policy(policy) => pair.table.set_resize_policy(policy),
        Op::Rebalance(steps) => _ = pair.table.rebalance(usize::from(steps)),
        Op::Reserve(n) => pair.table.reserve(usize::from(n)),
        Op::Random(seed) => check_random(pair, seed),
        Op::Sample(seed, n) => check_sample(pair, seed, usize::from(n)),
        Op::Relocate(mut cursor, pieces) => {
            let mut moving = Moving::new(&Restless);
            pair.table.relocate_frame(&mut moving);
            for _ in 0..pieces {
                cursor = pair.table.relocate(cursor, &mut moving, |entry, moving| moving.boxed(entry));
            }
        }
        Op::Clear => {
            pair.table.clear();
            pair.model.clear();
        }
        Op::Take => {
            let full = pair.table.take();
            assert!(pair.table.is_empty() && pair.table.mem_bytes() == 0);
            let (size, _) = full.into_iter().size_hint();
            assert_eq!(size, pair.model.len());
            pair.model.clear();
        }
        Op::Compare => pair.check_contents(),
    }
}

fn check_random(pair: &Pair, seed: u64) {
    let rng = &mut generator(seed);
    let any = pair.table.random(rng);
    assert_eq!(any.is_none(), pair.model.is_empty());
    let marked = pair.table.random_marked(rng);
    assert_eq!(marked.is_none(), pair.table.marked_len() == 0);
    assert!(any.is_none_or(|p| pair.model.contains_key(&pair.table.get(p).id)));
    assert!(marked.is_none_or(|p| pair.model[&pair.table.get(p).id].1));
}

fn check_sample(pair: &Pair, seed: u64, n: usize) {
    let rng = &mut generator(seed);
    let mut seen = BTreeSet::new();
    let given = pair.table.sample(rng, n, |e| assert!(pair.model.contains_key(&e.id) && seen.insert(e.id)));
    assert_eq!((given, seen.len()), (n.min(pair.model.len()), given));
    let mut seen = BTreeSet::new();
    let given = pair.table.sample_marked(rng, n, |e| assert!(pair.model[&e.id].1 && seen.insert(e.id)));
    assert_eq!((given, seen.len()), (n.min(pair.table.marked_len()), given));
}

/// How many entries come and go in the tests of scans, and how many between two steps. Less where all is slow.
const OTHERS: u64 = if cfg!(miri) { 150 } else { 1500 };
const CHURN: u64 = if cfg!(miri) { 4 } else { 50 };

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 256 }))]

    #[test]
    fn behaves_as_a_map(ops in prop::collection::vec(op(), 0..if cfg!(miri) { 30 } else { 80 }), bad: bool) {
        let mut pair = Pair::new(if bad { BAD } else { GOOD });
        for op in &ops {
            apply(&mut pair, op);
            pair.check();
        }
        pair.check_contents();
        drop(pair.table);
        prop_assert_eq!(pair.alive.get(), 0);
    }

    /// Elements present from the first call of a scan to its last are returned, whatever comes and goes meanwhile.
    #[test]
    fn scan_misses_nothing_that_stays(
        seed: u64,
        stay in 1..200u64,
        others in 0..OTHERS,
        churn in 0..CHURN,
        grow in 0..=100u64,
    ) {
        let rng = &mut generator(seed);
        let mut pair = Pair::new(GOOD);
        (0..stay).for_each(|id| pair.set(id, 0));
        (stay..stay + others).for_each(|id| pair.set(id, 0));
        // Inserts make up `grow` percent of the churn: tables that grow, shrink or swing.
        let (mut oldest, mut newest) = (stay, stay + others);
        let mut seen = BTreeSet::new();
        let mut calls = 0;
        walk(|cursor| {
            let next = pair.table.scan(cursor, |e| _ = seen.insert(e.id));
            calls += 1;
            for _ in 0..if calls < 500 { churn } else { 0 } {
                if rng() % 100 < grow {
                    pair.set(newest, 0);
                    newest += 1;
                } else if oldest < newest {
                    pair.remove(oldest);
                    oldest += 1;
                }
            }
            next
        });
        pair.check();
        prop_assert!((0..stay).all(|id| seen.contains(&id)));
    }

    /// The weaker promise of the walk over marked entries: nothing that stays is missed while the table only grows.
    #[test]
    fn marked_scan_misses_nothing_while_growing(marked in 1..200u64, others in 0..OTHERS / 3, churn in 0..CHURN) {
        let mut pair = Pair::new(GOOD);
        (0..marked + others).for_each(|id| pair.set(id, 0));
        (0..marked).for_each(|id| pair.mark(id, true));
        let mut newest = marked + others;
        let mut seen = BTreeSet::new();
        let mut calls = 0;
        walk(|cursor| {
            calls += 1;
            let next = pair.table.scan_marked(cursor, |e| _ = seen.insert(e.id));
            for _ in 0..if calls < 200 { churn } else { 0 } {
                pair.set(newest, 0);
                newest += 1;
            }
            next
        });
        prop_assert!(seen.into_iter().eq(0..marked));
    }

    #[test]
    fn any_cursor_is_safe(entries in 0..100u64, cursor: u64) {
        let mut pair = Pair::new(GOOD);
        (0..entries).for_each(|id| pair.set(id, 0));
        pair.table.scan(cursor, |_| {});
        pair.table.scan_marked(cursor, |_| {});
    }
}

/// The sum of squared deviations, and the bound it stays under by more than six standard deviations if all is fair.
fn chi_square(counts: &[u64], draws: u64) -> (f64, f64) {
    let expected = draws as f64 / counts.len() as f64;
    let sum = counts.iter().map(|&c| (c as f64 - expected).powi(2) / expected).sum();
    let freedom = counts.len() as f64 - 1.0;
    (sum, freedom + 6.0 * (2.0 * freedom).sqrt())
}

#[test]
#[cfg_attr(miri, ignore)]
fn random_is_fair() {
    // Sizes just before, in the middle of and just after a doubling; with a hasher that makes long chains too.
    for (entries, hasher) in [(1usize, GOOD), (7, GOOD), (700, GOOD), (1000, GOOD), (1400, GOOD), (200, BAD)]
    {
        let mut pair = Pair::new(hasher);
        (0..entries as u64).for_each(|id| pair.set(id, 0));
        let rng = &mut generator(7);
        let mut counts = vec![0; entries];
        let draws = entries as u64 * 100;
        for _ in 0..draws {
            counts[pair.table.get(pair.table.random(rng).unwrap()).id as usize] += 1;
        }
        let (sum, bound) = chi_square(&counts, draws);
        assert!(sum <= bound, "{entries} entries: {sum} > {bound}");
    }
}

#[test]
#[cfg_attr(miri, ignore)]
fn random_marked_is_fair() {
    // Many marks are found by drawing, few by counting.
    for marked in [3usize, 30, 900] {
        let mut pair = Pair::new(GOOD);
        (0..1000).for_each(|id| pair.set(id, 0));
        (0..marked as u64).for_each(|id| pair.mark(id, true));
        let rng = &mut generator(8);
        let mut counts = vec![0; marked];
        let draws = marked as u64 * 100;
        for _ in 0..draws {
            counts[pair.table.get(pair.table.random_marked(rng).unwrap()).id as usize] += 1;
        }
        let (sum, bound) = chi_square(&counts, draws);
        assert!(sum <= bound, "{marked} marked: {sum} > {bound}");
    }
}

#[test]
fn random_works_in_a_table_with_hardly_anything_in_it() {
    let mut pair = Pair::new(GOOD);
    pair.table.set_resize_policy(ResizePolicy::Forbid);
    pair.table.reserve(if cfg!(miri) { 1000 } else { 100_000 });
    pair.set(1, 0);
    pair.mark(1, true);
    let rng = &mut generator(9);
    let (any, marked) = (pair.table.random(rng).unwrap(), pair.table.random_marked(rng).unwrap());
    assert_eq!((pair.table.get(any).id, any), (1, marked));
}

#[test]
fn load_follows_the_policy() {
    let n = if cfg!(miri) { 300 } else { 5000 };
    let load = |pair: &Pair| pair.table.len() as f64 / pair.table.stats().buckets as f64;
    let mut pair = Pair::new(GOOD);
    (0..n).for_each(|id| pair.set(id, 0));
    assert!((5.4..=6.0).contains(&load(&pair)), "at the target after growth");

    pair.table.set_resize_policy(ResizePolicy::Avoid);
    (n..3 * n).for_each(|id| pair.set(id, 0));
    assert!((16.0..=18.1).contains(&load(&pair)), "restrained");
    (3 * n..5 * n).for_each(|id| pair.set(id, 0));
    assert!((22.0..=24.1).contains(&load(&pair)), "but not without end");
    pair.check();

    pair.table.set_resize_policy(ResizePolicy::Allow);
    while pair.table.rebalance(10) {}
    assert!((5.4..=6.0).contains(&load(&pair)), "caught up");
    pair.check();

    (0..5 * n - 100).for_each(|id| pair.remove(id));
    assert!((2.9..=6.0).contains(&load(&pair)), "shrunk with its contents");
    pair.check();
    (5 * n - 100..5 * n).for_each(|id| pair.remove(id));
    assert!(pair.table.mem_bytes() <= 128, "an empty table is a bucket and a short list");
}

#[test]
fn chains_of_any_length_are_split_and_merged() {
    // Without resizing, or with a poor hasher, a chain outgrows what is dealt out in one pass.
    for (hasher, n) in [(GOOD, 70), (BAD, 80), (GOOD, 200), (BAD, 300)] {
        if cfg!(miri) && n > 100 {
            break;
        }
        let mut pair = Pair::new(hasher);
        pair.table.set_resize_policy(ResizePolicy::Forbid);
        (0..n).for_each(|id| pair.set(id, 0));
        (0..n).step_by(3).for_each(|id| pair.mark(id, true));
        assert_eq!(pair.table.stats().buckets, 1);
        pair.table.set_resize_policy(ResizePolicy::Allow);
        while pair.table.rebalance(1) {
            pair.check();
        }
        pair.check_contents();
        pair.table.reserve(n as usize * 4);
        pair.check_contents();
        while pair.table.rebalance(1) {
            pair.check();
        }
        pair.check_contents();
    }
}

#[test]
fn memory_is_counted() {
    let mut pair = Pair::new(GOOD);
    assert_eq!(pair.table.mem_bytes(), 0);
    (0..5).for_each(|id| pair.set(id, 0));
    assert_eq!(pair.table.stats().buckets, 1);
    pair.table.clear();
    assert_eq!(pair.table.mem_bytes(), 0);
}

#[test]
#[should_panic(expected = "an outdated position")]
fn an_outdated_position_is_noticed() {
    let mut pair = Pair::new(GOOD);
    pair.set(1, 0);
    let position = pair.locate(1).unwrap();
    pair.remove(1);
    pair.table.get(position);
}

#[test]
fn a_panicking_hasher_costs_no_soundness() {
    let calls = Cell::new(0);
    let mut table = HashTable::new(|entry: &Box<u64>| {
        calls.set(calls.get() + 1);
        assert!(calls.get() < 40, "enough");
        mix(**entry)
    });
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        (0..1000u64).for_each(|id| _ = table.insert(mix(id), Box::new(id)));
    }));
    assert!(result.is_err());
    let len = table.len();
    assert_eq!(table.iter().count(), len);
    assert_eq!(std::iter::from_fn(|| table.pop()).count(), len);
}

#[test]
fn a_table_may_go_to_another_thread_if_its_entries_may() {
    fn is_send<T: Send>(_: &T) {}
    is_send(&HashTable::new(|entry: &Box<u64>| **entry));
}

/// As long as you like: `OPS=100000000 cargo test -p structures --release endurance`.
#[test]
fn endurance() {
    let default = if cfg!(miri) { 500 } else { 200_000 };
    let ops: u64 = std::env::var("OPS").ok().and_then(|n| n.parse().ok()).unwrap_or(default);
    let span = (ops / 20).max(100);
    let rng = &mut generator(1);
    let mut table = HashTable::new(|entry: &Box<u64>| mix(**entry));
    let mut present = vec![false; span as usize];
    for step in 0..ops {
        // The share of inserts swings between phases, so that the table grows and shrinks several times.
        let inserts = if (step / (span * 2)).is_multiple_of(2) { 75 } else { 25 };
        let id = rng() % span;
        let found = table.locate(mix(id), |e| **e == id);
        assert_eq!(found.is_some(), present[id as usize]);
        match found {
            None if rng() % 100 < inserts => {
                table.insert(mix(id), Box::new(id));
                present[id as usize] = true;
            }
            Some(position) if rng() % 100 >= inserts => {
                assert_eq!(*table.remove(position), id);
                present[id as usize] = false;
            }
            Some(position) => table.set_mark(position, step % 3 == 0),
            None => {}
        }
        if step % (ops / 10).max(1) == 0 {
            table.check_invariants();
        }
    }
    table.check_invariants();
    assert_eq!(table.len(), present.iter().filter(|&&p| p).count());
}
