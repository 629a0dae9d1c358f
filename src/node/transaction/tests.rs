//! Transactions on a node without a server.

use crate::testing::Bench;

#[test]
fn commands_are_put_by_and_run_together() {
    let mut bench = Bench::new("");
    let (one, two) = (bench.connect(1), bench.connect(2));
    assert_eq!(bench.ask(one, &["MULTI", "SET a 1", "INCR a"]), "+OK\r\n+QUEUED\r\n+QUEUED\r\n");
    assert_eq!(bench.ask(two, &["GET a"]), "$-1\r\n");
    assert!(bench.ask(two, &["CLIENT LIST"]).contains(" multi=2 "));
    assert_eq!(bench.ask(one, &["EXEC"]), "*2\r\n+OK\r\n:2\r\n");
    assert_eq!(bench.ask(one, &["EXEC"]), "-ERR EXEC without MULTI\r\n");
    assert_eq!(
        bench.ask(one, &["MULTI", "SET a 9", "DISCARD", "GET a"]),
        "+OK\r\n+QUEUED\r\n+OK\r\n$1\r\n2\r\n"
    );
}

#[test]
fn a_client_shows_what_it_has_put_by() {
    let mut bench = Bench::new("");
    let (one, two) = (bench.connect(1), bench.connect(2));
    let shown = |bench: &mut Bench| bench.ask(two, &["CLIENT LIST ID 1"]);
    assert!(shown(&mut bench).contains(" multi=-1 watch=0 "));
    let exec = bench.ask(one, &["MULTI", "PING", "CLIENT INFO", "EXEC"]);
    assert!(exec.contains(" flags=x ") && exec.contains(" multi=2 "), "{exec}");
    assert!(shown(&mut bench).contains(" flags=N ") && shown(&mut bench).contains(" multi=0 "));
    bench.ask(one, &["MULTI", "PING", "NO-SUCH-COMMAND", "PING"]);
    assert!(shown(&mut bench).contains(" multi=0 "), "nothing is kept of what cannot be run");
    assert!(shown(&mut bench).contains(" flags=x "));
    bench.ask(one, &["DISCARD", "WATCH key"]);
    assert!(shown(&mut bench).contains(" multi=0 watch=1 "));
    bench.ask(two, &["WATCH key"]);
    assert!(bench.ask(two, &["CLIENT INFO"]).contains(" multi=0 watch=1 "));
}

#[test]
fn a_refused_command_spoils_the_rest_and_a_failed_one_does_not() {
    let mut bench = Bench::new("");
    let one = bench.connect(1);
    let abort = "-EXECABORT Transaction discarded because of previous errors.\r\n";
    bench.ask(one, &["MULTI", "SET a", "SET a 1"]);
    assert_eq!(bench.ask(one, &["EXEC"]), abort);
    bench.ask(one, &["MULTI", "MULTI"]);
    assert_eq!(bench.ask(one, &["EXEC"]), abort);
    bench.ask(one, &["MULTI", "SET a x", "INCR a", "SET b 1"]);
    assert_eq!(
        bench.ask(one, &["EXEC"]),
        "*3\r\n+OK\r\n-ERR value is not an integer or out of range\r\n+OK\r\n"
    );
}

#[test]
fn what_leaves_the_value_as_it_is_breaks_nothing() {
    let mut bench = Bench::new("");
    let (one, two) = (bench.connect(1), bench.connect(2));
    let mut broken_by = |change: &str| {
        bench.ask(one, &["WATCH s l"]);
        bench.ask(two, &[change]);
        bench.ask(one, &["MULTI", "PING", "EXEC"]).ends_with("*-1\r\n")
    };
    assert!(broken_by("XGROUP CREATE s g $ MKSTREAM"));
    for change in
        ["XGROUP CREATE s h $", "XGROUP SETID s g 0", "XGROUP CREATECONSUMER s g c", "XGROUP DESTROY s g"]
    {
        assert!(!broken_by(change), "{change}");
    }
    assert!(broken_by("XADD s * f v"));
    assert!(broken_by("RPUSH l a b"));
    assert!(!broken_by("LTRIM l 0 -1"), "nothing was there to be trimmed");
    assert!(broken_by("LTRIM l 1 1"));
}

#[test]
fn a_watched_key_that_changes_stops_the_transaction() {
    let mut bench = Bench::new("");
    let (one, two) = (bench.connect(1), bench.connect(2));
    let attempt = ["MULTI", "SET done 1", "EXEC"];
    for change in ["SET key 2", "DEL key", "RENAME key other", "FLUSHALL", "SWAPDB 0 1", "EXPIRE key 100"] {
        bench.ask(two, &["SET key 1"]);
        bench.ask(one, &["WATCH key key2"]);
        bench.ask(two, &[change]);
        assert_eq!(bench.ask(one, &attempt), "+OK\r\n+QUEUED\r\n*-1\r\n", "{change}");
    }
    bench.ask(one, &["SET key 1", "WATCH key"]);
    bench.ask(two, &["GET key", "SET another 1", "FLUSHDB"]);
    bench.ask(one, &["UNWATCH"]);
    assert_eq!(bench.ask(one, &attempt), "+OK\r\n+QUEUED\r\n*1\r\n+OK\r\n");
    bench.ask(one, &["WATCH none"]);
    bench.ask(two, &["FLUSHALL"]);
    assert_eq!(bench.ask(one, &attempt), "+OK\r\n+QUEUED\r\n*1\r\n+OK\r\n");
    assert!(bench.ask(two, &["INFO clients"]).contains("total_watched_keys:0\r\n"));
}

#[test]
fn a_watched_key_whose_time_comes_stops_it_unless_it_had_come() {
    let mut bench = Bench::new("");
    let one = bench.connect(1);
    bench.ask(one, &["DEBUG SET-ACTIVE-EXPIRE 0", "SET key 1 PX 10", "WATCH key"]);
    bench.wait(20_000);
    assert_eq!(bench.ask(one, &["MULTI", "PING", "EXEC"]), "+OK\r\n+QUEUED\r\n*-1\r\n");
    bench.ask(one, &["WATCH key", "GET key"]);
    assert_eq!(bench.ask(one, &["MULTI", "PING", "EXEC"]), "+OK\r\n+QUEUED\r\n*1\r\n+PONG\r\n");
}

#[test]
fn settings_made_in_a_transaction_wait_for_the_shell_and_go_on() {
    let mut bench = Bench::new("");
    let one = bench.connect(1);
    bench.ask(one, &["MULTI", "CONFIG SET maxclients 100", "PING", "EXEC", "ECHO after"]);
    assert_eq!(bench.errands().len(), 1);
    bench.perform(Ok(()));
    assert_eq!(bench.sent(one), "+OK\r\n+PONG\r\n$5\r\nafter\r\n");
}

#[test]
fn a_client_whose_transaction_is_broken_watches_nothing_any_more() {
    let mut bench = Bench::new("");
    let (one, two) = (bench.connect(1), bench.connect(2));
    let watched = |bench: &mut Bench, count: u32| {
        let info = bench.ask(two, &["INFO clients"]);
        assert!(info.contains(&format!("total_watched_keys:{count}\r\n")), "{info}");
    };
    bench.ask(one, &["WATCH a b a"]);
    watched(&mut bench, 2);
    bench.ask(two, &["SET a 1"]);
    watched(&mut bench, 0);
    bench.ask(one, &["WATCH c"]);
    watched(&mut bench, 0);
    assert_eq!(bench.ask(one, &["MULTI", "PING", "EXEC"]), "+OK\r\n+QUEUED\r\n*-1\r\n");
    bench.ask(one, &["WATCH c", "FLUSHALL"]);
    watched(&mut bench, 1);
    bench.ask(two, &["SET c 1", "FLUSHALL"]);
    watched(&mut bench, 0);
}
