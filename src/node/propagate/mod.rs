//! The stream of writes: what a server does to its data, as commands that do the same elsewhere.
//!
//! ```text
//! a command, or what time and memory do   ->  Effects::writes     encoded once, each with its database
//! what is done in one ends                ->  each reader takes them, with SELECT where it needs one, and
//!                                             MULTI and EXEC around what must not be seen in part
//! ```
//!
//! A handler names the words in which it is to be repeated where the request is not (`Effects::replicate_as`); the request
//! itself is taken when it has changed something and its handler has named nothing. Nothing is written down while nobody
//! reads: `Node::follow_readers` decides that (`unit.rs`).

mod unit;

use commands::{Effects, Writes};
use keyspace::Names;

const MULTI: &[u8] = b"*1\r\n$5\r\nMULTI\r\n";
const EXEC: &[u8] = b"*1\r\n$4\r\nEXEC\r\n";

/// How many fields one command takes out that were past their time.
const FIELDS_AT_ONCE: usize = 1024;

/// How the commands belong together that are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// They were done in one.
    Whole,
    /// Each was done by itself.
    Each,
}

/// Who reads the stream.
#[derive(Debug, Default)]
pub(crate) struct Readers {
    /// The append-only file.
    pub(crate) aof: Reader,
}

/// One who reads the stream.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// Whether it wants to.
    pub(crate) on: bool,
    /// What it has not been given yet.
    pub(crate) bytes: Vec<u8>,
    /// How many bytes it was ever given, and how many wait.
    pub(crate) position: u64,
    /// The database that it has been told of.
    database: Option<usize>,
    /// The moment that it has been told of, in Unix seconds, if it wants to know.
    stamp: Option<i64>,
}

impl Reader {
    /// Lets it be told of the database anew: it may begin here.
    pub(crate) fn begin(&mut self) {
        self.database = None;
    }

    /// Tells it the time before each command that comes in another second, or never.
    pub(crate) fn stamps(&mut self, on: bool) {
        self.stamp = on.then(|| self.stamp.unwrap_or(0));
    }

    fn take(&mut self, writes: &Writes, unit: Unit, now_s: i64) {
        if !self.on {
            return;
        }
        let before = self.bytes.len();
        let wrapped = unit == Unit::Whole && writes.len() > 1;
        if wrapped {
            self.tell_time(now_s);
            self.bytes.extend_from_slice(MULTI);
        }
        for (database, command) in writes.iter() {
            self.tell_time(now_s);
            if self.database != Some(database) {
                self.database = Some(database);
                let number = database.to_string();
                resp::command::push(&mut self.bytes, [&b"SELECT"[..], number.as_bytes()].into_iter());
            }
            self.bytes.extend_from_slice(command);
        }
        if wrapped {
            self.bytes.extend_from_slice(EXEC);
        }
        self.position += (self.bytes.len() - before) as u64;
    }

    fn tell_time(&mut self, now_s: i64) {
        if let Some(told) = &mut self.stamp
            && *told < now_s
        {
            *told = now_s;
            self.bytes.extend_from_slice(format!("#TS:{now_s}\r\n").as_bytes());
        }
    }
}

impl Readers {
    /// Gives everyone what was written down, and forgets it.
    pub(crate) fn publish(&mut self, effects: &mut Effects, unit: Unit, now_s: i64) {
        self.aof.take(&effects.writes, unit, now_s);
        effects.writes.clear();
    }
}

/// Fields of a hash went because their time had come.
pub(crate) fn fields_expired(effects: &mut Effects, database: usize, key: &[u8], names: &Names) {
    if !effects.recording {
        return;
    }
    let names: Vec<&[u8]> = names.iter().collect();
    for some in names.chunks(FIELDS_AT_ONCE) {
        let words = [&[b"HDEL", key], some].concat();
        effects.writes.push(database, words.into_iter());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader() -> Readers {
        Readers { aof: Reader { on: true, ..Reader::default() } }
    }

    fn effects(commands: &[(usize, &str)]) -> Effects {
        let mut effects = Effects::default();
        for (database, word) in commands {
            effects.writes.push(*database, [word.as_bytes()].into_iter());
        }
        effects
    }

    /// What a reader was given, without the lengths.
    fn given(readers: &mut Readers) -> String {
        let text = String::from_utf8(std::mem::take(&mut readers.aof.bytes)).unwrap();
        text.lines().filter(|line| !line.starts_with(['*', '$'])).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_unit_of_several_is_wrapped_and_databases_are_told_of_within() {
        let mut readers = reader();
        readers.publish(&mut effects(&[(0, "A"), (3, "B")]), Unit::Whole, 1);
        readers.publish(&mut effects(&[(3, "C")]), Unit::Whole, 1);
        readers.publish(&mut effects(&[(3, "D"), (3, "E")]), Unit::Each, 1);
        assert_eq!(given(&mut readers), "MULTI SELECT 0 A SELECT 3 B EXEC C D E");
        readers.aof.begin();
        readers.publish(&mut effects(&[(3, "F")]), Unit::Whole, 1);
        assert_eq!(given(&mut readers), "SELECT 3 F");
    }

    #[test]
    fn who_wants_to_know_is_told_the_time_once_a_second() {
        let mut readers = reader();
        readers.aof.stamps(true);
        readers.publish(&mut effects(&[(0, "A"), (0, "B")]), Unit::Whole, 7);
        readers.publish(&mut effects(&[(0, "C")]), Unit::Whole, 7);
        readers.publish(&mut effects(&[(0, "D")]), Unit::Whole, 8);
        assert_eq!(given(&mut readers), "#TS:7 MULTI SELECT 0 A B EXEC C #TS:8 D");
        readers.aof.stamps(false);
        readers.publish(&mut effects(&[(0, "E")]), Unit::Whole, 9);
        assert_eq!(given(&mut readers), "E");
    }
}
