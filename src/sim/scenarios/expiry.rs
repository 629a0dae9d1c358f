//! Keys whose time comes, by being met and by being sought.

use crate::World;
use config::Config;

#[test]
fn a_key_met_after_its_time_is_gone() {
    let mut world = World::new(1);
    world.node.set_active_expire(false);
    let client = world.client();
    assert_eq!(world.ask(client, "SET key value PX 100").text(), "OK");
    world.advance(100);
    assert_eq!(world.ask(client, "GET key").text(), "value");
    world.advance(1);
    assert_eq!(world.ask(client, "DBSIZE").text(), "1");
    assert!(world.ask(client, "GET key").is_nil());
    assert_eq!(world.ask(client, "DBSIZE").text(), "0");
    assert_eq!(world.node.key_stats.expired, 1);
}

#[test]
fn keys_past_their_time_go_without_being_met() {
    let mut world = World::new(2);
    let client = world.client();
    for database in 0..3 {
        world.ask(client, &format!("SELECT {database}"));
        for i in 0..500 {
            world.ask(client, &format!("SET key:{i} value PX {}", 100 + i));
            world.ask(client, &format!("SET stays:{i} value"));
        }
    }
    world.advance(1500);
    let sizes: Vec<usize> = world.node.data.databases[..3].iter().map(|db| db.tables.len()).collect();
    assert_eq!(sizes, [500, 500, 500]);
    assert_eq!(world.node.key_stats.expired, 1500);
}

#[test]
fn nothing_expires_while_data_is_imported_or_the_search_is_switched_off() {
    for import in [true, false] {
        let mut world = World::new(3);
        let client = world.client();
        if import {
            world.ask(client, "CONFIG SET import-mode yes");
        } else {
            world.node.set_active_expire(false);
        }
        world.ask(client, "SET key value PX 10");
        world.advance(1000);
        assert_eq!(world.ask(client, "DBSIZE").text(), "1");
        assert!(world.ask(client, "GET key").is_nil());
        assert_eq!(world.ask(client, "DBSIZE").text(), if import { "1" } else { "0" });
        world.ask(client, "CONFIG SET import-mode no");
        world.node.set_active_expire(true);
        world.advance(200);
        assert_eq!(world.ask(client, "DBSIZE").text(), "0");
    }
}

#[test]
fn a_search_that_runs_out_of_time_goes_on_in_short_turns() {
    let mut world = World::with(4, Config::default());
    world.checked = false;
    let client = world.client();
    for i in 0..20_000 {
        world.send(client, &format!("SET key:{i} value PX 1000"));
    }
    world.settle();
    world.received(client);
    world.advance(1000);
    // Every reading of the clock takes a millisecond: a slow cycle gets about 25 readings, a fast one 1 or 2.
    world.clock.reading_us.set(1000);
    world.advance(150);
    assert!(world.ask(client, "INFO stats").text().contains("\r\nexpired_time_cap_reached_count:"));
    let left = world.node.data.databases[0].tables.len();
    assert!((1..19_000).contains(&left), "{left}");
    world.advance(2000);
    assert_eq!(world.node.data.databases[0].tables.len(), 0);
}
