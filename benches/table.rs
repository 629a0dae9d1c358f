//! How long the hash table takes to find, to add and to remove, with as many entries as a cache holds and with more.
#![allow(missing_docs)] // criterion's macros make public functions

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use structures::hashtable::HashTable;

type Table = HashTable<Box<u64>, fn(&Box<u64>) -> u64>;

/// How many operations a measured round makes.
const ROUND: u64 = 1_000;

/// SplitMix64, standing for a keyed hash: what is measured is the table.
fn hash(n: u64) -> u64 {
    let n = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ n >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ n >> 31
}

fn filled(entries: u64) -> Table {
    let mut table: Table = HashTable::new(|entry| hash(**entry));
    for key in 0..entries {
        table.insert(hash(key), Box::new(key));
    }
    table
}

fn lookups(c: &mut Criterion) {
    let mut group = c.benchmark_group("table");
    group.throughput(Throughput::Elements(ROUND));
    for entries in [1_000_u64, 1_000_000] {
        let table = filled(entries);
        let mut turn = 0;
        group.bench_function(BenchmarkId::new("hit", entries), |b| {
            b.iter(|| {
                for _ in 0..ROUND {
                    turn += 1;
                    let key = hash(turn) % entries;
                    black_box(table.find(hash(key), |entry| **entry == key));
                }
            });
        });
        group.bench_function(BenchmarkId::new("miss", entries), |b| {
            b.iter(|| {
                for _ in 0..ROUND {
                    turn += 1;
                    let key = entries + hash(turn) % entries;
                    black_box(table.find(hash(key), |entry| **entry == key));
                }
            });
        });
    }
    group.finish();
}

fn changes(c: &mut Criterion) {
    let mut group = c.benchmark_group("table");
    group.throughput(Throughput::Elements(ROUND));
    group.bench_function("insert", |b| b.iter(|| black_box(filled(ROUND))));
    group.bench_function("extract", |b| {
        b.iter_batched_ref(
            || filled(ROUND),
            |table| {
                for key in 0..ROUND {
                    black_box(table.extract(hash(key), |entry| **entry == key));
                }
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

criterion_group!(benches, lookups, changes);
criterion_main!(benches);
