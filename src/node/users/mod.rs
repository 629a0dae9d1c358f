//! Users and the clients that are logged in as them: who gets in, what is denied, and what becomes of clients when their
//! user changes or goes.
//!
//! A session holds the number of its user, so a change is seen by the next request of each. What a change takes away at
//! once are connections: those of a user that was removed, and those that listen to channels that it may not use any more.

mod changes;
mod denials;
#[cfg(test)]
mod tests;

pub use changes::{unread, users};
pub(crate) use denials::text;
