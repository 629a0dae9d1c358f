//! `valkey-check-aof`: tells whether append-only files can be read, and cuts off what cannot be.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};
use tools::check_aof::{Check, Folder, Options, Request};

/// The files that this process can reach, and who sits before it.
struct Disk;

fn path(bytes: &[u8]) -> &Path {
    Path::new(std::ffi::OsStr::from_bytes(bytes))
}

impl Folder for Disk {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is a program, and that is the file it was asked to read"
    )]
    fn open(&mut self, name: &[u8]) -> io::Result<(Box<dyn Read>, u64)> {
        let file = File::open(path(name))?;
        let size = file.metadata()?.len();
        Ok((Box::new(file), size))
    }

    fn truncate(&mut self, name: &[u8], len: u64) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(path(name))?;
        file.set_len(len)?;
        file.sync_all()
    }

    fn asks(&mut self) -> bool {
        let mut answer = String::new();
        let read = io::stdin().read_line(&mut answer);
        read.is_ok() && answer.starts_with(['y', 'Y'])
    }
}

#[expect(clippy::disallowed_methods, reason = "this is a program, and it may look at the clock")]
fn main() -> ExitCode {
    let args: Vec<Vec<u8>> = std::env::args_os().map(OsStringExt::into_vec).collect();
    let mut out = io::stdout().lock();
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as i64;
    let code = match Options::parse(&args) {
        Request::Check(options) => Check::new(&options, &mut Disk, &mut out, now_ms).run(),
        Request::Version => writeln!(out, "valkey-check-aof {}", tools::version()).map(|()| 0),
        Request::Refuse(text) => writeln!(out, "{text}").map(|()| 1),
    };
    ExitCode::from(code.unwrap_or(1))
}
