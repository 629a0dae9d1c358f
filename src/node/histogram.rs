//! How long a command takes: counts of durations in classes that widen with the duration, at most 1/128 of it wide.
//!
//! The classes are slots of nanoseconds, as the reference's histograms have them, so that percentiles and distributions
//! come out the same. Durations are whole microseconds; the short ones, whose slots are narrower than that, have a class
//! each.
//!
//! ```text
//! microseconds   0 .. 255    one class each
//! nanoseconds    256000 ..   classes as wide as slots: 1024 up to 2^18, 2048 up to 2^19, and so on, 128 for each doubling
//! ```

/// Durations longer than a second count as a second.
const LONGEST: u64 = 1_000_000;
/// Up to here, each duration has a class of its own.
const EXACT: u64 = 256;
/// How many slots there are before they begin to widen; from there on half as many for each doubling.
const NARROW: u64 = 256;
const CLASSES: usize = class_of(LONGEST) + 1;
/// The end of the last slot.
const LAST_NANO: u64 = (LONGEST * 1000).next_power_of_two() - 1;

/// Counts of durations.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: [u64; CLASSES],
    total: u64,
}

/// By how many doublings the slot of a duration is wider than one nanosecond.
#[inline]
const fn doublings(nanos: u64) -> u32 {
    (nanos | (NARROW - 1)).ilog2() - (NARROW.ilog2() - 1)
}

/// The slot of a duration in nanoseconds.
#[inline]
const fn slot_of(nanos: u64) -> u64 {
    let doublings = doublings(nanos);
    doublings as u64 * (NARROW / 2) + (nanos >> doublings)
}

/// The class of a duration in microseconds.
#[inline]
const fn class_of(micros: u64) -> usize {
    if micros < EXACT {
        return micros as usize;
    }
    (EXACT + slot_of(micros * 1000) - slot_of(EXACT * 1000)) as usize
}

/// The first and the last nanosecond of the slot that a duration is in. A slot holds no zero, which counts as one.
const fn slot_around(nanos: u64) -> (u64, u64) {
    let nanos = if nanos == 0 { 1 } else { nanos };
    let doublings = doublings(nanos);
    let first = nanos >> doublings << doublings;
    (first, first + (1 << doublings) - 1)
}

/// The first and the last nanosecond of a class.
fn bounds(class: usize) -> (u64, u64) {
    let class = class as u64;
    if class < EXACT {
        return slot_around(class * 1000);
    }
    let slot = class - EXACT + slot_of(EXACT * 1000);
    let doublings = slot / (NARROW / 2) - 1;
    slot_around((slot - doublings * (NARROW / 2)) << doublings)
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

    /// How many were counted.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The duration in nanoseconds that `percent` of all do not exceed.
    pub fn percentile(&self, percent: f64) -> u64 {
        let wanted = ((self.total as f64 * percent / 100.0 + 0.5) as u64).max(1);
        let mut seen = 0;
        for (class, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                let (first, last) = bounds(class);
                // Quirk of the reference: the zeroth percentile is where its slot begins, all others where theirs end.
                return if percent == 0.0 { first } else { last };
            }
        }
        0
    }

    /// How many durations are no longer than a bound, for bounds that double: pairs of the bound in microseconds and the
    /// number. The bounds are the ends of the slots that begin at 1024 nanoseconds, 2048, 4096 and so on, and in the end
    /// that of the last slot of all; one that takes in nothing new is left out.
    pub(crate) fn distribution(&self) -> Vec<(u64, u64)> {
        let mut pairs = Vec::new();
        let (mut seen, mut shown, mut class) = (0, 0, 0);
        let bounds_to_show = (10..).map(|power| slot_around(1 << power).1.min(LAST_NANO));
        for bound in bounds_to_show {
            while class < CLASSES && bounds(class).1 <= bound {
                seen += self.counts[class];
                class += 1;
            }
            if seen > shown {
                pairs.push((bound / 1000, seen));
                shown = seen;
            }
            if seen == self.total {
                return pairs;
            }
        }
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn classes_follow_one_another_and_no_duration_is_far_from_the_end_of_its_own() {
        let mut last = 0;
        for micros in 0..=LONGEST {
            let class = class_of(micros);
            assert!(class == last || class == last + 1, "{micros}");
            last = class;
            let (first, end) = bounds(class);
            assert!(first <= (micros * 1000).max(1) && micros * 1000 <= end, "{micros}: {first} to {end}");
            assert!(end - first <= micros * 1000 / 128, "{micros}: {first} to {end}");
        }
        assert_eq!(last + 1, CLASSES);
    }

    #[test]
    fn percentiles_are_those_of_the_sorted_durations() {
        let mut histogram = Histogram::default();
        for micros in 1..=100 {
            histogram.record(micros);
        }
        // The reference shows one microsecond as 1003 nanoseconds, or 1000 where the slot begins.
        assert_eq!(histogram.percentile(0.0), 1000);
        assert_eq!(histogram.percentile(1.0), 1003);
        assert_eq!(histogram.percentile(50.0), bounds(50).1);
        assert_eq!(histogram.percentile(99.9), bounds(100).1);
        assert_eq!(histogram.percentile(100.0), bounds(100).1);
        assert_eq!(Histogram::default().percentile(50.0), 0);
    }

    #[test]
    fn what_took_no_time_counts_as_a_nanosecond() {
        let mut histogram = Histogram::default();
        histogram.record(0);
        assert_eq!(histogram.percentile(50.0), 1);
        assert_eq!(histogram.distribution(), [(1, 1)]);
    }

    #[test]
    fn a_distribution_has_the_bounds_that_the_reference_shows() {
        let mut histogram = Histogram::default();
        let ends = [1, 2, 4, 8, 16, 33, 66, 132, 264, 528, 1056, 2113, 4227];
        ends.iter().for_each(|&micros| histogram.record(micros));
        let expected: Vec<(u64, u64)> = ends.iter().copied().zip(1..).collect();
        assert_eq!(histogram.distribution(), expected);
        assert_eq!(Histogram::default().distribution(), []);
        histogram.record(u64::MAX);
        assert_eq!(histogram.distribution().last(), Some(&(1_073_741, 14)));
    }

    proptest! {
        #[test]
        fn a_distribution_counts_what_is_within_each_bound(
            durations in prop::collection::vec(prop_oneof![0..300u64, 0..=LONGEST], 0..80),
        ) {
            let mut histogram = Histogram::default();
            durations.iter().for_each(|&micros| histogram.record(micros));
            let mut counted = 0;
            for (bound, count) in histogram.distribution() {
                let within = durations.iter().filter(|&&micros| micros <= bound).count() as u64;
                prop_assert_eq!(count, within, "{}", bound);
                prop_assert!(count > counted);
                counted = count;
            }
            prop_assert_eq!(counted, durations.len() as u64);
            prop_assert_eq!(histogram.total(), counted);
        }
    }
}
