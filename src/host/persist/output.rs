//! A file that takes the place of another once it is whole: written beside it, put on the disk, renamed.
//!
//! ```text
//! temp-<pid>.rdb   chunks, put on the disk every 4 MB   ->  fsync  ->  rename to dump.rdb  ->  fsync of the directory
//! ```
//!
//! Until the rename the old file is as it was, and what goes wrong leaves nothing behind.

use crate::sys;
use base::log::Line;
use base::sink::Sink;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

/// After so many bytes the system is asked to put on the disk what it holds back, so that there is no pause at the end.
const SYNC_EACH: u64 = 4 << 20;

/// How a file is written.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Whether it is put on the disk as it grows.
    pub gradually: bool,
    /// Whether the data is the frozen copy of a child, whose pages are given back as they are done with.
    pub frozen: bool,
}

/// A file on its way.
pub struct Output {
    file: File,
    beside: PathBuf,
    manner: Manner,
    written: u64,
    /// Up to where the system was asked to begin, and up to where it was waited for.
    begun: u64,
    synced: u64,
    /// What went wrong. Nothing is written from there on.
    failure: Option<Failed>,
}

/// The file that a process of this number writes a snapshot to.
pub fn beside(pid: u32) -> PathBuf {
    PathBuf::from(format!("temp-{pid}.rdb"))
}

/// Why a file could not be written: the lines that the log is to have.
pub type Failed = Vec<Line>;

impl Output {
    /// A new file of this name, beside the one that it will replace.
    pub fn create(beside: &Path, manner: Manner) -> Result<Output, Failed> {
        #[expect(clippy::disallowed_methods, reason = "snapshots are the shell's")]
        let file = File::create(beside).map_err(|error| {
            vec![Line::warning(format!(
                "Failed opening the temp RDB file {} (in server root dir {}) for saving: {}",
                beside.display(),
                String::from_utf8_lossy(&sys::current_dir()),
                sys::reason(&error)
            ))]
        })?;
        Ok(Output { file, beside: beside.to_owned(), manner, written: 0, begun: 0, synced: 0, failure: None })
    }

    /// Whether something went wrong.
    pub fn failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Has the system begin to write the last stretch, and waits for the one before.
    fn sync_some(&mut self) {
        let file = self.file.as_raw_fd();
        let range = |from: u64, to: u64, flags| {
            // SAFETY: the descriptor is open; the call touches no memory of ours. What fails here fails in `finish`.
            unsafe { libc::sync_file_range(file, from.cast_signed(), (to - from).cast_signed(), flags) };
        };
        range(self.begun, self.written, libc::SYNC_FILE_RANGE_WRITE);
        let all = libc::SYNC_FILE_RANGE_WAIT_BEFORE
            | libc::SYNC_FILE_RANGE_WRITE
            | libc::SYNC_FILE_RANGE_WAIT_AFTER;
        range(self.synced, self.begun, all);
        self.let_go(self.synced, self.begun);
        (self.synced, self.begun) = (self.begun, self.written);
    }

    /// Tells the system that nobody will read this soon.
    fn let_go(&self, from: u64, to: u64) {
        // SAFETY: as above.
        unsafe {
            libc::posix_fadvise(
                self.file.as_raw_fd(),
                from.cast_signed(),
                (to - from).cast_signed(),
                libc::POSIX_FADV_DONTNEED,
            );
        }
    }

    /// Puts the file in the place of `name`.
    pub fn finish(mut self, name: &Path) -> Result<(), Failed> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        self.file.sync_all().map_err(|error| self.broken("fsync", &error))?;
        self.let_go(0, self.written);
        if let Err(error) = std::fs::rename(&self.beside, name) {
            let _ = std::fs::remove_file(&self.beside);
            return Err(vec![Line::warning(format!(
                "Error moving temp DB file {} on the final destination {} (in server root dir {}): {}",
                self.beside.display(),
                name.display(),
                String::from_utf8_lossy(&sys::current_dir()),
                sys::reason(&error)
            ))]);
        }
        sync_directory(name).map_err(|error| {
            let reason = sys::reason(&error);
            vec![Line::warning(format!("Failed to fsync directory while saving DB: {reason}"))]
        })
    }

    /// Gives the file up.
    fn broken(&self, step: &str, error: &io::Error) -> Failed {
        let _ = std::fs::remove_file(&self.beside);
        let reason = sys::reason(error);
        vec![Line::warning(format!("Write error while saving DB to the disk({step}): {reason}"))]
    }
}

impl Sink for Output {
    fn take(&mut self, bytes: &[u8]) {
        if self.failed() {
            return;
        }
        if let Err(error) = self.file.write_all(bytes) {
            self.failure = Some(self.broken("write", &error));
        }
        self.written += bytes.len() as u64;
        if self.manner.gradually && self.written - self.begun >= SYNC_EACH {
            self.sync_some();
        }
    }

    fn done_with(&mut self, stretch: &[u8]) {
        if self.manner.frozen {
            // SAFETY: the walk looks at it no more, nothing else in a child looks at data, and nothing is dropped there.
            unsafe { sys::give_back(stretch) };
        }
    }
}

/// Puts on the disk which files there are beside this one.
pub fn sync_directory(name: &Path) -> io::Result<()> {
    let directory = name.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    #[expect(clippy::disallowed_methods, reason = "snapshots are the shell's")]
    File::open(directory)?.sync_all()
}
