//! Shares: which connections the workers of `io-threads` serve, and which this thread keeps.
//!
//! A worker costs something: each batch crosses between threads twice, and where clients or other processes want the
//! processors as well, the worker takes one of them away. Whether it brings more depends on the load and on what else runs
//! on the machine; it cannot be known, but it can be tried. So there is a ladder,
//!
//! ```text
//! rung 0    this thread serves every connection
//! rung 1    the first worker serves half of them
//! rung 2    the first worker serves all
//! rung n    n - 1 workers serve all
//! ```
//!
//! and while the load is more than one thread does with ease, the next rung up or down is tried now and then: for a
//! twentieth of a second, or for two hundredths when that is clearly too much. The higher of two rungs has to get more done
//! to be preferred. Where this thread itself does not get the processor that it wants, there is none for a worker, and none
//! is tried. Each attempt that fails doubles the time until the next. When the load falls so far that one thread can
//! do it, one thread does.
//!
//! Not here: the moving. A connection moves when it next asks something (`away.rs`), so idle ones never do.
//!
//! With `events-per-io-thread 0` the workers serve all, whatever comes of it: so tests have them.

use node::ConnId;

/// How long the load is watched before anything follows from it, in microseconds.
const WINDOW_US: u64 = 50_000;
/// The windows of an attempt: in the first, connections move; the others count.
const TRIAL_WINDOW_US: u64 = 10_000;
const TRIAL_WINDOWS: u32 = 6;
/// This thread is saturated when it works for more than this part of the time.
const SATURATED: f64 = 0.85;
/// When this thread gets less than this part of the processor time that it works for, processors are short already.
const STARVED: f64 = 0.8;
/// One thread is enough when all together use less than this part of one processor.
const ENOUGH: f64 = 0.7;
/// The higher rung is worth having if it gets so much more done.
const WORTH: f64 = 1.05;
/// An attempt that gets no more done than this is given up at once.
const HOPELESS: f64 = 0.8;
/// How long to wait between attempts, in microseconds: at first, and at most.
const FIRST_WAIT_US: u64 = 250_000;
const LONGEST_WAIT_US: u64 = 16_000_000;

/// What was done up to a time; each number only grows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// The time, in microseconds.
    pub(super) at_us: u64,
    /// How much was done: commands and bytes, in a unit of its own.
    pub(super) work: u64,
    /// How long this thread did not wait.
    pub(super) busy_us: u64,
    /// How much processor time all threads used.
    pub(super) processor_us: u64,
}

/// What the workers may be used for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowed {
    /// How many there are.
    pub(super) workers: usize,
    /// Processors that this process may use.
    pub(super) processors: usize,
    /// How many connections there are.
    pub(super) connections: usize,
    /// `events-per-io-thread`: a worker for so many connections that may all ask at once.
    pub(super) each: usize,
}

/// The ladder, and where we stand on it.
#[derive(Debug)]
pub(super) struct Shares {
    rung: usize,
    top: usize,
    /// Whether the top is to be used without asking.
    forced: bool,
    /// When to look at the load again, and what was seen the last time.
    due_us: u64,
    before: Seen,
    trial: Option<Trial>,
    /// Whether the next attempt goes up.
    upward: bool,
    wait_us: u64,
    next_trial_us: u64,
}

/// An attempt at another rung.
#[derive(Debug)]
struct Trial {
    /// The rung before, and how much it got done in a microsecond.
    from: usize,
    rate: f64,
    /// Windows that have passed, and what was seen at the end of the first.
    windows: u32,
    since: Seen,
}

impl Shares {
    /// At the foot of the ladder.
    pub(super) fn new() -> Shares {
        Shares {
            rung: 0,
            top: 0,
            forced: false,
            due_us: 0,
            before: Seen::default(),
            trial: None,
            upward: true,
            wait_us: FIRST_WAIT_US,
            next_trial_us: 0,
        }
    }

    /// The worker that is to serve a connection; none if this thread is.
    #[inline]
    pub(super) fn place(&self, conn: ConnId) -> Option<usize> {
        let number = conn.0 as usize;
        match self.rung {
            0 => None,
            1 => (number % 2 == 1).then_some(0),
            rung => Some(number % (rung - 1)),
        }
    }

    /// Whether workers serve some.
    pub(super) fn active(&self) -> bool {
        self.rung > 0
    }

    /// Whether this thread serves some.
    pub(super) fn keeps_some(&self) -> bool {
        self.rung < 2
    }

    /// When [`Shares::look`] is to be called, in microseconds.
    #[inline]
    pub(super) fn due_us(&self) -> u64 {
        self.due_us
    }

    /// How far up the ladder may be gone from now on.
    pub(super) fn allow(&mut self, allowed: Allowed) {
        self.forced = allowed.each == 0;
        let workers = if self.forced {
            allowed.workers
        } else {
            allowed.workers.min(allowed.processors.saturating_sub(1)).min(allowed.connections / allowed.each)
        };
        self.top = if workers == 0 { 0 } else { workers + 1 };
        if self.forced || self.rung > self.top {
            self.rung = self.top;
            self.trial = None;
        }
    }

    /// Looks at what was done since the last time, and moves on the ladder if that is called for.
    pub(super) fn look(&mut self, seen: Seen) {
        let before = std::mem::replace(&mut self.before, seen);
        if self.top > 0 && !self.forced {
            match self.trial.take() {
                Some(trial) => self.judge(trial, seen),
                None => self.watch(before, seen),
            }
        }
        self.due_us = seen.at_us + if self.trial.is_some() { TRIAL_WINDOW_US } else { WINDOW_US };
    }

    fn watch(&mut self, before: Seen, seen: Seen) {
        let passed = (seen.at_us - before.at_us).max(1) as f64;
        let busy = (seen.busy_us - before.busy_us) as f64 / passed;
        let used = (seen.processor_us - before.processor_us) as f64 / passed;
        if self.rung > 0 && used < ENOUGH {
            (self.rung, self.upward) = (0, true);
            self.next_trial_us = seen.at_us + self.wait_us;
            return;
        }
        let pressed = self.rung > 0 || (busy >= SATURATED && used >= busy * STARVED);
        if !pressed || seen.at_us < self.next_trial_us {
            return;
        }
        if self.rung == 0 || self.rung == self.top {
            self.upward = self.rung == 0;
        }
        let rate = (seen.work - before.work) as f64 / passed;
        self.trial = Some(Trial { from: self.rung, rate, windows: 0, since: seen });
        self.rung = if self.upward { self.rung + 1 } else { self.rung - 1 };
    }

    fn judge(&mut self, mut trial: Trial, seen: Seen) {
        trial.windows += 1;
        if trial.windows == 1 {
            trial.since = seen;
            self.trial = Some(trial);
            return;
        }
        let passed = (seen.at_us - trial.since.at_us).max(1) as f64;
        let rate = (seen.work - trial.since.work) as f64 / passed;
        let hopeless = rate < trial.rate * HOPELESS;
        if trial.windows < TRIAL_WINDOWS && !hopeless {
            self.trial = Some(trial);
            return;
        }
        let better = if self.upward { rate >= trial.rate * WORTH } else { trial.rate < rate * WORTH };
        if better {
            self.wait_us = FIRST_WAIT_US;
        } else {
            self.rung = trial.from;
            self.upward = !self.upward;
            self.wait_us = (self.wait_us * 2).min(LONGEST_WAIT_US);
        }
        self.next_trial_us = seen.at_us + self.wait_us;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EIGHT: Allowed = Allowed { workers: 7, processors: 8, connections: 50, each: 2 };

    /// A machine: how much each rung gets done in a millisecond, and how busy the load keeps it.
    struct Machine {
        shares: Shares,
        seen: Seen,
        /// Whether others take half of the processor.
        starved: bool,
    }

    impl Machine {
        fn new(allowed: Allowed) -> Machine {
            let mut shares = Shares::new();
            shares.allow(allowed);
            Machine { shares, seen: Seen::default(), starved: false }
        }

        /// Works for so many milliseconds. Answers how much was done, compared with the foot, and where it ended.
        fn work(&mut self, ms: u64, rates: &[u64], busy: f64) -> (f64, usize) {
            let before = self.seen.work;
            for _ in 0..ms {
                self.seen.at_us += 1000;
                self.seen.work += rates[self.shares.rung];
                self.seen.busy_us += (1000.0 * busy) as u64;
                self.seen.processor_us += (if self.starved { 500.0 } else { 1000.0 } * busy) as u64;
                if self.seen.at_us >= self.shares.due_us() {
                    self.shares.look(self.seen);
                }
            }
            ((self.seen.work - before) as f64 / (ms * rates[0]) as f64, self.shares.rung)
        }
    }

    #[test]
    fn where_workers_cost_more_than_they_bring_hardly_anything_is_lost() {
        let mut machine = Machine::new(Allowed { workers: 1, processors: 2, ..EIGHT });
        let (done, _) = machine.work(2_000, &[1000, 500, 400], 1.0);
        assert!(done > 0.97, "{done}");
        let (done, rung) = machine.work(60_000, &[1000, 500, 400], 1.0);
        assert!(done > 0.995 && rung == 0, "{done}");
    }

    #[test]
    fn where_they_bring_nothing_they_are_left_alone() {
        let (done, rung) = Machine::new(EIGHT).work(60_000, &[1000; 9], 1.0);
        assert_eq!((done, rung), (1.0, 0));
    }

    #[test]
    fn the_best_rung_is_found_and_kept() {
        let mut machine = Machine::new(EIGHT);
        let rates = [1000, 1300, 1500, 1900, 2400, 2300, 2200, 2100, 2000];
        let (done, _) = machine.work(5_000, &rates, 1.0);
        assert!(done > 2.0, "{done}");
        let (done, rung) = machine.work(60_000, &rates, 1.0);
        assert!(done > 2.35 && rung == 4, "{done} {rung}");
    }

    #[test]
    fn when_processors_become_scarce_the_way_leads_down_again() {
        let mut machine = Machine::new(EIGHT);
        machine.work(60_000, &[1000, 1300, 1500, 1900, 2400, 2800, 3200, 3600, 4000], 1.0);
        assert_eq!(machine.shares.rung, 8);
        let (_, rung) = machine.work(60_000, &[1000, 900, 800, 700, 600, 500, 400, 300, 200], 1.0);
        assert_eq!(rung, 0);
    }

    #[test]
    fn when_the_load_falls_one_thread_serves_all() {
        let mut machine = Machine::new(EIGHT);
        machine.work(5_000, &[1000, 1300, 1500, 1900, 2400, 2300, 2200, 2100, 2000], 1.0);
        assert!(machine.shares.active());
        let (_, rung) = machine.work(100, &[100; 9], 0.3);
        assert_eq!(rung, 0);
        let (done, rung) = machine.work(60_000, &[100, 900, 900, 900, 900, 900, 900, 900, 900], 0.6);
        assert_eq!((done, rung), (1.0, 0), "nothing is tried at ease");
    }

    #[test]
    fn where_processors_are_short_already_nothing_is_tried() {
        let mut machine = Machine::new(EIGHT);
        machine.starved = true;
        let (done, rung) = machine.work(60_000, &[100, 900, 900, 900, 900, 900, 900, 900, 900], 1.0);
        assert_eq!((done, rung), (1.0, 0));
    }

    #[test]
    fn the_ladder_ends_where_workers_processors_or_connections_do() {
        let tops = [
            Allowed { workers: 0, ..EIGHT },
            Allowed { processors: 1, ..EIGHT },
            Allowed { connections: 1, ..EIGHT },
            Allowed { workers: 1, ..EIGHT },
            Allowed { processors: 4, ..EIGHT },
            Allowed { connections: 10, ..EIGHT },
            Allowed { each: 0, processors: 1, connections: 0, ..EIGHT },
        ]
        .map(|allowed| Machine::new(allowed).shares.top);
        assert_eq!(tops, [0, 0, 0, 2, 4, 6, 8]);
    }

    #[test]
    fn workers_that_are_forced_serve_everyone_at_once() {
        let mut machine = Machine::new(Allowed { each: 0, ..EIGHT });
        let (_, rung) = machine.work(5_000, &[1000, 1, 1, 1, 1, 1, 1, 1, 1], 1.0);
        assert_eq!(rung, 8);
        assert!((0..100).all(|conn| machine.shares.place(ConnId(conn)) == Some(conn as usize % 7)));
        machine.shares.allow(Allowed { workers: 0, each: 0, ..EIGHT });
        assert_eq!(machine.shares.place(ConnId(1)), None);
    }
}
