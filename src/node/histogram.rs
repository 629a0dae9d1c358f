//! How long a command takes: counts of durations in classes that widen with the duration, at most 1/128 of it wide.
//!
//! ```text
//! microseconds   0 .. 255        one class each
//!                256 .. 511      classes of 2
//!                512 .. 1023     classes of 4, and so on, 128 for each doubling
//! ```

/// Durations longer than a second count as a second.
const LONGEST: u64 = 1_000_000;
/// Up to here, each duration has a class of its own.
const EXACT: u64 = 256;
const PER_DOUBLING: u64 = EXACT / 2;
const CLASSES: usize = class_of(LONGEST) + 1;

/// Counts of durations.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: [u64; CLASSES],
    total: u64,
}

/// The class of a duration in microseconds.
#[inline]
const fn class_of(micros: u64) -> usize {
    if micros < EXACT {
        return micros as usize;
    }
    let doublings = (micros.ilog2() - EXACT.ilog2() + 1) as u64;
    (doublings * PER_DOUBLING + (micros >> doublings)) as usize
}

/// The longest duration of a class, in nanoseconds. Nanoseconds have classes too, which follow the same rule: an exact
/// microsecond shows as the end of the class that its nanoseconds are in.
fn end_of(class: usize) -> u64 {
    let class = class as u64;
    let micros = if class < EXACT {
        class
    } else {
        let doublings = class / PER_DOUBLING - 1;
        let first = (class - doublings * PER_DOUBLING) << doublings;
        first + (1 << doublings) - 1
    };
    let nanos = micros * 1000;
    if nanos < EXACT {
        return nanos;
    }
    let width = 1u64 << (nanos.ilog2() - EXACT.ilog2() + 1);
    nanos / width * width + width - 1
}

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram { counts: [0; CLASSES], total: 0 }
    }
}

impl Histogram {
    /// Counts a duration.
    #[inline]
    pub fn record(&mut self, micros: u64) {
        self.counts[class_of(micros.min(LONGEST))] += 1;
        self.total += 1;
    }

    /// The duration in nanoseconds that `percent` of all do not exceed.
    pub fn percentile(&self, percent: f64) -> u64 {
        let wanted = ((self.total as f64 * percent / 100.0 + 0.5) as u64).max(1);
        let mut seen = 0;
        for (class, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return end_of(class);
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_follow_one_another_and_no_duration_is_far_from_the_end_of_its_own() {
        let mut last = 0;
        for micros in 0..LONGEST {
            let class = class_of(micros);
            assert!(class == last || class == last + 1, "{micros}");
            last = class;
            let end = end_of(class);
            assert!(end >= micros * 1000 && end <= micros * 1000 * 130 / 128 + 1000, "{micros} {end}");
        }
        assert!(last < CLASSES);
    }

    #[test]
    fn percentiles_are_those_of_the_sorted_durations() {
        let mut histogram = Histogram::default();
        for micros in 1..=100 {
            histogram.record(micros);
        }
        // The reference shows one microsecond as 1003 nanoseconds.
        assert_eq!(histogram.percentile(0.0), 1003);
        assert_eq!(histogram.percentile(50.0), end_of(50));
        assert_eq!(histogram.percentile(99.9), end_of(100));
        assert_eq!(histogram.percentile(100.0), end_of(100));
        assert_eq!(Histogram::default().percentile(50.0), 0);
    }
}
