//! How long requests take to read and replies to write, without a socket.
#![allow(missing_docs)] // criterion's macros make public functions

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use resp::{Limits, Parser, Protocol, Reply, ReplyBuffer, Step};
use std::hint::black_box;

const PIPELINE: u64 = 100;
const LIMITS: Limits = Limits { max_bulk: 512 << 20, authenticated: true };

/// Reads every request in `buffer` and answers how many there were.
fn parse(buffer: &mut [u8], spans: &mut Vec<resp::Span>) -> u64 {
    let mut parser = Parser::default();
    let mut requests = 0;
    loop {
        spans.clear();
        match parser.step(buffer, spans, &LIMITS) {
            Ok(Step::Request) => requests += 1,
            Ok(_) => return requests,
            Err(error) => panic!("{}", error.log_text()),
        }
    }
}

fn requests(c: &mut Criterion) {
    let mut group = c.benchmark_group("request");
    group.throughput(Throughput::Elements(PIPELINE));
    let shapes: [(&str, &[u8]); 4] = [
        ("ping", b"*1\r\n$4\r\nPING\r\n"),
        ("get", b"*2\r\n$3\r\nGET\r\n$16\r\nkey:000000000042\r\n"),
        ("set", b"*3\r\n$3\r\nSET\r\n$16\r\nkey:000000000042\r\n$16\r\nxxxxxxxxxxxxxxxx\r\n"),
        ("inline", b"SET key:000000000042 \"a value\"\r\n"),
    ];
    for (name, request) in shapes {
        group.bench_function(name, |b| {
            let whole = request.repeat(PIPELINE as usize);
            let mut buffer = whole.clone();
            let mut spans = Vec::new();
            b.iter(|| {
                // An inline request is unquoted in place, so each round reads a fresh copy.
                buffer.copy_from_slice(&whole);
                assert_eq!(parse(black_box(&mut buffer), &mut spans), PIPELINE);
            });
        });
    }
    group.finish();
}

fn replies(c: &mut Criterion) {
    let mut group = c.benchmark_group("reply");
    group.throughput(Throughput::Elements(PIPELINE));
    let value = [b'x'; 16];
    let shapes: [(&str, fn(&mut Reply<'_>, &[u8])); 4] = [
        ("ok", |reply, _| reply.ok()),
        ("integer", |reply, _| reply.integer(black_box(1_234_567))),
        ("bulk", |reply, value| reply.bulk(value)),
        ("double", |reply, _| reply.double(black_box(3.25))),
    ];
    for (name, write) in shapes {
        group.bench_function(name, |b| {
            let mut buffer = ReplyBuffer::default();
            b.iter(|| {
                buffer.clear();
                for _ in 0..PIPELINE {
                    write(&mut Reply::new(&mut buffer, Protocol::Resp3), black_box(&value));
                }
                black_box(buffer.len())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, requests, replies);
criterion_main!(benches);
