//! The command logs: the last commands that took long, had a large request or had a large reply.
//!
//! What is put in is decided in `noting.rs`. An entry keeps what it shows and nothing more: few arguments, each short, secrets left out (`redact.rs`).

use crate::latency;
use crate::redact;
use catalog::CommandId;
use config::Monitor;
use conn::Args;
use std::collections::VecDeque;

/// An entry shows so many arguments; where there are more, the last one says how many.
const MAX_ARGUMENTS: usize = 32;
/// An entry shows so many bytes of an argument.
const MAX_ARGUMENT: usize = 128;
const REDACTED: &[u8] = b"(redacted)";

/// What a command took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    /// How long it ran, in microseconds.
    pub(crate) micros: u64,
    /// The bytes of its request.
    pub(crate) request: u64,
    /// The bytes of its reply.
    pub(crate) reply: u64,
}

impl Cost {
    /// Whether one of the figures may be as large as `least`. It is so when one of them is; it may be so besides.
    #[inline(always)]
    pub(crate) fn may_reach(self, least: u64) -> bool {
        self.micros | self.request | self.reply >= least
    }
}

/// Which log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Slow,
    LargeRequest,
    LargeReply,
}

impl Kind {
    pub(crate) const ALL: [Kind; 3] = [Kind::Slow, Kind::LargeRequest, Kind::LargeReply];

    /// What its threshold is compared to.
    pub(crate) fn figure(self, cost: Cost) -> u64 {
        match self {
            Kind::Slow => cost.micros,
            Kind::LargeRequest => cost.request,
            Kind::LargeReply => cost.reply,
        }
    }

    fn settings(self, monitor: &Monitor) -> (i64, u64) {
        match self {
            Kind::Slow => {
                (monitor.commandlog_execution_slower_than, monitor.commandlog_slow_execution_max_len)
            }
            Kind::LargeRequest => {
                (monitor.commandlog_request_larger_than, monitor.commandlog_large_request_max_len)
            }
            Kind::LargeReply => {
                (monitor.commandlog_reply_larger_than, monitor.commandlog_large_reply_max_len)
            }
        }
    }
}

/// A command that was worth noting.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Counts from the start of the server.
    pub(crate) number: u64,
    /// When it was over, in Unix seconds.
    pub(crate) unix_s: i64,
    /// Microseconds, or bytes: what the log is about.
    pub(crate) figure: u64,
    /// Its arguments as far as they are shown.
    pub(crate) arguments: Vec<Box<[u8]>>,
    /// Where the client is.
    pub(crate) peer: String,
    /// What the client calls itself.
    pub(crate) name: Box<[u8]>,
}

impl Entry {
    /// The bytes that it takes.
    fn memory(&self) -> usize {
        let arguments = self.arguments.iter().map(|argument| size_of::<Box<[u8]>>() + argument.len());
        size_of::<Entry>() + arguments.sum::<usize>() + self.peer.len() + self.name.len()
    }
}

/// One log.
#[derive(Debug)]
pub(crate) struct Log {
    /// The latest first.
    pub(crate) entries: VecDeque<Entry>,
    /// The bytes that they take.
    memory: usize,
    next_number: u64,
    /// Figures as large as this are noted; none if `None`.
    threshold: Option<u64>,
    max_len: usize,
}

impl Log {
    fn follow(&mut self, (threshold, max_len): (i64, u64)) {
        self.max_len = usize::try_from(max_len).unwrap_or(usize::MAX);
        self.threshold = u64::try_from(threshold).ok().filter(|_| max_len > 0);
        // Quirk of the reference: a log that is switched off keeps what it has.
        if self.threshold.is_some() {
            self.shorten(self.max_len);
        }
    }

    fn shorten(&mut self, len: usize) {
        for entry in self.entries.drain(len.min(self.entries.len())..) {
            self.memory -= entry.memory();
        }
    }

    /// Forgets all entries.
    pub(crate) fn clear(&mut self) {
        self.shorten(0);
    }

    /// Whether a figure is worth an entry.
    pub(crate) fn wants(&self, figure: u64) -> bool {
        self.threshold.is_some_and(|threshold| figure >= threshold)
    }

    /// Takes an entry in, and numbers it.
    pub(crate) fn push(&mut self, mut entry: Entry) {
        entry.number = self.next_number;
        self.next_number += 1;
        self.shorten(self.max_len.saturating_sub(1));
        self.memory += entry.memory();
        self.entries.push_front(entry);
    }
}

/// The three logs.
#[derive(Debug)]
pub(crate) struct CommandLogs {
    logs: [Log; 3],
}

impl CommandLogs {
    pub(crate) fn new(monitor: &Monitor) -> CommandLogs {
        let empty =
            || Log { entries: VecDeque::new(), memory: 0, next_number: 0, threshold: None, max_len: 0 };
        let mut logs = CommandLogs { logs: [empty(), empty(), empty()] };
        logs.follow(monitor);
        logs
    }

    /// Follows the thresholds and lengths that are set.
    pub(crate) fn follow(&mut self, monitor: &Monitor) {
        for kind in Kind::ALL {
            self.of(kind).follow(kind.settings(monitor));
        }
    }

    /// From how large a figure on a command is worth a look, by the logs or by the latency monitor.
    pub(crate) fn least_noted(&self, monitor: &Monitor) -> u64 {
        let thresholds = self.logs.iter().filter_map(|log| log.threshold);
        thresholds.min().unwrap_or(u64::MAX).min(latency::threshold(monitor))
    }

    /// The bytes that they take.
    pub(crate) fn memory(&self) -> usize {
        self.logs.iter().map(|log| log.memory).sum()
    }

    pub(crate) fn of(&mut self, kind: Kind) -> &mut Log {
        &mut self.logs[kind as usize]
    }
}

/// The arguments as an entry has them.
pub(crate) fn shown(id: CommandId, args: Args<'_>) -> Vec<Box<[u8]>> {
    let secrets = redact::secrets(id, &args);
    let whole = if args.len() > MAX_ARGUMENTS { MAX_ARGUMENTS - 1 } else { args.len() };
    let mut shown: Vec<Box<[u8]>> = (0..whole)
        .map(|at| if secrets.contains(&at) { REDACTED.into() } else { shortened(args.at(at)) })
        .collect();
    if whole < args.len() {
        shown.push(format!("... ({} more arguments)", args.len() - whole).into_bytes().into());
    }
    shown
}

fn shortened(argument: &[u8]) -> Box<[u8]> {
    match argument.split_at_checked(MAX_ARGUMENT) {
        Some((start, rest)) if !rest.is_empty() => {
            [start, format!("... ({} more bytes)", rest.len()).as_bytes()].concat().into()
        }
        _ => argument.into(),
    }
}
