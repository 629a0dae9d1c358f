//! The users of a server.

use crate::error::RuleError;
use crate::user::User;
use crate::words;
use std::collections::BTreeMap;

/// A user, as sessions hold it. The number of a user that was removed may become another's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(u32);

impl UserId {
    /// The default user, which is always there.
    pub const DEFAULT: UserId = UserId(0);
}

/// The users of a server.
#[derive(Clone, Debug)]
pub struct Users {
    /// By number.
    all: Vec<Option<User>>,
    /// In the order of their names.
    names: BTreeMap<Box<[u8]>, UserId>,
    /// Whether new selectors begin with all channels.
    new_channels: bool,
}

impl Users {
    /// The default user alone, with this password if it is not empty.
    pub fn new(password: &[u8], new_channels: bool) -> Users {
        let mut users = Users { all: Vec::new(), names: BTreeMap::new(), new_channels };
        users.put(User::default_user(new_channels));
        users.set_default_password(password);
        users
    }

    /// A user. One that is not there any more is taken for the default one, which no session should rely on.
    #[inline]
    pub fn get(&self, id: UserId) -> &User {
        match self.all.get(id.0 as usize) {
            Some(Some(user)) => user,
            _ => self.default_user(),
        }
    }

    /// Whether a user may do everything.
    #[inline(always)]
    pub fn allows_all(&self, id: UserId) -> bool {
        matches!(self.all.get(id.0 as usize), Some(Some(user)) if user.allows_all())
    }

    #[cold]
    fn default_user(&self) -> &User {
        self.all.first().and_then(Option::as_ref).expect("the default user is always there")
    }

    /// The user of this name.
    pub fn find(&self, name: &[u8]) -> Option<UserId> {
        self.names.get(name).copied()
    }

    /// All of them, in the order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &User> {
        self.names.values().map(|id| self.get(*id))
    }

    /// Whether everybody is let in as the default user, without a password.
    #[inline]
    pub fn open(&self) -> bool {
        let user = self.get(UserId::DEFAULT);
        user.enabled() && user.no_password()
    }

    /// `requirepass`: the one password of the default user, or none.
    pub fn set_default_password(&mut self, password: &[u8]) {
        if let Some(Some(user)) = self.all.first_mut() {
            user.set_password(password);
        }
    }

    /// `acl-pubsub-default`: whether what is made from now on begins with all channels.
    pub fn follow_channels(&mut self, new_channels: bool) {
        self.new_channels = new_channels;
        self.all.iter_mut().flatten().for_each(|user| user.follow_channels(new_channels));
    }

    /// Whether a name can be a user's.
    pub fn can_be_named(name: &[u8]) -> bool {
        !words::has_blanks(name)
    }

    /// What a user, which may be there or not, would become by these words. Or what is wrong with them, for a client.
    pub fn changed<W: AsRef<[u8]>>(&self, name: &[u8], rules: &[W]) -> Result<User, Vec<u8>> {
        let rules = words::join_selectors(rules).map_err(|at| {
            let word = words::visible(rules[at].as_ref());
            [b"Unmatched parenthesis in acl selector starting at '", word, b"'."].concat()
        })?;
        let mut user = match self.find(name) {
            Some(id) => self.get(id).clone(),
            None => User::new(name, self.new_channels),
        };
        for rule in &rules {
            user.apply(rule).map_err(|error| {
                let (rule, error) = (words::visible(rule), error.text().as_bytes());
                [b"Error in ACL SETUSER modifier '", rule, b"': ", error].concat()
            })?;
        }
        Ok(user)
    }

    /// Takes a user in, in the place of the one of that name if there is one.
    pub fn put(&mut self, user: User) -> UserId {
        if let Some(id) = self.find(user.name()) {
            self.all[id.0 as usize] = Some(user);
            return id;
        }
        let free = self.all.iter().position(Option::is_none);
        let at = free.unwrap_or_else(|| {
            self.all.push(None);
            self.all.len() - 1
        });
        let id = UserId(at as u32);
        self.names.insert(user.name().into(), id);
        self.all[at] = Some(user);
        id
    }

    /// Removes a user; the default one stays. Whoever held it must let go.
    pub fn remove(&mut self, name: &[u8]) -> Option<UserId> {
        let id = self.find(name).filter(|id| *id != UserId::DEFAULT)?;
        self.names.remove(name);
        self.all[id.0 as usize] = None;
        Some(id)
    }

    /// A user in the making: whether new ones begin with all channels.
    pub(crate) fn new_channels(&self) -> bool {
        self.new_channels
    }

    /// Whether words can be a user's, as far as a configuration that is being read can tell: commands may be unknown yet.
    /// Otherwise, which of the words is at fault.
    pub fn check<W: AsRef<[u8]>>(rules: &[W]) -> Result<(), (usize, RuleError)> {
        let rules = words::join_selectors(rules).map_err(|at| (at, RuleError::Unclosed))?;
        let mut user = User::new(b"", false);
        for (at, rule) in rules.iter().enumerate() {
            match user.apply(rule) {
                Ok(()) | Err(RuleError::Unknown) => {}
                Err(error) => return Err((at, error)),
            }
        }
        Ok(())
    }
}
