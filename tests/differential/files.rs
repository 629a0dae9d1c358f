//! Snapshot files that change hands: what the reference wrote is loaded by our server, and the other way round. Both say the
//! same digest of all data, and of each key the same type, encoding, time and, where it has an order, the same dump.

use crate::common::{self, Client, Server, binary, shown};
use std::path::Path;

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
