//! Many requests at once, cut wherever a network may cut.

use crate::common::{Server, encode, pattern};

#[test]
fn requests_may_be_cut_anywhere() {
    let server = Server::start(&[]);
    let mut client = server.client();
    let requests =
        [encode(&["SET", "key", "a value"]), encode(&["GET", "key"]), b"PING\r\n".to_vec()].concat();
    for cut in 1..requests.len() {
        client.send(&requests[..cut]);
        client.send(&requests[cut..]);
        client.expect_bytes(b"+OK\r\n$7\r\na value\r\n+PONG\r\n", &format!("a cut at {cut}"));
    }
}

#[test]
fn requests_may_come_byte_by_byte() {
    let server = Server::start(&[]);
    let mut client = server.client();
    for byte in encode(&["ECHO", "slowly"]) {
        client.send(&[byte]);
    }
    client.expect_bytes(b"$6\r\nslowly\r\n", "single bytes");
}

#[test]
fn a_long_pipeline_is_answered_in_order() {
    const COUNT: usize = 20_000;
    let server = Server::start(&[]);
    let mut client = server.client();
    let requests: Vec<u8> = (0..COUNT).flat_map(|i| encode(&["ECHO", &i.to_string()])).collect();
    let mut writer = client.socket().try_clone().unwrap();
    let sending = std::thread::spawn(move || std::io::Write::write_all(&mut writer, &requests).unwrap());
    for i in 0..COUNT {
        let text = i.to_string();
        client.expect_bytes(format!("${}\r\n{text}\r\n", text.len()).as_bytes(), &text);
    }
    sending.join().unwrap();
}

#[test]
fn a_pipeline_of_uneven_pieces_is_answered() {
    let server = Server::start(&[]);
    let mut client = server.client();
    let mut requests = Vec::new();
    let mut wanted = Vec::new();
    for (i, length) in
        [0, 1, 63, 64, 1000, 16_383, 16_384, 32_767, 32_768, 32_769, 65_536, 100_000].into_iter().enumerate()
    {
        let value = pattern(length);
        requests.extend(encode(&[b"SET", format!("k{i}").as_bytes(), &value]));
        requests.extend(encode(&[b"STRLEN".to_vec(), format!("k{i}").into_bytes()]));
        wanted.extend(format!("+OK\r\n:{length}\r\n").into_bytes());
    }
    for size in [1_usize, 7, 1000, 4096, 16_385, 50_000, usize::MAX] {
        for piece in requests.chunks(size.max(97)) {
            client.send(piece);
        }
        client.expect_bytes(&wanted, &format!("pieces of {size}"));
    }
}

#[test]
fn what_came_before_the_end_is_answered() {
    let server = Server::start(&[]);
    let mut client = server.client();
    client.send(&[encode(&["SET", "k", "v"]), encode(&["GET", "k"])].concat());
    client.socket().shutdown(std::net::Shutdown::Write).unwrap();
    client.expect_bytes(b"+OK\r\n$1\r\nv\r\n", "a closed sending half");
    client.expect_closed();
}
