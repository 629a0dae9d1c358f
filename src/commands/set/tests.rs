//! Tests of the set commands.

use super::*;
use crate::Handler;
use crate::keys::{dump, object_encoding, restore};
use crate::string::set as set_string;
use crate::testing::Bench;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// The members in a reply that is an array or a set of strings.
fn listed(reply: &str) -> BTreeSet<String> {
    let words: Vec<&str> = reply.split(' ').collect();
    assert!(words[0].starts_with(['*', '~']), "{reply}");
    let members: BTreeSet<String> = words[1..].chunks(2).map(|pair| pair[1].to_string()).collect();
    assert_eq!(words[0][1..].parse(), Ok(members.len()), "{reply}");
    members
}

fn names(line: &str) -> BTreeSet<String> {
    line.split_whitespace().map(str::to_string).collect()
}

#[test]
fn members_come_go_and_are_told() {
    let mut bench = Bench::new();
    assert_eq!(bench.run(sadd, "sadd s a b a"), ":2");
    assert_eq!((bench.facts(), bench.dirty()), (vec!["sadd s".to_string()], 2));
    assert_eq!(bench.run(sadd, "sadd s a"), ":0");
    assert_eq!((bench.facts(), bench.dirty()), (vec![], 0));
    assert_eq!(bench.run(scard, "scard s"), ":2");
    assert_eq!(bench.run(sismember, "sismember s a"), ":1");
    assert_eq!(bench.run(smismember, "smismember s a x b"), "*3 :1 :0 :1");
    assert_eq!(bench.run(smembers, "smembers s"), "*2 $1 a $1 b");
    assert_eq!(bench.run(srem, "srem s x a"), ":1");
    assert_eq!(bench.facts(), ["srem s"]);
    assert_eq!(bench.run(srem, "srem s b x"), ":1");
    assert_eq!((bench.facts(), bench.dirty()), (vec!["srem s".to_string(), "del s".to_string()], 2));

    assert_eq!(bench.run(srem, "srem s b"), ":0");
    assert_eq!(bench.run(scard, "scard s"), ":0");
    assert_eq!(bench.run(smembers, "smembers s"), "*0");
    assert_eq!(bench.run(smismember, "smismember s a b"), "*2 :0 :0");
    bench.protocol = resp::Protocol::Resp3;
    assert_eq!(bench.run(smembers, "smembers s"), "~0");
}

#[test]
fn a_key_of_another_type_is_refused() {
    let mut bench = Bench::new();
    bench.run(set_string, "set k v");
    bench.run(sadd, "sadd s a");
    let wrong = "-WRONGTYPE Operation against a key holding the wrong kind of value";
    let requests: [(Handler, &str); 17] = [
        (sadd, "sadd k a"),
        (srem, "srem k a"),
        (smove, "smove k s a"),
        (smove, "smove s k a"),
        (sismember, "sismember k a"),
        (smismember, "smismember k a"),
        (scard, "scard k"),
        (smembers, "smembers k"),
        (sscan, "sscan k 0"),
        (spop, "spop k"),
        (spop, "spop k 1"),
        (srandmember, "srandmember k 2"),
        (sinter, "sinter none k"),
        (sinterstore, "sinterstore d none k"),
        (sintercard, "sintercard 2 s k"),
        (sunion, "sunion s k"),
        (sdiffstore, "sdiffstore d s k"),
    ];
    for (handler, line) in requests {
        assert_eq!(bench.run(handler, line), wrong, "{line}");
    }
    assert_eq!(bench.run(smove, "smove none k a"), ":0", "nothing to move");
}

#[test]
fn a_member_moves_and_both_keys_tell() {
    let mut bench = Bench::new();
    bench.run(sadd, "sadd from a b");
    bench.run(sadd, "sadd to b");
    bench.facts();
    bench.dirty();
    assert_eq!(bench.run(smove, "smove from to x"), ":0");
    assert_eq!(bench.run(smove, "smove from from a"), ":1");
    assert_eq!((bench.facts(), bench.dirty()), (vec![], 0));
    assert_eq!(bench.run(smove, "smove from to b"), ":1");
    assert_eq!((bench.facts(), bench.dirty()), (vec!["srem from".to_string()], 1));
    assert_eq!(bench.run(smove, "smove from new a"), ":1");
    assert_eq!(bench.facts(), ["srem from", "del from", "sadd new"]);
    assert_eq!(bench.dirty(), 2);
    assert_eq!(bench.run(smembers, "smembers new"), "*1 $1 a");
}

#[test]
fn what_is_popped_is_repeated_as_removals() {
    let mut bench = Bench::new();
    bench.run(sadd, "sadd s 1");
    bench.facts();
    bench.dirty();
    assert_eq!(bench.run(spop, "spop s"), "$1 1");
    assert_eq!((bench.facts(), bench.dirty()), (vec!["spop s".to_string(), "del s".to_string()], 1));
    assert_eq!(bench.writes(), ["SREM s 1"]);
    assert_eq!(bench.run(spop, "spop s"), "$-1");
    assert_eq!(bench.run(spop, "spop s 3"), "*0");

    bench.run(sadd, "sadd s a b");
    bench.facts();
    bench.dirty();
    assert_eq!(bench.run(spop, "spop s 0"), "*0");
    assert_eq!((bench.facts(), bench.writes()), (vec![], vec![]));
    assert_eq!(listed(&bench.run(spop, "spop s 5")), names("a b"));
    assert_eq!((bench.facts(), bench.dirty()), (vec!["spop s".to_string(), "del s".to_string()], 2));
    assert_eq!(bench.writes(), ["UNLINK s"]);

    let all: Vec<String> = (0..3000).map(|n| n.to_string()).collect();
    bench.run(sadd, &format!("sadd s {}", all.join(" ")));
    bench.facts();
    bench.dirty();
    assert_eq!(listed(&bench.run(spop, "spop s 2100")).len(), 2100);
    assert_eq!((bench.facts(), bench.dirty()), (vec!["spop s".to_string()], 2100));
    let repeated: Vec<usize> = bench.writes().iter().map(|line| line.split(' ').count() - 2).collect();
    assert_eq!(repeated, [1024, 1024, 52]);

    let refused = "-ERR value is out of range, must be positive";
    assert_eq!(bench.run(spop, "spop s -1"), refused);
    assert_eq!(bench.run(spop, "spop s x"), refused);
    assert_eq!(bench.run(spop, "spop s 1 2"), "-ERR syntax error");
}

#[test]
fn random_members_are_different_or_not_as_asked() {
    let mut bench = Bench::new();
    assert_eq!(bench.run(srandmember, "srandmember s"), "$-1");
    assert_eq!(bench.run(srandmember, "srandmember s -3"), "*0");
    bench.run(sadd, "sadd s a b c");
    assert_eq!(listed(&bench.run(srandmember, "srandmember s 2")).len(), 2);
    assert_eq!(bench.run(srandmember, "srandmember s 5"), "*3 $1 a $1 b $1 c");
    assert!(bench.run(srandmember, "srandmember s -20").starts_with("*20 $1 "));
    assert_eq!(bench.run(srandmember, "srandmember s 0"), "*0");
    assert_eq!(bench.run(srandmember, "srandmember s x"), "-ERR value is not an integer or out of range");
    assert_eq!(bench.run(srandmember, "srandmember s -100000000"), "-ERR value is out of range");
    let least = "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807";
    assert_eq!(bench.run(srandmember, &format!("srandmember s {}", i64::MIN)), least);
}

#[test]
fn results_are_stored_in_the_encoding_of_the_reference() {
    let mut bench = Bench::new();
    bench.run(sadd, "sadd ints 1 2 3 4");
    bench.run(sadd, "sadd mixed 1 2 a");
    bench.run(sadd, &format!("sadd big {}", (0..600).map(|n| n.to_string()).collect::<Vec<_>>().join(" ")));
    for (handler, line, reply, encoding) in [
        (sinterstore as Handler, "sinterstore d ints mixed", ":2", "$6 intset"),
        (sinterstore, "sinterstore d big mixed", ":2", "$6 intset"),
        (sinterstore, "sinterstore d mixed mixed", ":3", "$8 listpack"),
        (sinterstore, "sinterstore d big big", ":600", "$9 hashtable"),
        (sunionstore, "sunionstore d ints mixed", ":5", "$8 listpack"),
        (sunionstore, "sunionstore d ints big", ":600", "$9 hashtable"),
        (sdiffstore, "sdiffstore d ints mixed", ":2", "$6 intset"),
        (sdiffstore, "sdiffstore d mixed ints", ":1", "$8 listpack"),
    ] {
        assert_eq!(bench.run(handler, line), reply, "{line}");
        assert_eq!(bench.run(object_encoding, "object encoding d"), encoding, "{line}");
    }
    bench.facts();
    assert_eq!(bench.run(sinterstore, "sinterstore d ints none"), ":0");
    assert_eq!(bench.facts(), ["del d"]);
    assert_eq!(bench.run(sdiffstore, "sdiffstore d ints ints"), ":0");
    assert_eq!(bench.facts(), Vec::<String>::new());

    // As the reference says it, what gives way to nothing is deleted, even if its time has come.
    bench.run(sunionstore, "sunionstore d ints mixed");
    bench.run(crate::keys::pexpire, "pexpire d 5");
    bench.now += 10;
    bench.facts();
    assert_eq!(bench.run(sinterstore, "sinterstore d ints none"), ":0");
    assert_eq!(bench.facts(), ["del d"]);
    assert_eq!(bench.run(sunionstore, "sunionstore d ints"), ":4");
    assert_eq!(bench.facts(), ["sunionstore d"]);
}

#[test]
fn intersections_are_counted_up_to_a_limit() {
    let mut bench = Bench::new();
    bench.run(sadd, "sadd a 1 2 3");
    bench.run(sadd, "sadd b 2 3 4");
    assert_eq!(bench.run(sintercard, "sintercard 2 a b"), ":2");
    assert_eq!(bench.run(sintercard, "sintercard 2 a b limit 0"), ":2");
    assert_eq!(bench.run(sintercard, "sintercard 2 a b LIMIT 1"), ":1");
    assert_eq!(bench.run(sintercard, "sintercard 2 a none"), ":0");
    for number in ["0", "-1", "x"] {
        let reply = bench.run(sintercard, &format!("sintercard {number} a"));
        assert_eq!(reply, "-ERR numkeys should be greater than 0");
    }
    let reply = bench.run(sintercard, "sintercard 3 a b");
    assert_eq!(reply, "-ERR Number of keys can't be greater than number of args");
    assert_eq!(bench.run(sintercard, "sintercard 1 a limit -1"), "-ERR LIMIT can't be negative");
    assert_eq!(bench.run(sintercard, "sintercard 1 a limit"), "-ERR syntax error");
    assert_eq!(bench.run(sintercard, "sintercard 1 a b"), "-ERR syntax error");
}

#[test]
fn walks_have_the_options_of_sets() {
    let mut bench = Bench::new();
    assert_eq!(bench.run(sscan, "sscan none 0 no such options"), "*2 $1 0 *0");
    bench.run(sadd, "sadd s a1 a2 b");
    assert_eq!(bench.run(sscan, "sscan s 7 count 1"), "*2 $1 0 *3 $2 a1 $2 a2 $1 b");
    assert_eq!(bench.run(sscan, "sscan s 0 match a* COUNT 100"), "*2 $1 0 *2 $2 a1 $2 a2");
    assert_eq!(bench.run(sscan, "sscan s x"), "-ERR invalid cursor");
    assert_eq!(bench.run(sscan, "sscan s 0 count 0"), "-ERR syntax error");
    assert_eq!(bench.run(sscan, "sscan s 0 count x"), "-ERR value is not an integer or out of range");
    assert_eq!(bench.run(sscan, "sscan s 0 type set"), "-ERR syntax error");
    let only = "-ERR NOVALUES option can only be used in HSCAN";
    assert_eq!(bench.run(sscan, "sscan s 0 novalues"), only);
}

#[test]
fn a_set_travels_as_a_payload() {
    let mut bench = Bench::new();
    let many = (0..700).map(|n| format!("member:{n}")).collect::<Vec<_>>().join(" ");
    for members in ["1 2 70000", "a 1", &many] {
        bench.run(sadd, &format!("sadd s {members}"));
        let reply = bench.run_bytes(dump, &[b"dump", b"s"]);
        let start = reply.iter().position(|&byte| byte == b'\n').expect("a line") + 1;
        let payload = &reply[start..reply.len() - 2];
        assert_eq!(bench.run_bytes(restore, &[b"restore", b"copy", b"0", payload]), b"+OK\r\n");
        assert_eq!(listed(&bench.run(smembers, "smembers copy")), names(members));
        assert_eq!(
            bench.run(object_encoding, "object encoding copy"),
            bench.run(object_encoding, "object encoding s")
        );
        bench.run(crate::keys::del, "del s copy");
    }
}

fn few() -> impl Strategy<Value = BTreeSet<u8>> {
    prop::collection::btree_set(0u8..14, 0..14)
}

proptest! {
    #[test]
    fn algebra_is_that_of_sets(
        sets in prop::collection::vec((few(), 0usize..3), 1..6),
    ) {
        let mut bench = Bench::new();
        bench.settings.rules.set_max_listpack_entries = 5;
        let mut keys = String::new();
        let mut models = Vec::new();
        for (index, (members, form)) in sets.into_iter().enumerate() {
            let name = |n: &u8| if form > 0 && n % 2 == 1 { format!("m{n}") } else { n.to_string() };
            let members: BTreeSet<String> = members.iter().map(name).collect();
            for member in &members {
                bench.run(sadd, &format!("sadd k{index} {member}"));
            }
            keys += &format!(" k{index}");
            models.push(members);
        }
        let (first, others) = models.split_first().expect("a set");
        let common = others.iter().fold(first.clone(), |sum, set| &sum & set);
        let all = others.iter().fold(first.clone(), |sum, set| &sum | set);
        let apart = others.iter().fold(first.clone(), |sum, set| &sum - set);
        let commands: [(Handler, Handler, _); 3] =
            [(sinter, sinterstore, &common), (sunion, sunionstore, &all), (sdiff, sdiffstore, &apart)];
        for (show, store, expected) in commands {
            prop_assert_eq!(&listed(&bench.run(show, &format!("s{keys}"))), expected);
            let stored = bench.run(store, &format!("s d{keys}"));
            prop_assert_eq!(stored, format!(":{}", expected.len()));
            prop_assert_eq!(&listed(&bench.run(smembers, "smembers d")), expected);
        }
        let count = bench.run(sintercard, &format!("s {}{keys}", models.len()));
        prop_assert_eq!(count, format!(":{}", common.len()));
    }
}
