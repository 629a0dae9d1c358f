//! Users that are made, changed, read from a file or removed, and their clients.

use super::begins_with_channels;
use crate::boundary::{CloseReason, ConnId};
use crate::node::Node;
use crate::pubsub::Space;
use crate::session::{Class, Session};
use acl::{Remaining, User, UserId};
use base::log::Level;
use commands::CommandError;
use config::Id;

impl Node {
    /// Follows a directive about users that changed.
    pub(crate) fn follow_users(&mut self, id: Id) {
        match id {
            Id::requirepass => self.users.set_default_password(&self.config.security.requirepass),
            _ => self.users.follow_channels(begins_with_channels(&self.config)),
        }
    }

    /// Makes a user, or changes one. Its clients that listen to what they may not hear any more are closed.
    pub(crate) fn set_user(&mut self, session: &mut Session, new: User) {
        self.warn_of_first_args(&new);
        if let Some(id) = self.users.find(new.name())
            && let Some(left) = self.users.get(id).channels_left(&new)
        {
            let doomed = |other: &Session| other.caller.user == id && hears_more(other, &left);
            self.end_others(doomed);
            if doomed(session) {
                self.close(session, CloseReason::WhenSent);
            }
        }
        self.users.put(new);
    }

    /// Removes a user, and closes its clients. Answers whether there was one.
    pub(crate) fn remove_user(&mut self, session: &mut Session, name: &[u8]) -> bool {
        let Some(id) = self.users.remove(name) else { return false };
        self.end_others(|other| other.caller.user == id);
        if session.caller.user == id {
            session.caller.user = UserId::DEFAULT;
            session.authenticated = false;
            self.close(session, CloseReason::WhenSent);
        }
        true
    }

    /// Ends clients, except the one that is being served.
    fn end_others(&mut self, doomed: impl Fn(&Session) -> bool) {
        let others = self.sessions.iter().flatten().filter(|other| doomed(other));
        for conn in others.map(|other| other.conn).collect::<Vec<ConnId>>() {
            self.end(conn);
        }
    }

    /// The file of users was read for a client. Its users take the place of those of before, and clients stay who they
    /// are by name.
    pub(crate) fn users_read(&mut self, asker: ConnId, text: &[u8]) -> Result<(), CommandError> {
        let path = String::from_utf8_lossy(&self.config.security.aclfile).into_owned();
        let new = self.users.read(&path, text).map_err(CommandError::of)?;
        let old = std::mem::replace(&mut self.users, new);
        for at in 0..self.sessions.len() {
            let Some(mut session) = self.sessions[at].take() else { continue };
            let before = old.get(session.caller.user);
            let now = self.users.find(before.name());
            let left = now.and_then(|id| before.channels_left(self.users.get(id)));
            let stays = now.is_some() && !left.is_some_and(|left| hears_more(&session, &left));
            session.caller.user = now.unwrap_or_default();
            let conn = session.conn;
            if !stays && conn == asker {
                self.close(&mut session, CloseReason::WhenSent);
            }
            self.put_back(session);
            if !stays && conn != asker {
                self.end(conn);
            }
        }
        Ok(())
    }

    /// Warns of rules of a user that are out of favour, unless it had them before.
    fn warn_of_first_args(&mut self, new: &User) {
        let old = self.users.find(new.name()).map(|id| self.users.get(id));
        let known = |rule: &[u8]| old.is_some_and(|old| old.first_args().any(|other| other == rule));
        let rules: Vec<String> =
            new.first_args().filter(|rule| !known(rule)).map(acl::first_arg_warning).collect();
        rules.into_iter().for_each(|text| self.log(Level::Warning, text));
    }
}

/// Whether a client listens to something besides what is left to it.
fn hears_more(session: &Session, left: &Remaining<'_>) -> bool {
    let Some(own) = session.subscriptions.as_ref().filter(|_| session.class == Class::Pubsub) else {
        return false;
    };
    let spaces = [(Space::Patterns, true), (Space::Channels, false), (Space::Shards, false)];
    spaces.iter().any(|(space, is_pattern)| own.of(*space).iter().any(|name| !left.has(name, *is_pattern)))
}
