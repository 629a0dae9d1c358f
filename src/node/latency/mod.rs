//! The latency monitor: for each kind of event, when it lately took long, and how long.
//!
//! An event is anything that keeps the server from serving: a slow command, a search for expired keys, a fork. Whoever
//! measures one calls `Node::note_latency` (`noting.rs`); what is below `latency-monitor-threshold` is forgotten at once, and while
//! that is 0 nothing is kept.

mod doctor;
mod graph;

pub(crate) use doctor::diagnose;
pub(crate) use graph::graph;

use std::collections::VecDeque;

/// How many samples are kept of each event, one for a second.
const KEPT: usize = 160;

/// The worst of an event in one second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    /// The second, in Unix time.
    pub(crate) unix_s: i64,
    pub(crate) millis: u64,
}

/// An event as it was observed.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) event: &'static str,
    /// The oldest first; never empty.
    pub(crate) samples: VecDeque<Sample>,
    /// The worst of all times, in milliseconds.
    pub(crate) max: u64,
    /// All times together, in milliseconds.
    pub(crate) sum: u64,
    /// How often it took long.
    pub(crate) count: u64,
}

impl Series {
    fn add(&mut self, sample: Sample) {
        self.max = self.max.max(sample.millis);
        self.sum += sample.millis;
        self.count += 1;
        match self.samples.back_mut() {
            Some(last) if last.unix_s == sample.unix_s => last.millis = last.millis.max(sample.millis),
            _ => {
                if self.samples.len() == KEPT {
                    self.samples.pop_front();
                }
                self.samples.push_back(sample);
            }
        }
    }

    /// The latest sample.
    pub(crate) fn last(&self) -> Option<Sample> {
        self.samples.back().copied()
    }
}

/// The events that were observed.
#[derive(Debug, Default)]
pub(crate) struct Monitor {
    series: Vec<Series>,
}

impl Monitor {
    /// Takes a sample in.
    pub(crate) fn note(&mut self, event: &'static str, sample: Sample) {
        let at = self.series.iter().position(|series| series.event == event).unwrap_or_else(|| {
            self.series.push(Series { event, samples: VecDeque::new(), max: 0, sum: 0, count: 0 });
            self.series.len() - 1
        });
        self.series[at].add(sample);
    }

    /// The events, in the order in which they were first observed.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Series> {
        self.series.iter()
    }

    /// An event by its name.
    pub(crate) fn find(&self, event: &[u8]) -> Option<&Series> {
        self.series.iter().find(|series| series.event.as_bytes() == event)
    }

    /// Forgets the events that a name is for, in any case. Answers how many.
    pub(crate) fn forget(&mut self, forget: impl Fn(&str) -> bool) -> usize {
        let before = self.series.len();
        self.series.retain(|series| !forget(series.event));
        before - self.series.len()
    }
}

/// From how many microseconds on an event is kept.
pub(crate) fn threshold(monitor: &config::Monitor) -> u64 {
    match monitor.latency_monitor_threshold {
        ..=0 => u64::MAX,
        millis => (millis as u64).saturating_mul(1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_series_keeps_the_worst_of_each_of_the_last_seconds(
            events in prop::collection::vec((0..3i64, 0..1000u64), 1..400),
        ) {
            let mut monitor = Monitor::default();
            let (mut unix_s, mut model) = (1_000, std::collections::BTreeMap::<i64, u64>::new());
            for (later, millis) in &events {
                unix_s += later;
                monitor.note("event", Sample { unix_s, millis: *millis });
                let worst = model.entry(unix_s).or_default();
                *worst = (*worst).max(*millis);
            }
            let series = monitor.find(b"event").expect("it was noted");
            let kept = model.iter().map(|(&unix_s, &millis)| Sample { unix_s, millis });
            let skipped = model.len().saturating_sub(KEPT);
            prop_assert!(series.samples.iter().copied().eq(kept.skip(skipped)));
            prop_assert_eq!(series.max, events.iter().map(|event| event.1).max().unwrap_or(0));
            prop_assert_eq!(series.sum, events.iter().map(|event| event.1).sum::<u64>());
            prop_assert_eq!(series.count, events.len() as u64);
            prop_assert_eq!(monitor.forget(|event| event == "other"), 0);
            prop_assert_eq!(monitor.forget(|_| true), 1);
            prop_assert_eq!(monitor.iter().len(), 0);
        }
    }
}
