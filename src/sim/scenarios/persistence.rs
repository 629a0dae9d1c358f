//! What is saved is there again; what is not saved is told; who comes while data is loaded is told to come later.

use crate::{Reply, World};
use base::rng::Rng;
use config::Config;

fn world(settings: &str) -> World {
    let mut config = Config::default();
    config.load(settings.as_bytes(), &mut config::NoSurroundings).expect("settings");
    World::with(1, config)
}

/// Another world, whose node begins with the snapshot of this one.
fn reborn(old: &mut World, settings: &str) -> World {
    let mut new = world(settings);
    new.shelf = std::mem::take(&mut old.shelf);
    new.begin();
    new
}

fn field(world: &mut World, name: &str) -> String {
    let client = world.client();
    let info = world.ask(client, "INFO persistence").text();
    let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap_or_default().to_owned()
}

#[test]
fn a_snapshot_is_the_data_as_it_was_when_the_child_began() {
    let mut old = world("save \"\"");
    old.disk.child_us = 5_000_000;
    let client = old.client();
    for key in 0..1000 {
        old.ask(client, &format!("SET key:{key} {key}"));
    }
    assert_eq!(old.ask(client, "BGSAVE").text(), "Background saving started");
    assert!(old.ask(client, "BGSAVE").text().contains("already in progress"));
    old.ask(client, "SET key:1 later");
    old.ask(client, "RPUSH list a b c");
    assert_eq!(field(&mut old, "rdb_bgsave_in_progress"), "1");
    old.advance(6_000);
    assert_eq!(field(&mut old, "rdb_bgsave_in_progress"), "0");
    assert_eq!(field(&mut old, "rdb_changes_since_last_save"), "4");
    let mut new = reborn(&mut old, "save \"\"");
    new.advance(1);
    let client = new.client();
    assert_eq!(new.ask(client, "DBSIZE"), Reply::Integer(1000));
    assert_eq!(new.ask(client, "GET key:1").text(), "1");
    assert_eq!(field(&mut new, "rdb_last_load_keys_loaded"), "1000");
}

#[test]
fn clients_are_told_to_come_later_while_slices_are_read() {
    let mut old = world("");
    let client = old.client();
    for key in 0..500 {
        old.ask(client, &format!("SET key:{key} {key} PX {}", 1 + key % 2 * 1_000_000));
    }
    old.ask(client, "SAVE");
    let mut new = world("");
    new.shelf = old.shelf;
    (new.disk.slice, new.disk.slice_us) = (100, 1000);
    new.clock.move_to(10_000);
    new.begin();
    let client = new.client();
    assert_eq!(new.ask(client, "PING").text(), "LOADING Valkey is loading the dataset in memory");
    assert_eq!(field(&mut new, "loading"), "1");
    new.advance(20);
    let done: u64 = field(&mut new, "loading_loaded_bytes").parse().expect("a number");
    assert!(done > 1000 && done < 3000, "{done}");
    new.advance(1000);
    assert_eq!(new.ask(client, "PING").text(), "PONG");
    assert_eq!(field(&mut new, "rdb_last_load_keys_expired"), "250");
    assert_eq!(new.ask(client, "DBSIZE"), Reply::Integer(250));
}

#[test]
fn a_save_point_saves_and_a_failure_stops_writes() {
    let mut world = world("save 1 2");
    let client = world.client();
    world.ask(client, "SET a 1");
    world.advance(3_000);
    assert_eq!(field(&mut world, "rdb_saves"), "0");
    world.disk.fails = true;
    world.ask(client, "SET b 1");
    world.advance(3_000);
    assert_eq!(field(&mut world, "rdb_saves"), "1");
    assert_eq!(field(&mut world, "rdb_last_bgsave_status"), "err");
    assert!(world.ask(client, "SET c 1").text().starts_with("MISCONF Valkey is configured to save RDB"));
    assert!(world.ask(client, "PING").text().starts_with("MISCONF"));
    assert_eq!(world.ask(client, "GET a").text(), "1");
    world.disk.fails = false;
    // It is tried again when some seconds have passed.
    world.advance(7_000);
    assert_eq!(world.ask(client, "SET c 1").text(), "OK");
    assert_eq!(field(&mut world, "rdb_last_bgsave_status"), "ok");
}

#[test]
fn a_child_that_is_stopped_is_no_failure() {
    let mut world = world("save 900 1");
    world.disk.child_us = 1_000_000_000;
    let client = world.client();
    world.ask(client, "SET a 1");
    world.ask(client, "BGSAVE");
    assert_eq!(world.ask(client, "BGSAVE CANCEL").text(), "Background saving cancelled");
    world.advance(200);
    assert!(world.ask(client, "BGSAVE CANCEL").text().contains("not in progress or scheduled"));
    assert_eq!(field(&mut world, "rdb_last_bgsave_status"), "ok");
    assert!(world.snapshot().is_none());
    world.send(client, "MULTI");
    world.send(client, "BGSAVE");
    world.send(client, "EXEC");
    world.disk.child_us = 10;
    world.advance(1_000);
    assert!(world.snapshot().is_some(), "what a transaction schedules comes after it");
}

#[test]
fn the_last_snapshot_is_taken_before_the_end() {
    let mut old = world("save 900 1");
    let client = old.client();
    old.ask(client, "SET a 1");
    old.send(client, "SHUTDOWN");
    old.settle();
    assert_eq!(old.exit, Some(0));
    let mut new = reborn(&mut old, "");
    new.advance(1);
    let client = new.client();
    assert_eq!(new.ask(client, "GET a").text(), "1");
    new.ask(client, "SET a 2");
    new.shelf.forget(b"dump.rdb");
    new.send(client, "SHUTDOWN NOSAVE");
    new.settle();
    assert_eq!((new.exit, new.snapshot().is_some()), (Some(0), false));
}

#[test]
fn a_reload_brings_everything_back() {
    for slice in [0, 50] {
        let mut world = world("enable-debug-command yes");
        world.disk.slice = slice;
        let client = world.client();
        let mut rng = Rng::seed(5);
        for step in 0..2000 {
            let (key, member) = (rng.below(40), rng.below(300));
            world.ask(
                client,
                &match step % 5 {
                    0 => format!("SET string:{key} {member}"),
                    1 => format!("RPUSH list:{key} {member}"),
                    2 => format!("HSET hash:{key} {member} {step}"),
                    3 => format!("ZADD zset:{key} {step}.5 {member}"),
                    _ => format!("XADD stream:{key} * field {member}"),
                },
            );
        }
        let digest = world.ask(client, "DEBUG DIGEST");
        assert_eq!(world.ask(client, "DEBUG RELOAD").text(), "OK");
        assert_eq!(world.ask(client, "DEBUG DIGEST"), digest);
        assert_eq!(world.ask(client, "DEBUG RELOAD NOSAVE NOFLUSH MERGE").text(), "OK");
        assert_eq!(world.ask(client, "DEBUG DIGEST"), digest);
    }
}

#[test]
fn damage_ends_the_process_and_says_where() {
    let mut old = world("");
    let client = old.client();
    for key in 0..10 {
        old.ask(client, &format!("RPUSH key:{key} {key} b c"));
    }
    old.ask(client, "SAVE");
    let file = old.snapshot().expect("saved").to_vec();
    let mut rng = Rng::seed(3);
    for _ in 0..300 {
        let mut broken = file.clone();
        let at = rng.below(broken.len() as u64) as usize;
        broken[at] ^= 1 << rng.below(8);
        let mut new = world("");
        new.put_snapshot(broken);
        new.begin();
        new.advance(10);
        assert_eq!(new.exit, Some(1), "byte {at}");
        assert!(new.log.last().is_some_and(|line| line.text.starts_with("Fatal error loading the DB")));
    }
}
