//! A user.

use crate::error::RuleError;
use crate::password::Password;
use crate::selector::Selector;
use crate::words;

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    name: Box<[u8]>,
    enabled: bool,
    no_password: bool,
    skips_sanitizing: bool,
    passwords: Vec<Password>,
    /// The first is the user's own, the others stand in parentheses.
    selectors: Vec<Selector>,
    /// Whether one of the selectors allows everything, worked out when the user changes.
    allows_all: bool,
    /// Whether selectors begin with all channels (`acl-pubsub-default`).
    new_channels: bool,
}

impl User {
    /// A user that may do nothing, not even log in.
    pub(crate) fn new(name: &[u8], new_channels: bool) -> User {
        User {
            name: name.into(),
            enabled: false,
            no_password: false,
            skips_sanitizing: false,
            passwords: Vec::new(),
            selectors: vec![Selector::new(new_channels, false)],
            allows_all: false,
            new_channels,
        }
    }

    /// The default user of a server that nobody has set up: it may do everything, without a password.
    pub(crate) fn default_user(new_channels: bool) -> User {
        let mut user = User::new(b"default", new_channels);
        user.enabled = true;
        user.no_password = true;
        let own = Selector::new(true, false);
        user.selectors = vec![own];
        for word in [&b"~*"[..], b"&*", b"+@all"] {
            // These are rules.
            let _ = user.apply(word);
        }
        user
    }

    /// What it is called.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// Whether one may log in as this user.
    pub fn enabled(&self) -> bool {
        self.enabled
    }

    /// Whether any password will do.
    pub fn no_password(&self) -> bool {
        self.no_password
    }

    /// Whether it may do everything.
    #[inline]
    pub fn allows_all(&self) -> bool {
        self.allows_all
    }

    /// Its selectors, its own first.
    pub fn selectors(&self) -> &[Selector] {
        &self.selectors
    }

    /// The digests of its passwords, as they are printed.
    pub fn passwords(&self) -> impl ExactSizeIterator<Item = String> {
        self.passwords.iter().map(Password::hex)
    }

    /// Whether one may log in as this user with this password.
    pub fn lets_in(&self, password: &[u8]) -> bool {
        if !self.enabled || self.no_password {
            return self.enabled;
        }
        let given = Password::of(password);
        self.passwords.iter().any(|known| known.same(&given))
    }

    /// New selectors begin with all channels, or with none, from now on.
    pub(crate) fn follow_channels(&mut self, new_channels: bool) {
        self.new_channels = new_channels;
    }

    /// Does what a word says. An empty one says nothing.
    pub(crate) fn apply(&mut self, word: &[u8]) -> Result<(), RuleError> {
        match words::visible(word).to_ascii_lowercase().as_slice() {
            _ if word.is_empty() => {}
            b"on" => self.enabled = true,
            b"off" => self.enabled = false,
            b"skip-sanitize-payload" => self.skips_sanitizing = true,
            b"sanitize-payload" => self.skips_sanitizing = false,
            b"nopass" => self.forget_passwords(true),
            b"resetpass" => self.forget_passwords(false),
            [b'>' | b'#', ..] => {
                let password = password(word)?;
                if !self.passwords.contains(&password) {
                    self.passwords.push(password);
                }
                self.no_password = false;
            }
            [b'<' | b'!', ..] => {
                let password = password(word)?;
                let at = self.passwords.iter().position(|known| *known == password);
                self.passwords.remove(at.ok_or(RuleError::NoSuchPassword)?);
            }
            [b'(', ..] if word.len() > 1 && word.ends_with(b")") => {
                self.selectors.push(Selector::parse(word, self.new_channels)?);
            }
            b"clearselectors" => self.selectors.truncate(1),
            b"reset" => {
                let name = std::mem::take(&mut self.name);
                *self = User::new(&name, self.new_channels);
            }
            _ => self.selectors[0].apply(word)?,
        }
        self.allows_all = self.selectors.iter().any(Selector::allows_all);
        Ok(())
    }

    fn forget_passwords(&mut self, any_will_do: bool) {
        self.no_password = any_will_do;
        self.passwords.clear();
    }

    /// Takes this as its only password; without one, any will do.
    pub(crate) fn set_password(&mut self, password: &[u8]) {
        self.forget_passwords(password.is_empty());
        if !password.is_empty() {
            self.passwords.push(Password::of(password));
        }
    }

    /// What it is besides its permissions, in the words that make it so.
    pub fn flags(&self) -> impl Iterator<Item = &'static str> {
        let sanitizing = if self.skips_sanitizing { "skip-sanitize-payload" } else { "sanitize-payload" };
        let enabled = if self.enabled { "on" } else { "off" };
        [enabled].into_iter().chain(self.no_password.then_some("nopass")).chain([sanitizing])
    }

    /// The words that make it.
    pub fn describe(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for flag in self.flags() {
            out.extend_from_slice(flag.as_bytes());
            out.push(b' ');
        }
        for password in self.passwords() {
            out.extend_from_slice(format!("#{password} ").as_bytes());
        }
        for (at, selector) in self.selectors.iter().enumerate() {
            if at == 0 {
                selector.describe(&mut out);
            } else {
                out.extend_from_slice(b" (");
                selector.describe(&mut out);
                out.push(b')');
            }
        }
        out
    }

    /// First arguments that let commands through, as they were written, for the warning that they are out of favour.
    pub fn first_args(&self) -> impl Iterator<Item = &[u8]> {
        self.selectors.iter().flat_map(Selector::parts)
    }
}

/// What the log says of a first argument that lets a command through.
pub fn first_arg_warning(rule: &[u8]) -> String {
    let rule = String::from_utf8_lossy(rule);
    format!(
        "Deprecation warning: Allowing a first arg of an otherwise blocked command is a misuse of ACL and may get \
         disabled in the future (offender: +{rule})"
    )
}

/// The password that a word names, in clear or by its digest.
fn password(word: &[u8]) -> Result<Password, RuleError> {
    match word {
        [b'>' | b'<', clear @ ..] => Ok(Password::of(clear)),
        [_, digest @ ..] => Password::from_hex(digest).ok_or(RuleError::BadHash),
        [] => Err(RuleError::Syntax),
    }
}
