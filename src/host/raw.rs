//! The log where nothing may be allocated and no lock be taken: in handlers of signals, and when the process is broken.
//!
//! What is needed for that is made ready once, before the first signal. A line has this shape:
//!
//! ```text
//! 4711:signal-handler (1795266011) Received SIGTERM scheduling shutdown...
//! ```

use crate::sys;
use base::log::Level;
use config::Config;
use std::ffi::CString;
use std::fmt::{self, Write};
use std::sync::OnceLock;

/// Where the log is.
struct Ready {
    /// Its path; standard output if empty.
    path: CString,
    /// Whether anything is wanted at all.
    silent: bool,
}

static READY: OnceLock<Ready> = OnceLock::new();

/// To be called before any handler is installed.
pub fn prepare(config: &Config) {
    // A second call comes too late to change anything, and its settings are those of the first.
    let _ = READY.set(Ready {
        path: sys::c_string(&config.log.logfile),
        silent: !crate::log::wanted(config, Level::Warning)
            || (config.log.logfile.is_empty() && config.process.daemonize),
    });
}

/// The log, open.
pub struct Log {
    file: i32,
    path: bool,
}

impl Log {
    /// Opens it; what is written to one that cannot be opened is lost.
    pub fn open() -> Log {
        match READY.get() {
            Some(ready) if !ready.silent => {
                if ready.path.is_empty() {
                    return Log { file: libc::STDOUT_FILENO, path: false };
                }
                let flags = libc::O_APPEND | libc::O_CREAT | libc::O_WRONLY | libc::O_CLOEXEC;
                // SAFETY: the path is a C string that lives as long as the process; the call is safe in a handler.
                Log { file: unsafe { libc::open(ready.path.as_ptr(), flags, 0o644) }, path: true }
            }
            _ => Log { file: -1, path: false },
        }
    }

    /// Writes bytes as they are.
    pub fn write(&self, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.file != -1 {
            // SAFETY: the bytes are ours; the call is safe in a handler.
            let written = unsafe { libc::write(self.file, bytes.as_ptr().cast(), bytes.len()) };
            match usize::try_from(written) {
                Ok(written) if written > 0 => bytes = &bytes[written..],
                Err(_) if sys::errno() == libc::EINTR => {}
                _ => return,
            }
        }
    }

    /// Writes text as it is; what is longer than a [`Text`] is cut.
    pub fn text(&self, text: fmt::Arguments<'_>) {
        let mut line = Text::default();
        // A text takes whatever is written to it.
        let _ = line.write_fmt(text);
        self.write(line.bytes());
    }

    /// Writes a line with process and time before it.
    pub fn line(&self, text: fmt::Arguments<'_>) {
        // SAFETY: these calls are safe in a handler and only answer numbers.
        let (pid, now) = unsafe { (libc::getpid(), libc::time(std::ptr::null_mut())) };
        self.text(format_args!("{pid}:signal-handler ({now}) {text}\n"));
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        if self.path && self.file != -1 {
            // SAFETY: the descriptor is ours and not used any more.
            unsafe { libc::close(self.file) };
        }
    }
}

/// A short text built without an allocation; what does not fit is left out.
pub struct Text {
    bytes: [u8; 512],
    len: usize,
}

impl Text {
    /// What was written so far.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Default for Text {
    fn default() -> Text {
        Text { bytes: [0; 512], len: 0 }
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let taken = text.len().min(self.bytes.len() - self.len);
        self.bytes[self.len..self.len + taken].copy_from_slice(&text.as_bytes()[..taken]);
        self.len += taken;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_never_overflows() {
        let mut text = Text::default();
        write!(text, "{} {:x}", 0, u64::MAX).unwrap();
        assert_eq!(text.bytes(), b"0 ffffffffffffffff");
        write!(text, "{:500}", "x").unwrap();
        assert_eq!(text.bytes().len(), 512);
        write!(text, "more").unwrap();
        assert_eq!(text.bytes().len(), 512);
    }
}
