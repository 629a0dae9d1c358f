//! Work that time brings: periodic chores, and clients that have waited long enough.

use crate::boundary::{ConnId, Now, Output};
use crate::latency;
use crate::lazyfree;
use crate::node::Node;
use crate::propagate::{self, Unit};
use crate::session::{Blocked, Session};
use crate::straits::Straits;
use keyspace::Expired;
use keyspace::expiry::{Cycle, Effort, Run};

/// Why a node wants to be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Periodic work.
    Cron,
    /// A look at some of the clients.
    Clients,
    /// Keys that have expired, when the last search for them ran out of time.
    Expiry,
    /// The next slice of a script that has run for too long.
    Script,
    /// Keys to be evicted, when the last eviction ran out of time.
    Eviction,
    /// Memory to be moved together.
    Defrag,
    /// A client has waited long enough.
    ClientTimeout(ConnId),
    /// Clients that may take too much memory, now that what could be sent to them was.
    ClientMemory,
    /// Changes under prefixes have gathered, and clients are to be told.
    Broadcast,
    /// A pause is over.
    Pause,
}

impl Node {
    /// When to call with [`crate::Input::Timeout`], on the monotonic clock, and why.
    pub fn poll_timeout(&self) -> (u64, Why) {
        if self.scripting.is_slow() {
            return (0, Why::Script);
        }
        let mut next = (self.next_cron_us, Why::Cron);
        let mut sooner = |at: u64, why| {
            if at < next.0 {
                next = (at, why);
            }
        };
        sooner(self.next_clients_us, Why::Clients);
        if let Some(&(at, conn)) = self.timeouts.first() {
            sooner(at, Why::ClientTimeout(conn));
        }
        if let Some(at) = self.pause.until_us() {
            sooner(at, Why::Pause);
        }
        if let Some(at) = self.fast_expiry_due() {
            sooner(at, Why::Expiry);
        }
        if self.eviction.going_on {
            sooner(0, Why::Eviction);
        }
        if let Some(at) = self.defrag.due_us() {
            sooner(at, Why::Defrag);
        }
        if self.clients_grew && self.outputs.is_empty() {
            sooner(0, Why::ClientMemory);
        }
        if self.tracking.prefixes.owed() {
            sooner(0, Why::Broadcast);
        }
        next
    }

    /// The time came.
    pub(crate) fn timeout(&mut self, now: Now<'_>) {
        if self.scripting.is_slow() {
            // All else waits: the data stays as the script has left it, wherever it is.
            self.go_on_with_script(now);
            return self.defragment_if_due(now);
        }
        while let Some(&(at, conn)) = self.timeouts.first()
            && at <= now.mono_us
        {
            self.timeouts.pop_first();
            self.give_up(now, conn);
        }
        if self.pause.until_us().is_some_and(|at| at <= now.mono_us) {
            self.end_pause();
        }
        if self.clients_grew && self.outputs.is_empty() {
            self.clients_grew = false;
            self.evict_clients();
        }
        if self.eviction.going_on {
            self.go_on_evicting(now);
        }
        if self.fast_expiry_due().is_some_and(|at| at <= now.mono_us) {
            self.expire(now, Cycle::Fast);
        }
        self.defragment_if_due(now);
        if now.mono_us >= self.next_clients_us {
            self.next_clients_us = now.mono_us + self.look_after_clients(now);
        }
        if now.mono_us >= self.next_cron_us {
            if !self.debug.cron_paused {
                let began = now.meter.micros();
                self.cron(now);
                self.stats.turns.cron_micros += now.meter.micros().saturating_sub(began);
            }
            self.next_cron_us = now.mono_us + 1_000_000 / u64::from(self.hz());
        }
    }

    fn cron(&mut self, now: Now<'_>) {
        self.stats.peak_memory = self.stats.peak_memory.max(now.meter.used_memory());
        self.stats.command_rate.sample(self.stats.processed, now.mono_us);
        self.stats.input_rate.sample(self.stats.bytes_in, now.mono_us);
        self.stats.output_rate.sample(self.stats.bytes_out, now.mono_us);
        self.stats.turns.sample(now.mono_us);
        if self.straits.has(Straits::TRACKED) {
            self.limit_tracking(now, None);
        }
        if self.expires_actively() {
            self.expire(now, Cycle::Slow);
        }
        self.watch_fragmentation(now);
        self.look_after_aof();
        for database in &mut self.data.databases {
            database.tables.rebalance(1024);
        }
        self.leave_if_asked();
        self.cron_of_jobs(now);
    }

    /// Whether keys past their time are sought: not while data is imported, which may bring more of them, nor in a pause.
    fn expires_actively(&self) -> bool {
        !self.debug.expiry_paused
            && !self.config.data.import_mode
            && !self.is_loading()
            && !self.pause.is_on()
            && !self.straits.has(Straits::BUSY)
    }

    /// Switches the search for keys past their time (`DEBUG SET-ACTIVE-EXPIRE`).
    pub fn set_active_expire(&mut self, on: bool) {
        self.debug.expiry_paused = !on;
    }

    /// When to go on with a search that ran out of time.
    fn fast_expiry_due(&self) -> Option<u64> {
        if !self.expires_actively() {
            return None;
        }
        self.expiry.fast_due(Effort::of(self.config.memory.active_expire_effort))
    }

    /// Seeks keys past their time, for as long as a cycle may take.
    fn expire(&mut self, now: Now<'_>, cycle: Cycle) {
        let micros = || now.meter.micros();
        let run = Run {
            cycle,
            effort: Effort::of(self.config.memory.active_expire_effort),
            hz: self.hz(),
            now_ms: now.unix_ms(),
            micros: &micros,
        };
        let lazily = self.config.memory.lazyfree_lazy_expire;
        let least_us = latency::threshold(&self.config.monitor);
        let mut slow = Vec::new();
        let Node { data, expiry, effects, key_stats, garbage, readers, .. } = self;
        let spent_before = expiry.spent_us;
        expiry.run(data, &run, |index, expired| {
            match expired {
                Expired::Key(record) => {
                    key_stats.expired += 1;
                    effects.key_expired(index, record.key(), lazily);
                    if lazily || least_us == u64::MAX {
                        lazyfree::discard(&mut garbage.records, record, lazily);
                    } else {
                        let began = micros();
                        drop(record);
                        slow.extend(Some(micros().saturating_sub(began)).filter(|spent| *spent >= least_us));
                    }
                }
                Expired::Fields { key, names, emptied } => {
                    key_stats.expired_fields += names.len() as u64;
                    effects.fields_expired(index, key, "hexpired");
                    propagate::fields_expired(effects, index, key, names);
                    if let Some(record) = emptied {
                        effects.changed(index, key, "del", 0);
                        effects.removed(index, key, lazily);
                        lazyfree::discard(&mut garbage.records, record, lazily);
                    }
                }
            }
            if effects.recording {
                readers.publish(effects, Unit::Whole, now.unix_s());
            }
        });
        let spent = self.expiry.spent_us - spent_before;
        self.note_latency(now, "expire-cycle", spent);
        slow.into_iter().for_each(|micros| self.note_latency(now, "expire-del", micros));
    }

    /// Forgets the time at which a session would have given up.
    pub(crate) fn forget_timeout(&mut self, session: &Session) {
        if let Some(at) = session.gives_up_at() {
            self.timeouts.remove(&(at, session.conn));
        }
    }

    /// A client has waited long enough, or is told so.
    pub(crate) fn give_up(&mut self, now: Now<'_>, conn: ConnId) {
        match self.session(conn).and_then(|session| session.blocked) {
            Some(Blocked::ForAcks { aof, .. }) => self.release(now, conn, |node, session| match aof {
                Some(wait) => node.reply_to_waitaof(session, &wait),
                None => session.reply().integer(0),
            }),
            Some(Blocked::ForKeys { in_vain, .. }) => self.release(now, conn, |_, session| {
                commands::value::in_vain(&mut session.reply(), in_vain);
            }),
            Some(Blocked::ForErrand | Blocked::Paused | Blocked::ForScript) | None => {}
        }
    }

    /// Runs what waited behind a command that blocked.
    pub(crate) fn go_on(&mut self, now: Now<'_>, session: &mut Session) {
        self.go_on_with_queue(now, session);
        while session.blocked.is_none()
            && let Some(mut batch) = session.backlog.pop_front()
        {
            self.run_batch(now, session, &mut batch, 0);
        }
        if session.blocked.is_none() && std::mem::take(&mut session.resting) {
            self.outputs.push_back(Output::ReadOn(session.conn));
        }
    }
}
