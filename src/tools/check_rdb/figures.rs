//! Figures of what is in a file, by database and type: how many keys, how large they are, of how many elements.

use super::options::Layout;
use base::double::push_digits;
use keyspace::values::hash::Clock;
use keyspace::values::list::End;
use keyspace::values::stream::Id;
use keyspace::values::{Any, Stream};
use rdb::{Text, Value};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The types, in the order of their columns.
const TYPES: [&str; 7] = ["string", "list", "set", "zset", "hash", "module", "stream"];

/// More databases than this are not told apart: a file can make their numbers up.
const MOST_DATABASES: u64 = 1 << 16;

/// What is told of a type, line by line.
const FIELDS: [&str; 18] = [
    "type.name",
    "keys.total",
    "expire_keys.total",
    "already_expired.total",
    "keys.size",
    "keys.value_size",
    "elements.total",
    "elements.size",
    "elements.num.max",
    "elements.num.avg",
    "elements.num.p99",
    "elements.num.p90",
    "elements.num.p50",
    "elements.size.max",
    "elements.size.avg",
    "elements.size.p99",
    "elements.size.p90",
    "elements.size.p50",
];

/// What matters of a key.
pub(super) struct Key {
    /// The length of its name.
    pub(super) len: usize,
    /// Whether it expires.
    pub(super) expires: bool,
    /// Whether it has.
    pub(super) expired: bool,
}

/// The figures of all databases.
#[derive(Default)]
pub(super) struct Figures {
    databases: BTreeMap<u64, [Kind; TYPES.len()]>,
    last: u64,
}

/// The figures of one type in one database.
#[derive(Clone, Debug, Default)]
struct Kind {
    keys: u64,
    expires: u64,
    expired: u64,
    names: u64,
    elements: u64,
    bytes: u64,
    counts: Spread,
    sizes: Spread,
}

/// How often there were which numbers. Large ones are kept by their first eleven bits, which is close enough.
#[derive(Clone, Debug, Default)]
struct Spread {
    times: BTreeMap<u64, u64>,
    total: u64,
    most: u64,
}

impl Spread {
    fn add(&mut self, number: u64) {
        let shift = (64 - number.leading_zeros()).saturating_sub(11);
        *self.times.entry((number >> shift << shift) | ((1 << shift) - 1)).or_default() += 1;
        self.total += 1;
        self.most = self.most.max(number);
    }

    /// The number that so many percent are not above.
    fn percentile(&self, percent: f64) -> f64 {
        let wanted = ((percent / 100.0 * self.total as f64 + 0.5) as u64).max(1);
        let mut seen = 0;
        let found = self.times.iter().find(|(_, times)| {
            seen += **times;
            seen >= wanted
        });
        found.map_or(0.0, |(number, _)| *number as f64)
    }
}

impl Kind {
    fn element(&mut self, len: usize) {
        self.bytes += len as u64;
        self.sizes.add(len as u64);
    }

    fn count(&mut self, elements: u64) {
        self.elements += elements;
        self.counts.add(elements);
    }

    fn stream(&mut self, stream: &Stream) {
        for entry in stream.entries.range(Id::MIN, Id::MAX) {
            entry.pairs.for_each(|(field, value)| self.element(field.len() + value.len()));
        }
        self.count(stream.entries.length());
    }

    fn value(&mut self, value: &Value<'_>) {
        match value {
            Value::String(text) => {
                self.element(match text {
                    Text::Integer(number) => base::text::Text::Integer(*number).len(),
                    Text::Bytes(bytes) => bytes.len(),
                });
                self.count(1);
            }
            Value::Other(Any::List(list)) => {
                list.show(0, usize::MAX, End::Tail, |item| self.element(item.len()));
                self.count(list.len() as u64);
            }
            Value::Other(Any::Set(set)) => {
                set.iter().for_each(|member| self.element(member.len()));
                self.count(set.len() as u64);
            }
            Value::Other(Any::SortedSet(set)) => {
                let mut digits = Vec::new();
                set.each(|name, score| {
                    digits.clear();
                    push_digits(&mut digits, score);
                    self.element(name.len() + digits.len());
                });
                self.count(set.len() as u64);
            }
            Value::Other(Any::Hash(hash)) => {
                hash.for_each(&Clock::ALL, |field| self.element(field.name.len() + field.value.len()));
                self.count(hash.len() as u64);
            }
            Value::Other(Any::Stream(stream)) => self.stream(stream),
        }
    }

    fn field(&self, field: usize, name: &str) -> String {
        let mean = |sum: u64, count: u64| if count == 0 { 0.0 } else { sum as f32 / count as f32 };
        match field {
            0 => name.to_owned(),
            1 => self.keys.to_string(),
            2 => self.expires.to_string(),
            3 => self.expired.to_string(),
            4 => self.names.to_string(),
            5 | 7 => self.bytes.to_string(),
            6 => self.elements.to_string(),
            8 => self.counts.most.to_string(),
            9 => format!("{:.2}", mean(self.elements, self.keys)),
            10 => format!("{:.2}", self.counts.percentile(99.0)),
            11 => format!("{:.2}", self.counts.percentile(90.0)),
            12 => format!("{:.2}", self.counts.percentile(50.0)),
            13 => self.sizes.most.to_string(),
            14 => format!("{:.2}", mean(self.bytes, self.elements)),
            15 => format!("{:.2}", self.sizes.percentile(99.0)),
            16 => format!("{:.2}", self.sizes.percentile(90.0)),
            _ => format!("{:.2}", self.sizes.percentile(50.0)),
        }
    }
}

/// The column of a value.
fn column(value: &Value<'_>) -> usize {
    match value {
        Value::String(_) => 0,
        Value::Other(Any::List(_)) => 1,
        Value::Other(Any::Set(_)) => 2,
        Value::Other(Any::SortedSet(_)) => 3,
        Value::Other(Any::Hash(_)) => 4,
        Value::Other(Any::Stream(_)) => 6,
    }
}

impl Figures {
    /// Notes that there is a database of this number.
    pub(super) fn see_database(&mut self, number: u64) {
        self.last = self.last.max(number.min(MOST_DATABASES));
    }

    /// Adds a key.
    pub(super) fn add(&mut self, database: u64, key: &Key, value: &Value<'_>) {
        let kinds = self.databases.entry(database.min(MOST_DATABASES)).or_default();
        let kind = &mut kinds[column(value)];
        kind.keys += 1;
        kind.names += key.len as u64;
        kind.expires += u64::from(key.expires);
        kind.expired += u64::from(key.expired);
        kind.value(value);
    }

    /// Writes all figures.
    pub(super) fn show(&self, layout: Layout, out: &mut impl Write) -> io::Result<()> {
        let none: [Kind; TYPES.len()] = Default::default();
        for number in 0..=self.last {
            let kinds = self.databases.get(&number).unwrap_or(&none);
            for (index, field) in FIELDS.iter().enumerate() {
                let columns = kinds.iter().zip(TYPES).map(|(kind, name)| (name, kind.field(index, name)));
                match layout {
                    Layout::Info if index == 0 => {}
                    Layout::Info => {
                        for (name, text) in columns {
                            writeln!(out, "[info] db.{number}.type.{name}.{field}:{text}")?;
                        }
                    }
                    Layout::Table => {
                        write!(out, "{:<30}", format!("db.{number}.{field}"))?;
                        for (_, text) in columns {
                            write!(out, "\t{text:<5}")?;
                        }
                        writeln!(out)?;
                    }
                    Layout::Csv => {
                        write!(out, "db.{number}.{field}")?;
                        for (_, text) in columns {
                            write!(out, ",{text}")?;
                        }
                        writeln!(out)?;
                    }
                }
            }
        }
        Ok(())
    }
}
