//! How much of the server one client may take: a place, time without asking anything, memory for what it sends and for
//! what it does not read. Who goes over a limit is closed at once, and the log says why.
//!
//! ```text
//! maxclients                   when a client comes
//! client-query-buffer-limit    when the shell tells how much of an unfinished request it holds
//!                              (a blocked client that goes on sending is left unread long before it comes to that)
//! client-output-buffer-limit   after every few requests, and periodically, for the time over the soft limit
//! maxmemory-clients            around every input: the largest clients go until the rest is within the limit
//! timeout                      periodically
//! ```

use crate::boundary::{CloseReason, ConnId, Now, Output};
use crate::node::Node;
use crate::session::{Class, OWN_ROOM, Session};
use base::log::Level;
use config::{MemoryShare, OutputLimit};

/// What a client that has not authenticated may leave unread beyond that, and what it may send without an end.
const UNAUTHENTICATED_OUTPUT: usize = 1024;
const UNAUTHENTICATED_QUERY: usize = 1 << 20;
/// `maxmemory-clients` is taken for at least this: with less nobody could change it any more.
const LEAST_CLIENT_MEMORY: u64 = 128 * 1024;
/// How many clients are looked at in one turn of the periodic work.
const CLIENTS_PER_TURN: std::ops::RangeInclusive<usize> = 5..=200;
/// The turns come at most this often in a second.
const MAX_HZ: usize = 500;
/// A blocked client is not read any further once so much waits behind the command that it is blocked in.
const ENOUGH_WAITS: usize = 64 * 1024;
/// How much of a request that is too long the log shows.
const SHOWN: usize = 64;

impl Node {
    /// Whether one more client can be served; if not, it is told so and turned away.
    pub(crate) fn has_place(&mut self, conn: ConnId) -> bool {
        if self.connected < self.config.network.maxclients as usize {
            return true;
        }
        self.stats.rejected_connections += 1;
        self.outputs.push_back(Output::TurnAway(conn, b"-ERR max number of clients reached\r\n"));
        false
    }

    /// The shell holds so many bytes of a connection's unfinished request, which begins with `initial`. To be called
    /// when the number has changed.
    pub fn holds(&mut self, conn: ConnId, bytes: usize, initial: &[u8]) {
        let Some(mut session) = self.take_session(conn) else { return };
        session.held = bytes;
        self.check_input(&mut session, initial);
        session.account(&mut self.client_memory);
        self.put_back(session);
        self.clients_may_have_grown();
        self.settle();
    }

    /// Closes a client that has sent too much that is not run yet: an unfinished request, or requests that wait because
    /// the client is blocked.
    pub(crate) fn check_input(&mut self, session: &mut Session, initial: &[u8]) {
        let waiting = session.held + session.backlog_bytes();
        let unauthenticated = !session.authenticated && session.held > UNAUTHENTICATED_QUERY;
        if !session.closing
            && (waiting as u64 > self.config.network.client_query_buffer_limit || unauthenticated)
        {
            self.stats.query_limit_disconnections += 1;
            let mut start = Vec::new();
            if self.config.log.hide_user_data_from_log {
                start.extend_from_slice(b"*redacted*");
            } else {
                base::escape::quote(&mut start, &initial[..initial.len().min(SHOWN)]);
            }
            let text = format!(
                "Closing client that reached max query buffer length: {} (qbuf initial bytes: {})",
                self.describe(session),
                String::from_utf8_lossy(&start)
            );
            self.cut_off(session, Level::Warning, text);
        } else if session.blocked.is_some() && waiting >= ENOUGH_WAITS && !session.resting {
            session.resting = true;
            self.outputs.push_back(Output::Rest(session.conn));
        }
    }

    /// Bounds the replies of a client, so that one that grows too large is cut off while it is made.
    #[inline]
    pub(crate) fn bound_output(&self, session: &mut Session) {
        let limits = &self.config.network.client_output_buffer_limit;
        let hard = match session.class {
            Class::Normal => limits.normal.hard_bytes,
            Class::Pubsub => limits.pubsub.hard_bytes,
            Class::Replica => limits.replica.hard_bytes,
        };
        // Quirk of the reference: a reply whose length is not known when it begins has no share in the room of its own.
        match hard {
            0 => session.outbox.set_bound(usize::MAX, 0),
            hard => session.outbox.set_bound(hard as usize, OWN_ROOM),
        }
    }

    /// Closes a client that leaves too much unread.
    #[inline]
    pub(crate) fn check_output(&mut self, now: Now<'_>, session: &mut Session) -> bool {
        if session.outbox.is_full() {
            self.outgrown(session);
            return true;
        }
        let unread = session.outbox.waiting();
        if unread <= OWN_ROOM && !(self.debug.no_own_room && unread > 0) {
            session.soft_limit_since = None;
            return false;
        }
        let beyond =
            if self.debug.no_own_room { unread.next_multiple_of(OWN_ROOM) } else { unread - OWN_ROOM };
        self.check_large_output(now, session, beyond)
    }

    #[cold]
    fn check_large_output(&mut self, now: Now<'_>, session: &mut Session, unread: usize) -> bool {
        let limits = &self.config.network.client_output_buffer_limit;
        let limit = match session.class {
            Class::Normal => limits.normal,
            Class::Pubsub => limits.pubsub,
            Class::Replica => limits.replica,
        };
        let unauthenticated = !session.ever_authenticated && unread > UNAUTHENTICATED_OUTPUT;
        if session.closing || !(over_limit(session, limit, unread as u64, now.mono_us) || unauthenticated) {
            return false;
        }
        self.outgrown(session);
        true
    }

    /// Closes a client that has more unread than it may.
    #[cold]
    pub(crate) fn outgrown(&mut self, session: &mut Session) {
        if session.closing {
            return session.outbox.clear();
        }
        self.stats.output_limit_disconnections += 1;
        let text =
            format!("Client {} closed for overcoming of output buffer limits.", self.describe(session));
        self.cut_off(session, Level::Warning, text);
    }

    /// Closes the largest clients while all together take more than `maxmemory-clients`: before requests are run, and when
    /// what they have led to has been sent as far as it can be.
    #[inline]
    pub(crate) fn evict_clients(&mut self) {
        if self.config.memory.maxmemory_clients != MemoryShare::Bytes(0) {
            self.evict_largest_clients();
        }
    }

    /// Has the clients looked at once the outputs of an input are performed, if their memory is limited.
    #[inline]
    pub(crate) fn clients_may_have_grown(&mut self) {
        self.clients_grew = self.config.memory.maxmemory_clients != MemoryShare::Bytes(0);
    }

    #[cold]
    fn evict_largest_clients(&mut self) {
        let Some(limit) = self.config.memory.maxmemory_clients.bytes(self.config.memory.maxmemory) else {
            return;
        };
        let limit = limit.max(LEAST_CLIENT_MEMORY);
        if self.evictable_memory() <= limit {
            return;
        }
        let may_go =
            |session: &&Session| !session.no_evict && !session.closing && session.class != Class::Replica;
        let sessions = self.sessions.iter().filter_map(Option::as_deref).filter(may_go);
        let mut largest: Vec<(u64, ConnId)> =
            sessions.map(|session| (session.accounted, session.conn)).collect();
        largest.sort_unstable();
        while let Some((_, conn)) = largest.pop() {
            let Some(mut session) = self.take_session(conn) else { continue };
            let text = format!("Evicting client: {}", self.describe(&session));
            self.cut_off(&mut session, Level::Notice, text);
            self.stats.evicted_clients += 1;
            self.put_back(session);
            if self.evictable_memory() <= limit {
                return;
            }
            if largest.is_empty() {
                self.log(Level::Warning, "Over client maxmemory after evicting all evictable clients");
            }
        }
    }

    fn evictable_memory(&self) -> u64 {
        self.client_memory[Class::Normal as usize] + self.client_memory[Class::Pubsub as usize]
    }

    /// Looks at the next few clients. Answers in how many microseconds to go on.
    pub(crate) fn look_after_clients(&mut self, now: Now<'_>) -> u64 {
        let hz = self.hz() as usize;
        let share = (self.connected / hz).clamp(*CLIENTS_PER_TURN.start(), *CLIENTS_PER_TURN.end());
        let (mut visited, slots) = (0, self.sessions.len());
        for _ in 0..slots {
            if visited == share {
                break;
            }
            let index = self.next_session % slots;
            self.next_session = (index + 1) % slots;
            let Some(mut session) = self.sessions[index].take() else { continue };
            visited += 1;
            self.look_after(now, &mut session);
            session.account(&mut self.client_memory);
            self.put_back(session);
        }
        let turns =
            if share == *CLIENTS_PER_TURN.end() { (self.connected / share).clamp(hz, MAX_HZ) } else { hz };
        1_000_000 / turns as u64
    }

    fn look_after(&mut self, now: Now<'_>, session: &mut Session) {
        if session.closing {
            return;
        }
        let (input, output) = (session.held + session.backlog_bytes(), session.outbox.memory());
        self.stats.buffers.note(now.mono_us / 1_000_000, input, output);
        let timeout = u64::from(self.config.network.timeout);
        let idle = (now.mono_us / 1_000_000).saturating_sub(session.active_us / 1_000_000);
        if timeout > 0 && idle > timeout && session.class == Class::Normal && session.blocked.is_none() {
            return self.cut_off(session, Level::Verbose, "Closing idle client".into());
        }
        self.check_output(now, session);
    }

    /// Closes a client at once, whatever waits for it.
    fn cut_off(&mut self, session: &mut Session, level: Level, text: String) {
        self.log(level, text);
        session.outbox.clear();
        session.backlog.clear();
        self.end_transaction(session);
        self.end_tracking(session);
        self.unsubscribe_all(session);
        session.held = 0;
        session.closing = true;
        session.account(&mut self.client_memory);
        self.outputs.push_back(Output::Close(session.conn, CloseReason::Now));
    }

    /// A client, for the log.
    fn describe(&self, session: &Session) -> String {
        let name = match (session.name.is_empty(), self.config.log.hide_user_data_from_log) {
            (false, true) => "*redacted*".into(),
            _ => String::from_utf8_lossy(&session.name),
        };
        format!(
            "id={} addr={} name={name} db={} qbuf={} omem={} tot-mem={} cmd={}",
            session.id,
            session.peer,
            session.caller.database,
            session.held,
            session.outbox.waiting().saturating_sub(OWN_ROOM),
            session.memory(),
            session.last_command.map_or("NULL", |id| id.full_name()),
        )
    }
}

/// Whether a client is over the hard limit of its output, or has been over the soft one for too long.
fn over_limit(session: &mut Session, limit: OutputLimit, unread: u64, now_us: u64) -> bool {
    if limit.soft_bytes == 0 || unread < limit.soft_bytes {
        session.soft_limit_since = None;
    }
    let soft = limit.soft_bytes != 0 && unread >= limit.soft_bytes && {
        let since = *session.soft_limit_since.get_or_insert(now_us);
        (now_us / 1_000_000).saturating_sub(since / 1_000_000) > u64::from(limit.soft_seconds)
    };
    soft || (limit.hard_bytes != 0 && unread >= limit.hard_bytes)
}
