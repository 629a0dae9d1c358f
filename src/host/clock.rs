//! The clocks: the wall's, for what users see, and one that never goes back, for measuring.

use node::{Figures, Meter, Now};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Reads the time and the memory in use.
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// A clock that begins now.
    #[expect(clippy::disallowed_methods, reason = "this is the one clock")]
    pub fn start() -> Clock {
        Clock { start: Instant::now() }
    }

    /// The time.
    #[expect(clippy::disallowed_methods, reason = "this is the one clock")]
    pub fn now(&self) -> Now<'_> {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Now { unix_us: unix.as_micros() as i64, mono_us: self.micros(), meter: self }
    }
}

impl Meter for Clock {
    #[inline]
    fn micros(&self) -> u64 {
        self.start.elapsed().as_micros() as u64
    }

    fn used_memory(&self) -> usize {
        crate::alloc::used_memory()
    }

    fn figures(&self) -> Figures {
        crate::figures::read()
    }

    fn allocator_report(&self) -> String {
        crate::figures::allocator_report()
    }
}
