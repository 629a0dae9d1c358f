//! Users and the clients that are logged in as them: who gets in, what is denied, and what becomes of clients when their
//! user changes or goes.
//!
//! A session holds the number of its user, so a change is seen by the next request of each. What a change takes away at
//! once are connections: those of a user that was removed, and those that listen to channels that it may not use any more.

mod changes;
pub(crate) mod denials;
#[cfg(test)]
mod tests;

use acl::Users;
use config::{Config, PubsubDefault};

/// The users of a server that was told of none: the default one, with the password that the configuration has for it.
pub fn users(config: &Config) -> Users {
    Users::new(&config.security.requirepass, begins_with_channels(config))
}

/// What is wrong with a file of users that cannot be read.
pub fn unread(path: &str, reason: &str) -> String {
    format!("Error loading ACLs, opening file '{path}': {reason}")
}

fn begins_with_channels(config: &Config) -> bool {
    config.security.acl_pubsub_default == PubsubDefault::AllChannels
}
