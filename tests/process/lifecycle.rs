//! Starting and ending: configuration from a file, the command line and standard input; exit codes; signals.

use crate::common::{Server, binary, new_folder};
use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

/// Runs the server to its end, with a configuration file of this text.
fn run(text: &str, arguments: &[&str]) -> Output {
    let folder = new_folder();
    fs::write(folder.join("valkey.conf"), text).unwrap();
    let output = Command::new(binary())
        .arg("valkey.conf")
        .args(arguments)
        .current_dir(&folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    fs::remove_dir_all(&folder).unwrap();
    output
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

fn signal(server: &Server, signal: i32) {
    // SAFETY: a signal to a child of this process, which has not been waited for.
    assert_eq!(unsafe { libc::kill(server.pid() as i32, signal) }, 0);
}

#[test]
fn an_unknown_directive_ends_the_start() {
    let output = run("port 0\nno-such-directive 1\n", &[]);
    assert_eq!(output.status.code(), Some(1));
    let text = text(&output);
    for part in [
        "*** FATAL CONFIG FILE ERROR",
        "Reading the configuration file, at line 2",
        ">>> 'no-such-directive 1'",
    ] {
        assert!(text.contains(part), "{part:?} in\n{text}");
    }
}

#[test]
fn a_bad_value_ends_the_start() {
    for (line, why) in [
        ("maxmemory lots", "argument must be a memory value"),
        ("port 65536", "argument must be between 0 and 65535 inclusive"),
        ("appendonly perhaps", "argument must be 'yes' or 'no'"),
    ] {
        let output = run(&format!("{line}\n"), &[]);
        assert_eq!(output.status.code(), Some(1), "{line}");
        assert!(text(&output).contains(why), "{why:?} in\n{}", text(&output));
    }
}

#[test]
fn a_file_that_is_not_there_ends_the_start() {
    let output = Command::new(binary()).arg("no/such/file.conf").stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("can't open config file"), "{}", text(&output));
}

#[test]
fn the_version_is_told() {
    let output = Command::new(binary()).arg("--version").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output).starts_with("Valkey server v="), "{}", text(&output));
}

#[test]
fn a_configuration_comes_from_standard_input() {
    let folder = new_folder();
    let mut child = Command::new(binary())
        .arg("-")
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"port nonsense\n").unwrap();
    let output = child.wait_with_output().unwrap();
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("argument couldn't be parsed into an integer"), "{}", text(&output));
}

#[test]
fn options_on_the_command_line_count() {
    let server = Server::start(&["--maxmemory", "100mb", "--requirepass", "secret"]);
    let mut client = server.client();
    client.check("GET k", "-NOAUTH Authentication required.\r\n");
    client.check("AUTH secret", "+OK\r\n");
    client.check("CONFIG GET maxmemory", "*2\r\n$9\r\nmaxmemory\r\n$9\r\n104857600\r\n");
}

#[test]
fn a_port_that_is_taken_ends_the_start() {
    let server = Server::start(&[]);
    let output = run(&format!("port {}\nbind 127.0.0.1\n", server.port()), &[]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
}

#[test]
fn shutdown_ends_with_zero() {
    let mut server = Server::start(&["--save", ""]);
    let mut client = server.client();
    client.send(b"SHUTDOWN NOSAVE\r\n");
    client.expect_closed();
    assert_eq!(server.wait().code(), Some(0), "{}", server.log());
}

#[test]
fn term_and_int_end_with_zero() {
    for number in [libc::SIGTERM, libc::SIGINT] {
        let mut server = Server::start(&["--save", ""]);
        let mut client = server.client();
        client.check("SET k v", "+OK\r\n");
        signal(&server, number);
        client.expect_closed();
        assert_eq!(server.wait().code(), Some(0), "{}", server.log());
    }
}

#[test]
fn maxclients_turns_the_next_one_away() {
    let server = Server::start(&["--maxclients", "3"]);
    let mut three = [server.client(), server.client(), server.client()];
    for client in &mut three {
        client.check("PING", "+PONG\r\n");
    }
    let mut fourth = server.client();
    fourth.expect_bytes(b"-ERR max number of clients reached\r\n", "a fourth connection");
    fourth.expect_closed();
    drop(three);
}
