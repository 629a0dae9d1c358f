//! The form of text, and the checks that some of it must pass.

use crate::error::Reason;
use crate::form::{Args, Context, FileLine, Form, Others};
use crate::words::{quoted, until_nul};
use std::net::{Ipv4Addr, Ipv6Addr};

/// A test of a text, with the settings that it would join.
type Check = fn(&[u8], &dyn Others) -> Result<(), &'static str>;

/// Any text, perhaps with a check.
pub(crate) struct Text {
    /// The empty text means that there is no value: no line of the file is needed to say so.
    optional: bool,
    /// NUL bytes belong to the text. Other text ends at the first one, as a C string does.
    binary: bool,
    check: Check,
}

/// Text that may be empty.
pub(crate) const TEXT: Text = Text { optional: false, binary: false, check: |_, _| Ok(()) };
/// Text where empty means none.
pub(crate) const OPTIONAL: Text = Text { optional: true, ..TEXT };
/// Any bytes, where empty means none.
pub(crate) const OPTIONAL_BYTES: Text = Text { optional: true, binary: true, ..TEXT };
/// Any bytes, empty included.
pub(crate) const BYTES: Text = Text { binary: true, ..TEXT };

impl Text {
    pub(crate) const fn checked(self, check: Check) -> Self {
        Self { check, ..self }
    }
}

impl Form<Vec<u8>> for Text {
    fn parse(&self, args: Args<'_>, context: &Context<'_, Vec<u8>>) -> Result<Vec<u8>, Reason> {
        let [arg] = args else { return Err("wrong number of arguments".into()) };
        let text = if self.binary { arg } else { until_nul(arg) };
        (self.check)(text, context.others)?;
        Ok(text.to_vec())
    }

    fn show(&self, value: &Vec<u8>) -> Vec<u8> {
        value.clone()
    }

    fn file_lines(&self, value: &Vec<u8>, default: &Vec<u8>) -> Vec<FileLine> {
        if self.optional && value.is_empty() {
            return Vec::new();
        }
        vec![FileLine { value: quoted(value), needed: value != default }]
    }
}

/// The working directory: the file always names it, so that a server started elsewhere finds its data.
pub(crate) struct Directory;

impl Form<Vec<u8>> for Directory {
    fn parse(&self, args: Args<'_>, context: &Context<'_, Vec<u8>>) -> Result<Vec<u8>, Reason> {
        let path = TEXT.parse(args, context)?;
        if path.is_empty() { Err("dir can't be empty".into()) } else { Ok(path) }
    }

    fn show(&self, value: &Vec<u8>) -> Vec<u8> {
        value.clone()
    }

    fn file_lines(&self, value: &Vec<u8>, _: &Vec<u8>) -> Vec<FileLine> {
        if value.is_empty() { Vec::new() } else { vec![FileLine { value: quoted(value), needed: true }] }
    }
}

/// Refuses the empty text and, in the second case, a text with a path separator.
fn base_name(text: &[u8], empty: &'static str, path: &'static str) -> Result<(), &'static str> {
    if text.is_empty() {
        Err(empty)
    } else if text.iter().any(|byte| matches!(byte, b'/' | b'\\')) {
        Err(path)
    } else {
        Ok(())
    }
}

pub(crate) fn cluster_file(text: &[u8], _: &dyn Others) -> Result<(), &'static str> {
    if text.is_empty() { Err("cluster-config-file can't be empty") } else { Ok(()) }
}

pub(crate) fn rdb_name(text: &[u8], _: &dyn Others) -> Result<(), &'static str> {
    base_name(text, "dbfilename can't be empty", "dbfilename can't be a path, just a filename")
}

pub(crate) fn aof_name(text: &[u8], _: &dyn Others) -> Result<(), &'static str> {
    base_name(text, "appendfilename can't be empty", "appendfilename can't be a path, just a filename")
}

pub(crate) fn aof_directory(text: &[u8], _: &dyn Others) -> Result<(), &'static str> {
    base_name(text, "appenddirname can't be empty", "appenddirname can't be a path, just a dirname")
}

pub(crate) fn ipv4(text: &[u8], _: &dyn Others) -> Result<(), &'static str> {
    let valid = text.is_empty() || str::from_utf8(text).is_ok_and(|text| text.parse::<Ipv4Addr>().is_ok());
    if valid { Ok(()) } else { Err("Invalid IPv4 address") }
}

pub(crate) fn ipv6(text: &[u8], _: &dyn Others) -> Result<(), &'static str> {
    let valid = text.is_empty() || str::from_utf8(text).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok());
    if valid { Ok(()) } else { Err("Invalid IPv6 address") }
}

pub(crate) fn hostname(text: &[u8], _: &dyn Others) -> Result<(), &'static str> {
    if text.len() >= 256 {
        return Err("Hostnames must be less than 256 characters");
    }
    if text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')) {
        Ok(())
    } else {
        Err("Hostnames may only contain alphanumeric characters, hyphens or dots")
    }
}

/// A node's name for humans travels in `nodes.conf`, whose own punctuation it must not hold.
pub(crate) fn node_name(text: &[u8], _: &dyn Others) -> Result<(), &'static str> {
    if text.iter().any(|byte| b"\0!#$%&()*+;<>?@[]^{|}~".contains(byte)) {
        Err("Announced human node name contained invalid character")
    } else {
        Ok(())
    }
}

/// The template must expand to something even for a process without a title.
pub(crate) fn title_template(text: &[u8], others: &dyn Others) -> Result<(), &'static str> {
    match others.untitled(text) {
        Some(title) if !title.is_empty() => Ok(()),
        _ => Err("template format is invalid or contains unknown variables"),
    }
}
