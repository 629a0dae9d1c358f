//! Data as the commands that make it: what the base file holds when it is no snapshot.
//!
//! ```text
//! string      SET key value
//! list        RPUSH key item ...                          64 items a command
//! set         SADD key member ...
//! sorted set  ZADD key score member ...
//! hash        HSETEX key PXAT time FIELDS 1 field value   each field that expires
//!             HMSET key field value ...                   the others
//! stream      XADD key id field value ...                 each entry
//!             XSETID, XGROUP CREATE, XGROUP CREATECONSUMER, XCLAIM
//! and         PEXPIREAT key time                          if the key expires
//! ```
//!
//! The words and their order are those of the reference, so that tools which look at such files find what they expect.

use base::sink::{LARGE, Sink};
use base::text::{Digits, Text};
use base::{double, int};
use keyspace::Record;
use keyspace::values::hash::Clock;
use keyspace::values::list::End;
use keyspace::values::stream::{Consumer, Group, Id, Log};
use keyspace::values::{AnyRef, Hash, List, Set, SortedSet};
use resp::command;

/// How many items a command adds at most.
const ITEMS: usize = 64;

/// So many bytes are handed on together.
const PIECE: usize = 64 * 1024;

/// Writes commands, handing them on piece by piece.
pub struct Rewriter<'a> {
    bytes: Vec<u8>,
    sink: &'a mut dyn Sink,
}

impl<'a> Rewriter<'a> {
    /// A writer that hands pieces to `sink`.
    pub fn new(sink: &'a mut dyn Sink) -> Rewriter<'a> {
        Rewriter { bytes: Vec::new(), sink }
    }

    /// Says when what follows was written, in Unix seconds.
    pub fn annotate(&mut self, now_s: i64) {
        self.bytes.extend_from_slice(format!("#TS:{now_s}\r\n").as_bytes());
    }

    /// What follows is in this database.
    pub fn select(&mut self, database: usize) {
        self.head(&[b"SELECT"], 1);
        self.number(database as i64);
    }

    /// Adds a command of these words.
    pub fn command(&mut self, words: &[&[u8]]) {
        command::push(&mut self.bytes, words.iter().copied());
        self.spill();
    }

    /// A key with its value and its time.
    pub fn record(&mut self, record: &Record) {
        let key = record.key();
        match record.text() {
            Some(text) => {
                self.head(&[b"SET", key], 1);
                self.text(text);
                self.done_with(text);
            }
            None => {
                record.with_any(|any| match any {
                    AnyRef::List(value) => self.list(key, value),
                    AnyRef::Set(value) => self.set(key, value),
                    AnyRef::Hash(value) => self.hash(key, value),
                    AnyRef::SortedSet(value) => self.sorted_set(key, value),
                    AnyRef::Stream(value) => self.stream(key, value),
                });
            }
        }
        if let Some(when) = record.expiry() {
            self.head(&[b"PEXPIREAT", key], 1);
            self.number(when);
        }
        self.spill();
    }

    /// Hands on what is left.
    pub fn finish(self) {
        self.sink.take(&self.bytes);
    }

    fn list(&mut self, key: &[u8], list: &List) {
        let mut batches = Batches::new(list.len());
        list.show(0, list.len(), End::Tail, |item| {
            batches.before_item(self, &[b"RPUSH", key], 1);
            self.text(item);
            self.done_with(item);
        });
    }

    fn set(&mut self, key: &[u8], set: &Set) {
        let mut batches = Batches::new(set.len());
        for member in set.iter() {
            batches.before_item(self, &[b"SADD", key], 1);
            self.text(member);
        }
    }

    fn sorted_set(&mut self, key: &[u8], set: &SortedSet) {
        let mut batches = Batches::new(set.len());
        let mut digits = Vec::new();
        set.each(|member, score| {
            batches.before_item(self, &[b"ZADD", key], 2);
            digits.clear();
            double::push_general(&mut digits, score, 17);
            command::push_word(&mut self.bytes, &digits);
            self.text(member);
        });
    }

    fn hash(&mut self, key: &[u8], hash: &Hash) {
        let mut lasting = 0;
        hash.for_each(&Clock::ALL, |field| match field.expiry {
            Some(when) => {
                self.head(&[b"HSETEX", key, b"PXAT"], 5);
                self.number(when);
                [b"FIELDS", &b"1"[..]].into_iter().for_each(|word| command::push_word(&mut self.bytes, word));
                self.text(field.name);
                self.text(field.value);
                self.spill();
            }
            None => lasting += 1,
        });
        let mut batches = Batches::new(lasting);
        hash.for_each(&Clock::ALL, |field| {
            if field.expiry.is_none() {
                batches.before_item(self, &[b"HMSET", key], 2);
                self.text(field.name);
                self.text(field.value);
            }
        });
    }

    fn stream(&mut self, key: &[u8], stream: &Log) {
        let entries = &stream.entries;
        for entry in entries.range(Id::MIN, Id::MAX) {
            let count = entry.pairs.clone().count();
            self.head(&[b"XADD", key, &entry.id.text()], 2 * count);
            for (field, value) in entry.pairs {
                self.text(field);
                self.text(value);
            }
            self.spill();
        }
        if entries.length() == 0 {
            // A stream without entries is one whose only entry is trimmed away at once.
            self.command(&[b"XADD", key, b"MAXLEN", b"0", b"0-1", b"x", b"y"]);
        }
        let marks = &entries.marks;
        let mut digits = [0; int::MAX_TEXT];
        let added = int::format_i64(marks.added.cast_signed(), &mut digits);
        let (last, deleted) = (marks.last.text(), marks.max_deleted.text());
        self.command(&[b"XSETID", key, &last, b"ENTRIESADDED", added, b"MAXDELETEDID", &deleted]);
        for (name, group) in &stream.groups {
            self.group(key, name, group);
        }
    }

    fn group(&mut self, key: &[u8], name: &[u8], group: &Group) {
        self.head(&[b"XGROUP", b"CREATE", key, name, &group.last.text(), b"ENTRIESREAD"], 1);
        self.number(group.read.map_or(-1, u64::cast_signed));
        for consumer in group.consumers() {
            if consumer.pending().is_empty() {
                self.command(&[b"XGROUP", b"CREATECONSUMER", key, name, consumer.name()]);
            }
            self.pending(key, name, group, consumer);
        }
    }

    fn pending(&mut self, key: &[u8], name: &[u8], group: &Group, consumer: &Consumer) {
        for id in consumer.pending() {
            let Some(pending) = group.pending().get(id) else { continue };
            let (mut time, mut count) = ([0; int::MAX_TEXT], [0; int::MAX_TEXT]);
            self.command(&[
                b"XCLAIM",
                key,
                name,
                consumer.name(),
                b"0",
                &id.text(),
                b"TIME",
                int::format_i64(pending.time, &mut time),
                b"RETRYCOUNT",
                int::format_i64(pending.count.cast_signed(), &mut count),
                b"JUSTID",
                b"FORCE",
            ]);
        }
    }

    /// Begins a command of these words and so many more.
    fn head(&mut self, words: &[&[u8]], more: usize) {
        command::push_head(&mut self.bytes, words.len() + more);
        words.iter().for_each(|word| command::push_word(&mut self.bytes, word));
    }

    fn text(&mut self, text: Text<'_>) {
        let mut digits: Digits = [0; int::MAX_TEXT];
        let word = text.bytes(&mut digits);
        if word.len() < LARGE {
            return command::push_word(&mut self.bytes, word);
        }
        command::push_word_head(&mut self.bytes, word.len());
        self.sink.take(&self.bytes);
        self.sink.take(word);
        self.bytes.clear();
        self.bytes.extend_from_slice(b"\r\n");
    }

    /// A text of the data will not be looked at again.
    fn done_with(&mut self, text: Text<'_>) {
        if let Text::Bytes(bytes) = text
            && bytes.len() >= LARGE
        {
            self.sink.done_with(bytes);
        }
    }

    fn number(&mut self, number: i64) {
        self.text(Text::Integer(number));
    }

    fn spill(&mut self) {
        if self.bytes.len() >= PIECE {
            self.sink.take(&self.bytes);
            self.bytes.clear();
        }
    }
}

/// Items that are added by as few commands as that takes.
struct Batches {
    left: usize,
    room: usize,
}

impl Batches {
    fn new(items: usize) -> Batches {
        Batches { left: items, room: 0 }
    }

    /// Begins a command if the one before is full. An item has so many words.
    fn before_item(&mut self, out: &mut Rewriter<'_>, head: &[&[u8]], words: usize) {
        if self.room == 0 {
            out.spill();
            self.room = self.left.min(ITEMS);
            self.left -= self.room;
            out.head(head, self.room * words);
        }
        self.room -= 1;
    }
}
