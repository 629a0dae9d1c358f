//! The active expiry cycle: finds keys whose time has come although nobody asks for them, a little at a time; and fields
//! of hashes, in turn (see `field_expiry.rs`).
//!
//! A cycle walks the keys with a TTL of one database after another, in loops of a few keys. It stays with a database as
//! long as many of the keys it meets have expired, goes on to the next when few have or the walk came around, and stops
//! when its time is up; the next cycle goes on where it stopped.
//!
//! ```text
//! slow cycle   `hz` times a second, at most 25% of the time (effort 1) to 43% (effort 10)
//! fast cycle   between two slow ones, 1 ms (effort 1) to 3.25 ms (effort 10), only after a cycle ran out of time, and
//!              with at least as long a rest after it as it may take
//! ```
//!
//! Fields take 1 ms (effort 1) at a time, and then rest for three times as long, if more are due. Who rests is not woken to
//! the microsecond: what the rest was longer makes the next turn longer, so that a quarter of the time is had indeed.
//!
//! What this is not: it tells nobody. Each expired record is handed to the caller, who frees it and says that it is gone.
//! Time is what the caller's clock says. Invariant: between two looks at the clock lies a bounded amount of work.

use crate::Keyspace;
use crate::expired::{Expired, Names};
use crate::field_expiry::FieldExpiry;
use std::ops::Range;

/// Which kind of cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cycle {
    /// The periodic one.
    Slow,
    /// A short one between two of those.
    Fast,
}

/// How much work a cycle may do, by `active-expire-effort`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// How many keys a loop looks at.
    pub keys_per_loop: u64,
    /// A database is left when at most this percentage of the keys met have expired.
    pub acceptable_stale: u64,
    /// The share of time that slow cycles may take, in percent.
    pub slow_percent: u64,
    /// How long a fast cycle may take, in microseconds.
    pub fast_us: u64,
}

impl Effort {
    /// The effort of a setting from 1 to 10.
    pub fn of(setting: u32) -> Effort {
        let extra = u64::from(setting.clamp(1, 10) - 1);
        Effort {
            keys_per_loop: 20 + 5 * extra,
            acceptable_stale: 10 - extra,
            slow_percent: 25 + 2 * extra,
            fast_us: 1000 + 250 * extra,
        }
    }

    /// The microseconds that a cycle may take when there are `hz` slow ones in a second.
    pub(crate) fn budget_us(&self, cycle: Cycle, hz: u32) -> u64 {
        match cycle {
            Cycle::Slow => self.slow_percent * 1_000_000 / u64::from(hz.max(1)) / 100,
            Cycle::Fast => self.fast_us,
        }
    }
}

/// How many databases a cycle visits, unless the last one ran out of time.
const DATABASES_PER_CYCLE: usize = 16;
/// The clock is read once in so many loops.
const LOOPS_PER_LOOK: u64 = 16;
/// A loop visits at most this many buckets for each key that it looks for.
const BUCKETS_PER_KEY: u64 = 10;

/// Where the cycle stands between two runs, and its figures.
#[derive(Debug, Default)]
pub struct ActiveExpiry {
    next_database: usize,
    out_of_time: bool,
    last_fast_us: Option<u64>,
    doomed: Names,
    /// Whether the next cycle looks for fields before it looks for keys, so that neither starves the other.
    fields_first: bool,
    fields: FieldExpiry,
    /// From when until when the search for fields rests; none if the last one found all.
    fields_rest: Option<Range<u64>>,
    /// An estimate of the share of keys with a TTL that have expired and are still there, from 0 to 1.
    pub stale: f64,
    /// An estimate of the share of hashes with fields that expire some of which have expired and are still there.
    pub stale_fields: f64,
    /// How often a cycle ran out of time.
    pub time_cap_reached: u64,
    /// The microseconds that cycles took.
    pub spent_us: u64,
}

/// What one run is given.
pub struct Run<'a> {
    /// Which kind of cycle.
    pub cycle: Cycle,
    /// `active-expire-effort`.
    pub effort: Effort,
    /// `hz`.
    pub hz: u32,
    /// The time, in Unix milliseconds.
    pub now_ms: i64,
    /// A clock of microseconds, for the budget.
    pub micros: &'a dyn Fn() -> u64,
}

/// What one loop, or one cycle, saw.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    sampled: u64,
    expired: u64,
    ttl_sum: i64,
    ttl_count: i64,
}

/// One search for keys, through several databases.
struct Search {
    /// When it has to end.
    deadline: u64,
    loops: u64,
    total: Seen,
}

impl ActiveExpiry {
    /// Sets the figures that count since a moment to zero.
    pub fn reset_figures(&mut self) {
        (self.stale, self.stale_fields) = (0.0, 0.0);
        (self.time_cap_reached, self.spent_us) = (0, 0);
    }

    /// When a fast cycle may run next, in microseconds of the budget's clock; `None` while there is no need for one.
    pub fn fast_due(&self, effort: Effort) -> Option<u64> {
        match (self.fast_keys_due(effort), self.fields_rest.as_ref().map(|rest| rest.end)) {
            (Some(keys), Some(fields)) => Some(keys.min(fields)),
            (keys, fields) => keys.or(fields),
        }
    }

    fn fast_keys_due(&self, effort: Effort) -> Option<u64> {
        // The reference would also run one when many keys are stale, but compares a fraction with a percentage there, so
        // that this never happens. What is left of the rule is kept.
        self.out_of_time.then(|| self.last_fast_us.map_or(0, |last| last + 2 * effort.fast_us))
    }

    /// Runs one cycle. What has expired is taken out and given to `expired` with its database's number.
    pub fn run(&mut self, data: &mut Keyspace, run: &Run<'_>, mut expired: impl FnMut(usize, Expired<'_>)) {
        let start = (run.micros)();
        let keys_may = match run.cycle {
            Cycle::Slow => true,
            Cycle::Fast => self.fast_keys_due(run.effort).is_some_and(|due| start >= due),
        };
        if self.fields_first {
            self.run_fields(data, run, &mut expired);
        }
        if keys_may {
            if run.cycle == Cycle::Fast {
                self.last_fast_us = Some(start);
            }
            let deadline = start + run.effort.budget_us(run.cycle, run.hz);
            let everywhere = std::mem::take(&mut self.out_of_time);
            self.run_keys(data, run, deadline, everywhere, &mut expired);
        }
        if !self.fields_first {
            self.run_fields(data, run, &mut expired);
        }
        self.fields_first = !self.fields_first;
        self.spent_us += (run.micros)().saturating_sub(start);
    }

    /// Takes out fields for as long as a fast cycle may take; if that is not enough, goes on after a rest three times as
    /// long. So a quarter of the time is the most that fields take, in pieces too short for a client to notice.
    fn run_fields(
        &mut self,
        data: &mut Keyspace,
        run: &Run<'_>,
        expired: &mut impl FnMut(usize, Expired<'_>),
    ) {
        if !data.databases.iter().any(|database| database.tables.has_due_fields(run.now_ms)) {
            self.fields_rest = None;
            self.stale_fields = drift(self.stale_fields, 0, 0);
            return;
        }
        let start = (run.micros)();
        let rest = self.fields_rest.clone().unwrap_or(start..start);
        if start < rest.end {
            return;
        }
        let may_take = ((start - rest.start) / 3).clamp(run.effort.fast_us, 2 * run.effort.fast_us);
        let timed = data.databases.iter().map(|database| database.tables.timed_len() as u64).sum();
        let mut stale = 0;
        let done = self.fields.run(data, run.now_ms, run.micros, start + may_take, |index, gone| {
            stale += 1;
            expired(index, gone);
        });
        self.stale_fields = drift(self.stale_fields, stale, timed);
        let end = (run.micros)();
        self.fields_rest = (!done).then(|| end..end + 3 * (end - start));
        self.time_cap_reached += u64::from(!done);
    }

    fn run_keys(
        &mut self,
        data: &mut Keyspace,
        run: &Run<'_>,
        deadline: u64,
        everywhere: bool,
        expired: &mut impl FnMut(usize, Expired<'_>),
    ) {
        let count = data.databases.len();
        let visits = if everywhere { count } else { DATABASES_PER_CYCLE.min(count) };
        let mut over = false;
        let mut search = Search { deadline, loops: 0, total: Seen::default() };
        let mut visited = 0;
        for _ in 0..count {
            if visited == visits || over {
                break;
            }
            // Advanced first, so that a cycle that runs out of time here begins with the next one.
            let index = self.next_database % count;
            self.next_database = (index + 1) % count;
            if data.databases[index].tables.volatile_len() == 0 {
                data.databases[index].average_ttl = 0;
                continue;
            }
            visited += 1;
            over = !self.run_database(data, index, run, &mut search, expired);
        }
        self.stale = drift(self.stale, search.total.expired, search.total.sampled);
    }

    /// Stays with a database as long as that pays. Answers whether there is time left.
    fn run_database(
        &mut self,
        data: &mut Keyspace,
        index: usize,
        run: &Run<'_>,
        search: &mut Search,
        expired: &mut impl FnMut(usize, Expired<'_>),
    ) -> bool {
        let (mut ttl, mut updates, mut removed) = (Seen::default(), 0, 0);
        loop {
            search.loops += 1;
            let volatile = data.databases[index].tables.volatile_len() as u64;
            if volatile == 0 {
                data.databases[index].average_ttl = 0;
                return true;
            }
            let wanted = run.effort.keys_per_loop.min(volatile);
            let (seen, around) = self.run_loop(data, index, run.now_ms, wanted, expired);
            search.total.sampled += seen.sampled;
            search.total.expired += seen.expired;
            ttl.ttl_sum = ttl.ttl_sum.saturating_add(seen.ttl_sum);
            ttl.ttl_count += seen.ttl_count;
            updates += i32::from(seen.ttl_count > 0);
            let stale = seen.sampled == 0 || seen.expired * 100 / seen.sampled > run.effort.acceptable_stale;
            removed += seen.expired;
            // Removals may shrink the table and so bring keys to places already passed: a walk that removed some is not
            // complete when it comes around.
            let again = if around { std::mem::take(&mut removed) > 0 } else { stale };
            let look = search.loops.is_multiple_of(LOOPS_PER_LOOK);
            if (look || !again) && ttl.ttl_count > 0 {
                let database = &mut data.databases[index];
                database.average_ttl = averaged(database.average_ttl, ttl.ttl_sum / ttl.ttl_count, updates);
                (ttl, updates) = (Seen::default(), 0);
            }
            if look && (run.micros)() > search.deadline {
                self.out_of_time = true;
                self.time_cap_reached += 1;
                return false;
            }
            if !again {
                return true;
            }
        }
    }

    /// Looks at `wanted` keys or a little more. Answers what it saw, and whether the walk came around.
    fn run_loop(
        &mut self,
        data: &mut Keyspace,
        index: usize,
        now_ms: i64,
        wanted: u64,
        expired: &mut impl FnMut(usize, Expired<'_>),
    ) -> (Seen, bool) {
        let mut seen = Seen::default();
        for _ in 0..wanted * BUCKETS_PER_KEY {
            if seen.sampled >= wanted {
                break;
            }
            let database = &mut data.databases[index];
            let doomed = &mut self.doomed;
            database.expiry_cursor = database.tables.scan_marked(database.expiry_cursor, |record| {
                let ttl = record.expiry().map_or(0, |when| when.saturating_sub(now_ms));
                seen.sampled += 1;
                if ttl < 0 {
                    doomed.push(record.key());
                } else if ttl > 0 {
                    seen.ttl_sum = seen.ttl_sum.saturating_add(ttl);
                    seen.ttl_count += 1;
                }
            });
            let around = database.expiry_cursor == 0;
            seen.expired += doomed.len() as u64;
            self.take_doomed(data, index, expired);
            if around {
                return (seen, true);
            }
        }
        (seen, false)
    }

    fn take_doomed(
        &mut self,
        data: &mut Keyspace,
        index: usize,
        expired: &mut impl FnMut(usize, Expired<'_>),
    ) {
        for name in self.doomed.iter() {
            let key = data.key(name);
            let tables = &mut data.databases[index].tables;
            if let Some(place) = tables.locate(&key) {
                expired(index, Expired::Key(tables.remove(place)));
            }
        }
        self.doomed.clear();
    }
}

/// A running estimate of a share, in which what the last cycle saw counts for 5%. One that ran several times over what it
/// saw has seen all of it.
fn drift(estimate: f64, part: u64, whole: u64) -> f64 {
    let share = if whole == 0 { 0.0 } else { part.min(whole) as f64 / whole as f64 };
    share * 0.05 + estimate * 0.95
}

/// A running average, in which each update counts for 2%.
fn averaged(old: i64, sample: i64, updates: i32) -> i64 {
    if old == 0 { sample } else { sample + ((old - sample) as f64 * 0.98f64.powi(updates)) as i64 }
}

#[cfg(test)]
#[path = "expiry_tests.rs"]
mod tests;
