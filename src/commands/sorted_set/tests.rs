//! Tests of the sorted set commands.

use super::*;
use crate::Handler;
use crate::keys::{dump, object_encoding, restore};
use crate::testing::Bench;

/// Runs a line by the name of its command.
fn run(bench: &mut Bench, line: &str) -> String {
    let handler: Handler = match line.split(' ').next().expect("a command") {
        "zadd" => zadd,
        "zincrby" => zincrby,
        "zrange" => zrange,
        "zrevrange" => zrevrange,
        "zrangebyscore" => zrangebyscore,
        "zrevrangebyscore" => zrevrangebyscore,
        "zrangebylex" => zrangebylex,
        "zrevrangebylex" => zrevrangebylex,
        "zrangestore" => zrangestore,
        "zscore" => zscore,
        "zmscore" => zmscore,
        "zcard" => zcard,
        "zrank" => zrank,
        "zrevrank" => zrevrank,
        "zcount" => zcount,
        "zlexcount" => zlexcount,
        "zrem" => zrem,
        "zremrangebyrank" => zremrangebyrank,
        "zremrangebyscore" => zremrangebyscore,
        "zremrangebylex" => zremrangebylex,
        "zpopmin" => zpopmin,
        "zpopmax" => zpopmax,
        "zmpop" => zmpop,
        "bzpopmin" => bzpopmin,
        "bzmpop" => bzmpop,
        "zrandmember" => zrandmember,
        "zscan" => zscan,
        "zunion" => zunion,
        "zdiffstore" => zdiffstore,
        "object" => object_encoding,
        other => panic!("{other}"),
    };
    bench.run(handler, line)
}

/// The replies to lines, each given with what it answers.
fn check(bench: &mut Bench, cases: &[(&str, &str)]) {
    for (line, reply) in cases {
        assert_eq!(run(bench, line), *reply, "{line}");
    }
}

/// A sorted set in each of its encodings.
fn both(test: impl Fn(&mut Bench)) {
    let mut bench = Bench::new();
    test(&mut bench);
    let mut bench = Bench::new();
    bench.settings.rules.zset_max_listpack_entries = 0;
    test(&mut bench);
}

#[test]
fn zadd_options_decide_and_answer() {
    both(|bench| {
        check(
            bench,
            &[
                ("zadd z xx 1 a", ":0"),
                ("zadd z 1 a 2 b 3 c", ":3"),
                ("zadd z nx 9 a 4 d", ":1"),
                ("zscore z a", "$1 1"),
                ("zadd z xx ch 2 a 9 e", ":1"),
                ("zadd z gt ch 1 a 5 b", ":1"),
                ("zadd z lt ch 1 a 9 b 7 f", ":2"),
                ("zadd z gt xx ch 9 g", ":0"),
                ("zadd z incr 2.5 a", "$3 3.5"),
                ("zadd z nx incr 1 a", "$-1"),
                ("zadd z xx incr 1 nobody", "$-1"),
                ("zincrby z -0.5 a", "$1 3"),
                ("zincrby z inf a", "$3 inf"),
                ("zincrby z -inf a", "-ERR resulting score is not a number (NaN)"),
                ("zadd z 0 a 1 b 1 a", ":0"),
                ("zmscore z a b nobody f", "*4 $1 1 $1 1 $-1 $1 7"),
                ("zadd z 1", "-ERR syntax error"),
                ("zadd z nx", "-ERR syntax error"),
                ("zadd z nx xx 1 a", "-ERR XX and NX options at the same time are not compatible"),
                ("zadd z gt lt 1 a", "-ERR GT, LT, and/or NX options at the same time are not compatible"),
                ("zadd z nx gt 1 a", "-ERR GT, LT, and/or NX options at the same time are not compatible"),
                ("zadd z incr 1 a 2 b", "-ERR INCR option supports a single increment-element pair"),
                ("zadd z x a", "-ERR value is not a valid float"),
                ("zadd z 1 a nan b", "-ERR value is not a valid float"),
            ],
        );
    });
}

#[test]
fn a_zero_is_kept_as_the_reference_keeps_it() {
    let mut bench = Bench::new();
    bench.settings.rules.zset_max_listpack_value = 1;
    check(
        &mut bench,
        &[
            // A pack has one zero, a ranking has two, and takes neither for a change of the other.
            ("zadd small -0 a", ":1"),
            ("zscore small a", "$1 0"),
            ("zadd large -0 a 1 long", ":2"),
            ("zscore large a", "$2 -0"),
            ("zadd large 0 a", ":0"),
            ("zscore large a", "$2 -0"),
            ("zunion 1 small weights -1 withscores", "*2 $1 a $2 -0"),
            ("zunion 2 small small weights -1 1 withscores", "*2 $1 a $1 0"),
            ("zdiffstore copy 1 large", ":2"),
            ("zscore copy a", "$2 -0"),
        ],
    );
}

#[test]
fn changes_are_told() {
    let mut bench = Bench::new();
    run(&mut bench, "zadd z 1 a 2 b");
    assert_eq!((bench.facts(), bench.dirty()), (vec!["zadd z".to_owned()], 2));
    run(&mut bench, "zadd z 1 a");
    assert_eq!((bench.facts(), bench.dirty()), (vec![], 0));
    run(&mut bench, "zincrby z 1 a");
    assert_eq!((bench.facts(), bench.dirty()), (vec!["zincr z".to_owned()], 1));
    run(&mut bench, "zrem z a b c");
    assert_eq!((bench.facts(), bench.dirty()), (vec!["zrem z".to_owned(), "del z".to_owned()], 2));
    run(&mut bench, "zadd z 1 a");
    run(&mut bench, "zremrangebyscore z 5 9");
    run(&mut bench, "zremrangebyrank z 0 -1");
    assert_eq!(bench.facts(), ["zadd z", "zremrangebyrank z", "del z"]);
    run(&mut bench, "zadd z 1 a 2 b");
    run(&mut bench, "zpopmax z");
    run(&mut bench, "zmpop 2 no z min count 9");
    assert_eq!(bench.facts(), ["zadd z", "zpopmax z", "zpopmin z", "del z"]);
    assert_eq!(bench.writes(), ["ZPOPMIN z 1"]);
}

#[test]
fn ranges_by_rank_score_and_name() {
    both(|bench| {
        check(
            bench,
            &[
                ("zadd z 1 a 2 b 2 c 3 d", ":4"),
                ("zrange z 1 2", "*2 $1 b $1 c"),
                ("zrange z 0 0 rev withscores", "*2 $1 d $1 3"),
                ("zrevrange z -2 -1", "*2 $1 b $1 a"),
                ("zrange z 5 9", "*0"),
                ("zrange z (1 2 byscore", "*2 $1 b $1 c"),
                ("zrange z 2 (1 byscore rev", "*2 $1 c $1 b"),
                ("zrangebyscore z -inf +inf limit 1 2", "*2 $1 b $1 c"),
                ("zrevrangebyscore z +inf -inf limit 1 2", "*2 $1 c $1 b"),
                ("zrangebyscore z -inf +inf limit 9 2", "*0"),
                ("zrangebyscore z 3 1", "*0"),
                ("zcount z 2 (3", ":2"),
                ("zrank z c", ":2"),
                ("zrevrank z c", ":1"),
                ("zrank z c withscore", "*2 :2 $1 2"),
                ("zrank z nobody withscore", "*-1"),
                ("zrank z c score", "-ERR syntax error"),
                ("zrangestore y z 0 1 rev", ":2"),
                ("zrange y 0 -1 withscores", "*4 $1 c $1 2 $1 d $1 3"),
                ("zrangestore y z 9 9", ":0"),
                ("zcard y", ":0"),
                ("zadd l 0 a 0 b 0 c", ":3"),
                ("zrange l [b + bylex", "*2 $1 b $1 c"),
                ("zrangebylex l - (b", "*1 $1 a"),
                ("zrevrangebylex l + - limit 1 1", "*1 $1 b"),
                ("zlexcount l (a [c", ":2"),
                ("zremrangebylex l [a (c", ":2"),
                ("zremrangebyscore z 2 2", ":2"),
                ("zrange z 0 -1", "*2 $1 a $1 d"),
            ],
        );
        let refusals = [
            (
                "zrange z 0 1 limit 0 1",
                "-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
            ),
            (
                "zrange z - + bylex withscores",
                "-ERR syntax error, WITHSCORES not supported in combination with BYLEX",
            ),
            ("zrange z a b", "-ERR value is not an integer or out of range"),
            ("zrange z a b byscore", "-ERR min or max is not a float"),
            ("zrange z a b bylex", "-ERR min or max not valid string range item"),
            ("zrange z 0 1 byscore bylex", "-ERR syntax error"),
            ("zrevrange z 0 1 rev", "-ERR syntax error"),
            ("zrangestore y z 0 1 withscores", "-ERR syntax error"),
        ];
        check(bench, &refusals);
    });
}

#[test]
fn a_negative_offset_counts_from_the_end_of_big_ones() {
    let mut bench = Bench::new();
    run(&mut bench, "zadd z 1 a 2 b 3 c");
    check(&mut bench, &[("zrangebyscore z 1 3 limit -2 9", "*0")]);
    bench.settings.rules.zset_max_listpack_entries = 0;
    run(&mut bench, "zadd y 1 a 2 b 3 c");
    check(
        &mut bench,
        &[
            ("zrangebyscore y 1 3 limit -2 9", "*2 $1 b $1 c"),
            ("zrevrangebyscore y 3 1 limit -2 1", "*1 $1 b"),
            ("zrangebyscore y 1 3 limit -4 9", "*0"),
        ],
    );
}

#[test]
fn members_are_popped_from_either_end() {
    both(|bench| {
        check(
            bench,
            &[
                ("zadd z 1 a 2 b 3 c 4 d 5 e", ":5"),
                ("zpopmin z", "*2 $1 a $1 1"),
                ("zpopmax z 2", "*4 $1 e $1 5 $1 d $1 4"),
                ("zpopmin z 0", "*0"),
                ("zpopmin z -1", "-ERR value is out of range, must be positive"),
                ("zmpop 1 z max", "*2 $1 z *1 *2 $1 c $1 3"),
                ("zmpop 0 z max", "-ERR numkeys should be greater than 0"),
                ("zmpop 1 z max count 0", "-ERR count should be greater than 0"),
                ("zmpop 1 z", "-ERR syntax error"),
                ("zmpop 9 z max", "-ERR syntax error"),
                ("bzpopmin no z 0", "*3 $1 z $1 b $1 2"),
                ("zmpop 1 z max", "*-1"),
                ("bzpopmin z x", "-ERR timeout is not a float or out of range"),
                ("bzpopmin z -1", "-ERR timeout is negative"),
                ("bzpopmin z 1e400", "-ERR timeout is out of range"),
            ],
        );
    });
}

#[test]
fn a_client_waits_when_nothing_can_be_popped() {
    let mut bench = Bench::new();
    bench.caller.must_not_block = true;
    check(&mut bench, &[("bzpopmin z 0", "*-1"), ("bzmpop 1 2 y z min", "*-1")]);
}

#[test]
fn some_are_drawn() {
    both(|bench| {
        run(bench, "zadd z 1 a 2 b 3 c");
        check(
            bench,
            &[
                ("zrandmember z 3 withscores", "*6 $1 c $1 3 $1 b $1 2 $1 a $1 1"),
                ("zrandmember z 9", "*3 $1 c $1 b $1 a"),
                ("zrandmember z 0", "*0"),
                ("zrandmember no", "$-1"),
                ("zrandmember no 1", "*0"),
                ("zrandmember z 1 scores", "-ERR syntax error"),
                (
                    "zrandmember z -9223372036854775808",
                    "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
                ),
            ],
        );
        assert!(run(bench, "zrandmember z -20").starts_with("*20 $1"));
        assert!(run(bench, "zrandmember z 2").starts_with("*2 $1"));
    });
}

#[test]
fn scans_show_all() {
    let mut bench = Bench::new();
    run(&mut bench, "zadd z 0.1 a 2 bb");
    check(
        &mut bench,
        &[
            ("zscan z 0", "*2 $1 0 *4 $1 a $3 0.1 $2 bb $1 2"),
            ("zscan z 0 match b* noscores", "*2 $1 0 *1 $2 bb"),
            ("zscan no 0", "*2 $1 0 *0"),
        ],
    );
    bench.settings.rules.zset_max_listpack_entries = 0;
    run(&mut bench, "zadd y 0.1 a");
    check(&mut bench, &[("zscan y 0", "*2 $1 0 *2 $1 a $19 0.10000000000000001")]);
}

#[test]
fn encodings_change_and_dumps_are_restored() {
    let mut bench = Bench::new();
    run(&mut bench, "zadd z 1 a 2.5 b -inf c 100000 17");
    check(&mut bench, &[("object encoding z", "$8 listpack")]);
    let payload = |reply: Vec<u8>| {
        let start = reply.iter().position(|&byte| byte == b'\n').expect("a length") + 1;
        reply[start..reply.len() - 2].to_vec()
    };
    let small = payload(bench.run_bytes(dump, &[b"dump", b"z"]));
    run(&mut bench, &format!("zadd z 3 {}", "x".repeat(65)));
    check(&mut bench, &[("object encoding z", "$8 skiplist")]);
    let big = payload(bench.run_bytes(dump, &[b"dump", b"z"]));
    for (name, bytes, members) in [("y", small, ":4"), ("x", big, ":5")] {
        assert_eq!(bench.run_bytes(restore, &[b"restore", name.as_bytes(), b"0", &bytes]), b"+OK\r\n");
        assert_eq!(run(&mut bench, &format!("zcard {name}")), members);
        assert_eq!(
            run(&mut bench, &format!("zrange {name} 0 2 withscores")),
            "*6 $1 c $4 -inf $1 a $1 1 $1 b $3 2.5"
        );
        assert_eq!(payload(bench.run_bytes(dump, &[b"dump", name.as_bytes()])), bytes);
    }
    check(&mut bench, &[("object encoding y", "$8 listpack"), ("object encoding x", "$8 skiplist")]);
}
