//! Snapshots as they reach the disk: what a process alone can show. Files, children, signals, a disk that takes nothing.

use crate::common::{Client, PATIENCE, Server, binary, free_port, new_folder};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

fn text(client: &mut Client, words: &[&str]) -> String {
    String::from_utf8_lossy(&client.command(words)).into_owned()
}

fn field(client: &mut Client, name: &str) -> String {
    let info = text(client, &["INFO", "persistence"]);
    let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap_or_default().to_owned()
}

fn until(client: &mut Client, name: &str, value: &str) {
    let deadline = Instant::now() + PATIENCE;
    while field(client, name) != value {
        assert!(Instant::now() < deadline, "{name} is {}, not {value}", field(client, name));
        thread::park_timeout(Duration::from_millis(2));
    }
}

/// A server in a folder that stays when the server goes.
fn server_in(folder: &Path, arguments: &[&str]) -> Server {
    let folder = folder.to_str().unwrap();
    Server::start(&[&["--dir", folder, "--enable-debug-command", "yes"], arguments].concat())
}

fn signal(pid: u32, signal: i32) {
    // SAFETY: a signal to a child, or grandchild, of this process, which has not been waited for.
    assert_eq!(unsafe { libc::kill(pid as i32, signal) }, 0);
}

/// The number of the child that the log tells of last.
fn child_of(server: &Server) -> u32 {
    server.until_log("Background saving started by pid ");
    let log = server.log();
    let (_, behind) = log.rsplit_once("Background saving started by pid ").unwrap();
    behind.lines().next().unwrap().parse().unwrap()
}

#[test]
fn what_a_child_saves_is_there_after_a_crash() {
    let folder = new_folder();
    let server = server_in(&folder, &["--save", ""]);
    let mut client = server.client();
    client.command(&["DEBUG", "POPULATE", "10000", "key", "100"]);
    client.command(&["RPUSH", "list", "a", "b"]);
    assert_eq!(text(&mut client, &["BGSAVE"]), "+Background saving started\r\n");
    until(&mut client, "rdb_bgsave_in_progress", "0");
    server.until_log("Background saving terminated with success");
    assert!(server.log().contains(&format!("{}:C ", child_of(&server))), "the child's lines are its own");
    client.command(&["SET", "later", "1"]);
    drop(server);
    let server = server_in(&folder, &["--save", ""]);
    let mut client = server.client();
    assert_eq!(text(&mut client, &["DBSIZE"]), ":10001\r\n");
    assert_eq!(text(&mut client, &["LLEN", "list"]), ":2\r\n");
    assert!(server.log().contains("Done loading RDB, keys loaded: 10001, keys expired: 0."));
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_child_that_is_killed_leaves_the_old_file_and_nothing_else() {
    let folder = new_folder();
    let server = server_in(&folder, &["--save", "3600 1", "--rdb-key-save-delay", "1000000"]);
    let mut client = server.client();
    client.command(&["CONFIG", "SET", "rdb-key-save-delay", "0"]);
    client.command(&["SET", "a", "1"]);
    assert_eq!(text(&mut client, &["SAVE"]), "+OK\r\n");
    let old = fs::read(folder.join("dump.rdb")).unwrap();
    client.command(&["CONFIG", "SET", "rdb-key-save-delay", "10000000"]);
    client.command(&["SET", "b", "1"]);
    client.command(&["BGSAVE"]);
    let child = child_of(&server);
    signal(child, libc::SIGKILL);
    until(&mut client, "rdb_bgsave_in_progress", "0");
    assert_eq!(field(&mut client, "rdb_last_bgsave_status"), "err");
    assert!(text(&mut client, &["SET", "c", "1"]).starts_with("-MISCONF"));
    assert_eq!(fs::read(folder.join("dump.rdb")).unwrap(), old);
    assert!(!folder.join(format!("temp-{child}.rdb")).exists());
    client.command(&["CONFIG", "SET", "stop-writes-on-bgsave-error", "no"]);
    assert_eq!(text(&mut client, &["SET", "c", "1"]), "+OK\r\n");
    drop(server);
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_rewrite_that_is_not_wanted_any_more_makes_room_for_a_snapshot() {
    let server = Server::start(&["--save", "", "--appendonly", "yes", "--rdb-key-save-delay", "10000000"]);
    let mut client = server.client();
    client.command(&["SET", "a", "1"]);
    client.command(&["BGREWRITEAOF"]);
    until(&mut client, "aof_rewrite_in_progress", "1");
    server.until_log("Background append only file rewriting started by pid ");
    assert_eq!(text(&mut client, &["CONFIG", "SET", "appendonly", "no"]), "+OK\r\n");
    assert_eq!(text(&mut client, &["BGSAVE"]), "+Background saving started\r\n");
    signal(child_of(&server), libc::SIGKILL);
}

#[test]
fn a_disk_that_takes_nothing_is_told_of() {
    let folder = new_folder();
    let server = server_in(&folder, &["--save", ""]);
    let mut client = server.client();
    client.command(&["SET", "a", "1"]);
    fs::create_dir(folder.join("dump.rdb")).unwrap();
    assert_eq!(text(&mut client, &["SAVE"]), "-ERR\r\n");
    assert!(server.log().contains("Error moving temp DB file temp-"), "{}", server.log());
    client.command(&["BGSAVE"]);
    server.until_log("Background saving error");
    assert_eq!(field(&mut client, "rdb_last_bgsave_status"), "err");
    assert!(text(&mut client, &["SHUTDOWN", "SAVE"]).starts_with("-ERR Errors trying to SHUTDOWN"));
    fs::remove_dir(folder.join("dump.rdb")).unwrap();
    assert_eq!(text(&mut client, &["SAVE"]), "+OK\r\n");
    drop(server);
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_signal_saves_where_there_are_save_points() {
    let folder = new_folder();
    for (save, keys) in [("", 0), ("3600 1", 1)] {
        let mut server = server_in(&folder, &["--save", save]);
        server.client().command(&["SET", "a", "1"]);
        signal(server.pid(), libc::SIGTERM);
        assert_eq!(server.wait().code(), Some(0));
        let again = server_in(&folder, &["--save", ""]);
        assert_eq!(text(&mut again.client(), &["DBSIZE"]), format!(":{keys}\r\n"));
    }
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_server_that_loads_answers_that_it_does() {
    let folder = new_folder();
    let server = server_in(&folder, &["--save", "", "--rdbcompression", "no"]);
    server.client().command(&["DEBUG", "POPULATE", "1000", "key", "1000"]);
    server.client().command(&["SAVE"]);
    drop(server);
    let slow = ["--key-load-delay", "5000", "--loading-process-events-interval-bytes", "1024", "--save", ""];
    let arguments = ["--dir", folder.to_str().unwrap()];
    let mut server = Server::begin(&[&arguments[..], &slow].concat());
    let mut client = server.client();
    assert_eq!(text(&mut client, &["GET", "key:1"]), "-LOADING Valkey is loading the dataset in memory\r\n");
    assert_eq!(field(&mut client, "loading"), "1");
    assert!(text(&mut client, &["INFO", "persistence"]).contains("\r\nloading_total_bytes:1"));
    // What is loaded in part is not written over the whole.
    let size = fs::metadata(folder.join("dump.rdb")).unwrap().len();
    signal(server.pid(), libc::SIGTERM);
    assert_eq!(server.wait().code(), Some(0));
    assert_eq!(fs::metadata(folder.join("dump.rdb")).unwrap().len(), size);
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_damaged_file_ends_the_start_with_its_place() {
    let folder = new_folder();
    let server = server_in(&folder, &["--save", ""]);
    server.client().command(&["RPUSH", "list", "a", "b", "c"]);
    server.client().command(&["SAVE"]);
    drop(server);
    let path = folder.join("dump.rdb");
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    let (port, path) = (free_port().to_string(), folder.to_str().unwrap());
    let output = Command::new(binary()).args(["--port", &port, "--dir", path]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let log = String::from_utf8_lossy(&output.stdout);
    for part in ["Wrong RDB checksum expected", "RDB CRC error", "Fatal error loading the DB"] {
        assert!(log.contains(part), "{part} in {log}");
    }
    fs::remove_dir_all(&folder).unwrap();
}
