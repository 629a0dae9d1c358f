//! A world: one node, its clients, and the order of events.
//!
//! The next event is the earliest of: a piece of some client's bytes arrives, some connection takes more output, the
//! node's timer is due. After each of them the node's outputs are performed in order, as `host` does, and what must always
//! hold is checked, if the world is [`World::checked`].

use crate::clock::SimClock;
use crate::disk::{self, CHILD, Disk};
use crate::pipe::{Network, Pipe};
use crate::reply::Reply;
use crate::shelf::Shelf;
use crate::trace::Trace;
use base::log::Line;
use base::rng::Rng;
use config::Config;
use conn::{Batch, Decoded};
use node::aof::load::Refused;
use node::boundary::{Files, Garbage, Peer};
use node::node::{Boot, Process};
use node::{CloseReason, ConnId, Errand, Failure, Input, Job, Node, Output, Started};

/// A client, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client(usize);

/// A world.
pub struct World {
    /// The node.
    pub node: Node,
    /// The clock and the meter.
    pub clock: SimClock,
    /// How bytes travel.
    pub network: Network,
    /// What happened.
    pub trace: Trace,
    /// What the node wrote to its log.
    pub log: Vec<Line>,
    /// Whether invariants are checked after each event.
    pub checked: bool,
    /// Whether what is to be freed is kept for now.
    pub keep_garbage: bool,
    /// How long an errand takes, in microseconds.
    pub errand_us: u64,
    /// The code with which the node asked to end.
    pub exit: Option<i32>,
    /// How long a sync in the background takes, in microseconds.
    pub sync_us: u64,
    /// The files of the node, which outlive it.
    pub shelf: Shelf,
    /// Syncs in the background: when they end, and of which file they are.
    syncs: Vec<(u64, Option<usize>)>,
    garbage: Vec<Garbage>,
    errands: Vec<(u64, Errand)>,
    /// What is done with snapshots.
    pub disk: Disk,
    pipes: Vec<Pipe>,
    rng: Rng,
    batch: Batch,
}

impl World {
    /// A world whose node keeps append-only files on this shelf, and has loaded what stands there; or why it does not.
    pub fn on(seed: u64, config: Config, shelf: Shelf) -> Result<World, Vec<Line>> {
        let mut world = World::with(seed, config);
        world.shelf = shelf;
        let loaded = world.load_commands();
        world.perform();
        loaded.map(|()| world).map_err(|refused| refused.0)
    }

    /// Loads what stands on the shelf.
    fn load_commands(&mut self) -> Result<(), Refused> {
        let now = self.clock.now();
        let mut loading = self.node.survey_aof(now, &mut self.shelf)?;
        while let Some(loading) = &mut loading
            && loading.step(now, &mut self.node, &mut self.shelf)?
        {}
        self.node.open_aof(now, &mut self.shelf, loading.as_ref())
    }

    /// Loads it again, in the place of the data.
    fn load_again(&mut self) {
        self.node.empty_for_reload(self.clock.now());
        if let Err(Refused(lines)) = self.load_commands() {
            self.log.extend(lines);
            self.exit = Some(1);
        }
    }

    /// A world whose node begins with the snapshot on this shelf.
    pub fn with_snapshot(seed: u64, config: Config, shelf: Shelf) -> World {
        let mut world = World::with(seed, config);
        world.shelf = shelf;
        world.begin();
        world.advance(1);
        world
    }

    /// The snapshot file.
    pub fn snapshot(&self) -> Option<&[u8]> {
        self.shelf.read_whole(&self.node.config.snapshot.dbfilename)
    }

    /// Puts a snapshot file on the shelf.
    pub fn put_snapshot(&mut self, file: Vec<u8>) {
        self.shelf.put(&self.node.config.snapshot.dbfilename, file);
    }

    /// A world of default settings.
    pub fn new(seed: u64) -> World {
        World::with(seed, Config::default())
    }

    /// A world whose node has these settings.
    pub fn with(seed: u64, config: Config) -> World {
        let (clock, mut rng) = (SimClock::new(), Rng::seed(seed));
        let boot = Boot { config, seed: rng.next_u64(), process: Process::default() };
        let node = Node::new(boot, clock.now());
        World {
            node,
            clock,
            network: Network { largest_piece: 64 * 1024, longest_delay_us: 0 },
            trace: Trace::new(),
            log: Vec::new(),
            checked: true,
            keep_garbage: false,
            errand_us: 0,
            exit: None,
            sync_us: 0,
            shelf: Shelf::default(),
            syncs: Vec::new(),
            garbage: Vec::new(),
            errands: Vec::new(),
            disk: Disk::default(),
            pipes: Vec::new(),
            rng,
            batch: Batch::default(),
        }
    }

    /// Lets bytes be cut into pieces of up to `largest_piece` and take up to `longest_delay_us` each.
    pub fn cut(mut self, largest_piece: usize, longest_delay_us: u64) -> World {
        self.network = Network { largest_piece, longest_delay_us };
        self
    }

    /// A new client. A number is never used again, so that what happened to a client can be asked after its end.
    pub fn client(&mut self) -> Client {
        let index = self.pipes.len();
        self.pipes.push(Pipe::new());
        let port = 10_000 + (index % 50_000) as u16;
        let peer = Peer::Tcp { remote: ([127, 0, 0, 1], port).into(), local: ([127, 0, 0, 1], 6379).into() };
        self.note("accept", index, b"");
        self.node.handle(self.clock.now(), Input::Accepted(ConnId(index as u32), peer));
        self.perform();
        Client(index)
    }

    /// Sends bytes as they are.
    pub fn send_raw(&mut self, client: Client, bytes: &[u8]) {
        let at = self.time_us() + self.network.delay(&mut self.rng);
        let pipe = &mut self.pipes[client.0];
        if pipe.outward.is_empty() {
            pipe.arrives_us = at;
        }
        pipe.outward.extend(bytes);
    }

    /// Sends a command of words that are separated by spaces.
    pub fn send(&mut self, client: Client, command: &str) {
        let words: Vec<&[u8]> = command.split(' ').map(str::as_bytes).collect();
        self.send_words(client, &words);
    }

    /// Sends a command.
    pub fn send_words(&mut self, client: Client, words: &[&[u8]]) {
        let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
            bytes.extend_from_slice(word);
            bytes.extend_from_slice(b"\r\n");
        }
        self.send_raw(client, &bytes);
    }

    /// Sends a command and waits for its reply, at most a minute.
    pub fn ask(&mut self, client: Client, command: &str) -> Reply {
        self.send(client, command);
        let until = self.time_us() + 60_000_000;
        loop {
            if let Some(reply) = self.receive(client) {
                return reply;
            }
            assert!(!self.ended(client), "the connection ended instead of a reply to {command}");
            assert!(self.step(until), "no reply to {command}");
        }
    }

    /// A reply that has arrived.
    pub fn receive(&mut self, client: Client) -> Option<Reply> {
        Reply::take(&mut self.pipes[client.0].inbox)
    }

    /// All bytes that have arrived.
    pub fn received(&mut self, client: Client) -> Vec<u8> {
        self.pipes[client.0].inbox.drain(..).collect()
    }

    /// Lets a client take no more than so many bytes before it reads.
    pub fn set_room(&mut self, client: Client, room: usize) {
        self.pipes[client.0].room = room;
    }

    /// Whether a connection has ended.
    pub fn ended(&self, client: Client) -> bool {
        self.pipes[client.0].ended
    }

    /// A client goes away.
    pub fn leave(&mut self, client: Client) {
        self.gone(client.0);
        self.perform();
    }

    /// The time since the world began, in microseconds.
    pub fn time_us(&self) -> u64 {
        self.clock.now().mono_us
    }

    /// Lets so many milliseconds pass, with all that happens in them.
    pub fn advance(&mut self, ms: u64) {
        let until = self.time_us() + ms * 1000;
        while self.step(until) {}
        self.clock.move_to(until);
    }

    /// Lets everything arrive that is on its way, with no more time than that takes.
    pub fn settle(&mut self) {
        let busy = |pipe: &Pipe| pipe.next_event_us().is_some();
        while !self.is_over() && (self.pipes.iter().any(busy) || !self.errands.is_empty()) {
            self.step(u64::MAX);
        }
    }

    /// Frees what was kept.
    pub fn free_garbage(&mut self) {
        for garbage in std::mem::take(&mut self.garbage) {
            self.free(garbage);
        }
    }

    /// The next event, if it is not after `until`.
    fn step(&mut self, until: u64) -> bool {
        let timer = self.node.poll_timeout().0.max(self.time_us());
        let errand = self.errands.first().map_or(u64::MAX, |(at, _)| *at);
        let pipe =
            self.pipes.iter().enumerate().filter_map(|(i, pipe)| Some((pipe.next_event_us()?, i))).min();
        let (pipe_us, index) = pipe.unwrap_or((u64::MAX, 0));
        let disk = self.disk.next_event_us(self.node.is_loading()).max(self.time_us());
        let sync = self.syncs.first().map_or(u64::MAX, |(at, _)| *at);
        let at = pipe_us.min(timer).min(errand).min(disk).min(sync);
        if at > until || self.is_over() {
            return false;
        }
        self.clock.move_to(at);
        if at == errand {
            self.answer_errand();
        } else if at == disk {
            self.hear_disk();
        } else if at == sync {
            let (_, file) = self.syncs.remove(0);
            let result = self.shelf.sync_one(file);
            self.node.handle(self.clock.now(), Input::SyncedAside(result));
        } else if at == pipe_us {
            match self.pipes[index].takes_output_us() {
                Some(when) if when == pipe_us => self.write(index),
                _ => self.read(index),
            }
        } else {
            self.note("timer", 0, b"");
            self.node.handle(self.clock.now(), Input::Timeout);
        }
        self.perform();
        if self.checked {
            self.node.check_invariants();
        }
        true
    }

    /// A piece of a client's bytes arrives: the same steps as when a socket is read.
    fn read(&mut self, index: usize) {
        let conn = ConnId(index as u32);
        let pipe = &mut self.pipes[index];
        let mut piece = self.network.piece(&mut self.rng, pipe.outward.len());
        pipe.decoder.begin(&mut self.batch);
        let bytes: Vec<u8> = match pipe.decoder.receiving() {
            Some(builder) if builder.remaining() > 0 => {
                let space = builder.unfilled_mut();
                piece = piece.min(space.len());
                let bytes: Vec<u8> = pipe.outward.drain(..piece).collect();
                space[..piece].copy_from_slice(&bytes);
                builder.advance(piece);
                bytes
            }
            _ => {
                let bytes: Vec<u8> = pipe.outward.drain(..piece).collect();
                self.batch.bytes.extend_from_slice(&bytes);
                bytes
            }
        };
        pipe.arrives_us = self.clock.now().mono_us + self.network.delay(&mut self.rng);
        self.trace.event(self.clock.now().mono_us, "read", index as u32, &bytes);
        let now = self.clock.now();
        loop {
            let limits = self.node.limits(conn);
            let decoded = pipe.decoder.decode(&mut self.batch, &self.node.lexicon, &limits);
            pipe.decoder.end(&mut self.batch);
            if !self.batch.requests.is_empty() || self.batch.error.is_some() {
                self.node.requests(now, conn, &mut self.batch);
            }
            self.batch.clear();
            if decoded != Decoded::More {
                break;
            }
            pipe.decoder.begin(&mut self.batch);
        }
        let held = pipe.decoder.held_bytes();
        if held != pipe.held {
            pipe.held = held;
            self.node.holds(conn, held, pipe.decoder.waiting());
        }
    }

    /// A connection takes output: a piece of what waits, as far as the client has room for it.
    fn write(&mut self, index: usize) {
        let conn = ConnId(index as u32);
        let pipe = &mut self.pipes[index];
        pipe.writable_us = None;
        let Some(outbox) = self.node.outbox(conn) else { return };
        let waiting = outbox.waiting();
        if waiting > 0 {
            let room = pipe.room.saturating_sub(pipe.inbox.len());
            let piece = self.network.piece(&mut self.rng, waiting).min(room);
            let bytes: Vec<u8> = outbox.pieces().flatten().copied().take(piece).collect();
            outbox.advance(piece);
            pipe.inbox.extend(&bytes);
            if piece < waiting {
                pipe.writable_us = Some(self.clock.now().mono_us + self.network.delay(&mut self.rng));
            }
            self.trace.event(self.clock.now().mono_us, "write", index as u32, &bytes);
            self.node.handle(self.clock.now(), Input::Sent(conn, piece));
        }
        if self.pipes[index].closing && self.pipes[index].writable_us.is_none() {
            self.gone(index);
        }
    }

    fn gone(&mut self, index: usize) {
        if !std::mem::replace(&mut self.pipes[index].ended, true) {
            self.note("end", index, b"");
            self.node.handle(self.clock.now(), Input::Closed(ConnId(index as u32)));
        }
    }

    /// Whether nothing happens any more: the node has ended, or the power has gone.
    pub fn is_over(&self) -> bool {
        self.exit.is_some() || self.shelf.is_dead()
    }

    /// Performs what the node asks for, in order, up to the end.
    fn perform(&mut self) {
        while !self.is_over()
            && let Some(output) = self.node.next_output()
        {
            match output {
                Output::Send(conn) => self.write(conn.0 as usize),
                Output::Close(conn, reason) => self.close(conn, reason),
                Output::TurnAway(conn, text) => {
                    self.pipes[conn.0 as usize].inbox.extend(text);
                    self.gone(conn.0 as usize);
                }
                Output::Rest(conn) => self.pipes[conn.0 as usize].resting = true,
                Output::ReadOn(conn) => self.pipes[conn.0 as usize].resting = false,
                Output::Free(garbage) if self.keep_garbage => self.garbage.push(garbage),
                Output::Free(garbage) => self.free(garbage),
                Output::Append(bytes) => {
                    let appended = self.shelf.append(bytes);
                    self.node.handle(self.clock.now(), Input::Appended(appended));
                }
                Output::Sync => {
                    let result = self.shelf.sync();
                    self.node.handle(self.clock.now(), Input::Synced(result));
                }
                Output::SyncAside => {
                    self.syncs.push((self.time_us() + self.sync_us, self.shelf.appended_to()));
                }
                Output::Files(steps) => {
                    let result = self.shelf.take(&steps);
                    self.node.handle(self.clock.now(), Input::Filed(result));
                }
                Output::Start(job) => self.start(job),
                Output::Stop(job) => {
                    self.disk.stop();
                    if job == Job::Rewrite {
                        self.hear_child();
                    }
                }
                Output::Load => {
                    let opened = self.disk.open(self.shelf.read_whole(&self.node.config.snapshot.dbfilename));
                    self.node.handle(self.clock.now(), Input::Opened(opened));
                }
                Output::LoadAof => self.load_again(),
                Output::Perform(errand) => self.errands.push((self.time_us() + self.errand_us, errand)),
                Output::Log(line) => {
                    self.note("log", 0, line.text.as_bytes());
                    self.log.push(line);
                }
                Output::GoOn => {}
                Output::Exit(code) => self.exit = Some(code),
            }
        }
    }

    fn close(&mut self, conn: ConnId, reason: CloseReason) {
        let index = conn.0 as usize;
        let waits = self.node.outbox(conn).is_some_and(|outbox| !outbox.is_empty());
        if reason == CloseReason::WhenSent && waits {
            self.pipes[index].closing = true;
            self.pipes[index].writable_us.get_or_insert(self.clock.now().mono_us);
        } else {
            self.gone(index);
        }
    }

    fn free(&mut self, garbage: Garbage) {
        let mut freed = self.clock.freed.get();
        freed.objects += garbage.objects;
        freed.bytes += garbage.bytes;
        self.note("free", 0, &garbage.objects.to_le_bytes());
        drop(garbage);
        self.clock.freed.set(freed);
    }

    /// A child begins, with a copy of the data as it is: here, with the file that comes of it.
    fn start(&mut self, job: Job) {
        let now = self.clock.now();
        let file = match job {
            Job::Snapshot => disk::walk(&self.node, now),
            Job::Rewrite => disk::base(&self.node, now),
        };
        self.disk.start(job, now.mono_us, file);
        self.node.handle(now, Input::Started(job, Ok(Started { pid: CHILD, micros: 1 })));
    }

    /// Hears of the end of the child, if it is done. Answers whether it was.
    fn hear_child(&mut self) -> bool {
        let now = self.clock.now();
        let name = &self.node.config.snapshot.dbfilename;
        let ended = self.disk.child_ended(now.mono_us, &mut self.shelf, name);
        if let Some((job, ending)) = ended {
            self.trace.event(now.mono_us, "child", 0, format!("{job:?} {ending:?}").as_bytes());
            self.node.handle(now, Input::Ended(job, ending));
        }
        ended.is_some()
    }

    /// The child is done, or the next slice of a file has been read.
    fn hear_disk(&mut self) {
        if !self.hear_child() {
            let now = self.clock.now();
            let file = self.shelf.read_whole(&self.node.config.snapshot.dbfilename).unwrap_or_default();
            let file = file.to_vec();
            let count = match self.node.load_room() {
                Some(room) => self.disk.read(now.mono_us, &file, room),
                None => return,
            };
            self.trace.event(now.mono_us, "load", 0, &count.to_le_bytes());
            self.node.load(now, count);
        }
    }

    /// The node begins: it loads what is on the disk.
    pub fn begin(&mut self) {
        self.node.handle(self.clock.now(), Input::Begin);
        self.perform();
    }

    /// The oldest errand is done: what it could do here is done at once, so it works out.
    fn answer_errand(&mut self) {
        let (_, errand) = self.errands.remove(0);
        self.note("errand", 0, format!("{errand:?}").as_bytes());
        let answer = match errand {
            Errand::ReadUsers => Input::Read(Vec::new()),
            Errand::ReadRandomness(len) => Input::Read(vec![7; len]),
            Errand::Save => {
                let file = disk::walk(&self.node, self.clock.now());
                let saved = disk::save(&mut self.shelf, &self.node.config.snapshot.dbfilename, &file);
                Input::Performed(saved.map_err(|text| Failure { directive: None, text }))
            }
            _ => Input::Performed(Ok(())),
        };
        self.node.handle(self.clock.now(), answer);
    }

    fn note(&mut self, what: &str, index: usize, bytes: &[u8]) {
        self.trace.event(self.clock.now().mono_us, what, index as u32, bytes);
    }
}
