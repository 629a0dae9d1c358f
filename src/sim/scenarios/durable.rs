//! What was acknowledged survives: a disk that fails at any one thing that is done with it, and then a crash.

use crate::reply::Reply;
use crate::shelf::Shelf;
use crate::world::{Client, World};
use base::rng::Rng;
use config::{Config, NoSurroundings};
use std::collections::BTreeMap;

fn config(policy: &str, preamble: &str) -> Config {
    let mut config = Config::default();
    let text = format!("appendonly yes\nappendfsync {policy}\naof-use-rdb-preamble {preamble}\nsave \"\"\n");
    config.load(text.as_bytes(), &mut NoSurroundings).unwrap();
    config
}

/// Writes that were acknowledged, by key: the least that each must be at.
type Promised = BTreeMap<String, i64>;

/// Counts up some keys, and rewrites now and then, until the server gives up or enough is done.
fn work(world: &mut World, client: Client, rng: &mut Rng, promised: &mut Promised) {
    for round in 0..60 {
        if world.exit.is_some() || world.ended(client) {
            return;
        }
        let key = format!("k{}", rng.below(5));
        world.send(client, &format!("INCR {key}"));
        if round % 20 == 10 {
            world.send(client, "BGREWRITEAOF");
        }
        world.advance(1 + rng.below(30));
        while let Some(reply) = world.receive(client) {
            if let Reply::Integer(number) = reply {
                promised.insert(key.clone(), number);
            }
        }
    }
}

fn read(world: &mut World, client: Client, key: &str) -> i64 {
    match world.ask(client, &format!("GET {key}")) {
        Reply::Bulk(text) => String::from_utf8(text).unwrap().parse().unwrap(),
        _ => 0,
    }
}

/// One life, in which the disk fails at the thing of this number, and the next life. Answers how many things were done.
fn live_twice(seed: u64, policy: &str, preamble: &str, fails_at: Option<u64>, stays_broken: bool) -> u64 {
    let mut rng = Rng::seed(seed);
    let mut world =
        World::on(seed, config(policy, preamble), Shelf::default()).expect("an empty shelf can be used");
    let began = world.shelf.done;
    world.shelf.fails_at = fails_at.map(|at| began + at);
    world.shelf.stays_broken = stays_broken;
    world.disk.child_us = 50_000;
    let client = world.client();
    let mut promised = Promised::new();
    work(&mut world, client, &mut rng, &mut promised);
    let done = world.shelf.done - began;

    let mut shelf = std::mem::take(&mut world.shelf);
    shelf.crash(&mut rng);
    let case = format!("seed {seed}, {policy}, preamble {preamble}, failure at {fails_at:?}");
    let mut world = World::on(seed + 1, config(policy, preamble), shelf)
        .unwrap_or_else(|lines| panic!("{case}: the server does not start: {lines:?}"));
    let client = world.client();
    for (key, least) in &promised {
        let found = read(&mut world, client, key);
        if policy == "always" {
            assert!(found >= *least, "{case}: {key} was promised to be {least} and is {found}");
        }
        assert!(found <= *least + 1, "{case}: {key} is {found} and was never more than {least}");
    }
    assert_eq!(world.ask(client, "INCR again"), Reply::Integer(1), "{case}");
    done
}

#[test]
fn nothing_acknowledged_is_lost_whatever_fails_under_always() {
    for preamble in ["yes", "no"] {
        let done = live_twice(1, "always", preamble, None, false);
        assert!(done > 100, "{done}");
        for at in 0..done {
            live_twice(1, "always", preamble, Some(at), false);
        }
    }
}

#[test]
fn the_server_starts_again_whatever_fails() {
    for policy in ["everysec", "no"] {
        let done = live_twice(2, policy, "yes", None, false);
        for at in 0..done {
            live_twice(2, policy, "yes", Some(at), at % 2 == 0);
        }
    }
}
