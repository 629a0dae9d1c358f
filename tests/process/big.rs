//! Values from one megabyte to sixty-four, in and out.

use crate::common::{Client, Server, encode, pattern};

const MEGABYTE: usize = 1 << 20;

fn there_and_back(client: &mut Client, length: usize) {
    let value = pattern(length);
    assert_eq!(client.command(&[&b"SET"[..], b"big", &value]), b"+OK\r\n");
    client.check("STRLEN big", &format!(":{length}\r\n"));
    let reply = client.command(&["GET", "big"]);
    let header = format!("${length}\r\n").into_bytes();
    assert!(reply.starts_with(&header), "the length of {length} bytes");
    assert!(reply[header.len()..reply.len() - 2] == value, "{length} bytes came back changed");
}

#[test]
fn big_values_come_back_whole() {
    let server = Server::start(&[]);
    let mut client = server.client();
    for length in [MEGABYTE, MEGABYTE + 1, 16 * MEGABYTE - 3, 64 * MEGABYTE] {
        there_and_back(&mut client, length);
    }
}

#[test]
fn big_values_fit_between_small_requests() {
    let server = Server::start(&[]);
    let mut client = server.client();
    let value = pattern(2 * MEGABYTE);
    let requests =
        [encode(&["PING"]), encode(&[&b"SET"[..], b"big", &value]), encode(&["PING", "behind"])].concat();
    for size in [1000, 32_768, 65_537, requests.len()] {
        for piece in requests.chunks(size) {
            client.send(piece);
        }
        client.expect_bytes(b"+PONG\r\n+OK\r\n$6\r\nbehind\r\n", &format!("pieces of {size}"));
        assert!(client.command(&["GET", "big"])[10..] == [&value[..], b"\r\n"].concat());
    }
}

#[test]
fn a_big_value_is_read_by_many_at_once() {
    let server = Server::start(&[]);
    let value = pattern(4 * MEGABYTE);
    server.client().command(&[&b"SET"[..], b"big", &value]);
    let mut clients: Vec<Client> = (0..16).map(|_| server.client()).collect();
    for client in &mut clients {
        client.send(&encode(&["GET", "big"]));
    }
    // Changed before anyone has read: each gets the value as it was when it asked.
    assert_eq!(
        server.client().command(&["SETRANGE", "big", "0", "changed"]),
        format!(":{}\r\n", value.len()).as_bytes()
    );
    for client in &mut clients {
        let reply = client.reply();
        assert!(reply[reply.len() - 2 - value.len()..reply.len() - 2] == value);
    }
}
