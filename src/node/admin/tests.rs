//! The admin commands as clients and the shell see them.

use crate::boundary::{CloseReason, Errand, Failure, Output};
use crate::testing::Bench;
use config::Id;

#[test]
fn a_setting_that_needs_the_shell_is_answered_when_the_shell_has_followed() {
    let mut bench = Bench::new("");
    let client = bench.connect(0);
    assert_eq!(bench.ask(client, &["config set port 7000 hz 50", "ping"]), "");
    assert_eq!(bench.errands(), [Errand::Configure(vec![Id::port])]);
    bench.perform(Ok(()));
    assert_eq!(bench.sent(client), "+OK\r\n+PONG\r\n");
    assert_eq!(bench.ask(client, &["config get port"]), "*2\r\n$4\r\nport\r\n$4\r\n7000\r\n");
}

#[test]
fn a_setting_the_shell_cannot_follow_is_taken_back_and_others_stay() {
    let mut bench = Bench::new("");
    let (one, two) = (bench.connect(0), bench.connect(1));
    bench.ask(one, &["config set maxmemory 5000 port 7000"]);
    assert_eq!(bench.ask(two, &["config set hz 77"]), "+OK\r\n");
    let text = "Unable to listen on this port. Check server logs.".to_owned();
    bench.perform(Err(Failure { directive: Some(Id::port), text }));
    assert_eq!(
        bench.sent(one),
        "-ERR CONFIG SET failed (possibly related to argument 'port') - \
         Unable to listen on this port. Check server logs.\r\n"
    );
    assert_eq!(bench.node.config.network.port, 6379);
    assert_eq!(bench.node.config.memory.maxmemory, 0);
    assert_eq!(bench.node.config.process.hz, 77);
}

#[test]
fn errands_are_answered_in_order_even_when_a_client_is_gone() {
    let mut bench = Bench::new("enable-debug-command yes");
    let (one, two) = (bench.connect(0), bench.connect(1));
    bench.ask(one, &["config rewrite"]);
    bench.ask(two, &["debug sleep 0.5"]);
    assert_eq!(bench.errands(), [Errand::RewriteConfig { everything: false }, Errand::Sleep(500_000)]);
    let three = bench.connect(2);
    assert_eq!(bench.ask(three, &["client kill id 1"]), ":1\r\n");
    bench.perform(Err(Failure { directive: None, text: "Permission denied".into() }));
    assert_eq!((bench.sent(one), bench.sent(two)), ("gone".into(), String::new()));
    bench.perform(Ok(()));
    assert_eq!(bench.sent(two), "+OK\r\n");
}

#[test]
fn wait_ends_with_its_time_or_when_told_and_what_came_behind_it_runs_then() {
    let mut bench = Bench::new("");
    let (one, two) = (bench.connect(0), bench.connect(1));
    assert_eq!(bench.ask(one, &["wait 1 50", "ping"]), "");
    bench.wait(49_999);
    assert_eq!(bench.sent(one), "");
    bench.wait(1);
    assert_eq!(bench.sent(one), ":0\r\n+PONG\r\n");

    assert_eq!(bench.ask(one, &["waitaof 0 1 0", "echo x"]), "");
    assert_eq!(bench.ask(two, &["client unblock 1 error"]), ":1\r\n");
    assert_eq!(bench.sent(one), "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n$1\r\nx\r\n");
    assert_eq!(bench.ask(two, &["client unblock 1"]), ":0\r\n");
}

#[test]
fn an_unwanted_reply_is_left_out_even_when_it_comes_late() {
    let mut bench = Bench::new("");
    let client = bench.connect(0);
    assert_eq!(bench.ask(client, &["client reply skip", "wait 1 10", "ping"]), "");
    bench.wait(10_000);
    assert_eq!(bench.sent(client), "+PONG\r\n");
    assert_eq!(bench.ask(client, &["client reply off", "ping", "client reply on"]), "+OK\r\n");
}

#[test]
fn killing_ends_others_at_once_and_oneself_after_the_reply() {
    let mut bench = Bench::new("");
    let (one, two, three) = (bench.connect(0), bench.connect(1), bench.connect(2));
    bench.ask(two, &["client setname two"]);
    bench.outputs.clear();
    assert_eq!(bench.ask(one, &["client kill name two"]), ":1\r\n");
    assert!(bench.node.session(two).is_none());
    assert!(bench.outputs.iter().any(|o| matches!(o, Output::Close(conn, CloseReason::Now) if *conn == two)));
    assert_eq!(bench.ask(one, &["client kill type normal skipme no", "ping"]), ":2\r\n");
    assert!(bench.node.session(three).is_none());
    assert!(
        bench.outputs.iter().any(|o| matches!(o, Output::Close(conn, CloseReason::WhenSent) if *conn == one))
    );
}

#[test]
fn filters_say_who_is_listed() {
    let mut bench = Bench::new("");
    let (one, two) = (bench.connect(0), bench.connect(1));
    bench.ask(two, &["client setname two", "client no-evict on", "select 3"]);
    let mut listed = |filter: &str| {
        let text = bench.ask(one, &[&format!("client list {filter}")]);
        let ids = text.lines().filter_map(|line| line.strip_prefix("id=")?.split(' ').next());
        ids.map(str::to_owned).collect::<Vec<String>>()
    };
    assert_eq!(listed("skipme no"), ["1", "2"]);
    assert_eq!(listed("skipme yes"), ["2"]);
    assert_eq!(listed("name two"), ["2"]);
    assert_eq!(listed("not-name two"), ["1"]);
    assert_eq!(listed("flags e db 3"), ["2"]);
    assert_eq!(listed("flags N"), ["1"]);
    assert_eq!(listed("not-flags e"), ["1"]);
    assert_eq!(listed("id 1 2 not-id 2"), ["1"]);
    assert_eq!(listed("addr 127.0.0.1:50001"), ["2"]);
    assert_eq!(listed("type pubsub"), Vec::<String>::new());
    assert_eq!(listed("maxage 1"), Vec::<String>::new());
}

#[test]
fn without_a_password_given_little_is_allowed_and_nothing_is_told() {
    let mut bench = Bench::new("requirepass secret");
    let client = bench.connect(0);
    for request in ["ping", "get", "nosuch", "client id", "debug sleep 0"] {
        assert_eq!(bench.ask(client, &[request]), "-NOAUTH Authentication required.\r\n", "{request}");
    }
    assert!(bench.ask(client, &["auth wrong"]).starts_with("-WRONGPASS"));
    assert!(bench.ask(client, &["hello 3 auth default secret"]).starts_with("%7"));
    assert_eq!(bench.ask(client, &["ping"]), "+PONG\r\n");
    assert!(bench.ask(client, &["debug sleep 0"]).starts_with("-ERR DEBUG command not allowed."));
}

#[test]
fn shutdown_saves_first_and_stays_when_it_cannot() {
    let mut bench = Bench::new("save 60 1");
    let client = bench.connect(0);
    let failure = || Err(Failure { directive: None, text: "No space left on device".into() });
    for request in ["shutdown", "shutdown save now"] {
        assert_eq!(bench.ask(client, &[request]), "");
        assert_eq!(bench.errands(), [Errand::Save]);
        bench.perform(failure());
        assert_eq!(bench.sent(client), "-ERR Errors trying to SHUTDOWN. Check logs.\r\n");
    }
    let ended = |bench: &Bench| bench.outputs.iter().any(|output| matches!(output, Output::Exit(0)));
    assert!(!ended(&bench));
    bench.ask(client, &["shutdown force"]);
    bench.perform(failure());
    assert!(ended(&bench));
    let mut bench = Bench::new("save 60 1");
    let client = bench.connect(0);
    assert_eq!(bench.ask(client, &["shutdown nosave"]), "");
    assert!(ended(&bench) && bench.errands().is_empty());
}

#[test]
fn counters_begin_anew_after_resetstat() {
    let mut bench = Bench::new("");
    let client = bench.connect(0);
    bench.ask(client, &["get x", "nosuch", "get", "config resetstat", "get x"]);
    let text = bench.ask(client, &["info commandstats errorstats stats"]);
    assert!(
        text.contains("cmdstat_get:calls=1,usec=0,usec_per_call=0.00,rejected_calls=0,failed_calls=0\r\n")
    );
    assert!(text.contains("keyspace_misses:1\r\n") && text.contains("total_error_replies:0\r\n"));
    assert!(!text.contains("errorstat_"));
}

#[test]
fn every_section_of_info_can_be_asked_for_alone() {
    let mut bench = Bench::new("");
    let client = bench.connect(0);
    let all = bench.ask(client, &["info everything"]);
    for section in all.lines().filter_map(|line| line.strip_prefix("# ")).map(str::to_lowercase) {
        let text = bench.ask(client, &[&format!("info {section}")]);
        assert_eq!(text.lines().filter(|line| line.starts_with('#')).count(), 1, "{section}");
    }
}

#[test]
fn info_has_the_fields_of_the_reference_in_its_order() {
    // What 9.0.4 prints, but for what this server has no answer to: which compiler it was built with.
    let expected = include_str!("../facts/info-fields.txt").lines().filter(|field| *field != "gcc_version");
    let mut bench = Bench::new("");
    bench.node.process.listeners = vec!["name=tcp,bind=*,port=6379".into()];
    let client = bench.connect(0);
    let text = bench.ask(client, &["info everything"]);
    let (_, text) = text.split_once("\r\n").unwrap();
    let counted = |field: &&str| !field.starts_with("cmdstat_") && !field.starts_with("latency_percentiles");
    let fields = text.lines().filter(|line| !line.is_empty()).map(|line| line.split(':').next().unwrap());
    let fields: Vec<&str> = fields.filter(counted).collect();
    assert_eq!(fields, expected.collect::<Vec<_>>());
}

#[test]
fn what_users_wrote_is_kept_out_of_the_log_unless_it_is_wanted() {
    for (setting, shown) in [("yes", false), ("no", true)] {
        let settings = format!("hide-user-data-from-log {setting}\nclient-query-buffer-limit 1mb");
        let mut bench = Bench::new(&settings);
        let client = bench.connect(0);
        bench.ask(client, &["client setname somebody"]);
        bench.node.holds(client, 2 << 20, b"set secret");
        let logged = std::iter::from_fn(|| bench.node.next_output()).find_map(|output| match output {
            Output::Log(line) => Some(line.text),
            _ => None,
        });
        let logged = logged.expect("the log says why the client was closed");
        assert_eq!((logged.contains("somebody"), logged.contains("set secret")), (shown, shown), "{logged}");
    }
}

#[test]
fn memory_that_is_not_data_is_told_apart() {
    let mut bench = Bench::new("slowlog-log-slower-than 0");
    let client = bench.connect(0);
    let figure = |bench: &mut Bench, name: &str| {
        let text = bench.ask(client, &["info memory"]);
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
        line.parse::<u64>().unwrap()
    };
    let clients = figure(&mut bench, "mem_clients_normal");
    bench.connect(1);
    assert!(figure(&mut bench, "mem_clients_normal") > clients);
    (0..100).for_each(|_| drop(bench.ask(client, &["get a-key-that-is-remembered"])));
    bench.ask(client, &["config set slowlog-log-slower-than -1"]);
    let overhead = figure(&mut bench, "used_memory_overhead");
    bench.ask(client, &["slowlog reset"]);
    let logged = overhead - figure(&mut bench, "used_memory_overhead");
    assert!((10_000..40_000).contains(&logged), "what is logged is not data: {logged}");
}

#[test]
fn every_command_describes_itself_in_both_protocols() {
    let mut bench = Bench::new("");
    let client = bench.connect(0);
    for protocol in ["2", "3"] {
        bench.ask(client, &[&format!("hello {protocol}")]);
        for request in
            ["command", "command docs", "command list", "command help", "config help", "client help"]
        {
            let text = bench.ask(client, &[request]);
            let mut rest = text.as_bytes();
            skip_reply(&mut rest);
            assert!(rest.is_empty(), "{request}");
        }
    }
}

/// Takes one whole reply off the front.
fn skip_reply(rest: &mut &[u8]) {
    let end = rest.windows(2).position(|pair| pair == b"\r\n").expect("a line end");
    let (line, tail) = rest.split_at(end);
    *rest = &tail[2..];
    let count =
        || std::str::from_utf8(&line[1..]).ok().and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
    match line[0] {
        b'$' | b'=' => *rest = &rest[count() + 2..],
        b'*' | b'~' => (0..count()).for_each(|_| skip_reply(rest)),
        b'%' => (0..count() * 2).for_each(|_| skip_reply(rest)),
        _ => {}
    }
}
