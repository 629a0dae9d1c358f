//! Append-only files against sudden death: the process is killed under load, and started again on what it has left.
//!
//! `CRASH_ROUNDS` is how often, for each policy; `SEED` where the drawing begins.

use crate::common::{Client, Server, encode};
use base::rng::Rng;
use std::time::{Duration, Instant};

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// The number in a reply of one.
fn integer(reply: &[u8]) -> u64 {
    std::str::from_utf8(&reply[1..]).ok().and_then(|text| text.trim_end().parse().ok()).expect("a number")
}

/// Counts up for a while, many requests at a time; answers the last number that was acknowledged, and how many requests
/// were sent.
fn count_up(client: &mut Client, sent: u64, time: Duration, rewrites: bool) -> (u64, u64) {
    const TOGETHER: u64 = 32;
    let request = encode(&["INCR", "counter"]).repeat(TOGETHER as usize);
    let (began, mut sent, mut last) = (Instant::now(), sent, 0);
    let mut rewritten = !rewrites;
    while began.elapsed() < time {
        client.send(&request);
        sent += TOGETHER;
        for _ in 0..TOGETHER {
            last = integer(&client.reply());
        }
        if !rewritten && began.elapsed() > time / 2 {
            rewritten = true;
            client.command(&["BGREWRITEAOF"]);
        }
    }
    // These are under way when the end comes.
    client.send(&request);
    (last, sent + TOGETHER)
}

fn survive(policy: &str, rounds: u64) {
    let arguments = |preamble| {
        ["--appendonly", "yes", "--appendfsync", policy, "--aof-use-rdb-preamble", preamble, "--save", ""]
    };
    let mut rng = Rng::seed(number("SEED", 1));
    let mut server = Server::start(&arguments("yes"));
    let (mut sent, mut keys) = (0, 0);
    for round in 0..rounds {
        let mut client = server.client();
        for _ in 0..20 {
            client.command(&["SET", &format!("key:{keys}"), "value"]);
            keys += 1;
        }
        let time = Duration::from_millis(1 + rng.below(40));
        let last;
        (last, sent) = count_up(&mut client, sent, time, round % 2 == 1);
        server.kill_and_restart(&arguments(["yes", "no"][rng.index(2)]));
        let mut client = server.client();
        let counter = client.command(&["GET", "counter"]);
        let text = String::from_utf8_lossy(&counter).into_owned();
        let found: u64 = text.lines().nth(1).and_then(|line| line.parse().ok()).unwrap_or(0);
        // A process that dies takes nothing along that it has given to the system: that is lost only with the machine, and
        // the simulator's disk shows it.
        assert!(
            found >= last,
            "round {round} of {policy}: {last} was acknowledged, {found} is left\n{}",
            server.log()
        );
        assert!(found <= sent, "round {round} of {policy}: {found} of {sent}");
        let size = integer(&client.command(&["DBSIZE"]));
        assert_eq!(size, keys + 1, "round {round} of {policy}");
        // From here on both count from the same number.
        sent = found;
    }
}

#[test]
fn what_was_acknowledged_survives_under_always() {
    survive("always", number("CRASH_ROUNDS", 4));
}

#[test]
fn what_was_acknowledged_survives_the_process_under_everysec() {
    survive("everysec", number("CRASH_ROUNDS", 4));
}

#[test]
fn what_was_acknowledged_survives_the_process_without_syncs() {
    survive("no", number("CRASH_ROUNDS", 4));
}
