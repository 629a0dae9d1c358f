//! Clients that wait for keys, on a node without a server.

use crate::testing::Bench;

const NOTHING: &str = "*-1\r\n";

fn popped(key: &str, item: &str) -> String {
    format!("*2\r\n${}\r\n{key}\r\n${}\r\n{item}\r\n", key.len(), item.len())
}

#[test]
fn who_came_first_is_served_first() {
    let mut bench = Bench::new("");
    let (one, two, hand) = (bench.connect(1), bench.connect(2), bench.connect(3));
    assert_eq!(bench.ask(one, &["BLPOP a b 0"]), "");
    assert_eq!(bench.ask(two, &["BRPOP b 0"]), "");
    assert!(bench.ask(hand, &["INFO clients"]).contains("blocked_clients:2\r\n"));
    assert!(bench.ask(hand, &["INFO clients"]).contains("total_blocking_keys:2\r\n"));
    assert_eq!(bench.ask(hand, &["RPUSH b x"]), ":1\r\n");
    assert_eq!((bench.sent(one), bench.sent(two)), (popped("b", "x"), String::new()));
    bench.ask(hand, &["RPUSH b y z"]);
    assert_eq!(bench.sent(two), popped("b", "z"));
    assert_eq!(bench.ask(hand, &["LLEN b"]), ":1\r\n");
    assert!(bench.ask(hand, &["INFO clients"]).contains("total_blocking_keys:0\r\n"));
}

#[test]
fn whatever_makes_the_key_wakes_and_another_type_does_not() {
    let mut bench = Bench::new("");
    let (one, hand) = (bench.connect(1), bench.connect(2));
    for way in
        ["RENAME other key", "COPY other key", "LMOVE other key LEFT LEFT", "SORT other BY nosort STORE key"]
    {
        bench.ask(hand, &["FLUSHALL", "RPUSH other x"]);
        assert_eq!(bench.ask(one, &["BLPOP key 0"]), "");
        bench.ask(hand, &["SET key string", "DEL key", way]);
        assert_eq!(bench.sent(one), popped("key", "x"), "{way}");
    }
    bench.ask(hand, &["FLUSHALL", "SELECT 1", "RPUSH key x", "SELECT 0"]);
    bench.ask(one, &["BLPOP key 0"]);
    bench.ask(hand, &["SWAPDB 0 1"]);
    assert_eq!(bench.sent(one), popped("key", "x"));
}

#[test]
fn one_who_is_served_serves_others() {
    let mut bench = Bench::new("");
    let (one, two, three, hand) = (bench.connect(1), bench.connect(2), bench.connect(3), bench.connect(4));
    bench.ask(three, &["BLPOP c 0"]);
    bench.ask(two, &["BLMOVE b c LEFT RIGHT 0"]);
    bench.ask(one, &["BLMOVE a b LEFT RIGHT 0"]);
    assert_eq!(bench.ask(hand, &["RPUSH a x", "DBSIZE"]), ":1\r\n:0\r\n");
    assert_eq!((bench.sent(one), bench.sent(two)), ("$1\r\nx\r\n".into(), "$1\r\nx\r\n".into()));
    assert_eq!(bench.sent(three), popped("c", "x"));
}

#[test]
fn a_wait_ends_in_time_or_when_told() {
    let mut bench = Bench::new("");
    let (one, hand) = (bench.connect(1), bench.connect(2));
    bench.ask(one, &["BLPOP key 0.05", "ECHO behind"]);
    bench.wait(49_000);
    assert_eq!(bench.sent(one), "");
    bench.wait(2_000);
    assert_eq!(bench.sent(one), format!("{NOTHING}$6\r\nbehind\r\n"));
    let id = bench.ask(one, &["CLIENT ID"]).trim().replace(':', "");
    bench.ask(one, &["BLPOP key 0"]);
    assert_eq!(bench.ask(hand, &[&format!("CLIENT UNBLOCK {id}")]), ":1\r\n");
    assert_eq!(bench.sent(one), NOTHING);
    bench.ask(one, &["BLPOP key 0"]);
    bench.ask(hand, &[&format!("CLIENT UNBLOCK {id} ERROR")]);
    assert!(bench.sent(one).starts_with("-UNBLOCKED "));
    assert_eq!(bench.ask(hand, &["RPUSH key x"]), ":1\r\n");
    assert_eq!(bench.sent(one), "");
}

#[test]
fn transactions_do_not_wait_and_wake_when_they_are_over() {
    let mut bench = Bench::new("");
    let (one, hand) = (bench.connect(1), bench.connect(2));
    assert_eq!(
        bench.ask(hand, &["MULTI", "BLPOP key 0", "EXEC"]),
        format!("+OK\r\n+QUEUED\r\n*1\r\n{NOTHING}")
    );
    bench.ask(one, &["BLPOP key 0"]);
    let reply = bench.ask(hand, &["MULTI", "RPUSH key x", "DEL key", "RPUSH key y", "EXEC"]);
    assert!(reply.ends_with("*3\r\n:1\r\n:1\r\n:1\r\n"), "{reply}");
    assert_eq!(bench.sent(one), popped("key", "y"));
}

#[test]
fn a_transaction_that_waits_for_the_shell_serves_nobody_yet() {
    let mut bench = Bench::new("");
    let (one, hand) = (bench.connect(1), bench.connect(2));
    bench.ask(one, &["BLPOP key 0"]);
    bench.ask(hand, &["MULTI", "RPUSH key x", "CONFIG SET maxclients 100", "EXEC"]);
    assert_eq!((bench.errands().len(), bench.sent(one)), (1, String::new()));
    bench.perform(Ok(()));
    assert_eq!(bench.sent(one), popped("key", "x"));
}

#[test]
fn those_who_go_leave_their_lines() {
    let mut bench = Bench::new("");
    let (one, two, hand) = (bench.connect(1), bench.connect(2), bench.connect(3));
    bench.ask(one, &["BLPOP key 0"]);
    bench.ask(two, &["BLPOP key 0"]);
    bench.close(one);
    bench.ask(hand, &["RPUSH key x"]);
    assert_eq!(bench.sent(two), popped("key", "x"));
}

#[test]
fn a_stream_that_goes_is_told_to_its_groups_readers() {
    let mut bench = Bench::new("");
    let (one, two, hand) = (bench.connect(1), bench.connect(2), bench.connect(3));
    bench.ask(hand, &["XGROUP CREATE key group $ MKSTREAM"]);
    bench.ask(one, &["XREADGROUP GROUP group me BLOCK 0 STREAMS key >"]);
    bench.ask(two, &["XREAD BLOCK 0 STREAMS key $"]);
    assert!(bench.ask(hand, &["INFO clients"]).contains("total_blocking_keys_on_nokey:1\r\n"));
    bench.ask(hand, &["DEL key"]);
    assert!(bench.sent(one).starts_with("-NOGROUP "));
    bench.ask(hand, &["XADD key 1-1 f v"]);
    assert!(bench.sent(two).contains("1-1"));
}
