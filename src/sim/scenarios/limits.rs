//! Clients that take too much.

use crate::reply::Reply;
use crate::{Client, World};
use node::ConnId;

fn setting(world: &mut World, admin: Client, pairs: &str) {
    assert_eq!(world.ask(admin, &format!("CONFIG SET {pairs}")).text(), "OK");
}

fn logged(world: &World, text: &str) -> bool {
    world.log.iter().any(|line| line.text.contains(text))
}

#[test]
fn one_client_too_many_is_told_so_and_turned_away() {
    let mut world = World::new(1);
    let admin = world.client();
    setting(&mut world, admin, "maxclients 2");
    let (second, third) = (world.client(), world.client());
    assert_eq!(world.received(third), b"-ERR max number of clients reached\r\n");
    assert!(world.ended(third));
    assert_eq!(world.node.stats.rejected_connections, 1);
    world.leave(second);
    let fourth = world.client();
    assert_eq!(world.ask(fourth, "PING").text(), "PONG");
}

#[test]
fn a_client_that_asks_nothing_for_too_long_is_closed() {
    let mut world = World::new(2);
    let (admin, idle, waiting) = (world.client(), world.client(), world.client());
    setting(&mut world, admin, "timeout 3");
    world.errand_us = 20_000_000;
    world.send(waiting, "CONFIG SET maxclients 100");
    for _ in 0..6 {
        world.advance(1000);
        world.ask(admin, "PING");
    }
    assert!(world.ended(idle) && !world.ended(admin) && !world.ended(waiting));
    assert!(logged(&world, "Closing idle client"));
}

#[test]
fn unread_output_over_the_hard_limit_closes_the_client() {
    let mut world = World::new(3);
    let (admin, lazy) = (world.client(), world.client());
    world.node.config.network.client_output_buffer_limit.normal.hard_bytes = 100_000;
    world.ask(admin, &format!("SET key {}", "v".repeat(10_000)));
    world.set_room(lazy, 0);
    for _ in 0..5 {
        world.send(lazy, "GET key");
    }
    world.settle();
    assert!(!world.ended(lazy));
    for _ in 0..20 {
        world.send(lazy, "GET key");
    }
    world.settle();
    assert!(world.ended(lazy) && !world.ended(admin));
    assert_eq!(world.node.stats.output_limit_disconnections, 1);
    assert!(logged(&world, "closed for overcoming of output buffer limits."));
}

#[test]
fn a_reply_over_the_hard_limit_is_cut_off_while_it_is_made() {
    let requests =
        ["KEYS *", "HRANDFIELD hash -999999999", "SRANDMEMBER set -999999999", "ZRANDMEMBER zset -999999999"];
    for request in requests.into_iter().chain(["LRANGE list 0 -1", "MULTI;LRANGE list 0 -1;SET done 1;EXEC"])
    {
        let mut world = World::new(9);
        let (admin, greedy) = (world.client(), world.client());
        for at in 0..1000 {
            world.ask(admin, &format!("SET key:{at}:{} 1", "x".repeat(200)));
            world.ask(admin, &format!("RPUSH list {}", "x".repeat(200)));
        }
        world.ask(admin, "HSET hash field value");
        world.ask(admin, "SADD set member");
        world.ask(admin, "ZADD zset 1 member");
        world.node.config.network.client_output_buffer_limit.normal.hard_bytes = 100_000;
        for word in request.split(';') {
            world.send(greedy, word);
        }
        world.send(greedy, "SET later 1");
        world.settle();
        assert!(world.ended(greedy) && !world.ended(admin), "{request}");
        assert!(!String::from_utf8_lossy(&world.received(greedy)).contains('x'), "{request}");
        assert_eq!(world.node.stats.output_limit_disconnections, 1);
        let (done, later) = (world.ask(admin, "EXISTS done"), world.ask(admin, "EXISTS later"));
        assert_eq!(done, Reply::Integer(request.starts_with("MULTI").into()), "{request}");
        assert_eq!(later, Reply::Integer(0), "what stands behind it is not run");
    }
}

#[test]
fn who_wants_no_reply_has_none_that_could_be_too_large() {
    let mut world = World::new(10);
    let (admin, silent) = (world.client(), world.client());
    world.node.config.network.client_output_buffer_limit.normal.hard_bytes = 20_000;
    for _ in 0..1000 {
        world.ask(admin, &format!("RPUSH list {}", "x".repeat(200)));
    }
    world.send(silent, "CLIENT REPLY OFF");
    world.send(silent, "LRANGE list 0 -1");
    world.send(silent, "CLIENT REPLY ON");
    world.settle();
    assert!(!world.ended(silent));
    assert_eq!(world.received(silent), b"+OK\r\n");
}

#[test]
fn unread_output_may_stay_over_the_soft_limit_for_a_while_only() {
    let mut world = World::new(4);
    let (admin, lazy, reader) = (world.client(), world.client(), world.client());
    world.node.config.network.client_output_buffer_limit.normal.soft_bytes = 50_000;
    world.node.config.network.client_output_buffer_limit.normal.soft_seconds = 3;
    world.ask(admin, &format!("SET key {}", "v".repeat(10_000)));
    for client in [lazy, reader] {
        world.set_room(client, 0);
        for _ in 0..10 {
            world.send(client, "GET key");
        }
    }
    world.advance(2000);
    assert!(!world.ended(lazy) && !world.ended(reader));
    world.set_room(reader, usize::MAX);
    world.advance(3000);
    assert!(world.ended(lazy) && !world.ended(reader));
}

#[test]
fn a_request_without_an_end_closes_the_client() {
    let mut world = World::new(5).cut(10_000, 10);
    let (admin, endless) = (world.client(), world.client());
    setting(&mut world, admin, "client-query-buffer-limit 1048576");
    world.send_raw(endless, b"*2\r\n$3\r\nGET\r\n$2000000\r\n");
    world.send_raw(endless, &vec![b'x'; 1_500_000]);
    world.settle();
    assert!(world.ended(endless) && !world.ended(admin));
    assert_eq!(world.node.stats.query_limit_disconnections, 1);
    assert!(logged(&world, "Closing client that reached max query buffer length"));
}

#[test]
fn a_blocked_client_that_goes_on_sending_is_left_unread_until_it_waits_no_more() {
    let mut world = World::new(7);
    let (admin, waiting) = (world.client(), world.client());
    setting(&mut world, admin, "client-query-buffer-limit 1048576");
    world.send(waiting, "WAIT 1 500");
    world.settle();
    for _ in 0..20 {
        world.send(waiting, &format!("ECHO {}", "x".repeat(100_000)));
        world.settle();
    }
    assert!(world.node.session(ConnId(1)).unwrap().memory() < 300_000);
    world.advance(1000);
    assert_eq!(world.receive(waiting), Some(Reply::Integer(0)));
    for _ in 0..20 {
        assert_eq!(world.receive(waiting), Some(Reply::Bulk(vec![b'x'; 100_000])));
    }
}

#[test]
fn the_largest_clients_go_when_all_together_take_too_much() {
    let mut world = World::new(6);
    let admin = world.client();
    world.ask(admin, &format!("SET key {}", "v".repeat(10_000)));
    let clients: Vec<Client> = (0..6).map(|_| world.client()).collect();
    for (i, &client) in clients.iter().enumerate() {
        world.set_room(client, 0);
        for _ in 0..5 * (i + 1) {
            world.send(client, "GET key");
        }
    }
    world.settle();
    setting(&mut world, admin, "maxmemory-clients 500000");
    world.advance(200);
    let ended: Vec<bool> = clients.iter().map(|&client| world.ended(client)).collect();
    assert!(ended.is_sorted() && !ended[0] && ended[5], "the largest go: {ended:?}");
    assert_eq!(world.node.stats.evicted_clients as usize, ended.iter().filter(|&&ended| ended).count());
    assert_eq!(world.ask(admin, "PING").text(), "PONG");
    assert!(logged(&world, "Evicting client: id="));
}

#[test]
fn clients_that_are_not_to_be_evicted_stay_though_they_are_the_largest() {
    let mut world = World::new(8);
    let admin = world.client();
    world.ask(admin, &format!("SET key {}", "v".repeat(10_000)));
    let (spared, small, large) = (world.client(), world.client(), world.client());
    assert_eq!(world.ask(spared, "CLIENT NO-EVICT ON").text(), "OK");
    for (client, requests) in [(spared, 40), (small, 2), (large, 20)] {
        world.set_room(client, 0);
        for _ in 0..requests {
            world.send(client, "GET key");
        }
    }
    world.settle();
    let info = world.ask(admin, "INFO memory").text();
    let taken = info.lines().find_map(|line| line.strip_prefix("mem_clients_normal:")).unwrap();
    let little_less = taken.parse::<u64>().unwrap() - 10_000;
    setting(&mut world, admin, &format!("maxmemory-clients {little_less}"));
    world.advance(200);
    assert!(world.ended(large) && !world.ended(spared) && !world.ended(small));
    // What the spared one takes counts all the same, so that the others go when it alone is too much.
    assert_eq!(world.ask(admin, "CLIENT NO-EVICT ON").text(), "OK");
    setting(&mut world, admin, "maxmemory-clients 150000");
    world.advance(200);
    assert!(world.ended(small) && !world.ended(spared) && !world.ended(admin));
    assert_eq!(world.node.stats.evicted_clients, 2);
    assert!(logged(&world, "Over client maxmemory after evicting all evictable clients"));
}
