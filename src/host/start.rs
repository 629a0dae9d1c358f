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
    let args: Vec<String> = std::env::args().collect();
    let port = args.iter().position(|a| a == "--port").and_then(|i| args.get(i + 1)?.parse().ok()).unwrap_or(6379);
    let node = Node::new(Boot { seed: 1, process: Process::default() }, clock.now());
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
