//! HELLO, and the replies that look different in the third version of the protocol.

use crate::common::{Server, shown};

#[test]
fn hello_changes_the_protocol() {
    let server = Server::start(&[]);
    let mut client = server.client();
    client.check("GET nothing", "$-1\r\n");
    let greeting = client.command(&["HELLO", "3"]);
    assert!(
        greeting.starts_with(b"%7\r\n$6\r\nserver\r\n$6\r\nvalkey\r\n$7\r\nversion\r\n"),
        "{}",
        shown(&greeting)
    );
    client.check("GET nothing", "_\r\n");
    client.check("MGET a b", "*2\r\n_\r\n_\r\n");
    let greeting = client.command(&["HELLO", "2"]);
    assert!(greeting.starts_with(b"*14\r\n$6\r\nserver\r\n"), "{}", shown(&greeting));
    client.check("GET nothing", "$-1\r\n");
}

#[test]
fn hello_refuses_what_it_does_not_speak() {
    let server = Server::start(&[]);
    let mut client = server.client();
    client.check("HELLO 4", "-NOPROTO unsupported protocol version\r\n");
    client.check("HELLO x", "-ERR Protocol version is not an integer or out of range\r\n");
    client.check("HELLO 3 NONSENSE", "-ERR Syntax error in HELLO option 'NONSENSE'\r\n");
    client.check("GET nothing", "$-1\r\n");
}

#[test]
fn reset_returns_to_the_second_version() {
    let server = Server::start(&[]);
    let mut client = server.client();
    client.command(&["HELLO", "3"]);
    client.check("RESET", "+RESET\r\n");
    client.check("GET nothing", "$-1\r\n");
}

#[test]
fn pushes_stand_behind_the_reply_that_caused_them() {
    let server = Server::start(&[]);
    let (mut client, mut other) = (server.client(), server.client());
    client.command(&["HELLO", "3"]);
    client.check("CLIENT TRACKING ON", "+OK\r\n");
    client.check("GET key", "_\r\n");
    client.expect(
        b"SET key 1\r\nPING\r\nMULTI\r\nGET key\r\nSET key 2\r\nPING\r\nEXEC\r\nPING\r\n",
        b"+OK\r\n>2\r\n$10\r\ninvalidate\r\n*1\r\n$3\r\nkey\r\n+PONG\r\n\
          +OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n$1\r\n1\r\n+OK\r\n+PONG\r\n\
          >2\r\n$10\r\ninvalidate\r\n*1\r\n$3\r\nkey\r\n+PONG\r\n",
    );
    client.check("GET key", "$1\r\n2\r\n");
    other.check("FLUSHALL", "+OK\r\n");
    client.expect_bytes(b">2\r\n$10\r\ninvalidate\r\n_\r\n", "FLUSHALL of another client");
}
