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
