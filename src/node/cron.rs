//! Work that time brings: periodic chores, and clients that have waited long enough.

use crate::boundary::{ConnId, Now};
use crate::node::Node;
use crate::session::{Blocked, Session};

/// Why a node wants to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Periodic work.
    Cron,
    /// A client has waited long enough.
    ClientTimeout(ConnId),
}

impl Node {
    /// When to call with [`crate::Input::Timeout`], on the monotonic clock, and why.
    pub fn poll_timeout(&self) -> (u64, Why) {
        match self.timeouts.first() {
            Some(&(at, conn)) if at < self.next_cron_us => (at, Why::ClientTimeout(conn)),
            _ => (self.next_cron_us, Why::Cron),
        }
    }

    /// The time came.
    pub(crate) fn timeout(&mut self, now: Now<'_>) {
        while let Some(&(at, conn)) = self.timeouts.first()
            && at <= now.mono_us
        {
            self.timeouts.pop_first();
            self.give_up(now, conn);
        }
        if now.mono_us >= self.next_cron_us {
            if !self.cron_paused {
                self.cron(now);
            }
            self.next_cron_us = now.mono_us + 1_000_000 / u64::from(self.hz());
        }
    }

    fn cron(&mut self, now: Now<'_>) {
        self.stats.peak_memory = self.stats.peak_memory.max(now.meter.used_memory());
        self.stats.command_rate.sample(self.stats.processed, now.mono_us);
        self.stats.input_rate.sample(self.stats.bytes_in, now.mono_us);
        self.stats.output_rate.sample(self.stats.bytes_out, now.mono_us);
        for database in &mut self.data.databases {
            database.tables.rebalance(1024);
        }
    }

    /// Forgets the time at which a session would have given up.
    pub(crate) fn forget_timeout(&mut self, session: &Session) {
        if let Some(Blocked::ForAcks { until: Some(at), .. }) = session.blocked {
            self.timeouts.remove(&(at, session.conn));
        }
    }

    /// A client has waited long enough, or is told so.
    pub(crate) fn give_up(&mut self, now: Now<'_>, conn: ConnId) {
        if let Some(Blocked::ForAcks { aof, .. }) = self.session(conn).and_then(|session| session.blocked) {
            self.release(now, conn, |_, session| {
                let mut reply = session.reply();
                if aof {
                    reply.array(2);
                    reply.integer(0);
                }
                reply.integer(0);
            });
        }
    }

    /// Runs what waited behind a command that blocked.
    pub(crate) fn go_on(&mut self, now: Now<'_>, session: &mut Session) {
        while session.blocked.is_none()
            && let Some(mut batch) = session.backlog.pop_front()
        {
            self.run_batch(now, session, &mut batch, 0);
        }
    }
}
