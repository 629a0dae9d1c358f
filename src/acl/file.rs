//! All users as text: the file that `aclfile` names, and the `user` lines of a configuration.
//!
//! ```text
//! user alice on sanitize-payload #5994... ~alice:* resetchannels -@all +@read (~shared resetchannels -@all +get)
//! user default on nopass sanitize-payload ~* &* +@all
//! ```
//!
//! A line holds words between single blanks, without quotes; empty lines are passed over. Everything that is wrong is
//! told at once, and then nothing of the file counts.

use crate::error::RuleError;
use crate::user::User;
use crate::users::Users;
use crate::words;

impl Users {
    /// The users as the lines of a file.
    pub fn to_text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for user in self.iter() {
            text.extend(user.line());
            text.push(b'\n');
        }
        text
    }

    /// The users as the values of `user` lines in a configuration, where words with quotes in them are quoted.
    pub fn to_declarations(&self) -> Vec<Vec<u8>> {
        let quoted = |word: &[u8]| {
            let mut out = Vec::new();
            if word.is_empty() || word.iter().any(|byte| matches!(byte, b'"' | b'\'')) {
                base::escape::quote(&mut out, word);
            } else {
                out.extend_from_slice(word);
            }
            out
        };
        let declaration = |user: &User| {
            let words: Vec<Vec<u8>> =
                user.line()[b"user ".len()..].split(|byte| *byte == b' ').map(quoted).collect();
            words.join(&b' ')
        };
        self.iter().map(declaration).collect()
    }

    /// The users that the text of the file `path` describes, and the default one if it does not; or everything that is
    /// wrong with it.
    pub fn read(&self, path: &str, text: &[u8]) -> Result<Users, Vec<u8>> {
        let mut reader =
            Reader { path, read: Users::new(b"", self.new_channels()), seen: Vec::new(), errors: Vec::new() };
        for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
            reader.line(index + 1, words::visible(line).trim_ascii());
        }
        if reader.errors.is_empty() {
            return Ok(reader.read);
        }
        reader
            .say(b"WARNING: ACL errors detected, no change to the previously active ACL rules was performed");
        Err(reader.errors)
    }

    /// Takes in the users that a configuration declares, each with its name first. Answers the names of those who cannot
    /// log in, or what is wrong.
    pub fn declare(&mut self, declared: &[Vec<Vec<u8>>]) -> Result<Vec<Vec<u8>>, Vec<u8>> {
        let mut disabled = Vec::new();
        for words in declared {
            let Some((name, rules)) = words.split_first() else { continue };
            if !Users::can_be_named(name) {
                return Err(b"Spaces not allowed in ACL usernames".to_vec());
            }
            let mut user = User::new(name, self.new_channels());
            let refused = |rule: &[u8], error: RuleError| {
                let (rule, error) = (words::visible(rule), error.text().as_bytes());
                [b"Error loading ACL rule '", rule, b"' for the user named '", name, b"': ", error].concat()
            };
            let rules =
                words::join_selectors(rules).map_err(|at| refused(&rules[at], RuleError::Unclosed))?;
            for rule in rules {
                user.apply(&rule).map_err(|error| refused(&rule, error))?;
            }
            if !user.enabled() {
                disabled.push(name.clone());
            }
            self.put(user);
        }
        Ok(disabled)
    }
}

impl User {
    /// The line of a file that makes the user.
    pub fn line(&self) -> Vec<u8> {
        [b"user ", self.name(), b" ", &self.describe()].concat()
    }
}

struct Reader<'a> {
    path: &'a str,
    read: Users,
    seen: Vec<Vec<u8>>,
    errors: Vec<u8>,
}

impl Reader<'_> {
    fn say(&mut self, text: &[u8]) {
        self.errors.extend_from_slice(text);
    }

    fn line(&mut self, number: usize, line: &[u8]) {
        if line.is_empty() {
            return;
        }
        let place = format!("{}:{number}", self.path);
        let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
        let [b"user", name, rules @ ..] = words.as_slice() else {
            return self.say(
                format!("{place} should start with user keyword followed by the username. ").as_bytes(),
            );
        };
        if !Users::can_be_named(name) {
            // Quirk of the reference: the first quote is never closed.
            let text = format!("'{place}: username '");
            return self.say(&[text.as_bytes(), name, b"' contains invalid characters. "].concat());
        }
        if self.seen.iter().any(|seen| seen == name) {
            let text = format!("' found on line {number}. ");
            return self.say(&[b"WARNING: Duplicate user '", *name, text.as_bytes()].concat());
        }
        self.seen.push(name.to_vec());
        self.user(&place, name, rules);
    }

    fn user(&mut self, place: &str, name: &[u8], rules: &[&[u8]]) {
        let Ok(rules) = words::join_selectors(rules) else {
            return self.say(format!("{place}: Unmatched parenthesis in selector definition.").as_bytes());
        };
        let mut user = User::new(name, self.read.new_channels());
        let mut told = false;
        for rule in rules.iter().map(|rule| rule.trim_ascii()) {
            match user.apply(rule) {
                Ok(()) => {}
                // What command or category is unknown is no secret, where other words may be passwords.
                Err(error @ RuleError::Unknown) => {
                    let text = format!("{place}: Error in applying operation '");
                    let error = format!("': {}. ", error.text());
                    self.say(&[text.as_bytes(), rule, error.as_bytes()].concat());
                }
                Err(error) if !told => {
                    told = true;
                    self.say(format!("{place}: {}. ", error.text()).as_bytes());
                }
                Err(_) => {}
            }
        }
        self.read.put(user);
    }
}
