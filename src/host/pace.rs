//! Pace: how the loop breathes when many connections ask at once.
//!
//! A server that is quicker than its clients finds one or two of them ready whenever it looks, and pays for each look
//! with a sleep, a wake-up and a reply that wakes its receiver alone. The clients pay the same on their side. Under such
//! load it is better for both to let a few more requests arrive: with 50 connections and 16 requests a turn, naps of 50
//! microseconds took a seventh of the server's processor time away and brought a tenth more requests a second, with less
//! delay for each.
//!
//! So the loop naps before it looks, but only while it is certain to pay: in the last millisecond many connections asked
//! ([`CROWD`]) and asked often ([`BUSY`]), and the last turn served few of them. One client, or a few, or many that ask
//! now and then, never wait.

use std::time::Duration;

/// How long a nap is.
const NAP: Duration = Duration::from_micros(50);
/// How long the loop looks back, in microseconds.
const WINDOW_US: u64 = 1000;
/// Fewer connections than this in a window are no crowd.
const CROWD: u32 = 16;
/// Fewer reads than this in a window are no load.
const BUSY: u32 = 32;
/// A turn that served at least this part of the crowd needs no larger one.
const FEW: u32 = 3;

/// What the loop has seen of its load.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// When the window began, in microseconds, and its number.
    since_us: u64,
    window: u32,
    /// Reads, and connections that were read, in this window and in the one before.
    now: Load,
    before: Load,
    /// Connections read in this turn.
    turn: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Load {
    reads: u32,
    connections: u32,
}

impl Pace {
    /// A connection was read. `seen` is the connection's own note of when that last happened.
    #[inline]
    pub(crate) fn read(&mut self, seen: &mut u32) {
        self.turn += 1;
        self.now.reads += 1;
        if *seen != self.window {
            *seen = self.window;
            self.now.connections += 1;
        }
    }

    /// A turn is over: how long to let requests gather before the next.
    pub(crate) fn nap(&mut self, now_us: u64) -> Option<Duration> {
        let passed = now_us.saturating_sub(self.since_us);
        if passed >= WINDOW_US {
            // After a pause the window before says nothing of the load now.
            self.before = if passed < 2 * WINDOW_US { self.now } else { Load::default() };
            self.now = Load::default();
            self.since_us = now_us;
            self.window = self.window.wrapping_add(1);
        }
        let turn = std::mem::take(&mut self.turn);
        let crowded = self.before.connections >= CROWD && self.before.reads >= BUSY;
        (crowded && turn * FEW < self.before.connections).then_some(NAP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs turns of `each` connections out of `all`, one every `gap` microseconds, and counts the naps.
    fn naps(all: usize, each: usize, gap: u64) -> usize {
        let (mut pace, mut seen) = (Pace::default(), vec![u32::MAX; all]);
        (0..1000)
            .filter(|turn| {
                for i in 0..each {
                    pace.read(&mut seen[(turn * each + i) % all]);
                }
                pace.nap(*turn as u64 * gap).is_some()
            })
            .count()
    }

    #[test]
    fn a_crowd_served_in_small_turns_is_let_gather() {
        assert!(naps(50, 2, 20) > 900);
    }

    #[test]
    fn a_crowd_served_in_large_turns_is_not() {
        assert_eq!(naps(50, 25, 250), 0);
    }

    #[test]
    fn few_clients_never_wait_however_much_they_ask() {
        assert_eq!(naps(1, 1, 10), 0);
        assert_eq!(naps(8, 1, 10), 0);
    }

    #[test]
    fn clients_that_ask_now_and_then_never_wait() {
        assert_eq!(naps(1000, 1, 50), 0);
        assert_eq!(naps(1000, 1, 5000), 0);
    }
}
