//! Prints what the hash table costs: bytes per entry, the part of hits that read a second line, and nanoseconds for the
//! operations on a million entries with records of 40 bytes. Run it with `cargo run --release -p structures --example
//! hashtable`; it measures, so it reads the clock and prints.
#![allow(clippy::disallowed_methods, clippy::print_stdout)]

use std::hint::black_box;
use std::time::Instant;
use structures::hashtable::{Entry, HashTable, Hasher};

/// As long as a small key with its value.
struct Record {
    key: u64,
    _rest: [u64; 4],
}

struct Slot(Box<Record>);

impl Entry for Slot {
    fn address(&self) -> *const u8 {
        self.0.address()
    }
}

#[derive(Clone, Copy)]
struct KeyHasher;

impl Hasher<Slot> for KeyHasher {
    fn hash(&self, entry: &Slot) -> u64 {
        mix(entry.0.key)
    }
}

/// SplitMix64, standing for a keyed hash: what is measured is the table.
fn mix(n: u64) -> u64 {
    let n = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ n >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ n >> 31
}

fn filled(entries: u64) -> HashTable<Slot, KeyHasher> {
    let mut table = HashTable::new(KeyHasher);
    for key in 0..entries {
        table.insert(mix(key), Slot(Box::new(Record { key, _rest: [key; 4] })));
    }
    table
}

/// Runs `op` for `n` numbers and prints the time each took.
fn measure(what: &str, n: u64, mut op: impl FnMut(u64)) {
    let start = Instant::now();
    (0..n).for_each(&mut op);
    println!("{what:32} {:6.1} ns", start.elapsed().as_nanos() as f64 / n as f64);
}

/// A key of a table with `n`, in no order that a cache could like.
fn scattered(i: u64, n: u64) -> u64 {
    mix(i ^ 0x5555) % n
}

fn print_sizes() {
    println!("   entries  bytes/entry  second line  overflow wide/narrow  longest chain");
    for entries in [1, 10, 100, 1_000, 10_000, 100_000, 250_000, 1_000_000, 1_500_000] {
        let table = filled(entries);
        table.check_invariants();
        let stats = table.stats();
        let (wide, narrow) = stats.overflow;
        let per_entry = stats.bytes as f64 / entries as f64;
        let longest = stats.chains.len() - 1;
        println!(
            "{entries:10}  {per_entry:11.2}  {:11.3}  {wide:9} / {narrow:8}  {longest:13}",
            stats.overflowing()
        );
    }
}

fn print_times(n: u64) {
    println!("{n} entries");
    let mut table = HashTable::new(KeyHasher);
    measure("insert, growing from nothing", n, |key| {
        table.insert(mix(key), Slot(Box::new(Record { key, _rest: [key; 4] })));
    });
    measure("find, hit", n, |i| {
        let key = scattered(i, n);
        assert!(black_box(table.find(mix(key), |e| e.0.key == key)).is_some());
    });
    measure("find, miss", n, |i| {
        let key = scattered(i, n) + n;
        assert!(black_box(table.find(mix(key), |e| e.0.key == key)).is_none());
    });
    measure("find, hit, each after the other", n, {
        // The next key depends on what was found, so that lookups cannot overlap.
        let mut last = 0;
        let table = &table;
        move |i| {
            let key = scattered(i + last, n);
            last = table.find(mix(key), |e| e.0.key == key).map_or(1, |e| e.0._rest[0] - key);
        }
    });
    const BATCH: u64 = 16;
    measure("16 finds, hit, prefetched", n / BATCH, |batch| {
        let keys: [u64; BATCH as usize] = std::array::from_fn(|i| scattered(batch * BATCH + i as u64, n));
        keys.iter().for_each(|&key| table.prefetch_bucket(mix(key)));
        keys.iter().for_each(|&key| table.prefetch_entry(mix(key)));
        for key in keys {
            assert!(black_box(table.find(mix(key), |e| e.0.key == key)).is_some());
        }
    });
    let mut seed = 0;
    let mut rng = move || {
        seed += 1;
        mix(seed)
    };
    measure("random", n / 10, |_| _ = black_box(table.random(&mut rng)));
    measure("sample of 5", n / 10, |_| {
        table.sample(&mut rng, 5, |e| _ = black_box(e.0.key));
    });
    let mut cursor = 0;
    let mut scanned = 0;
    let calls = table.stats().buckets as u64 / 2;
    measure("scan, one call", calls, |_| cursor = table.scan(cursor, |_| scanned += 1));
    println!("{:32} {:6.1}", "  entries in a call", scanned as f64 / calls as f64);
    measure("remove and insert", n, |i| {
        let key = scattered(i, n);
        let entry = table.extract(mix(key), |e| e.0.key == key);
        entry.into_iter().for_each(|entry| _ = table.insert(mix(key), entry));
    });
    measure("remove, shrinking to nothing", n, |key| {
        assert!(table.extract(mix(key), |e| e.0.key == key).is_some());
    });
}

fn main() {
    print_sizes();
    let n = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    print_times(n);
}
