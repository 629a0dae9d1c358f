//! From the command line to a serving process, step by step, and back out again.
//!
//! ```text
//! command line -> settings -> supervision -> background -> log -> limits -> pid file -> sockets -> node -> loop
//! ```

mod process;
mod settings;
mod supervise;
mod texts;

use crate::clock::Clock;
use crate::listen::{self, Listeners};
use crate::serve::Server;
use crate::standing::{Standing, checks, locale};
use crate::{crash, limits, log, signals, sys, users};
use base::log::Line;
use config::{CommandLine, Config};
use node::Node;
use node::node::{Boot, Process};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::process::ExitCode;
use supervise::Supervisor;

/// Runs the server until it is told to end.
pub fn main() -> ExitCode {
    let args: Vec<Vec<u8>> = std::env::args_os().map(OsStringExt::into_vec).collect();
    let code = match args.get(1).map(Vec::as_slice) {
        Some(b"-v" | b"--version") => texts::print(&texts::version()),
        Some(b"-h" | b"--help") => texts::print(texts::USAGE),
        Some(b"--check-system") => {
            let (report, passed) = checks::report();
            texts::print(&report).max(u8::from(!passed))
        }
        _ => run(&args).unwrap_or_else(|stop| stop.0),
    };
    ExitCode::from(code)
}

/// The process cannot go on, has said why, and ends with this code.
struct Stop(u8);

/// Says in the log why the process cannot go on.
fn stop(config: &Config, line: &Line) -> Stop {
    log::write(config, line);
    Stop(1)
}

fn run(args: &[Vec<u8>]) -> Result<u8, Stop> {
    let command_line = CommandLine::parse(args.get(1..).unwrap_or_default());
    let mut settings = settings::load(&command_line)?;
    let config = &mut settings.config;
    crash::install_for_panics(config);
    log::open_syslog(config);
    if !checks::warn(config) {
        return Err(Stop(1));
    }
    let supervisor = supervise::detect(config);
    let background = config.process.daemonize && supervisor.is_none();
    if background {
        process::daemonize();
    }
    say_hello(config, args);
    config.network.maxclients = limits::make_room(config);
    if config.network.maxclients == 0 {
        return Err(Stop(1));
    }
    // The threads of the allocator and of our own are started behind this point: a fork takes only one along.
    crate::alloc::register_thread();
    crate::alloc::purge_aside(config.process.jemalloc_bg_thread);
    let clock = Clock::start();
    let signals = signals::install().map_err(|error| {
        stop(config, &Line::warning(format!("Can't handle signals: {}", sys::reason(&error))))
    })?;
    crash::install(config, &clock).map_err(|error| {
        stop(config, &Line::warning(format!("Can't report crashes: {}", sys::reason(&error))))
    })?;
    let collate = locale::take_up(config)
        .map_err(|_| stop(config, &Line::warning("Failed to configure LOCALE for invalid locale name.")))?;
    let pid_file = process::PidFile::create(config, background);
    // SAFETY: this is the only thread, and arguments and environment have been copied where they are needed.
    let standing = unsafe { Standing::take(config, &args[0], &settings.file) };
    // The template was checked when it was read.
    let _ = standing.show_title(config);
    announce(config);
    limits::warn_of_backlog(config);
    if config.tls.tls_port != 0 || config.tls.tls_replication || config.tls.tls_cluster {
        return Err(stop(config, &Line::warning("Failed finding TLS support.")));
    }
    let users = users::load(config).map_err(|line| stop(config, &line))?;
    let listeners = Listeners::open(config).map_err(|line| stop(config, &line))?;
    let boot = Boot {
        config: config.clone(),
        seed: sys::random_seed(),
        process: Process {
            config_file: settings.file.clone(),
            supervised: supervisor.as_ref().map_or("no", |supervisor| supervisor.name()).to_owned(),
            listeners: listeners.describe(config),
            ..facts(&args[0])
        },
    };
    sys::bring_in_the_program();
    log::write(config, &Line::notice("Server initialized"));
    let mut node = Node::new(boot, clock.now());
    node.users = users;
    node.set_collation(collate);
    let kinds: Vec<_> = listeners.kinds().map(|kind| format!("Ready to accept connections {kind}")).collect();
    let unix_socket = config.network.unixsocket.clone();
    let served = Server::new(node, clock, listeners, signals, standing)
        .and_then(|server| serve(server, config, &kinds, supervisor.as_ref()));
    if let Ok(code @ 1..) = served {
        // Why it does not go on has been said.
        return Ok(code as u8);
    }
    if let Some(supervisor) = &supervisor {
        supervisor.stopping();
    }
    pid_file.remove(config);
    listen::remove_unix_socket(config, &unix_socket);
    match served {
        Ok(code) => {
            log::write(config, &Line::warning("Valkey is now ready to exit, bye bye..."));
            Ok(code as u8)
        }
        Err(error) => Err(stop(config, &Line::warning(format!("Can't serve: {}", sys::reason(&error))))),
    }
}

/// What the node is to know of the process, as far as it is the same with any settings.
fn facts(program: &[u8]) -> Process {
    Process {
        pid: std::process::id(),
        executable: process::executable(program),
        os: process::system(),
        max_files: limits::max_files(),
        system_memory: process::memory(),
        allocator: texts::ALLOCATOR.to_owned(),
        clock: crate::clock::source().to_owned(),
        poller: "epoll".to_owned(),
        ..Process::default()
    }
}

/// Loads the data, says that clients may come, and serves them. Answers the code with which the process is to end.
fn serve(
    mut server: Server,
    config: &Config,
    kinds: &[String],
    supervisor: Option<&Supervisor>,
) -> io::Result<i32> {
    if let Some(code) = server.load()? {
        return Ok(code);
    }
    kinds.iter().for_each(|line| log::write(config, &Line::notice(line)));
    if let Some(supervisor) = supervisor {
        supervisor.ready();
    }
    warn_of_tiny_memory(config);
    server.run()
}

fn say_hello(config: &Config, args: &[Vec<u8>]) {
    log::write(config, &Line::notice("oO0OoO0OoO0Oo Valkey is starting oO0OoO0OoO0Oo"));
    let pid = std::process::id();
    let version = texts::VERSION;
    let line =
        format!("Valkey version={version}, bits=64, commit=00000000, modified=0, pid={pid}, just started");
    log::write(config, &Line::notice(line));
    if args.len() == 1 {
        let program = String::from_utf8_lossy(&args[0]);
        let text = "Warning: no config file specified, using the default config. In order to specify a config file use";
        log::write(config, &Line::warning(format!("{text} {program} /path/to/valkey.conf")));
    } else {
        log::write(config, &Line::notice("Configuration loaded"));
    }
}

/// Tells mode and port, with the logo where a person reads along.
fn announce(config: &Config) {
    let mode = if config.cluster.cluster_enabled { "cluster" } else { "standalone" };
    let port = match config.network.port {
        0 => config.tls.tls_port,
        port => port,
    };
    log::write(config, &Line::notice(format!("monotonic clock: {}", crate::clock::source())));
    // SAFETY: the call only asks about a descriptor.
    let terminal = unsafe { libc::isatty(libc::STDOUT_FILENO) } == 1;
    let read_along = terminal && !config.log.syslog_enabled && config.log.logfile.is_empty();
    if read_along || config.log.always_show_logo {
        log::write_raw(config, base::log::Level::Notice, &texts::logo(mode, port));
    } else {
        log::write(config, &Line::notice(format!("Running mode={mode}, port={port}.")));
    }
}

fn warn_of_tiny_memory(config: &Config) {
    let limit = config.memory.maxmemory;
    if limit > 0 && limit < 1 << 20 {
        let text = format!(
            "WARNING: You specified a maxmemory value that is less than 1MB (current value is {limit} bytes). \
             Are you sure this is what you really want?"
        );
        log::write(config, &Line::warning(text));
    }
}
