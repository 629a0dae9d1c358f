//! A handful of commands, byte for byte: the path from socket to socket stands.

use crate::common::Server;

#[test]
fn simple_commands_answer() {
    let server = Server::start(&[]);
    let mut client = server.client();
    client.check("PING", "+PONG\r\n");
    client.check("ping hello", "$5\r\nhello\r\n");
    client.check("SET k v", "+OK\r\n");
    client.check("GET k", "$1\r\nv\r\n");
    client.check("GET nothing", "$-1\r\n");
    client.check("MGET k nothing k", "*3\r\n$1\r\nv\r\n$-1\r\n$1\r\nv\r\n");
    client.check("INCRBY n 41", ":41\r\n");
    client.check("INCR n", ":42\r\n");
    client.check("DBSIZE", ":2\r\n");
}

#[test]
fn mistakes_are_named() {
    let server = Server::start(&[]);
    let mut client = server.client();
    client.check("NOSUCH a b", "-ERR unknown command 'NOSUCH', with args beginning with: 'a' 'b' \r\n");
    client.check("GET", "-ERR wrong number of arguments for 'get' command\r\n");
    client.check("SET k v", "+OK\r\n");
    client.check("INCR k", "-ERR value is not an integer or out of range\r\n");
    client.check("SELECT 99", "-ERR DB index is out of range\r\n");
    client.check("PING", "+PONG\r\n");
}

#[test]
fn keys_and_values_are_any_bytes() {
    let server = Server::start(&[]);
    let mut client = server.client();
    let every_byte: Vec<u8> = (0..=255).collect();
    assert_eq!(client.command(&[b"SET", &every_byte[..], &every_byte[..]]), b"+OK\r\n");
    let reply = client.command(&[b"GET", &every_byte[..]]);
    assert_eq!(reply, [b"$256\r\n", &every_byte[..], b"\r\n"].concat());
    assert_eq!(client.command(&[b"SET", &b""[..], b""]), b"+OK\r\n");
    assert_eq!(client.command(&[b"GET", &b""[..]]), b"$0\r\n\r\n");
}

#[test]
fn databases_are_apart_and_connections_share_them() {
    let server = Server::start(&[]);
    let (mut one, mut two) = (server.client(), server.client());
    one.check("SELECT 3", "+OK\r\n");
    one.check("SET k three", "+OK\r\n");
    two.check("GET k", "$-1\r\n");
    two.check("SELECT 3", "+OK\r\n");
    two.check("GET k", "$5\r\nthree\r\n");
}

#[test]
fn quit_answers_and_closes() {
    let server = Server::start(&[]);
    let mut client = server.client();
    client.check("QUIT", "+OK\r\n");
    client.expect_closed();
}
