//! Files that change hands: what the reference wrote is loaded by our server, and the other way round. Both say the same
//! digest of all data, and of each key the same type, encoding, time and, where it has an order, the same dump.
//!
//! Once with data of one key for each case, held against what the writer said of it; and with drawn data (`drawn`, `KEYS`
//! keys from `SEED`), whose files both servers load, be it a snapshot or append-only files of either form.

use crate::common::{self, Client, Server, binary, new_folder, shown};
use crate::pair::{self, Command, Pair};
use crate::words::Draw;
use crate::{drawn, number, state};
use std::fs;
use std::path::{Path, PathBuf};

/// Commands that make every type in every encoding, with times and without.
fn data() -> Vec<Vec<String>> {
    let mut commands: Vec<Vec<String>> = Vec::new();
    let mut add = |line: &str| commands.push(line.split(' ').map(str::to_owned).collect());
    let long = "x".repeat(5000);
    for line in [
        "SET int 12345",
        "SET negative -2147483648",
        "SET large 9223372036854775807",
        "SET text hello",
        // A short string that is "raw" would be "embstr" once it is loaded.
        "APPEND raw something-that-is-longer-than-forty-four-bytes-from-the-start",
        "APPEND raw thing",
        "SET empty-not e PX 100000000",
        "SETBIT bits 10000 1",
        "PFADD log a b c d e f g h i j k l m n o p q r s t",
        "RPUSH list:small a 1 -5 300 70000 5000000000",
        "RPUSH list:1 x",
        "SADD set:ints 1 2 3",
        "SADD set:wide 1 70000 5000000000",
        "SADD set:pack a b 1 2",
        "HSET hash:pack a 1 b 2 c three",
        "HSET hash:timed a 1 b 2 c 3",
        "HPEXPIREAT hash:timed 4102444800000 FIELDS 2 a c",
        "ZADD zset:pack 1 a 2.5 b -inf c inf d 1e300 e",
        "GEOADD places 13.361389 38.115556 palermo 15.087269 37.502669 catania",
        "XADD stream 1-1 a 1 b 2",
        "XADD stream 1-2 a 3 b 4",
        "XADD stream 2-0 other field",
        "XADD stream 3-0 a 5 b 6",
        "XDEL stream 1-2",
        "XGROUP CREATE stream group 0",
        "XGROUP CREATE stream late $",
        "XREADGROUP GROUP group alice COUNT 2 STREAMS stream >",
        "XACK stream group 1-1",
        "XGROUP CREATECONSUMER stream group bob",
        "XADD stream:empty 1-1 a 1",
        "XDEL stream:empty 1-1",
        "SELECT 9",
        "SET elsewhere 1",
        "EXPIREAT elsewhere 4102444800",
        "SELECT 0",
    ] {
        add(line);
    }
    add(&format!("SET compressible {long}"));
    add(&format!("RPUSH list:plain a {long} b"));
    add(&format!("SADD set:long {long} b"));
    add(&format!("HSET hash:long field {long}"));
    add(&format!("ZADD zset:long 1.25 {long}"));
    add(&format!("XADD stream:long 1-1 field {long}"));
    for number in 0..700 {
        add(&format!("RPUSH list:quick item:{number} {number}"));
        add(&format!("SADD set:table member:{number}"));
        add(&format!("SADD set:manyints {}", number % 400 * 3));
        add(&format!("HSET hash:table field:{number} {number}"));
        add(&format!("ZADD zset:skiplist {}.5 member:{number}", number % 50));
        add(&format!("XADD stream:large {}-1 field {number} same value", number + 1));
        add(&format!("SET key:{number} value:{number}"));
    }
    commands
}

fn ask(client: &mut Client, words: &[&str]) -> Vec<u8> {
    client.command(words)
}

/// Everything that can be said of the keys of a server.
fn description(client: &mut Client) -> Vec<String> {
    let mut lines = vec![shown(&ask(client, &["DEBUG", "DIGEST"]))];
    for database in ["0", "9"] {
        ask(client, &["SELECT", database]);
        let keys = String::from_utf8_lossy(&ask(client, &["KEYS", "*"])).into_owned();
        let mut keys: Vec<&str> =
            keys.split("\r\n").filter(|line| !line.starts_with(['$', '*']) && !line.is_empty()).collect();
        keys.sort_unstable();
        for key in keys {
            for question in [&["TYPE"][..], &["OBJECT", "ENCODING"], &["PEXPIRETIME"]] {
                // A string that was edited is called "raw" until it is loaded again.
                if question[0] == "OBJECT" && ["raw", "log", "bits"].contains(&key) {
                    continue;
                }
                let reply = ask(client, &[question, &[key]].concat());
                lines.push(format!("{} {key}: {}", question[0], shown(&reply)));
            }
            // Tables have an order of their own in each server.
            let ordered = !["set:table", "set:manyints", "hash:table", "set:long", "hash:long", "hash:timed"]
                .contains(&key);
            if ordered {
                let reply = ask(client, &["DUMP", key]);
                lines.push(format!("DUMP {key}: {}", shown(&reply)));
            }
        }
    }
    ask(client, &["SELECT", "0"]);
    lines
}

/// One server writes, in its folder; another loads what it wrote.
fn hand_over(from: &Path, to: &Path) {
    const SETTINGS: [&str; 6] =
        ["--enable-debug-command", "yes", "--rdb-version-check", "relaxed", "--save", ""];
    let first = Server::start_binary(from, &SETTINGS);
    let mut client = first.client();
    for command in data() {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let reply = ask(&mut client, &words);
        assert!(!reply.starts_with(b"-"), "{}: {}", command.join(" "), shown(&reply));
    }
    let before = description(&mut client);
    assert_eq!(ask(&mut client, &["SAVE"]), b"+OK\r\n");
    let folder = first.folder().to_str().expect("a path of plain letters").to_owned();
    let second = Server::start_binary(to, &[&SETTINGS[..], &["--dir", &folder]].concat());
    let after = description(&mut second.client());
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after, "{} to {}", from.display(), to.display());
    }
    assert_eq!(before.len(), after.len());
}

#[test]
fn files_change_hands_in_both_directions() {
    let Some(reference) = common::reference() else {
        println!("skipped: REFERENCE_SERVER names no server to compare with");
        return;
    };
    hand_over(&reference, &binary());
    hand_over(&binary(), &reference);
}

/// How many keys are drawn.
const USUAL_KEYS: u64 = 60;

fn drawn_data() -> Vec<Command> {
    drawn::data(&mut Draw::new(number("SEED", 1)), number("KEYS", USUAL_KEYS) as usize)
}

#[test]
fn drawn_data_is_dumped_and_restored_in_both_directions() {
    let Some(reference) = common::reference() else { return };
    let mut pair = Pair::start(&reference, "2");
    if !pair.same_version {
        return;
    }
    for command in drawn_data() {
        if let Err(difference) = pair.send(&command)
            && !command[0].starts_with(b"XREADGROUP")
        {
            panic!("{difference}");
        }
    }
    if let Err(difference) = state::compare(&mut pair, &|_| false) {
        panic!("{difference}");
    }
}

/// How data comes to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// By SAVE.
    Snapshot,
    /// As it is written, with a rewrite half way, whose outcome is a snapshot or commands.
    Appended { preamble: bool },
}

impl Way {
    fn directives(self) -> Vec<&'static str> {
        let common = ["--enable-debug-command", "yes", "--rdb-version-check", "relaxed", "--save", ""];
        let own: &[&str] = match self {
            Way::Snapshot => &[],
            Way::Appended { preamble: true } => &["--appendonly", "yes", "--aof-use-rdb-preamble", "yes"],
            Way::Appended { preamble: false } => &["--appendonly", "yes", "--aof-use-rdb-preamble", "no"],
        };
        [&common, own].concat()
    }
}

/// Has a server write data; answers a folder with its files.
fn written(server: &Path, way: Way, data: &[Command]) -> PathBuf {
    let server = Server::start_binary(server, &way.directives());
    let mut client = server.client();
    let half = data.len() / 2;
    for (at, command) in data.iter().enumerate() {
        client.command(command);
        if at == half && way != Way::Snapshot {
            assert!(client.command(&["BGREWRITEAOF"]).starts_with(b"+Background"));
            while shown(&client.command(&["INFO", "persistence"])).contains("aof_rewrite_in_progress:1") {}
        }
    }
    if way == Way::Snapshot {
        assert_eq!(client.command(&["SAVE"]), b"+OK\r\n");
    }
    let folder = new_folder();
    copy(server.folder(), &folder);
    folder
}

/// Copies the files of a folder, and those of the folders in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("its files").flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        match path.is_dir() {
            true => copy(&path, &target),
            false => drop(fs::copy(&path, &target).expect("a copy")),
        }
    }
}

/// All that a server that loads these files says of them.
fn told(server: &Path, way: Way, files: &Path, same_version: bool) -> Vec<(String, Vec<u8>)> {
    // Loading commands notes times of its own.
    let dumps = same_version && way == Way::Snapshot;
    let folder = new_folder();
    copy(files, &folder);
    let directory = folder.to_str().expect("a path of plain letters").to_owned();
    let server = Server::start_binary(server, &[&way.directives()[..], &["--dir", &directory]].concat());
    let mut client = server.client();
    let mut lines = Vec::new();
    let mut ask = |words: &[&[u8]]| {
        let reply = client.command(words);
        let command: Command = words.iter().map(|word| word.to_vec()).collect();
        lines.push((pair::line(&command), pair::without_order(reply.clone())));
        reply
    };
    ask(&[b"DEBUG", b"DIGEST"]);
    ask(&[b"FUNCTION", b"LIST"]);
    for database in [&b"0"[..], b"1", b"9"] {
        ask(&[b"SELECT", database]);
        let mut keys = state::bulks(&ask(&[b"KEYS", b"*"]));
        keys.sort_unstable();
        for key in keys {
            ask(&[b"TYPE", &key]);
            ask(&[b"OBJECT", b"ENCODING", &key]);
            ask(&[b"PEXPIRETIME", &key]);
            ask(&[b"DEBUG", b"DIGEST-VALUE", &key]);
            if key.starts_with(b"crowd") {
                ask(&[b"XINFO", b"STREAM", &key, b"FULL", b"COUNT", b"0"]);
            }
            if dumps {
                ask(&[b"DUMP", &key]);
            }
        }
    }
    lines.retain(|(command, _)| !command.contains("KEYS"));
    if !same_version {
        // How long a string may be that is embedded differs from version to version.
        lines.iter_mut().filter(|(_, reply)| reply == b"$3\r\nraw\r\n").for_each(|(_, reply)| {
            *reply = b"$6\r\nembstr\r\n".to_vec();
        });
    }
    drop(server);
    fs::remove_dir_all(&folder).expect("to clean up");
    lines
}

#[test]
fn drawn_data_changes_hands_in_files() {
    let Some(reference) = common::reference() else { return };
    let same_version = Pair::start(&reference, "2").same_version;
    let data = drawn_data();
    for way in [Way::Snapshot, Way::Appended { preamble: true }, Way::Appended { preamble: false }] {
        for writer in [binary(), reference.clone()] {
            let files = written(&writer, way, &data);
            let [ours, theirs] =
                [binary(), reference.clone()].map(|server| told(&server, way, &files, same_version));
            for ((command, ours), (_, theirs)) in ours.iter().zip(&theirs) {
                assert_eq!(shown(ours), shown(theirs), "to {command}; {way:?} by {}", writer.display());
            }
            assert!(ours.len() == theirs.len() && ours.len() > data.len().min(100));
            fs::remove_dir_all(&files).expect("to clean up");
        }
    }
}
