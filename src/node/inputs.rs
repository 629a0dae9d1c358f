//! The inputs that a node answers to, and the outputs that it asks for. Requests come in by `request.rs`.

use crate::boundary::{ConnId, Input, Now, Output, Peer};
use crate::node::Node;
use crate::session::{Blocked, Session};

impl Node {
    /// Takes an input in; what follows from it waits in [`Node::next_output`].
    pub fn handle(&mut self, now: Now<'_>, input: Input) {
        self.tick(now);
        let ends_turn = matches!(input, Input::Timeout);
        match input {
            Input::Accepted(conn, peer) => self.accepted(now, conn, peer),
            Input::Closed(conn) => {
                self.tell_of_leaving(now, conn);
                self.closed(conn);
            }
            // The most frequent input, and nothing follows from it.
            Input::Sent(conn, bytes) => return self.sent(conn, bytes),
            Input::Terminate(flags) => self.terminate(flags),
            Input::Timeout => self.timeout(now),
            Input::Appended(appended) => self.appended(appended),
            Input::Synced(result) => self.synced(now, result),
            Input::SyncedAside(result) => self.synced_aside(now, result),
            Input::Filed(result) => self.filed(now, result),
            Input::Begin => self.begin(now),
            Input::Started(job, result) => self.job_started(now, job, &result),
            Input::Progress(job, progress) => self.job_progress(now, job, progress),
            Input::Ended(job, ending) => self.job_ended(now, job, ending),
            Input::Opened(opened) => self.opened(now, opened),
            Input::Performed(result) => self.performed(now, result.map(|()| Vec::new())),
            Input::Read(bytes) => self.performed(now, Ok(bytes)),
        }
        self.follow_facts(now, None);
        self.resume(now);
        if ends_turn {
            self.settle_tracking(now);
        }
        self.settle();
    }

    /// What the node asks for next.
    pub fn next_output(&mut self) -> Option<Output> {
        if !self.readers.aof.bytes.is_empty() {
            self.write_before_all_else();
        }
        let next = self.outputs.pop_front();
        if self.outputs.is_empty() {
            self.queued = 0;
        }
        next
    }

    fn accepted(&mut self, now: Now<'_>, conn: ConnId, peer: Peer) {
        if !self.has_place(conn) || !self.lets_in(conn, &peer) {
            return;
        }
        let index = conn.0 as usize;
        if self.sessions.len() <= index {
            self.sessions.resize_with(index + 1, || None);
        }
        let authenticated = self.users.open();
        let id = self.next_client;
        self.next_client += 1;
        let mut session = Box::new(Session::new(conn, id, peer, authenticated, now.mono_us));
        session.account(&mut self.client_memory);
        self.put_back(session);
        self.by_id.insert(id, conn);
        self.connected += 1;
        self.stats.connections += 1;
        self.tell_of_coming(conn);
    }

    pub(crate) fn closed(&mut self, conn: ConnId) {
        if let Some(mut session) = self.take_session(conn) {
            self.connected -= 1;
            self.by_id.remove(&session.id);
            self.end_tracking(&mut session);
            self.end_monitor(&mut session);
            if session.blocked == Some(Blocked::Paused) {
                self.pause.leave(conn);
            }
            self.leave_lines(&mut session);
            self.end_transaction(&mut session);
            self.unsubscribe_all(&mut session);
            self.client_memory[session.class as usize] -= session.accounted;
            self.forget_timeout(&session);
        }
    }

    fn sent(&mut self, conn: ConnId, bytes: usize) {
        self.stats.bytes_out += bytes as u64;
        self.stats.writes += 1;
        if let Some(session) = self.sessions.get_mut(conn.0 as usize).and_then(Option::as_deref_mut) {
            session.bytes_out += bytes as u64;
            session.outbox.repaid(bytes);
            if session.outbox.is_empty() {
                let empty = std::mem::take(&mut session.outbox.replies);
                session.account(&mut self.client_memory);
                self.reuse(empty);
            } else {
                session.account(&mut self.client_memory);
            }
        }
    }

    /// What follows from what an input did.
    pub(crate) fn settle(&mut self) {
        self.log_remarks();
        self.effects.clear();
        self.hand_over_garbage();
    }
}
