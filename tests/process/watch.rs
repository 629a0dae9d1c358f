//! What happens to names in some directories, told as it happens: files that are made or opened, and files that get
//! their names.

use std::ffi::CString;
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// What is told.
const TOLD: u32 = libc::IN_CREATE | libc::IN_MOVED_TO | libc::IN_OPEN;

/// A watch over directories, from when it was made.
pub(crate) struct Watch {
    events: File,
}

impl Watch {
    /// Watches these directories.
    pub(crate) fn over(directories: &[&Path]) -> Watch {
        // SAFETY: the descriptor that comes of it is owned by the file from here on.
        let events = unsafe {
            let descriptor = libc::inotify_init1(libc::IN_CLOEXEC | libc::IN_NONBLOCK);
            assert!(descriptor >= 0, "{}", std::io::Error::last_os_error());
            File::from_raw_fd(descriptor)
        };
        for directory in directories {
            let path = CString::new(directory.as_os_str().as_bytes()).expect("a path");
            // SAFETY: the path ends with a zero and lives through the call.
            let watched = unsafe { libc::inotify_add_watch(events.as_raw_fd(), path.as_ptr(), TOLD) };
            assert!(watched >= 0, "{}: {}", directory.display(), std::io::Error::last_os_error());
        }
        Watch { events }
    }

    /// Waits until a file appears, or is opened, under a name like this. Answers whether one did in time.
    pub(crate) fn until(&mut self, wanted: impl Fn(&str) -> bool, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        let mut bytes = [0; 4096];
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let mut poll = libc::pollfd { fd: self.events.as_raw_fd(), events: libc::POLLIN, revents: 0 };
            // SAFETY: one entry, which lives through the call.
            unsafe { libc::poll(&raw mut poll, 1, left.as_millis() as i32 + 1) };
            let Ok(count) = self.events.read(&mut bytes) else { continue };
            if names(&bytes[..count]).any(&wanted) {
                return true;
            }
        }
    }
}

/// The names in a row of events: `| watch, mask, cookie, length of the name: 4 bytes each | name, zeros |`.
fn names(mut events: &[u8]) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (head, rest) = events.split_first_chunk::<16>()?;
        let length = u32::from_ne_bytes(*head.last_chunk()?);
        let (name, rest) = rest.split_at_checked(length as usize)?;
        events = rest;
        let end = name.iter().position(|&byte| byte == 0).unwrap_or(name.len());
        Some(std::str::from_utf8(&name[..end]).unwrap_or_default())
    })
}
