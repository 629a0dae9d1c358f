//! The same commands to our server and to the reference; the same bytes must come back.
//!
//! A seeded generator draws commands over a few keys, so that they meet. Both servers get each one; the first replies
//! that differ fail the test, after the commands that led there have been cut down to those that matter. At the end the
//! two servers hold the same keys, with the same values and times.
//!
//! `WITHOUT` names commands to leave out, parted by commas. `OPS` is how many commands are sent in each version of the protocol, `SEED` where the drawing begins, and
//! `REFERENCE_SERVER` the binary to compare with (`utils/test` finds one; without it there is nothing to compare).
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used)] // processes and the environment are what is tested

mod appended;
#[path = "../common/mod.rs"]
mod common;
mod files;
mod pair;
mod table;
mod words;

use pair::{Difference, Pair};
use words::Draw;

const USUAL_OPS: u64 = 4_000;

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

#[test]
fn what_is_appended_to_files_agrees() {
    let Some(reference) = common::reference() else {
        println!("skipped: REFERENCE_SERVER names no server to compare with");
        return;
    };
    draw_and_compare(Pair::start_appending(&reference), 7);
}

fn compare(protocol: &str) {
    let Some(reference) = common::reference() else {
        println!("skipped: REFERENCE_SERVER names no server to compare with");
        return;
    };
    draw_and_compare(Pair::start(&reference, protocol), protocol.len() as u64);
}

fn draw_and_compare(mut pair: Pair, salt: u64) {
    let without = std::env::var("WITHOUT").unwrap_or_default();
    let same_version = pair.same_version();
    let left_out = |name: &str| {
        without.split(',').any(|other| other.eq_ignore_ascii_case(name))
            || !same_version && table::CHANGED_LATER.iter().any(|row| row.0 == name)
    };
    let rows: Vec<_> =
        table::COMMANDS.iter().filter(|row| !left_out(row.name) && pair.both_have(row.name)).collect();
    let seed = number("SEED", 1);
    let ops = number("OPS", USUAL_OPS);
    println!("{} of {} rows, {ops} commands from seed {seed}", rows.len(), table::COMMANDS.len());

    let mut draw = Draw::new(seed ^ salt);
    let mut sent = Vec::new();
    for _ in 0..ops {
        let row = draw.one_of(&rows);
        let mut command = draw.command(row);
        if !same_version {
            words::simplify_numbers(&mut command);
        }
        sent.push(command);
        if let Err(difference) = pair.send(&sent[sent.len() - 1]) {
            panic!("{}", told(&mut pair, sent, &difference, seed));
        }
    }
    if let Err(difference) = pair.compare_keys(&left_out) {
        panic!("after {ops} commands (seed {seed}) the keys differ:\n{difference}");
    }
}

/// The report of a difference: the fewest commands found that still lead to it.
fn told(pair: &mut Pair, mut sent: Vec<Vec<Vec<u8>>>, first: &Difference, seed: u64) -> String {
    let total = sent.len();
    let mut last = None;
    let mut piece = sent.len() / 2;
    while piece > 0 {
        let mut at = 0;
        while at + piece < sent.len() {
            let mut fewer = sent.clone();
            fewer.drain(at..at + piece);
            match pair.replay(&fewer) {
                Some(difference) => {
                    sent = fewer;
                    last = Some(difference);
                }
                None => at += piece,
            }
        }
        piece /= 2;
    }
    let lines: Vec<String> = sent.iter().map(|command| format!("  {}", pair::line(command))).collect();
    let shrunk = last.as_ref().unwrap_or(first);
    format!(
        "command {total} of seed {seed} is answered differently; this suffices:\n{}\n{shrunk}",
        lines.join("\n")
    )
}
