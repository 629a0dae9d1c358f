//! The same commands to our server and to the reference; the same bytes must come back.
//!
//! A seeded generator draws commands over a few keys, so that they meet. Both servers get each one; the first replies
//! that differ fail the test, after the commands that led there have been cut down to those that matter. From time to time,
//! and at the end, the two servers must hold the same keys, with the same values and times; then both begin anew.
//!
//! `OPS` is how many commands are sent in each version of the protocol, `SEED` where the drawing begins, `WITHOUT` names
//! commands to leave out, parted by commas, and `REFERENCE_SERVER` the binary to compare with (`utils/test` finds one;
//! without it there is nothing to compare). For millions of commands:
//! `OPS=5000000 SEED=7 REFERENCE_SERVER=... cargo test --release --test differential -- --nocapture`
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used)] // processes and the environment are what is tested

mod appended;
#[path = "../common/mod.rs"]
mod common;
mod drawn;
mod files;
mod lua;
mod pair;
mod scripts;
mod shrink;
mod state;
mod table;
mod words;

use pair::{Command, Pair};
use table::Row;
use words::Draw;

const USUAL_OPS: u64 = 4_000;
/// How many commands are sent before the first of their replies is awaited.
const TOGETHER: u64 = 50;
/// After so many commands the keys are compared, and both servers begin anew.
const STRETCH: u64 = 20_000;

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[test]
fn the_second_version_of_the_protocol_agrees() {
    compare("2");
}

#[test]
fn the_third_version_of_the_protocol_agrees() {
    compare("3");
}

fn compare(protocol: &str) {
    let Some(reference) = common::reference() else {
        println!("skipped: REFERENCE_SERVER names no server to compare with");
        return;
    };
    let mut pair = Pair::start(&reference, protocol);
    let without = std::env::var("WITHOUT").unwrap_or_default();
    let same_version = pair.same_version;
    let left_out = |name: &str| {
        without.split(',').any(|other| other.eq_ignore_ascii_case(name))
            || !same_version && table::CHANGED_LATER.iter().any(|row| row.0 == name)
    };
    let rows: Vec<_> =
        table::COMMANDS.iter().filter(|row| !left_out(row.name) && pair.both_have(row.name)).collect();
    let (seed, ops) = (number("SEED", 1), number("OPS", USUAL_OPS));
    println!("{} of {} rows, {ops} commands from seed {seed}", rows.len(), table::COMMANDS.len());

    let mut draw = Draw::new(seed.wrapping_mul(2) ^ u64::from(protocol == "3"));
    let mut done = 0;
    while done < ops {
        let stretch = STRETCH.min(ops - done);
        walk(&mut pair, &mut draw, &rows, same_version, stretch);
        done += stretch;
        if let Err(difference) = state::compare(&mut pair, &left_out) {
            panic!("after {done} commands (seed {seed}) the keys differ:\n{difference}");
        }
        pair.begin_anew();
    }
}

/// Sends so many drawn commands, and panics where the replies differ. While the servers work on some, the next are drawn.
fn walk(pair: &mut Pair, draw: &mut Draw, rows: &[&Row], same_version: bool, ops: u64) {
    let mut sent: Vec<Command> = Vec::new();
    let mut left = ops;
    let mut under_way = 0;
    while left > 0 || under_way > 0 {
        let together = TOGETHER.min(left);
        let mut next: Vec<Command> = Vec::new();
        while (next.len() as u64) < together && next.last().is_none_or(|last| !pair::may_wait(last)) {
            let row = draw.one_of(rows);
            let mut command = draw.command(row);
            if !same_version {
                words::simplify_numbers(&mut command);
            }
            next.push(command);
        }
        let before = sent.len() - under_way;
        if let Some((at, difference)) = pair.hear(&sent[before..]) {
            sent.truncate(before + at + 1);
            panic!("{}", shrink::told(pair, sent, &difference));
        }
        pair.say(&next);
        under_way = next.len();
        left -= under_way as u64;
        sent.extend(next);
    }
}
