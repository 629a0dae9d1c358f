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
            self.gave_up(now, conn);
        }
        if now.mono_us >= self.next_cron_us {
            self.cron(now);
            self.next_cron_us = now.mono_us + 1_000_000 / u64::from(self.hz());
        }
    }

    fn cron(&mut self, now: Now<'_>) {
        self.stats.peak_memory = self.stats.peak_memory.max(now.meter.used_memory());
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

    /// A client has waited long enough.
    fn gave_up(&mut self, now: Now<'_>, conn: ConnId) {
        let Some(mut session) = self.sessions.get_mut(conn.0 as usize).and_then(Option::take) else { return };
        if let Some(Blocked::ForAcks { aof, .. }) = session.blocked.take() {
            let mut reply = session.reply();
            if aof {
                reply.array(2);
                reply.integer(0);
            }
            reply.integer(0);
        }
        self.go_on(now, &mut session);
        self.queue_send(&mut session);
        self.sessions[conn.0 as usize] = Some(session);
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
