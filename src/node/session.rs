//! A session: what a node knows of one client.

use crate::blocking::KeyWait;
use crate::boundary::{ConnId, Peer};
use crate::call::Call;
use crate::pubsub::Subscriptions;
use crate::tracking::Tracker;
use crate::transaction::Transaction;
use commands::{Caller, InVain};
use conn::{Batch, Outbox};
use resp::Protocol;
use std::collections::VecDeque;

/// Every client has this much room for replies, which is not counted against the limits of its output.
pub(crate) const OWN_ROOM: usize = 16 * 1024;

/// Which replies a client wants (`CLIENT REPLY`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReplyMode {
    /// All.
    #[default]
    On,
    /// None.
    Off,
    /// Not the one of this command, which is SKIP itself.
    SkipThis,
    /// Not the next one.
    SkipNext,
}

/// What kind of client it is, as far as limits go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Class {
    /// Asks and reads replies.
    #[default]
    Normal,
    /// Subscribes.
    Pubsub,
    /// Follows this server's writes.
    Replica,
}

/// What a client waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// For acknowledgements of replicas (`WAIT`), or of disks too (`WAITAOF`), until a time on the monotonic clock.
    ForAcks {
        /// When to give up, in monotonic microseconds; never if `None`.
        until: Option<u64>,
        /// What it waits for besides, if it is WAITAOF, whose reply has two numbers.
        aof: Option<AofWait>,
    },
    /// For keys to change, until a time on the monotonic clock: [`Session::key_wait`] has the rest.
    ForKeys {
        /// When to give up, in monotonic microseconds; never if `None`.
        until: Option<u64>,
        /// What is replied then.
        in_vain: InVain,
    },
    /// For the shell to do something.
    ForErrand,
    /// For the end of a pause: its command has not begun.
    Paused,
    /// For its script, which has run for too long and goes on a slice at a time.
    ForScript,
}

/// What WAITAOF waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AofWait {
    /// The place in the stream of writes up to which they are to be safe.
    pub place: u64,
    /// Whether this server's disk counts.
    pub local: bool,
    /// How many replicas' disks are to have them.
    pub replicas: usize,
}

/// One client.
#[derive(Debug)]
pub struct Session {
    /// The connection.
    pub conn: ConnId,
    /// The client's number, never used twice.
    pub id: u64,
    /// Where it is.
    pub peer: Peer,
    /// What handlers see of it.
    pub caller: Caller,
    /// The protocol version it speaks.
    pub protocol: Protocol,
    /// Whether it may use commands that need authentication.
    pub authenticated: bool,
    /// Whether it ever might, which is enough for the limit on what a stranger may leave unread.
    pub ever_authenticated: bool,
    /// `CLIENT SETNAME`.
    pub name: Vec<u8>,
    /// `CLIENT SETINFO LIB-NAME`.
    pub lib_name: Vec<u8>,
    /// `CLIENT SETINFO LIB-VER`.
    pub lib_ver: Vec<u8>,
    /// Which replies it wants.
    pub reply_mode: ReplyMode,
    /// `CLIENT NO-EVICT`.
    pub no_evict: bool,
    /// What it listens to, if it does.
    pub(crate) subscriptions: Option<Box<Subscriptions>>,
    /// What it is told of keys that change, if it is.
    pub(crate) tracking: Option<Box<Tracker>>,
    /// The number that it goes by where tracked keys are noted; 0 before it first tracks.
    pub(crate) tracker_number: u32,
    /// Whether it watches every command.
    pub(crate) monitors: bool,
    /// Whether it is content with what a replica knows (`READONLY`).
    pub(crate) reads_only: bool,
    /// The memory of the keys that it watches.
    pub(crate) watch_bytes: usize,
    /// Whether it understands being sent to another server (`CLIENT CAPA redirect`).
    pub(crate) takes_redirects: bool,
    /// How many commands it has put by, and goes on having while they are run. −1 before it first begins a transaction or
    /// watches a key.
    pub(crate) put_by: i64,
    /// The commands that it puts by for EXEC.
    pub(crate) transaction: Option<Box<Transaction>>,
    /// The rest of a transaction that is being run, while one of its commands waits for the shell.
    pub(crate) suspended: Option<Box<Transaction>>,
    /// What it waits for.
    pub blocked: Option<Blocked>,
    /// Which keys it waits for, and what it does then.
    pub key_wait: Option<Box<KeyWait>>,
    /// How many bytes the request took that is being run.
    pub(crate) request_bytes: u32,
    /// Where its reply begins, in plain bytes of the outbox.
    pub(crate) reply_start: usize,
    /// Since when it waits, in monotonic microseconds.
    pub(crate) wait_since_us: u64,
    /// How long the command that it waits in ran before, in microseconds.
    pub(crate) ran_us: u64,
    /// The request that it waits in as it was asked, where [`Session::key_wait`] does not have it.
    pub(crate) asked: Option<Box<Batch>>,
    /// How many bytes of arguments that command has.
    pub wait_bytes: usize,
    /// Batches that wait until it waits no more.
    pub backlog: VecDeque<Batch>,
    /// Whether the shell was asked to leave unread what it sends.
    pub resting: bool,
    /// The bytes waiting to be sent.
    pub outbox: Outbox,
    /// Whether the shell has been told of them.
    pub send_queued: bool,
    /// Whether it is to be closed once they are sent, or now.
    pub closing: bool,
    /// When it came, in monotonic microseconds.
    pub since_us: u64,
    /// When it last asked something, in monotonic microseconds.
    pub active_us: u64,
    /// The last command, as a full name.
    pub last_command: Option<catalog::CommandId>,
    /// Bytes it sent.
    pub bytes_in: u64,
    /// Bytes it was sent.
    pub bytes_out: u64,
    /// Commands it ran.
    pub commands: u64,
    /// Since when it has been over the soft limit of its output, in monotonic microseconds.
    pub soft_limit_since: Option<u64>,
    /// Which limits it is under.
    pub class: Class,
    /// Bytes of its unfinished request that the shell holds.
    pub held: usize,
    /// The memory counted for it in the sum of its class.
    pub(crate) accounted: u64,
}

impl Session {
    /// A client that just came.
    pub fn new(conn: ConnId, id: u64, peer: Peer, authenticated: bool, now_us: u64) -> Session {
        Session {
            conn,
            id,
            peer,
            caller: Caller::default(),
            protocol: Protocol::Resp2,
            authenticated,
            ever_authenticated: authenticated,
            name: Vec::new(),
            lib_name: Vec::new(),
            lib_ver: Vec::new(),
            reply_mode: ReplyMode::On,
            no_evict: false,
            subscriptions: None,
            tracking: None,
            tracker_number: 0,
            monitors: false,
            reads_only: false,
            watch_bytes: 0,
            takes_redirects: false,
            put_by: -1,
            transaction: None,
            suspended: None,
            blocked: None,
            key_wait: None,
            request_bytes: 0,
            reply_start: 0,
            wait_since_us: 0,
            ran_us: 0,
            asked: None,
            wait_bytes: 0,
            backlog: VecDeque::new(),
            resting: false,
            outbox: Outbox::default(),
            send_queued: false,
            closing: false,
            since_us: now_us,
            active_us: now_us,
            last_command: None,
            bytes_in: 0,
            bytes_out: 0,
            commands: 0,
            soft_limit_since: None,
            class: Class::Normal,
            held: 0,
            accounted: 0,
        }
    }

    /// Who is told in its place what it cached of keys that change, as it is shown: nobody, 0; and −1 if it does not track.
    pub(crate) fn redirection(&self) -> i64 {
        self.tracking.as_ref().map_or(-1, |tracker| tracker.redirect.unwrap_or(0) as i64)
    }

    /// The memory that it takes, in bytes: itself, what waits to be run and what waits to be sent, what it listens to,
    /// watches and tracks.
    pub fn memory(&self) -> usize {
        let names = self.name.capacity() + self.lib_name.capacity() + self.lib_ver.capacity();
        size_of::<Session>()
            + names
            + self.held
            + self.queue_bytes()
            + self.backlog_bytes()
            + self.outbox.memory()
            + self.watch_bytes
            + self.subscriptions.as_ref().map_or(0, |own| own.bytes())
            + self.tracking.as_ref().map_or(0, |tracker| tracker.bytes)
    }

    /// Takes note of the request that it waits in from now on, which ran for so long before.
    #[cold]
    pub(crate) fn begin_wait(&mut self, call: &Call<'_>, ran_us: u64, now_us: u64) {
        self.wait_bytes = call.args.from(0).map(<[u8]>::len).sum();
        (self.ran_us, self.wait_since_us) = (ran_us, now_us);
        if self.key_wait.is_none() {
            self.asked = Some(Box::new(call.to_batch()));
        }
    }

    /// When it gives up waiting, in monotonic microseconds.
    pub(crate) fn gives_up_at(&self) -> Option<u64> {
        match self.blocked? {
            Blocked::ForAcks { until, .. } | Blocked::ForKeys { until, .. } => until,
            Blocked::ForErrand | Blocked::Paused | Blocked::ForScript => None,
        }
    }

    /// Whether its transaction is being run.
    pub(crate) fn is_in_exec(&self) -> bool {
        self.caller.must_not_block && !self.caller.in_script
    }

    /// The bytes of the commands put by.
    pub(crate) fn queue_bytes(&self) -> usize {
        self.transaction.as_ref().map_or(0, |transaction| transaction.memory())
    }

    /// The bytes of the requests that wait to be run.
    pub(crate) fn backlog_bytes(&self) -> usize {
        self.backlog.iter().map(Batch::memory).sum()
    }

    /// Brings the sum of its class up to date.
    #[inline]
    pub(crate) fn account(&mut self, sums: &mut [u64; 3]) {
        // One that is as good as gone takes nothing any more.
        let gone = self.closing && self.outbox.is_empty();
        let memory = if gone { 0 } else { self.memory() as u64 };
        let sum = &mut sums[self.class as usize];
        *sum = *sum - self.accounted + memory;
        self.accounted = memory;
    }

    /// Takes back the reply that begins at `start` if the client wants none.
    #[cold]
    pub(crate) fn silence(&mut self, start: usize) {
        if self.reply_mode == ReplyMode::On {
            return;
        }
        match self.reply_mode {
            ReplyMode::On | ReplyMode::Off => {}
            // SKIP itself has not replied.
            ReplyMode::SkipThis => return self.reply_mode = ReplyMode::SkipNext,
            ReplyMode::SkipNext => self.reply_mode = ReplyMode::On,
        }
        self.outbox.replies.truncate(start);
    }

    /// A writer at the end of the outbox.
    pub fn reply(&mut self) -> resp::Reply<'_> {
        resp::Reply::new(&mut self.outbox.replies, self.protocol)
    }
}
