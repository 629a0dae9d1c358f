//! Writing a whole file: a walk over the data that hands on the bytes in chunks.
//!
//! The walk keeps its place by itself and borrows the data for one step at a time, so whoever drives it may do other
//! things in between, as long as the data stays as it was: a child that was forked, a command that holds everything up, or
//! a test. A step is a chunk, or one value that fills several.

use crate::writer::CHUNK;
use crate::{VERSION, Writer, opcode, value};
use base::crc64::Crc64;
use base::lzf::Scratch;
use base::sink::Sink;
use keyspace::{AccessClock, Keyspace, Record, Stop};

/// What is said at the head of a file, and how it is written.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// The version of the server.
    pub version: &'a str,
    /// The time, in Unix seconds.
    pub now_s: i64,
    /// Bytes in use.
    pub used_memory: u64,
    /// The history of writes that the data is the outcome of, if it is of use to anyone.
    pub history: Option<History<'a>>,
    /// Whether the file is to begin an append-only file.
    pub aof_base: bool,
    /// Whether long strings are compressed.
    pub compress: bool,
    /// Whether the file ends in a checksum.
    pub checksum: bool,
    /// Whether each key says how recently or how often it was used.
    pub access: bool,
    /// Whether chunks are to be as short as they can be.
    pub haltingly: bool,
}

/// A place in a history of writes.
#[derive(Clone, Debug)]
pub struct History<'a> {
    /// The name of the history.
    pub id: &'a str,
    /// How many bytes of it there have been.
    pub offset: i64,
    /// The database that its next write is about.
    pub database: usize,
}

/// Where the walk stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Before a database.
    Before(usize),
    /// In a database.
    In(usize, Stop),
    /// Behind the last byte.
    End,
}

/// A file on its way out.
pub struct Snapshot {
    bytes: Vec<u8>,
    scratch: Option<Box<Scratch>>,
    checksum: Option<Crc64>,
    access: bool,
    chunk: usize,
    place: Place,
    keys: u64,
}

/// Takes what goes to a sink into the checksum on its way.
struct Summing<'s> {
    checksum: Option<&'s mut Crc64>,
    sink: &'s mut dyn Sink,
}

impl Sink for Summing<'_> {
    fn take(&mut self, bytes: &[u8]) {
        if let Some(checksum) = &mut self.checksum {
            checksum.update(bytes);
        }
        self.sink.take(bytes);
    }

    fn done_with(&mut self, stretch: &[u8]) {
        self.sink.done_with(stretch);
    }
}

impl Snapshot {
    /// A file of this plan, with these libraries of functions.
    pub fn new<'l>(plan: &Plan<'_>, libraries: impl Iterator<Item = &'l [u8]>) -> Snapshot {
        let mut scratch = plan.compress.then(|| Box::new(Scratch::new()));
        let mut out = Writer::new(scratch.as_deref_mut());
        write_head(&mut out, plan);
        for code in libraries {
            out.byte(opcode::FUNCTION);
            out.string(code);
        }
        Snapshot {
            bytes: out.bytes,
            scratch,
            checksum: plan.checksum.then(Crc64::new),
            access: plan.access,
            chunk: if plan.haltingly { 1 } else { CHUNK },
            place: Place::Before(0),
            keys: 0,
        }
    }

    /// How many keys are in the chunks so far.
    pub fn keys(&self) -> u64 {
        self.keys
    }

    /// Hands on the next bytes of the file. Answers whether there were any: there are none behind its end.
    pub fn step(&mut self, data: &Keyspace, sink: &mut dyn Sink) -> bool {
        if self.place == Place::End {
            return false;
        }
        let mut summing = Summing { checksum: self.checksum.as_mut(), sink };
        let bytes = std::mem::take(&mut self.bytes);
        let mut out = Writer::behind(bytes, self.scratch.as_deref_mut(), &mut summing);
        let clock = self.access.then_some(&data.clock);
        while self.place != Place::End && out.bytes.len() < self.chunk {
            self.place = match self.place {
                Place::Before(index) => begin_database(&mut out, data, index),
                Place::In(index, stop) => {
                    let tables = &data.databases[index].tables;
                    if data.cluster && stop.is_first() {
                        write_slot(&mut out, data, index, stop.table);
                    }
                    let next = tables.walk(stop, |record| {
                        self.keys += 1;
                        write_record(&mut out, record, clock);
                    });
                    next.map_or(Place::Before(index + 1), |stop| Place::In(index, stop))
                }
                Place::End => Place::End,
            };
        }
        if self.place == Place::End {
            out.byte(opcode::END);
        }
        out.hand_on();
        self.bytes = out.bytes;
        if self.place == Place::End {
            let checksum = self.checksum.map_or(0, |checksum| checksum.value());
            sink.take(&checksum.to_le_bytes());
        }
        true
    }
}

/// What stands before the first database.
fn write_head(out: &mut Writer<'_>, plan: &Plan<'_>) {
    out.bytes.extend(format!("VALKEY{VERSION:03}").into_bytes());
    let mut aux = |name: &str, text: &[u8]| {
        out.byte(opcode::AUX);
        out.string(name.as_bytes());
        out.string(text);
    };
    let number = |number: i64| number.to_string().into_bytes();
    aux("valkey-ver", plan.version.as_bytes());
    aux("redis-bits", b"64");
    aux("ctime", &number(plan.now_s));
    aux("used-mem", &number(plan.used_memory as i64));
    if let Some(history) = &plan.history {
        aux("repl-stream-db", &number(history.database as i64));
        aux("repl-id", history.id.as_bytes());
        aux("repl-offset", &number(history.offset));
    }
    aux("aof-base", &number(plan.aof_base.into()));
}

/// Announces the first database with keys, from `index` on.
fn begin_database(out: &mut Writer<'_>, data: &Keyspace, index: usize) -> Place {
    let databases = data.databases.iter().enumerate().skip(index);
    let Some((index, database)) = databases.into_iter().find(|(_, database)| !database.tables.is_empty())
    else {
        return Place::End;
    };
    out.byte(opcode::SELECT);
    out.length(index as u64);
    out.byte(opcode::RESIZE);
    out.length(database.tables.len() as u64);
    out.length(database.tables.volatile_len() as u64);
    Place::In(index, database.tables.first_stop())
}

/// Tells how many keys of a slot are about to come.
fn write_slot(out: &mut Writer<'_>, data: &Keyspace, index: usize, slot: u16) {
    let tables = &data.databases[index].tables;
    let volatile = tables.iter_of(slot).filter(|record| record.expiry().is_some()).count();
    let timed = tables.iter_of(slot).filter(|record| record.has_timed_fields()).count();
    out.byte(opcode::AUX);
    out.string(b"slot-info");
    out.string(format!("{slot},{},{volatile},{timed}", tables.len_of(slot)).as_bytes());
}

/// A key with all that is known of it.
fn write_record(out: &mut Writer<'_>, record: &Record, clock: Option<&AccessClock>) {
    if let Some(expiry) = record.expiry() {
        out.byte(opcode::EXPIRY_MS);
        out.bytes.extend(expiry.to_le_bytes());
    }
    match clock {
        Some(clock) if clock.lfu => {
            out.byte(opcode::FREQUENCY);
            out.byte(clock.frequency(record.access()) as u8);
        }
        Some(clock) => {
            out.byte(opcode::IDLE);
            out.length(clock.idle_seconds(record.access()));
        }
        None => {}
    }
    value::write(out, Some(record.key()), record);
}
