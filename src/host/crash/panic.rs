//! Panics: an assertion that does not hold, or a place that was thought to be out of reach.

use super::{SETTINGS, Turn, begin, end, turn, write_all_traces, write_state};
use crate::raw::Log;
use std::panic::PanicHookInfo;
use std::sync::atomic::Ordering;

pub(super) fn install() {
    std::panic::set_hook(Box::new(report));
}

fn report(panic: &PanicHookInfo<'_>) {
    let log = Log::open();
    let turn = turn();
    if matches!(turn, Turn::First) {
        begin(&log);
    }
    let (file, line) = panic.location().map_or(("an unknown place", 0), |place| (place.file(), place.line()));
    let payload = panic.payload();
    let fixed = payload.downcast_ref::<&str>().copied();
    let made = payload.downcast_ref::<String>().map_or("", |text| {
        // What was put into a text when it was made may be a user's.
        if SETTINGS.hide_user_data.load(Ordering::Relaxed) { before_quotes(text) } else { text }
    });
    let what = fixed.unwrap_or(made);
    if what.starts_with("assertion") {
        let again = if matches!(turn, Turn::Again) { "RECURSIVE " } else { "" };
        log.line(format_args!("=== {again}ASSERTION FAILED ==="));
        let claim = what.strip_prefix("assertion failed: ").unwrap_or(what);
        log.line(format_args!("==> {file}:{line} '{claim}' is not true"));
    } else {
        log.line(format_args!("------------------------------------------------"));
        log.line(format_args!("!!! Software Failure. Press left mouse button to continue"));
        log.line(format_args!("Guru Meditation: {what} #{file}:{line}"));
    }
    if SETTINGS.full.load(Ordering::Relaxed) && matches!(turn, Turn::First) {
        write_all_traces(&log);
        write_state(&log);
    }
    end(&log, None);
}

/// A text as far as its first quotation.
fn before_quotes(text: &str) -> &str {
    text.find(['`', '"', '\'']).map_or(text, |quote| &text[..quote])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_left_out() {
        assert_eq!(before_quotes("the len is 3 but the index is 5"), "the len is 3 but the index is 5");
        assert_eq!(before_quotes("byte 1 is inside 'x' of `secret`"), "byte 1 is inside ");
    }
}
