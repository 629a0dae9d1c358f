//! What the log says of clients: who came, who left, who sent what is no request. Only for those who want to hear it all.

use crate::admin::client;
use crate::boundary::{ConnId, Now};
use crate::node::Node;
use crate::session::Session;
use base::log::Level;
use config::LogLevel;
use resp::ProtocolError;
use std::fmt::Write;

/// How much of what was not understood is shown: half from its beginning, half from its end.
const SHOWN: usize = 128;

impl Node {
    /// A client as CLIENT LIST shows it, without what users have named if the log is to hide that.
    pub(crate) fn described(&self, session: &Session, now: Now<'_>) -> String {
        let line = client::line_of(self, session, now);
        let line = line.trim_end_matches('\n');
        if self.config.log.hide_user_data_from_log { redact(line) } else { line.to_owned() }
    }

    fn is_verbose(&self) -> bool {
        matches!(self.config.log.loglevel, LogLevel::Debug | LogLevel::Verbose)
    }

    /// A client has come in.
    pub(crate) fn tell_of_coming(&mut self, conn: ConnId) {
        if self.is_verbose()
            && let Some(session) = self.session(conn)
        {
            let text = format!("Accepted {}", session.peer);
            self.log(Level::Verbose, text);
        }
    }

    /// A client is gone. Nothing is said of one that was sent away.
    pub(crate) fn tell_of_leaving(&mut self, now: Now<'_>, conn: ConnId) {
        if self.is_verbose()
            && let Some(session) = self.session(conn).filter(|session| !session.closing)
        {
            let text = format!("Client closed connection {}", self.described(session, now));
            self.log(Level::Verbose, text);
        }
    }

    /// A client sent something that makes no sense.
    pub(crate) fn tell_of_broken_stream(
        &mut self,
        now: Now<'_>,
        session: &Session,
        error: ProtocolError,
        rest: &[u8],
    ) {
        if !self.is_verbose() {
            return;
        }
        let shown = if self.config.log.hide_user_data_from_log { "*redacted*".into() } else { sample(rest) };
        let (what, client) = (error.log_text(), self.described(session, now));
        let text = format!("Protocol error ({what}) from client: {client}. Query buffer: {shown}");
        self.log(Level::Verbose, text);
    }
}

/// Takes out of a line what users chose.
fn redact(line: &str) -> String {
    let fields: Vec<&str> = line
        .split(' ')
        .map(|field| match field.split_once('=') {
            Some(("name", _)) => "name=*redacted*",
            Some(("user", _)) => "user=*redacted*",
            _ => field,
        })
        .collect();
    fields.join(" ")
}

/// Bytes for people to read: the first and the last, with a dot for each that cannot be shown.
fn sample(bytes: &[u8]) -> String {
    let readable = |bytes: &[u8]| -> String {
        bytes.iter().map(|&byte| if matches!(byte, b' '..=b'~') { char::from(byte) } else { '.' }).collect()
    };
    // Quirk of the reference: as it does, text ends at a NUL byte.
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    if bytes.len() < SHOWN {
        return format!("'{}'", readable(&bytes[..end]));
    }
    let mut text = format!("'{}'", readable(&bytes[..SHOWN / 2]));
    // A string takes whatever is written to it.
    let _ = write!(text, " (... more {} bytes ...) ", bytes.len() - SHOWN);
    text + &format!("'{}'", readable(&bytes[bytes.len() - SHOWN / 2..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_shows_both_ends() {
        assert_eq!(sample(b"$bla\r\n\xff"), "'$bla...'");
        assert_eq!(sample(b"a\0b"), "'a'");
        let long = [vec![b'a'; 100], vec![b'b'; 100]].concat();
        let expected = format!("'{}' (... more 72 bytes ...) '{}'", "a".repeat(64), "b".repeat(64));
        assert_eq!(sample(&long), expected);
    }

    #[test]
    fn what_users_chose_is_taken_out() {
        let line = "id=1 name=secret user=default lib-name=x";
        assert_eq!(redact(line), "id=1 name=*redacted* user=*redacted* lib-name=x");
    }
}
