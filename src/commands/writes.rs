//! What those are to repeat who follow the writes of this server: commands, encoded once, each with its database.
//!
//! ```text
//! bytes   *2..$3..DEL..$1..a..   *3..$3..SET..$1..b..$1..1..
//! each    0, up to here ^        0, up to here            ^
//! ```

use resp::command;

/// Commands to be repeated, in order.
#[derive(Debug, Default)]
pub struct Writes {
    bytes: Vec<u8>,
    each: Vec<(usize, usize)>,
}

/// The most memory that is kept for the next commands.
const KEPT: usize = 64 * 1024;

impl Writes {
    /// Adds a command of these words to be run in a database.
    pub fn push<'a>(&mut self, database: usize, words: impl ExactSizeIterator<Item = &'a [u8]>) {
        command::push(&mut self.bytes, words);
        self.each.push((database, self.bytes.len()));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.each.len()
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.each.is_empty()
    }

    /// The commands, as bytes, each with its database.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let mut start = 0;
        self.each
            .iter()
            .map(move |&(database, end)| (database, &self.bytes[std::mem::replace(&mut start, end)..end]))
    }

    /// Forgets all but the first `len`.
    pub fn truncate(&mut self, len: usize) {
        self.each.truncate(len);
        self.bytes.truncate(self.each.last().map_or(0, |last| last.1));
    }

    /// Forgets them, keeping the memory if it is of the usual size.
    pub fn clear(&mut self) {
        if self.bytes.capacity() > KEPT {
            *self = Writes::default();
        }
        self.bytes.clear();
        self.each.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::Writes;

    #[test]
    fn commands_come_back_in_order_with_their_databases() {
        let mut writes = Writes::default();
        writes.push(3, [&b"DEL"[..], b"a"].into_iter());
        writes.push(0, [&b"PING"[..]].into_iter());
        let all: Vec<_> = writes.iter().collect();
        assert_eq!(all, [(3, &b"*2\r\n$3\r\nDEL\r\n$1\r\na\r\n"[..]), (0, b"*1\r\n$4\r\nPING\r\n")]);
        writes.truncate(1);
        assert_eq!(writes.iter().collect::<Vec<_>>(), [(3, &b"*2\r\n$3\r\nDEL\r\n$1\r\na\r\n"[..])]);
        writes.push(0, [vec![b'x'; 100_000].as_slice()].into_iter());
        writes.clear();
        assert!(writes.is_empty() && writes.bytes.capacity() == 0);
    }
}
