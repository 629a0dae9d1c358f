//! The same seed gives the same run, and replies keep the order of requests however bytes are cut.

use crate::workload::{Shape, run};
use crate::{Reply, World};

#[test]
fn a_seed_replays_byte_by_byte() {
    let trace = |seed| {
        let shape = Shape { ops: 2000, ..Shape::default() };
        let world = run(seed, World::new(seed).cut(50, 0), shape);
        (world.trace.hash(), world.trace.events)
    };
    assert_eq!(trace(7), trace(7));
    assert_ne!(trace(7), trace(8));
}

#[test]
fn replies_come_in_the_order_of_requests() {
    for (largest, delay) in [(1, 10), (7, 1000), (100_000, 5)] {
        let mut world = World::new(11).cut(largest, delay);
        let clients: Vec<_> = (0..5).map(|_| world.client()).collect();
        for i in 0..100 {
            for &client in &clients {
                world.send(client, &format!("ECHO {i}"));
                if i % 10 == 0 {
                    world.send_raw(client, b"PING\r\n");
                }
            }
        }
        world.settle();
        for &client in &clients {
            for i in 0..100 {
                assert_eq!(world.receive(client), Some(Reply::Bulk(i.to_string().into_bytes())));
                if i % 10 == 0 {
                    assert_eq!(world.receive(client), Some(Reply::Simple("PONG".into())));
                }
            }
            assert_eq!(world.receive(client), None);
        }
    }
}

#[test]
fn requests_behind_one_that_waits_wait_as_well() {
    let mut world = World::new(12).cut(20, 100);
    world.errand_us = 50_000;
    let (client, other) = (world.client(), world.client());
    world.send(client, "SET key before");
    world.send(client, "CONFIG SET maxclients 5000");
    world.send(client, "GET key");
    world.send(client, "GET missing");
    world.advance(20);
    assert_eq!(world.receive(client).unwrap().text(), "OK");
    assert_eq!(world.receive(client), None);
    assert_eq!(world.ask(other, "SET key after").text(), "OK");
    world.advance(60);
    let replies: Vec<String> = (0..3).map(|_| world.receive(client).unwrap().text()).collect();
    assert_eq!(replies, ["OK", "after", "(nil)"]);
}

#[test]
fn a_client_that_quits_gets_its_replies_first() {
    let mut world = World::new(13).cut(9, 100);
    let client = world.client();
    world.send(client, "SET key value");
    world.send(client, "QUIT");
    world.send(client, "SET key other");
    world.settle();
    assert_eq!(world.received(client), b"+OK\r\n+OK\r\n");
    assert!(world.ended(client));
    let other = world.client();
    assert_eq!(world.ask(other, "GET key").text(), "value");
}
