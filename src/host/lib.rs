//! The shell: sockets, clocks, memory, the process. It performs what a [`node::Node`] asks for and decides nothing.
//!
//! The only crate, besides the simulator, that touches the world; `unsafe` stands around system calls and the allocator.

pub mod alloc;
pub mod background;
pub mod clock;
pub mod connection;
pub mod crash;
pub mod figures;
mod group;
pub mod limits;
pub mod listen;
pub mod log;
mod pace;
pub mod persist;
pub mod raw;
pub mod serve;
pub mod signals;
mod slabs;
pub mod standing;
pub mod start;
pub mod sys;
pub mod threads;
pub mod users;
