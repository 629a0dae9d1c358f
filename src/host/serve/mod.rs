//! The loop: wait for sockets, read, let the node work, perform what it asks for.
//!
//! ```text
//! turn    wait -> read each socket that has bytes, run its requests -> accept -> timer -> perform outputs
//!      or hear what the workers read, run it                        -> timer -> perform outputs
//! ```
//!
//! A connection is served `Here`, by this thread (`here.rs`), or `There`, by one of `io-threads`: `shares.rs` says which,
//! `away.rs` moves it. Every connection begins here. While the workers serve all and keep this thread busy, it asks the system about its
//! own sockets only now and then.
//!
//! All requests of a turn run before the first reply is written, so that a reply leaves with those that follow it.
//!
//! Invariants: sockets are watched by edge, so whoever may have more to read stands in `ready`, and whoever has more to
//! write is `full` or has an output waiting. A number of a connection is given out again only when no output can name the
//! old one any more: behind the turn in which it ended.

mod away;
mod durable;
mod errands;
mod here;
mod jobs;
mod loading;
mod perform;
mod shares;
#[cfg(test)]
mod tests;

use crate::background::Background;
use crate::clock::Clock;
use crate::connection::Connection;
use crate::crash;
use crate::group::Group;
use crate::listen::Listeners;
use crate::pace::Pace;
use crate::persist::aof::AppendOnly;
use crate::signals::{Signal, Signals};
use crate::standing::{Standing, affinity};
use crate::sys;
use crate::threads::Threads;
use away::Away;
use config::Config;
use conn::Batch;
use here::Door;
use mio::event::Event;
use mio::{Events, Interest, Poll, Token, Waker};
use node::aof::load::Loading as Commands;
use node::{ConnId, Input, Meter, Node};
use shares::{Allowed, Seen, Shares};
use std::io;
use std::time::Duration;

/// Tokens from here on are listeners; below, connections.
const LISTENERS: usize = 1 << 30;
/// The token of the bell that workers ring.
const BELL: Token = Token(usize::MAX);
/// The token of the pipe that signals come through.
const SIGNALS: Token = Token(usize::MAX - 1);
/// The token of the pipe that a child tells through.
const CHILD: Token = Token(usize::MAX - 2);
/// The token of the pipe that tells of syncs.
const SYNCED: Token = Token(usize::MAX - 3);

/// While workers serve all and bring work, every so many turns look after this thread's own sockets.
const LOOK_EVERY: u32 = 16;
/// How often the workers' queues are looked at before sleeping, when they were busy just now.
const LOOKS: u32 = 500;
/// When so many bytes wait to be sent they go before more is read: they are still in the processor's cache then, and the
/// memory that they leave, still warm, serves the next replies.
const WARM: usize = 64 * 1024;

/// Where a connection is served.
enum Place {
    /// By this thread.
    Here(Box<Connection>),
    /// By a worker.
    There(Away),
}

/// A node with its sockets.
pub struct Server {
    node: Node,
    clock: Clock,
    poll: Poll,
    doors: Vec<Door>,
    signals: Signals,
    threads: Threads,
    /// The settings that the sockets and threads follow: those of the node, except while it tries new ones.
    followed: Config,
    connections: Vec<Option<Place>>,
    free: Vec<u32>,
    /// Numbers of connections that ended in this turn.
    ended: Vec<u32>,
    /// Connections with more input than one turn read.
    ready: Vec<ConnId>,
    batch: Batch,
    background: Background,
    append_only: AppendOnly,
    exit: Option<i32>,
    pace: Pace,
    group: Group,
    shares: Shares,
    /// Processors that this process may use.
    processors: usize,
    /// How long this turn has waited, in microseconds.
    waited_us: u64,
    /// The child at work.
    child: Option<jobs::Running>,
    /// The file that is being loaded.
    loading: Option<loading::Loading>,
    /// The append-only files that are being loaded.
    commands: Option<Commands>,
    /// When their next piece is due, in microseconds: a test may want them slow.
    commands_due_us: u64,
    standing: Standing,
}

impl Server {
    /// A server that has not begun to serve.
    pub fn new(
        node: Node,
        clock: Clock,
        listeners: Listeners,
        mut signals: Signals,
        standing: Standing,
    ) -> io::Result<Server> {
        let poll = Poll::new()?;
        let mut doors = Vec::new();
        for (i, mut listener) in listeners.all.into_iter().enumerate() {
            listener.register(poll.registry(), Token(LISTENERS + i))?;
            doors.push(Door::new(listener));
        }
        poll.registry().register(&mut signals.pipe, SIGNALS, Interest::READABLE)?;
        let mut append_only = AppendOnly::new(&node.config.process.bio_cpulist)?;
        poll.registry().register(append_only.bell(), SYNCED, Interest::READABLE)?;
        let mut threads =
            Threads::none(Waker::new(poll.registry(), BELL)?, &node.config.process.server_cpulist);
        threads.have(node.config.process.io_threads as usize - 1, &node.lexicon, &clock)?;
        Ok(Server {
            clock,
            poll,
            doors,
            signals,
            threads,
            followed: node.config.clone(),
            connections: Vec::new(),
            free: Vec::new(),
            ended: Vec::new(),
            ready: Vec::new(),
            batch: Batch::default(),
            append_only,
            background: Background::start(&node.config.process.bio_cpulist)?,
            node,
            exit: None,
            pace: Pace::default(),
            group: Group::default(),
            shares: Shares::new(),
            processors: 1,
            waited_us: 0,
            child: None,
            loading: None,
            commands: None,
            commands_due_us: 0,
            standing,
        })
    }

    /// Loads what is on the disk, and tells clients meanwhile to come later. Answers the code if the process is to end.
    pub fn load(&mut self) -> io::Result<Option<i32>> {
        self.begin_commands();
        self.node.handle(self.clock.now(), Input::Begin);
        self.perform();
        if let Some(code) = self.exit {
            return Ok(Some(code));
        }
        if !self.node.is_loading() {
            return Ok(None);
        }
        self.turn_until(|server| !server.node.is_loading())
    }

    /// Serves until the node asks to exit; answers the code.
    pub fn run(&mut self) -> io::Result<i32> {
        self.turn_until(|_| false).map(Option::unwrap_or_default)
    }

    /// Serves until there is no more need to, or the node asks to exit; answers the code.
    fn turn_until(&mut self, done: impl Fn(&Server) -> bool) -> io::Result<Option<i32>> {
        let mut events = Events::with_capacity(1024);
        sys::be_punctual();
        // Only now, so that threads of other kinds have not inherited it.
        affinity::pin(&self.node.config.process.server_cpulist);
        self.processors = sys::processors();
        // A server that the system may end sooner or later than one would like serves all the same.
        let _ = self.standing.set_score(&self.node.config);
        crash::show(&raw const self.node);
        let (mut heard, mut turn, mut commands) = (false, 0u32, self.node.stats.processed);
        let mut began = self.clock.micros();
        self.share_out(began);
        loop {
            heard = self.hear() || (heard && self.await_workers() && self.hear());
            turn = turn.wrapping_add(1);
            if !heard || self.shares.keeps_some() || turn % LOOK_EVERY == 0 {
                self.look(&mut events, heard)?;
            }
            let (due, _) = self.node.poll_timeout();
            if due <= self.clock.micros() {
                self.timer();
            }
            if self.loading.is_some() {
                self.load_slice();
            }
            if self.commands.is_some() {
                self.load_commands();
            }
            if self.node.awaits_sync() {
                self.gather(&mut events, commands)?;
            }
            self.perform();
            self.free.append(&mut self.ended);
            let ended = self.clock.micros();
            let waited = std::mem::take(&mut self.waited_us);
            commands = self.node.stats.processed;
            self.node.stats.turns.add((ended - began).saturating_sub(waited), commands);
            began = ended;
            if ended >= self.shares.due_us() {
                self.share_out(ended);
            }
            if let Some(code) = self.exit {
                self.end_child_now();
                crash::show(std::ptr::null());
                self.threads.stop();
                return Ok(Some(code));
            }
            if done(self) {
                return Ok(None);
            }
        }
    }

    /// Waits for this thread's sockets, or asks only what there is if it is `busy`, and serves them.
    fn look(&mut self, events: &mut Events, busy: bool) -> io::Result<()> {
        let before = self.clock.micros();
        if !busy
            && !self.shares.active()
            && let Some(nap) = self.pace.nap(before)
            && !self.patience().is_zero()
        {
            sys::nap(nap);
        }
        let patience = if busy { Duration::ZERO } else { self.lie_down() };
        let polled = self.poll.poll(events, Some(patience));
        self.threads.bell.get_up();
        self.waited_us += self.clock.micros() - before;
        match polled {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            Err(_) => return Ok(()),
            Ok(()) => {}
        }
        self.attend(events);
        Ok(())
    }

    /// Serves what the poller has told of.
    fn attend(&mut self, events: &Events) {
        let ready = std::mem::take(&mut self.ready);
        for event in events {
            self.event(event);
            if self.node.queued() >= WARM {
                self.perform();
            }
        }
        for conn in ready {
            if let Some(connection) = self.connection(conn) {
                connection.ready = false;
                self.read(conn);
            }
        }
        self.accept();
    }

    /// Looks at how the work goes, and decides who does which part of it from now on.
    fn share_out(&mut self, now_us: u64) {
        let (stats, process) = (&self.node.stats, &self.node.config.process);
        self.shares.allow(Allowed {
            workers: process.io_threads as usize - 1,
            processors: self.processors,
            connections: self.connections.len() - self.free.len(),
            each: process.events_per_io_thread as usize,
        });
        self.shares.look(Seen {
            at_us: now_us,
            // A command costs about as much as some hundred bytes of it.
            work: stats.processed + (stats.bytes_in + stats.bytes_out) / 256,
            busy_us: stats.turns.micros,
            processor_us: crate::figures::processor_time(),
        });
        self.node.process.io_threads_active = self.shares.active();
    }

    /// Makes ready to sleep, and tells how long.
    fn lie_down(&mut self) -> Duration {
        let patience = self.patience();
        if self.threads.links.is_empty() || patience.is_zero() {
            return patience;
        }
        self.threads.bell.lie_down();
        if self.threads.waiting() || self.threads.flush() { Duration::ZERO } else { patience }
    }

    /// How long to wait for sockets.
    fn patience(&self) -> Duration {
        if !self.ready.is_empty() || self.doors.iter().any(|door| door.waiting) {
            return Duration::ZERO;
        }
        let (due, _) = self.node.poll_timeout();
        let due = self.loading.as_ref().map_or(due, |loading| due.min(loading.due_us));
        let due = self.commands.as_ref().map_or(due, |_| due.min(self.commands_due_us));
        Duration::from_micros(due.saturating_sub(self.clock.micros()))
    }

    fn event(&mut self, event: &Event) {
        match event.token() {
            SIGNALS => self.signalled(),
            SYNCED => self.synced_aside(),
            CHILD => self.hear_child(),
            BELL => {}
            Token(token) if token >= LISTENERS => {
                if let Some(door) = self.doors.get_mut(token - LISTENERS) {
                    door.waiting = true;
                }
            }
            Token(token) => {
                let conn = ConnId(token as u32);
                let Some(connection) = self.connection(conn) else { return };
                connection.hung_up |= event.is_read_closed();
                if event.is_writable() && std::mem::take(&mut connection.full) {
                    self.send(conn);
                }
                if event.is_readable() || event.is_read_closed() || event.is_error() {
                    self.read(conn);
                }
            }
        }
    }

    fn signalled(&mut self) {
        while let Some(signal) = self.signals.take() {
            let process = &self.node.config.process;
            let how = match signal {
                Signal::Interrupt => process.shutdown_on_sigint,
                Signal::Terminate => process.shutdown_on_sigterm,
            };
            self.node.handle(self.clock.now(), Input::Terminate(how));
        }
    }

    fn timer(&mut self) {
        crash::wind_watchdog();
        self.clock.set_distance();
        for door in &mut self.doors {
            door.waiting |= std::mem::take(&mut door.crowded);
        }
        self.node.handle(self.clock.now(), Input::Timeout);
    }
}
