//! Connections that workers serve: what the main thread keeps of them, and what it says and hears.

use super::{LOOKS, Place, Server};
use crate::connection::Stream;
use crate::threads::{FromWorker, ToWorker};
use node::boundary::Peer;
use node::{CloseReason, ConnId, Input};
use resp::{Limits, ReplyBuffer};

/// A connection of a worker.
pub(super) struct Away {
    worker: usize,
    /// What the worker decodes by.
    limits: Limits,
    /// Whether the worker has replies that it has not reported as sent.
    under_way: bool,
    /// Whether more wait behind them.
    more: bool,
    /// Whether it ends once everything is sent, so that nothing more is run or sent.
    leaving: bool,
    /// Whether the node has been told of its end.
    told: bool,
}

/// How many messages of one worker are taken in before the others have their turn.
const MOST: usize = 64;

impl Server {
    /// Looks at the workers' queues for a while. Answers whether there is something.
    pub(super) fn await_workers(&self) -> bool {
        for _ in 0..LOOKS {
            if self.threads.waiting() {
                return true;
            }
            std::hint::spin_loop();
        }
        false
    }

    /// Takes in what workers say. Answers whether they said anything.
    pub(super) fn hear(&mut self) -> bool {
        let mut heard = false;
        for worker in 0..self.threads.links.len() {
            for _ in 0..MOST {
                let Some(message) = self.threads.links[worker].from.take() else { break };
                heard = true;
                match message {
                    FromWorker::Requests(conn, mut batch) => {
                        self.run_batch_of(conn, &mut batch);
                        batch.clear();
                        self.threads.links[worker].to.send(ToWorker::Ran(batch));
                    }
                    FromWorker::Sent(conn, bytes, buffer) => self.sent_there(conn, bytes, buffer),
                    FromWorker::Holds(conn, bytes, initial) => {
                        if self.away(conn).is_some_and(|away| !away.told) {
                            self.node.holds(conn, bytes, &initial);
                        }
                    }
                    FromWorker::Gone(conn) => self.gone_there(conn),
                    FromWorker::Stopped => {}
                }
            }
            self.threads.links[worker].to.flush();
        }
        heard
    }

    fn away(&mut self, conn: ConnId) -> Option<&mut Away> {
        match self.connections.get_mut(conn.0 as usize)? {
            Some(Place::There(away)) => Some(away),
            _ => None,
        }
    }

    /// Hands a client over to a worker.
    pub(super) fn enter_there(&mut self, conn: ConnId, worker: usize, stream: Stream, peer: Peer) {
        self.node.handle(self.clock.now(), Input::Accepted(conn, peer));
        let limits = self.node.limits(conn);
        let away = Away { worker, limits, under_way: false, more: false, leaving: false, told: false };
        self.connections[conn.0 as usize] = Some(Place::There(away));
        self.threads.links[worker].to.send(ToWorker::Enter(conn, stream, limits));
    }

    /// Runs what a client asks, and tells its worker when it must decode by other limits from now on.
    fn run_batch_of(&mut self, conn: ConnId, batch: &mut conn::Batch) {
        if self.away(conn).is_none_or(|away| away.leaving || away.told) {
            return;
        }
        self.node.requests(self.clock.now(), conn, batch);
        let limits = self.node.limits(conn);
        let Some(away) = self.away(conn) else { return };
        let same =
            limits.max_bulk == away.limits.max_bulk && limits.authenticated == away.limits.authenticated;
        if !same || !limits.authenticated {
            away.limits = limits;
            let worker = away.worker;
            self.threads.links[worker].to.send(ToWorker::GoOn(conn, limits));
        }
    }

    /// Hands over what waits for a client, unless its worker has not done with what it was given.
    pub(super) fn send_there(&mut self, conn: ConnId) {
        let Some(away) = self.away(conn) else { return };
        if away.under_way {
            away.more = true;
            return;
        }
        self.hand_over(conn);
    }

    fn hand_over(&mut self, conn: ConnId) {
        let Some(outbox) = self.node.outbox(conn).filter(|outbox| !outbox.is_empty()) else { return };
        let replies = std::mem::take(&mut outbox.replies);
        let Some(away) = self.away(conn) else { return };
        (away.under_way, away.more) = (true, false);
        let worker = away.worker;
        self.threads.links[worker].to.send(ToWorker::Write(conn, replies));
    }

    fn sent_there(&mut self, conn: ConnId, bytes: usize, buffer: ReplyBuffer) {
        let Some(away) = self.away(conn) else { return };
        let more = std::mem::take(&mut away.more);
        away.under_way = false;
        if away.told {
            return;
        }
        self.node.handle(self.clock.now(), Input::Sent(conn, bytes));
        if more {
            self.hand_over(conn);
        }
        self.node.reuse(buffer);
    }

    /// Ends a connection. What waits goes out first, unless that is not wanted.
    pub(super) fn close_there(&mut self, conn: ConnId, reason: CloseReason) {
        if reason == CloseReason::WhenSent {
            self.hand_over(conn);
        }
        let Some(away) = self.away(conn) else { return };
        away.leaving = true;
        let worker = away.worker;
        let tell =
            reason == CloseReason::Now && !std::mem::replace(&mut away.told, reason == CloseReason::Now);
        let message = match reason {
            CloseReason::WhenSent => ToWorker::CloseWhenSent(conn),
            CloseReason::Now => ToWorker::Close(conn),
        };
        self.threads.links[worker].to.send(message);
        if tell {
            self.node.handle(self.clock.now(), Input::Closed(conn));
        }
    }

    /// Tells a client that the node does not know why it is not served.
    pub(super) fn turn_away_there(&mut self, conn: ConnId, text: &[u8]) {
        let Some(away) = self.away(conn) else { return };
        (away.leaving, away.told) = (true, true);
        let worker = away.worker;
        let link = &mut self.threads.links[worker];
        let mut replies = ReplyBuffer::default();
        replies.bytes.extend_from_slice(text);
        link.to.send(ToWorker::Write(conn, replies));
        link.to.send(ToWorker::CloseWhenSent(conn));
    }

    fn gone_there(&mut self, conn: ConnId) {
        let Some(told) = self.away(conn).map(|away| away.told) else { return };
        self.connections[conn.0 as usize] = None;
        self.ended.push(conn.0);
        if !told {
            self.node.handle(self.clock.now(), Input::Closed(conn));
        }
    }
}
