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

use crate::boundary::{Fragmentation, Now};
use crate::node::Node;
use crate::pubsub::Space;
use base::log::Level;
use config::Config;
use keyspace::Relocation;
use structures::mover::Moving;

/// How long a slice is put off while a child is at work, in microseconds.
const WHILE_CHILD_US: u64 = 100_000;
/// The shortest rest between two cycles, in microseconds.
const BETWEEN_CYCLES_US: u64 = 1000;

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
    /// Allocations that were moved, and that were looked at and left.
    pub(crate) moved: u64,
    /// See `moved`.
    pub(crate) left: u64,
    /// Keys of which something was moved, and of which nothing was.
    pub(crate) keys_moved: u64,
    /// See `keys_moved`.
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

impl Stage {
    fn first(config: &Config) -> Stage {
        Stage::Database(0, walk(config))
    }

    /// Takes a step, of which the work is bounded, and counts the keys it came to.
    fn step(&mut self, node: &mut Node, moving: &mut Moving<'_>) {
        match self {
            Stage::Database(index, walk) => {
                let Some(database) = node.data.databases.get_mut(*index) else {
                    *self = Stage::Listeners(Space::Channels, 0);
                    return;
                };
                let more = walk.step(&mut database.tables, moving);
                node.defrag.figures.keys_moved += std::mem::take(&mut walk.keys_moved);
                node.defrag.figures.keys_left += std::mem::take(&mut walk.keys_left);
                if !more {
                    *self = Stage::Database(*index + 1, self::walk(&node.config));
                }
            }
            Stage::Listeners(space, cursor) => {
                *self = match (node.pubsub.relocate(*space, *cursor, moving), *space) {
                    (0, Space::Channels) => Stage::Listeners(Space::Shards, 0),
                    (0, _) => Stage::Scripts(0),
                    (next, space) => Stage::Listeners(space, next),
                }
            }
            Stage::Scripts(place) => {
                *self = match node.scripting.cache.relocate(*place, moving) {
                    0 => Stage::Over,
                    next => Stage::Scripts(next),
                }
            }
            Stage::Over => {}
        }
    }
}

fn walk(config: &Config) -> Relocation {
    Relocation::new(usize::try_from(config.defrag.active_defrag_max_scan_fields).unwrap_or(usize::MAX))
}

impl Node {
    /// Looks whether memory lies scattered enough for a cycle to begin, or for the one at hand to take more time.
    pub(crate) fn watch_fragmentation(&mut self, now: Now<'_>) {
        if !self.config.defrag.activedefrag || self.persistence.child.is_some() {
            return;
        }
        let waste = now.meter.fragmentation();
        let settings = &self.config.defrag;
        if self.defrag.percent == 0
            && (waste.percent() < f64::from(settings.active_defrag_threshold_lower)
                || waste.gaps < settings.active_defrag_ignore_bytes)
        {
            return;
        }
        let percent = share_of_time(&waste, settings);
        let news = percent > self.defrag.percent || std::mem::take(&mut self.defrag.unsettled);
        if news {
            let verb = if self.defrag.cycle.is_some() { "Changing" } else { "Starting" };
            self.defrag.percent = percent;
            let text = format!("{verb} active defrag, {}, cpu={percent}%", shown(&waste));
            self.log(Level::Verbose, text);
        }
        if self.defrag.percent > 0 && self.defrag.cycle.is_none() {
            self.defrag.cycle = Some(Cycle {
                began_us: now.mono_us,
                counts_from_us: now.mono_us,
                moved: 0,
                stage: Stage::first(&self.config),
                due_us: now.mono_us,
                pace: Pace::default(),
            });
        }
    }

    /// Runs a slice, if it is due.
    pub(crate) fn defragment_if_due(&mut self, now: Now<'_>) {
        if self.defrag.due_us().is_some_and(|at| at <= now.mono_us) {
            self.defragment(now.later());
        }
    }

    /// Does what the timer would have done, where nothing calls it for long: all slices that are due by now.
    pub fn defragment_meanwhile(&mut self, now: Now<'_>) {
        if self.defrag.cycle.is_none() {
            self.watch_fragmentation(now);
        }
        while self.defrag.due_us().is_some_and(|at| at <= now.later().mono_us) {
            self.defragment(now.later());
        }
    }

    /// Runs a slice of the cycle at hand.
    pub(crate) fn defragment(&mut self, now: Now<'_>) {
        let Some(mut cycle) = self.defrag.cycle.take() else { return };
        if !self.config.defrag.activedefrag {
            return self.end_cycle(now, &cycle);
        }
        if self.persistence.child.is_some() {
            cycle.pace.ended_us = None;
            cycle.due_us = now.mono_us + WHILE_CHILD_US;
            self.defrag.cycle = Some(cycle);
            return;
        }
        let usual_us = self.config.defrag.active_defrag_cycle_us;
        let began_us = now.meter.micros();
        let end_us = began_us + cycle.pace.slice(began_us, self.defrag.percent, usual_us);
        let mut moving = Moving::new(now.meter.mover());
        let mut now_us;
        loop {
            cycle.stage.step(self, &mut moving);
            now_us = now.meter.micros();
            if now_us >= end_us || matches!(cycle.stage, Stage::Over) {
                break;
            }
        }
        self.defrag.figures.moved += moving.moved;
        self.defrag.figures.left += moving.left;
        cycle.moved += moving.moved;
        self.note_latency(now, "active-defrag-cycle", now_us.saturating_sub(began_us));
        let rest_us = cycle.pace.rest(began_us, now_us, usual_us);
        if matches!(cycle.stage, Stage::Over) {
            self.end_cycle(now, &cycle);
            self.watch_fragmentation(now.later());
            if let Some(next) = &mut self.defrag.cycle {
                next.due_us = now_us + rest_us.max(BETWEEN_CYCLES_US);
            }
        } else {
            cycle.due_us = now_us + rest_us;
            self.defrag.cycle = Some(cycle);
        }
    }

    fn end_cycle(&mut self, now: Now<'_>, cycle: &Cycle) {
        let (waste, mono_us) = (now.meter.fragmentation(), now.later().mono_us);
        let (took_ms, moved) = (mono_us.saturating_sub(cycle.began_us) / 1000, cycle.moved);
        let text = format!("Active defrag done in {took_ms}ms, reallocated={moved}, {}", shown(&waste));
        self.log(Level::Verbose, text);
        self.defrag.figures.spent_us += mono_us.saturating_sub(cycle.counts_from_us);
        self.defrag.percent = 0;
    }
}

fn shown(waste: &Fragmentation) -> String {
    format!("frag={:.0}%, frag_bytes={}", waste.percent(), waste.gaps)
}

/// The share of the time that a waste deserves, in percent.
fn share_of_time(waste: &Fragmentation, settings: &config::Defrag) -> u32 {
    let (lower, upper) = (
        f64::from(settings.active_defrag_threshold_lower),
        f64::from(settings.active_defrag_threshold_upper),
    );
    let (least, most) = (settings.active_defrag_cycle_min, settings.active_defrag_cycle_max);
    let along = if upper == lower { 1.0 } else { (waste.percent() - lower) / (upper - lower) };
    let share = f64::from(least) + along * (f64::from(most) - f64::from(least));
    // A conversion from float to integer ends at the ends of the range; that the least is more than the most is
    // allowed.
    (share as u32).min(most).max(least)
}

#[cfg(test)]
#[path = "defrag_tests.rs"]
mod tests;
