//! CONFIG SET and CONFIG GET, with what a 9.0.4 answered.

use super::{get, set, text};
use crate::{Config, Flag, Id, MemoryShare, Permission, ROWS, SetBy};

/// Name, value, and what CONFIG GET then shows.
const TAKEN: &[(&str, &str, &str)] = &[
    ("maxmemory", "1gb", "1073741824"),
    ("maxmemory", "1G", "1000000000"),
    ("maxmemory", "", "0"),
    ("maxmemory", "18446744073709551615", "18446744073709551615"),
    ("maxmemory", "1mb\0x", "1048576"),
    ("maxmemory-clients", "100%", "100%"),
    ("activedefrag", "yes", "yes"),
    ("maxmemory-clients", "0%", "0"),
    ("maxmemory-clients", "64k", "64000"),
    ("maxmemory-policy", "VOLATILE-lru", "volatile-lru"),
    ("oom-score-adj", "relative", "yes"),
    ("rdbcompression", "NO", "no"),
    ("rdbcompression", "yes\0x", "yes"),
    ("hz", "0", "1"),
    ("hz", "2147483647", "500"),
    ("repl-backlog-size", "1", "16384"),
    ("list-max-listpack-size", "-2147483648", "-2147483648"),
    ("cluster-blacklist-ttl", "-1", "-1"),
    ("slot-migration-max-failover-repl-bytes", "18446744073709551615", "18446744073709551615"),
    ("save", "", ""),
    ("save", "900 1 300 10", "900 1 300 10"),
    ("save", "60 ", "60 0"),
    ("notify-keyspace-events", "Kg$lshzxeKEtmdn", "AKEm"),
    ("notify-keyspace-events", "KEn", "nKE"),
    ("notify-keyspace-events", "xe", "xe"),
    ("shutdown-on-sigint", "force nosave", "nosave force"),
    ("shutdown-on-sigint", "default save", "save"),
    ("oom-score-adj-values", "-2000 2000 5", "-2000 2000 5"),
    (
        "client-output-buffer-limit",
        "replica 1mb 2kb 3",
        "normal 0 0 0 slave 1048576 2048 3 pubsub 33554432 8388608 60",
    ),
    (
        "client-output-buffer-limit",
        "pubsub mb 1 4294967296",
        "normal 0 0 0 slave 268435456 67108864 60 pubsub 0 1 0",
    ),
    ("latency-tracking-info-percentiles", "50 99.9 100", "50 99.9 100"),
    ("latency-tracking-info-percentiles", "50.1234567", "50.123457"),
    ("latency-tracking-info-percentiles", "", ""),
    ("bind", "127.0.0.1 -::1", "127.0.0.1 -::1"),
    ("bind", "", ""),
    ("proc-title-template", "{{", "{{"),
    ("cluster-announce-client-ipv4", "127.0.0.1", "127.0.0.1"),
    ("requirepass", "a\0b", "a\0b"),
    ("primaryuser", "a\0b", "a"),
];

#[test]
fn values_that_are_taken() {
    for (name, value, shown) in TAKEN {
        let mut config = Config::default();
        assert_eq!(set(&mut config, &[(name, value)]), "OK", "{name} {value:?}");
        assert_eq!(get(&config, name), *shown, "{name} {value:?}");
    }
}

/// Name, value, and what stands behind "CONFIG SET failed (possibly related to argument 'name') - ".
const REFUSED: &[(&str, &str, &str)] = &[
    ("activedefrag", "maybe", "argument must be 'yes' or 'no'"),
    ("port", "65536", "argument must be between 0 and 65535 inclusive"),
    ("port", "0x10", "argument couldn't be parsed into an integer"),
    ("port", "01", "argument couldn't be parsed into an integer"),
    ("maxclients", "-1", "argument must be between 1 and 4294967295 inclusive"),
    ("maxmemory", "-1", "argument must be a memory value"),
    (
        "repl-backlog-size",
        "18446744073709551615",
        "argument must be between 1 and 9223372036854775807 inclusive",
    ),
    ("maxmemory-clients", "101%", "percentage argument must be less or equal to 100"),
    ("maxmemory-clients", "-5%", "argument must be a memory or percent value"),
    ("rdbcompression", "1", "argument must be 'yes' or 'no'"),
    ("appendfsync", "x", "argument(s) must be one of the following: everysec, always, no"),
    ("shutdown-on-sigint", "save nosave", "shutdown options SAVE and NOSAVE can't be used simultaneously"),
    (
        "shutdown-on-sigint",
        "",
        "argument(s) must be one of the following: default, save, nosave, now, force, safe, failover",
    ),
    ("save", "60  1", "Invalid save parameters"),
    ("save", "0 1", "Invalid save parameters"),
    ("notify-keyspace-events", "q", "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."),
    ("oom-score-adj-values", "1 2", "wrong number of arguments"),
    (
        "oom-score-adj-values",
        "0 0 2001",
        "Invalid oom-score-adj-values, elements must be between -2000 and 2000.",
    ),
    ("client-output-buffer-limit", "normal 0 0", "Wrong number of arguments in buffer limit configuration."),
    (
        "client-output-buffer-limit",
        "primary 1 1 1",
        "Invalid client class specified in buffer limit configuration.",
    ),
    (
        "client-output-buffer-limit",
        "normal 1 1 2147483648",
        "Error in hard, soft or soft_seconds setting in buffer limit configuration.",
    ),
    ("latency-tracking-info-percentiles", "nan", "Invalid latency-tracking-info-percentiles parameters"),
    (
        "latency-tracking-info-percentiles",
        "101",
        "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]",
    ),
    ("bind", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", "Too many bind addresses specified."),
    ("proc-title-template", "{title}", "template format is invalid or contains unknown variables"),
    ("cluster-announce-client-ipv4", "1.2.3.04", "Invalid IPv4 address"),
    ("cluster-announce-client-ipv6", "127.0.0.1", "Invalid IPv6 address"),
    (
        "cluster-announce-hostname",
        "a_b",
        "Hostnames may only contain alphanumeric characters, hyphens or dots",
    ),
    ("cluster-announce-human-nodename", "a{", "Announced human node name contained invalid character"),
    ("databases", "3", "can't set immutable config"),
    ("dir", "/", "can't set protected config"),
];

#[test]
fn values_that_are_refused() {
    for (name, value, reason) in REFUSED {
        let mut config = Config::default();
        let expected = format!("CONFIG SET failed (possibly related to argument '{name}') - {reason}");
        assert_eq!(set(&mut config, &[(name, value)]), expected, "{name} {value:?}");
        assert_eq!(config, Config::default());
    }
}

#[test]
fn the_first_objection_is_the_answer_and_nothing_is_set() {
    let about = |name: &str, reason: &str| {
        format!("CONFIG SET failed (possibly related to argument '{name}') - {reason}")
    };
    let mut config = Config::default();
    let cases: [(&[(&str, &str)], String); 7] = [
        (&[("hz", "20"), ("maxmemory", "x")], about("maxmemory", "argument must be a memory value")),
        (&[("hz", "20"), ("hz", "30")], about("hz", "duplicate parameter")),
        (
            &[("nope", "1"), ("dir", "/")],
            "Unknown option or number of arguments for CONFIG SET - 'nope'".into(),
        ),
        (&[("DATABASES", "3"), ("nope", "1")], about("DATABASES", "can't set immutable config")),
        (&[("HZ", "x")], about("hz", "argument couldn't be parsed into an integer")),
        (&[("Slave-Priority", "x")], about("slave-priority", "argument couldn't be parsed into an integer")),
        (&[("save", "60 1"), ("hz", "x")], about("hz", "argument couldn't be parsed into an integer")),
    ];
    for (pairs, reply) in cases {
        assert_eq!(set(&mut config, pairs), reply);
        assert_eq!(config, Config::default());
    }
}

#[test]
fn a_directive_and_its_alias_are_no_duplicates() {
    let mut config = Config::default();
    assert_eq!(set(&mut config, &[("replica-priority", "20"), ("slave-priority", "30")]), "OK");
    assert_eq!(config.replication.replica_priority, 30);
}

#[test]
fn protected_and_loading() {
    let mut config = Config::default();
    config.security.enable_protected_configs = Permission::Local;
    let dir = [(b"dir".as_slice(), b"/data".as_slice())];
    let far = config.set(&dir, SetBy { local: false, loading: false }).unwrap_err();
    assert!(text(&far).ends_with("can't set protected config"));
    let loading = config.set(&dir, SetBy { local: true, loading: true }).unwrap_err();
    assert_eq!(loading.message(), None);
    assert!(config.set(&dir, SetBy { local: true, loading: false }).is_ok());
    assert_eq!(config.process.dir, b"/data");
}

#[test]
fn what_changed_is_told_and_can_be_undone() {
    let mut config = Config::default();
    let pairs: [(&[u8], &[u8]); 4] =
        [(b"hz", b"10"), (b"maxmemory", b"1mb"), (b"tls-cert-file", b""), (b"maxclients", b"5")];
    let applied = config.set(&pairs, SetBy::default()).unwrap();
    // `hz` is as it was; the certificate is to be read again all the same.
    assert_eq!(applied.changed, [Id::maxmemory, Id::tls_cert_file, Id::maxclients]);
    assert_eq!((applied.previous().memory.maxmemory, config.memory.maxmemory), (0, 1 << 20));
    let error = applied.undo(&mut config, Id::maxclients, Some("no more files".into()));
    assert_eq!(text(&error), "CONFIG SET failed (possibly related to argument 'maxclients') - no more files");
    assert_eq!(config, Config::default());
}

#[test]
fn names_are_shown_as_they_were_asked_for() {
    let config = Config::default();
    let names = |patterns: &[&str]| -> Vec<String> {
        let shown = config.get(patterns.iter().map(|pattern| pattern.as_bytes()));
        shown.into_iter().map(|(name, _)| String::from_utf8(name).unwrap()).collect()
    };
    assert_eq!(names(&["HZ", "hz"]), ["HZ"]);
    assert_eq!(names(&["h?", "HZ"]), ["hz"]);
    assert_eq!(names(&["[hd]z", "SAVE", "*cpu*", "nope", ""])[0], "SAVE");
    assert_eq!(names(&["*-PRIORITY"]), ["replica-priority", "slave-priority"]);
    assert_eq!(names(&["lua-*"]), ["lua-time-limit"]);
    assert_eq!(names(&["lua-enable-insecure-api"]).len(), 1);
}

#[test]
fn a_share_of_memory() {
    assert_eq!(MemoryShare::Bytes(0).bytes(100), None);
    assert_eq!(MemoryShare::Bytes(7).bytes(0), Some(7));
    assert_eq!(MemoryShare::Percent(5).bytes(1000), Some(50));
    assert_eq!(MemoryShare::Percent(5).bytes(0), None);
}

#[test]
fn secrets_are_marked() {
    let secret: Vec<&str> = ROWS.iter().filter(|row| row.has(Flag::Sensitive)).map(|row| row.name).collect();
    assert_eq!(
        secret,
        ["tls-key-file-pass", "tls-client-key-file-pass", "primaryuser", "primaryauth", "requirepass"]
    );
}
