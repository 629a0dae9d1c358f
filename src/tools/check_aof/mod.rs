//! Checking append-only files: all that a manifest names, or one of an older version; and cutting off what is broken at the
//! end, or what was written after a moment.
//!
//! ```text
//! Start checking Multi Part AOF
//! Start to check BASE AOF (RDB format).
//! ...                                        as `check_rdb` tells
//! RDB preamble is OK, proceeding with AOF tail...
//! AOF analyzed: filename=appendonly.aof.1.base.rdb, size=88, ok_up_to=88, ok_up_to_line=1, diff=0
//! BASE AOF appendonly.aof.1.base.rdb is valid
//! Start to check INCR files.
//! AOF analyzed: filename=appendonly.aof.1.incr.aof, size=110, ok_up_to=64, ok_up_to_line=15, diff=46
//! AOF appendonly.aof.1.incr.aof is not valid. Use the --fix option to try fixing it.
//! ```
//!
//! Only the last file is ever cut: what comes behind a cut in another one would make no sense any more.

mod options;
mod scan;
#[cfg(test)]
mod tests;

pub use options::{Options, Request};

use crate::check_rdb::{self, Checker};
use aof::Manifest;
use options::Repair;
use scan::{End, Scan};
use std::fmt::Arguments;
use std::io::{self, BufReader, Cursor, Read, Write};

/// The files, as whoever runs this can reach them.
pub trait Folder {
    /// The bytes of a file, and how many they are.
    fn open(&mut self, path: &[u8]) -> io::Result<(Box<dyn Read>, u64)>;
    /// Cuts a file.
    fn truncate(&mut self, path: &[u8], len: u64) -> io::Result<()>;
    /// Whether the user agrees.
    fn asks(&mut self) -> bool;
}

/// There is nothing more to be done, and the program ends with an error.
struct Abort;

/// How a file was found.
enum Found {
    Valid,
    Empty,
    Cut,
    CutToMoment(i64),
}

/// A check that is under way.
pub struct Check<'c> {
    options: &'c Options,
    folder: &'c mut dyn Folder,
    out: &'c mut dyn Write,
    now_ms: i64,
    result: io::Result<()>,
}

impl<'c> Check<'c> {
    /// A check at a time, in Unix milliseconds.
    pub fn new(
        options: &'c Options,
        folder: &'c mut dyn Folder,
        out: &'c mut dyn Write,
        now_ms: i64,
    ) -> Check<'c> {
        Check { options, folder, out, now_ms, result: Ok(()) }
    }

    /// Checks. Answers the code to end with.
    pub fn run(mut self) -> io::Result<u8> {
        let done = self.check();
        self.result?;
        Ok(u8::from(done.is_err()))
    }

    fn say(&mut self, text: Arguments<'_>) {
        if self.result.is_ok() {
            self.result = writeln!(self.out, "{text}");
        }
    }

    fn abort<T>(&mut self, text: Arguments<'_>) -> Result<T, Abort> {
        self.say(text);
        Err(Abort)
    }

    fn check(&mut self) -> Result<(), Abort> {
        let path = self.options.path.clone();
        let head = self.head(&path)?;
        if is_manifest(&head) {
            self.check_all(&path)
        } else {
            self.say(format_args!("Start checking Old-Style AOF"));
            let name = shown(&path);
            let found = self.check_file(&name, &path, true, is_snapshot(&head))?;
            self.say_found("AOF", &name, &found);
            Ok(())
        }
    }

    /// How a file begins.
    fn head(&mut self, path: &[u8]) -> Result<Vec<u8>, Abort> {
        const MOST: u64 = 64 * 1024;
        let mut head = Vec::new();
        let read = self.folder.open(path).and_then(|(file, _)| file.take(MOST).read_to_end(&mut head));
        match read {
            Ok(_) => Ok(head),
            Err(error) => self.abort(format_args!("Cannot open file {}: {}", shown(path), reason(&error))),
        }
    }

    /// Checks all files that a manifest names.
    fn check_all(&mut self, path: &[u8]) -> Result<(), Abort> {
        self.say(format_args!("Start checking Multi Part AOF"));
        let mut text = Vec::new();
        let read = self.folder.open(path).and_then(|(mut file, _)| file.read_to_end(&mut text));
        if let Err(error) = read {
            return self.abort(format_args!("Cannot open file {}: {}", shown(path), reason(&error)));
        }
        let manifest = match Manifest::parse(&text) {
            Ok(manifest) => manifest,
            Err(error) => {
                self.say(format_args!("\n*** FATAL AOF MANIFEST FILE ERROR ***\n"));
                if let Some((number, line)) = &error.line {
                    self.say(format_args!("Reading the manifest file, at line {number}\n"));
                    self.say(format_args!(">>> '{}'\n", shown(line)));
                }
                return self.abort(format_args!("{}\n", error.what));
            }
        };
        let folder = path.iter().rposition(|&byte| byte == b'/').map_or(&b"./"[..], |slash| &path[..=slash]);
        let total = manifest.to_read().count();
        for (i, entry) in manifest.to_read().enumerate() {
            let (path, name) = ([folder, &entry.name].concat(), shown(&entry.name));
            let is_last = i + 1 == total;
            if manifest.base.as_ref() == Some(entry) {
                let snapshot = is_snapshot(&self.head(&path)?);
                let format = if snapshot { "RDB" } else { "RESP" };
                self.say(format_args!("Start to check BASE AOF ({format} format)."));
                let found = self.check_file(&name, &path, is_last, snapshot)?;
                self.say_found("BASE AOF", &name, &found);
                continue;
            }
            if manifest.increments.first() == Some(entry) {
                self.say(format_args!("Start to check INCR files."));
            }
            let found = self.check_file(&name, &path, is_last, false)?;
            self.say_found("INCR AOF", &name, &found);
        }
        self.say(format_args!("All AOF files and manifest are valid"));
        Ok(())
    }

    fn say_found(&mut self, kind: &str, name: &str, found: &Found) {
        match found {
            Found::Valid => self.say(format_args!("{kind} {name} is valid")),
            Found::Empty => self.say(format_args!("{kind} {name} is empty")),
            Found::Cut => self.say(format_args!("Successfully truncated AOF {name}")),
            Found::CutToMoment(moment) => {
                self.say(format_args!("Successfully truncated AOF {name} to timestamp {moment}"));
            }
        }
    }

    /// Checks one file, which may begin with a snapshot.
    fn check_file(&mut self, name: &str, path: &[u8], is_last: bool, snapshot: bool) -> Result<Found, Abort> {
        let (mut file, size) = match self.folder.open(path) {
            Ok(opened) => opened,
            Err(error) => {
                let (path, error) = (shown(path), reason(&error));
                return self.abort(format_args!("Cannot open file {path}: {error}, aborting..."));
            }
        };
        if size == 0 {
            return Ok(Found::Empty);
        }
        let (mut rest, mut offset) = (Vec::new(), 0);
        if snapshot {
            (rest, offset) = self.check_snapshot(path, &mut file)?;
        }
        let mut scan = Scan::from(BufReader::new(Cursor::new(rest).chain(file)), offset);
        let until = match self.options.repair {
            Repair::TruncateTo(moment) => Some(moment),
            _ => None,
        };
        match scan.run(&shown(path), until) {
            Ok(End::File | End::Broken) => {}
            Ok(End::Later) => return self.cut_to(name, path, is_last, scan.sound, until.unwrap_or_default()),
            Ok(End::Abort(text)) => {
                self.say(format_args!("{text}"));
                if text.starts_with("Invalid") {
                    return Err(Abort);
                }
            }
            Err(_) => return self.abort(format_args!("Failed to read from AOF {name}, aborting...")),
        }
        if let Some(error) = &scan.error {
            self.say(format_args!("{error}"));
        }
        let (sound, line) = (scan.sound, scan.line);
        drop(scan);
        let diff = size - sound;
        if let (0, Some(moment)) = (diff, until) {
            self.say(format_args!("Truncate nothing in AOF {name} to timestamp {moment}"));
            return Ok(Found::Valid);
        }
        self.say(format_args!(
            "AOF analyzed: filename={name}, size={size}, ok_up_to={sound}, ok_up_to_line={line}, diff={diff}"
        ));
        if diff == 0 { Ok(Found::Valid) } else { self.cut_off(name, path, is_last, size, sound) }
    }

    /// Checks the snapshot that a file begins with. Answers what was read of what follows, and where that begins.
    fn check_snapshot(&mut self, path: &[u8], file: &mut dyn Read) -> Result<(Vec<u8>, u64), Abort> {
        let check_rdb::Request::Check(options) = check_rdb::Options::parse(&[Vec::new(), path.to_vec()])
        else {
            return Err(Abort);
        };
        let mut checker = Checker::new(&options, self.now_ms);
        let mut text = Vec::new();
        let sound = checker.begin(&mut text).and_then(|()| checker.check(file, &mut text));
        let told = sound.and_then(|sound| checker.end(sound, &mut text).map(|()| sound));
        if self.result.is_ok() {
            self.result = self.out.write_all(&text);
        }
        if !told.unwrap_or(false) {
            return self.abort(format_args!("RDB preamble of AOF file is not sane, aborting."));
        }
        self.say(format_args!("RDB preamble is OK, proceeding with AOF tail..."));
        Ok(checker.rest())
    }

    /// Cuts off what was written after a moment.
    fn cut_to(
        &mut self,
        name: &str,
        path: &[u8],
        is_last: bool,
        at: u64,
        moment: i64,
    ) -> Result<Found, Abort> {
        let path_shown = shown(path);
        if at == 0 {
            return self
                .abort(format_args!("AOF {path_shown} has nothing before timestamp {moment}, aborting..."));
        }
        if !is_last {
            self.say(format_args!(
                "Failed to truncate AOF {path_shown} to timestamp {moment} to offset {at} because it is not the last file."
            ));
            return self.abort(format_args!(
                "If you insist, please delete all files after this file according to the manifest file and delete the \
                 corresponding records in manifest file manually. Then re-run valkey-check-aof."
            ));
        }
        match self.folder.truncate(path, at) {
            Ok(()) => Ok(Found::CutToMoment(moment)),
            Err(_) => self.abort(format_args!("Failed to truncate AOF {name} to timestamp {moment}")),
        }
    }

    /// Cuts off what is broken, if that is wished.
    fn cut_off(
        &mut self,
        name: &str,
        path: &[u8],
        is_last: bool,
        size: u64,
        at: u64,
    ) -> Result<Found, Abort> {
        if self.options.repair != Repair::Fix {
            return self
                .abort(format_args!("AOF {name} is not valid. Use the --fix option to try fixing it."));
        }
        if !is_last {
            return self.abort(format_args!("Failed to truncate AOF {name} because it is not the last file"));
        }
        let diff = size - at;
        self.say(format_args!(
            "This will shrink the AOF {name} from {size} bytes, with {diff} bytes, to {at} bytes"
        ));
        if self.result.is_ok() {
            self.result = write!(self.out, "Continue? [y/N]: ").and_then(|()| self.out.flush());
        }
        if !self.folder.asks() {
            return self.abort(format_args!("Aborting..."));
        }
        match self.folder.truncate(path, at) {
            Ok(()) => Ok(Found::Cut),
            Err(_) => self.abort(format_args!("Failed to truncate AOF {name}")),
        }
    }
}

/// Whether a file that begins so is a manifest: its first line that is no comment names a file.
fn is_manifest(head: &[u8]) -> bool {
    let mut lines = head.split_inclusive(|&byte| byte == b'\n');
    lines.find(|line| !line.starts_with(b"#")).is_some_and(|line| line.starts_with(b"file"))
}

/// Whether a file that begins so is a snapshot.
fn is_snapshot(head: &[u8]) -> bool {
    head.len() >= 8 && (head.starts_with(b"REDIS") || head.starts_with(b"VALKEY"))
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// An error as the C library words it.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.rfind(" (os error ").map_or_else(|| text.clone(), |end| text[..end].to_owned())
}
