//! A server without a server, for the tests of handlers: it owns what a [`Ctx`] borrows, and runs one handler at a time
//! at a time of the test's choosing.

use crate::ctx::{KeyStats, Settings};
use crate::{Caller, CommandError, Ctx, Done, Effects, Handler};
use base::lzf::Scratch;
use base::rng::Rng;
use base::siphash;
use conn::Batch;
use keyspace::values::Rules;
use keyspace::{AccessClock, Keyspace, Record};
use resp::{Protocol, Reply, ReplyBuffer};

/// The time at which a [`Bench`] begins, in Unix milliseconds.
pub(crate) const START: i64 = 1_700_000_000_000;

/// What a handler runs on.
pub(crate) struct Bench {
    pub(crate) now: i64,
    pub(crate) data: Keyspace,
    pub(crate) caller: Caller,
    pub(crate) settings: Settings,
    pub(crate) stats: KeyStats,
    pub(crate) protocol: Protocol,
    effects: Effects,
    rng: Rng,
    users: acl::Users,
    garbage: Vec<Record>,
    lzf: Scratch,
}

impl Bench {
    /// Four empty databases.
    pub(crate) fn new() -> Bench {
        Bench::with(false)
    }

    /// One empty database, with slots.
    pub(crate) fn cluster() -> Bench {
        Bench::with(true)
    }

    fn with(cluster: bool) -> Bench {
        let clock = AccessClock { lfu: false, log_factor: 10, decay_minutes: 1, seconds: START / 1000 };
        let databases = if cluster { 1 } else { 4 };
        Bench {
            now: START,
            data: Keyspace::new(databases, siphash::Key::new(1, 2), cluster, clock),
            caller: Caller::default(),
            settings: Settings {
                max_bulk: 512 << 20,
                dump_versions: rdb::Versions::Known,
                dump_checksums: true,
                expire_on_access: true,
                lazy_expire: true,
                lazy_user_del: true,
                lazy_server_del: true,
                compress: true,
                collate: None,
                rules: Rules::default_with(siphash::Key::new(3, 4)),
            },
            stats: KeyStats::default(),
            protocol: Protocol::Resp2,
            effects: Effects::heard_and_repeated(),
            rng: Rng::seed(1),
            users: acl::Users::new(b"", false),
            garbage: Vec::new(),
            lzf: Scratch::new(),
        }
    }

    /// Runs a handler on a request of these words, its name included; answers the bytes of the reply.
    pub(crate) fn run_bytes(&mut self, handler: Handler, words: &[&[u8]]) -> Vec<u8> {
        self.call(handler, words).0
    }

    /// Runs a handler on words in one line; answers how it ended.
    pub(crate) fn done(&mut self, handler: Handler, line: &str) -> Result<Done, CommandError> {
        self.call(handler, &line.split(' ').map(str::as_bytes).collect::<Vec<_>>()).1
    }

    fn call(&mut self, handler: Handler, words: &[&[u8]]) -> (Vec<u8>, Result<Done, CommandError>) {
        self.data.clock.seconds = self.now / 1000;
        let unknown = Err(catalog::Unknown::Command);
        let batch = Batch::of_words(unknown, words.iter().copied());
        let head = batch.requests[0];
        let mut out = ReplyBuffer::default();
        let mut cx = Ctx {
            now: self.now,
            rng: &mut self.rng,
            caller: self.caller,
            data: &mut self.data,
            reply: Reply::new(&mut out, self.protocol),
            effects: &mut self.effects,
            stats: &mut self.stats,
            settings: &self.settings,
            users: &self.users,
            head: &head,
            garbage: &mut self.garbage,
            lzf: &mut self.lzf,
        };
        let done = handler(&mut cx, batch.args(&head));
        if let Err(error) = &done {
            assert!(cx.reply.is_empty(), "an error comes alone");
            cx.reply.error(&error.0);
        }
        for database in &self.data.databases {
            database.tables.check_invariants();
        }
        (out.pieces().flatten().copied().collect(), done)
    }

    /// The same, for words in one line and replies that can be read: line ends become spaces.
    pub(crate) fn run(&mut self, handler: Handler, line: &str) -> String {
        let words: Vec<&[u8]> = line.split(' ').map(str::as_bytes).collect();
        let reply = self.run_bytes(handler, &words);
        String::from_utf8_lossy(&reply).trim_end().replace("\r\n", " ")
    }

    /// What has changed since this was last asked, save that keys came up or were sought in vain, as `event key` or, outside the first database, `event key@database`.
    pub(crate) fn facts(&mut self) -> Vec<String> {
        let name = |fact: crate::Fact| {
            let key = String::from_utf8_lossy(&fact.key).into_owned();
            match fact.database {
                0 => format!("{} {key}", fact.event),
                database => format!("{} {key}@{database}", fact.event),
            }
        };
        let is_change = |fact: &crate::Fact| !matches!(fact.event, "new" | "keymiss");
        self.effects.facts.drain(..).filter(is_change).map(name).collect()
    }

    /// What was to be repeated in place of requests since this was last asked, a line each.
    pub(crate) fn writes(&mut self) -> Vec<String> {
        let lines = self.effects.writes.iter().map(|(_, bytes)| words_of(bytes).join(" ")).collect();
        self.effects.writes.clear();
        lines
    }

    /// How much has changed since this was last asked.
    pub(crate) fn dirty(&mut self) -> u64 {
        std::mem::take(&mut self.effects.dirty)
    }
}

/// The words of an encoded command. Words of tests have no line ends in them.
fn words_of(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    text.split("\r\n").skip(2).step_by(2).map(str::to_owned).collect()
}
