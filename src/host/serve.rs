//! The loop: wait for sockets, read, let the node work, perform what it asks for.

use crate::clock::Clock;
use crate::connection::{Connection, Read, Stream};
use conn::{Batch, Decoded};
use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};
use node::boundary::Peer;
use node::{CloseReason, ConnId, Errand, Failure, Input, Node, Output};
use std::io;
use std::time::Duration;

/// Tokens from here on are listeners; below, connections.
const LISTENERS: usize = 1 << 30;

/// A node with its sockets.
pub struct Server {
    node: Node,
    clock: Clock,
    poll: Poll,
    listeners: Vec<TcpListener>,
    connections: Vec<Option<Box<Connection>>>,
    free: Vec<u32>,
    /// Connections with more input than one turn read.
    ready: Vec<ConnId>,
    batch: Batch,
    exit: Option<i32>,
}

impl Server {
    /// A server that has not begun to serve.
    pub fn new(node: Node, clock: Clock, listeners: Vec<TcpListener>) -> io::Result<Server> {
        let poll = Poll::new()?;
        let mut listeners = listeners;
        for (i, listener) in listeners.iter_mut().enumerate() {
            poll.registry().register(listener, Token(LISTENERS + i), Interest::READABLE)?;
        }
        Ok(Server {
            node,
            clock,
            poll,
            listeners,
            connections: Vec::new(),
            free: Vec::new(),
            ready: Vec::new(),
            batch: Batch::default(),
            exit: None,
        })
    }

    /// Serves until the node asks to exit; answers the code.
    pub fn run(&mut self) -> io::Result<i32> {
        let mut events = Events::with_capacity(1024);
        loop {
            let timeout = if self.ready.is_empty() { self.until_timer() } else { Duration::ZERO };
            if let Err(error) = self.poll.poll(&mut events, Some(timeout))
                && error.kind() != io::ErrorKind::Interrupted
            {
                return Err(error);
            }
            for event in &events {
                let token = event.token().0;
                if token >= LISTENERS {
                    self.accept(token - LISTENERS);
                    continue;
                }
                let conn = ConnId(token as u32);
                if event.is_writable() && self.connection(conn).is_some_and(|c| c.full) {
                    self.send(conn);
                }
                if event.is_readable() || event.is_error() {
                    self.read(conn);
                }
            }
            for conn in std::mem::take(&mut self.ready) {
                self.read(conn);
            }
            if self.until_timer().is_zero() {
                self.node.handle(self.clock.now(), Input::Timeout);
            }
            self.perform();
            if let Some(code) = self.exit {
                return Ok(code);
            }
        }
    }

    fn until_timer(&self) -> Duration {
        let (at, _) = self.node.poll_timeout();
        Duration::from_micros(at.saturating_sub(self.clock.now().mono_us))
    }

    fn connection(&mut self, conn: ConnId) -> Option<&mut Connection> {
        self.connections.get_mut(conn.0 as usize)?.as_deref_mut()
    }

    fn accept(&mut self, listener: usize) {
        // Edge-triggered: everyone who waits is let in before the listener is asked again.
        while let Ok((mut stream, remote)) = self.listeners[listener].accept() {
            let index = self.free.pop().unwrap_or_else(|| {
                self.connections.push(None);
                self.connections.len() as u32 - 1
            });
            let local = stream.local_addr().unwrap_or(remote);
            let _ = stream.set_nodelay(true);
            let interest = Interest::READABLE | Interest::WRITABLE;
            if self.poll.registry().register(&mut stream, Token(index as usize), interest).is_err() {
                self.free.push(index);
                continue;
            }
            self.connections[index as usize] = Some(Box::new(Connection::new(Stream::Tcp(stream))));
            let peer = Peer::Tcp { remote, local };
            self.node.handle(self.clock.now(), Input::Accepted(ConnId(index), peer));
        }
    }

    fn read(&mut self, conn: ConnId) {
        let Some(connection) = self.connections.get_mut(conn.0 as usize).and_then(Option::as_deref_mut) else {
            return;
        };
        if connection.closing {
            return;
        }
        connection.decoder.begin(&mut self.batch);
        let read = connection.read(&mut self.batch);
        let now = self.clock.now();
        loop {
            let limits = self.node.limits(conn);
            let decoded = connection.decoder.decode(&mut self.batch, &self.node.lexicon, &limits);
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
        match read {
            Read::More => self.ready.push(conn),
            Read::Gone => self.gone(conn),
            Read::Drained | Read::Nothing => {}
        }
    }

    fn gone(&mut self, conn: ConnId) {
        if self.connections.get_mut(conn.0 as usize).and_then(Option::take).is_some() {
            self.free.push(conn.0);
            self.node.handle(self.clock.now(), Input::Closed(conn));
        }
    }

    fn send(&mut self, conn: ConnId) {
        let Some(connection) = self.connections.get_mut(conn.0 as usize).and_then(Option::as_deref_mut) else {
            return;
        };
        let Some(outbox) = self.node.outbox(conn) else { return };
        let result = connection.write(outbox);
        let done = connection.closing && !connection.full;
        match result {
            Ok(bytes) => {
                self.node.handle(self.clock.now(), Input::Sent(conn, bytes));
                if done {
                    self.gone(conn);
                }
            }
            Err(_) => self.gone(conn),
        }
    }

    /// Performs what the node asks for, in order.
    fn perform(&mut self) {
        while let Some(output) = self.node.next_output() {
            match output {
                Output::Send(conn) => self.send(conn),
                Output::Close(conn, reason) => self.close(conn, reason),
                Output::Free(records) => drop(records),
                Output::Perform(errand) => {
                    let result = self.errand(&errand);
                    self.node.handle(self.clock.now(), Input::Performed(result));
                }
                Output::Log(line) => eprintln!("{} {}", line.level.mark(), line.text),
                Output::Exit(code) => self.exit = Some(code),
            }
        }
    }

    /// Does what a client waits for.
    fn errand(&self, errand: &Errand) -> Result<(), Failure> {
        match errand {
            #[expect(clippy::disallowed_methods, reason = "it was asked for")]
            Errand::Sleep(micros) => std::thread::sleep(Duration::from_micros(*micros)),
            Errand::PurgeMemory => crate::figures::purge(),
            Errand::Configure(_) | Errand::RewriteConfig { .. } => {
                return Err(Failure { directive: None, text: "Not supported yet".into() });
            }
        }
        Ok(())
    }

    fn close(&mut self, conn: ConnId, reason: CloseReason) {
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
