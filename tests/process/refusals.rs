//! Bytes that are no request: the error, then the end of the connection, and of that connection alone.

use crate::common::Server;

fn refused(bytes: &[u8], error: &str) {
    let server = Server::start(&[]);
    let mut bystander = server.client();
    let mut client = server.client();
    client.expect(bytes, format!("-ERR Protocol error: {error}\r\n").as_bytes());
    client.expect_closed();
    bystander.check("PING", "+PONG\r\n");
}

#[test]
fn counts_must_be_numbers_in_range() {
    refused(b"*x\r\n", "invalid multibulk length");
    refused(b"*2147483648\r\n", "invalid multibulk length");
    refused(b"*1\r\n$x\r\n", "invalid bulk length");
    refused(b"*1\r\n$-1\r\n", "invalid bulk length");
    refused(b"*1\r\n$536870913\r\n", "invalid bulk length");
}

#[test]
fn an_argument_begins_with_a_dollar() {
    refused(b"*1\r\nPING\r\n", "expected '$', got 'P'");
    refused(b"*2\r\n$4\r\nECHO\r\n:1\r\n", "expected '$', got ':'");
}

#[test]
fn lines_are_bounded() {
    let long = vec![b'a'; 70_000];
    refused(&long, "too big inline request");
    refused(&[b"*", &vec![b'1'; 70_000][..]].concat(), "too big mbulk count string");
    refused(&[b"*1\r\n$", &vec![b'1'; 70_000][..]].concat(), "too big bulk count string");
}

#[test]
fn a_browser_is_shut_out_and_the_log_says_so_once() {
    let server = Server::start(&["--requirepass", "secret"]);
    let mut bystander = server.client();
    let requests: [&[u8]; 3] = [
        b"POST /page HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nAUTH secret\r\n",
        b"hOsT: 127.0.0.1\r\n",
        b"*1\r\n$4\r\npost\r\n",
    ];
    for request in requests {
        let mut client = server.client();
        client.send(request);
        client.expect_closed();
    }
    bystander.check("AUTH secret", "+OK\r\n");
    bystander.check("POSTS", "-ERR unknown command 'POSTS', with args beginning with: \r\n");
    let log = server.log();
    let told: Vec<&str> = log.lines().filter(|line| line.contains("SECURITY ATTACK")).collect();
    let [told] = told[..] else { panic!("not once:\n{log}") };
    assert!(told.contains("sending POST or Host: commands to Valkey. This is likely due to"), "{told}");
    assert!(told.contains("Connection from 127.0.0.1:") && told.ends_with(" aborted."), "{told}");
}

#[test]
fn requests_before_the_mistake_are_answered() {
    let server = Server::start(&[]);
    let mut client = server.client();
    client.expect(
        b"PING\r\n*1\r\n$4\r\nPING\r\n*1\r\n!bad\r\n",
        b"+PONG\r\n+PONG\r\n-ERR Protocol error: expected '$', got '!'\r\n",
    );
    client.expect_closed();
}

#[test]
fn empty_requests_are_passed_over() {
    let server = Server::start(&[]);
    let mut client = server.client();
    client.expect(b"*0\r\n*-1\r\n*1\r\n$4\r\nPING\r\n", b"+PONG\r\n");
}

#[test]
fn a_promise_of_a_large_request_costs_nothing() {
    let server = Server::start(&[]);
    let waiting: Vec<_> = (0..100)
        .map(|_| {
            let mut client = server.client();
            client.send(b"*1048576\r\n$536870912\r\n");
            client
        })
        .collect();
    server.client().check("PING", "+PONG\r\n");
    assert!(resident_bytes(server.pid()) < 300 << 20, "promises took memory");
    drop(waiting);
}

/// The memory that a process has in use, from the second number of its `statm`.
fn resident_bytes(pid: u32) -> u64 {
    let statm = std::fs::read_to_string(format!("/proc/{pid}/statm")).unwrap();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap() * 4096
}
