//! The process among others: its background, its pid file, what it is called.

use crate::{log, sys};
use base::log::Line;
use config::Config;
use std::io::Write;

/// Where the pid file lies when a process in the background is not told.
const USUAL_PID_FILE: &[u8] = b"/var/run/valkey.pid";

/// Leaves the terminal: the process goes on as a child of nobody, and the caller's shell gets its prompt back.
pub(super) fn daemonize() {
    // SAFETY: the process has a single thread so far, so the child may go on as if nothing had happened.
    if unsafe { libc::fork() } != 0 {
        // The parent's part is done; on a failed fork there is no child, and this is how the reference ends too.
        std::process::exit(0);
    }
    // SAFETY: these calls only rearrange the process's session and its three first descriptors.
    unsafe {
        libc::setsid();
        let null = libc::open(c"/dev/null".as_ptr(), libc::O_RDWR);
        if null != -1 {
            for standard in [libc::STDIN_FILENO, libc::STDOUT_FILENO, libc::STDERR_FILENO] {
                libc::dup2(null, standard);
            }
            if null > libc::STDERR_FILENO {
                libc::close(null);
            }
        }
    }
}

/// A file that names the process while it runs.
pub(super) struct PidFile(Option<Vec<u8>>);

impl PidFile {
    /// Writes the file, if one is wanted. A place that cannot be written is no reason not to serve.
    pub(super) fn create(config: &Config, background: bool) -> PidFile {
        let path = match config.process.pidfile.as_slice() {
            [] if !background => return PidFile(None),
            [] => USUAL_PID_FILE,
            path => path,
        };
        #[expect(clippy::disallowed_methods, reason = "the pid file is the shell's")]
        let file = std::fs::File::create(sys::path(path));
        match file.and_then(|mut file| writeln!(file, "{}", std::process::id())) {
            Ok(()) => {}
            Err(error) => {
                let text = format!("Failed to write PID file: {}", sys::reason(&error));
                log::write(config, &Line::warning(text));
            }
        }
        if background {
            crate::crash::remember_pid_file(path);
        }
        PidFile(Some(path.to_vec()))
    }

    /// Takes it away.
    pub(super) fn remove(&self, config: &Config) {
        if let Some(path) = &self.0 {
            log::write(config, &Line::notice("Removing the pid file."));
            let _ = std::fs::remove_file(sys::path(path));
        }
    }
}

/// The program's path from the root, as far as it can be told.
pub(super) fn executable(name: &[u8]) -> String {
    let path = sys::path(name);
    let path =
        if name.contains(&b'/') { std::path::absolute(path).ok() } else { std::env::current_exe().ok() };
    path.map_or_else(
        || String::from_utf8_lossy(name).into_owned(),
        |path| path.to_string_lossy().into_owned(),
    )
}

/// The machine's memory, in bytes.
pub(super) fn memory() -> u64 {
    // SAFETY: these calls only ask for numbers.
    let (pages, size) = unsafe { (libc::sysconf(libc::_SC_PHYS_PAGES), libc::sysconf(libc::_SC_PAGESIZE)) };
    u64::try_from(pages).unwrap_or(0) * u64::try_from(size).unwrap_or(0)
}

/// The operating system: `Linux 6.1.0 x86_64`.
pub(super) fn system() -> String {
    // SAFETY: an all-zero value is valid, and the call fills it with C strings.
    let mut names: libc::utsname = unsafe { std::mem::zeroed() };
    // SAFETY: the value is ours.
    unsafe { libc::uname(&raw mut names) };
    let text = |field: &[libc::c_char]| -> String {
        field.iter().take_while(|&&c| c != 0).map(|&c| char::from(c as u8)).collect()
    };
    format!("{} {} {}", text(&names.sysname), text(&names.release), text(&names.machine))
}
