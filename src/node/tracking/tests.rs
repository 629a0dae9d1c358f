//! Clients that cache what they read, on a node without a server.

use crate::testing::Bench;

/// A push that tells of these keys.
fn changed(keys: &[&str]) -> String {
    let keys: String = keys.iter().map(|key| format!("${}\r\n{key}\r\n", key.len())).collect();
    format!(">2\r\n$10\r\ninvalidate\r\n{keys}").replacen(
        "invalidate\r\n",
        &array(keys.lines().count() / 2),
        1,
    )
}

fn array(len: usize) -> String {
    format!("invalidate\r\n*{len}\r\n")
}

/// A bench with a client that speaks RESP3 and has tracking on, and another client.
fn tracked(options: &str) -> (Bench, crate::ConnId, crate::ConnId) {
    let mut bench = Bench::new("");
    let (cache, other) = (bench.connect(1), bench.connect(2));
    bench.ask(cache, &["HELLO 3", &format!("CLIENT TRACKING ON{options}")]);
    (bench, cache, other)
}

#[test]
fn a_key_that_was_read_is_told_of_once() {
    let (mut bench, cache, other) = tracked("");
    bench.ask(cache, &["GET key", "MGET one two"]);
    bench.ask(other, &["SET none 1", "SET key 1", "SET key 2", "DEL two"]);
    assert_eq!(bench.sent(cache), changed(&["key"]), "nothing was there to be deleted");
    bench.ask(other, &["SET two 1"]);
    assert_eq!(bench.sent(cache), changed(&["two"]));
}

#[test]
fn what_a_client_changes_itself_follows_the_reply() {
    let (mut bench, cache, _) = tracked("");
    assert_eq!(bench.ask(cache, &["GET key", "SET key 1"]), format!("_\r\n+OK\r\n{}", changed(&["key"])));
    let got = bench.ask(cache, &["MULTI", "GET key", "SET key 2", "PING", "EXEC"]);
    assert!(got.ends_with(&format!("*3\r\n$1\r\n1\r\n+OK\r\n+PONG\r\n{}", changed(&["key"]))), "{got}");
    bench.ask(cache, &["CLIENT TRACKING ON NOLOOP", "GET key"]);
    assert_eq!(bench.ask(cache, &["SET key 3"]), "+OK\r\n");
}

#[test]
fn what_time_takes_is_told() {
    let (mut bench, cache, other) = tracked("");
    bench.ask(other, &["SET key 1 PX 100", "SET late 1 PX 5000", "DEBUG SET-ACTIVE-EXPIRE 0"]);
    bench.ask(cache, &["GET key", "GET late"]);
    bench.wait(1_000_000);
    bench.ask(other, &["GET key"]);
    assert_eq!(bench.sent(cache), changed(&["key"]));
}

#[test]
fn all_keys_go_as_null() {
    let (mut bench, cache, other) = tracked("");
    bench.ask(cache, &["GET key"]);
    bench.ask(other, &["FLUSHALL"]);
    assert_eq!(bench.sent(cache), ">2\r\n$10\r\ninvalidate\r\n_\r\n");
    assert!(
        bench.ask(other, &["INFO stats"]).contains("tracking_total_keys:0\r\ntracking_total_items:0\r\n")
    );
    assert_eq!(bench.ask(cache, &["FLUSHDB"]), "+OK\r\n>2\r\n$10\r\ninvalidate\r\n_\r\n");
}

#[test]
fn caching_is_said_for_one_command() {
    let (mut bench, cache, other) = tracked(" OPTIN");
    bench.ask(cache, &["GET one", "CLIENT CACHING YES", "GET two", "GET three"]);
    bench.ask(cache, &["CLIENT CACHING YES", "MULTI", "GET four", "GET five", "EXEC", "GET six"]);
    bench.ask(other, &["MSET one 1 two 1 three 1 four 1 five 1 six 1"]);
    assert_eq!(bench.sent(cache), ["two", "four", "five"].map(|key| changed(&[key])).concat());
    bench.ask(cache, &["CLIENT TRACKING OFF", "CLIENT TRACKING ON OPTOUT"]);
    bench.ask(cache, &["CLIENT CACHING NO", "GET one", "GET two"]);
    bench.ask(other, &["MSET one 1 two 1"]);
    assert_eq!(bench.sent(cache), changed(&["two"]));
}

#[test]
fn prefixes_gather_what_a_turn_of_the_loop_changes() {
    let (mut bench, cache, other) = tracked(" BCAST PREFIX user: PREFIX order:");
    bench.ask(other, &["SET user:2 1", "MSET x 1 user:1 1 order:1 1 user:2 2"]);
    assert_eq!(bench.sent(cache), "", "the turn is not over");
    bench.wait(0);
    let told = [changed(&["order:1"]), changed(&["user:1", "user:2"])].concat();
    assert_eq!(bench.sent(cache), told);
    assert!(
        bench
            .ask(cache, &["CLIENT TRACKING ON BCAST PREFIX us"])
            .contains("overlaps with an existing prefix")
    );
    assert!(bench.ask(cache, &["CLIENT TRACKING ON"]).starts_with("-ERR You can't switch BCAST mode"));
    bench.ask(cache, &["CLIENT TRACKING OFF", "CLIENT TRACKING ON BCAST NOLOOP"]);
    assert_eq!(bench.ask(cache, &["SET a 1"]), "+OK\r\n");
    bench.wait(0);
    assert_eq!(bench.sent(cache), "");
    bench.ask(other, &["SET a 2"]);
    bench.wait(0);
    assert_eq!(bench.sent(cache), changed(&["a"]));
}

#[test]
fn another_client_is_told_in_its_place() {
    let mut bench = Bench::new("");
    let (cache, ear, other) = (bench.connect(1), bench.connect(2), bench.connect(3));
    bench.ask(ear, &["SUBSCRIBE __redis__:invalidate"]);
    bench.ask(cache, &["HELLO 3", "CLIENT TRACKING ON REDIRECT 2", "GET key", "GET more"]);
    bench.ask(other, &["SET key 1"]);
    assert_eq!(bench.sent(ear), "*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n*1\r\n$3\r\nkey\r\n");
    bench.close(ear);
    bench.ask(other, &["SET more 1"]);
    assert_eq!(bench.sent(cache), ">2\r\n$21\r\ntracking-redir-broken\r\n:2\r\n");
    assert!(bench.ask(cache, &["CLIENT TRACKINGINFO"]).contains("broken_redirect"));
    assert!(bench.ask(other, &["CLIENT LIST ID 1"]).contains("flags=tR "));
    // The connection has another client by now.
    let _ = bench.connect(2);
    bench.ask(cache, &["GET key"]);
    bench.ask(other, &["SET key 2"]);
    assert_eq!(bench.sent(cache), ">2\r\n$21\r\ntracking-redir-broken\r\n:2\r\n");
}

#[test]
fn the_table_is_kept_within_its_limit() {
    let mut bench = Bench::new("tracking-table-max-keys 10");
    let (cache, other) = (bench.connect(1), bench.connect(2));
    bench.ask(cache, &["HELLO 3", "CLIENT TRACKING ON"]);
    let reads: Vec<String> = (0..25).map(|key| format!("GET {key}")).collect();
    let told = bench.ask(cache, &reads.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(told.matches("invalidate").count(), 14, "one at a time, before the next command");
    let info = bench.ask(other, &["INFO stats"]);
    assert!(info.contains("tracking_total_keys:10\r\ntracking_total_items:10\r\n"), "{info}");
    assert_eq!(bench.sent(cache).matches("invalidate").count(), 1);
    let told = bench.ask(cache, &["GET last", "PING"]);
    assert!(told.starts_with("_\r\n>2\r\n") && told.ends_with("+PONG\r\n"), "{told}");
}

#[test]
fn nothing_is_left_of_clients_that_went() {
    let (mut bench, cache, other) = tracked(" BCAST");
    bench.close(cache);
    let info = bench.ask(other, &["INFO"]);
    assert!(info.contains("tracking_clients:0\r\n") && info.contains("tracking_total_prefixes:0\r\n"));
    let cache = bench.connect(1);
    bench.ask(cache, &["HELLO 3", "CLIENT TRACKING ON", "GET key"]);
    bench.close(cache);
    // Whoever has its connection now hears nothing of what it has read.
    let heir = bench.connect(1);
    bench.ask(heir, &["HELLO 3", "CLIENT TRACKING ON"]);
    bench.ask(other, &["SET key 1"]);
    assert_eq!(bench.sent(heir), "");
}

#[test]
fn older_clients_without_another_are_told_nothing() {
    let mut bench = Bench::new("");
    let (cache, other) = (bench.connect(1), bench.connect(2));
    bench.ask(cache, &["CLIENT TRACKING ON", "GET key"]);
    bench.ask(other, &["SET key 1"]);
    assert_eq!(bench.sent(cache), "");
    assert_eq!(bench.ask(cache, &["CLIENT GETREDIR"]), ":0\r\n");
    bench.ask(cache, &["RESET"]);
    assert_eq!(bench.ask(cache, &["CLIENT GETREDIR"]), ":-1\r\n");
}
