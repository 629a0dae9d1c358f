//! What LATENCY DOCTOR says: the events that were observed, and what usually helps against them.

use super::{Monitor, Series, threshold};
use config::Config;

/// What an event was like while its samples last.
#[derive(Debug, PartialEq)]
struct Summary {
    average: u64,
    /// The mean distance from the average.
    deviation: u64,
    /// How many seconds pass from one sample to the next.
    period: f64,
}

fn summary(series: &Series, unix_s: i64) -> Summary {
    let count = series.samples.len().max(1) as u64;
    let millis = || series.samples.iter().map(|sample| sample.millis);
    let average = millis().sum::<u64>() / count;
    let deviation = millis().map(|each| each.abs_diff(average)).sum::<u64>() / count;
    let since = series.samples.front().map_or(unix_s, |sample| sample.unix_s);
    Summary { average, deviation, period: (unix_s - since).max(1) as f64 / count as f64 }
}

/// The report.
pub(crate) fn diagnose(monitor: &Monitor, config: &Config, unix_s: i64) -> String {
    if monitor.series.is_empty() {
        return if threshold(&config.monitor) == u64::MAX {
            "Nothing is watched: latency-monitor-threshold is 0. CONFIG SET latency-monitor-threshold <milliseconds> \
             switches the latency monitor on.\n"
        } else {
            "No event has taken as long as latency-monitor-threshold since the monitor was last reset.\n"
        }
        .to_owned();
    }
    let mut report = "These events took long:\n\n".to_owned();
    let mut advice: Vec<String> = Vec::new();
    for (number, series) in (1..).zip(&monitor.series) {
        let Summary { average, deviation, period } = summary(series, unix_s);
        report += &format!(
            "{number}. {}: {} samples, {average} ms on average, {deviation} ms off it in the mean, one in every \
             {period:.2} seconds; {} ms at worst.\n",
            series.event,
            series.samples.len(),
            series.max
        );
        for line in advice_on(series.event, config) {
            if !advice.contains(&line) {
                advice.push(line);
            }
        }
    }
    report += match advice.is_empty() {
        true => "\nThere is no general advice on events of these kinds.\n",
        false => "\nWhat may help:\n\n",
    };
    advice.iter().for_each(|line| report += &format!("- {line}\n"));
    report
}

/// What to do about an event.
fn advice_on(event: &str, config: &Config) -> Vec<String> {
    const LARGE_VALUES: &str = "Removing a large value in the foreground takes long, whoever removes it. See that the \
                                lazyfree directives are on, or keep many small values in place of a large one.";
    const DISK: &str = "The disk is slow to take writes. Give the files a fast disk of this machine that nothing else \
                        uses.";
    let constant = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect();
    match event {
        "command" => {
            let mut lines = vec![slow_log(config)];
            lines.push(LARGE_VALUES.to_owned());
            lines
        }
        "fast-command" => {
            constant(&["Commands that do little took long, so the process did not get the processor. \
                                      Look for other load on the machine, or on its host if it is virtual."])
        }
        "expire-cycle" | "expire-del" if config.process.hz < 100 => constant(&[
            "Many keys expire together. With CONFIG SET hz 100 they are removed in smaller portions.",
            LARGE_VALUES,
        ]),
        "expire-cycle" | "expire-del" | "eviction-del" => constant(&[LARGE_VALUES]),
        "eviction-cycle" => {
            constant(&["Much was evicted at once: maxmemory was lowered, or a large value came. A lower \
                                        maxmemory-eviction-tenacity spreads eviction over more turns."])
        }
        "fork" => constant(&[
            "Starting a child copies the tables of the process's memory, which takes long for a large \
                              process, and longer on some virtual machines. Save less often, or keep less in one \
                              server.",
        ]),
        "aof-write-active-child" => constant(&[
            "Writes wait for the disk while a child writes too. no-appendfsync-on-rewrite avoids that, at the price of \
             what is lost in a crash meanwhile.",
            DISK,
        ]),
        "aof-fsync-always" => constant(&[
            "appendfsync is 'always': every write waits for the disk. 'everysec' does \
                                          not.",
            DISK,
        ]),
        _ if event.starts_with("aof-") || event.starts_with("rdb-") => constant(&[DISK]),
        _ => Vec::new(),
    }
}

/// How the log of slow commands stands to what the monitor sees.
fn slow_log(config: &Config) -> String {
    let monitor = &config.monitor;
    let micros = threshold(monitor);
    let lower = format!("CONFIG SET slowlog-log-slower-than {micros}");
    if monitor.commandlog_execution_slower_than < 0 || monitor.commandlog_slow_execution_max_len == 0 {
        return match micros {
            u64::MAX => "The log of slow commands is off, which would tell which ones took long.".to_owned(),
            _ => format!("The log of slow commands is off. {lower} lets it tell which ones took long."),
        };
    }
    if monitor.commandlog_execution_slower_than as u64 > micros {
        return format!(
            "The log of slow commands leaves out some of what the monitor sees. {lower} lets it in."
        );
    }
    "COMMANDLOG GET -1 slow shows which commands took long.".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latency::Sample;

    fn monitor(events: &[(&'static str, i64, u64)]) -> Monitor {
        let mut monitor = Monitor::default();
        for &(event, unix_s, millis) in events {
            monitor.note(event, Sample { unix_s, millis });
        }
        monitor
    }

    #[test]
    fn a_summary_is_of_the_samples_that_are_kept() {
        let monitor = monitor(&[("fork", 10, 100), ("fork", 20, 200), ("fork", 30, 600)]);
        let summary = summary(monitor.find(b"fork").unwrap(), 40);
        assert_eq!(summary, Summary { average: 300, deviation: 200, period: 10.0 });
    }

    #[test]
    fn advice_is_given_once_and_goes_by_the_settings() {
        let mut config = Config::default();
        assert!(diagnose(&Monitor::default(), &config, 50).contains("Nothing is watched"));
        config.monitor.latency_monitor_threshold = 1;
        assert!(diagnose(&Monitor::default(), &config, 50).starts_with("No event"));
        let monitor =
            monitor(&[("command", 10, 100), ("eviction-del", 20, 30), ("while-blocked-cron", 30, 1)]);
        let report = diagnose(&monitor, &config, 50);
        assert!(report.contains("1. command: 1 samples, 100 ms") && report.contains("3. while-blocked-cron"));
        assert!(report.contains("slowlog-log-slower-than 1000 lets it in"));
        assert_eq!(report.matches("large value in the foreground").count(), 1);
        config.monitor.commandlog_execution_slower_than = -1;
        assert!(diagnose(&monitor, &config, 50).contains("The log of slow commands is off."));
    }

    #[test]
    fn events_without_advice_are_reported_all_the_same() {
        let report = diagnose(&monitor(&[("while-blocked-cron", 30, 1)]), &Config::default(), 50);
        assert!(report.contains("There is no general advice"));
    }
}
