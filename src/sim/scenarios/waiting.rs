//! Clients that wait for replicas, of which there are none: each goes on when its own time has come.

use crate::{Client, Reply, World};

/// The time at which a client's next reply arrives, in milliseconds, and the reply.
fn next(world: &mut World, client: Client) -> (u64, String) {
    for _ in 0..10_000 {
        if let Some(reply) = world.receive(client) {
            return (world.time_us() / 1000, reply.text());
        }
        world.advance(1);
    }
    panic!("no reply");
}

#[test]
fn each_wait_ends_at_its_own_time_whatever_the_others_do() {
    let mut world = World::new(20).cut(9, 0);
    let timeouts = [700, 3, 250, 251, 5000, 1];
    let clients = timeouts.map(|timeout| {
        let client = world.client();
        world.send(client, &format!("WAIT 1 {timeout}"));
        world.send(client, "PING");
        client
    });
    world.settle();
    assert!(clients.iter().all(|&client| world.receive(client).is_none()));
    let mut order: Vec<usize> = (0..timeouts.len()).collect();
    order.sort_by_key(|&i| timeouts[i]);
    for i in order {
        assert_eq!(next(&mut world, clients[i]), (timeouts[i], "0".into()));
        assert_eq!(next(&mut world, clients[i]), (timeouts[i], "PONG".into()), "what came behind it");
    }
}

#[test]
fn a_wait_for_ever_ends_by_unblock_and_the_next_one_counts_anew() {
    let mut world = World::new(21);
    let (waiting, admin) = (world.client(), world.client());
    let id = world.ask(waiting, "CLIENT ID").text();
    world.send(waiting, "WAIT 1 0");
    world.advance(3_600_000);
    assert_eq!(world.receive(waiting), None);
    assert_eq!(world.ask(admin, &format!("CLIENT UNBLOCK {id}")), Reply::Integer(1));
    world.settle();
    assert_eq!(world.receive(waiting), Some(Reply::Integer(0)));
    let before = world.time_us() / 1000;
    world.send(waiting, "WAIT 3 40");
    assert_eq!(next(&mut world, waiting), (before + 40, "0".into()));
    assert_eq!(world.ask(admin, &format!("CLIENT UNBLOCK {id}")), Reply::Integer(0));
}

#[test]
fn clients_that_leave_while_they_wait_leave_nothing_behind() {
    let mut world = World::new(22);
    let clients: Vec<Client> = (0..50).map(|_| world.client()).collect();
    for (i, &client) in clients.iter().enumerate() {
        world.send(client, &format!("WAIT 1 {}", 10 + i));
        world.send(client, "INCR counter");
    }
    world.settle();
    for &client in clients.iter().step_by(2) {
        world.leave(client);
    }
    world.advance(1000);
    let admin = world.client();
    assert_eq!(world.ask(admin, "GET counter").text(), "25");
    assert!(world.ask(admin, "INFO clients").text().contains("blocked_clients:0\r\n"));
}
