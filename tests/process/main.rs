//! Tests of the real binary through its sockets: what only a process can show.
//!
//! What a command answers is tested beside its handler and compared with the reference in `tests/differential`; here the
//! bytes on the wire matter, how they are cut, how many there are and how many send them.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used)] // processes, sockets and time are what is tested

#[path = "../common/mod.rs"]
mod common;

mod basics;
mod big;
mod crash;
mod crowd;
mod durable;
mod inline;
mod library;
mod lifecycle;
mod persistence;
mod pipeline;
mod queue;
mod refusals;
mod resp3;
mod standing;
mod system;
mod threads;
mod users;
mod watch;
