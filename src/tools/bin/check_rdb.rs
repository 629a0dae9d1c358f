//! `valkey-check-rdb`: tells whether a snapshot file can be read, and what is in it.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStringExt;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};
use tools::check_rdb::{Checker, Options, Request};

fn main() -> ExitCode {
    let args: Vec<Vec<u8>> = std::env::args_os().map(OsStringExt::into_vec).collect();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let code = match Options::parse(&args) {
        Request::Check(options) => run(&options, &mut out),
        Request::Version => writeln!(out, "valkey-check-rdb {}", tools::version()).map(|()| 0),
        Request::Usage(text) => writeln!(io::stderr().lock(), "{text}").map(|()| 1),
    };
    let flushed = out.flush();
    // Who closed the output does not want to hear any more.
    ExitCode::from(code.and_then(|code| flushed.map(|()| code)).unwrap_or(1))
}

/// Checks a file. Answers the code to end with.
#[expect(clippy::disallowed_methods, reason = "this is a program, and that is the file it was asked to read")]
fn run(options: &Options, out: &mut impl Write) -> io::Result<u8> {
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as i64;
    let mut checker = Checker::new(options, now_ms);
    checker.begin(out)?;
    let sound = match File::open(options.path()) {
        Ok(mut file) => checker.check(&mut file, out)?,
        // The reference tells no reason.
        Err(_) => false,
    };
    checker.end(sound, out)?;
    if checker.has_report() {
        match options.output() {
            None => checker.report(out)?,
            Some(path) => {
                let file = OpenOptions::new().write(true).create(true).truncate(false).open(path);
                match file {
                    Ok(mut file) => checker.report(&mut file)?,
                    Err(error) => {
                        let path = path.display();
                        writeln!(io::stderr().lock(), "Cannot open output file: '{path}': {error}")?;
                        return Ok(1);
                    }
                }
            }
        }
    }
    Ok(if sound { 0 } else { 1 })
}
