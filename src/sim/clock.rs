//! The clock of a simulated world, and its meter.
//!
//! Time stands still while nobody moves it. A reading by the meter may be made to take time, so that work which watches
//! the clock comes to an end of its budget.

use node::boundary::{Fragmentation, Freed};
use node::{Figures, Meter, Now};
use std::cell::Cell;
use structures::mover::{Mover, Restless};

/// When every world begins, in Unix microseconds.
const EPOCH_US: i64 = 1_700_000_000_000_000;

/// A clock that is moved by hand.
#[derive(Debug)]
pub struct SimClock {
    mono_us: Cell<u64>,
    /// How long one reading takes, in microseconds.
    pub reading_us: Cell<u64>,
    /// Bytes to be added to the memory in use.
    pub ballast: Cell<usize>,
    /// How scattered memory is said to lie. All of it is moved whenever that is wished.
    pub fragmentation: Cell<Fragmentation>,
    pub(crate) freed: Cell<Freed>,
    baseline: isize,
}

impl SimClock {
    /// A clock at the beginning of time.
    pub fn new() -> SimClock {
        SimClock {
            mono_us: Cell::new(0),
            reading_us: Cell::new(0),
            ballast: Cell::new(0),
            fragmentation: Cell::default(),
            freed: Cell::default(),
            baseline: crate::memory::in_use(),
        }
    }

    /// The time.
    pub fn now(&self) -> Now<'_> {
        let mono_us = self.mono_us.get();
        Now { unix_us: EPOCH_US + mono_us.cast_signed(), mono_us, meter: self }
    }

    /// Moves the clock forward, never back.
    pub fn move_to(&self, mono_us: u64) {
        self.mono_us.set(self.mono_us.get().max(mono_us));
    }
}

impl Default for SimClock {
    fn default() -> SimClock {
        SimClock::new()
    }
}

impl Meter for SimClock {
    fn micros(&self) -> u64 {
        let now = self.mono_us.get();
        self.mono_us.set(now + self.reading_us.get());
        now
    }

    fn used_memory(&self) -> usize {
        self.ballast.get() + usize::try_from(crate::memory::in_use() - self.baseline).unwrap_or(0)
    }

    fn freed(&self) -> Freed {
        self.freed.get()
    }

    fn figures(&self) -> Figures {
        Figures::default()
    }

    fn allocator_report(&self) -> String {
        String::new()
    }

    fn fragmentation(&self) -> Fragmentation {
        self.fragmentation.get()
    }

    fn mover(&self) -> &dyn Mover {
        &Restless
    }

    fn allocator_number(&self, _: &[u8], _: Option<i64>) -> Result<Option<i64>, String> {
        Err("No such file or directory".into())
    }
}
