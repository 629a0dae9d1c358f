//! From the command line to a serving process.

use crate::clock::Clock;
use crate::serve::Server;
use node::Node;
use node::node::{Boot, Process};
use std::process::ExitCode;

/// Runs the server until it is told to end.
pub fn main() -> ExitCode {
    crate::alloc::register_thread();
    let clock = Clock::start();
    let args: Vec<Vec<u8>> = std::env::args().skip(1).map(String::into_bytes).collect();
    let mut config = config::Config::default();
    let text = config::CommandLine::parse(&args).options;
    if let Err(error) = config.load(&text, &mut config::NoSurroundings) {
        eprintln!("{}", String::from_utf8_lossy(&error.fatal_text(node::VERSION)));
        return ExitCode::FAILURE;
    }
    let port = config.network.port;
    let node = Node::new(Boot { config, seed: 1, process: Process::default() }, clock.now());
    let listener = crate::listen::tcp(([127, 0, 0, 1], port).into(), 511);
    let code = listener.and_then(|l| Server::new(node, clock, vec![l])?.run());
    match code {
        Ok(code) => ExitCode::from(code as u8),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
