//! Tests of stream commands: replies, changes, and what is to be repeated elsewhere.

use super::*;
use crate::testing::{Bench, START};
use crate::{Done, Handler};
use resp::Protocol;

/// A bench with a stream `s` of the entries 1-0, 2-0 and 3-0.
fn three() -> Bench {
    let mut bench = Bench::new();
    for id in 1..=3 {
        assert_eq!(bench.run(xadd, &format!("xadd s {id} f v{id}")), format!("$3 {id}-0"));
    }
    bench.forget();
    bench
}

impl Bench {
    fn forget(&mut self) {
        self.facts();
        self.writes();
        self.dirty();
    }

    /// The bytes that DUMP answers, read back by RESTORE under another name.
    fn copied(&mut self, from: &str, to: &str) -> Vec<u8> {
        let dump = |bench: &mut Bench, key: &str| {
            let reply = bench.run_bytes(crate::keys::dump, &[b"dump", key.as_bytes()]);
            let start = reply.iter().position(|&byte| byte == b'\n').expect("a string") + 1;
            reply[start..reply.len() - 2].to_vec()
        };
        let payload = dump(self, from);
        let restored = self.run_bytes(crate::keys::restore, &[b"restore", to.as_bytes(), b"0", &payload]);
        assert_eq!(restored, b"+OK\r\n");
        assert_eq!(dump(self, to), payload);
        payload
    }
}

#[test]
fn ids_are_given_by_the_time() {
    let mut bench = Bench::new();
    assert_eq!(bench.run(xadd, "xadd s * f v"), format!("$15 {START}-0"));
    assert_eq!(bench.run(xadd, "xadd s * f v"), format!("$15 {START}-1"));
    assert_eq!(bench.run(xadd, &format!("xadd s {START}-* f v")), format!("$15 {START}-2"));
    assert_eq!(bench.facts(), ["xadd s"; 3]);
    let id = |seq: u8| format!("xadd s {START}-{seq} f v");
    assert_eq!(bench.writes(), [id(0), id(1), id(2)], "elsewhere they are told, not given");
    assert_eq!(
        bench.run(xadd, "xadd s 5-1 f v"),
        "-ERR The ID specified in XADD is equal or smaller than the target stream top item"
    );
    assert_eq!(bench.run(xadd, "xadd s 0-0 f v"), "-ERR The ID specified in XADD must be greater than 0-0");
    assert_eq!(bench.run(xadd, "xadd s 18446744073709551615-18446744073709551615 a b").len(), 45);
    assert_eq!(
        bench.run(xadd, "xadd s * f v"),
        "-ERR The stream has exhausted the last possible ID, unable to add more items"
    );
    assert_eq!(bench.run(xadd, "xadd t nomkstream * f v"), "$-1");
    assert_eq!(bench.run(xadd, "xadd t 0-* f v"), "$3 0-1");
    for line in ["xadd s * f", "xadd s *", "xadd s * a b c", "xadd s maxlen 5"] {
        assert_eq!(bench.run(xadd, line), "-ERR wrong number of arguments for 'xadd' command", "{line}");
    }
}

#[test]
fn trimming_is_repeated_as_what_it_left() {
    let mut bench = Bench::new();
    bench.settings.rules.stream_node_max_entries = 2;
    for id in 1..=5 {
        bench.run(xadd, &format!("xadd s {id} f v"));
    }
    bench.forget();
    assert_eq!(bench.run(xadd, "xadd s maxlen ~ 3 limit 10 6-* f v"), "$3 6-0");
    assert_eq!((bench.facts(), bench.dirty()), (vec!["xadd s".into(), "xtrim s".into()], 1));
    assert_eq!(bench.writes(), ["xadd s maxlen = 4 limit 10 6-0 f v"]);
    assert_eq!(bench.run(xtrim, "xtrim s minid ~ 6"), ":2");
    assert_eq!((bench.facts(), bench.dirty()), (vec!["xtrim s".into()], 2));
    assert_eq!(bench.writes(), ["xtrim s minid = 5-0"]);
    assert_eq!(bench.run(xtrim, "xtrim s maxlen 1"), ":1");
    assert!(bench.writes().is_empty(), "what is exact is repeated as it came");
    assert_eq!(bench.run(xtrim, "xtrim s maxlen = 1"), ":0");
    assert_eq!(bench.run(xrange, "xrange s - +"), "*1 *2 $3 6-0 *2 $1 f $1 v");
}

#[test]
fn trimming_options_exclude_each_other() {
    let mut bench = Bench::new();
    let cases = [
        (
            "xtrim s maxlen 1 minid 1",
            "syntax error, MAXLEN and MINID options at the same time are not compatible",
        ),
        ("xtrim s maxlen 1 limit 5", "syntax error, LIMIT cannot be used without the special ~ option"),
        ("xtrim s limit 5", "syntax error, LIMIT cannot be used without specifying a trimming strategy"),
        ("xtrim s limit 0", "syntax error, XTRIM must be called with a trimming strategy"),
        ("xtrim s maxlen -1", "The MAXLEN argument must be >= 0."),
        ("xtrim s maxlen ~ 1 limit -1", "The LIMIT argument must be >= 0."),
        ("xtrim s maxlen ~", "value is not an integer or out of range"),
        ("xtrim s bogus 1", "syntax error"),
    ];
    for (line, error) in cases {
        assert_eq!(bench.run(xtrim, line), format!("-ERR {error}"), "{line}");
    }
}

#[test]
fn ranges_go_both_ways_and_leave_out_what_they_are_told_to() {
    let mut bench = three();
    assert_eq!(bench.run(xrange, "xrange s 2 + count 1"), "*1 *2 $3 2-0 *2 $1 f $2 v2");
    assert_eq!(bench.run(xrange, "xrange s (1-0 (3-0"), "*1 *2 $3 2-0 *2 $1 f $2 v2");
    assert_eq!(bench.run(xrevrange, "xrevrange s + - count 1"), "*1 *2 $3 3-0 *2 $1 f $2 v3");
    assert_eq!(bench.run(xrange, "xrange s - + count 0"), "*-1");
    assert_eq!(bench.run(xrange, "xrange none - + count 0"), "*0");
    assert_eq!(bench.run(xrange, "xrange s (+ +"), format!("-ERR {}", ids::INVALID));
    assert_eq!(bench.run(xrange, "xrange s - + count"), "-ERR syntax error");
    assert_eq!(bench.run(xlen, "xlen s"), ":3");
    assert_eq!(bench.run(xlen, "xlen none"), ":0");
}

#[test]
fn deleted_entries_leave_marks() {
    let mut bench = three();
    assert_eq!(bench.run(xdel, "xdel s 1 3 3 7"), ":2");
    assert_eq!((bench.facts(), bench.dirty()), (vec!["xdel s".into()], 2));
    let info = bench.run(xinfo_stream, "xinfo stream s");
    assert!(info.contains("max-deleted-entry-id $3 3-0") && info.contains("recorded-first-entry-id $3 2-0"));
    assert_eq!(
        bench.run(xsetid, "xsetid s 2-5"),
        "-ERR The ID specified in XSETID is smaller than current max_deleted_entry_id"
    );
    assert_eq!(bench.run(xsetid, "xsetid s 9-5 entriesadded 7 maxdeletedid 4"), "+OK");
    assert_eq!(bench.facts(), ["xsetid s"]);
    assert_eq!(bench.run(xadd, "xadd s 9-* f v"), "$3 9-6");
    assert_eq!(bench.run(xsetid, "xsetid none 1"), "-ERR no such key");
    assert_eq!(bench.run(xdel, "xdel s 2 9-6"), ":2");
    assert_eq!(bench.run(xlen, "xlen s"), ":0");
    assert_eq!(bench.run(crate::keys::exists, "exists s"), ":1", "an empty stream stays");
}

#[test]
fn reading_finds_what_is_new() {
    let mut bench = three();
    assert_eq!(bench.run(xread, "xread streams s none 2 0"), "*1 *2 $1 s *1 *2 $3 3-0 *2 $1 f $2 v3");
    assert_eq!(bench.run(xread, "xread streams s +"), "*1 *2 $1 s *1 *2 $3 3-0 *2 $1 f $2 v3");
    assert_eq!(bench.run(xread, "xread streams s $"), "*-1");
    bench.protocol = Protocol::Resp3;
    assert_eq!(bench.run(xread, "xread count 1 streams s 2"), "%1 $1 s *1 *2 $3 3-0 *2 $1 f $2 v3");
    assert_eq!(
        bench.run(xread, "xread streams s"),
        "-ERR Unbalanced 'xread' list of streams: for each stream key an ID or '$' must be specified."
    );
    for line in ["xread count 1", "xread streams", "xread bogus streams s 0"] {
        assert_eq!(bench.run(xread, line), "-ERR syntax error", "{line}");
    }
}

/// What a handler waits for.
fn waits(bench: &mut Bench, handler: Handler, line: &str) -> crate::Wait {
    match bench.done(handler, line) {
        Ok(Done::Block(wait)) => *wait,
        done => panic!("{done:?}"),
    }
}

#[test]
fn waiting_settles_what_now_is() {
    let mut bench = three();
    let wait = waits(&mut bench, xread, "xread block 0 streams s none $ $");
    assert_eq!((wait.keys, wait.timeout, wait.even_if_gone), (4..6, None, false));
    assert_eq!(wait.rewritten, [(6, b"3-0".to_vec()), (7, b"0-0".to_vec())]);
    bench.run(xgroup_create, "xgroup create s g $");
    let wait = waits(&mut bench, xreadgroup, "xreadgroup group g c block 20 streams s >");
    assert_eq!((wait.keys, wait.timeout, wait.even_if_gone), (7..8, Some(20), true));
    bench.caller.must_not_block = true;
    assert_eq!(bench.run(xread, "xread block 0 streams s $"), "*-1");
    assert_eq!(bench.run(xread, "xread block -1 streams s $"), "-ERR timeout is negative");
    assert_eq!(
        bench.run(xread, "xread block x streams s $"),
        "-ERR timeout is not an integer or out of range"
    );
    assert_eq!(
        bench.run(xread, "xread block 9223372036854775807 streams s $"),
        "-ERR timeout is out of range"
    );
}

#[test]
fn groups_give_each_entry_once() {
    let mut bench = three();
    assert_eq!(bench.run(xgroup_create, "xgroup create s g 1 entriesread 1"), "+OK");
    assert_eq!(
        bench.run(xgroup_create, "xgroup create s g 0"),
        "-BUSYGROUP Consumer Group name already exists"
    );
    bench.forget();
    let read = bench.run(xreadgroup, "xreadgroup group g a count 1 streams s >");
    assert_eq!(read, "*1 *2 $1 s *1 *2 $3 2-0 *2 $1 f $2 v2");
    assert_eq!((bench.facts(), bench.dirty()), (vec!["xgroup-createconsumer s".into()], 2));
    assert_eq!(
        bench.writes(),
        [
            format!("XCLAIM s g a 0 2-0 TIME {START} RETRYCOUNT 1 FORCE JUSTID LASTID 2-0"),
            "XGROUP SETID s g 2-0 ENTRIESREAD 2".into()
        ]
    );
    bench.run(xreadgroup, "xreadgroup group g b noack streams s >");
    assert_eq!(bench.writes(), ["XGROUP CREATECONSUMER s g b", "XGROUP SETID s g 3-0 ENTRIESREAD 3"]);
    bench.run(xdel, "xdel s 2");
    assert_eq!(bench.run(xreadgroup, "xreadgroup group g a streams s 0"), "*1 *2 $1 s *1 *2 $3 2-0 *-1");
    assert_eq!(bench.run(xpending, "xpending s g"), "*4 :1 $3 2-0 $3 2-0 *1 *2 $1 a $1 1");
    assert_eq!(bench.run(xack, "xack s g 2 3"), ":1");
    assert_eq!(bench.run(xpending, "xpending s g"), "*4 :0 $-1 $-1 *-1");
    assert_eq!(bench.run(xack, "xack s none x"), ":0");
    assert_eq!(
        bench.run(xreadgroup, "xreadgroup group h a streams s >"),
        "-NOGROUP No such key 's' or consumer group 'h' in XREADGROUP with GROUP option"
    );
}

#[test]
fn groups_and_consumers_come_and_go() {
    let mut bench = three();
    assert_eq!(bench.run(xgroup_create, "xgroup create t g $ mkstream entriesread 5"), "+OK");
    assert_eq!(bench.run(xgroup_createconsumer, "xgroup createconsumer t g a"), ":1");
    assert_eq!(bench.run(xgroup_createconsumer, "xgroup createconsumer t g a"), ":0");
    assert_eq!(bench.run(xgroup_delconsumer, "xgroup delconsumer t g a"), ":0");
    assert_eq!(bench.run(xgroup_setid, "xgroup setid t g + entriesread 2"), "+OK");
    assert_eq!(bench.run(xgroup_destroy, "xgroup destroy t g"), ":1");
    assert_eq!(bench.run(xgroup_destroy, "xgroup destroy t g"), ":0");
    assert_eq!(
        bench.facts(),
        ["xgroup-create", "xgroup-createconsumer", "xgroup-delconsumer", "xgroup-setid", "xgroup-destroy"]
            .map(|event| format!("{event} t"))
    );
    assert_eq!(
        bench.run(xgroup_setid, "xgroup setid s g 0"),
        "-NOGROUP No such consumer group 'g' for key name 's'"
    );
    assert!(
        bench.run(xgroup_create, "xgroup create none g 0").starts_with("-ERR The XGROUP subcommand requires")
    );
    assert_eq!(
        bench.run(xgroup_create, "xgroup create s g 0 bogus"),
        "-ERR unknown subcommand or wrong number of arguments for 'create'. Try XGROUP HELP."
    );
}

#[test]
fn what_is_pending_is_claimed() {
    let mut bench = three();
    bench.run(xgroup_create, "xgroup create s g 0");
    bench.run(xreadgroup, "xreadgroup group g a streams s >");
    bench.now += 100;
    bench.forget();
    assert_eq!(bench.run(xclaim, "xclaim s g b 200 1"), "*0", "not idle for long enough");
    assert_eq!(bench.run(xclaim, "xclaim s g b 100 1 justid"), "*1 $3 1-0");
    let now = bench.now;
    assert_eq!(
        bench.writes(),
        [format!("XCLAIM s g b 0 1-0 TIME {now} RETRYCOUNT 1 FORCE JUSTID LASTID 3-0")]
    );
    assert_eq!(
        bench.run(xclaim, "xclaim s g b 0 2 retrycount 7 time 5 lastid 9"),
        "*1 *2 $3 2-0 *2 $1 f $2 v2"
    );
    assert_eq!(bench.writes(), ["XCLAIM s g b 0 2-0 TIME 5 RETRYCOUNT 7 FORCE JUSTID LASTID 9-0"]);
    bench.run(xdel, "xdel s 3");
    bench.writes();
    assert_eq!(
        bench.run(xautoclaim, "xautoclaim s g c 50 - count 2"),
        "*3 $3 0-0 *1 *2 $3 2-0 *2 $1 f $2 v2 *1 $3 3-0"
    );
    assert_eq!(
        bench.writes(),
        [
            format!("XCLAIM s g c 0 2-0 TIME {now} RETRYCOUNT 8 FORCE JUSTID LASTID 9-0"),
            format!("XCLAIM s g a 0 3-0 TIME {START} RETRYCOUNT 1 FORCE JUSTID LASTID 9-0")
        ]
    );
    assert_eq!(bench.run(xpending, "xpending s g - + 10 b"), "*1 *4 $3 1-0 $1 b :0 :1");
    assert_eq!(bench.run(xpending, "xpending s g idle 1 - + 10"), "*0");
    assert_eq!(bench.run(xpending, "xpending s g + - 10"), "*0");
    assert_eq!(bench.run(xclaim, "xclaim s g b 0 bogus"), "-ERR Unrecognized XCLAIM option 'bogus'");
    assert_eq!(bench.run(xautoclaim, "xautoclaim s g b 0 0 count 0"), "-ERR COUNT must be > 0");
}

#[test]
fn a_group_knows_how_far_it_has_come() {
    let mut bench = three();
    bench.run(xgroup_create, "xgroup create s g 0");
    let lag = |bench: &mut Bench| {
        let info = bench.run(xinfo_groups, "xinfo groups s");
        info.split("entries-read ").nth(1).expect("the figure").to_owned()
    };
    assert_eq!(lag(&mut bench), "$-1 $3 lag :3");
    bench.run(xreadgroup, "xreadgroup group g a count 1 streams s >");
    assert_eq!(lag(&mut bench), ":1 $3 lag :2");
    bench.run(xdel, "xdel s 2");
    assert_eq!(lag(&mut bench), ":1 $3 lag $-1", "a hole lies ahead");
    bench.run(xreadgroup, "xreadgroup group g a streams s >");
    assert_eq!(lag(&mut bench), ":3 $3 lag :0");
}

#[test]
fn streams_travel_whole() {
    let mut bench = three();
    bench.run(xdel, "xdel s 2");
    bench.run(xgroup_create, "xgroup create s g 0");
    bench.run(xgroup_create, "xgroup create s h $ entriesread 2");
    bench.run(xreadgroup, "xreadgroup group g a streams s >");
    bench.run(xgroup_createconsumer, "xgroup createconsumer s g b");
    let payload = bench.copied("s", "t");
    let full = bench.run(xinfo_stream, "xinfo stream s full");
    assert_eq!(bench.run(xinfo_stream, "xinfo stream t full"), full);
    assert_eq!(bench.run(crate::keys::copy, "copy s u"), ":1");
    assert_eq!(bench.run(xinfo_stream, "xinfo stream u full"), full);
    // Whatever is wrong with a payload is said, whether or not its checksum is right.
    for at in 0..payload.len() - 10 {
        for damage in [1, 0x80, 0xff] {
            let mut bad = payload.clone();
            bad[at] ^= damage;
            let body = bad.len() - 8;
            let checksum = base::crc64::crc64(&bad[..body]);
            bad[body..].copy_from_slice(&checksum.to_le_bytes());
            let reply = bench.run_bytes(crate::keys::restore, &[b"restore", b"v", b"0", &bad, b"replace"]);
            if reply == b"+OK\r\n" && bench.run(crate::keys::type_of, "type v") == "+stream" {
                bench.run(xinfo_stream, "xinfo stream v full count 0");
                bench.run(xreadgroup, "xreadgroup group g a streams v >");
                bench.run(xautoclaim, "xautoclaim v g a 0 -");
                bench.run(xrevrange, "xrevrange v + -");
                bench.run(xtrim, "xtrim v maxlen 1");
            }
        }
    }
}

#[test]
fn other_types_are_refused() {
    let mut bench = Bench::new();
    bench.run(crate::string::set, "set s x");
    let cases: &[(Handler, &str)] = &[
        (xadd, "xadd s * f v"),
        (xtrim, "xtrim s maxlen 1"),
        (xlen, "xlen s"),
        (xrange, "xrange s - +"),
        (xread, "xread streams s 0"),
        (xreadgroup, "xreadgroup group g c streams s >"),
        (xdel, "xdel s 1"),
        (xsetid, "xsetid s 1"),
        (xgroup_create, "xgroup create s g 0"),
        (xgroup_destroy, "xgroup destroy s g"),
        (xack, "xack s g 1"),
        (xpending, "xpending s g"),
        (xclaim, "xclaim s g c 0 1"),
        (xautoclaim, "xautoclaim s g c 0 0"),
        (xinfo_stream, "xinfo stream s"),
        (xinfo_groups, "xinfo groups s"),
    ];
    for (handler, line) in cases {
        assert!(bench.run(*handler, line).starts_with("-WRONGTYPE"), "{line}");
    }
}
