//! What is asked of the disk, in which order, and what follows when it fails.

use crate::aof::load::Loading;
use crate::boundary::{AppendError, Appended, ConnId, FileStep, Files, Input, Output, Stat, StepFailure};
use crate::job::{Job, Started};
use crate::testing::Bench;
use conn::Batch;

/// A disk that has nothing and takes everything.
struct Empty;

impl Files for Empty {
    fn stat(&mut self, _: &[u8]) -> Result<Option<Stat>, String> {
        Ok(None)
    }
    fn read(&mut self, _: &[u8], _: u64, _: usize) -> Result<Vec<u8>, String> {
        Ok(Vec::new())
    }
    fn take(&mut self, _: &[FileStep]) -> Result<Vec<u64>, StepFailure> {
        Ok(Vec::new())
    }
}

/// A server that appends, with one client.
fn bench(policy: &str) -> (Bench, ConnId) {
    let mut bench = Bench::new(&format!("appendonly yes\nappendfsync {policy}\n"));
    bench.with(|node, now| {
        assert!(node.survey_aof(now, &mut Empty).unwrap().is_none());
        node.open_aof(now, &mut Empty, None).unwrap();
    });
    let conn = bench.connect(0);
    bench.outputs.clear();
    (bench, conn)
}

/// What the node asked for, in letters: Append, Sync, sync aside (B), send, Log, Files, Child, eXit.
fn asked(bench: &mut Bench) -> String {
    let letter = |output: &Output| match output {
        Output::Append(_) => 'A',
        Output::Sync => 'S',
        Output::SyncAside => 'B',
        Output::Send(_) => 's',
        Output::Log(_) => 'L',
        Output::Files(_) => 'F',
        Output::Start(_) => 'C',
        Output::Exit(_) => 'X',
        _ => '?',
    };
    bench.outputs.drain(..).map(|output| letter(&output)).collect()
}

fn failed(bytes: &[u8]) -> Input {
    let error = AppendError { text: "No space left on device".into(), short: None, uncut: None };
    Input::Appended(Appended { bytes: bytes.to_vec(), written: 0, error: Some(error) })
}

fn appended(bytes: &[u8]) -> Input {
    Input::Appended(Appended { bytes: bytes.to_vec(), written: bytes.len(), error: None })
}

/// The bytes that were to be appended.
fn take_append(bench: &mut Bench) -> Vec<u8> {
    let found = bench.outputs.iter_mut().find_map(|output| match output {
        Output::Append(bytes) => Some(std::mem::take(bytes)),
        _ => None,
    });
    found.expect("something to append")
}

#[test]
fn one_sync_stands_before_all_the_replies_of_a_turn() {
    let (mut bench, first) = bench("always");
    let second = bench.connect(1);
    bench.outputs.clear();
    bench.with(|node, now| {
        for conn in [first, second] {
            let words: [&[u8]; 2] = [b"INCR", b"n"];
            let command = node.lexicon.names.resolve(&words[..]);
            node.requests(now, conn, &mut Batch::of_words(command, words));
        }
    });
    assert_eq!(asked(&mut bench), "ASss");
    bench.sent(first);
    bench.ask(first, &["GET n"]);
    assert_eq!(asked(&mut bench), "s", "what changes nothing is not written");
}

#[test]
fn a_promise_that_cannot_be_kept_is_not_made() {
    for fails_to_sync in [false, true] {
        let (mut bench, conn) = bench("always");
        bench.ask(conn, &["SET a 1"]);
        let bytes = take_append(&mut bench);
        bench.outputs.clear();
        // The reply is still waiting to be sent when the disk answers.
        bench.node.outputs.push_back(Output::Send(conn));
        bench.with(|node, now| match fails_to_sync {
            false => node.handle(now, failed(&bytes)),
            true => node.handle(now, Input::Synced(Err("Input/output error".into()))),
        });
        let asked = asked(&mut bench);
        assert_eq!(asked, "LX", "no reply, and no other try: a disk that is full stays so");
    }
}

#[test]
fn writes_are_refused_until_the_disk_takes_them_again() {
    let (mut bench, conn) = bench("everysec");
    bench.ask(conn, &["SET a 1"]);
    let bytes = take_append(&mut bench);
    bench.with(|node, now| node.handle(now, failed(&bytes)));
    let refusal = "-MISCONF Errors writing to the AOF file: No space left on device\r\n";
    assert_eq!(bench.ask(conn, &["SET a 2"]), refusal);
    assert_eq!(bench.ask(conn, &["PING"]), refusal);
    assert_eq!(bench.ask(conn, &["GET a"]), "$1\r\n1\r\n");
    bench.outputs.clear();
    bench.wait(1_000_000);
    let again = take_append(&mut bench);
    assert_eq!(again, bytes, "what could not be written is tried again");
    bench.with(|node, now| node.handle(now, appended(&again)));
    assert_eq!(bench.ask(conn, &["SET a 2"]), "+OK\r\n");
}

#[test]
fn a_write_waits_for_a_sync_for_two_seconds_at_most() {
    let (mut bench, conn) = bench("everysec");
    bench.ask(conn, &["SET a 1"]);
    let bytes = take_append(&mut bench);
    bench.outputs.clear();
    bench.mono_us += 1_500_000;
    bench.with(|node, now| node.handle(now, appended(&bytes)));
    assert_eq!(asked(&mut bench), "B");
    assert_eq!(bench.ask(conn, &["SET a 2"]), "+OK\r\n");
    assert_eq!(asked(&mut bench), "s", "the sync is under way");
    bench.wait(1_900_000);
    assert!(!asked(&mut bench).contains('A'));
    bench.wait(400_000);
    assert!(asked(&mut bench).contains('A'));
    assert!(bench.ask(conn, &["INFO persistence"]).contains("aof_delayed_fsync:1\r\n"));
}

/// A client writes so much that it is not synced while everything waits.
fn write_much(bench: &mut Bench, conn: ConnId) {
    bench.ask(conn, &[&format!("APPEND x {}", "a".repeat(100_000))]);
    let bytes = take_append(bench);
    bench.outputs.clear();
    bench.with(|node, now| node.handle(now, appended(&bytes)));
}

#[test]
fn a_rewrite_begins_when_little_is_left_to_be_synced() {
    let (mut bench, conn) = bench("no");
    let other = bench.connect(1);
    write_much(&mut bench, conn);
    let synced =
        |bench: &mut Bench, result| bench.with(|node, now| node.handle(now, Input::SyncedAside(result)));
    assert_eq!(bench.ask(conn, &["BGREWRITEAOF"]), "", "who asks hears of it when there is a child");
    assert_eq!(asked(&mut bench), "B");
    assert!(bench.ask(other, &["BGSAVE"]).starts_with("-ERR Another child process"));
    write_much(&mut bench, other);
    asked(&mut bench);
    synced(&mut bench, Ok(()));
    assert_eq!(asked(&mut bench), "B", "as much has come");
    bench.ask(other, &["APPEND x b"]);
    synced(&mut bench, Ok(()));
    assert_eq!(asked(&mut bench), "AsFC");
    let started = Started { pid: 1, micros: 1 };
    bench.with(|node, now| node.handle(now, Input::Started(Job::Rewrite, Ok(started))));
    assert_eq!(bench.sent(conn), "+Background append only file rewriting started\r\n");
}

#[test]
fn a_rewrite_does_not_wait_for_a_disk_that_is_slower_than_its_clients() {
    let (mut bench, conn) = bench("no");
    let other = bench.connect(1);
    write_much(&mut bench, conn);
    bench.ask(conn, &["BGREWRITEAOF"]);
    let mut rounds = 0;
    loop {
        write_much(&mut bench, other);
        asked(&mut bench);
        bench.with(|node, now| node.handle(now, Input::SyncedAside(Ok(()))));
        rounds += 1;
        match asked(&mut bench).as_str() {
            "B" => assert!(rounds < 10),
            begun => break assert_eq!((begun, rounds), ("FC", 4)),
        }
    }
}

#[test]
fn a_rewrite_that_waits_for_a_sync_may_not_come() {
    for fails in [true, false] {
        let (mut bench, conn) = bench("no");
        let other = bench.connect(1);
        write_much(&mut bench, conn);
        bench.ask(conn, &["BGREWRITEAOF"]);
        asked(&mut bench);
        if fails {
            bench.with(|node, now| node.handle(now, Input::SyncedAside(Err("Input/output error".into()))));
            assert!(bench.sent(conn).starts_with("-ERR Can't execute an AOF background rewriting"));
            assert!(bench.ask(conn, &["INFO persistence"]).contains("aof_last_bgrewrite_status:err\r\n"));
        } else {
            bench.ask(other, &["CONFIG SET appendonly no"]);
            assert_eq!(bench.sent(conn), "", "what waits behind does not run within another request");
            bench.with(|node, now| node.handle(now, Input::Filed(Ok(Vec::new()))));
            assert_eq!(bench.sent(conn), "+Background append only file rewriting started\r\n");
            bench.with(|node, now| node.handle(now, Input::SyncedAside(Ok(()))));
        }
        assert!(bench.ask(conn, &["INFO persistence"]).contains("aof_rewrite_in_progress:0\r\n"));
        assert!(!asked(&mut bench).contains('C'));
    }
}

/// A disk with one file that was appended to.
struct Holding(Vec<u8>);

impl Holding {
    fn text(&self, path: &[u8]) -> &[u8] {
        let is_manifest = path.ends_with(b".manifest");
        if is_manifest { b"file appendonly.aof.1.incr.aof seq 1 type i\n" } else { &self.0 }
    }
}

impl Files for Holding {
    fn stat(&mut self, path: &[u8]) -> Result<Option<Stat>, String> {
        let is_dir = path == b"appendonlydir";
        let is_there = is_dir || path.ends_with(b".manifest") || path.ends_with(b".incr.aof");
        Ok(is_there.then(|| Stat { len: self.text(path).len() as u64, is_dir }))
    }
    fn read(&mut self, path: &[u8], from: u64, most: usize) -> Result<Vec<u8>, String> {
        let rest = self.text(path).get(from as usize..).unwrap_or_default();
        Ok(rest[..rest.len().min(most)].to_vec())
    }
    fn take(&mut self, steps: &[FileStep]) -> Result<Vec<u64>, StepFailure> {
        assert!(!steps.iter().any(|step| matches!(step, FileStep::Truncate { .. })), "nothing is cut off");
        Ok(Vec::new())
    }
}

/// Takes a step of loading; answers whether there is more.
fn step(bench: &mut Bench, loading: &mut Loading, disk: &mut Holding) -> bool {
    bench.with(|node, now| loading.step(now, node, disk).unwrap())
}

#[test]
fn a_slow_script_in_a_file_lets_clients_hear_that_data_is_loaded() {
    let script = "redis.call('append', 'x', 'a') for i = 1, 3000000 do end redis.call('append', 'x', 'b')";
    let mut file = Vec::new();
    let mut write = |words: &[&str]| resp::command::push(&mut file, words.iter().map(|word| word.as_bytes()));
    write(&["EVAL", script, "0"]);
    write(&["APPEND", "x", "c"]);
    write(&["MULTI"]);
    write(&["EVAL", script, "0"]);
    write(&["APPEND", "x", "d"]);
    write(&["EXEC"]);
    write(&["APPEND", "x", "e"]);
    let mut disk = Holding(file);
    let mut bench = Bench::new("appendonly yes\nbusy-reply-threshold 5\n");
    let mut loading = bench.with(|node, now| node.survey_aof(now, &mut disk).unwrap().unwrap());
    let client = bench.connect(0);
    bench.tick = 1000;
    let mut waits = 0;
    while step(&mut bench, &mut loading, &mut disk) {
        if bench.node.scripting.is_slow() {
            waits += 1;
            assert!(bench.ask(client, &["PING"]).starts_with("-LOADING"));
            bench.with(|node, now| node.handle(now, Input::Timeout));
        }
    }
    assert!(waits > 2, "both scripts were put aside: {waits}");
    bench.tick = 0;
    bench.with(|node, now| node.open_aof(now, &mut disk, Some(&loading)).unwrap());
    assert_eq!(bench.ask(client, &["GET x"]), "$7\r\nabcabde\r\n");
}

#[test]
fn files_that_are_loaded_again_take_the_place_of_the_data() {
    let (mut bench, conn) = bench("no\nenable-debug-command yes");
    let other = bench.connect(1);
    bench.ask(conn, &["SET y 1"]);
    let mut disk = Holding(Vec::new());
    resp::command::push(&mut disk.0, [b"SET".as_slice(), b"x", b"1"].into_iter());
    assert_eq!(bench.ask(conn, &["DEBUG LOADAOF"]), "");
    let mut loading = bench.with(|node, now| {
        node.empty_for_reload(now);
        node.survey_aof(now, &mut disk).unwrap().unwrap()
    });
    assert!(bench.ask(other, &["GET x"]).starts_with("-LOADING"));
    while step(&mut bench, &mut loading, &mut disk) {}
    bench.with(|node, now| node.open_aof(now, &mut disk, Some(&loading)).unwrap());
    assert_eq!(bench.sent(conn), "+OK\r\n");
    assert_eq!(bench.ask(other, &["EXISTS x y"]), ":1\r\n");
}

#[test]
fn what_has_no_place_in_a_file_is_passed_over() {
    let mut disk = Holding(Vec::new());
    let strange: [&[&[u8]]; 5] =
        [&[b"DEBUG", b"LOADAOF"], &[b"SUBSCRIBE", b"x"], &[b"MONITOR"], &[b"SAVE"], &[b"SHUTDOWN"]];
    for words in strange {
        resp::command::push(&mut disk.0, words.iter().copied());
    }
    resp::command::push(&mut disk.0, [b"SET".as_slice(), b"x", b"1"].into_iter());
    let mut bench = Bench::new("appendonly yes\nenable-debug-command yes");
    let mut loading = bench.with(|node, now| node.survey_aof(now, &mut disk).unwrap().unwrap());
    let client = bench.connect(0);
    let mut steps = 0;
    while step(&mut bench, &mut loading, &mut disk) {
        steps += 1;
        assert!(steps < 10);
    }
    bench.with(|node, now| node.open_aof(now, &mut disk, Some(&loading)).unwrap());
    assert_eq!(bench.ask(client, &["GET x", "PUBLISH x y"]), "$1\r\n1\r\n:0\r\n");
    assert!(asked(&mut bench).chars().filter(|&letter| letter == 'L').count() >= strange.len());
}

#[test]
fn a_snapshot_that_ends_with_a_large_value_is_whole() {
    // Nothing that could be compressed.
    let mut rng = base::rng::Rng::seed(1);
    let value: String = (0..600_000).map(|_| char::from(b'!' + (rng.next_u64() >> 58) as u8)).collect();
    let (mut writer, conn) = bench("no");
    writer.ask(conn, &[&format!("SET x {value}")]);
    let mut disk = Holding(Vec::new());
    writer.with(|node, now| {
        let mut walk = node.snapshot(now, true);
        while walk.step(&node.data, &mut disk.0) {}
    });
    assert!(disk.0.len() > 400_000);
    let mut bench = Bench::new("appendonly yes\n");
    let mut loading = bench.with(|node, now| node.survey_aof(now, &mut disk).unwrap().unwrap());
    let client = bench.connect(0);
    while step(&mut bench, &mut loading, &mut disk) {}
    bench.with(|node, now| node.open_aof(now, &mut disk, Some(&loading)).unwrap());
    assert_eq!(bench.ask(client, &["STRLEN x"]), ":600000\r\n");
}
