//! A server process in a folder of its own, killed and cleaned up when dropped.

use super::{Client, PATIENCE};
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The server under test: ours, unless SERVER_UNDER_TEST names another, as one does to see that a test is right.
pub(crate) fn binary() -> PathBuf {
    let other = std::env::var_os("SERVER_UNDER_TEST");
    other.map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_valkey-server")), PathBuf::from)
}

/// The reference server that `utils/test` found, if any.
pub(crate) fn reference() -> Option<PathBuf> {
    std::env::var_os("REFERENCE_SERVER").and_then(|path| Path::new(&path).canonicalize().ok())
}

/// A running server.
pub(crate) struct Server {
    child: Child,
    folder: PathBuf,
    port: u16,
}

impl Server {
    /// The server under test, with directives as on a command line, perhaps behind the path of a
    /// configuration file: `["--maxclients", "10"]`.
    pub(crate) fn start(arguments: &[&str]) -> Server {
        Server::start_binary(&binary(), arguments)
    }

    /// Any server binary. Another process may take the free port first, so a server that ends at once is tried again.
    pub(crate) fn start_binary(binary: &Path, arguments: &[&str]) -> Server {
        Server::start_until(binary, arguments, |reply| !reply.starts_with(b"-LOADING"))
    }

    /// The server under test, which may still be loading.
    #[allow(dead_code)] // not every group of tests has a server that loads
    pub(crate) fn begin(arguments: &[&str]) -> Server {
        Server::start_until(&binary(), arguments, |_| true)
    }

    fn start_until(binary: &Path, arguments: &[&str], ready: impl Fn(&[u8]) -> bool) -> Server {
        for _ in 0..5 {
            let mut server = Server::spawn(binary, arguments);
            if server.wait_until_it_answers(&ready) {
                return server;
            }
        }
        panic!("{} does not start with {arguments:?}", binary.display());
    }

    /// Kills it where it stands and starts it again on the same files.
    pub(crate) fn kill_and_restart(&mut self, arguments: &[&str]) {
        self.child.kill().expect("a process to kill");
        let _ = self.child.wait();
        for _ in 0..5 {
            let folder = std::mem::take(&mut self.folder);
            *self = Server::spawn_in(folder, &binary(), arguments);
            if self.wait_until_it_answers(|reply| !reply.starts_with(b"-LOADING")) {
                return;
            }
        }
        panic!("it does not start again:\n{}", self.log());
    }

    fn spawn(binary: &Path, arguments: &[&str]) -> Server {
        Server::spawn_in(new_folder(), binary, arguments)
    }

    fn spawn_in(folder: PathBuf, binary: &Path, arguments: &[&str]) -> Server {
        let port = free_port();
        let log = fs::File::create(folder.join("output")).expect("a log file");
        let child = Command::new(binary)
            .args(arguments)
            .args(["--port", &port.to_string()])
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
        Server { child, folder, port }
    }

    /// Whether the server came to answer; if it ended instead, false.
    fn wait_until_it_answers(&mut self, ready: impl Fn(&[u8]) -> bool) -> bool {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if self.child.try_wait().expect("a child to ask").is_some() {
                return false;
            }
            if let Ok(mut client) = Client::try_connect(self.port)
                && client.try_reply_to(b"PING\r\n").is_ok_and(|reply| ready(&reply))
            {
                return true;
            }
            thread::park_timeout(Duration::from_millis(2));
        }
        panic!("no answer on port {}:\n{}", self.port, self.log());
    }

    /// The port it listens on.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The folder that it works in.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has printed.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.join("output")).unwrap_or_default()
    }

    /// Waits until it has printed this.
    pub(crate) fn until_log(&self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.log().contains(text) {
            assert!(Instant::now() < deadline, "{text:?} not in time in\n{}", self.log());
            thread::park_timeout(Duration::from_millis(2));
        }
    }

    /// Waits until it has threads of these names, which a thread takes on a moment after it was made.
    pub(crate) fn until_threads(&self, names: &[&str]) {
        self.until_each_thread(names, true);
    }

    /// Waits until the process has none of these threads any more.
    pub(crate) fn until_no_threads(&self, names: &[&str]) {
        self.until_each_thread(names, false);
    }

    fn until_each_thread(&self, names: &[&str], is_there: bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let tasks = fs::read_dir(format!("/proc/{}/task", self.pid())).expect("its threads");
            let name = |task: fs::DirEntry| fs::read_to_string(task.path().join("comm")).unwrap_or_default();
            let have: Vec<String> = tasks.flatten().map(name).collect();
            if names.iter().all(|name| have.iter().any(|own| own.trim_end() == *name) == is_there) {
                return;
            }
            assert!(Instant::now() < deadline, "{names:?}, {is_there}: {have:?}");
            thread::park_timeout(Duration::from_millis(2));
        }
    }

    /// A new connection.
    pub(crate) fn client(&self) -> Client {
        Client::try_connect(self.port).expect("a connection")
    }

    /// Waits for the process to end by itself.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("a child to ask") {
                return status;
            }
            thread::park_timeout(Duration::from_millis(2));
        }
        panic!("the server does not end:\n{}", self.log());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !self.folder.as_os_str().is_empty() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// A port that nobody listened on just now.
pub(crate) fn free_port() -> u16 {
    // Below those that the system gives to clients, and in turn, so that neither they nor other tests come in between.
    const FIRST: u32 = 10_000;
    const FOR_A_PROCESS: u32 = 200;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let first = FIRST + std::process::id() % 100 * FOR_A_PROCESS;
    loop {
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = u16::try_from(first + next % FOR_A_PROCESS).expect("below 30,000");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// An empty folder below the build's own place for temporary files.
pub(crate) fn new_folder() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("server-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    folder
}
