//! The process in its system: in the background, asked to end twice, without descriptors.

use crate::common::{Client, PATIENCE, Server, binary, free_port, new_folder};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Asks until there is an answer.
fn until<T>(what: &str, ask: impl Fn() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "not in time: {what}");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

fn signal(pid: i32, number: i32) {
    // SAFETY: a signal to a process that a test has started and not seen the end of.
    unsafe { libc::kill(pid, number) };
}

/// A process that is nobody's child, ended when dropped.
struct Daemon(i32);

impl Drop for Daemon {
    fn drop(&mut self) {
        signal(self.0, libc::SIGKILL);
    }
}

fn read_pid(path: &Path) -> Option<i32> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

#[test]
fn a_server_in_the_background_leaves_the_terminal_and_names_itself_in_a_file() {
    let folder = new_folder();
    let (pid_file, log) = (folder.join("pid"), folder.join("log"));
    let port = free_port();
    let output = Command::new(binary())
        .args(["--daemonize", "yes", "--save", "", "--port", &port.to_string()])
        .arg("--pidfile")
        .arg(&pid_file)
        .arg("--logfile")
        .arg(&log)
        .current_dir(&folder)
        .output()
        .unwrap();
    assert_eq!((output.status.code(), &output.stdout[..], &output.stderr[..]), (Some(0), &b""[..], &b""[..]));

    let daemon = Daemon(until("a pid file", || read_pid(&pid_file)));
    let mut client = until("a connection", || Client::try_connect(port).ok());
    client.check("PING", "+PONG\r\n");
    let info = String::from_utf8(client.command(&["INFO", "server"])).unwrap();
    assert!(info.contains(&format!("process_id:{}\r\n", daemon.0)), "{info}");
    for standard in 0..3 {
        let target = fs::read_link(format!("/proc/{}/fd/{standard}", daemon.0)).unwrap();
        assert_eq!(target, Path::new("/dev/null"));
    }

    signal(daemon.0, libc::SIGTERM);
    client.expect_closed();
    let last = "Valkey is now ready to exit, bye bye...";
    let text = until("the last line", || fs::read_to_string(&log).ok().filter(|text| text.contains(last)));
    assert!(text.find("Removing the pid file.") < text.find(last), "{text}");
    assert!(!pid_file.exists());
    fs::remove_dir_all(&folder).unwrap();
}

/// The server must be at work when the signals come. Whether it is, is the system's affair: one that heard of the first
/// signal in time ends in order, and is tried again.
#[test]
fn a_second_interrupt_ends_a_server_that_is_at_work() {
    for _ in 0..20 {
        let mut server = Server::start(&["--save", ""]);
        let mut client = server.client();
        client.check("SETBIT key 400000000 1", ":0\r\n");
        client.send("BITCOUNT key\r\n".repeat(1000).as_bytes());
        signal(server.pid() as i32, libc::SIGINT);
        until("the first", || server.log().contains("Received SIGINT scheduling shutdown...").then_some(()));
        signal(server.pid() as i32, libc::SIGINT);
        let code = server.wait().code();
        if code == Some(1) {
            assert!(server.log().contains("You insist... exiting now."), "{}", server.log());
            return;
        }
        assert_eq!(code, Some(0), "{}", server.log());
    }
    panic!("no server was ended by its second interrupt");
}

#[test]
fn a_client_that_there_is_no_descriptor_for_comes_in_when_there_is_one() {
    let server = Server::start(&["--maxclients", "100"]);
    let mut before = server.client();
    before.check("PING", "+PONG\r\n");
    let open: Vec<u64> = fs::read_dir(format!("/proc/{}/fd", server.pid()))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().parse().unwrap())
        .collect();
    // The limit is on the number of a descriptor, and there may be gaps below those in use.
    let files = 1 + (0..).filter(|number| !open.contains(number)).nth(2).unwrap();
    let limit = libc::rlimit { rlim_cur: files, rlim_max: files };
    // SAFETY: the kernel reads a limit of ours, for a child of this process.
    let set = unsafe {
        libc::prlimit(server.pid() as i32, libc::RLIMIT_NOFILE, &raw const limit, std::ptr::null_mut())
    };
    assert_eq!(set, 0);

    let mut inside = vec![server.client(), server.client(), server.client()];
    for client in &mut inside {
        client.check("PING", "+PONG\r\n");
    }
    let mut outside = server.client();
    outside.send(b"PING\r\n");
    until("the complaint", || server.log().contains("accept: Too many open files").then_some(()));
    before.check("PING", "+PONG\r\n");
    inside.pop();
    outside.expect_bytes(b"+PONG\r\n", "one has left");
    before.check("PING", "+PONG\r\n");
}
