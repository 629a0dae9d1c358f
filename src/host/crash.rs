//! What is said when a bug ends the process: where it was, and how it got there.

use crate::log;
use base::log::Line;
use config::Config;
use std::backtrace::Backtrace;

/// From now on a panic of any thread is reported in the log and ends the process: data that a half-done command may have
/// left inconsistent is not served on.
pub fn install(config: &Config) {
    let config = config.clone();
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let payload = panic.payload();
        let words = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let what = words.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
        let thread = std::thread::current();
        let name = thread.name().unwrap_or("unnamed");
        let mut lines = vec![
            "=== VALKEY BUG REPORT START: Cut & paste starting from here ===".to_owned(),
            format!("Valkey {} crashed in thread '{name}' at {place}: {what}", env!("CARGO_PKG_VERSION")),
        ];
        if config.process.crash_log_enabled {
            lines.push(format!("------ STACK TRACE ------\n{}", Backtrace::force_capture()));
        }
        lines.push("=== VALKEY BUG REPORT END. ===".to_owned());
        for line in lines {
            log::write(&config, &Line::warning(line));
        }
        if config.process.use_exit_on_panic {
            std::process::exit(1);
        }
        std::process::abort();
    }));
}
