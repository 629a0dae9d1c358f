//! Many connections, and some that never read.

use crate::common::{Client, Server, encode, pattern};
use std::io::Write;

/// Raises this process's limit of open files (the server inherits it) and answers whether `wanted` fit.
fn may_open(wanted: u64) -> bool {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the call fills the struct it is given, which lives on this stack.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) } != 0 {
        return false;
    }
    if limit.rlim_cur < wanted {
        let raised = libc::rlimit { rlim_cur: wanted, rlim_max: limit.rlim_max.max(wanted) };
        // SAFETY: the call reads the struct it is given, which lives on this stack.
        if unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const raised) } != 0 {
            println!("skipped: at most {} files may be open here, {wanted} are needed", limit.rlim_max);
            return false;
        }
    }
    true
}

#[test]
fn ten_thousand_connections_are_served() {
    const COUNT: usize = 10_000;
    if !may_open(COUNT as u64 + 1_000) {
        return;
    }
    let server = Server::start(&["--maxclients", "10100"]);
    let mut clients: Vec<Client> = (0..COUNT).map(|_| server.client()).collect();
    for (i, client) in clients.iter_mut().enumerate() {
        client.send(&encode(&["SET", &format!("key:{i}"), &i.to_string()]));
    }
    for client in &mut clients {
        client.expect_bytes(b"+OK\r\n", "SET");
    }
    for (i, client) in clients.iter_mut().enumerate().step_by(97) {
        let text = i.to_string();
        client.check(&format!("GET key:{i}"), &format!("${}\r\n{text}\r\n", text.len()));
    }
    drop(clients);
    server.client().check("DBSIZE", ":10000\r\n");
}

#[test]
fn connections_that_never_read_hold_nobody_up() {
    const COUNT: usize = 1_000;
    if !may_open(COUNT as u64 + 1_000) {
        return;
    }
    let server = Server::start(&[]);
    server.client().command(&[&b"SET"[..], b"big", &pattern(1 << 20)]);
    let silent: Vec<Client> = (0..COUNT)
        .map(|_| {
            let mut client = server.client();
            client.send(&encode(&["GET", "big"]).repeat(4));
            client
        })
        .collect();
    let mut reader = server.client();
    for i in 0..100 {
        reader.check(&format!("SET k {i}"), "+OK\r\n");
        reader.check("STRLEN big", ":1048576\r\n");
    }
    drop(silent);
    reader.check("PING", "+PONG\r\n");
}

#[test]
fn connections_that_vanish_leave_no_trace() {
    let server = Server::start(&[]);
    for i in 0..500 {
        let mut client = server.client();
        let request = encode(&["SET", &format!("k{i}"), "value"]);
        // Some leave in the middle of a request, some before the reply.
        let _ = client.socket().write_all(&request[..request.len() - i % 20]);
        client.send(b"");
    }
    server.client().check("PING", "+PONG\r\n");
}
