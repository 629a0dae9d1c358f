//! The node: all the state of one server. What it does with it stands in the pages that lean on this one, each an
//! `impl Node`; it begins with `inputs.rs` and `request.rs`.

use crate::aof::Aof;
use crate::blocking::Lines;
use crate::boundary::{CloseReason, ConnId, Garbage, Now, Output};
use crate::commandlog::CommandLogs;
use crate::defrag::Defrag;
use crate::errand::Pending;
use crate::latency;
use crate::memory::Eviction;
use crate::pause::Pause;
use crate::persistence::Persistence;
use crate::propagate::Readers;
use crate::pubsub::{PutBy, Registry};
use crate::scripting::Scripting;
use crate::session::{OWN_ROOM, Session};
use crate::stats::{Handed, Stats};
use crate::straits::Straits;
use crate::tracking::Tracking;
use crate::transaction::Watches;
use acl::Users;
use base::log::{Level, Line};
use base::map::Map;
use base::rng::Rng;
use commands::Effects;
use commands::ctx::{KeyStats, Settings};
use config::Config;
use conn::{Lexicon, Outbox};
use keyspace::{ActiveExpiry, Keyspace};
use resp::ReplyBuffer;
use std::collections::VecDeque;
use std::sync::Arc;

/// How many empty reply buffers are kept, and how large one may be.
const SPARE_BUFFERS: usize = 64;
const SPARE_CAPACITY: usize = 256 * 1024;

/// What a node starts with.
pub struct Boot {
    /// The settings.
    pub config: Config,
    /// The seed of all its randomness.
    pub seed: u64,
    /// Facts of the process that INFO shows.
    pub process: Process,
}

/// Facts of the process around the node.
#[derive(Clone, Debug, Default)]
pub struct Process {
    /// The process's number.
    pub pid: u32,
    /// The path of the program.
    pub executable: String,
    /// The path of the configuration file, empty if there is none.
    pub config_file: String,
    /// The operating system, as `uname` says.
    pub os: String,
    /// How many files it may open.
    pub max_files: u64,
    /// How much memory the machine has, in bytes.
    pub system_memory: u64,
    /// Who started it and watches over it: `no`, `systemd`, `upstart`.
    pub supervised: String,
    /// The name of the allocator.
    pub allocator: String,
    /// Which clock commands are measured with.
    pub clock: String,
    /// How the shell waits for sockets: `epoll`.
    pub poller: String,
    /// Whether threads other than the one that serves read and write. The shell keeps it up to date.
    pub io_threads_active: bool,
    /// The sockets that it listens on, each as INFO shows it: `name=tcp,bind=*,port=6379`. The shell keeps them up to date.
    pub listeners: Vec<String>,
}

/// What DEBUG switches, so that tests find the server in a state that is otherwise rare.
#[derive(Debug, Default)]
pub(crate) struct Switches {
    /// Whether keys past their time are left until someone asks for them (`DEBUG SET-ACTIVE-EXPIRE 0`).
    pub(crate) expiry_paused: bool,
    /// Whether periodic work rests (`DEBUG PAUSE-CRON`).
    pub(crate) cron_paused: bool,
    /// Whether all output of a client counts against its limits, in whole buffers (`DEBUG CLIENT-ENFORCE-REPLY-LIST`).
    pub(crate) no_own_room: bool,
    /// Whether reply buffers are used again however large they are (`DEBUG REPLYBUFFER RESIZING 0`).
    pub(crate) keeps_large_buffers: bool,
}

/// One server.
pub struct Node {
    /// The settings in force.
    pub config: Config,
    /// The data.
    pub data: Keyspace,
    /// Command names, shared with the threads that read requests.
    pub lexicon: Arc<Lexicon>,
    /// Facts of the process.
    pub process: Process,
    /// Counters.
    pub stats: Stats,
    /// Counters of lookups.
    pub key_stats: KeyStats,
    /// What handlers read of the configuration.
    pub(crate) settings: Settings,
    /// What is unusual about its state.
    pub(crate) straits: Straits,
    /// A command none of whose figures is as large as this is not worth noting: [`crate::commandlog::Cost::may_reach`].
    pub(crate) least_noted: u64,
    /// The commands that took much.
    pub(crate) command_logs: CommandLogs,
    /// What took long.
    pub(crate) latency: latency::Monitor,
    /// All its randomness.
    pub(crate) rng: Rng,
    /// What the command at hand has changed, and what is to be repeated of it.
    pub(crate) effects: Effects,
    /// Who waits for which keys.
    pub(crate) lines: Lines,
    /// Who watches which keys.
    pub(crate) watches: Watches,
    /// Who may do what.
    pub users: Users,
    /// What was denied.
    pub(crate) denials: acl::Log,
    /// Where the keys of the request at hand are, while that is asked: memory that is used again.
    pub(crate) key_refs: Vec<catalog::KeyRef>,
    /// Who listens to what.
    pub(crate) pubsub: Registry,
    /// Who reads the stream of writes.
    pub(crate) readers: Readers,
    /// The append-only file.
    pub(crate) aof: Aof,
    /// Clients in WAITAOF.
    pub(crate) aof_waiters: Vec<ConnId>,
    /// The time of the last input, on the monotonic clock.
    pub(crate) now_us: u64,
    /// Messages to clients whose sessions are in use.
    pub(crate) put_by: Vec<(ConnId, PutBy)>,
    /// Who tracks what it reads.
    pub(crate) tracking: Tracking,
    /// Who watches every command.
    pub(crate) monitors: Vec<ConnId>,
    /// Clients told to wait.
    pub(crate) pause: Pause,
    /// The connections of clients, by the numbers of these.
    pub(crate) by_id: Map<u64, ConnId>,
    /// Scripts and functions.
    pub(crate) scripting: Scripting,
    /// The clients, by the numbers of their connections. A session in use is taken out: [`Node::take_session`].
    pub(crate) sessions: Vec<Option<Box<Session>>>,
    /// How many clients there are.
    pub(crate) connected: usize,
    /// The number that the next client gets.
    pub(crate) next_client: u64,
    /// What the shell is asked for.
    pub(crate) outputs: VecDeque<Output>,
    /// Bytes that were waiting in the outboxes that the outputs name, when they were named.
    pub(crate) queued: usize,
    /// What is to be freed elsewhere, gathered while an input is handled.
    pub(crate) garbage: Garbage,
    /// What has been handed over to be freed.
    pub(crate) handed: Handed,
    /// Empty reply buffers, the last used on top.
    pub(crate) spare: Vec<ReplyBuffer>,
    /// Where strings are compressed.
    pub(crate) lzf: base::lzf::Scratch,
    /// When the node began, on the monotonic clock.
    pub(crate) started_mono_us: u64,
    /// When the next periodic work is due, on the monotonic clock.
    pub(crate) next_cron_us: u64,
    /// Clients that wait with a time to give up, in order of that time.
    pub(crate) timeouts: std::collections::BTreeSet<(u64, ConnId)>,
    /// A random name of this run.
    pub run_id: String,
    /// The name of the history of writes that this node has.
    pub(crate) replication_id: String,
    /// What the shell was asked to do and has not answered yet.
    pub(crate) errands: VecDeque<Pending>,
    /// Bytes in use when the node began.
    pub(crate) startup_memory: usize,
    /// What outlives the process.
    pub(crate) persistence: Persistence,
    /// What DEBUG has switched.
    pub(crate) debug: Switches,
    /// Where the search for keys past their time stands.
    pub(crate) expiry: ActiveExpiry,
    /// Where eviction stands.
    pub(crate) eviction: Eviction,
    /// Where defragmentation stands.
    pub(crate) defrag: Defrag,
    /// When the log last told of a client that speaks HTTP, in Unix seconds.
    pub(crate) http_logged_s: Option<i64>,
    /// The memory of clients, by [`crate::session::Class`].
    pub(crate) client_memory: [u64; 3],
    /// When clients are to be looked at next, on the monotonic clock.
    pub(crate) next_clients_us: u64,
    /// The session to begin with then.
    pub(crate) next_session: usize,
    /// Whether clients may take more memory than they may, since an input.
    pub(crate) clients_grew: bool,
}

impl Node {
    /// A node with no data and no clients.
    pub fn new(boot: Boot, now: Now<'_>) -> Node {
        let mut rng = Rng::seed(boot.seed);
        let hash_key = base::siphash::Key::new(rng.next_u64(), rng.next_u64());
        let mut names = catalog::Names::new();
        for (from, to) in &boot.config.declared.renamed_commands {
            // Whether it can be was checked when the file was read.
            let _ = names.rename(from, to);
        }
        let lexicon = Arc::new(Lexicon { names, hash_key, cluster: false });
        let clock = crate::settings::access_clock(&boot.config, now.unix_s());
        let data = Keyspace::new(boot.config.data.databases as usize, hash_key, false, clock);
        let run_id = String::from_utf8_lossy(&base::hex::random_id(&mut rng)).into_owned();
        let replication_id = String::from_utf8_lossy(&base::hex::random_id(&mut rng)).into_owned();
        let command_logs = CommandLogs::new(&boot.config.monitor);
        Node {
            settings: crate::settings::settings(&boot.config, hash_key),
            straits: Straits::default(),
            users: crate::users::users(&boot.config),
            denials: acl::Log::default(),
            key_refs: Vec::new(),
            least_noted: command_logs.least_noted(&boot.config.monitor),
            command_logs,
            latency: latency::Monitor::default(),
            config: boot.config,
            data,
            lexicon,
            process: boot.process,
            stats: Stats::new(),
            key_stats: KeyStats::default(),
            rng,
            effects: Effects::default(),
            lines: Lines::new(hash_key),
            watches: Watches::new(hash_key),
            pubsub: Registry::new(hash_key),
            put_by: Vec::new(),
            readers: Readers::default(),
            aof: Aof::default(),
            aof_waiters: Vec::new(),
            now_us: now.mono_us,
            tracking: Tracking::new(hash_key),
            monitors: Vec::new(),
            pause: Pause::default(),
            by_id: Map::default(),
            scripting: Scripting::new(hash_key),
            sessions: Vec::new(),
            connected: 0,
            next_client: 1,
            outputs: VecDeque::new(),
            queued: 0,
            garbage: Garbage::default(),
            handed: Handed::default(),
            spare: Vec::new(),
            lzf: base::lzf::Scratch::new(),
            started_mono_us: now.mono_us,
            next_cron_us: now.mono_us,
            timeouts: std::collections::BTreeSet::new(),
            run_id,
            replication_id,
            errands: VecDeque::new(),
            startup_memory: now.meter.used_memory(),
            persistence: Persistence::new(now),
            debug: Switches::default(),
            expiry: ActiveExpiry::default(),
            eviction: Eviction::default(),
            defrag: Defrag::default(),
            http_logged_s: None,
            client_memory: [0; 3],
            next_clients_us: now.mono_us,
            next_session: 0,
            clients_grew: false,
        }
    }

    /// How many bytes the outputs ask to be sent: what waited in the outboxes when they were named.
    #[inline]
    pub fn queued(&self) -> usize {
        self.queued
    }

    /// The outbox of a connection, to be sent from.
    pub fn outbox(&mut self, conn: ConnId) -> Option<&mut Outbox> {
        let session = self.sessions.get_mut(conn.0 as usize)?.as_deref_mut()?;
        session.send_queued = false;
        Some(&mut session.outbox)
    }

    /// What the parser allows a client to send.
    pub fn limits(&self, conn: ConnId) -> resp::Limits {
        let authenticated = self.users.open() || self.session(conn).is_none_or(|s| s.authenticated);
        resp::Limits { max_bulk: self.settings.max_bulk, authenticated }
    }

    /// The session of a connection.
    pub fn session(&self, conn: ConnId) -> Option<&Session> {
        self.sessions.get(conn.0 as usize)?.as_deref()
    }

    /// Takes a session out, to be used while all else of the node can be changed; [`Node::put_back`] ends that. `None` where
    /// it is in use already, or has gone.
    #[inline]
    pub(crate) fn take_session(&mut self, conn: ConnId) -> Option<Box<Session>> {
        self.sessions.get_mut(conn.0 as usize)?.take()
    }

    /// Puts a session back that was taken out.
    #[inline]
    pub(crate) fn put_back(&mut self, session: Box<Session>) {
        let place = session.conn.0 as usize;
        self.sessions[place] = Some(session);
    }

    /// Moves the clocks that the data set reads.
    #[inline]
    pub(crate) fn tick(&mut self, now: Now<'_>) {
        self.data.clock.seconds = now.unix_s();
        self.now_us = now.mono_us;
    }

    /// Takes an empty buffer in, for the next replies to be written to: a few buffers, warm in the cache, serve all the
    /// connections in turn, and one that has nothing to send owns none.
    pub fn reuse(&mut self, buffer: ReplyBuffer) {
        let capacity = buffer.bytes.capacity();
        let most = if self.eviction.tight { OWN_ROOM } else { SPARE_CAPACITY };
        let fits = capacity <= most || self.debug.keeps_large_buffers;
        if capacity > 0 && fits && self.spare.len() < SPARE_BUFFERS {
            debug_assert!(buffer.is_empty());
            self.spare.push(buffer);
        }
    }

    /// Gives a session that is about to reply a buffer, with the bound that its class has.
    #[inline]
    pub(crate) fn lend_buffer(&mut self, session: &mut Session) {
        lend_buffer(&mut self.spare, session);
        self.bound_output(session);
    }

    /// Asks for a connection to be closed.
    pub(crate) fn close(&mut self, session: &mut Session, reason: CloseReason) {
        if !session.closing {
            session.closing = true;
            self.outputs.push_back(Output::Close(session.conn, reason));
        }
    }

    /// Writes a line to the log.
    pub(crate) fn log(&mut self, level: Level, text: impl Into<String>) {
        self.outputs.push_back(Output::Log(Line { level, text: text.into() }));
    }

    /// Tells the shell of bytes in a session's outbox, once.
    #[inline]
    pub(crate) fn queue_send(&mut self, session: &mut Session) {
        if session.outbox.is_full() {
            return self.outgrown(session);
        }
        queue_send(&mut self.outputs, &mut self.queued, session);
    }

    /// Has the log say what handlers had to remark.
    #[inline]
    pub(crate) fn log_remarks(&mut self) {
        for line in self.effects.remarks.drain(..) {
            self.outputs.push_back(Output::Log(line));
        }
    }

    /// Asserts what must always hold.
    pub fn check_invariants(&self) {
        assert_eq!(self.connected, self.sessions.iter().flatten().count());
        let accounted: u64 = self.sessions.iter().flatten().map(|session| session.accounted).sum();
        assert_eq!(accounted, self.client_memory.iter().sum::<u64>());
        for database in &self.data.databases {
            database.tables.check_invariants();
        }
        assert_eq!(self.connected, self.by_id.len());
        for (_, conn) in &self.timeouts {
            assert!(self.session(*conn).is_some_and(|session| session.blocked.is_some()));
        }
    }
}

/// Gives a session that is about to reply one of the spare buffers, if it has none.
#[inline]
pub(crate) fn lend_buffer(spare: &mut Vec<ReplyBuffer>, session: &mut Session) {
    if session.outbox.replies.bytes.capacity() == 0
        && session.outbox.is_empty()
        && let Some(buffer) = spare.pop()
    {
        session.outbox.replies = buffer;
    }
}

/// Puts bytes in a session's outbox among what the shell is to send, once.
#[inline]
pub(crate) fn queue_send(outputs: &mut VecDeque<Output>, queued: &mut usize, session: &mut Session) {
    if !session.send_queued && !session.outbox.is_empty() {
        session.send_queued = true;
        outputs.push_back(Output::Send(session.conn));
        *queued += session.outbox.waiting();
    }
}

#[cfg(test)]
mod tests {
    use crate::boundary::Output;
    use crate::testing::Bench;

    #[test]
    fn what_is_queued_is_told_until_it_is_taken() {
        let mut bench = Bench::new("");
        let conn = bench.connect(0);
        bench.outputs.clear();
        assert_eq!(bench.ask(conn, &["SET key value"]), "+OK\r\n");
        assert!(matches!(bench.outputs[..], [Output::Send(_)]));
        assert_eq!(bench.node.queued(), 0);
        bench.node.outputs.push_back(Output::Exit(0));
        let mut session = bench.node.sessions[0].take().unwrap();
        session.reply().bulk(&[b'x'; 1000]);
        bench.node.queue_send(&mut session);
        bench.node.queue_send(&mut session);
        bench.node.sessions[0] = Some(session);
        let queued = bench.node.queued();
        assert_eq!(queued, bench.node.outbox(conn).unwrap().waiting());
        bench.node.next_output();
        assert_eq!(bench.node.queued(), queued, "one of two outputs was taken");
        bench.node.next_output();
        assert_eq!(bench.node.queued(), 0);
    }
}
