//! Active defragmentation: while `activedefrag` is on and memory lies scattered, what is kept is moved together.
//!
//! ```text
//! cron      how much of the small allocations' pages is empty?     beyond both thresholds: a cycle begins
//! cycle     each database, who listens to what, scripts            slices by the node's own timer
//! slice     active-defrag-cycle-us, then a rest                    so long that the share of time comes out
//! ```
//!
//! The share of the time grows with the waste, from `active-defrag-cycle-min` at the lower threshold to `-max` at the
//! upper; within a cycle it does not fall, unless the settings change. What a slice that comes late has missed is made
//! up for by longer slices, up to five times the usual, and shorter rests, so that clients never wait long. While a
//! child shares the memory nothing is moved, as each page would be copied. What moves is told in `structures::mover`;
//! where to, the shell knows ([`crate::Meter::mover`]).

mod cycle;

use crate::boundary::Now;
use crate::pubsub::Space;
use keyspace::Relocation;

/// Where defragmentation stands, and its figures.
#[derive(Debug, Default)]
pub(crate) struct Defrag {
    /// What came of it, as INFO tells.
    pub(crate) figures: Figures,
    /// The share of the time that it takes, in percent; 0 while it rests.
    pub(crate) percent: u32,
    /// Whether the settings have changed since that was reckoned.
    pub(crate) unsettled: bool,
    cycle: Option<Cycle>,
}

/// What came of it since the counters were last set to zero.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    /// Allocations that were moved.
    pub(crate) moved: u64,
    /// Allocations that were looked at and left.
    pub(crate) left: u64,
    /// Keys of which something was moved.
    pub(crate) keys_moved: u64,
    /// Keys of which nothing was moved.
    pub(crate) keys_left: u64,
    /// How long cycles took that are over, with their rests.
    spent_us: u64,
}

/// A walk through all that can be moved.
#[derive(Debug)]
struct Cycle {
    began_us: u64,
    /// When the figures of this cycle begin to count, on the monotonic clock.
    counts_from_us: u64,
    moved: u64,
    stage: Stage,
    /// When the next slice is due.
    due_us: u64,
    pace: Pace,
}

#[derive(Debug)]
enum Stage {
    /// A database, and where in it we are.
    Database(usize, Relocation),
    /// Channels, or shard channels, and at which cursor we are.
    Listeners(Space, u64),
    /// Scripts, and at which place we are.
    Scripts(u64),
    Over,
}

/// A slice is never longer than so many usual ones.
const LONGEST: i64 = 5;
/// What is owed beyond this, in microseconds, is forgiven.
const FORGIVEN_US: i64 = 100_000;

/// Makes slices and rests come out at a share of the time. Time that was rested is owed as work, by that share; work
/// pays.
#[derive(Debug, Default)]
struct Pace {
    percent: u32,
    /// When the last slice ended, unless it is of no account.
    ended_us: Option<u64>,
    /// What is owed since then, or what was paid ahead.
    owed_us: i64,
}

impl Pace {
    /// How long a slice is to be that begins now.
    fn slice(&mut self, now_us: u64, percent: u32, usual_us: u32) -> u64 {
        let usual_us = i64::from(usual_us);
        if self.percent != percent {
            *self = Pace { percent, ..Pace::default() };
        }
        self.owed_us = match self.ended_us {
            Some(ended_us) => {
                let rested_us = now_us.saturating_sub(ended_us).min(i64::MAX as u64 / 100).cast_signed();
                let owed_us = rested_us * i64::from(percent) / i64::from(100 - percent);
                (self.owed_us + owed_us).min(FORGIVEN_US)
            }
            None => usual_us,
        };
        self.owed_us.clamp(usual_us, LONGEST * usual_us).cast_unsigned()
    }

    /// How long to rest after a slice: until another one of the usual length is owed.
    fn rest(&mut self, began_us: u64, now_us: u64, usual_us: u32) -> u64 {
        self.ended_us = Some(now_us);
        self.owed_us -= now_us.saturating_sub(began_us).cast_signed();
        let ahead_us = (i64::from(usual_us) - self.owed_us).max(0).cast_unsigned();
        let percent = u64::from(self.percent.max(1));
        ahead_us * (100 - percent) / percent
    }
}

impl Defrag {
    /// When the next slice is due, while there is a cycle.
    pub(crate) fn due_us(&self) -> Option<u64> {
        self.cycle.as_ref().map(|cycle| cycle.due_us)
    }

    /// How long cycles took: all of them, and the one at hand; in milliseconds.
    pub(crate) fn spent_ms(&self, now: Now<'_>) -> (u64, u64) {
        let mono_us = now.later().mono_us;
        let current = self.cycle.as_ref().map_or(0, |cycle| mono_us.saturating_sub(cycle.counts_from_us));
        ((self.figures.spent_us + current) / 1000, current / 1000)
    }

    /// Sets the figures to zero.
    pub(crate) fn reset_figures(&mut self, now: Now<'_>) {
        self.figures = Figures::default();
        if let Some(cycle) = &mut self.cycle {
            (cycle.moved, cycle.counts_from_us) = (0, now.mono_us);
        }
    }
}

#[cfg(test)]
mod tests;
