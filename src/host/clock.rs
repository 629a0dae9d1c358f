//! The clocks: the wall's, for what users see, and one that never goes back, for measuring.
//!
//! Time is asked for at least once a command, so it has to be cheap. Where the processor counts ticks at a steady rate
//! (an invariant time-stamp counter), microseconds are ticks times a factor measured when the process starts, and the
//! wall's time is that plus a distance which is measured anew whenever the timer comes. Elsewhere both are asked of the
//! system.
//!
//! ```text
//! micros = (ticks - first) * factor / 2^32        wall = micros + distance
//! ```

use crate::slabs::Slabs;
use node::boundary::{Fragmentation, Freed};
use node::{Figures, Meter, Now};
use std::cell::Cell;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use structures::mover::Mover;

/// Reads the time and the memory in use. Each thread that needs one has a copy.
#[derive(Clone)]
pub struct Clock {
    start: Instant,
    /// The counter when the process started and the factor, if the counter is steady.
    counter: Option<Counter>,
    /// Microseconds from the monotonic clock's zero to the wall's.
    distance: Cell<i64>,
    slabs: Slabs,
}

#[derive(Clone, Copy)]
struct Counter {
    first: u64,
    factor: u64,
}

/// How long the counter's rate is measured when the process starts. The rate is off by about the time that one reading of
/// the system's clock takes, in so much: some 30 parts in a million.
const MEASURING_NS: u64 = 1_500_000;

impl Clock {
    /// A clock that begins now.
    #[expect(clippy::disallowed_methods, reason = "this is the one clock")]
    pub fn start() -> Clock {
        let start = Instant::now();
        let clock = Clock {
            start,
            counter: Counter::measure(start),
            distance: Cell::new(0),
            slabs: Slabs::default(),
        };
        clock.set_distance();
        clock
    }

    /// The time.
    #[inline]
    pub fn now(&self) -> Now<'_> {
        let mono_us = self.micros();
        Now { unix_us: mono_us as i64 + self.distance.get(), mono_us, meter: self }
    }

    /// Compares with the wall's clock, which may be set while the process runs.
    #[expect(clippy::disallowed_methods, reason = "this is the one clock")]
    pub fn set_distance(&self) {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.distance.set(unix.as_micros() as i64 - self.micros() as i64);
    }
}

impl Meter for Clock {
    #[inline]
    fn micros(&self) -> u64 {
        match &self.counter {
            Some(counter) => counter.micros(),
            None => self.start.elapsed().as_micros() as u64,
        }
    }

    fn used_memory(&self) -> usize {
        crate::alloc::used_memory()
    }

    fn freed(&self) -> Freed {
        crate::background::freed()
    }

    fn figures(&self) -> Figures {
        crate::figures::read(&self.slabs)
    }

    fn allocator_report(&self) -> String {
        crate::figures::allocator_report()
    }

    fn fragmentation(&self) -> Fragmentation {
        self.slabs.fragmentation()
    }

    fn mover(&self) -> &dyn Mover {
        &self.slabs
    }

    fn allocator_number(&self, name: &[u8], new: Option<i64>) -> Result<Option<i64>, String> {
        let number = crate::figures::allocator_number(name, new);
        number.map_err(|error| crate::sys::reason(&std::io::Error::from_raw_os_error(error)))
    }
}

impl Counter {
    /// Measures the counter's rate, if it is steady.
    fn measure(start: Instant) -> Option<Counter> {
        if !steady() {
            return None;
        }
        let (first, from) = both(start);
        let (mut last, mut until) = (first, from);
        while until - from < MEASURING_NS {
            std::hint::spin_loop();
            (last, until) = both(start);
        }
        let passed = until - from;
        let counted = last.checked_sub(first).filter(|&counted| counted > 0)?;
        // Microseconds a tick, times 2^32.
        let factor = (u128::from(passed) << 32) / (u128::from(counted) * 1000);
        Some(Counter { first, factor: u64::try_from(factor).ok().filter(|&factor| factor > 0)? })
    }

    #[inline]
    fn micros(&self) -> u64 {
        // Processors of one machine may differ by a few ticks: a little back counts as no time.
        let passed = ticks().saturating_sub(self.first);
        ((u128::from(passed) * u128::from(self.factor)) >> 32) as u64
    }
}

/// What the counter and the system's clock say at the same moment: nanoseconds since `start`. Between two looks the process
/// may be put aside for as long as the system likes, so of several tries that counts whose looks lie closest together.
fn both(start: Instant) -> (u64, u64) {
    const TRIES: usize = 8;
    let mut closest = (u64::MAX, 0, 0);
    for _ in 0..TRIES {
        let before = ticks();
        let elapsed = start.elapsed().as_nanos() as u64;
        let apart = ticks().saturating_sub(before);
        closest = closest.min((apart, before + apart / 2, elapsed));
    }
    (closest.1, closest.2)
}

/// Which clock commands are measured with, for the log and INFO.
pub fn source() -> &'static str {
    if steady() { "X86 TSC" } else { "POSIX clock_gettime" }
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn ticks() -> u64 {
    // SAFETY: every x86-64 processor has the instruction.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// Whether the counter runs at one rate whatever the processor does, and the system relies on that too: it knows of
/// machines whose counters drift apart.
#[cfg(target_arch = "x86_64")]
fn steady() -> bool {
    use core::arch::x86_64::__cpuid;
    const INVARIANT: u32 = 1 << 8;
    let said = __cpuid(0x8000_0000).eax >= 0x8000_0007 && __cpuid(0x8000_0007).edx & INVARIANT != 0;
    #[expect(clippy::disallowed_methods, reason = "the kernel's choice is read by the shell")]
    let chosen = std::fs::read_to_string("/sys/devices/system/clocksource/clocksource0/current_clocksource");
    said && chosen
        .is_ok_and(|name| matches!(name.trim(), "tsc" | "kvm-clock" | "hyperv_clocksource_tsc_page"))
}

#[cfg(not(target_arch = "x86_64"))]
fn ticks() -> u64 {
    0
}

#[cfg(not(target_arch = "x86_64"))]
fn steady() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_keeps_pace_with_the_system() {
        let clock = Clock::start();
        let begun = clock.micros();
        let start = clock.start.elapsed().as_micros() as u64;
        let mut last = begun;
        while clock.start.elapsed().as_micros() as u64 - start < 5000 {
            let now = clock.micros();
            assert!(now >= last, "time went back");
            last = now;
        }
        let passed = clock.micros() - begun;
        assert!((4900..100_000).contains(&passed), "{passed} microseconds instead of 5000");
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "compared with the wall's clock")]
    fn the_wall_is_where_the_system_sees_it() {
        let clock = Clock::start();
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as i64;
        assert!((clock.now().unix_us - unix).abs() < 1_000_000);
    }
}
