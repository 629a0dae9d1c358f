//! `MEMORY`: what a key takes, where memory goes, and what the allocator holds.

use crate::admin::info::{Overhead, ratio};
use crate::boundary::{Errand, Figures, Now};
use crate::lazyfree::SIZE_SAMPLES;
use crate::node::Node;
use crate::session::Session;
use commands::{CommandError, Done, parse};
use conn::Args;
use resp::Reply;

/// What a key takes in its table: a reference to its record.
const TABLE_SHARE: usize = size_of::<usize>();

/// `MEMORY USAGE key [SAMPLES count]`
pub fn usage(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    let mut samples = SIZE_SAMPLES;
    for at in (3..args.len()).step_by(2) {
        if !parse::is(args.at(at), "samples") || at + 1 == args.len() {
            return Err(CommandError::SYNTAX);
        }
        samples = match usize::try_from(parse::integer(args.at(at + 1))?) {
            Ok(0) => usize::MAX,
            Ok(samples) => samples,
            Err(_) => return Err(CommandError::SYNTAX),
        };
    }
    let key = node.data.key(args.at(2));
    match node.data.databases[session.caller.database].tables.find(&key) {
        Some(record) => session.reply().integer((record.alloc_size(samples) + TABLE_SHARE) as i64),
        None => session.reply().null(),
    }
    Ok(Done::Replied)
}

/// `MEMORY STATS`
pub fn stats(
    node: &mut Node,
    session: &mut Session,
    _: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    let overhead = Overhead::of(node, now);
    let figures = now.meter.figures();
    let keys = node.data.len() as u64;
    let tables = overhead.tables();

    let mut reply = session.reply();
    reply.map(33 + overhead.databases.len());
    integers(
        &mut reply,
        &[
            ("peak.allocated", overhead.peak),
            ("total.allocated", overhead.used),
            ("startup.allocated", overhead.startup),
            ("replication.backlog", 0),
            ("clients.slaves", overhead.replicas),
            ("clients.normal", overhead.clients),
            ("cluster.links", 0),
            ("cluster.slot_import", 0),
            ("cluster.slot_export", 0),
            ("aof.buffer", 0),
            ("lua.caches", overhead.scripts),
            ("functions.caches", overhead.libraries),
        ],
    );
    for (index, main, volatile) in &overhead.databases {
        reply.bulk(format!("db.{index}").as_bytes());
        reply.map(2);
        integers(
            &mut reply,
            &[("overhead.hashtable.main", *main), ("overhead.hashtable.expires", *volatile)],
        );
    }
    integers(
        &mut reply,
        &[
            ("overhead.db.hashtable.lut", tables),
            ("overhead.db.hashtable.rehashing", 0),
            ("overhead.total", overhead.total()),
            ("db.dict.rehashing.count", 0),
            ("keys.count", keys),
            ("keys.bytes-per-key", overhead.dataset().checked_div(keys).unwrap_or(0)),
            ("dataset.bytes", overhead.dataset()),
        ],
    );
    share(&mut reply, "dataset.percentage", overhead.dataset_percent());
    share(&mut reply, "peak.percentage", overhead.peak_percent());
    integers(
        &mut reply,
        &[
            ("allocator.allocated", figures.allocated),
            ("allocator.active", figures.active),
            ("allocator.resident", figures.held),
            ("allocator.muzzy", figures.muzzy),
        ],
    );
    for waste in wastes(&figures, overhead.used) {
        share(&mut reply, waste.ratio_name, ratio(waste.large, waste.small));
        reply.bulk(waste.bytes_name.as_bytes());
        reply.integer(waste.bytes());
    }
    Ok(Done::Replied)
}

fn integers(reply: &mut Reply<'_>, fields: &[(&str, u64)]) {
    for (name, value) in fields {
        reply.bulk(name.as_bytes());
        reply.integer(value.cast_signed());
    }
}

fn share(reply: &mut Reply<'_>, name: &str, value: f64) {
    reply.bulk(name.as_bytes());
    reply.double(value);
}

/// Memory that is held at one level and not used at the level above it.
struct Waste {
    ratio_name: &'static str,
    bytes_name: &'static str,
    large: u64,
    small: u64,
    /// What to tell whoever asks the doctor.
    advice: &'static str,
}

impl Waste {
    fn bytes(&self) -> i64 {
        self.large.cast_signed().saturating_sub(self.small.cast_signed())
    }
}

fn wastes(figures: &Figures, used: u64) -> [Waste; 4] {
    [
        Waste {
            ratio_name: "allocator-fragmentation.ratio",
            bytes_name: "allocator-fragmentation.bytes",
            large: figures.allocated + figures.gaps,
            small: figures.allocated,
            advice: "Fragmentation: the allocator's pages are partly empty, by more than a tenth. Values that come \
                     back in similar sizes will fill them again; activedefrag moves them together.",
        },
        Waste {
            ratio_name: "allocator-rss.ratio",
            bytes_name: "allocator-rss.bytes",
            large: figures.held,
            small: figures.active,
            advice: "Held pages: the allocator keeps more than a tenth over what it needs, usually after a peak. \
                     MEMORY PURGE gives it back to the system.",
        },
        Waste {
            ratio_name: "rss-overhead.ratio",
            bytes_name: "rss-overhead.bytes",
            large: figures.resident,
            small: figures.held,
            advice: "Other memory: the process holds more than a tenth over what its allocator knows of, which is \
                     not data.",
        },
        Waste {
            ratio_name: "fragmentation",
            bytes_name: "fragmentation.bytes",
            large: figures.resident,
            small: used,
            advice: "Resident size: the process holds much more memory than it uses. The remarks before this one, \
                     if there are any, say where.",
        },
    ]
}

/// Waste below this is nobody's trouble.
const WORTH_MENTIONING: i64 = 10 << 20;

/// `MEMORY DOCTOR`
pub fn doctor(
    node: &mut Node,
    session: &mut Session,
    _: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    let overhead = Overhead::of(node, now);
    let mut remarks: Vec<&str> = Vec::new();
    if overhead.peak > overhead.used / 2 * 3 {
        remarks.push(
            "Peak: half as much again was once in use. The allocator may still hold that memory, and will use it \
             again.",
        );
    }
    let wasted = wastes(&now.meter.figures(), overhead.used);
    let worth = |waste: &&Waste| {
        let tolerated = if waste.ratio_name == "fragmentation" { 1.4 } else { 1.1 };
        waste.bytes() > WORTH_MENTIONING && ratio(waste.large, waste.small) > tolerated
    };
    remarks.extend(wasted.iter().filter(worth).map(|waste| waste.advice));
    if overhead.clients / node.connected.max(1) as u64 > 200 << 10 {
        remarks.push("Clients: they take more than 200 KB each. Some do not read what they asked for.");
    }

    let text = if overhead.used < 5 << 20 {
        "There is hardly any data here, so there is nothing to diagnose.\n".to_owned()
    } else if remarks.is_empty() {
        "Nothing is wrong with the memory of this server, as far as its figures tell.\n".to_owned()
    } else {
        remarks.iter().map(|remark| format!(" * {remark}\n")).collect()
    };
    session.reply().verbatim(b"txt", text.as_bytes());
    Ok(Done::Replied)
}

/// `MEMORY MALLOC-STATS`
pub(crate) fn malloc_stats(
    _: &mut Node,
    session: &mut Session,
    _: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    session.reply().verbatim(b"txt", now.meter.allocator_report().as_bytes());
    Ok(Done::Replied)
}

/// `MEMORY PURGE`
pub fn purge(node: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    Ok(node.send(session, Errand::PurgeMemory))
}
