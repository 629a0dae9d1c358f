//! Loading: the snapshot file is handed to the node in slices, and clients are served in between.

use super::Server;
use crate::persist::snapshot::Delay;
use crate::sys;
use node::{Input, Meter, Opened};
use std::fs::File;
use std::io::{self, ErrorKind, Read};

/// A file that is being loaded.
pub(super) struct Loading {
    file: File,
    /// When the next slice is due, in microseconds: a test may want it slow.
    pub(super) due_us: u64,
}

impl Server {
    /// Opens the snapshot file.
    pub(super) fn open_snapshot(&mut self) {
        let opened = match open(sys::path(&self.node.config.snapshot.dbfilename)) {
            Ok((file, size)) => {
                self.loading = Some(Loading { file, due_us: 0 });
                Opened::Size(size)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Opened::Missing,
            Err(error) => Opened::Failed(sys::reason(&error)),
        };
        self.node.handle(self.clock.now(), Input::Opened(opened));
    }

    /// Loads a slice, if it is time for one.
    pub(super) fn load_slice(&mut self) {
        let Some(mut loading) = self.loading.take() else { return };
        if self.clock.micros() < loading.due_us {
            self.loading = Some(loading);
            return;
        }
        let slice = u64::from(self.node.config.snapshot.loading_process_events_interval_bytes);
        let delay = Delay(self.node.config.snapshot.key_load_delay);
        let (mut bytes, mut keys) = (0, 0);
        while bytes < slice {
            let Some(room) = self.node.load_room() else { return };
            let most = room.len().min((slice - bytes).try_into().unwrap_or(usize::MAX));
            match loading.file.read(&mut room[..most]) {
                Ok(count) => {
                    keys += self.node.load(self.clock.now(), count);
                    bytes += count as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return self.node.load_failed(self.clock.now(), &sys::reason(&error)),
            }
            if !self.node.is_loading() {
                return;
            }
        }
        loading.due_us = self.clock.micros() + delay.time(keys).as_micros() as u64;
        self.loading = Some(loading);
    }
}

/// A file to be read from its beginning to its end, and its size.
fn open(path: &std::path::Path) -> io::Result<(File, u64)> {
    #[expect(clippy::disallowed_methods, reason = "snapshots are the shell's")]
    let file = File::open(path)?;
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    // SAFETY: the descriptor is open; the call touches no memory of ours.
    unsafe {
        libc::posix_fadvise(std::os::fd::AsRawFd::as_raw_fd(&file), 0, 0, libc::POSIX_FADV_SEQUENTIAL);
    }
    Ok((file, size))
}
