//! What is noted of commands that are over, and of events that take long.
//!
//! ```text
//! a command is over -> one comparison: is any of its figures as large as the least threshold?   nearly always no
//!                   -> the latency monitor and each command log look at the figure that they are about
//! an event is over  -> one comparison with latency-monitor-threshold
//! ```

use crate::boundary::Now;
use crate::call::Call;
use crate::commandlog::{self, Cost, Entry, Kind};
use crate::latency::{self, Sample};
use crate::node::Node;
use crate::session::{ReplyMode, Session};
use catalog::Flag;

impl Node {
    /// Looks at a command that is over and may be worth noting. `asker` is whom the logs name: who runs it, or whose script
    /// calls it.
    #[cold]
    pub(crate) fn note_command(
        &mut self,
        now: Now<'_>,
        session: &Session,
        asker: &Session,
        call: &Call<'_>,
        micros: u64,
    ) {
        let event = if call.id.has(Flag::Fast) { "fast-command" } else { "command" };
        self.note_latency(now, event, micros);
        if call.id.has(Flag::SkipCommandLog) {
            return;
        }
        let reply = match session.reply_mode {
            ReplyMode::On => session.outbox.replies.len_since(session.reply_start) as u64,
            _ => 0,
        };
        let cost = Cost { micros, request: session.request_bytes.into(), reply };
        for kind in Kind::ALL {
            let figure = kind.figure(cost);
            let log = self.command_logs.of(kind);
            if log.wants(figure) {
                log.push(Entry {
                    number: 0,
                    unix_s: now.later().unix_s(),
                    figure,
                    arguments: commandlog::shown(call.id, call.args),
                    peer: asker.peer.to_string(),
                    name: asker.name.as_slice().into(),
                });
            }
        }
    }

    /// Notes that an event took so long, if it is long enough to be kept.
    #[inline]
    pub fn note_latency(&mut self, now: Now<'_>, event: &'static str, micros: u64) {
        if micros >= latency::threshold(&self.config.monitor) {
            self.latency.note(event, Sample { unix_s: now.later().unix_s(), millis: micros / 1000 });
        }
    }

    /// The time at which something begins that may be an event, if events are kept.
    #[inline]
    pub(crate) fn event_begins(&self, now: Now<'_>) -> Option<u64> {
        (latency::threshold(&self.config.monitor) != u64::MAX).then(|| now.meter.micros())
    }

    /// Notes what began at that time and is over now.
    #[inline]
    pub(crate) fn event_ends(&mut self, now: Now<'_>, event: &'static str, began: Option<u64>) {
        if let Some(began) = began {
            self.note_latency(now, event, now.meter.micros().saturating_sub(began));
        }
    }

    /// Follows the thresholds and lengths that are set.
    pub(crate) fn follow_monitor(&mut self) {
        self.command_logs.follow(&self.config.monitor);
        self.least_noted = self.command_logs.least_noted(&self.config.monitor);
    }
}

#[cfg(test)]
#[path = "noting_tests.rs"]
mod tests;
