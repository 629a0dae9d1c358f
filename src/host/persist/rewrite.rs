//! A new base of the append-only files: all data, as a snapshot or as commands, in a file of its own.
//!
//! ```text
//! temp-rewriteaof-<pid>.aof      written, put on the disk      ->  temp-rewriteaof-bg-<pid>.aof     by the child
//!                                                              ->  appendonly.aof.<n>.base.rdb      by the parent
//! ```

use super::snapshot::Delay;
use crate::sys;
use aof::rewrite::Rewriter;
use base::log::Line;
use base::sink::Sink;
use config::Config;
use keyspace::Keyspace;
use rdb::Snapshot;
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

/// After so many bytes the system is asked to put them on the disk, so that there is no pause at the end.
const SYNC_EACH: u64 = 4 << 20;

/// What a base holds.
pub(crate) enum Content {
    /// A snapshot, by this walk.
    Snapshot(Snapshot),
    /// Commands, and the code of libraries of functions that go before them.
    Commands {
        /// When that is, if the file is to say so, in Unix seconds.
        now_s: Option<i64>,
        /// The code.
        libraries: Vec<Vec<u8>>,
    },
}

/// A file on its way.
struct Output {
    file: File,
    written: u64,
    synced: u64,
    gradually: bool,
    error: Option<io::Error>,
}

/// The file that a process of this number writes to at first.
fn beside(pid: u32) -> PathBuf {
    PathBuf::from(format!("temp-rewriteaof-{pid}.aof"))
}

/// Removes what a child has left that did not come to its end.
pub(crate) fn remove(pid: u32) {
    let _ = std::fs::remove_file(beside(pid));
    let _ = std::fs::remove_file(sys::path(&node::Job::rewritten(pid)));
}

/// Writes a base. Tells how many keys there were so far, from time to time.
pub(crate) fn write(
    content: Content,
    data: &Keyspace,
    config: &Config,
    told: impl FnMut(u64),
) -> Result<String, Line> {
    let pid = std::process::id();
    let name = node::Job::rewritten(pid);
    #[expect(clippy::disallowed_methods, reason = "the append-only file is the shell's")]
    let file = File::create(beside(pid)).map_err(|error| {
        let reason = sys::reason(&error);
        Line::warning(format!("Opening the temp file for AOF rewrite in rewriteAppendOnlyFile(): {reason}"))
    })?;
    let gradually = config.aof.aof_rewrite_incremental_fsync;
    let mut output = Output { file, written: 0, synced: 0, gradually, error: None };
    let delay = Delay(config.snapshot.rdb_key_save_delay);
    match content {
        Content::Snapshot(walk) => write_snapshot(&mut output, walk, data, delay, told),
        Content::Commands { now_s, libraries } => {
            write_commands(&mut output, now_s, &libraries, data, delay, told);
        }
    }
    let written = output.error.map_or_else(|| output.file.sync_all(), Err);
    let moved =
        written.map_err(|error| ("Write error writing append only file on disk", error)).and_then(|()| {
            let moved = std::fs::rename(beside(pid), sys::path(&name));
            moved.map_err(|error| ("Error moving temp append only file on the final destination", error))
        });
    moved.map_err(|(what, error)| {
        let _ = std::fs::remove_file(beside(pid));
        Line::warning(format!("{what}: {}", sys::reason(&error)))
    })?;
    Ok(String::from_utf8_lossy(&name).into_owned())
}

fn write_snapshot(
    output: &mut Output,
    mut walk: Snapshot,
    data: &Keyspace,
    delay: Delay,
    mut told: impl FnMut(u64),
) {
    let mut keys = 0;
    while output.error.is_none() && walk.step(data, output) {
        delay.dawdle(walk.keys() - keys);
        keys = walk.keys();
        told(keys);
    }
}

fn write_commands(
    output: &mut Output,
    now_s: Option<i64>,
    libraries: &[Vec<u8>],
    data: &Keyspace,
    delay: Delay,
    mut told: impl FnMut(u64),
) {
    /// How often the keys are told.
    const TOLD_EACH: u64 = 1024;
    let mut out = Rewriter::new(output);
    if let Some(now_s) = now_s {
        out.annotate(now_s);
    }
    for code in libraries {
        out.command(&[b"FUNCTION", b"LOAD", code]);
    }
    let mut keys = 0;
    for (index, database) in data.databases.iter().enumerate() {
        if database.tables.is_empty() {
            continue;
        }
        out.select(index);
        for record in database.tables.iter() {
            out.record(record);
            delay.dawdle(1);
            keys += 1;
            if keys % TOLD_EACH == 0 {
                told(keys);
            }
        }
    }
    out.finish();
    told(keys);
}

impl Sink for Output {
    fn take(&mut self, bytes: &[u8]) {
        if self.error.is_some() {
            return;
        }
        let mut result = self.file.write_all(bytes);
        self.written += bytes.len() as u64;
        if self.gradually && self.written - self.synced >= SYNC_EACH {
            self.synced = self.written;
            result = result.and_then(|()| self.file.sync_data());
        }
        self.error = result.err();
    }

    /// What a rewrite reads is always the frozen copy of a child.
    fn done_with(&mut self, stretch: &[u8]) {
        // SAFETY: the walk looks at it no more, nothing else in a child looks at data, and nothing is dropped there.
        unsafe { sys::give_back(stretch) };
    }
}
