//! Group commit: a sync serves all that was appended before it, so it waits a little for those who are about to ask.
//!
//! Clients that were answered together ask again one behind the other, and the first of them would be synced for alone while
//! all the others wait for the next sync. So the loop looks a few times more before it syncs: for a part of the time that
//! syncs take, and until nobody has come for a while, which is short once as many have come as of late. Where nobody comes,
//! it tries again ever more rarely.
//!
//! ```text
//! ask ask ask . . ask ask ask ask . | sync | reply ...        a point is a nap behind which nobody had asked
//! ```

use std::time::Duration;

/// One part in so many of the time of a sync is waited at most.
const PART: u64 = 3;
/// So many naps fill that time.
const NAPS: u64 = 32;
/// So many naps without a request end it.
const QUIET: u32 = 6;
/// No nap is shorter or longer than this, in microseconds.
const SHORTEST: u64 = 10;
const LONGEST: u64 = 100;
/// When waiting is in vain, it is left out for up to so many syncs.
const LONGEST_PAUSE: u32 = 64;

/// What is known of syncs and of those who wait for them.
#[derive(Debug, Default)]
pub(crate) struct Group {
    /// How long a sync takes, in microseconds, as an average that follows slowly.
    sync_us: u64,
    /// How many requests a sync has served of late, at most.
    largest: u64,
    /// For how many syncs waiting is left out after it was in vain, and for how many of these it still is.
    pause: u32,
    paused: u32,
}

/// One wait.
#[derive(Debug)]
pub(crate) struct Wait {
    left: u64,
    nap_us: u64,
    quiet: u32,
    /// How many had come at first, and have come.
    first: u64,
    come: u64,
    /// How many came of late.
    largest: u64,
}

impl Group {
    /// A sync has taken so long.
    pub(crate) fn took(&mut self, micros: u64) {
        self.sync_us = if self.sync_us == 0 { micros } else { (7 * self.sync_us + micros) / 8 };
    }

    /// A sync is about to begin for so many: whether to wait for others.
    pub(crate) fn begin(&mut self, come: u64) -> Option<Wait> {
        if self.paused > 0 {
            self.paused -= 1;
            return None;
        }
        let time = (self.sync_us / PART).min(NAPS * LONGEST);
        let nap_us = (time / NAPS).clamp(SHORTEST, LONGEST);
        let left = time / nap_us;
        (left > 0).then_some(Wait { left, nap_us, quiet: 0, first: come, come, largest: self.largest })
    }

    /// A wait is over.
    pub(crate) fn end(&mut self, wait: &Wait) {
        let paid = wait.come > wait.first;
        self.pause = if paid { 0 } else { (2 * self.pause + 1).min(LONGEST_PAUSE) };
        self.paused = self.pause;
        self.largest = wait.come.max(self.largest - self.largest.div_ceil(16));
    }
}

impl Wait {
    /// How long to nap before the next look; none when that is enough.
    pub(crate) fn nap(&mut self) -> Option<Duration> {
        let enough = if self.come >= self.largest { 1 } else { QUIET };
        if self.left == 0 || self.quiet >= enough {
            return None;
        }
        self.left -= 1;
        Some(Duration::from_micros(self.nap_us))
    }

    /// So many have come by now.
    pub(crate) fn saw(&mut self, come: u64) {
        self.quiet = if come > self.come { 0 } else { self.quiet + 1 };
        self.come = come;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waits before a sync for one, while so many looks find another; answers the microseconds.
    fn waited(group: &mut Group, found: u64) -> u64 {
        let Some(mut wait) = group.begin(1) else { return 0 };
        let (mut micros, mut looks) = (0, 0);
        while let Some(nap) = wait.nap() {
            micros += nap.as_micros() as u64;
            looks += 1;
            wait.saw(1 + found.min(looks));
        }
        group.end(&wait);
        micros
    }

    #[test]
    fn it_waits_while_others_come_and_for_a_part_of_a_sync_at_most() {
        let mut group = Group::default();
        assert_eq!(waited(&mut group, 9), 0, "nothing is known of syncs");
        group.took(4800);
        assert_eq!(waited(&mut group, 1000), 32 * 50);
        assert_eq!(waited(&mut group, 2), 8 * 50, "more came before");
        group.took(10_000_000);
        assert_eq!(waited(&mut group, 1000), NAPS * LONGEST);
    }

    #[test]
    fn when_as_many_have_come_as_ever_it_does_not_wait_long() {
        let mut group = Group::default();
        group.took(4800);
        waited(&mut group, 10);
        assert_eq!(waited(&mut group, 10), 11 * 50);
        (0..200).for_each(|_| _ = waited(&mut group, 1));
        assert_eq!(waited(&mut group, 1), 2 * 50, "what was long ago is forgotten");
    }

    #[test]
    fn a_client_that_is_alone_waits_ever_more_rarely() {
        let mut group = Group::default();
        group.took(800);
        let waits = (0..1000).filter(|_| waited(&mut group, 0) > 0).count();
        assert!((10..30).contains(&waits), "{waits}");
        // Once others come, each sync is waited for again.
        while waited(&mut group, 5) == 0 {}
        assert!(waited(&mut group, 5) > 0);
    }
}
