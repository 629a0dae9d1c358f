//! `CLIENT PAUSE`: clients that wait with what they ask, until a time or until they are let go on.
//!
//! ```text
//! ALL     every command waits
//! WRITE   what writes, or may make others write: PUBLISH, and EXEC of such commands
//! ```
//!
//! A command that has to wait has not begun: it stands at the head of its client's backlog, and is admitted anew when the
//! pause is over. A transaction that pauses is run to its end. Meanwhile nothing expires and nothing is evicted: a key past
//! its time is gone for who reads it, and stays.

mod wait;

use crate::boundary::{ConnId, Now};

/// The pause that clients are in, if they are.
#[derive(Debug, Default)]
pub(crate) struct Pause {
    current: Option<Current>,
    /// Who waits, in the order of their coming.
    waiting: Vec<ConnId>,
}

#[derive(Clone, Copy, Debug)]
struct Current {
    /// On the monotonic clock.
    until_us: u64,
    /// Whether reads wait too.
    all: bool,
}

impl Pause {
    /// Whether there is one.
    pub(crate) fn is_on(&self) -> bool {
        self.current.is_some()
    }

    /// When it ends, on the monotonic clock.
    pub(crate) fn until_us(&self) -> Option<u64> {
        Some(self.current?.until_us)
    }

    /// Who ordered it, what waits, and for how many milliseconds more: as INFO says it.
    pub(crate) fn shown(&self, now: Now<'_>) -> (&'static str, &'static str, u64) {
        match self.current {
            None => ("none", "none", 0),
            Some(Current { until_us, all }) => {
                let left = until_us.saturating_sub(now.mono_us).div_ceil(1000);
                ("client_pause", if all { "all" } else { "write" }, left)
            }
        }
    }

    /// A client waits no more, or is gone.
    pub(crate) fn leave(&mut self, conn: ConnId) {
        self.waiting.retain(|waiting| *waiting != conn);
    }
}
