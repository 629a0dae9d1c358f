//! The command line: `valkey-check-aof [--fix|--truncate-to-timestamp $timestamp] <file.manifest|file.aof>`.

use base::int;

/// What is to be done beside checking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repair {
    /// Nothing.
    Nothing,
    /// What is broken at the end goes, if whoever is asked agrees.
    Fix,
    /// What was written after this moment goes, in Unix seconds.
    TruncateTo(i64),
}

/// What is to be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    pub(super) path: Vec<u8>,
    pub(super) repair: Repair,
}

/// What the command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Check files.
    Check(Options),
    /// Tell the version.
    Version,
    /// Say this: the command line is not as it should be.
    Refuse(String),
}

impl Options {
    /// Reads the command line, the program's name first.
    pub fn parse(args: &[Vec<u8>]) -> Request {
        let words: Vec<&[u8]> = args.iter().skip(1).map(Vec::as_slice).collect();
        let check = |path: &[u8], repair| Request::Check(Options { path: path.to_vec(), repair });
        match words[..] {
            [b"-v" | b"--version"] => Request::Version,
            [path] => check(path, Repair::Nothing),
            [b"--fix", path] => check(path, Repair::Fix),
            [b"--truncate-to-timestamp", moment, path] => match int::parse_i64(moment) {
                Some(0) => check(path, Repair::Nothing),
                Some(moment) => check(path, Repair::TruncateTo(moment)),
                None => Request::Refuse("Invalid timestamp, aborting...".into()),
            },
            _ => {
                let program =
                    args.first().map_or("valkey-check-aof".into(), |name| String::from_utf8_lossy(name));
                Request::Refuse(format!(
                    "Usage: {program} [--fix|--truncate-to-timestamp $timestamp] <file.manifest|file.aof>"
                ))
            }
        }
    }
}
