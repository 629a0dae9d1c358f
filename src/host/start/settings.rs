//! The configuration, gathered from a file, standard input and the command line.

use super::Stop;
use crate::{log, sys};
use acl::{RuleError, Users};
use base::log::Line;
use config::{CommandLine, Config, LoadError, Reason, Surroundings, startup_text};
use std::io::{Read, Write};

/// The settings, and where they came from.
pub(super) struct Settings {
    pub(super) config: Config,
    /// The absolute path of the configuration file; empty if there is none.
    pub(super) file: String,
}

/// Reads everything; prints what is wrong, if anything is.
pub(super) fn load(command_line: &CommandLine) -> Result<Settings, Stop> {
    let mut config = Config::default();
    config.process.dir = sys::current_dir();
    let file = command_line.config_file.as_deref().map(absolute).unwrap_or_default();
    let text = gather(&config, command_line, &file)
        .and_then(|text| config.load(&text, &mut Files::default()))
        .and_then(|()| check_log_file(&config));
    match text {
        Ok(()) => Ok(Settings { config, file: String::from_utf8_lossy(&file).into_owned() }),
        Err(error) => {
            let text = error.fatal_text(super::texts::VERSION);
            if matches!(error, LoadError::Unreadable(_)) {
                log::write(&config, &Line::warning(String::from_utf8_lossy(&text)));
            } else {
                let _ = std::io::stderr().write_all(&text);
            }
            Err(Stop(1))
        }
    }
}

fn gather(config: &Config, command_line: &CommandLine, file: &[u8]) -> Result<Vec<u8>, LoadError> {
    let text = if file.is_empty() { Vec::new() } else { read_all(file).map_err(LoadError::Unreadable)? };
    let mut stdin = Vec::new();
    if command_line.stdin {
        log::write(config, &Line::notice("Reading config from stdin"));
        let _ = std::io::stdin().read_to_end(&mut stdin);
    }
    Ok(startup_text(&text, &stdin, &command_line.options))
}

/// A log that cannot be written is noticed now: later there is nowhere left to say so.
fn check_log_file(config: &Config) -> Result<(), LoadError> {
    if config.log.logfile.is_empty() {
        return Ok(());
    }
    let opened = log::open(config).map(drop);
    opened
        .map_err(|error| LoadError::Whole(format!("Can't open the log file: {}", sys::reason(&error)).into()))
}

/// The files around a configuration, and the users that it has declared by now.
#[derive(Default)]
struct Files {
    users: Vec<Vec<u8>>,
}

impl Surroundings for Files {
    fn include(&mut self, path: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
        read_all(path)
    }

    fn enter(&mut self, path: &[u8]) -> Result<Vec<u8>, Reason> {
        std::env::set_current_dir(sys::path(path)).map_err(|error| sys::reason(&error))?;
        Ok(sys::current_dir())
    }

    fn declare_user(&mut self, words: &[Vec<u8>]) -> Result<(), Reason> {
        let Some((name, rules)) = words.split_first() else { return Ok(()) };
        let (at, error) = match Users::check(rules) {
            _ if self.users.contains(name) => (1, RuleError::Duplicate),
            Ok(()) => {
                self.users.push(name.clone());
                return Ok(());
            }
            Err(wrong) => wrong,
        };
        // Quirk of the reference: rules are counted from the first one, and shown as if from the start of the line.
        let shown = at
            .checked_sub(1)
            .and_then(|at| words.get(at))
            .map_or("user".into(), |w| String::from_utf8_lossy(w));
        Err(format!("Error in user declaration '{shown}': {}", error.text()).into())
    }
}

/// The text of a file, or of all files that a pattern matches.
fn read_all(path: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    if !path.iter().any(|byte| b"*?[".contains(byte)) {
        return read_one(path);
    }
    let mut text = Vec::new();
    for path in matching(path) {
        text.extend(read_one(&path)?);
    }
    Ok(text)
}

fn read_one(path: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    #[expect(clippy::disallowed_methods, reason = "configuration files are read by the shell")]
    let read = std::fs::read(sys::path(path));
    read.map_err(|error| {
        let shown = String::from_utf8_lossy(path);
        format!("Fatal error, can't open config file '{shown}': {}", sys::reason(&error)).into_bytes()
    })
}

/// The paths that a pattern matches, in the order of the C library's `glob`.
fn matching(pattern: &[u8]) -> Vec<Vec<u8>> {
    let pattern = sys::c_string(pattern);
    // SAFETY: an all-zero `glob_t` is what the call expects when no flag says otherwise.
    let mut found: libc::glob_t = unsafe { std::mem::zeroed() };
    // SAFETY: the pattern is a C string and the result is ours.
    let code = unsafe { libc::glob(pattern.as_ptr(), 0, None, &raw mut found) };
    let mut paths = Vec::new();
    if code == 0 {
        for index in 0..found.gl_pathc {
            // SAFETY: `glob` filled in `gl_pathc` pointers to C strings, which live until `globfree`.
            let path = unsafe { std::ffi::CStr::from_ptr(*found.gl_pathv.add(index)) };
            paths.push(path.to_bytes().to_vec());
        }
    }
    // SAFETY: the value was filled in by `glob`, or is all zero, and is not used behind this.
    unsafe { libc::globfree(&raw mut found) };
    paths
}

/// The path of the configuration file from the root, so that it is found again after `dir` has moved the process.
fn absolute(path: &[u8]) -> Vec<u8> {
    let absolute = std::path::absolute(sys::path(path)).unwrap_or_else(|_| sys::path(path).to_owned());
    std::os::unix::ffi::OsStringExt::into_vec(absolute.into_os_string())
}
