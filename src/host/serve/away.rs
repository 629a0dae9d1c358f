//! Connections that workers serve: what the main thread keeps of them, what it says and hears, and how they move.
//!
//! ```text
//! Here  -- asks, and nothing waits for it ---------------------------------> There
//! There -- asked or was answered, nothing is under way: Return ... Back ---> Here
//! ```
//!
//! A connection goes from one worker to another through this thread. One that has not authenticated stays where it is, since
//! its worker may hold requests back.

use super::here::here;
use super::{LOOKS, Place, Server};
use crate::connection::Connection;
use crate::threads::{FromWorker, ToWorker};
use mio::{Interest, Token};
use node::{CloseReason, ConnId, Input, Meter};
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
    /// Whether it was asked back. Nothing is handed over any more until it is here.
    returning: bool,
    /// Whether what it sends is left unread for now.
    resting: bool,
    /// Whether it ends once everything is sent, so that nothing more is run or sent.
    leaving: bool,
    /// Whether the node has been told of its end.
    told: bool,
}

/// How many messages of one worker are taken in before the others have their turn.
const MOST: usize = 64;

impl Server {
    /// Looks at the workers' queues for a while. Answers whether there is something.
    pub(super) fn await_workers(&mut self) -> bool {
        let before = self.clock.micros();
        let mut looks = LOOKS;
        while looks > 0 && !self.threads.waiting() {
            std::hint::spin_loop();
            looks -= 1;
        }
        self.waited_us += self.clock.micros() - before;
        looks > 0
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
                        self.threads.links[worker].to.send(ToWorker::Ran(conn, batch));
                    }
                    FromWorker::Sent(conn, bytes, buffer) => self.sent_there(conn, bytes, buffer),
                    FromWorker::Holds(conn, bytes, initial) => {
                        if self.away(conn).is_some_and(|away| !away.told) {
                            self.node.holds(conn, bytes, &initial);
                        }
                    }
                    FromWorker::Gone(conn) => self.gone_there(conn),
                    FromWorker::Back(conn, connection) => self.come_back(conn, connection),
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

    /// Hands a connection over to a worker, if nothing waits to be sent to it. Answers whether that was done.
    pub(super) fn move_there(&mut self, conn: ConnId, worker: usize) -> bool {
        let limits = self.node.limits(conn);
        let quiet = self.node.session(conn).is_some_and(|session| session.outbox.is_empty());
        let movable = |connection: &mut Connection| !connection.closing && !connection.resting;
        if !limits.authenticated || !quiet || !here(&mut self.connections, conn).is_some_and(movable) {
            return false;
        }
        let away = Away {
            worker,
            limits,
            under_way: false,
            more: false,
            returning: false,
            resting: false,
            leaving: false,
            told: false,
        };
        let place = self.connections[conn.0 as usize].replace(Place::There(away));
        if let Some(Place::Here(mut connection)) = place {
            let _ = self.poll.registry().deregister(connection.stream.source());
            (connection.ready, connection.seen) = (false, u32::MAX);
            self.threads.links[worker].to.send(ToWorker::Enter(conn, connection, limits));
        }
        true
    }

    /// Asks a connection back that is to be served elsewhere, if nothing is under way to it.
    fn ask_back(&mut self, conn: ConnId) {
        let place = self.shares.place(conn);
        let Some(away) = self.away(conn).filter(|away| place != Some(away.worker)) else { return };
        if away.under_way || away.returning || away.leaving || away.told || !away.limits.authenticated {
            return;
        }
        away.returning = true;
        let worker = away.worker;
        self.threads.links[worker].to.send(ToWorker::Return(conn));
    }

    /// Serves a connection that was asked back, and makes up for what was put off meanwhile.
    fn come_back(&mut self, conn: ConnId, mut connection: Box<Connection>) {
        let Some(away) = self.away(conn) else { return };
        let (told, more, leaving, resting) = (away.told, away.more, away.leaving, away.resting);
        (connection.ready, connection.seen, connection.resting) = (false, u32::MAX, resting);
        let interest = Interest::READABLE | Interest::WRITABLE;
        let token = Token(conn.0 as usize);
        if told || self.poll.registry().register(connection.stream.source(), token, interest).is_err() {
            return self.gone_there(conn);
        }
        self.connections[conn.0 as usize] = Some(Place::Here(connection));
        if leaving {
            self.close(conn, CloseReason::WhenSent);
        } else if more {
            self.send(conn);
        }
    }

    /// Leaves unread what a client sends, or reads it again.
    pub(super) fn rest_there(&mut self, conn: ConnId, resting: bool) {
        let Some(away) = self.away(conn) else { return };
        if std::mem::replace(&mut away.resting, resting) == resting {
            return;
        }
        let worker = away.worker;
        let message = if resting { ToWorker::Rest(conn) } else { ToWorker::ReadOn(conn) };
        self.threads.links[worker].to.send(message);
    }

    /// Runs what a client asks, and tells its worker when it must decode by other limits from now on.
    fn run_batch_of(&mut self, conn: ConnId, batch: &mut conn::Batch) {
        if self.away(conn).is_none_or(|away| away.leaving || away.told) {
            return;
        }
        self.node.requests_of_thread(self.clock.now(), conn, batch);
        if self.node.session(conn).is_some_and(|session| session.resting) {
            // Said before the worker hears that the batch was run, and reads the next.
            self.rest_there(conn, true);
        }
        let limits = self.node.limits(conn);
        let Some(away) = self.away(conn) else { return };
        let same =
            limits.max_bulk == away.limits.max_bulk && limits.authenticated == away.limits.authenticated;
        if !same || !limits.authenticated {
            away.limits = limits;
            let worker = away.worker;
            self.threads.links[worker].to.send(ToWorker::GoOn(conn, limits));
        }
        self.ask_back(conn);
    }

    /// Hands over what waits for a client, unless its worker has not done with what it was given.
    pub(super) fn send_there(&mut self, conn: ConnId) {
        let Some(away) = self.away(conn) else { return };
        if away.under_way || away.returning {
            away.more = true;
            return;
        }
        self.hand_over(conn);
    }

    fn hand_over(&mut self, conn: ConnId) {
        let Some(outbox) = self.node.outbox(conn).filter(|outbox| !outbox.is_empty()) else { return };
        let replies = outbox.lend();
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
        self.node.stats.threaded.writes += 1;
        self.node.handle(self.clock.now(), Input::Sent(conn, bytes));
        if more {
            self.hand_over(conn);
        }
        self.node.reuse(buffer);
        self.ask_back(conn);
    }

    /// Ends a connection. What waits goes out first, unless that is not wanted.
    pub(super) fn close_there(&mut self, conn: ConnId, reason: CloseReason) {
        let Some(away) = self.away(conn) else { return };
        away.leaving = true;
        if reason == CloseReason::WhenSent {
            if away.returning {
                // It is closed when it is here.
                return;
            }
            self.hand_over(conn);
        }
        let Some(away) = self.away(conn) else { return };
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

    fn gone_there(&mut self, conn: ConnId) {
        let Some(told) = self.away(conn).map(|away| away.told) else { return };
        self.connections[conn.0 as usize] = None;
        self.ended.push(conn.0);
        if !told {
            self.node.handle(self.clock.now(), Input::Closed(conn));
        }
    }
}
