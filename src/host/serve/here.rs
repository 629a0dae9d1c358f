//! Connections that this thread serves: they come in, are read and written, and go. What workers serve is `away.rs`.

use super::{Place, Server};
use crate::connection::{Connection, Read, Stream};
use crate::listen::{Accept, Listener};
use crate::{log, sys};
use base::log::Line;
use conn::Decoded;
use mio::{Interest, Token};
use node::boundary::Peer;
use node::{CloseReason, ConnId, Input};

/// A listener, and whether clients may wait there.
pub(super) struct Door {
    pub(super) listener: Listener,
    pub(super) waiting: bool,
    /// Whether clients wait that there was no room for. They are asked in again when the timer comes.
    pub(super) crowded: bool,
}

impl Door {
    /// A listener at which nobody has waited yet.
    pub(super) fn new(listener: Listener) -> Door {
        Door { listener, waiting: false, crowded: false }
    }
}

impl Server {
    /// A connection that this thread serves.
    pub(super) fn connection(&mut self, conn: ConnId) -> Option<&mut Connection> {
        here(&mut self.connections, conn)
    }

    /// Lets in who waits, a few each turn, so that those who are in are served meanwhile.
    pub(super) fn accept(&mut self) {
        for door in 0..self.doors.len() {
            let most = self.node.config.network.max_new_connections_per_cycle;
            for _ in 0..most {
                let Door { listener, waiting, crowded } = &mut self.doors[door];
                if !*waiting {
                    break;
                }
                match listener.accept(&self.node.config) {
                    Accept::Client(stream, peer) => self.enter(stream, peer),
                    Accept::Lost => {}
                    Accept::Nobody => *waiting = false,
                    Accept::NoRoom(error) => {
                        (*waiting, *crowded) = (false, true);
                        let text = format!("Accepting client connection: accept: {}", sys::reason(&error));
                        log::write(&self.node.config, &Line::warning(text));
                    }
                }
            }
        }
    }

    /// Takes a client in.
    fn enter(&mut self, mut stream: Stream, peer: Peer) {
        let index = self.free.pop().unwrap_or_else(|| {
            self.connections.push(None);
            self.connections.len() as u32 - 1
        });
        let interest = Interest::READABLE | Interest::WRITABLE;
        if self.poll.registry().register(stream.source(), Token(index as usize), interest).is_err() {
            self.free.push(index);
            return;
        }
        self.connections[index as usize] = Some(Place::Here(Box::new(Connection::new(stream))));
        self.node.handle(self.clock.now(), Input::Accepted(ConnId(index), peer));
    }

    /// Reads what a client has sent, as far as one turn reads, and has the node run it.
    pub(super) fn read(&mut self, conn: ConnId) {
        if let Some(worker) = self.shares.place(conn)
            && self.move_there(conn, worker)
        {
            return;
        }
        let Some(connection) = here(&mut self.connections, conn) else { return };
        if connection.closing || connection.resting {
            // Nobody is there any more for whom what waits would be run.
            let lost = connection.resting && connection.hung_up;
            if lost {
                self.gone(conn);
            }
            return;
        }
        self.pace.read(&mut connection.seen);
        connection.decoder.begin(&mut self.batch);
        let read = connection.read(&mut self.batch);
        if matches!(read, Read::More | Read::Drained) {
            let now = self.clock.now();
            loop {
                let limits = self.node.limits(conn);
                let foresee = self.node.foresee(conn);
                let decoded =
                    connection.decoder.decode_with(&mut self.batch, &self.node.lexicon, &limits, foresee);
                connection.decoder.end(&mut self.batch);
                if !self.batch.requests.is_empty() || self.batch.error.is_some() {
                    self.node.requests(now, conn, &mut self.batch);
                }
                self.batch.clear();
                if decoded != Decoded::More {
                    break;
                }
                connection.decoder.begin(&mut self.batch);
            }
        } else {
            connection.decoder.end(&mut self.batch);
            self.batch.clear();
        }
        let held = connection.decoder.held_bytes();
        if held != connection.held {
            connection.held = held;
            self.node.holds(conn, held, connection.decoder.waiting());
        }
        match read {
            Read::Gone => self.gone(conn),
            // The end of the stream was announced together with the bytes, and will not be announced again.
            Read::Drained if connection.hung_up => self.read_again(conn),
            Read::More => self.read_again(conn),
            Read::Drained | Read::Nothing => {}
        }
    }

    /// Has a connection read in the next turn.
    pub(super) fn read_again(&mut self, conn: ConnId) {
        if let Some(connection) = self.connection(conn)
            && !std::mem::replace(&mut connection.ready, true)
        {
            self.ready.push(conn);
        }
    }

    /// Forgets a connection, and tells the node.
    pub(super) fn gone(&mut self, conn: ConnId) {
        if self.connections.get_mut(conn.0 as usize).and_then(Option::take).is_some() {
            self.ended.push(conn.0);
            self.node.handle(self.clock.now(), Input::Closed(conn));
        }
    }

    /// Writes what waits, unless the socket is known to be full: then the poller says when to go on.
    pub(super) fn send(&mut self, conn: ConnId) {
        let Some(connection) = here(&mut self.connections, conn) else { return };
        if connection.full {
            return;
        }
        let Some(outbox) = self.node.outbox(conn) else { return };
        match connection.write(outbox) {
            Ok(bytes) => {
                let done = connection.closing && !connection.full;
                self.node.handle(self.clock.now(), Input::Sent(conn, bytes));
                if done {
                    self.gone(conn);
                }
            }
            Err(_) => self.gone(conn),
        }
    }

    /// Leaves unread what a client sends, or reads it again.
    pub(super) fn rest(&mut self, conn: ConnId, resting: bool) {
        match self.connection(conn) {
            Some(connection) => connection.resting = resting,
            None => return self.rest_there(conn, resting),
        }
        if !resting {
            self.read_again(conn);
        }
    }

    /// Closes a connection, now or when what waits has been written.
    pub(super) fn close(&mut self, conn: ConnId, reason: CloseReason) {
        let waits = self.node.outbox(conn).is_some_and(|outbox| !outbox.is_empty());
        match self.connection(conn) {
            Some(connection) if reason == CloseReason::WhenSent && waits => {
                connection.closing = true;
                self.send(conn);
            }
            Some(_) => self.gone(conn),
            None => {}
        }
    }
}

/// A connection that this thread serves. A function of the one field, so that the others can be used meanwhile.
#[inline]
pub(super) fn here(connections: &mut [Option<Place>], conn: ConnId) -> Option<&mut Connection> {
    match connections.get_mut(conn.0 as usize)? {
        Some(Place::Here(connection)) => Some(connection),
        _ => None,
    }
}
