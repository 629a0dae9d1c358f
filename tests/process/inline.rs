//! Requests typed by hand.

use crate::common::Server;

#[test]
fn a_line_is_a_request() {
    let server = Server::start(&[]);
    let mut client = server.client();
    client.expect(b"PING\r\n", b"+PONG\r\n");
    client.expect(b"PING\n", b"+PONG\r\n");
    client.expect(b"  SET   k    v  \r\n", b"+OK\r\n");
    client.expect(b"GET k\r\n", b"$1\r\nv\r\n");
    client.expect(b"\r\n\r\n\nPING\r\n", b"+PONG\r\n");
}

#[test]
fn quotes_are_as_in_a_shell() {
    let server = Server::start(&[]);
    let mut client = server.client();
    client.expect(b"ECHO \"two words\"\r\n", b"$9\r\ntwo words\r\n");
    client.expect(b"ECHO 'it\\'s'\r\n", b"$4\r\nit's\r\n");
    client.expect(b"ECHO \"\\x00\\xff\\r\\n\\t\"\r\n", b"$5\r\n\x00\xff\r\n\t\r\n");
    client.expect(b"ECHO \"\"\r\n", b"$0\r\n\r\n");
}

#[test]
fn quotes_that_do_not_close_end_the_connection() {
    let server = Server::start(&[]);
    for line in [&b"ECHO \"open\r\n"[..], b"ECHO 'open\r\n"] {
        let mut client = server.client();
        client.expect(line, b"-ERR Protocol error: unbalanced quotes in request\r\n");
        client.expect_closed();
    }
}
