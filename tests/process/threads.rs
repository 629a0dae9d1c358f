//! `io-threads`: other threads read and write, and nothing else is different.
//!
//! With `events-per-io-thread 0` the threads serve every connection; without it they do when that pays, which a test
//! cannot count on.

use crate::common::{Client, PATIENCE, Server, encode, pattern, shown};
use std::io::Write;
use std::time::Instant;

/// Two threads beside the main one, which serve everyone.
const THREADS: [&str; 4] = ["--io-threads", "3", "--events-per-io-thread", "0"];

fn threaded(more: &[&str]) -> Server {
    Server::start(&[&THREADS, more].concat())
}

/// A field of INFO.
fn info(client: &mut Client, field: &str) -> u64 {
    let text = text_of(&client.command(&["INFO", "everything"]));
    let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    line.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no number {field} in {text}"))
}

fn text_of(reply: &[u8]) -> String {
    String::from_utf8_lossy(reply).into_owned()
}

#[test]
fn threads_serve_a_crowd_and_info_says_so() {
    let server = threaded(&[]);
    let mut clients: Vec<Client> = (0..300).map(|_| server.client()).collect();
    for round in 0..5 {
        for (i, client) in clients.iter_mut().enumerate() {
            client.send(&encode(&["SET", &format!("key:{i}"), &(i * round).to_string()]));
            client.send(&encode(&["GET", &format!("key:{i}")]));
        }
        for (i, client) in clients.iter_mut().enumerate() {
            let text = (i * round).to_string();
            client.expect_bytes(format!("+OK\r\n${}\r\n{text}\r\n", text.len()).as_bytes(), "SET, GET");
        }
    }
    let admin = &mut clients[0];
    assert_eq!(info(admin, "io_threads_active"), 1);
    assert!(info(admin, "io_threaded_reads_processed") >= 1500);
    assert!(info(admin, "io_threaded_writes_processed") >= 1500);
    assert!(info(admin, "io_threaded_poll_processed") > 0);
    admin.check("CONFIG SET io-threads 1", "+OK\r\n");
    assert_eq!(info(admin, "io_threads_active"), 0);
    // Whoever asks now comes back to the main thread; behind that the threads read nothing more.
    for client in &mut clients {
        client.check("PING", "+PONG\r\n");
        client.check("PING", "+PONG\r\n");
    }
    let reads = info(&mut clients[0], "io_threaded_reads_processed");
    for client in &mut clients {
        client.check("PING", "+PONG\r\n");
    }
    assert_eq!(info(&mut clients[0], "io_threaded_reads_processed"), reads);
}

#[test]
fn one_thread_counts_nothing_for_threads_and_the_loop_for_itself() {
    let server = Server::start(&[]);
    let mut client = server.client();
    client.check("PING", "+PONG\r\n");
    assert_eq!(info(&mut client, "io_threads_active"), 0);
    assert_eq!(info(&mut client, "io_threaded_reads_processed"), 0);
    assert!(info(&mut client, "eventloop_cycles") > 0);
    assert!(info(&mut client, "eventloop_duration_sum") >= info(&mut client, "eventloop_duration_cmd_sum"));
}

#[test]
fn a_pipeline_stays_in_order_while_its_connection_moves() {
    const COUNT: usize = 30_000;
    let server = threaded(&[]);
    let (mut client, mut admin) = (server.client(), server.client());
    let requests: Vec<u8> = (0..COUNT).flat_map(|i| encode(&["ECHO", &i.to_string()])).collect();
    let mut writer = client.socket().try_clone().unwrap();
    let sending = std::thread::spawn(move || {
        for piece in requests.chunks(5000) {
            writer.write_all(piece).unwrap();
        }
    });
    for i in 0..COUNT {
        if i % 50 == 0 {
            admin.check(&format!("CONFIG SET io-threads {}", [1, 3, 2][i / 50 % 3]), "+OK\r\n");
        }
        let text = i.to_string();
        client.expect_bytes(format!("${}\r\n{text}\r\n", text.len()).as_bytes(), &text);
    }
    sending.join().unwrap();
}

#[test]
fn one_client_too_many_is_turned_away() {
    let server = threaded(&["--maxclients", "2"]);
    let mut first = server.client();
    let deadline = Instant::now() + PATIENCE;
    // The one that saw whether the server answers may not be gone yet.
    while info(&mut first, "connected_clients") > 1 {
        assert!(Instant::now() < deadline, "it is still there");
    }
    let mut second = server.client();
    second.check("PING", "+PONG\r\n");
    let mut third = server.client();
    third.expect_bytes(b"-ERR max number of clients reached\r\n", "a third connection");
    third.expect_closed();
}

#[test]
fn what_a_thread_has_not_sent_yet_counts_as_output() {
    let server = threaded(&[]);
    let (mut admin, mut silent) = (server.client(), server.client());
    admin.command(&[&b"SET"[..], b"big", &pattern(30 << 20)]);
    silent.check("CLIENT SETNAME silent", "+OK\r\n");
    silent.send(&encode(&["GET", "big"]));
    let deadline = Instant::now() + PATIENCE;
    loop {
        let list = text_of(&admin.command(&["CLIENT", "LIST"]));
        let line = list.lines().find(|line| line.contains("name=silent")).expect("its line");
        let omem = line.split(' ').find_map(|word| word.strip_prefix("omem=")?.parse().ok()).unwrap_or(0);
        if omem > 10 << 20 {
            break;
        }
        assert!(Instant::now() < deadline, "no output is counted in {line}");
    }
    admin.command(&["CONFIG", "SET", "client-output-buffer-limit", "normal 1mb 0 0"]);
    silent.send(&encode(&["PING"]));
    while info(&mut admin, "client_output_buffer_limit_disconnections") == 0 {
        assert!(Instant::now() < deadline, "the client is not closed");
    }
}

#[test]
fn a_blocked_client_may_go_on_sending() {
    for settings in [&[][..], &THREADS] {
        let server = Server::start(&[settings, &["--client-query-buffer-limit", "1mb"]].concat());
        let mut client = server.client();
        client.send(&encode(&["WAIT", "1", "300"]));
        let value = pattern(1000);
        let request = encode(&[&b"ECHO"[..], &value]);
        let mut writer = client.socket().try_clone().unwrap();
        let sending =
            std::thread::spawn(move || (0..20_000).for_each(|_| writer.write_all(&request).unwrap()));
        client.expect_bytes(b":0\r\n", "WAIT");
        let reply = [b"$1000\r\n", &value[..], b"\r\n"].concat();
        for _ in 0..20_000 {
            client.expect_bytes(&reply, "ECHO");
        }
        sending.join().unwrap();
    }
}

#[test]
fn a_client_that_leaves_while_blocked_is_forgotten() {
    for settings in [&[][..], &THREADS] {
        let server = Server::start(settings);
        let (mut admin, mut client) = (server.client(), server.client());
        client.send(&encode(&["WAIT", "1", "0"]));
        // More than is read while it is blocked, and little enough for the end of the stream to reach the server.
        client.send(&encode(&["ECHO", &"x".repeat(1000)]).repeat(90));
        drop(client);
        let deadline = Instant::now() + PATIENCE;
        while info(&mut admin, "connected_clients") > 1 {
            assert!(Instant::now() < deadline, "it is still there");
        }
    }
}

#[test]
fn the_end_comes_with_connections_everywhere() {
    let mut server = threaded(&["--save", ""]);
    let mut clients: Vec<Client> = (0..50).map(|_| server.client()).collect();
    for client in &mut clients {
        client.check("PING", "+PONG\r\n");
    }
    for client in &mut clients {
        client.send(&encode(&["PING"]).repeat(100));
    }
    clients[0].send(&encode(&["SHUTDOWN", "NOSAVE"]));
    assert_eq!(server.wait().code(), Some(0));
    clients[0].expect_bytes(&b"+PONG\r\n".repeat(100), "what it asked before the end");
    clients[0].expect_closed();
    assert!(!shown(server.log().as_bytes()).contains("panicked"));
}
