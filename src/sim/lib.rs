//! The simulator: the shipped node on a clock, pipes and a memory that are made up, from a seed.
//!
//! A [`World`] performs what a node asks for as `host` does, and in the same order, but nothing in it is real: bytes
//! arrive cut and late as the seed has it, time passes when the world says so, memory is what the node's thread has
//! allocated, and the same seed gives the same run, byte by byte, which [`World::trace`] proves. What a scenario reads
//! like:
//!
//! ```
//! let mut world = sim::World::new(1);
//! let client = world.client();
//! assert_eq!(world.ask(client, "SET greeting hello PX 100").text(), "OK");
//! world.advance(101);
//! assert!(world.ask(client, "GET greeting").is_nil());
//! ```
//!
//! Besides `host` this is the only crate that performs; `unsafe` stands around the allocator alone.

pub mod clock;
pub mod disk;
pub mod memory;
pub mod model;
pub mod pipe;
pub mod reply;
pub mod shelf;
pub mod trace;
pub mod workload;
pub mod world;

#[cfg(test)]
mod scenarios;

pub use reply::Reply;
pub use world::{Client, World};
