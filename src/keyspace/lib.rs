//! What data is: key records, databases of them, expiry and eviction. Knows nothing of clients, commands or replies.
//!
//! `unsafe` stands in one place, the key record ([`record`]), whose layout is drawn there byte by byte.

pub mod clock;
pub mod database;
pub mod digest;
pub mod eviction;
pub mod expired;
pub mod expiry;
mod field_expiry;
pub(crate) mod filing;
mod note;
pub mod record;
pub(crate) mod relocation;
pub mod tables;

pub use clock::{AccessClock, EvictionPolicy};
pub use database::{Database, Keyspace, Lookup};
pub use eviction::Evictor;
pub use expired::{Expired, Names};
pub use expiry::ActiveExpiry;
pub use record::{Held, NewValue, Opened, Record, Text};
pub use relocation::Relocation;
pub use tables::{Stop, Tables};
pub use values::{self, Kind};

/// The name of a key, with what is computed from it once: its hash and, in cluster mode, its slot.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    /// The name.
    pub name: &'a [u8],
    /// The keyed hash of the name.
    pub hash: u64,
    /// The table it belongs to: its slot in cluster mode, zero otherwise.
    pub table: u16,
}
