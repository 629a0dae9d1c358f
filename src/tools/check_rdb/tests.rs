//! The checker as its users see it.

use super::*;
use rdb::snapshot::{Plan, Snapshot};

fn parsed(words: &[&str]) -> Request {
    Options::parse(&words.iter().map(|word| word.as_bytes().to_vec()).collect::<Vec<_>>())
}

/// What is said of a file, and whether it is sound.
fn said(file: &[u8], words: &[&str]) -> (String, bool) {
    let Request::Check(options) = parsed(&[&["valkey-check-rdb", "dump.rdb"], words].concat()) else {
        panic!("{words:?}")
    };
    let mut checker = Checker::new(&options, 1_700_000_000_000);
    let mut out = Vec::new();
    checker.begin(&mut out).unwrap();
    let sound = checker.check(&mut &*file, &mut out).unwrap();
    checker.end(sound, &mut out).unwrap();
    if checker.has_report() {
        checker.report(&mut out).unwrap();
    }
    (String::from_utf8(out).unwrap(), sound)
}

/// A file with a string that has expired, a list and a sorted set, in database 1.
fn file() -> Vec<u8> {
    let body = b"VALKEY080\xfa\x0avalkey-ver\x059.0.4\xfe\x01\xfb\x03\x01\
                 \xfc\x01\0\0\0\0\0\0\0\x00\x03key\xc0\x7b\
                 \x01\x04list\x02\x01a\x02bc\
                 \x05\x04zset\x01\x02mm\0\0\0\0\0\0\xf8\x3f\xff";
    let mut file = body.to_vec();
    file.extend(base::crc64::crc64(body).to_le_bytes());
    file
}

#[test]
fn a_sound_file_is_told_step_by_step() {
    let (text, sound) = said(&file(), &[]);
    assert!(sound);
    let expected = "[offset 0] Checking RDB file dump.rdb
[offset 27] AUX FIELD valkey-ver = '9.0.4'
[offset 29] Selecting DB ID 1
[offset 87] Checksum OK
[offset 87] Check RDB returned error code 0 (0 means success)
[offset 87] \\o/ RDB looks OK! \\o/
[info] 3 keys read
[info] 1 expires
[info] 1 already expired
[info] 0 functions
";
    assert_eq!(text, expected);
}

#[test]
fn figures_come_in_three_layouts() {
    let (info, _) = said(&file(), &["--stats", "--format", "info"]);
    for line in [
        "[info] db.0.type.string.keys.total:0",
        "[info] db.1.type.string.keys.total:1",
        "[info] db.1.type.string.already_expired.total:1",
        "[info] db.1.type.string.elements.size:3",
        "[info] db.1.type.list.elements.total:2",
        "[info] db.1.type.list.elements.num.avg:2.00",
        "[info] db.1.type.list.elements.size.p99:2.00",
        "[info] db.1.type.list.elements.size.p50:1.00",
        "[info] db.1.type.zset.elements.size:5",
    ] {
        assert!(info.lines().any(|said| said == line), "{line} in {info}");
    }
    let (csv, _) = said(&file(), &["--format", "csv", "--stats"]);
    assert!(csv.contains("db.1.keys.total,1,1,0,1,0,0,0\n"), "{csv}");
    let (table, _) = said(&file(), &["--stats"]);
    assert!(
        table
            .contains("db.1.type.name                \tstring\tlist \tset  \tzset \thash \tmodule\tstream\n")
    );
}

#[test]
fn damage_is_told_with_its_place() {
    let mut broken = file();
    let last = broken.len() - 1;
    broken[last] ^= 1;
    let (text, sound) = said(&broken, &[]);
    assert!(!sound && text.contains("--- RDB ERROR DETECTED ---\n[offset 87] RDB CRC error\n"), "{text}");
    assert!(text.contains("[additional info] While doing: check-sum\n"));
    assert!(text.ends_with("Check RDB returned error code 1 (0 means success)\n"));
    let (text, _) = said(&file()[..70], &[]);
    assert!(text.contains("Unexpected EOF reading RDB file"), "{text}");
    assert!(
        text.contains("While doing: read-object-value\n[additional info] Reading key 'zset'\n"),
        "{text}"
    );
    assert!(text.contains("Reading type 5 (zset-v2)\n"));
    let (text, _) = said(b"REDIS0075\x96", &[]);
    assert!(text.contains("[offset 9] Foreign RDB version 75 detected\n"), "{text}");
    assert!(
        text.contains("[offset 10] Unknown object type 150 in RDB file with foreign version 75"),
        "{text}"
    );
    let (text, _) = said(b"hello, world", &[]);
    assert!(text.contains("[offset 9] Wrong signature trying to load DB from file\n"), "{text}");
    assert!(text.contains("While doing: start"));
}

#[test]
fn what_a_server_writes_is_sound() {
    let plan = Plan {
        version: "9.0.4",
        now_s: 0,
        used_memory: 0,
        history: None,
        aof_base: false,
        compress: true,
        checksum: false,
        access: false,
        haltingly: false,
    };
    let clock = keyspace::AccessClock { lfu: false, log_factor: 10, decay_minutes: 1, seconds: 0 };
    let data = keyspace::Keyspace::new(1, siphash::Key::new(1, 2), false, clock);
    let mut walk = Snapshot::new(&plan, [&b"#!lua name=a"[..]].into_iter());
    let mut file = Vec::new();
    while walk.step(&data, &mut file) {}
    let (text, sound) = said(&file, &[]);
    assert!(sound && text.contains("[info] 1 functions\n") && text.contains("checksum disabled"), "{text}");
}

#[test]
fn the_command_line() {
    assert_eq!(parsed(&["x", "-v"]), Request::Version);
    for words in
        [&["x"][..], &["x", "file", "--format"], &["x", "file", "--format", "xml"], &["x", "file", "y"]]
    {
        assert!(matches!(parsed(words), Request::Usage(_)), "{words:?}");
    }
    let Request::Check(options) = parsed(&["x", "file", "--output", "there", "--stats"]) else { panic!() };
    assert!(options.stats && options.output() == Some(std::path::Path::new("there")));
}
