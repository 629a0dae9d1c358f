//! Memory is kept within its bound, by the right means.

use crate::{Client, World};

const LIMIT: usize = 2_000_000;

fn world(policy: &str) -> (World, Client) {
    let mut world = World::new(1);
    world.checked = false;
    let client = world.client();
    let used = { node::Meter::used_memory(&world.clock) };
    assert!(used < LIMIT / 4, "{used}");
    for pairs in [format!("maxmemory {LIMIT}"), format!("maxmemory-policy {policy}")] {
        assert_eq!(world.ask(client, &format!("CONFIG SET {pairs}")).text(), "OK");
    }
    (world, client)
}

fn used(world: &World) -> usize {
    node::Meter::used_memory(&world.clock)
}

#[test]
fn every_policy_keeps_memory_at_the_bound() {
    for policy in [
        "allkeys-lru",
        "allkeys-lfu",
        "allkeys-random",
        "volatile-lru",
        "volatile-lfu",
        "volatile-random",
        "volatile-ttl",
    ] {
        let (mut world, client) = world(policy);
        let value = "v".repeat(200);
        let mut highest = 0;
        for i in 0..20_000 {
            let reply = world.ask(client, &format!("SET key:{i} {value} EX {}", 10_000 + i));
            assert_eq!(reply.text(), "OK", "{policy}");
            highest = highest.max(used(&world));
        }
        world.node.check_invariants();
        assert!(highest < LIMIT + 20_000, "{policy}: {highest}");
        assert!(world.node.data.len() > 5_000, "{policy}: {}", world.node.data.len());
        assert_eq!(world.node.stats.evicted_keys as usize, 20_000 - world.node.data.len(), "{policy}");
    }
}

#[test]
fn telling_of_what_is_evicted_does_not_evict_the_rest() {
    let mut world = World::new(2);
    let admin = world.client();
    let caches: Vec<Client> = (0..10).map(|_| world.client()).collect();
    for &cache in &caches {
        world.ask(admin, "PING");
        world.send(cache, "HELLO 3");
        world.send(cache, "CLIENT TRACKING ON");
    }
    for key in 0..300 {
        let key = format!("{key}{}", "x".repeat(1000));
        world.ask(admin, &format!("SET {key} x"));
        for &cache in &caches {
            world.send(cache, &format!("GET {key}"));
        }
    }
    world.settle();
    for &cache in &caches {
        world.received(cache);
    }
    world.ask(admin, "CONFIG SET maxmemory-policy allkeys-lru maxmemory-eviction-tenacity 100");
    let limit = used(&world) - 40_000;
    world.ask(admin, &format!("CONFIG SET maxmemory {limit}"));
    world.advance(1);
    let evicted = world.node.stats.evicted_keys;
    assert!((10..=60).contains(&evicted), "{evicted}");
    let told: usize = caches.iter().map(|&cache| world.received(cache).len()).sum();
    assert!(told > 10 * 10_000, "{told}");
}

#[test]
fn without_eviction_what_needs_memory_is_refused_and_the_rest_runs() {
    const OOM: &str = "OOM command not allowed when used memory > 'maxmemory'.";
    for policy in ["noeviction", "volatile-lru"] {
        let (mut world, client) = world(policy);
        let value = "v".repeat(1000);
        let mut refused = 0;
        for i in 0..4000 {
            let reply = world.ask(client, &format!("SET key:{i} {value}"));
            assert!(reply.text() == "OK" || reply.text() == OOM, "{reply:?}");
            refused += usize::from(reply.is_error());
        }
        assert!(refused > 1000, "{refused}");
        assert_eq!(world.ask(client, "GET key:0").text(), value);
        assert_eq!(world.ask(client, "APPEND key:0 more").text(), OOM);
        for i in 0..100 {
            assert_eq!(world.ask(client, &format!("DEL key:{i}")).text(), "1");
        }
        assert_eq!(world.ask(client, "APPEND key:100 more").text(), "1004");
        let info = world.ask(client, "INFO stats").text();
        assert!(info.contains("evicted_keys:0\r\n") && info.contains("current_eviction_exceeded_time:0\r\n"));
    }
}

#[test]
fn keys_in_use_stay_and_the_others_go() {
    for policy in ["allkeys-lru", "allkeys-lfu"] {
        let (mut world, client) = world(policy);
        let value = "v".repeat(200);
        for i in 0..500 {
            world.ask(client, &format!("SET hot:{i} {value}"));
        }
        for round in 0..40 {
            world.advance(2000);
            for i in 0..500 {
                world.ask(client, &format!("GET hot:{i}"));
            }
            for i in 0..500 {
                world.ask(client, &format!("SET cold:{round}:{i} {value}"));
            }
        }
        let hot = (0..500).filter(|i| world.ask(client, &format!("EXISTS hot:{i}")).text() == "1").count();
        assert!(world.node.stats.evicted_keys > 5000);
        assert!(hot > 480, "{policy}: {hot} of 500");
    }
}

#[test]
fn keys_without_a_ttl_stay_under_a_volatile_policy() {
    let (mut world, client) = world("volatile-ttl");
    let value = "v".repeat(200);
    for i in 0..1000 {
        world.ask(client, &format!("SET stays:{i} {value}"));
    }
    for i in 0..10_000 {
        world.ask(client, &format!("SET goes:{i} {value} EX 1000"));
    }
    let stayed = (0..1000).filter(|i| world.ask(client, &format!("EXISTS stays:{i}")).text() == "1").count();
    assert_eq!(stayed, 1000);
}

#[test]
fn a_lower_limit_is_reached_in_short_turns() {
    let (mut world, client) = world("allkeys-random");
    let value = "v".repeat(200);
    for i in 0..5000 {
        world.ask(client, &format!("SET key:{i} {value}"));
    }
    world.clock.reading_us.set(100);
    let before = world.node.data.len();
    assert_eq!(world.ask(client, &format!("CONFIG SET maxmemory {}", LIMIT / 2)).text(), "OK");
    world.advance(1);
    let soon = world.node.data.len();
    world.advance(1000);
    assert!(soon > before * 7 / 10, "{soon} of {before}");
    assert!(used(&world) <= LIMIT / 2, "{}", used(&world));
    assert!(world.log.iter().any(|line| line.text.contains("is smaller than the current memory usage")));
    world.ask(client, "SET one more");
    let info = world.ask(client, "INFO stats").text();
    assert!(!info.contains("total_eviction_exceeded_time:0\r\n"), "{info}");
}

#[test]
fn a_flush_is_freed_elsewhere_and_counted() {
    let (mut world, client) = world("noeviction");
    world.keep_garbage = true;
    for i in 0..1000 {
        world.ask(client, &format!("SET key:{i} value"));
    }
    world.ask(client, "FLUSHALL ASYNC");
    assert_eq!(world.ask(client, "DBSIZE").text(), "0");
    assert!(
        world
            .ask(client, "INFO memory")
            .text()
            .contains("lazyfree_pending_objects:1000\r\nlazyfreed_objects:0\r\n")
    );
    let before = used(&world);
    world.free_garbage();
    assert!(used(&world) + 30_000 < before);
    assert!(
        world
            .ask(client, "INFO memory")
            .text()
            .contains("lazyfree_pending_objects:0\r\nlazyfreed_objects:1000\r\n")
    );
    world.ask(client, "SET key value");
    world.ask(client, "FLUSHALL SYNC");
    assert!(
        world
            .ask(client, "INFO memory")
            .text()
            .contains("lazyfree_pending_objects:0\r\nlazyfreed_objects:1000\r\n")
    );
    world.ask(client, "CONFIG RESETSTAT");
    assert!(world.ask(client, "INFO memory").text().contains("lazyfreed_objects:0\r\n"));
}
