//! What the two servers append to their files of commands: the same, for the same commands.
//!
//! Moments differ by as much as the servers are apart, so a word that is a moment near the other's is the same.

use crate::common::{self, shown};
use crate::pair::{self, Pair, words};
use crate::words::Draw;
use crate::{number, table};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// How many commands are sent.
const USUAL_OPS: u64 = 2_000;
/// Commands whose outcome is up to chance, or whose replies take time.
const LEFT_OUT: &[&str] = &["SPOP", "DEBUG", "CONFIG", "SELECT"];

#[test]
fn what_is_appended_to_files_agrees() {
    let Some(reference) = common::reference() else {
        println!("skipped: REFERENCE_SERVER names no server to compare with");
        return;
    };
    // Under this policy the reference puts no write off.
    let directives = ["--appendonly", "yes", "--aof-use-rdb-preamble", "no", "--appendfsync", "no"];
    let mut pair = Pair::start_with(&reference, "2", &directives);
    if !pair.same_version {
        println!("skipped: the reference is of another version");
        return;
    }
    pair.ask(&words(&["DEBUG", "SET-ACTIVE-EXPIRE", "0"]));
    let begins = |row: &&table::Row, name: &&&str| row.name.starts_with(**name);
    let rows: Vec<_> =
        table::COMMANDS.iter().filter(|row| !LEFT_OUT.iter().any(|name| begins(row, &name))).collect();
    let rows: Vec<_> = rows.into_iter().filter(|row| pair.both_have(row.name)).collect();
    let (seed, ops) = (number("SEED", 1), number("OPS", USUAL_OPS));
    let mut draw = Draw::new(seed);
    let mut tails = pair.servers.each_ref().map(|server| Tail::of(server.folder()));
    let mut before = Vec::new();
    for _ in 0..ops {
        let row = draw.one_of(&rows);
        let command = draw.command(row);
        let _ = tails.each_mut().map(Tail::take);
        pair.ask(&command);
        let [ours, reference] = tails.each_mut().map(Tail::take);
        before.push(pair::line(&command));
        assert!(
            same(&ours, &reference),
            "for {} (seed {seed}), behind {:?}\n  ours      {}\n  reference {}",
            pair::line(&command),
            &before[before.len().saturating_sub(6)..],
            readable(&ours),
            readable(&reference)
        );
    }
}

/// The end of a file that a server writes.
pub(crate) struct Tail {
    path: PathBuf,
    offset: u64,
}

impl Tail {
    /// The file in a server's folder, from its beginning on.
    pub(crate) fn of(folder: &Path) -> Tail {
        Tail { path: folder.join("appendonlydir/appendonly.aof.1.incr.aof"), offset: 0 }
    }

    /// What has been appended since this was asked last.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        let file = File::open(&self.path).expect("the append-only file");
        let len = file.metadata().expect("its length").len();
        let mut bytes = vec![0; (len - self.offset) as usize];
        file.read_exact_at(&mut bytes, self.offset).expect("its end");
        self.offset = len;
        bytes
    }
}

/// Whether two pieces of such files are the same.
pub(crate) fn same(ours: &[u8], reference: &[u8]) -> bool {
    if ours == reference {
        return true;
    }
    let is_length = |line: &&[u8]| line.starts_with(b"$");
    let lines = |bytes: &[u8]| {
        let lines = bytes.split(|&byte| byte == b'\n').filter(|line| !is_length(line));
        lines.map(<[u8]>::to_vec).collect::<Vec<_>>()
    };
    let (ours, reference) = (lines(ours), lines(reference));
    ours.len() == reference.len() && ours.iter().zip(&reference).all(|(a, b)| a == b || near(a, b))
}

/// Whether two lines are moments, in milliseconds or at the head of a stream's ID, within a minute.
fn near(a: &[u8], b: &[u8]) -> bool {
    let moment = |line: &[u8]| {
        let text = String::from_utf8_lossy(line).trim_end().to_owned();
        let head = text.split('-').next().unwrap_or_default().to_owned();
        head.parse::<i64>().ok().filter(|moment| *moment > 1_000_000_000_000)
    };
    let long = |line: &[u8]| line.strip_suffix(b"-0\r").map(|head| [head, b"\r"].concat());
    // An ID may be written with its second part or without, where that is 0.
    long(a).is_some_and(|a| a == b)
        || matches!((moment(a), moment(b)), (Some(a), Some(b)) if (a - b).abs() < 60_000)
}

/// A piece to read.
pub(crate) fn readable(bytes: &[u8]) -> String {
    let words =
        bytes.split(|&byte| byte == b'\n').filter(|line| !line.starts_with(b"*") && !line.starts_with(b"$"));
    words.map(shown).collect::<Vec<_>>().join(" ")
}
