//! `replicaof`: whom the server replicates.

use crate::error::Reason;
use crate::form::{Args, Context, FileLine, Form};
use crate::number::parse_lenient;
use crate::words::{until_nul, word};

/// The address of a primary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Primary {
    /// Name or address.
    pub host: Vec<u8>,
    /// Port; TLS or plain is decided by `tls-replication`.
    pub port: u16,
}

/// The form of a primary's address, or `no one`.
pub(crate) struct PrimaryAddress;

impl Form<Option<Primary>> for PrimaryAddress {
    fn parse(&self, args: Args<'_>, _: &Context<'_, Option<Primary>>) -> Result<Option<Primary>, Reason> {
        let [host, port] = args else { return Err("wrong number of arguments".into()) };
        let (host, port) = (until_nul(host), until_nul(port));
        if host.eq_ignore_ascii_case(b"no") && port.eq_ignore_ascii_case(b"one") {
            return Ok(None);
        }
        let port = parse_lenient(port, 10).and_then(|(port, _)| u16::try_from(port as i32).ok());
        let port = port.ok_or("Invalid primary port")?;
        Ok(Some(Primary { host: host.to_vec(), port }))
    }

    fn show(&self, value: &Option<Primary>) -> Vec<u8> {
        match value {
            None => Vec::new(),
            Some(primary) => {
                let mut text = primary.host.clone();
                text.extend_from_slice(format!(" {}", primary.port).as_bytes());
                text
            }
        }
    }

    fn file_lines(&self, value: &Option<Primary>, _: &Option<Primary>) -> Vec<FileLine> {
        let Some(primary) = value else { return Vec::new() };
        let mut text = word(&primary.host);
        text.extend_from_slice(format!(" {}", primary.port).as_bytes());
        vec![FileLine { value: text, needed: true }]
    }
}
