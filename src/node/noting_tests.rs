//! What is logged of commands, with what, and what it shows.

use crate::commandlog::Cost;
use crate::testing::Bench;
use proptest::prelude::*;

/// Answers an entry's arguments in one line, without lengths.
fn arguments(reply: &str) -> String {
    let words: Vec<&str> =
        reply.split("\r\n").filter(|word| !word.starts_with('$') || *word == "$").collect();
    // Before them: how many entries, how many fields, three figures, how many arguments; after them: who, and the end.
    words[6..words.len() - 3].join(" ")
}

/// A bench that logs every command, and the client who asks it.
fn logging() -> (Bench, crate::ConnId) {
    let mut bench = Bench::new("slowlog-log-slower-than 0\nenable-debug-command yes\nrequirepass x");
    let client = bench.connect(0);
    bench.ask(client, &["auth x"]);
    (bench, client)
}

fn last(bench: &mut Bench, client: crate::ConnId) -> String {
    let reply = bench.ask(client, &["slowlog get 1"]);
    bench.ask(client, &["slowlog reset"]);
    arguments(&reply)
}

#[test]
fn an_entry_tells_what_who_when_and_how_long() {
    let (mut bench, client) = logging();
    bench.ask(client, &["client setname me", "slowlog reset", "debug sleep 0.25"]);
    bench.wait(250_000);
    bench.perform(Ok(()));
    bench.sent(client);
    assert_eq!(
        bench.ask(client, &["commandlog get 1 SLOW"]),
        "*1\r\n*6\r\n:3\r\n:1700000000\r\n:250000\r\n*3\r\n$5\r\ndebug\r\n$5\r\nsleep\r\n$4\r\n0.25\r\n\
         $15\r\n127.0.0.1:50000\r\n$2\r\nme\r\n"
    );
    assert_eq!(bench.ask(client, &["commandlog len slow"]), ":3\r\n");
}

#[test]
fn arguments_are_few_and_short_and_no_secrets() {
    let (mut bench, client) = logging();
    let numbers = |range: std::ops::Range<usize>| range.map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
    bench.ask(client, &[&format!("sadd k {}", numbers(0..30))]);
    assert_eq!(last(&mut bench, client), format!("sadd k {}", numbers(0..30)));
    bench.ask(client, &[&format!("sadd k {}", numbers(0..31))]);
    assert_eq!(last(&mut bench, client), format!("sadd k {} ... (2 more arguments)", numbers(0..29)));
    bench.ask(client, &[&format!("get {}", "a".repeat(128))]);
    assert_eq!(last(&mut bench, client), format!("get {}", "a".repeat(128)));
    bench.ask(client, &[&format!("get {}", "a".repeat(130))]);
    assert_eq!(last(&mut bench, client), format!("get {}... (2 more bytes)", "a".repeat(128)));
    bench.ask(client, &["config set requirepass y maxmemory 0"]);
    assert_eq!(last(&mut bench, client), "config set requirepass (redacted) maxmemory 0");
    bench.ask(client, &["auth default wrong"]);
    assert_eq!(last(&mut bench, client), "auth (redacted) (redacted)");
}

#[test]
fn a_command_that_waits_is_logged_once_when_it_is_over_and_waiting_is_not_counted() {
    let (mut bench, client) = logging();
    let other = bench.connect(1);
    bench.ask(other, &["auth x"]);
    bench.ask(client, &["slowlog reset"]);
    assert_eq!(bench.ask(other, &["blpop list 5"]), "");
    assert_eq!(bench.ask(client, &["slowlog len"]), ":1\r\n");
    bench.wait(1_000_000);
    bench.ask(client, &["slowlog reset", "rpush list x"]);
    let reply = bench.ask(client, &["slowlog get -1"]);
    // The reset, the one who was served, and the push that served it, the latest first.
    assert!(reply.starts_with("*3\r\n*6\r\n"), "{reply}");
    assert_eq!(reply.matches("blpop").count(), 1);
    assert!(!reply.contains(":1000000\r\n"), "{reply}");
    bench.ask(other, &["wait 1 100"]);
    bench.wait(100_000);
    assert_eq!(last(&mut bench, client), "wait 1 100");
    bench.ask(other, &["xread block 10 streams s $"]);
    bench.wait(10_000);
    assert_eq!(last(&mut bench, client), "xread block 10 streams s $");
}

#[test]
fn a_transaction_is_logged_command_by_command_and_exec_is_not() {
    let (mut bench, client) = logging();
    bench.ask(client, &["multi", "set k v", "config set port 7000", "get k", "slowlog reset", "exec"]);
    bench.errands();
    bench.perform(Ok(()));
    bench.sent(client);
    assert_eq!(bench.ask(client, &["slowlog len"]), ":1\r\n");
    bench.ask(client, &["slowlog reset", "multi", "set k v", "config set port 7000", "exec"]);
    bench.errands();
    bench.perform(Ok(()));
    bench.sent(client);
    assert_eq!(last(&mut bench, client), "config set port 7000");
    bench.ask(client, &["get", "nosuch", "set k v x"]);
    assert_eq!(last(&mut bench, client), "set k v x", "what is refused has not run, what fails has");
}

#[test]
fn large_requests_and_replies_have_logs_of_their_own() {
    let mut bench = Bench::new("commandlog-request-larger-than 0\ncommandlog-reply-larger-than 1003");
    let client = bench.connect(0);
    let value = "v".repeat(994);
    bench.ask(client, &[&format!("set k {value}"), "get k"]);
    assert_eq!(bench.ask(client, &["commandlog len large-reply"]), ":0\r\n");
    bench.ask(client, &["append k v", "get k"]);
    let reply = bench.ask(client, &["commandlog get -1 large-reply"]);
    assert!(reply.starts_with("*1\r\n*6\r\n:0\r\n:1700000000\r\n:1003\r\n*2\r\n"), "{reply}");
    assert_eq!(arguments(&reply), "get k");
    bench.ask(client, &["client reply off", "get k", "client reply on"]);
    assert_eq!(bench.ask(client, &["commandlog len large-reply"]), ":1\r\n", "nothing was sent");
    assert_eq!(bench.ask(client, &["commandlog len slow"]), ":0\r\n");
    assert_ne!(bench.ask(client, &["commandlog len large-request"]), ":0\r\n");
}

#[test]
fn lengths_are_kept_to_and_a_log_that_is_off_keeps_what_it_has() {
    let (mut bench, client) = logging();
    bench.ask(client, &["config set slowlog-max-len 2", "get a", "get b", "get c"]);
    assert_eq!(bench.ask(client, &["slowlog len"]), ":2\r\n");
    bench.ask(client, &["config set slowlog-max-len 1"]);
    assert_eq!(bench.ask(client, &["slowlog len"]), ":1\r\n");
    bench.ask(client, &["config set slowlog-max-len 0", "get d"]);
    assert_eq!(bench.ask(client, &["slowlog len"]), ":1\r\n");
    bench
        .ask(client, &["slowlog reset", "config set slowlog-max-len 10 slowlog-log-slower-than -1", "get d"]);
    assert_eq!(bench.ask(client, &["slowlog len"]), ":0\r\n");
}

#[test]
fn what_is_asked_wrongly_is_refused() {
    let (mut bench, client) = logging();
    let count = "-ERR count should be greater than or equal to -1\r\n";
    let kind = "-ERR type should be one of the following: slow, large-request, large-reply\r\n";
    for (request, expected) in [
        ("slowlog get -2", count),
        ("slowlog get x", count),
        ("slowlog get 99999999999999999999", count),
        ("commandlog get -2 fast", count),
        ("commandlog get 1 fast", kind),
        ("commandlog len fast", kind),
        ("commandlog reset fast", kind),
        (
            "slowlog get 1 2",
            "-ERR unknown subcommand or wrong number of arguments for 'get'. Try SLOWLOG HELP.\r\n",
        ),
        ("commandlog get 1", "-ERR wrong number of arguments for 'commandlog|get' command\r\n"),
        ("latency graph nix", "-ERR No samples available for event 'nix'\r\n"),
        ("latency history nix", "*0\r\n"),
        ("latency reset nix", ":0\r\n"),
        ("latency histogram nix", "*0\r\n"),
    ] {
        assert_eq!(bench.ask(client, &[request]), expected, "{request}");
    }
}

#[test]
fn commands_that_take_long_are_events_for_the_latency_monitor() {
    let mut bench = Bench::new("latency-monitor-threshold 100\nenable-debug-command yes");
    let client = bench.connect(0);
    for millis in [50, 100, 300] {
        bench.ask(client, &[&format!("debug sleep 0.{millis:03}")]);
        bench.wait(millis * 1000);
        bench.perform(Ok(()));
        bench.sent(client);
    }
    assert_eq!(
        bench.ask(client, &["latency latest"]),
        "*1\r\n*6\r\n$7\r\ncommand\r\n:1700000000\r\n:300\r\n:300\r\n:400\r\n:2\r\n"
    );
    assert_eq!(bench.ask(client, &["latency history command"]), "*1\r\n*2\r\n:1700000000\r\n:300\r\n");
    assert!(bench.ask(client, &["latency graph command"]).contains("command - high 300 ms, low 300 ms"));
    assert!(bench.ask(client, &["latency doctor"]).contains("command: 1 samples"));
    assert_eq!(bench.ask(client, &["latency reset COMMAND", "latency latest"]), ":1\r\n*0\r\n");
}

#[test]
fn histograms_are_shown_of_commands_and_of_their_subcommands() {
    let mut bench = Bench::new("");
    let client = bench.connect(0);
    bench.ask(client, &["set k v", "set k v", "client id", "hello 3"]);
    assert_eq!(
        bench.ask(client, &["latency histogram nix set client|id"]),
        "%2\r\n$3\r\nset\r\n%2\r\n$5\r\ncalls\r\n:2\r\n$14\r\nhistogram_usec\r\n%1\r\n:1\r\n:2\r\n\
         $9\r\nclient|id\r\n%2\r\n$5\r\ncalls\r\n:1\r\n$14\r\nhistogram_usec\r\n%1\r\n:1\r\n:1\r\n"
    );
    assert!(bench.ask(client, &["latency histogram client"]).starts_with("%1\r\n$9\r\nclient|id\r\n"));
}

proptest! {
    #[test]
    fn no_figure_that_reaches_a_threshold_is_passed_over(figures: [u64; 3], thresholds: [u64; 3]) {
        let [micros, request, reply] = figures;
        let least = thresholds.into_iter().min().unwrap();
        let reaches = figures.iter().zip(&thresholds).any(|(figure, threshold)| figure >= threshold);
        let cost = Cost { micros, request, reply };
        prop_assert!(!reaches || cost.may_reach(least));
    }
}
