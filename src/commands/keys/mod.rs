//! Keys of any type: whether they are there, for how long, under which name, in which form.

mod delete;
mod dump;
mod expire;
mod object;
mod rename;
mod scan;
#[cfg(test)]
mod tests;
mod ttl;

pub use delete::{del, exists, touch, type_of, unlink};
pub use dump::{dump, restore};
pub(crate) use expire::Conditions;
pub use expire::{expire, expireat, persist, pexpire, pexpireat};
pub use object::{object_encoding, object_freq, object_help, object_idletime, object_refcount};
pub use rename::{copy, move_key, rename, renamenx};
pub use scan::{keys, randomkey, scan};
pub use ttl::{expiretime, pexpiretime, pttl, ttl};
