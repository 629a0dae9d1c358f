//! The command line: `valkey-check-rdb <rdb-file-name> [--format table|info|csv] [--stats] [--output <file>]`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// How figures are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// A line a figure, a column a type.
    Table,
    /// A line a figure and type.
    Info,
    /// As a table, with commas.
    Csv,
}

/// What is to be checked, and what told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    path: Vec<u8>,
    pub(super) layout: Layout,
    pub(super) stats: bool,
    output: Option<Vec<u8>>,
}

/// What the command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Check a file.
    Check(Options),
    /// Tell the version.
    Version,
    /// Tell how it is used, as this is not how.
    Usage(String),
}

impl Options {
    /// Reads the command line, the program's name first.
    pub fn parse(args: &[Vec<u8>]) -> Request {
        let program = args.first().map_or("valkey-check-rdb".into(), |name| String::from_utf8_lossy(name));
        let usage =
            format!("Usage: {program} <rdb-file-name> [--format table|info|csv] [--stats] [--output <file>]");
        let Some((path, mut rest)) = args.get(1..).and_then(<[Vec<u8>]>::split_first) else {
            return Request::Usage(usage);
        };
        if matches!(path.as_slice(), b"-v" | b"--version") {
            return Request::Version;
        }
        let mut options = Options { path: path.clone(), layout: Layout::Table, stats: false, output: None };
        while let Some((word, behind)) = rest.split_first() {
            rest = behind;
            match (word.as_slice(), behind.split_first()) {
                (b"--stats", _) => options.stats = true,
                (b"--output", Some((path, behind))) => {
                    options.output = Some(path.clone());
                    rest = behind;
                }
                (b"--format", Some((name, behind))) => {
                    options.layout = match name.as_slice() {
                        b"table" => Layout::Table,
                        b"info" => Layout::Info,
                        b"csv" => Layout::Csv,
                        _ => return Request::Usage(usage),
                    };
                    rest = behind;
                }
                _ => return Request::Usage(usage),
            }
        }
        Request::Check(options)
    }

    /// The file to be checked.
    pub fn path(&self) -> &Path {
        Path::new(OsStr::from_bytes(&self.path))
    }

    /// The file that figures are written to, instead of with the rest.
    pub fn output(&self) -> Option<&Path> {
        self.output.as_deref().map(|path| Path::new(OsStr::from_bytes(path)))
    }
}
