//! The cycle of defragmentation, run: when it begins, its slices, its end.

use super::{Cycle, Pace, Stage};
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

    /// Runs a slice of the cycle at hand.
    fn defragment(&mut self, now: Now<'_>) {
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
pub(super) fn share_of_time(waste: &Fragmentation, settings: &config::Defrag) -> u32 {
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
