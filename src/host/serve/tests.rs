//! A whole server in this process, asked through a socket: the inline loop and the threads must be told apart by nothing.

use super::Server;
use crate::clock::Clock;
use crate::listen::Listeners;
use crate::signals::Signals;
use base::rng::Rng;
use config::{Config, NoSurroundings};
use node::Node;
use node::node::{Boot, Process};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Serves while `clients` runs, then ends by a signal, as a process would.
fn serving(name: &str, settings: &str, clients: impl Fn(&PathBuf) + Sync) {
    let path = std::env::temp_dir().join(format!("host-{name}-{}.sock", std::process::id()));
    let mut config = Config::default();
    let text = format!("port 0\nsave \"\"\nloglevel nothing\nunixsocket {}\n{settings}", path.display());
    config.load(text.as_bytes(), &mut NoSurroundings).unwrap();
    let listeners = Listeners::open(&config).unwrap();
    let (mut signal, pipe) = mio::unix::pipe::new().unwrap();
    thread::scope(|scope| {
        let server = scope.spawn(move || {
            let clock = Clock::start();
            let node = Node::new(Boot { config, seed: 1, process: Process::default() }, clock.now());
            Server::new(node, clock, listeners, Signals { pipe }, crate::standing::Standing::default())
                .unwrap()
                .run()
                .unwrap()
        });
        clients(&path);
        signal.write_all(&[libc::SIGTERM as u8]).unwrap();
        assert_eq!(server.join().unwrap(), 0);
    });
    std::fs::remove_file(path).unwrap();
}

fn request(words: &[&[u8]]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        bytes.extend(format!("${}\r\n", word.len()).into_bytes());
        bytes.extend_from_slice(word);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

fn bulk(value: Option<&Vec<u8>>) -> Vec<u8> {
    let Some(value) = value else { return b"$-1\r\n".to_vec() };
    [format!("${}\r\n", value.len()).as_bytes(), value, b"\r\n"].concat()
}

/// Sends pipelines of writes and reads of its own keys, cut anywhere, and checks every byte that comes back.
fn converse(path: &PathBuf, who: u64) {
    let mut stream = UnixStream::connect(path).unwrap();
    let (mut rng, mut model) = (Rng::seed(who), BTreeMap::new());
    for _ in 0..20 {
        let (mut asked, mut expected) = (Vec::new(), Vec::new());
        for _ in 0..=rng.next_u64() % 200 {
            let key = format!("{who}:{}", rng.next_u64() % 10).into_bytes();
            if rng.next_u64() % 2 == 0 {
                asked.extend(request(&[b"GET", &key]));
                expected.extend(bulk(model.get(&key)));
                continue;
            }
            // A few values are so large that they are received and sent apart from the rest.
            let length = if rng.next_u64() % 50 == 0 { 100_000 } else { rng.next_u64() % 100 };
            let value = vec![b'a' + (rng.next_u64() % 26) as u8; length as usize];
            asked.extend(request(&[b"SET", &key, &value]));
            expected.extend(b"+OK\r\n");
            model.insert(key, value);
        }
        thread::scope(|scope| {
            let mut writing = stream.try_clone().unwrap();
            scope.spawn(move || {
                while !asked.is_empty() {
                    let cut = asked.len().min(1 + (rng.next_u64() % 30_000) as usize);
                    writing.write_all(&asked[..cut]).unwrap();
                    asked.drain(..cut);
                }
            });
            let mut got = vec![0; expected.len()];
            stream.read_exact(&mut got).unwrap();
            assert!(got == expected, "client {who} was answered wrongly");
        });
        rng = Rng::seed(who.wrapping_mul(31) ^ model.len() as u64 ^ expected.len() as u64);
    }
}

/// A client that is sent away hears the last reply before the connection ends.
fn leave(path: &PathBuf, last: &[u8], farewell: &[u8]) {
    let mut stream = UnixStream::connect(path).unwrap();
    let mut asked = request(&[b"ECHO", b"here"]).repeat(100);
    asked.extend_from_slice(last);
    stream.write_all(&asked).unwrap();
    let mut got = Vec::new();
    stream.read_to_end(&mut got).unwrap();
    assert_eq!(got, [b"$4\r\nhere\r\n".repeat(100).as_slice(), farewell].concat());
}

fn everyone(path: &PathBuf) {
    thread::scope(|scope| {
        for who in 0..20 {
            scope.spawn(move || converse(path, who));
        }
        for _ in 0..20 {
            scope.spawn(|| leave(path, &request(&[b"QUIT"]), b"+OK\r\n"));
            // Gone in the middle of a request: nobody answers, and nothing breaks.
            scope.spawn(|| UnixStream::connect(path).unwrap().write_all(b"*2\r\n$3\r\nGET\r\n$1").unwrap());
        }
    });
}

#[test]
fn one_thread_answers_everyone_in_order() {
    serving("inline", "io-threads 1", everyone);
}

#[test]
fn workers_answer_everyone_in_order() {
    serving("workers", "io-threads 3\nevents-per-io-thread 0", everyone);
}

/// Changes the number of threads again and again until told to stop, so that connections move in the middle of everything.
fn stir(path: &PathBuf, stop: &AtomicBool) {
    let mut stream = UnixStream::connect(path).unwrap();
    for count in ["1", "3", "2", "4"].iter().cycle() {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        stream.write_all(&request(&[b"CONFIG", b"SET", b"io-threads", count.as_bytes()])).unwrap();
        let mut got = [0; 5];
        stream.read_exact(&mut got).unwrap();
        assert_eq!(&got, b"+OK\r\n");
    }
}

#[test]
fn connections_that_move_are_answered_in_order() {
    serving("moving", "io-threads 3\nevents-per-io-thread 0", |path| {
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| stir(path, &stop));
            everyone(path);
            stop.store(true, Ordering::Relaxed);
        });
    });
}

#[test]
fn a_worker_reads_on_once_a_client_has_authenticated() {
    serving("auth", "io-threads 2\nevents-per-io-thread 0\nrequirepass secret", |path| {
        let mut stream = UnixStream::connect(path).unwrap();
        let early = b"PING\r\n".repeat(300);
        let late = [b"AUTH secret\r\n".as_slice(), &b"PING\r\n".repeat(300)].concat();
        stream.write_all(&[early, late].concat()).unwrap();
        let refused = b"-NOAUTH Authentication required.\r\n".repeat(300);
        let expected = [refused.as_slice(), b"+OK\r\n", &b"+PONG\r\n".repeat(300)].concat();
        let mut got = vec![0; expected.len()];
        stream.read_exact(&mut got).unwrap();
        assert!(got == expected);
    });
}

#[test]
fn a_slow_reader_gets_everything() {
    for settings in ["io-threads 1", "io-threads 2\nevents-per-io-thread 0"] {
        serving("slow", settings, |path| {
            let mut stream = UnixStream::connect(path).unwrap();
            let value = vec![b'v'; 1_000_000];
            stream.write_all(&request(&[b"SET", b"big", &value])).unwrap();
            // Far more than a socket holds is asked for before the first byte is read.
            stream.write_all(&request(&[b"GET", b"big"]).repeat(20)).unwrap();
            let expected = [b"+OK\r\n".to_vec(), bulk(Some(&value)).repeat(20)].concat();
            let mut got = vec![0; expected.len()];
            stream.read_exact(&mut got).unwrap();
            assert!(got == expected);
        });
    }
}
