//! What can go wrong, as values that know their text: a refused CONFIG SET, and a configuration file that does not load.

use std::borrow::Cow;

/// Why a value is refused, in the words the reference uses.
pub type Reason = Cow<'static, str>;

/// Why CONFIG SET did nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// There is no such directive.
    Unknown {
        /// The name as the client spelled it.
        name: Vec<u8>,
    },
    /// The directive exists, and this change is refused.
    Refused {
        /// The directive at fault.
        name: Vec<u8>,
        /// Why, where there is more to say than no.
        reason: Option<Reason>,
    },
    /// The directive cannot be changed while a dataset is loaded; the reply is the server's usual LOADING error.
    Loading,
}

impl ConfigError {
    /// The reply's text behind its `ERR` code, or `None` when the reply is the LOADING error.
    pub fn message(&self) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        match self {
            Self::Loading => return None,
            Self::Unknown { name } => {
                text.extend_from_slice(b"Unknown option or number of arguments for CONFIG SET - '");
                text.extend_from_slice(name);
                text.push(b'\'');
            }
            Self::Refused { name, reason } => {
                text.extend_from_slice(b"CONFIG SET failed (possibly related to argument '");
                text.extend_from_slice(name);
                text.extend_from_slice(b"')");
                if let Some(reason) = reason {
                    text.extend_from_slice(b" - ");
                    text.extend_from_slice(reason.as_bytes());
                }
            }
        }
        Some(text)
    }
}

/// Why the configuration did not load; the server does not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// One line is wrong.
    Line {
        /// Its number in its file, from 1.
        number: usize,
        /// The line without the blanks around it.
        line: Vec<u8>,
        /// What is wrong with it.
        reason: Reason,
    },
    /// Each line is right, and what they say together is not.
    Whole(Reason),
    /// A file cannot be read; the text is a line for the log.
    Unreadable(Vec<u8>),
}

impl LoadError {
    /// What the server prints on stderr before it exits, or the line it logs when a file is [`Self::Unreadable`].
    pub fn fatal_text(&self, version: &str) -> Vec<u8> {
        let mut text = format!("\n*** FATAL CONFIG FILE ERROR (Version {version}) ***\n").into_bytes();
        let reason = match self {
            Self::Unreadable(log_line) => return log_line.clone(),
            Self::Whole(reason) => reason,
            Self::Line { number, line, reason } => {
                text.extend_from_slice(
                    format!("Reading the configuration file, at line {number}\n>>> '").as_bytes(),
                );
                text.extend_from_slice(line);
                text.extend_from_slice(b"'\n");
                reason
            }
        };
        text.extend_from_slice(reason.as_bytes());
        text.push(b'\n');
        text
    }
}
