//! The log: lines as the reference lays them out, to a file or standard output, and to syslog.
//!
//! ```text
//! legacy   4711:M 21 Nov 2026 12:00:00.123 * Ready to accept connections tcp
//! logfmt   pid=4711 role=primary timestamp="..." level=notice message="Ready to accept connections tcp"
//! ```
//!
//! The file is opened for each line, so that whoever rotates logs may move it away at any time.

use crate::sys;
use base::log::{Level, Line};
use base::time::Civil;
use config::{Config, LogFormat, LogLevel, LogTimestamp, SyslogFacility};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

/// Whether lines of a level are wanted.
pub fn wanted(config: &Config, level: Level) -> bool {
    let least = match config.log.loglevel {
        LogLevel::Debug => Level::Debug,
        LogLevel::Verbose => Level::Verbose,
        LogLevel::Notice => Level::Notice,
        LogLevel::Warning => Level::Warning,
        LogLevel::Nothing => return false,
    };
    level >= least
}

/// Writes a line where the configuration says, if it wants lines of this level.
pub fn write(config: &Config, line: &Line) {
    if !wanted(config, line.level) {
        return;
    }
    let text = format_line(config, line, std::process::id(), role(config), &Moment::now());
    append(config, text.as_bytes());
    if config.log.syslog_enabled {
        to_syslog(line);
    }
}

/// Writes a line that a child of this process says.
pub fn write_of_child(config: &Config, line: &Line, pid: u32) {
    if wanted(config, line.level) {
        let text = format_line(config, line, pid, 'C', &Moment::now());
        append(config, text.as_bytes());
        if config.log.syslog_enabled {
            to_syslog(line);
        }
    }
}

/// What a line of this process says it is.
fn role(config: &Config) -> char {
    if config.replication.replicaof.is_some() { 'S' } else { 'M' }
}

/// Writes text as it is: the logo.
pub fn write_raw(config: &Config, level: Level, text: &str) {
    if wanted(config, level) {
        append(config, text.as_bytes());
    }
}

/// A line cannot be logged when the place for it is gone, and there is nobody to tell.
fn append(config: &Config, bytes: &[u8]) {
    if config.log.logfile.is_empty() {
        let mut out = io::stdout().lock();
        let _ = out.write_all(bytes).and_then(|()| out.flush());
    } else if let Ok(mut file) = open(config) {
        let _ = file.write_all(bytes);
    }
}

/// Opens the log's file to write behind what it holds.
pub fn open(config: &Config) -> io::Result<std::fs::File> {
    OpenOptions::new().append(true).create(true).open(sys::path(&config.log.logfile))
}

/// A time with its zone.
struct Moment {
    unix_ms: i64,
    /// Seconds to add for local time.
    offset: i64,
}

impl Moment {
    #[expect(clippy::disallowed_methods, reason = "log lines carry the time at which they are written")]
    fn now() -> Moment {
        let unix_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as i64;
        let seconds: libc::time_t = unix_ms / 1000;
        // SAFETY: an all-zero `tm` is a valid value, which the call overwrites.
        let mut local: libc::tm = unsafe { std::mem::zeroed() };
        // SAFETY: both pointers are to values of ours that outlive the call.
        unsafe { libc::localtime_r(&raw const seconds, &raw mut local) };
        Moment { unix_ms, offset: local.tm_gmtoff }
    }

    fn show(&self, form: LogTimestamp) -> String {
        let civil = Civil::from_unix(self.unix_ms.div_euclid(1000) + self.offset);
        let ms = self.unix_ms.rem_euclid(1000);
        match form {
            LogTimestamp::Legacy => format!("{civil}.{ms:03}"),
            LogTimestamp::Milliseconds => self.unix_ms.to_string(),
            LogTimestamp::Iso8601 => {
                let Civil { year, month, day, hour, minute, second } = civil;
                let sign = if self.offset < 0 { '-' } else { '+' };
                let zone = self.offset.abs();
                format!(
                    "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}{sign}{:02}:{:02}",
                    zone / 3600,
                    zone % 3600 / 60
                )
            }
        }
    }
}

fn format_line(config: &Config, line: &Line, pid: u32, role: char, moment: &Moment) -> String {
    let time = moment.show(config.log.log_timestamp_format);
    match config.log.log_format {
        LogFormat::Legacy => {
            format!("{pid}:{role} {time} {} {}\n", line.level.mark(), line.text)
        }
        LogFormat::Logfmt => {
            let role = match role {
                'S' => "replica",
                'C' => "RDB/AOF",
                _ => "primary",
            };
            // Kept quirk: "verbose" is called "info" here.
            let level = if line.level == Level::Verbose { "info" } else { line.level.name() };
            let message = line.text.replace('"', "'").replace(['\r', '\n'], " ");
            format!("pid={pid} role={role} timestamp=\"{time}\" level={level} message=\"{message}\"\n")
        }
    }
}

/// Names the process to syslog. The name must live as long as syslog is used, which is for ever.
pub fn open_syslog(config: &Config) {
    if !config.log.syslog_enabled {
        return;
    }
    let facility = match config.log.syslog_facility {
        SyslogFacility::User => libc::LOG_USER,
        SyslogFacility::Local0 => libc::LOG_LOCAL0,
        SyslogFacility::Local1 => libc::LOG_LOCAL1,
        SyslogFacility::Local2 => libc::LOG_LOCAL2,
        SyslogFacility::Local3 => libc::LOG_LOCAL3,
        SyslogFacility::Local4 => libc::LOG_LOCAL4,
        SyslogFacility::Local5 => libc::LOG_LOCAL5,
        SyslogFacility::Local6 => libc::LOG_LOCAL6,
        SyslogFacility::Local7 => libc::LOG_LOCAL7,
    };
    let name = Box::leak(Box::new(sys::c_string(&config.log.syslog_ident)));
    // SAFETY: the name is a C string that is never freed.
    unsafe { libc::openlog(name.as_ptr(), libc::LOG_PID | libc::LOG_NDELAY | libc::LOG_NOWAIT, facility) };
}

fn to_syslog(line: &Line) {
    let priority = match line.level {
        Level::Debug => libc::LOG_DEBUG,
        Level::Verbose => libc::LOG_INFO,
        Level::Notice => libc::LOG_NOTICE,
        Level::Warning => libc::LOG_WARNING,
    };
    let text = sys::c_string(line.text.as_bytes());
    // SAFETY: the format asks for one C string, and one is given.
    unsafe { libc::syslog(priority, c"%s".as_ptr(), text.as_ptr()) };
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Moment = Moment { unix_ms: 1_795_266_011_166, offset: 19_800 };

    #[test]
    fn lines_are_laid_out_as_tools_expect_them() {
        let mut config = Config::default();
        let line = Line::notice("Server \"x\"\r\nhere");
        let legacy = format_line(&config, &line, 7, 'M', &MOMENT);
        assert_eq!(legacy, "7:M 21 Nov 2026 18:30:11.166 * Server \"x\"\r\nhere\n");
        config.log.log_format = LogFormat::Logfmt;
        config.log.log_timestamp_format = LogTimestamp::Iso8601;
        let logfmt = format_line(&config, &line, 7, 'M', &MOMENT);
        let expected = "pid=7 role=primary timestamp=\"2026-11-21T18:30:11.166+05:30\" level=notice \
                        message=\"Server 'x'  here\"\n";
        assert_eq!(logfmt, expected);
        config.log.log_timestamp_format = LogTimestamp::Milliseconds;
        assert!(format_line(&config, &line, 7, 'M', &MOMENT).contains("timestamp=\"1795266011166\""));
    }

    #[test]
    fn the_level_decides_what_is_written() {
        let mut config = Config::default();
        assert!(wanted(&config, Level::Notice) && !wanted(&config, Level::Verbose));
        config.log.loglevel = LogLevel::Nothing;
        assert!(!wanted(&config, Level::Warning));
    }
}
