//! Tests of the commands on keys of any kind.

use super::{restore as restore_key, *};
use crate::Handler;
use crate::string::{append, get, set};
use crate::testing::{Bench, START};
use proptest::prelude::*;

/// A bench where these keys have values, `k` being `SET k v`.
fn with(keys: &[&str]) -> Bench {
    let mut bench = Bench::new();
    for key in keys {
        assert_eq!(bench.run(set, &format!("set {key} v")), "+OK");
    }
    bench.facts();
    bench.dirty();
    bench
}

#[test]
fn del_and_unlink_count_what_was_there() {
    for handler in [del as Handler, unlink] {
        let mut bench = with(&["a", "b", "c"]);
        assert_eq!(bench.run(handler, "del a x b a"), ":2");
        assert_eq!(bench.facts(), ["del a", "del b"]);
        assert_eq!(bench.dirty(), 2);
        assert_eq!(bench.run(exists, "exists a b c c"), ":2");
    }
}

#[test]
fn a_key_past_its_time_is_gone_before_it_is_deleted() {
    let mut bench = with(&["a"]);
    bench.run(pexpire, "pexpire a 10");
    bench.now += 10;
    assert_eq!(bench.run(exists, "exists a"), ":1", "the last moment");
    bench.now += 1;
    bench.facts();
    assert_eq!(bench.run(del, "del a"), ":0");
    assert_eq!(bench.facts(), ["expired a"]);
    assert_eq!(bench.stats.expired, 1);
}

#[test]
fn while_data_is_imported_expired_keys_stay_and_only_the_source_sees_them() {
    let mut bench = with(&["a", "b"]);
    bench.run(pexpire, "pexpire a 10");
    bench.now += 11;
    bench.settings.expire_on_access = false;
    assert_eq!(bench.run(exists, "exists a"), ":0");
    assert_eq!(bench.run(keys, "keys *"), "*1 $1 b");
    assert_eq!(bench.run(rename, "rename a c"), "-ERR no such key");
    bench.caller.import_source = true;
    assert_eq!(bench.run(exists, "exists a"), ":1");
    assert_eq!(bench.run(scan, "scan 0 match a"), "*2 $1 0 *1 $1 a");
    bench.caller.import_source = false;
    // A new value takes the place of the one that nobody saw; DEL removes it unseen.
    assert_eq!(bench.run(rename, "rename b a"), "+OK");
    assert_eq!(bench.run(get, "get a"), "$1 v");
    assert_eq!(bench.run(pexpire, "pexpire a -1"), ":1");
    assert_eq!(bench.run(del, "del a"), ":1");
    assert!(bench.data.is_empty());
}

#[test]
fn expire_refuses_in_the_order_of_the_reference() {
    let mut bench = with(&["a"]);
    let cases = [
        ("expire a x foo", "-ERR Unsupported option foo"),
        ("expire a x nx xx", "-ERR NX and XX, GT or LT options at the same time are not compatible"),
        ("expire a x gt lt", "-ERR GT and LT options at the same time are not compatible"),
        ("expire a x nx", "-ERR value is not an integer or out of range"),
        ("expire a 9223372036854775807", "-ERR invalid expire time in 'expire' command"),
        ("expire nokey 9223372036854775", "-ERR invalid expire time in 'expire' command"),
        ("expire nokey 10", ":0"),
    ];
    for (request, reply) in cases {
        assert_eq!(bench.run(expire, request), reply, "{request}");
    }
    assert_eq!(
        bench.run(pexpire, "pexpire a 9223372036854775807"),
        "-ERR invalid expire time in 'pexpire' command"
    );
    assert_eq!(bench.run(pexpireat, "pexpireat a 9223372036854775807"), ":1");
    assert_eq!(
        bench.run(expireat, "expireat a 9223372036854776"),
        "-ERR invalid expire time in 'expireat' command"
    );
    assert_eq!(bench.facts(), ["expire a"]);
}

#[test]
fn conditions_compare_with_the_expiry_there_is() {
    // The present time to live in seconds (0: none), the conditions, whether 100 seconds are then set.
    let cases = [
        (0, "nx", true),
        (0, "xx", false),
        (0, "gt", false),
        (0, "lt", true),
        (0, "xx lt", false),
        (50, "nx", false),
        (50, "xx", true),
        (50, "gt", true),
        (50, "lt", false),
        (100, "gt", false),
        (100, "lt", false),
        (200, "lt", true),
        (200, "gt", false),
        (200, "XX LT", true),
        (50, "gt gt", true),
    ];
    for (present, conditions, sets) in cases {
        let mut bench = with(&["a"]);
        if present > 0 {
            bench.run(expire, &format!("expire a {present}"));
        }
        let reply = bench.run(expire, &format!("expire a 100 {conditions}"));
        assert_eq!(reply, format!(":{}", i64::from(sets)), "{present} {conditions}");
        let left = if sets {
            100
        } else if present > 0 {
            present
        } else {
            -1
        };
        assert_eq!(bench.run(ttl, "ttl a"), format!(":{left}"));
    }
}

#[test]
fn a_time_that_has_passed_deletes() {
    let requests: [(Handler, &str); 4] = [
        (expire, "expire a 0"),
        (pexpire, "pexpire a -9223372036854775808"),
        (expireat, "expireat a 1"),
        (pexpireat, "pexpireat a -5"),
    ];
    for (handler, request) in requests {
        let mut bench = with(&["a"]);
        assert_eq!(bench.run(handler, request), ":1", "{request}");
        assert_eq!(bench.facts(), ["expired a"]);
        assert_eq!(bench.dirty(), 1);
        assert!(bench.data.is_empty());
    }
}

#[test]
fn times_left_are_told_in_both_units() {
    let mut bench = with(&["a", "forever"]);
    bench.run(pexpire, "pexpire a 1500");
    let at = START + 1500;
    for (handler, reply) in
        [(ttl as Handler, 2), (pttl, 1500), (expiretime, (at + 500) / 1000), (pexpiretime, at)]
    {
        assert_eq!(bench.run(handler, "x a"), format!(":{reply}"));
        assert_eq!(bench.run(handler, "x forever"), ":-1");
        assert_eq!(bench.run(handler, "x nokey"), ":-2");
    }
    bench.now += 1001;
    assert_eq!(bench.run(ttl, "ttl a"), ":0");
    bench.facts();
    assert_eq!(bench.run(persist, "persist a"), ":1");
    assert_eq!(bench.run(persist, "persist a"), ":0");
    assert_eq!(bench.run(persist, "persist nokey"), ":0");
    assert_eq!(bench.facts(), ["persist a"]);
    assert_eq!(bench.run(ttl, "ttl a"), ":-1");
}

#[test]
fn rename_carries_value_and_expiry_over_and_replaces() {
    let mut bench = with(&["a"]);
    bench.run(set, "set b other");
    bench.run(pexpire, "pexpire a 1000");
    bench.facts();
    bench.dirty();
    assert_eq!(bench.run(renamenx, "renamenx a b"), ":0");
    assert_eq!(bench.run(rename, "rename a a"), "+OK");
    assert_eq!(bench.run(renamenx, "renamenx a a"), ":0");
    assert_eq!(bench.run(rename, "rename nokey nokey"), "-ERR no such key");
    assert_eq!((bench.facts(), bench.dirty()), (vec![], 0));

    assert_eq!(bench.run(rename, "rename a b"), "+OK");
    assert_eq!(bench.facts(), ["rename_from a", "rename_to b"]);
    assert_eq!(bench.dirty(), 1);
    assert_eq!(bench.run(get, "get b"), "$1 v");
    assert_eq!(bench.run(pttl, "pttl b"), ":1000");
    assert_eq!(bench.run(exists, "exists a"), ":0");
    assert_eq!(bench.run(renamenx, "renamenx b c"), ":1");
}

#[test]
fn move_leaves_nothing_behind_and_replaces_nothing() {
    let mut bench = with(&["a", "b"]);
    bench.run(pexpire, "pexpire a 1000");
    bench.facts();
    let refusals = [
        ("move a x", "-ERR value is not an integer or out of range"),
        ("move a 99999999999", "-ERR value is out of range, value must between -2147483648 and 2147483647"),
        ("move a 4", "-ERR DB index is out of range"),
        ("move a -1", "-ERR DB index is out of range"),
        ("move a 0", "-ERR source and destination objects are the same"),
        ("move nokey 1", ":0"),
    ];
    for (request, reply) in refusals {
        assert_eq!(bench.run(move_key, request), reply, "{request}");
    }
    assert_eq!(bench.run(move_key, "move a 1"), ":1");
    assert_eq!(bench.facts(), ["move_from a", "move_to a@1"]);
    assert_eq!(bench.run(exists, "exists a"), ":0");
    bench.caller.database = 1;
    assert_eq!(bench.run(pttl, "pttl a"), ":1000");
    bench.run(set, "set b there");
    bench.caller.database = 0;
    assert_eq!(bench.run(move_key, "move b 1"), ":0");
    // What has expired there does not stand in the way.
    bench.caller.database = 1;
    bench.run(pexpire, "pexpire b 1");
    bench.caller.database = 0;
    bench.now += 2;
    bench.facts();
    assert_eq!(bench.run(move_key, "move b 1"), ":1");
    assert_eq!(bench.facts(), ["expired b@1", "move_from b", "move_to b@1"]);
}

#[test]
fn copy_duplicates_here_or_elsewhere() {
    let mut bench = with(&["a", "b"]);
    let refusals = [
        ("copy a a", "-ERR source and destination objects are the same"),
        ("copy a a db 0", "-ERR source and destination objects are the same"),
        ("copy a c db", "-ERR syntax error"),
        ("copy a c foo", "-ERR syntax error"),
        ("copy a c db 4", "-ERR DB index is out of range"),
        ("copy a c db 1 db x", "-ERR value is not an integer or out of range"),
        ("copy nokey c", ":0"),
        ("copy a b", ":0"),
    ];
    for (request, reply) in refusals {
        assert_eq!(bench.run(copy, request), reply, "{request}");
    }
    bench.run(pexpire, "pexpire a 1000");
    bench.facts();
    bench.dirty();
    assert_eq!(bench.run(copy, "copy a b REPLACE"), ":1");
    assert_eq!(bench.run(copy, "copy a a db 1"), ":1");
    assert_eq!(bench.facts(), ["copy_to b", "copy_to a@1"]);
    assert_eq!(bench.dirty(), 2);
    assert_eq!(bench.run(pttl, "pttl b"), ":1000");
    // A copy is a value of its own, also where large bytes are shared at first.
    let large = "x".repeat(1000);
    bench.run(set, &format!("set large {large}"));
    bench.run(copy, "copy large twin");
    bench.run(append, "append twin y");
    assert_eq!(bench.run(get, "get large"), format!("$1000 {large}"));
    assert_eq!(bench.run(get, "get twin"), format!("$1001 {large}y"));
}

#[test]
fn object_tells_encodings_as_the_reference_names_them() {
    // Key, value, encoding: the two share an allocation up to 64 bytes, headers included.
    let (short, long) = ("k".repeat(16), "k".repeat(40));
    let cases = [
        ("k", "12345", "$3 int"),
        ("k", "9223372036854775808", "$6 embstr"),
        ("k", &"v".repeat(40), "$6 embstr"),
        ("k", &"v".repeat(41), "$3 raw"),
        (&short, &"v".repeat(25), "$6 embstr"),
        (&short, &"v".repeat(26), "$3 raw"),
        (&long, "v", "$3 raw"),
    ];
    for (key, value, encoding) in cases {
        let mut bench = Bench::new();
        bench.run(set, &format!("set {key} {value}"));
        assert_eq!(bench.run(object_encoding, &format!("object encoding {key}")), encoding, "{key} {value}");
    }
    // An expiry takes eight of the bytes, and what is raw once stays so until it is set again.
    let mut bench = Bench::new();
    bench.run(set, &format!("set {short} {}", "v".repeat(20)));
    assert_eq!(bench.run(object_encoding, &format!("object encoding {short}")), "$6 embstr");
    bench.run(expire, &format!("expire {short} 10"));
    assert_eq!(bench.run(object_encoding, &format!("object encoding {short}")), "$3 raw");
    bench.run(persist, &format!("persist {short}"));
    bench.run(rename, &format!("rename {short} a"));
    assert_eq!(bench.run(object_encoding, "object encoding a"), "$3 raw");
    assert_eq!(bench.run(object_encoding, "object encoding nokey"), "$-1");
    assert_eq!(bench.run(object_refcount, "object refcount a"), ":1");
}

#[test]
fn object_knows_one_of_frequency_and_idle_time() {
    let mut bench = with(&["a"]);
    bench.now += 7_000;
    assert_eq!(bench.run(object_idletime, "object idletime a"), ":7");
    bench.caller.no_touch = true;
    bench.run(get, "get a");
    assert_eq!(bench.run(object_idletime, "object idletime a"), ":7");
    assert_eq!(bench.run(touch, "touch a nokey"), ":1");
    assert_eq!(bench.run(object_idletime, "object idletime a"), ":0");
    assert!(
        bench.run(object_freq, "object freq a").starts_with("-ERR An LFU maxmemory policy is not selected")
    );
    bench.data.clock.lfu = true;
    bench.run(set, "set b v");
    assert_eq!(bench.run(object_freq, "object freq b"), ":5");
    assert!(
        bench
            .run(object_idletime, "object idletime b")
            .starts_with("-ERR An LFU maxmemory policy is selected")
    );
    assert_eq!(bench.run(object_idletime, "object idletime nokey"), "$-1");
    let help = bench.run(object_help, "object help");
    assert!(
        help.starts_with(
            "*12 +OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are: +ENCODING <key>"
        )
    );
    assert!(help.ends_with("+HELP +    Print this help."));
}

#[test]
fn scan_refuses_in_the_order_of_its_words() {
    let mut bench = with(&["a"]);
    let cases = [
        ("scan x", "-ERR invalid cursor"),
        ("scan -1 foo", "-ERR invalid cursor"),
        ("scan 0 count", "-ERR syntax error"),
        ("scan 0 count 0", "-ERR syntax error"),
        ("scan 0 count x", "-ERR value is not an integer or out of range"),
        ("scan 0 type nope count 0", "-ERR unknown type name 'nope'"),
        ("scan 0 novalues", "-ERR NOVALUES option can only be used in HSCAN"),
        ("scan 0 noscores", "-ERR NOSCORES option can only be used in ZSCAN"),
        ("scan +0", "*2 $1 0 *1 $1 a"),
        ("scan 0 type STRING", "*2 $1 0 *1 $1 a"),
        ("scan 0 type stream", "*2 $1 0 *0"),
        ("scan 0 match b* match a*", "*2 $1 0 *1 $1 a"),
        ("scan 18446744073709551615", "*2 $1 0 *1 $1 a"),
    ];
    for (request, reply) in cases {
        assert_eq!(bench.run(scan, request), reply, "{request}");
    }
}

/// All names that a whole scan answers, and how many calls it took.
fn scan_all(bench: &mut Bench, options: &str) -> (Vec<String>, usize) {
    let (mut names, mut cursor, mut calls) = (Vec::new(), "0".to_owned(), 0);
    loop {
        let reply = bench.run(scan, &format!("scan {cursor}{options}"));
        let words: Vec<&str> = reply.split(' ').collect();
        cursor = words[2].to_owned();
        names.extend(words[4..].iter().skip(1).step_by(2).map(ToString::to_string));
        calls += 1;
        if cursor == "0" {
            break;
        }
    }
    names.sort_unstable();
    names.dedup();
    (names, calls)
}

#[test]
fn a_whole_scan_answers_every_key_and_count_bounds_each_call() {
    let mut bench = Bench::new();
    let mut names: Vec<String> = (0..1000).map(|n| format!("key:{n}")).collect();
    for name in &names {
        bench.run(set, &format!("set {name} v"));
    }
    names.sort_unstable();
    let (all, calls) = scan_all(&mut bench, "");
    assert_eq!(all, names);
    assert!((50..=100).contains(&calls), "{calls} calls of about ten keys");
    let (all, calls) = scan_all(&mut bench, " count 1000000");
    assert_eq!((all.len(), calls), (1000, 1));
    let (some, _) = scan_all(&mut bench, " match key:99*");
    assert_eq!(some.len(), 11);
}

#[test]
fn scan_and_keys_pass_over_what_has_expired() {
    let mut bench = with(&["a", "b", "c"]);
    bench.run(pexpire, "pexpire b 5");
    bench.now += 6;
    bench.facts();
    assert_eq!(bench.run(keys, "keys *").len(), "*2 $1 a $1 c".len());
    assert_eq!(bench.facts(), [""; 0], "KEYS removes nothing");
    assert_eq!(scan_all(&mut bench, " match a").0, ["a"]);
    assert_eq!(bench.facts(), [""; 0], "a key that was not asked for is not met");
    assert_eq!(scan_all(&mut bench, "").0, ["a", "c"]);
    assert_eq!(bench.facts(), ["expired b"]);
}

#[test]
fn in_a_cluster_a_tag_in_the_pattern_names_the_slot() {
    let mut bench = Bench::cluster();
    for n in 0..300 {
        bench.run(set, &format!("set {{tag}}{n} v"));
        bench.run(set, &format!("set key{n} v"));
    }
    assert_eq!(scan_all(&mut bench, "").0.len(), 600);
    let (tagged, calls) = scan_all(&mut bench, " match {tag}*");
    assert_eq!(tagged.len(), 300);
    assert!(calls <= 30, "one table only: {calls}");
    assert_eq!(bench.run(keys, "keys {tag}29?").split(' ').count(), 1 + 2 * 10);
    assert_eq!(bench.run(keys, "keys *").split(' ').next(), Some("*600"));
    assert_eq!(bench.run(keys, "keys {none}*"), "*0");
}

#[test]
fn a_random_key_is_one_that_lives() {
    let mut bench = with(&["a", "b", "c"]);
    bench.run(pexpire, "pexpire a 1");
    bench.run(pexpire, "pexpire b 1");
    bench.now += 2;
    for _ in 0..20 {
        assert_eq!(bench.run(randomkey, "randomkey"), "$1 c");
    }
    bench.run(pexpire, "pexpire c 1");
    bench.now += 2;
    bench.settings.expire_on_access = false;
    assert_eq!(bench.run(randomkey, "randomkey"), "$1 c", "it gives up, but ends");
    bench.settings.expire_on_access = true;
    assert_eq!(bench.run(randomkey, "randomkey"), "$-1");
}

fn payload_of(bench: &mut Bench, key: &str) -> Vec<u8> {
    let reply = bench.run_bytes(dump, &[b"dump", key.as_bytes()]);
    let start = reply.iter().position(|&byte| byte == b'\n').expect("a bulk") + 1;
    reply[start..reply.len() - 2].to_vec()
}

#[test]
fn restore_takes_what_dump_gave() {
    let mut bench = with(&["a"]);
    bench.run(set, &format!("set large {}", "abc".repeat(500)));
    let (small, large) = (payload_of(&mut bench, "a"), payload_of(&mut bench, "large"));
    bench.facts();
    let mut restore = |words: &[&str], payload: &[u8]| {
        let mut words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        words.insert(3, payload);
        let reply = bench.run_bytes(restore_key, &words);
        (String::from_utf8_lossy(&reply).trim_end().to_owned(), bench.facts().join(", "))
    };
    let said = |reply: &str, facts: &str| (reply.to_owned(), facts.to_owned());
    assert_eq!(restore(&["restore", "b", "0"], &large), said("+OK", "restore b"));
    assert_eq!(restore(&["restore", "b", "x"], &small), said("-BUSYKEY Target key name already exists.", ""));
    assert_eq!(restore(&["restore", "c", "-1"], b""), said("-ERR Invalid TTL value, must be >= 0", ""));
    assert_eq!(
        restore(&["restore", "c", "0"], b""),
        said("-ERR DUMP payload version or checksum are wrong", "")
    );
    let refused = said("-ERR syntax error", "");
    assert_eq!(restore(&["restore", "c", "x", "idletime", "1", "freq", "1"], b""), refused);
    assert_eq!(restore(&["restore", "c", "x", "freq"], b""), refused);
    let refused = said("-ERR Invalid FREQ value, must be >= 0 and <= 255", "");
    assert_eq!(restore(&["restore", "c", "x", "freq", "256"], b""), refused);
    let refused = said("-ERR Invalid IDLETIME value, must be >= 0", "");
    assert_eq!(restore(&["restore", "c", "x", "idletime", "-1"], b""), refused);
    assert_eq!(restore(&["restore", "c", "1500", "idletime", "9"], &small), said("+OK", "restore c"));
    // A time that has passed: what is there goes, nothing comes.
    assert_eq!(restore(&["restore", "b", "1", "replace", "absttl"], &small), said("+OK", "del b"));
    assert_eq!(restore(&["restore", "b", "1", "absttl"], &small), said("+OK", ""));
    assert_eq!(restore(&["restore", "b", "9223372036854775807"], &small), said("+OK", ""));

    assert_eq!(bench.run(pttl, "pttl c"), ":1500");
    assert_eq!(bench.run(object_idletime, "object idletime c"), ":9");
    assert_eq!(bench.run(exists, "exists b"), ":0");
    assert_eq!(bench.run(dump, "dump b"), "$-1");
}

proptest! {
    #[test]
    fn restore_survives_any_payload(body: Vec<u8>, flip: Option<(prop::sample::Index, u8)>) {
        let mut payload = [&[0], &body[..], &[80, 0]].concat();
        payload.extend(base::crc64::crc64(&payload).to_le_bytes());
        if let Some((at, bit)) = flip {
            let at = at.index(payload.len());
            payload[at] ^= 1 << (bit % 8);
        }
        let mut bench = Bench::new();
        let reply = bench.run_bytes(restore, &[b"restore", b"k", b"0", &payload]);
        let there = reply == b"+OK\r\n";
        prop_assert!(there || reply.starts_with(b"-ERR Bad data format") || reply.starts_with(b"-ERR DUMP payload"));
        prop_assert_eq!(bench.data.len(), usize::from(there));
        if there {
            // What was taken is dumped and taken again, as the same value.
            let value = bench.run(get, "get k");
            let payload = payload_of(&mut bench, "k");
            prop_assert_eq!(bench.run_bytes(restore, &[b"restore", b"twin", b"0", &payload]), b"+OK\r\n");
            prop_assert_eq!(bench.run(get, "get twin"), value);
        }
    }
}
