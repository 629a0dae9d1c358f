//! A thread that owns connections: reads and decodes what clients send, writes what they are answered.
//!
//! ```text
//! turn    messages of the main thread -> sockets that have bytes, or room -> sleep if there was nothing
//! ```
//!
//! Invariants: a connection's requests are sent in the order in which they came, and its replies are written in the order
//! in which they were handed over. A connection that ends is reported once, and nothing is reported of it behind that. A
//! client that has not authenticated is read one request at a time: the next only when the main thread says how.

use super::link::{Bell, Receiver, Sender};
use super::{FromWorker, ToWorker};
use crate::clock::Clock;
use crate::connection::{Connection, Read};
use crate::pace::Pace;
use crate::{figures, sys};
use conn::{Batch, Decoded, Lexicon, Outbox};
use mio::event::Event;
use mio::{Events, Interest, Poll, Token};
use node::{ConnId, Meter};
use resp::{Limits, ReplyBuffer};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The token of the bell.
pub(super) const BELL: Token = Token(usize::MAX);
/// How often the queue is looked at before sleeping, while answers are awaited.
const LOOKS: u32 = 500;
/// How many batches are kept to be filled again, and how much memory each of them may have.
const KEEP_BATCHES: usize = 64;
const KEEP_BYTES: usize = 64 * 1024;
/// How many batches of one connection the main thread may have that it has not run. Behind them the client waits, so that
/// the main thread's word to leave it unread does not come much too late.
const AHEAD: u32 = 8;
/// How much of an unfinished request the main thread gets to see.
const SHOWN: usize = 64;

/// A connection of this thread.
struct Member {
    connection: Box<Connection>,
    outbox: Outbox,
    /// How many bytes the main thread has handed over and has not been told of as sent.
    owed: usize,
    limits: Limits,
    /// How many batches the main thread has not run yet, and whether reading waits for that.
    ahead: u32,
    waits: bool,
    /// Whether the next request waits for the main thread's word.
    held: bool,
    /// Whether the stream made no sense, so that nothing behind that is read.
    broken: bool,
}

/// All that a thread has.
pub(super) struct Worker {
    pub(super) poll: Poll,
    pub(super) bell: Arc<Bell>,
    pub(super) lexicon: Arc<Lexicon>,
    clock: Clock,
    pace: Pace,
    pub(super) from_main: Receiver<ToWorker>,
    pub(super) to_main: Sender<FromWorker>,
    members: Vec<Option<Box<Member>>>,
    /// Connections to be read again.
    ready: Vec<ConnId>,
    /// Batches that were used up and can be filled again.
    #[expect(clippy::vec_box, reason = "a batch travels in its box")]
    spare: Vec<Box<Batch>>,
    /// How many batches the main thread has that it has not answered.
    awaited: u32,
    stopped: bool,
}

impl Worker {
    pub(super) fn new(
        poll: Poll,
        bell: Arc<Bell>,
        lexicon: Arc<Lexicon>,
        clock: Clock,
        from_main: Receiver<ToWorker>,
        to_main: Sender<FromWorker>,
    ) -> Worker {
        Worker {
            poll,
            bell,
            lexicon,
            clock,
            pace: Pace::default(),
            from_main,
            to_main,
            members: Vec::new(),
            ready: Vec::new(),
            spare: Vec::new(),
            awaited: 0,
            stopped: false,
        }
    }

    /// Works until told to stop.
    pub(super) fn run(&mut self) {
        let mut events = Events::with_capacity(1024);
        while !self.stopped {
            self.wait(&mut events);
            for event in &events {
                self.event(event);
            }
            self.obey();
            for conn in std::mem::take(&mut self.ready) {
                if let Some(member) = self.member(conn) {
                    member.connection.ready = false;
                    self.read(conn);
                }
            }
            self.to_main.flush();
        }
    }

    /// Waits for sockets, or for the bell, unless there is something to do already.
    fn wait(&mut self, events: &mut Events) {
        let mut looks = if self.awaited > 0 { LOOKS } else { 0 };
        while looks > 0 && self.from_main.is_empty() {
            std::hint::spin_loop();
            looks -= 1;
        }
        let idle = self.awaited == 0 && self.ready.is_empty() && self.from_main.is_empty();
        if let Some(nap) = self.pace.nap(self.clock.micros())
            && idle
        {
            sys::nap(nap);
        }
        self.bell.lie_down();
        let busy = !self.from_main.is_empty() || !self.ready.is_empty() || self.to_main.flush();
        if busy {
            self.bell.get_up();
        }
        let timeout = busy.then_some(std::time::Duration::ZERO);
        if self.poll.poll(events, timeout).is_err() {
            events.clear();
        }
        figures::POLLS.fetch_add(1, Ordering::Relaxed);
        self.bell.get_up();
    }

    fn event(&mut self, event: &Event) {
        if event.token() == BELL {
            return;
        }
        let conn = ConnId(event.token().0 as u32);
        let Some(member) = self.member(conn) else { return };
        member.connection.hung_up |= event.is_read_closed();
        if event.is_writable() && std::mem::take(&mut member.connection.full) {
            self.write(conn);
        }
        if event.is_readable() || event.is_read_closed() || event.is_error() {
            self.read(conn);
        }
    }

    fn member(&mut self, conn: ConnId) -> Option<&mut Member> {
        self.members.get_mut(conn.0 as usize)?.as_deref_mut()
    }

    /// Does what the main thread says.
    fn obey(&mut self) {
        while let Some(message) = self.from_main.take() {
            match message {
                ToWorker::Enter(conn, connection, limits) => self.enter(conn, connection, limits),
                ToWorker::Return(conn) => self.give_back(conn),
                ToWorker::Write(conn, replies) => self.take_replies(conn, replies),
                ToWorker::GoOn(conn, limits) => {
                    if let Some(member) = self.member(conn) {
                        member.limits = limits;
                        if std::mem::take(&mut member.held) {
                            self.decode(conn, None);
                        }
                    }
                }
                ToWorker::Rest(conn) => {
                    if let Some(member) = self.member(conn) {
                        member.connection.resting = true;
                    }
                }
                ToWorker::ReadOn(conn) => {
                    if let Some(member) = self.member(conn) {
                        member.connection.resting = false;
                        self.read_again(conn);
                    }
                }
                ToWorker::Ran(conn, batch) => {
                    self.awaited = self.awaited.saturating_sub(1);
                    if let Some(member) = self.member(conn) {
                        member.ahead = member.ahead.saturating_sub(1);
                        if std::mem::take(&mut member.waits) {
                            self.read_again(conn);
                        }
                    }
                    if self.spare.len() < KEEP_BATCHES && batch.bytes.capacity() <= KEEP_BYTES {
                        self.spare.push(batch);
                    }
                }
                ToWorker::CloseWhenSent(conn) => {
                    if let Some(member) = self.member(conn) {
                        member.connection.closing = true;
                        self.write(conn);
                    }
                }
                ToWorker::Close(conn) => self.gone(conn),
                ToWorker::Stop => self.stopped = true,
            }
        }
    }

    fn enter(&mut self, conn: ConnId, mut connection: Box<Connection>, limits: Limits) {
        let interest = Interest::READABLE | Interest::WRITABLE;
        if self
            .poll
            .registry()
            .register(connection.stream.source(), Token(conn.0 as usize), interest)
            .is_err()
        {
            return self.to_main.send(FromWorker::Gone(conn));
        }
        let index = conn.0 as usize;
        if self.members.len() <= index {
            self.members.resize_with(index + 1, || None);
        }
        self.members[index] = Some(Box::new(Member {
            connection,
            outbox: Outbox::default(),
            owed: 0,
            limits,
            ahead: 0,
            waits: false,
            held: false,
            broken: false,
        }));
    }

    /// Lets go of a connection. Nothing of it is under way here: the main thread asks only when it has heard that all it
    /// gave has been sent, and the bytes of a client that has authenticated never wait for its word.
    fn give_back(&mut self, conn: ConnId) {
        let Some(mut member) = self.members.get_mut(conn.0 as usize).and_then(Option::take) else { return };
        debug_assert!(member.outbox.is_empty() && member.owed == 0 && !member.held);
        let _ = self.poll.registry().deregister(member.connection.stream.source());
        self.to_main.send(FromWorker::Back(conn, member.connection));
    }

    fn read(&mut self, conn: ConnId) {
        if self.to_main.is_full() {
            // The main thread does not keep up: the bytes wait in the kernel, and the client with them.
            return self.read_again(conn);
        }
        let mut batch = self.spare.pop().unwrap_or_default();
        let Some(member) = self.members.get_mut(conn.0 as usize).and_then(Option::as_deref_mut) else {
            return;
        };
        let connection = &mut member.connection;
        if connection.closing || connection.resting || member.held || member.broken {
            let lost = connection.resting && connection.hung_up;
            self.spare.push(batch);
            // Nobody is there any more for whom what waits would be run.
            if lost {
                self.gone(conn);
            }
            return;
        }
        if member.ahead >= AHEAD {
            member.waits = true;
            return self.spare.push(batch);
        }
        self.pace.read(&mut connection.seen);
        connection.decoder.begin(&mut batch);
        let read = connection.read(&mut batch);
        let hung_up = connection.hung_up;
        if matches!(read, Read::More | Read::Drained) {
            self.decode(conn, Some(batch));
        } else {
            connection.decoder.end(&mut batch);
            batch.clear();
            self.spare.push(batch);
        }
        self.tell_held(conn);
        match read {
            Read::Gone => self.gone(conn),
            Read::Drained if hung_up => self.read_again(conn),
            Read::More => self.read_again(conn),
            Read::Drained | Read::Nothing => {}
        }
    }

    /// Tells how much unfinished input a connection holds, when that has changed.
    fn tell_held(&mut self, conn: ConnId) {
        let Some(member) = self.members.get_mut(conn.0 as usize).and_then(Option::as_deref_mut) else {
            return;
        };
        let held = member.connection.decoder.held_bytes();
        if held != member.connection.held {
            member.connection.held = held;
            let initial = member.connection.decoder.waiting();
            let initial = initial[..initial.len().min(SHOWN)].to_vec();
            self.to_main.send(FromWorker::Holds(conn, held, initial));
        }
    }

    /// Turns bytes into requests and sends them. `begun` holds bytes just read; without it, those kept from before are
    /// gone on with.
    fn decode(&mut self, conn: ConnId, begun: Option<Box<Batch>>) {
        let Some(member) = self.members.get_mut(conn.0 as usize).and_then(Option::as_deref_mut) else {
            return;
        };
        let resumed = begun.is_none();
        let mut batch = begun.unwrap_or_else(|| {
            let mut batch = self.spare.pop().unwrap_or_default();
            member.connection.decoder.begin(&mut batch);
            batch
        });
        loop {
            let decoder = &mut member.connection.decoder;
            let decoded = decoder.decode(&mut batch, &self.lexicon, &member.limits);
            decoder.end(&mut batch);
            if batch.requests.is_empty() && batch.error.is_none() {
                batch.clear();
                self.spare.push(batch);
            } else {
                self.awaited += 1;
                member.ahead += 1;
                self.to_main.send(FromWorker::Requests(conn, batch));
            }
            member.broken |= decoded == Decoded::Broken;
            if decoded != Decoded::More {
                break;
            }
            if !member.limits.authenticated {
                member.held = true;
                return;
            }
            batch = self.spare.pop().unwrap_or_default();
            member.connection.decoder.begin(&mut batch);
        }
        if resumed {
            // What came while the client was held announced itself then.
            self.read_again(conn);
        }
    }

    fn read_again(&mut self, conn: ConnId) {
        if let Some(member) = self.member(conn)
            && !std::mem::replace(&mut member.connection.ready, true)
        {
            self.ready.push(conn);
        }
    }

    fn take_replies(&mut self, conn: ConnId, mut replies: ReplyBuffer) {
        let Some(member) = self.member(conn) else { return };
        member.owed += replies.len();
        if member.outbox.is_empty() {
            member.outbox.replies = replies;
        } else {
            member.outbox.replies.append(&mut replies);
        }
        self.write(conn);
    }

    /// Writes what waits, as far as the socket takes it.
    fn write(&mut self, conn: ConnId) {
        let Some(member) = self.members.get_mut(conn.0 as usize).and_then(Option::as_deref_mut) else {
            return;
        };
        if member.connection.full {
            return;
        }
        if member.connection.write(&mut member.outbox).is_err() {
            return self.gone(conn);
        }
        if member.connection.full {
            return;
        }
        let sent = std::mem::take(&mut member.owed);
        if sent > 0 {
            let empty = std::mem::take(&mut member.outbox.replies);
            self.to_main.send(FromWorker::Sent(conn, sent, empty));
        }
        if member.connection.closing {
            self.gone(conn);
        }
    }

    /// Ends a connection and says so.
    fn gone(&mut self, conn: ConnId) {
        if self.members.get_mut(conn.0 as usize).and_then(Option::take).is_some() {
            self.to_main.send(FromWorker::Gone(conn));
        }
    }
}
