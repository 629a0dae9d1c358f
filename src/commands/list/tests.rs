//! Handlers of lists, one after the other on a server without a server.

use super::*;
use crate::keys;
use crate::string::set;
use crate::testing::{Bench, START};
use crate::{Done, InVain, Wait};
use keyspace::values::Kind;

/// Runs a command that waits, and answers for what.
fn waits(bench: &mut Bench, handler: crate::Handler, line: &str) -> Wait {
    match bench.done(handler, line) {
        Ok(Done::Block(wait)) => *wait,
        other => panic!("{line} does not wait: {other:?}"),
    }
}

fn items(bench: &mut Bench, key: &str) -> String {
    let reply = bench.run(lrange, &format!("LRANGE {key} 0 -1"));
    let words: Vec<&str> = reply.split(' ').skip(1).filter(|word| !word.starts_with('$')).collect();
    words.join(" ")
}

#[test]
fn both_ends_take_and_give() {
    let mut bench = Bench::new();
    assert_eq!(bench.run(rpush, "RPUSH l a b c"), ":3");
    assert_eq!(bench.run(lpush, "LPUSH l 1 2"), ":5");
    assert_eq!(items(&mut bench, "l"), "2 1 a b c");
    assert_eq!(bench.run(lpushx, "LPUSHX none a"), ":0");
    assert_eq!(bench.run(rpushx, "RPUSHX l d"), ":6");
    assert_eq!(bench.facts(), ["rpush l", "lpush l", "rpush l"]);
    assert_eq!(bench.dirty(), 6);
    assert_eq!(bench.run(lpop, "LPOP l"), "$1 2");
    assert_eq!(bench.run(rpop, "RPOP l 2"), "*2 $1 d $1 c");
    assert_eq!(bench.run(rpop, "RPOP l 0"), "*0");
    assert_eq!(bench.run(lpop, "LPOP l 100"), "*3 $1 1 $1 a $1 b");
    assert_eq!(bench.facts(), ["lpop l", "rpop l", "lpop l", "del l"]);
    assert_eq!(bench.dirty(), 6);
    assert_eq!(bench.run(lpop, "LPOP l"), "$-1");
    assert_eq!(bench.run(lpop, "LPOP l 1"), "*-1");
    assert_eq!(bench.run(lpop, "LPOP l -1"), "-ERR value is out of range, must be positive");
    assert_eq!(bench.run(lpop, "LPOP l 1 2"), "-ERR wrong number of arguments for 'lpop' command");
}

#[test]
fn other_types_are_refused() {
    let mut bench = Bench::new();
    bench.run(set, "SET s v");
    bench.run(rpush, "RPUSH l a");
    let wrong = "-WRONGTYPE Operation against a key holding the wrong kind of value";
    let lines: [(crate::Handler, &str); 12] = [
        (lpush, "LPUSH s a"),
        (lpushx, "LPUSHX s a"),
        (lpop, "LPOP s"),
        (llen, "LLEN s"),
        (lrange, "LRANGE s 0 1"),
        (lindex, "LINDEX s 0"),
        (lset, "LSET s 0 a"),
        (linsert, "LINSERT s BEFORE a b"),
        (lmove, "LMOVE l s LEFT LEFT"),
        (blpop, "BLPOP none s 1"),
        (lmpop, "LMPOP 2 none s LEFT"),
        (lpos, "LPOS s a"),
    ];
    for (handler, line) in lines {
        assert_eq!(bench.run(handler, line), wrong, "{line}");
    }
    assert_eq!(items(&mut bench, "l"), "a");
}

#[test]
fn items_are_found_by_index_and_by_value() {
    let mut bench = Bench::new();
    bench.run(rpush, "RPUSH l a b c 1 2 3 c c");
    assert_eq!(bench.run(lindex, "LINDEX l -4"), "$1 2");
    assert_eq!(bench.run(lindex, "LINDEX l 8"), "$-1");
    assert_eq!(bench.run(lindex, "LINDEX l x"), "-ERR value is not an integer or out of range");
    assert_eq!(bench.run(lindex, "LINDEX none x"), "$-1");
    assert_eq!(bench.run(lpos, "LPOS l c"), ":2");
    assert_eq!(bench.run(lpos, "LPOS l c RANK 2"), ":6");
    assert_eq!(bench.run(lpos, "LPOS l c RANK -1 COUNT 2"), "*2 :7 :6");
    assert_eq!(bench.run(lpos, "LPOS l c COUNT 0 MAXLEN 7"), "*2 :2 :6");
    assert_eq!(bench.run(lpos, "LPOS l 01 COUNT 0"), "*0");
    assert_eq!(bench.run(lpos, "LPOS l x"), "$-1");
    assert_eq!(bench.run(lpos, "LPOS l c RANK"), "-ERR syntax error");
    assert_eq!(bench.run(lpos, "LPOS l c COUNT -1"), "-ERR COUNT can't be negative");
}

#[test]
fn items_are_changed_in_their_places() {
    let mut bench = Bench::new();
    bench.run(rpush, "RPUSH l a b a c a");
    bench.facts();
    assert_eq!(bench.run(lset, "LSET l -1 z"), "+OK");
    assert_eq!(bench.run(lset, "LSET l 5 z"), "-ERR index out of range");
    assert_eq!(bench.run(lset, "LSET none 0 z"), "-ERR no such key");
    assert_eq!(bench.run(linsert, "LINSERT l before b 1"), ":6");
    assert_eq!(bench.run(linsert, "LINSERT l AFTER z 9"), ":7");
    assert_eq!(bench.run(linsert, "LINSERT l AFTER nothing 9"), ":-1");
    assert_eq!(bench.run(linsert, "LINSERT none AFTER nothing 9"), ":0");
    assert_eq!(items(&mut bench, "l"), "a 1 b a c z 9");
    assert_eq!(bench.run(lrem, "LREM l -1 a"), ":1");
    assert_eq!(bench.run(lrem, "LREM l 0 x"), ":0");
    assert_eq!(bench.run(ltrim, "LTRIM l 1 -2"), "+OK");
    assert_eq!(items(&mut bench, "l"), "1 b c z");
    assert_eq!(bench.facts(), ["lset l", "linsert l", "linsert l", "lrem l", "ltrim l"]);
    assert_eq!(bench.run(ltrim, "LTRIM l 9 10"), "+OK");
    assert_eq!(bench.facts(), ["ltrim l", "del l"]);
}

#[test]
fn items_move_between_lists_and_round_one() {
    let mut bench = Bench::new();
    bench.run(rpush, "RPUSH l a b c");
    bench.facts();
    assert_eq!(bench.run(lmove, "LMOVE l m LEFT RIGHT"), "$1 a");
    assert_eq!(bench.run(rpoplpush, "RPOPLPUSH l m"), "$1 c");
    assert_eq!(bench.facts(), ["rpush m", "lpop l", "lpush m", "rpop l"]);
    assert_eq!(bench.run(rpoplpush, "RPOPLPUSH m m"), "$1 a");
    assert_eq!(items(&mut bench, "m"), "a c");
    assert_eq!(bench.run(lmove, "LMOVE l l LEFT LEFT"), "$1 b");
    assert_eq!(items(&mut bench, "l"), "b");
    bench.facts();
    assert_eq!(bench.run(lmove, "LMOVE l m LEFT LEFT"), "$1 b");
    assert_eq!(bench.facts(), ["lpush m", "lpop l", "del l"]);
    assert_eq!(bench.run(lmove, "LMOVE l m LEFT LEFT"), "$-1");
    assert_eq!(bench.run(lmove, "LMOVE l m LEFT UP"), "-ERR syntax error");
}

#[test]
fn the_first_list_that_is_there_gives() {
    let mut bench = Bench::new();
    bench.run(rpush, "RPUSH l a b c d");
    assert_eq!(bench.run(lmpop, "LMPOP 2 none l RIGHT COUNT 2"), "*2 $1 l *2 $1 d $1 c");
    assert_eq!(bench.run(lmpop, "LMPOP 1 none LEFT"), "*-1");
    assert_eq!(bench.run(blmpop, "BLMPOP 0 1 l LEFT"), "*2 $1 l *1 $1 a");
    assert_eq!(bench.run(blpop, "BLPOP none l 0"), "*2 $1 l $1 b");
    assert_eq!(bench.writes(), ["RPOP l 2", "LPOP l 1", "LPOP l"]);
    assert_eq!(bench.run(lmpop, "LMPOP 0 l LEFT"), "-ERR numkeys should be greater than 0");
    assert_eq!(bench.run(lmpop, "LMPOP 9 l LEFT"), "-ERR syntax error");
    assert_eq!(bench.run(lmpop, "LMPOP 1 l LEFT COUNT 0"), "-ERR count should be greater than 0");
    assert_eq!(bench.run(lmpop, "LMPOP 1 l LEFT COUNT 1 COUNT 2"), "-ERR syntax error");
}

#[test]
fn who_finds_nothing_waits_for_a_list() {
    let mut bench = Bench::new();
    let wait = waits(&mut bench, blpop, "BLPOP a b 0.0015");
    assert_eq!(
        (wait.keys, wait.kind, wait.timeout, wait.in_vain),
        (1..3, Kind::List, Some(2), InVain::NullArray)
    );
    assert_eq!(waits(&mut bench, blmpop, "BLMPOP 0 2 a b LEFT").keys, 3..5);
    assert_eq!(waits(&mut bench, blmove, "BLMOVE a b LEFT LEFT 0").timeout, None);
    assert_eq!(waits(&mut bench, brpoplpush, "BRPOPLPUSH a b 1").keys, 1..2);
    bench.caller.must_not_block = true;
    assert_eq!(bench.run(brpop, "BRPOP a b 1"), "*-1");
    assert_eq!(bench.run(brpoplpush, "BRPOPLPUSH a b 1"), "$-1");
    bench.run(rpush, "RPUSH a x y");
    bench.writes();
    assert_eq!(bench.run(brpoplpush, "BRPOPLPUSH a b 1"), "$1 y");
    assert_eq!(bench.run(blmove, "BLMOVE a b LEFT RIGHT 1"), "$1 x");
    assert_eq!(bench.writes(), ["RPOPLPUSH a b", "LMOVE a b LEFT RIGHT"]);
    for (timeout, error) in [
        ("x", "-ERR timeout is not a float or out of range"),
        ("-1", "-ERR timeout is negative"),
        ("9223372036854775807", "-ERR timeout is out of range"),
    ] {
        assert_eq!(bench.run(blpop, &format!("BLPOP a {timeout}")), error);
    }
}

#[test]
fn a_list_that_grows_changes_its_encoding_and_back() {
    let mut bench = Bench::new();
    bench.settings.rules.list_max_listpack_size = 4;
    let encoding = |bench: &mut Bench| bench.run(keys::object_encoding, "OBJECT ENCODING l");
    bench.run(rpush, "RPUSH l a b c d");
    assert_eq!(encoding(&mut bench), "$8 listpack");
    bench.run(rpush, "RPUSH l e");
    assert_eq!(encoding(&mut bench), "$9 quicklist");
    bench.run(rpop, "RPOP l 2");
    assert_eq!(encoding(&mut bench), "$9 quicklist");
    bench.run(rpop, "RPOP l");
    assert_eq!(encoding(&mut bench), "$8 listpack");
    // Quirk of the reference: room is made for what then does not come.
    bench.run(rpush, "RPUSH l x y");
    bench.run(linsert, "LINSERT l BEFORE nothing z");
    assert_eq!(encoding(&mut bench), "$9 quicklist");
}

/// The payloads of the reference for the same lists.
#[test]
fn payloads_are_those_of_the_reference() {
    let mut bench = Bench::new();
    bench.run(rpush, "RPUSH l a 1 -2 100000");
    let payload = bench.run_bytes(keys::dump, &[b"DUMP", b"l"]);
    let expected =
        b"\x12\x01\x02\x14\x14\0\0\0\x04\0\x81a\x02\x01\x01\xdf\xfe\x02\xf2\xa0\x86\x01\x04\xffP\0";
    assert_eq!(payload[5..payload.len() - 10], expected[..]);
    let body = payload[5..payload.len() - 2].to_vec();
    assert_eq!(bench.run_bytes(keys::restore, &[b"RESTORE", b"m", b"0", &body]), b"+OK\r\n");
    assert_eq!(items(&mut bench, "m"), "a 1 -2 100000");
    assert_eq!(bench.now, START);
}
