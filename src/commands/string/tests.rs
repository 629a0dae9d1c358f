//! Tests of the string commands.

use super::*;
use crate::keys::{object_encoding, persist, pexpire, pttl};
use crate::testing::{Bench, START};
use proptest::prelude::*;

#[test]
fn set_options_decide_and_answer() {
    // What `a` holds before, the request, the reply, what `a` holds then.
    let cases = [
        ("", "set a new nx", "+OK", "new"),
        ("old", "set a new nx", "$-1", "old"),
        ("", "set a new xx", "$-1", ""),
        ("old", "set a new XX", "+OK", "new"),
        ("", "set a new get", "$-1", "new"),
        ("old", "set a new get", "$3 old", "new"),
        ("old", "set a new nx get", "$3 old", "old"),
        ("", "set a new nx get", "$-1", "new"),
        ("old", "set a new get xx", "$3 old", "new"),
        ("old", "set a new ifeq old", "+OK", "new"),
        ("old", "set a new ifeq other", "$-1", "old"),
        ("", "set a new ifeq old", "$-1", ""),
        ("old", "set a new get ifeq other", "$3 old", "old"),
        ("5", "set a new ifeq 5", "+OK", "new"),
        ("5", "set a new ifeq 05", "$-1", "5"),
        ("old", "set a new ifeq", "-ERR syntax error", "old"),
        ("old", "set a new nx xx", "-ERR syntax error", "old"),
        ("old", "set a new xx ifeq old", "-ERR syntax error", "old"),
        ("old", "set a new ifeq old nx", "-ERR syntax error", "old"),
        ("old", "set a new foo", "-ERR syntax error", "old"),
        ("old", "set a new ex", "-ERR syntax error", "old"),
        ("old", "set a new ex 1 px 1", "-ERR syntax error", "old"),
        ("old", "set a new ex 1 keepttl", "-ERR syntax error", "old"),
        ("old", "set a new persist", "-ERR syntax error", "old"),
        ("old", "set a new ex x", "-ERR value is not an integer or out of range", "old"),
        ("old", "set a new ex 0", "-ERR invalid expire time in 'set' command", "old"),
        ("old", "set a new px -1", "-ERR invalid expire time in 'set' command", "old"),
        ("old", "set a new ex 9223372036854775807", "-ERR invalid expire time in 'set' command", "old"),
        ("old", "set a new px 9223372036854775807", "-ERR invalid expire time in 'set' command", "old"),
    ];
    for (before, request, reply, after) in cases {
        let mut bench = Bench::new();
        if !before.is_empty() {
            bench.run(set, &format!("set a {before}"));
        }
        assert_eq!(bench.run(set, request), reply, "{request} on {before:?}");
        let expected = if after.is_empty() { "$-1".to_owned() } else { format!("${} {after}", after.len()) };
        assert_eq!(bench.run(get, "get a"), expected, "{request} on {before:?}");
    }
}

#[test]
fn set_decides_what_becomes_of_the_expiry() {
    let soon = START + 5_000;
    // The options, the milliseconds left then: none, or the 10 seconds from before.
    let cases = [
        (String::new(), -1),
        ("keepttl".to_owned(), 10_000),
        ("KEEPTTL keepttl".to_owned(), 10_000),
        ("ex 5".to_owned(), 5_000),
        ("px 5".to_owned(), 5),
        (format!("pxat {soon}"), 5_000),
        (format!("exat {}", soon / 1000), 5_000),
    ];
    for (options, left) in cases {
        let mut bench = Bench::new();
        bench.run(set, "set a old px 10000");
        bench.facts();
        assert_eq!(bench.run(set, format!("set a new {options}").trim_end()), "+OK");
        assert_eq!(bench.run(pttl, "pttl a"), format!(":{left}"), "{options}");
        let expires = left != -1 && left != 10_000;
        assert_eq!(
            bench.facts(),
            if expires { vec!["set a", "expire a"] } else { vec!["set a"] },
            "{options}"
        );
    }
}

#[test]
fn setting_with_a_time_that_has_passed_deletes() {
    let mut bench = Bench::new();
    bench.run(set, "set a old");
    bench.facts();
    assert_eq!(bench.run(set, "set a new pxat 1"), "+OK");
    assert_eq!(bench.facts(), ["expired a"]);
    assert_eq!(bench.run(set, "set a new exat 1"), "+OK");
    assert_eq!(bench.facts(), [""; 0]);
    assert!(bench.data.is_empty());
    bench.run(set, "set a old");
    assert_eq!(bench.run(getex, "getex a pxat 1"), "$3 old");
    assert_eq!(bench.run(get, "get a"), "$-1");
}

#[test]
fn getex_answers_and_changes_only_the_expiry() {
    let mut bench = Bench::new();
    bench.run(set, "set a v");
    bench.facts();
    assert_eq!(bench.run(getex, "getex nokey ex 10"), "$-1");
    let refusals = [
        ("getex a ex", "-ERR syntax error"),
        ("getex a keepttl", "-ERR syntax error"),
        ("getex a nx", "-ERR syntax error"),
        ("getex a ex 1 persist", "-ERR syntax error"),
        ("getex a ex 0", "-ERR invalid expire time in 'getex' command"),
        ("getex a px x", "-ERR value is not an integer or out of range"),
    ];
    for (request, reply) in refusals {
        assert_eq!(bench.run(getex, request), reply, "{request}");
    }
    assert_eq!(bench.run(getex, "getex a"), "$1 v");
    assert_eq!(bench.run(getex, "getex a persist"), "$1 v");
    assert_eq!((bench.facts(), bench.run(pttl, "pttl a").as_str()), (vec![], ":-1"));
    assert_eq!(bench.run(getex, "getex a px 1500"), "$1 v");
    assert_eq!((bench.facts(), bench.run(pttl, "pttl a").as_str()), (vec!["expire a".to_owned()], ":1500"));
    assert_eq!(bench.run(getex, "getex a persist"), "$1 v");
    assert_eq!((bench.facts(), bench.run(pttl, "pttl a").as_str()), (vec!["persist a".to_owned()], ":-1"));
}

#[test]
fn an_expired_string_is_as_good_as_absent() {
    let mut bench = Bench::new();
    bench.run(set, "set a old px 10");
    bench.now += 10;
    assert_eq!(bench.run(get, "get a"), "$3 old");
    bench.now += 1;
    assert_eq!(bench.run(setnx, "setnx a new"), ":1");
    assert_eq!(bench.run(pttl, "pttl a"), ":-1");
    bench.run(pexpire, "pexpire a 10");
    bench.now += 11;
    bench.facts();
    assert_eq!(bench.run(incr, "incr a"), ":1");
    assert_eq!(bench.facts(), ["expired a", "incrby a"]);
}

#[test]
fn counters_stop_at_the_ends_of_64_bits() {
    let overflow = "-ERR increment or decrement would overflow";
    let mut bench = Bench::new();
    bench.run(set, &format!("set a {}", i64::MAX - 1));
    assert_eq!(bench.run(incr, "incr a"), format!(":{}", i64::MAX));
    assert_eq!(bench.run(incr, "incr a"), overflow);
    assert_eq!(bench.run(incrby, "incrby a -1"), format!(":{}", i64::MAX - 1));
    bench.run(set, &format!("set a {}", i64::MIN + 1));
    assert_eq!(bench.run(decr, "decr a"), format!(":{}", i64::MIN));
    assert_eq!(bench.run(decr, "decr a"), overflow);
    assert_eq!(bench.run(incrby, "incrby a -1"), overflow);
    assert_eq!(bench.run(decrby, &format!("decrby a {}", i64::MIN)), "-ERR decrement would overflow");
    assert_eq!(bench.run(incrby, "incrby a 1x"), "-ERR value is not an integer or out of range");
    for text in ["01", "1.5", "9223372036854775808", "x", "+1"] {
        bench.run(set, &format!("set b {text}"));
        assert_eq!(bench.run(incr, "incr b"), "-ERR value is not an integer or out of range", "{text}");
    }
}

#[test]
fn counting_keeps_the_expiry_and_the_number() {
    let mut bench = Bench::new();
    bench.run(set, "set a 9 px 1000");
    assert_eq!(bench.run(incr, "incr a"), ":10");
    assert_eq!(bench.run(pttl, "pttl a"), ":1000");
    assert_eq!(bench.run(object_encoding, "object encoding a"), "$3 int");
    assert_eq!(bench.run(incrbyfloat, "incrbyfloat a 0.5"), "$4 10.5");
    assert_eq!(bench.run(pttl, "pttl a"), ":1000");
    assert_eq!(bench.run(persist, "persist a"), ":1");
}

#[test]
fn edited_strings_are_raw() {
    let mut bench = Bench::new();
    let encoding = |bench: &mut Bench| bench.run(object_encoding, "object encoding a");
    assert_eq!(bench.run(append, "append a hello"), ":5");
    assert_eq!(encoding(&mut bench), "$6 embstr", "the first APPEND is a SET");
    assert_eq!(bench.run(append, "append a !"), ":6");
    assert_eq!(encoding(&mut bench), "$3 raw");
    bench.run(set, "set a 12");
    assert_eq!(bench.run(append, "append a 3"), ":3");
    assert_eq!(encoding(&mut bench), "$3 raw", "even if it reads as a number");
    assert_eq!(bench.run(incr, "incr a"), ":124");
    assert_eq!(encoding(&mut bench), "$3 int");
    assert_eq!(bench.run(setrange, "setrange a 1 x"), ":3");
    assert_eq!((bench.run(get, "get a").as_str(), encoding(&mut bench).as_str()), ("$3 1x4", "$3 raw"));
    assert_eq!(bench.run(setrange, "setrange a 5 y"), ":6");
    assert_eq!(bench.run(get, "get a"), "$6 1x4\0\0y");
    assert_eq!(bench.run(setrange, "setrange nokey 5 "), ":0");
    assert_eq!(bench.run(setrange, "setrange a -1 x"), "-ERR offset is out of range");
    let too_long = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)";
    assert_eq!(bench.run(setrange, "setrange a 536870911 xy"), too_long);
    assert_eq!(bench.run(setrange, "setrange a 9223372036854775807 x"), too_long);
}

#[test]
fn large_values_are_sent_whole_and_do_not_change_under_a_reply() {
    let mut bench = Bench::new();
    let large = "x".repeat(100_000);
    bench.run(set, &format!("set a {large}"));
    assert_eq!(bench.run(get, "get a"), format!("$100000 {large}"));
    assert_eq!(bench.run(set, "set a small get"), format!("$100000 {large}"));
    assert_eq!(bench.run(getdel, "getdel a"), "$5 small");
    assert_eq!(bench.run(get, "get a"), "$-1");
}

proptest! {
    /// Edits of one string, against a vector of bytes.
    #[test]
    fn edits_do_what_edits_of_bytes_do(
        edits in prop::collection::vec((0..4u8, 0..400usize, "[0-9a-z]{0,80}|[0-9a-z]{200,400}"), 1..25),
        expires: bool,
    ) {
        let mut bench = Bench::new();
        let mut model: Option<Vec<u8>> = None;
        for (kind, offset, text) in edits {
            let bytes = text.as_bytes();
            match kind {
                0 => {
                    bench.run_bytes(set, &[b"set", b"a", bytes]);
                    model = Some(bytes.to_vec());
                }
                1 => {
                    bench.run_bytes(append, &[b"append", b"a", bytes]);
                    model.get_or_insert_default().extend(bytes);
                }
                2 if !bytes.is_empty() => {
                    bench.run_bytes(setrange, &[b"setrange", b"a", offset.to_string().as_bytes(), bytes]);
                    let model = model.get_or_insert_default();
                    model.resize(model.len().max(offset + bytes.len()), 0);
                    model[offset..offset + bytes.len()].copy_from_slice(bytes);
                }
                2 => {}
                _ if expires => _ = bench.run(pexpire, "pexpire a 1000"),
                _ => _ = bench.run(persist, "persist a"),
            }
            let reply = match &model {
                None => b"$-1\r\n".to_vec(),
                Some(bytes) => [format!("${}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat(),
            };
            prop_assert_eq!(bench.run_bytes(get, &[b"get", b"a"]), reply);
        }
    }
}
