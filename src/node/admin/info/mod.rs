//! `INFO`: figures and states, by section. Each section is a function in a file of this directory.
//!
//! What a section shows is true: a field whose feature is not there says zero when that is what the feature would say
//! unused, and is left out otherwise.

mod data;
mod memory;
mod process;
mod stats;

use crate::boundary::{Figures, Now};
use crate::node::Node;
use crate::session::Session;
use commands::{CommandError, Done};
use conn::Args;
use std::fmt::{Display, Write};

pub(crate) use memory::{Overhead, ratio};

/// What is shown about a node.
pub(crate) struct View<'a> {
    node: &'a Node,
    /// Who asks, whose session is not among the node's meanwhile.
    caller: &'a Session,
    now: Now<'a>,
    figures: Figures,
}

/// The text, as it grows.
#[derive(Default)]
pub(crate) struct Info {
    text: String,
}

impl Info {
    fn section(&mut self, title: &str) {
        if !self.text.is_empty() {
            self.text.push_str("\r\n");
        }
        self.line(format_args!("# {title}"));
    }

    fn line(&mut self, line: impl Display) {
        // A string takes whatever is written to it.
        let _ = write!(self.text, "{line}\r\n");
    }

    fn field(&mut self, name: &str, value: impl Display) -> &mut Info {
        self.line(format_args!("{name}:{value}"));
        self
    }

    /// Fields that all have this value.
    fn fields(&mut self, value: impl Display, names: &[&str]) -> &mut Info {
        for name in names {
            self.field(name, &value);
        }
        self
    }

    /// A number of bytes, and the same for people.
    fn bytes(&mut self, name: &str, bytes: u64) -> &mut Info {
        self.field(name, bytes);
        self.line(format_args!("{name}_human:{}", base::units::human_bytes(bytes)));
        self
    }
}

impl<'a> View<'a> {
    pub(crate) fn new(node: &'a Node, caller: &'a Session, now: Now<'a>) -> View<'a> {
        View { node, caller, now, figures: now.meter.figures() }
    }
}

type Section = fn(&View<'_>, &mut Info);

/// When a section is shown, besides when it is asked for by its name.
#[derive(Clone, Copy, PartialEq)]
enum When {
    Unasked,
    WithAll,
    Never,
}
use When::{Never, Unasked, WithAll};

/// The sections in their order: the name, when it is shown, and what writes it.
const SECTIONS: [(&str, When, Section); 14] = [
    ("server", Unasked, process::server),
    ("clients", Unasked, stats::clients),
    ("memory", Unasked, memory::memory),
    ("persistence", Unasked, data::persistence),
    ("stats", Unasked, stats::stats),
    ("replication", Unasked, data::replication),
    ("cpu", Unasked, process::cpu),
    ("module_list", Unasked, process::modules),
    ("commandstats", WithAll, stats::commandstats),
    ("errorstats", Unasked, stats::errorstats),
    ("latencystats", WithAll, stats::latencystats),
    ("cluster", Unasked, data::cluster),
    ("keyspace", Unasked, data::keyspace),
    ("debug", Never, stats::debug),
];

/// `INFO [section ...]`
pub fn info(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    node.stats.peak_memory = node.stats.peak_memory.max(now.meter.used_memory());
    let words: Vec<Vec<u8>> = args.from(1).map(<[u8]>::to_ascii_lowercase).collect();
    let asked = |word: &str| words.iter().any(|asked| asked == word.as_bytes());
    let all = asked("all") || asked("everything");
    let default = words.is_empty() || asked("default");

    let mut info = Info::default();
    let view = View::new(node, session, now);
    for (name, when, write) in SECTIONS {
        let asked = asked(name) || (name == "module_list" && asked("modules"));
        if asked || (all && when != Never) || (default && when == Unasked) {
            write(&view, &mut info);
        }
    }
    session.reply().verbatim(b"txt", info.text.as_bytes());
    Ok(Done::Replied)
}

/// What INFO shows of everything, for a crash report.
pub(crate) fn all_sections(view: &View<'_>) -> String {
    let mut info = Info::default();
    for (_, _, write) in SECTIONS {
        write(view, &mut info);
    }
    info.text
}
