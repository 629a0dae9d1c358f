//! Fields that expire, in millions, beside a reference: how soon they are gone, what that costs, and who notices.
//!
//! ```text
//! REFERENCE_SERVER=/path/to/valkey-server cargo bench --bench fields -- [FIELDS [HASHES,HASHES,... [HEAD_START]]]
//! ```
//!
//! *Burst*: so many fields (10 million, or what is given), spread over so many hashes, are given times that spread over one
//! minute. From its beginning on a client reads a key in a closed loop. Told are the delay of the last field that goes, the
//! share of time that the expiry cycle took (as the server counts it), and the latencies of the reader. All must be there
//! before the first is due: how long that takes is found out by loading a fiftieth first, unless the head start is given, in
//! seconds.
//!
//! *Stream*: HSETEX at 300,000 a second with a time to live of ten seconds, for half a minute; told is the memory in use,
//! second by second, which must level off as soon as the first are gone.
//!
//! Each server takes about six minutes. SERVER_BINARY replaces our own build. With `--test` everything is small.
#![allow(clippy::disallowed_methods, clippy::print_stdout)] // it drives processes, through sockets, by the clock

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How large everything is.
#[derive(Clone, Copy)]
struct Scale {
    fields: u64,
    /// Over how many milliseconds their times spread.
    spread_ms: u64,
    /// How long after the loading begins the first of them comes, if it is known how long the loading takes.
    head_start_ms: Option<u64>,
    stream_seconds: usize,
}

/// With `--test`: only to see that it runs.
const SMOKE: Scale = Scale { fields: 2_000, spread_ms: 300, head_start_ms: Some(500), stream_seconds: 1 };
const FULL: Scale = Scale { fields: 10_000_000, spread_ms: 60_000, head_start_ms: None, stream_seconds: 30 };

const STREAM_BATCH: usize = 3000;
const PAUSE: Duration = Duration::from_millis(10);
/// When the memory of the stream must have levelled off: the first second that sees fields go, and some grace.
const LEVEL_FROM: usize = 13;

fn main() {
    let mut numbers = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let mut scale = if std::env::args().any(|argument| argument == "--test") { SMOKE } else { FULL };
    if let Some(fields) = numbers.next().and_then(|text| text.parse().ok()) {
        scale.fields = fields;
    }
    let hashes = numbers.next().unwrap_or_else(|| "1,1000,100000".to_owned());
    if let Some(seconds) = numbers.next().and_then(|text| text.parse::<u64>().ok()) {
        scale.head_start_ms = Some(seconds * 1000);
    }
    let ours =
        std::env::var("SERVER_BINARY").unwrap_or_else(|_| env!("CARGO_BIN_EXE_valkey-server").to_owned());
    let servers =
        [Some(("ours", ours)), std::env::var("REFERENCE_SERVER").ok().map(|path| ("reference", path))];
    for (name, path) in servers.into_iter().flatten() {
        for hashes in hashes.split(',').filter_map(|text| text.parse().ok()) {
            burst(name, &Server::start(&path), scale, hashes);
        }
        stream(name, &Server::start(&path), scale.stream_seconds);
    }
}

/// A server process, ended with the test.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(path: &str) -> Server {
        let port = free_port();
        let mut command = Command::new(path);
        command.args(["--port", &port.to_string(), "--save", "", "--dir", "/tmp"]).stdout(Stdio::null());
        let child = command.spawn().unwrap_or_else(|error| panic!("{path}: {error}"));
        let server = Server { child, port };
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::sleep(PAUSE);
        }
        server
    }

    fn connect(&self) -> Client {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        Client { stream }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

struct Client {
    stream: TcpStream,
}

impl Client {
    /// Sends requests whose replies are a line each, and waits for all of these.
    fn pipeline(&mut self, requests: &[u8], mut replies: usize) {
        let mut reader = self.stream.try_clone().expect("a socket");
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut buffer = [0; 65536];
                while replies > 0 {
                    let len = reader.read(&mut buffer).expect("replies");
                    assert!(len > 0, "the server hung up");
                    replies -= buffer[..len].iter().filter(|&&byte| byte == b'\n').count();
                }
            });
            self.stream.write_all(requests).expect("the server reads");
        });
    }

    /// A number that INFO shows under a name.
    fn figure(&mut self, section: &str, name: &str) -> u64 {
        self.stream.write_all(format!("INFO {section}\r\n").as_bytes()).expect("the server reads");
        let mut text = Vec::new();
        let mut buffer = [0; 65536];
        loop {
            let len = self.stream.read(&mut buffer).expect("a reply");
            text.extend_from_slice(&buffer[..len]);
            let head = text.iter().position(|&byte| byte == b'\n');
            let whole = head.and_then(|at| std::str::from_utf8(&text[1..at - 1]).ok()?.parse::<usize>().ok());
            if let (Some(head), Some(whole)) = (head, whole)
                && text.len() >= head + 1 + whole + 2
            {
                break;
            }
        }
        let text = String::from_utf8_lossy(&text);
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        value.and_then(|value| value.parse().ok()).unwrap_or(0)
    }
}

fn unix_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

fn push_hsetex(out: &mut Vec<u8>, hash: u64, field: u64, option: &str, time: u64) {
    let (hash, field, time) = (format!("hash:{hash:08}"), format!("field:{field:010}"), time.to_string());
    let words = ["HSETEX", &hash, option, &time, "FIELDS", "1", &field, "value:0123456789"];
    out.extend(format!("*{}\r\n", words.len()).bytes());
    for word in words {
        out.extend(format!("${}\r\n{word}\r\n", word.len()).bytes());
    }
}

/// Loads fields whose times begin at a moment. Answers how many milliseconds that took.
fn load(client: &mut Client, fields: u64, hashes: u64, begin: u64, spread_ms: u64) -> u64 {
    let started = Instant::now();
    let mut requests = Vec::new();
    for field in 0..fields {
        let spread = field.wrapping_mul(0x9e37_79b9_7f4a_7c15) % spread_ms;
        push_hsetex(&mut requests, field % hashes, field, "PXAT", begin + spread);
        if (field + 1) % 10_000 == 0 || field + 1 == fields {
            let count = (field % 10_000 + 1) as usize;
            client.pipeline(&requests, count);
            requests.clear();
        }
    }
    started.elapsed().as_millis() as u64
}

/// How long after now the first field is due, so that all are there before: half as long again as the loading should take.
fn head_start(client: &mut Client, scale: Scale, hashes: u64) -> u64 {
    scale.head_start_ms.unwrap_or_else(|| {
        let took = load(client, scale.fields.div_ceil(50), hashes, unix_ms() + 3_600_000, scale.spread_ms);
        client.pipeline(b"FLUSHALL\r\n", 1);
        2000 + took * 75
    })
}

fn burst(name: &str, server: &Server, scale: Scale, hashes: u64) {
    let Scale { fields, spread_ms, .. } = scale;
    let mut client = server.connect();
    let begin = head_start(&mut client, scale, hashes) + unix_ms();
    client.pipeline(b"SET key value\r\n", 1);
    load(&mut client, fields, hashes, begin, spread_ms);
    let late = unix_ms().saturating_sub(begin);
    let memory = client.figure("memory", "used_memory");
    std::thread::sleep(Duration::from_millis(begin.saturating_sub(unix_ms())));

    let (before, started, over) =
        (client.figure("stats", "expire_cycle_cpu_milliseconds"), Instant::now(), AtomicBool::new(false));
    let (latencies, gone) = std::thread::scope(|scope| {
        let reader = scope.spawn(|| read_until(server.connect(), &over));
        while client.figure("stats", "expired_fields") < fields && unix_ms() < begin + 10 * spread_ms {
            std::thread::sleep(PAUSE);
        }
        let gone = unix_ms();
        over.store(true, Ordering::Relaxed);
        (reader.join().expect("a reader"), gone)
    });
    let spent = client.figure("stats", "expire_cycle_cpu_milliseconds") - before;
    println!(
        "{name}: {fields} fields in {hashes} hashes, {} bytes each: the last gone {} ms after its time, expiry took \
         {:.1} % of the time; {} GETs, p50 {} us, p99.9 {} us, longest {} us{}",
        memory / fields,
        gone as i64 - (begin + spread_ms) as i64,
        100.0 * spent as f64 / started.elapsed().as_millis() as f64,
        latencies.len(),
        latencies[latencies.len() / 2],
        latencies[latencies.len() * 999 / 1000],
        latencies[latencies.len() - 1],
        if late > 0 { format!(" (loading took {late} ms too long)") } else { String::new() },
    );
}

/// Reads a key over and over. Answers how long each time took, in microseconds, sorted.
fn read_until(mut client: Client, over: &AtomicBool) -> Vec<u64> {
    let mut latencies = Vec::new();
    let mut reply = [0; 64];
    while !over.load(Ordering::Relaxed) {
        let start = Instant::now();
        client.stream.write_all(b"GET key\r\n").expect("the server reads");
        let mut len = 0;
        while len < b"$5\r\nvalue\r\n".len() {
            len += client.stream.read(&mut reply[len..]).expect("a reply");
        }
        latencies.push(start.elapsed().as_micros() as u64);
        std::thread::sleep(Duration::from_micros(100));
    }
    latencies.sort_unstable();
    latencies
}

fn stream(name: &str, server: &Server, seconds: usize) {
    let (mut client, mut other) = (server.connect(), server.connect());
    let (started, mut sent, mut memory) = (Instant::now(), 0, Vec::new());
    let mut requests = Vec::new();
    while memory.len() < seconds {
        requests.clear();
        for _ in 0..STREAM_BATCH {
            push_hsetex(&mut requests, 0, sent, "EX", 10);
            sent += 1;
        }
        client.pipeline(&requests, STREAM_BATCH);
        let due = Duration::from_micros(sent * 10_000_000 / 3_000_000);
        std::thread::sleep(due.saturating_sub(started.elapsed()));
        if started.elapsed().as_secs() as usize > memory.len() {
            memory.push(other.figure("memory", "used_memory") >> 20);
        }
    }
    let rate = sent as f64 / started.elapsed().as_secs_f64();
    println!("{name}: {rate:.0} HSETEX a second for {seconds} s, memory in MB by the second: {memory:?}");
    if let Some(level) = memory.get(LEVEL_FROM..) {
        let (least, most) = (level.iter().min().unwrap_or(&0), level.iter().max().unwrap_or(&0));
        println!("{name}: from second {LEVEL_FROM} on between {least} and {most} MB");
    }
}
