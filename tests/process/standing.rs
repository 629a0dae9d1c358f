//! The process among others: what it is called, which processors it runs on, how soon it is ended when memory is short.

use crate::common::{Client, PATIENCE, Server, binary, new_folder};
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

fn of(server: &Server, what: &str) -> String {
    fs::read_to_string(format!("/proc/{}/{what}", server.pid())).unwrap()
}

fn check(client: &mut Client, request: &[&str], reply: &str) {
    assert_eq!(String::from_utf8(client.command(request)).unwrap(), reply, "{request:?}");
}

#[test]
fn the_title_says_where_a_server_listens() {
    let server = Server::start(&["--proc-title-template", "shown as {port} {config-file}"]);
    let shown = |server: &Server| of(server, "cmdline").trim_end_matches('\0').to_owned();
    assert_eq!(shown(&server), format!("shown as {} -", server.port()));
    let mut client = server.client();
    check(&mut client, &["CONFIG", "SET", "proc-title-template", "{title} {port}"], "+OK\r\n");
    assert_eq!(shown(&server), format!("{} {}", binary().display(), server.port()));
    let long = "x".repeat(100_000);
    check(&mut client, &["CONFIG", "SET", "proc-title-template", &long], "+OK\r\n");
    let cut = shown(&server);
    assert!(cut.len() < long.len() && cut.bytes().all(|byte| byte == b'x'), "{}", cut.len());

    let plain = Server::start(&["--set-proc-title", "no"]);
    assert!(of(&plain, "cmdline").contains("--set-proc-title\0no\0"));
}

#[test]
fn the_score_follows_the_settings_and_goes_back_when_one_cannot_be_followed() {
    let server = Server::start(&["--oom-score-adj", "yes", "--oom-score-adj-values", "10 20 30"]);
    let mut client = server.client();
    let score = || of(&server, "oom_score_adj").trim().parse::<i32>().unwrap();
    let own: i32 = fs::read_to_string("/proc/self/oom_score_adj").unwrap().trim().parse().unwrap();
    assert_eq!(score(), own + 10);
    check(&mut client, &["CONFIG", "SET", "oom-score-adj", "absolute"], "+OK\r\n");
    assert_eq!(score(), 10);
    // The port is taken, by this very server's own listener on another address family or by anybody: it cannot be bound.
    let taken = Server::start(&[]);
    let port = taken.port().to_string();
    let refused = client.command(&["CONFIG", "SET", "oom-score-adj-values", "15 20 30", "port", &port]);
    assert!(
        refused.starts_with(b"-ERR CONFIG SET failed (possibly related to argument 'port')"),
        "{refused:?}"
    );
    assert_eq!(score(), 10);
    check(
        &mut client,
        &["CONFIG", "GET", "oom-score-adj-values"],
        "*2\r\n$20\r\noom-score-adj-values\r\n$8\r\n10 20 30\r\n",
    );
    check(&mut client, &["CONFIG", "SET", "oom-score-adj", "no"], "+OK\r\n");
    assert_eq!(score(), own);
}

#[test]
fn each_kind_of_thread_runs_where_it_is_told() {
    let allowed = |status: &str| {
        status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:\t")).unwrap().to_owned()
    };
    let free = Server::start(&[]);
    let everywhere = allowed(&of(&free, "status"));
    let first = everywhere.split(['-', ',']).next().unwrap();
    let server = Server::start(&["--server-cpulist", first, "--io-threads", "2"]);
    server.until_threads(&["io_thd_1", "lazy_free"]);
    // What is shown of a process is its first thread's.
    assert_eq!(allowed(&of(&server, "status")), first);
    // A thread goes where it is told right behind taking its name.
    let deadline = Instant::now() + PATIENCE;
    loop {
        let tasks = fs::read_dir(format!("/proc/{}/task", server.pid())).unwrap();
        let of_thread = |name: &str, status: &str| status.starts_with(&format!("Name:\t{name}\n"));
        let statuses: Vec<String> =
            tasks.map(|task| fs::read_to_string(task.unwrap().path().join("status")).unwrap()).collect();
        let runs_on = |name: &str| allowed(statuses.iter().find(|status| of_thread(name, status)).unwrap());
        let kinds = (runs_on("io_thd_1"), runs_on("lazy_free"));
        if kinds == (first.to_owned(), everywhere.clone()) {
            return;
        }
        assert!(Instant::now() < deadline, "{kinds:?}");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

#[test]
fn a_thread_of_the_allocator_gives_memory_back_if_that_is_wished() {
    let server = Server::start(&[]);
    let mut client = server.client();
    server.until_threads(&["jemalloc_bg_thd"]);
    check(&mut client, &["CONFIG", "SET", "jemalloc-bg-thread", "no"], "+OK\r\n");
    server.until_no_threads(&["jemalloc_bg_thd"]);
    check(&mut client, &["CONFIG", "SET", "jemalloc-bg-thread", "yes"], "+OK\r\n");
    server.until_threads(&["jemalloc_bg_thd"]);
}

#[test]
fn the_checks_of_the_system_are_printed_and_told_by_the_exit_code() {
    let folder = new_folder();
    let output = Command::new(binary()).arg("--check-system").current_dir(&folder).output().unwrap();
    fs::remove_dir_all(&folder).unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for name in ["slow-clocksource", "xen-clocksource", "overcommit", "THP"] {
        let found = ["OK\n", "skipped\n", "WARNING:\n"];
        assert!(found.iter().any(|found| text.contains(&format!("[{name}]...{found}"))), "{name} in\n{text}");
    }
    assert_eq!(output.status.code(), Some(i32::from(text.contains("WARNING"))));
}
