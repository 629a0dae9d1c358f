//! A node on a clock that the test moves, with clients that speak in words: what the tests of this crate stand on.

use crate::boundary::{
    ConnId, Errand, Failure, Figures, Fragmentation, Freed, Input, Meter, Now, Output, Peer,
};
use crate::node::{Boot, Node, Process};
use config::Config;
use conn::Batch;
use std::cell::Cell;
use structures::mover::{Mover, Restless};

/// A clock that stands still, or moves on by so many microseconds whenever it is looked at.
struct Still(Cell<u64>, u64, Fragmentation);

impl Meter for Still {
    fn micros(&self) -> u64 {
        self.0.set(self.0.get() + self.1);
        self.0.get()
    }
    fn used_memory(&self) -> usize {
        1 << 20
    }
    fn freed(&self) -> Freed {
        Freed::default()
    }
    fn figures(&self) -> Figures {
        Figures::default()
    }
    fn allocator_report(&self) -> String {
        "a report".into()
    }
    fn fragmentation(&self) -> Fragmentation {
        self.2
    }
    fn mover(&self) -> &dyn Mover {
        &Restless
    }
    fn allocator_number(&self, _: &[u8], _: Option<i64>) -> Result<Option<i64>, String> {
        Err("No such file or directory".into())
    }
}

/// A node, the time, and what the node asked for.
pub(crate) struct Bench {
    pub(crate) node: Node,
    pub(crate) mono_us: u64,
    pub(crate) outputs: Vec<Output>,
    /// How far the clock moves on whenever it is looked at.
    pub(crate) tick: u64,
    /// How scattered memory is said to lie. All of it is moved whenever that is wished.
    pub(crate) fragmentation: Fragmentation,
}

/// When the clocks of a [`Bench`] begin, in Unix microseconds.
const BEGINNING: i64 = 1_700_000_000_000_000;

impl Bench {
    pub(crate) fn new(config: &str) -> Bench {
        let mut settings = Config::default();
        settings.load(config.as_bytes(), &mut config::NoSurroundings).unwrap();
        let process = Process { config_file: "valkey.conf".into(), ..Process::default() };
        let meter = Still(Cell::new(0), 0, Fragmentation::default());
        let now = Now { unix_us: BEGINNING, mono_us: 0, meter: &meter };
        let node = Node::new(Boot { config: settings, seed: 1, process }, now);
        Bench { node, mono_us: 0, outputs: Vec::new(), tick: 0, fragmentation: Fragmentation::default() }
    }

    /// Calls the node at the present time, and takes what it asks for.
    pub(crate) fn with<R>(&mut self, call: impl FnOnce(&mut Node, Now<'_>) -> R) -> R {
        let meter = Still(Cell::new(self.mono_us), self.tick, self.fragmentation);
        let now = Now { unix_us: BEGINNING + self.mono_us as i64, mono_us: self.mono_us, meter: &meter };
        let result = call(&mut self.node, now);
        self.mono_us = meter.0.get();
        self.outputs.extend(std::iter::from_fn(|| self.node.next_output()));
        self.node.check_invariants();
        result
    }

    /// A client comes, as connection `number`.
    pub(crate) fn connect(&mut self, number: u32) -> ConnId {
        let address = |port| ([127, 0, 0, 1], port).into();
        let peer = Peer::Tcp { remote: address(50_000 + number as u16), local: address(6379) };
        self.with(|node, now| node.handle(now, Input::Accepted(ConnId(number), peer)));
        ConnId(number)
    }

    /// A client goes.
    pub(crate) fn close(&mut self, conn: ConnId) {
        self.with(|node, now| node.handle(now, Input::Closed(conn)));
    }

    /// A client sends a request of these words.
    pub(crate) fn ask_words(&mut self, conn: ConnId, words: &[impl AsRef<[u8]>]) {
        let words: Vec<&[u8]> = words.iter().map(AsRef::as_ref).collect();
        let command = self.node.lexicon.names.resolve(&words);
        let mut batch = Batch::of_words(command, words);
        self.with(|node, now| node.requests(now, conn, &mut batch));
    }

    /// A client sends requests; answers what it has been sent since the last time.
    pub(crate) fn ask(&mut self, conn: ConnId, requests: &[&str]) -> String {
        for request in requests {
            let words: Vec<&[u8]> = request.split(' ').map(str::as_bytes).collect();
            let command = self.node.lexicon.names.resolve(&words);
            let mut batch = Batch::of_words(command, words);
            self.with(|node, now| node.requests(now, conn, &mut batch));
        }
        self.sent(conn)
    }

    /// What a client has been sent since the last time.
    pub(crate) fn sent(&mut self, conn: ConnId) -> String {
        let Some(outbox) = self.node.outbox(conn) else { return "gone".into() };
        let text = outbox.pieces().flatten().copied().collect::<Vec<u8>>();
        outbox.clear();
        String::from_utf8(text).unwrap()
    }

    /// Lets time pass, and calls the node when it wants to be called.
    pub(crate) fn wait(&mut self, micros: u64) {
        let end = self.mono_us + micros;
        while self.node.poll_timeout().0 <= end {
            self.mono_us = self.mono_us.max(self.node.poll_timeout().0);
            self.with(|node, now| node.handle(now, Input::Timeout));
        }
        self.mono_us = end;
    }

    /// The errands that the node sent the shell on, taken out of what it asked for.
    pub(crate) fn errands(&mut self) -> Vec<Errand> {
        let (errands, rest) =
            std::mem::take(&mut self.outputs).into_iter().partition::<Vec<Output>, _>(is_errand);
        self.outputs = rest;
        errands
            .into_iter()
            .filter_map(|output| match output {
                Output::Perform(errand) => Some(errand),
                _ => None,
            })
            .collect()
    }

    /// The shell answers the oldest errand, which was to read.
    pub(crate) fn read(&mut self, bytes: &[u8]) {
        self.with(|node, now| node.handle(now, Input::Read(bytes.to_vec())));
    }

    /// The shell answers the oldest errand.
    pub(crate) fn perform(&mut self, result: Result<(), Failure>) {
        self.with(|node, now| node.handle(now, Input::Performed(result)));
    }
}

fn is_errand(output: &Output) -> bool {
    matches!(output, Output::Perform(_))
}
