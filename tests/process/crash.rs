//! What is left in the log when a bug, or who plays one, ends the process; and what a watchdog sees of one that hangs.

use crate::common::{PATIENCE, Server};
use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

/// A server of which DEBUG may be asked anything, and that tests no memory: that takes a while.
fn start(more: &[&str]) -> Server {
    let mut arguments = vec!["--enable-debug-command", "yes", "--crash-memcheck-enabled", "no"];
    arguments.extend(more);
    Server::start(&arguments)
}

/// Asserts that these texts stand in the log, in this order.
fn check_log(server: &Server, parts: &[&str]) {
    let log = server.log();
    let mut rest = &log[..];
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("{part:?}, behind others, in\n{log}"));
        rest = &rest[at + part.len()..];
    }
}

const REPORT: [&str; 9] = [
    "------ STACK TRACE ------",
    " expected stacktraces.",
    "------ STACK TRACE DONE ------",
    "------ INFO OUTPUT ------",
    "# Keyspace\r\ndb0:keys=1,",
    "------ CLIENT LIST OUTPUT ------",
    "------ CURRENT CLIENT INFO ------",
    "------ CONFIG DEBUG OUTPUT ------",
    "=== VALKEY BUG REPORT END. Make sure to include from START to END. ===",
];

fn signal(server: &Server, number: i32) {
    // SAFETY: a signal to a child of this process, which has not been waited for.
    assert_eq!(unsafe { libc::kill(server.pid() as i32, number) }, 0);
}

#[test]
fn a_crash_is_reported_and_shows_nothing_that_users_stored() {
    let mut server = start(&["--io-threads", "2"]);
    server.until_threads(&["io_thd_1", "lazy_free", "aof_fsync", "crash_reporter"]);
    let mut client = server.client();
    client.check("SET secret-key secret-value", "+OK\r\n");
    client.check("CLIENT SETNAME secret-name", "+OK\r\n");
    client.send(b"DEBUG SEGFAULT\r\n");
    client.expect_closed();
    assert_eq!(server.wait().signal(), Some(libc::SIGSEGV));
    let head = [
        "=== VALKEY BUG REPORT START: Cut & paste starting from here ===",
        "crashed by signal: 11, si_code: ",
        "Accessing address: 0x",
        "Crashed running the instruction at: 0x",
    ];
    check_log(&server, &[&head[..], &REPORT[..]].concat());
    check_log(&server, &["debugCommand", " io_thd_1\n", "------ REGISTERS ------", " name=*redacted* "]);
    let log = server.log();
    let sum = log.lines().find_map(|line| line.strip_suffix(" expected stacktraces.")).unwrap();
    let (written, expected) = sum.split_once('/').unwrap();
    assert_eq!(written, expected, "every thread says where it is");
    assert!(!server.log().contains("secret"), "{}", server.log());
}

#[test]
fn a_panic_is_reported_and_ends_the_process_by_sigabrt() {
    let mut server = start(&[]);
    let mut client = server.client();
    client.check("SET key value", "+OK\r\n");
    client.send(b"DEBUG PANIC\r\n");
    client.expect_closed();
    assert_eq!(server.wait().signal(), Some(libc::SIGABRT));
    check_log(
        &server,
        &[&["BUG REPORT START", "Guru Meditation: DEBUG PANIC called"][..], &REPORT[..]].concat(),
    );
    assert_eq!(server.log().matches("BUG REPORT START").count(), 1, "SIGABRT is no report of its own");
}

#[test]
fn an_assertion_may_end_the_process_by_an_exit_and_leave_a_short_report() {
    let mut server = start(&["--use-exit-on-panic", "yes"]);
    let mut client = server.client();
    client.check("CONFIG SET crash-log-enabled no", "+OK\r\n");
    client.send(b"DEBUG ASSERT\r\n");
    client.expect_closed();
    assert_eq!(server.wait().code(), Some(1));
    check_log(&server, &["=== ASSERTION FAILED ===", "is not true", "BUG REPORT END"]);
    assert!(!server.log().contains("STACK TRACE"), "{}", server.log());
}

#[test]
fn without_a_report_a_crash_is_the_systems_affair() {
    let mut server = start(&["--crash-log-enabled", "no"]);
    server.client().send(b"DEBUG SEGFAULT\r\n");
    assert_eq!(server.wait().signal(), Some(libc::SIGSEGV));
    assert!(!server.log().contains("BUG REPORT"), "{}", server.log());
}

#[test]
fn the_memory_of_a_crashed_server_is_tested() {
    let mut server = Server::start(&["--enable-debug-command", "yes"]);
    server.client().send(b"DEBUG SEGFAULT\r\n");
    assert_eq!(server.wait().signal(), Some(libc::SIGSEGV));
    check_log(&server, &["------ FAST MEMORY TEST ------", "Fast memory test PASSED", "BUG REPORT END"]);
}

#[test]
fn a_signal_ends_a_sleep_and_shows_where_the_server_slept() {
    let server = start(&[]);
    let mut client = server.client();
    let begun = Instant::now();
    client.send(b"DEBUG SLEEP 15\r\n");
    // The first may come before the sleep has begun.
    let mut byte = [0];
    client.socket().set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    while begun.elapsed().as_secs() < 14 && client.socket().peek(&mut byte).is_err() {
        signal(&server, libc::SIGALRM);
    }
    client.socket().set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(client.reply(), b"+OK\r\n");
    assert!(begun.elapsed().as_secs() < 14);
    client.check("PING", "+PONG\r\n");
    server.until_log("STACK TRACE DONE");
    check_log(&server, &["Received SIGALRM", "------ STACK TRACE ------", "valkey-server *\n"]);
}

#[test]
fn a_watchdog_sees_a_server_that_hangs() {
    let server = start(&["--hz", "100"]);
    let mut client = server.client();
    client.check("CONFIG SET watchdog-period 1", "+OK\r\n");
    client.check("DEBUG SLEEP 10", "+OK\r\n");
    server.until_log("STACK TRACE DONE");
    check_log(&server, &["--- WATCHDOG TIMER EXPIRED ---", "debugCommand"]);
    client.check("CONFIG SET watchdog-period 0", "+OK\r\n");
    client.check("DEBUG SLEEP 0.2", "+OK\r\n");
}
