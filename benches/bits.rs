//! How many bytes a second the bit kernels take.
#![allow(missing_docs)] // criterion's macros make public functions

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use structures::bits;

fn kernels(c: &mut Criterion) {
    let mut group = c.benchmark_group("bits");
    for length in [64_usize, 4 << 10, 1 << 20] {
        let one = vec![0x5a_u8; length];
        let other = vec![0xc3_u8; length];
        let zeroes = vec![0_u8; length];
        let mut target = vec![0_u8; length];
        let last = length as u64 * 8 - 1;
        group.throughput(Throughput::Bytes(length as u64));
        group.bench_function(BenchmarkId::new("count", length), |b| b.iter(|| bits::count(black_box(&one))));
        group.bench_function(BenchmarkId::new("position", length), |b| {
            b.iter(|| bits::position(black_box(&zeroes), true, 0, last));
        });
        group.bench_function(BenchmarkId::new("and", length), |b| {
            b.iter(|| bits::op(bits::Op::And, &[black_box(&one), black_box(&other)], &mut target));
        });
        group.bench_function(BenchmarkId::new("not", length), |b| {
            b.iter(|| bits::op(bits::Op::Not, &[black_box(&one)], &mut target));
        });
    }
    group.finish();
}

criterion_group!(benches, kernels);
criterion_main!(benches);
