//! Tests of the hash commands: replies, events, and what is to be repeated elsewhere.

use super::*;
use crate::keys;
use crate::testing::{Bench, START};

/// A bench with a hash `h` of the fields `a`, `b` and `c`, of which `b` expires in a second and `c` in a minute.
fn bench() -> Bench {
    let mut bench = Bench::new();
    assert_eq!(bench.run(hset, "HSET h a 1 b 2 c 3"), ":3");
    assert_eq!(bench.run(hpexpire, "HPEXPIRE h 1000 FIELDS 1 b"), "*1 :1");
    assert_eq!(bench.run(hexpire, "HEXPIRE h 60 FIELDS 1 c"), "*1 :1");
    bench.facts();
    bench.writes();
    bench.dirty();
    bench
}

#[test]
fn a_field_past_its_time_is_gone_for_readers() {
    let mut bench = bench();
    bench.now += 1001;
    assert_eq!(bench.run(hget, "HGET h b"), "$-1");
    assert_eq!(bench.run(hmget, "HMGET h a b c"), "*3 $1 1 $-1 $1 3");
    assert_eq!(bench.run(hgetall, "HGETALL h"), "*4 $1 a $1 1 $1 c $1 3");
    assert_eq!(bench.run(hkeys, "HKEYS h"), "*2 $1 a $1 c");
    assert_eq!(bench.run(hvals, "HVALS h"), "*2 $1 1 $1 3");
    assert_eq!(bench.run(hexists, "HEXISTS h b"), ":0");
    assert_eq!(bench.run(hstrlen, "HSTRLEN h b"), ":0");
    assert_eq!(bench.run(httl, "HTTL h FIELDS 3 a b c"), "*3 :-1 :-2 :59");
    assert_eq!(bench.run(hscan, "HSCAN h 0 NOVALUES"), "*2 $1 0 *2 $1 a $1 c");
    assert_eq!(bench.run(hdel, "HDEL h b"), ":0");
    assert_eq!(bench.run(hlen, "HLEN h"), ":3", "it counts until it is taken out");
    assert_eq!(bench.facts(), [""; 0]);
}

#[test]
fn importers_see_what_others_do_not() {
    let mut bench = bench();
    bench.now += 1001;
    bench.settings.expire_on_access = false;
    assert_eq!(bench.run(hget, "HGET h b"), "$-1");
    bench.caller.import_source = true;
    assert_eq!(bench.run(hget, "HGET h b"), "$1 2");
    assert_eq!(bench.run(hpexpireat, "HPEXPIREAT h 5 FIELDS 1 a"), "*1 :1", "times that have passed are set");
    assert_eq!(bench.run(hpexpiretime, "HPEXPIRETIME h FIELDS 1 a"), "*1 :5");
}

#[test]
fn a_value_over_one_that_has_expired_counts_as_new() {
    let mut bench = bench();
    bench.now += 1001;
    assert_eq!(bench.run(hset, "HSET h b 5 a 6"), ":1");
    assert_eq!(bench.facts(), ["hexpired h", "hset h"]);
    assert_eq!((bench.dirty(), bench.stats.expired_fields), (2, 1));
    assert_eq!(bench.run(httl, "HTTL h FIELDS 1 b"), "*1 :-1");
    bench.now += 60_000;
    assert_eq!(bench.run(hsetnx, "HSETNX h c 7"), ":1");
    assert_eq!(bench.writes(), ["HSET h c 7"]);
    assert_eq!(bench.run(hsetnx, "HSETNX h c 8"), ":0");
}

#[test]
fn times_are_set_under_conditions_and_repeated_as_moments() {
    let mut bench = bench();
    assert_eq!(bench.run(hexpire, "HEXPIRE h 10 NX FIELDS 4 a b c d"), "*4 :1 :0 :0 :-2");
    assert_eq!(bench.writes(), [format!("HPEXPIREAT h {} NX FIELDS 4 a b c d", START + 10_000)]);
    assert_eq!(bench.run(hexpire, "HEXPIRE h 10 GT FIELDS 2 b c"), "*2 :1 :0");
    assert_eq!(bench.run(hexpire, "HEXPIRE h 9 LT XX FIELDS 2 b c"), "*2 :1 :1");
    assert_eq!(bench.run(hexpire, "HEXPIRE none 9 FIELDS 1 b"), "*1 :-2");
    assert_eq!((bench.facts().len(), bench.dirty()), (3, 4));
    bench.writes();
    assert_eq!(bench.run(hexpireat, "HEXPIREAT h 1 FIELDS 2 a b"), "*2 :2 :2");
    assert_eq!(bench.writes(), ["HDEL h a b"]);
    assert_eq!(bench.facts(), ["hexpired h"]);
    assert_eq!(bench.run(hpersist, "HPERSIST h FIELDS 2 c d"), "*2 :1 :-2");
    assert_eq!(bench.run(hpersist, "HPERSIST h FIELDS 1 c"), "*1 :-1");
    assert_eq!((bench.facts(), bench.dirty()), (vec!["hpersist h".to_owned()], 3));
    assert_eq!(bench.run(hexpire, "HEXPIRE h 0 FIELDS 1 c"), "*1 :2");
    assert_eq!(bench.facts(), ["hexpired h", "del h"]);
    assert_eq!(bench.run(keys::exists, "EXISTS h"), ":0");
}

#[test]
fn hsetex_sets_all_or_nothing() {
    let mut bench = bench();
    assert_eq!(bench.run(hsetex, "HSETEX h FNX EX 5 FIELDS 2 x 1 a 2"), ":0");
    assert_eq!(bench.run(hsetex, "HSETEX h FXX EX 5 FIELDS 2 x 1 a 2"), ":0");
    assert_eq!(bench.facts(), [""; 0]);
    assert_eq!(bench.run(hsetex, "HSETEX h FXX EX 5 FIELDS 1 a 9"), ":1");
    assert_eq!(bench.writes(), [format!("HSETEX h PXAT {} FIELDS 1 a 9", START + 5000)]);
    assert_eq!(bench.facts(), ["hset h", "hexpire h"]);
    assert_eq!(bench.run(hsetex, "HSETEX h KEEPTTL FIELDS 1 a 10"), ":1");
    assert_eq!(bench.run(hpttl, "HPTTL h FIELDS 1 a"), "*1 :5000");
    bench.now += 6000;
    bench.writes();
    assert_eq!(bench.run(hsetex, "HSETEX h KEEPTTL FIELDS 1 a 11"), ":1");
    assert_eq!(bench.writes(), ["HDEL h a", "HSETEX h KEEPTTL FIELDS 1 a 11"]);
    assert_eq!(bench.run(hpttl, "HPTTL h FIELDS 1 a"), "*1 :-1");
    bench.facts();
    assert_eq!(bench.run(hsetex, "HSETEX h PXAT 1 FIELDS 2 a 1 none 2"), ":1");
    assert_eq!(bench.writes(), ["HDEL h a"]);
    assert_eq!(bench.facts(), ["hset h", "hexpire h", "hexpired h"]);
    assert_eq!(bench.run(hsetex, "HSETEX new PXAT 1 FIELDS 1 a 1"), ":1");
    assert_eq!(bench.facts(), ["hset new", "hexpire new", "hexpired new", "del new"]);
}

#[test]
fn hgetex_is_repeated_as_what_it_did() {
    let mut bench = bench();
    assert_eq!(bench.run(hgetex, "HGETEX h FIELDS 2 a d"), "*2 $1 1 $-1");
    assert_eq!(bench.facts(), [""; 0]);
    assert_eq!(bench.run(hgetex, "HGETEX h PX 500 FIELDS 2 a d"), "*2 $1 1 $-1");
    assert_eq!(bench.writes(), [format!("HPEXPIREAT h {} FIELDS 1 a", START + 500)]);
    assert_eq!(bench.run(hgetex, "HGETEX h PERSIST FIELDS 3 a b d"), "*3 $1 1 $1 2 $-1");
    assert_eq!(bench.writes(), ["HPERSIST h FIELDS 2 a b"]);
    assert_eq!(bench.run(hgetex, "HGETEX h EXAT 1 FIELDS 3 a b c"), "*3 $1 1 $1 2 $1 3");
    assert_eq!(bench.writes(), ["HDEL h a b c"]);
    assert_eq!(bench.facts(), ["hexpire h", "hpersist h", "hexpired h", "del h"]);
    assert_eq!(bench.run(hgetex, "HGETEX h FIELDS 1 a"), "*1 $-1");
}

#[test]
fn numbers_keep_their_time() {
    let mut bench = bench();
    assert_eq!(bench.run(hincrby, "HINCRBY h b 40"), ":42");
    assert_eq!(bench.writes(), [format!("HSETEX h PXAT {} FIELDS 1 b 42", START + 1000)]);
    assert_eq!(bench.run(hincrbyfloat, "HINCRBYFLOAT h a 0.5"), "$3 1.5");
    assert_eq!(bench.writes(), ["HSET h a 1.5"]);
    assert_eq!(bench.facts(), ["hincrby h", "hincrbyfloat h"]);
    bench.now += 1001;
    assert_eq!(bench.run(hincrby, "HINCRBY h b 1"), ":1");
    assert_eq!(bench.facts(), ["hexpired h", "hincrby h"]);
    assert_eq!(bench.run(hincrby, "HINCRBY h a 1"), "-ERR hash value is not an integer");
    bench.run(hset, "HSET h a 9223372036854775807 t x");
    assert_eq!(bench.run(hincrby, "HINCRBY h a 1"), "-ERR increment or decrement would overflow");
    assert_eq!(bench.run(hincrbyfloat, "HINCRBYFLOAT h t 1"), "-ERR hash value is not a float");
    assert_eq!(bench.run(hincrbyfloat, "HINCRBYFLOAT h a inf"), "-ERR value is NaN or Infinity");
}

#[test]
fn grammars_are_those_of_the_reference() {
    let mut bench = bench();
    let wrong = "-ERR numfields should be greater than 0 and match the provided number of fields";
    assert_eq!(bench.run(hsetex, "HSETEX h EX 5 FIELDS 2 a 1"), wrong);
    assert_eq!(bench.run(hsetex, "HSETEX h EX 5 a 1"), wrong);
    assert_eq!(bench.run(hsetex, "HSETEX h EX 5 PX 5 FIELDS 1 a 1"), "-ERR syntax error");
    assert_eq!(bench.run(hsetex, "HSETEX h FNX FXX FIELDS 1 a 1"), "-ERR syntax error");
    assert_eq!(bench.run(hsetex, "HSETEX h EX 1 EX 5 FIELDS 1 a 1"), ":1");
    assert_eq!(bench.run(hgetex, "HGETEX h KEEPTTL FIELDS 1 a"), "-ERR syntax error");
    assert_eq!(
        bench.run(hgetex, "HGETEX h EX -1 FIELDS 1 a"),
        "-ERR invalid expire time in 'hgetex' command"
    );
    assert!(
        bench.run(hexpire, "HEXPIRE h 5 NX GT FIELDS 1 a").starts_with("-ERR NX and XX, GT or LT options")
    );
    assert_eq!(bench.run(hexpire, "HEXPIRE h 5 BAD FIELDS 1 a"), "-ERR Unsupported option BAD");
    assert_eq!(bench.run(httl, "HTTL h FIELDS 2 a"), "-ERR syntax error");
    assert_eq!(bench.run(httl, "HTTL h FIELDS x a"), "-ERR value is not an integer or out of range");
    assert_eq!(bench.run(hset, "HSET h a"), "-ERR wrong number of arguments for 'hset' command");
    bench.run(crate::string::set, "SET s v");
    assert!(bench.run(hpersist, "HPERSIST s FIELDS 1 a").starts_with("-WRONGTYPE"));
}

#[test]
fn random_fields_are_as_many_as_asked_for() {
    let mut bench = Bench::new();
    for i in 0..200 {
        bench.run(hset, &format!("HSET h f{i} {i}"));
    }
    let count = |reply: &str| reply.matches(" f").count();
    for (ask, expected) in [("5", 5), ("150", 150), ("300", 200), ("-5", 5), ("-500", 500), ("1", 1)] {
        let reply = bench.run(hrandfield, &format!("HRANDFIELD h {ask}"));
        assert_eq!(count(&reply), expected, "{ask}");
    }
    assert_eq!(bench.run(hrandfield, "HRANDFIELD h 0"), "*0");
    assert_eq!(bench.run(hrandfield, "HRANDFIELD none"), "$-1");
    assert!(bench.run(hrandfield, "HRANDFIELD h 3 WITHVALUES").starts_with("*6"));
    bench.protocol = resp::Protocol::Resp3;
    assert!(bench.run(hrandfield, "HRANDFIELD h 3 WITHVALUES").starts_with("*3 *2"));
    bench.run(hpexpire, "HPEXPIRE h 1000 FIELDS 1 f1");
    assert!(bench.run(hgetall, "HGETALL h").starts_with("%200"));
    bench.now += 1001;
    assert!(bench.run(hgetall, "HGETALL h").starts_with("%199"));
}
