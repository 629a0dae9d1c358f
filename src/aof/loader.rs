//! A file of commands, taken in pieces and given back command by command.
//!
//! ```text
//! #TS:1700000000\r\n                               an annotation: when what follows was written
//! *3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\nvalue\r\n  a command
//! ```
//!
//! A file may end anywhere: the server that wrote it may have died. What is whole before is good; [`Loader::place`] says
//! where that ends. Everything else that is not as drawn is an error, and never a reason to take memory that the bytes do
//! not account for.

use base::int;
use std::ops::Range;

/// The longest line, its end included.
const LONGEST_LINE: usize = 1024;

/// What comes next in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A command, whose words are in [`Loader::words`].
    Command,
    /// A line that says something about what follows: the moment in Unix seconds, if it says that.
    Annotation(Option<i64>),
    /// Nothing that is whole.
    More,
}

/// Where a file is not as it should be, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatError {
    /// The offset of the line or word at fault.
    pub at: u64,
    /// What was expected there.
    pub expected: &'static str,
}

/// The reader of one file.
#[derive(Debug, Default)]
pub struct Loader {
    bytes: Vec<u8>,
    /// Where the command that is being read begins.
    start: usize,
    /// How far it has been read.
    at: usize,
    /// How many words are still to come; none if no command has begun.
    left: usize,
    words: Vec<Range<usize>>,
    /// The offset in the file of the first byte kept.
    base: u64,
}

impl Loader {
    /// The reader of a file from an offset on.
    pub fn from(offset: u64) -> Loader {
        Loader { base: offset, ..Loader::default() }
    }

    /// Takes the next bytes of the file.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.left == 0 {
            self.words.clear();
        }
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.base += self.start as u64;
            self.at -= self.start;
            self.words.iter_mut().for_each(|word| *word = word.start - self.start..word.end - self.start);
            self.start = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// The offset behind the last whole command or line that was given back.
    pub fn place(&self) -> u64 {
        self.base + self.start as u64
    }

    /// Whether nothing is left over.
    #[cfg(test)]
    fn is_at_end(&self) -> bool {
        self.start == self.bytes.len()
    }

    /// The words of the command.
    pub fn words(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.words.iter().map(|word| &self.bytes[word.clone()])
    }

    /// The next thing in the file. After a command its words stay until this is called again, or bytes come.
    pub fn next_step(&mut self) -> Result<Step, FormatError> {
        if self.left == 0 {
            self.words.clear();
            let Some((line, end)) = self.line()? else { return Ok(Step::More) };
            match line {
                [b'#', said @ ..] => {
                    let moment = said.strip_prefix(b"TS:").and_then(int::parse_i64);
                    (self.start, self.at) = (end, end);
                    return Ok(Step::Annotation(moment));
                }
                [b'*', count @ ..] => {
                    let count = number(count).filter(|&count| (1..=MOST_WORDS).contains(&count));
                    self.left = count.ok_or_else(|| self.error("Expected prefix '*'"))? as usize;
                    self.at = end;
                }
                _ => return Err(self.error("Expected prefix '*'")),
            }
        }
        while self.left > 0 {
            let Some((line, end)) = self.line()? else { return Ok(Step::More) };
            let [b'$', len @ ..] = line else { return Err(self.error("Expected prefix '$'")) };
            let len = number(len).filter(|&len| len >= 0).ok_or_else(|| self.error("Expected prefix '$'"))?;
            let word = end..end.saturating_add(len as usize);
            let behind = word.end.saturating_add(2);
            if behind > self.bytes.len() {
                return Ok(Step::More);
            }
            if &self.bytes[word.end..behind] != b"\r\n" {
                self.at = word.end;
                return Err(self.error("Expected \\r\\n"));
            }
            self.words.push(word);
            self.at = behind;
            self.left -= 1;
        }
        self.start = self.at;
        Ok(Step::Command)
    }

    /// Takes the next bytes of the file, and adds a copy of each command that is whole by now: for those who want the
    /// commands alone, and all of them.
    pub fn read_into(&mut self, commands: &mut Vec<Vec<Vec<u8>>>, bytes: &[u8]) -> Result<(), FormatError> {
        self.feed(bytes);
        loop {
            match self.next_step()? {
                Step::Command => commands.push(self.words().map(<[u8]>::to_vec).collect()),
                Step::Annotation(_) => {}
                Step::More => return Ok(()),
            }
        }
    }

    /// The line that begins here, without its end, and where the next one begins.
    fn line(&self) -> Result<Option<(&[u8], usize)>, FormatError> {
        let rest = &self.bytes[self.at..];
        let seen = &rest[..rest.len().min(LONGEST_LINE)];
        let Some(first) = seen.first() else { return Ok(None) };
        if let Some(end) = seen.iter().position(|&byte| byte == b'\n') {
            let line = &seen[..end];
            return Ok(Some((line.strip_suffix(b"\r").unwrap_or(line), self.at + end + 1)));
        }
        // What cannot become a line any more is told at once.
        let mark = if self.left == 0 { matches!(first, b'*' | b'#') } else { *first == b'$' };
        if seen.len() == LONGEST_LINE || !mark {
            return Err(self.error(if self.left == 0 {
                "Expected prefix '*'"
            } else {
                "Expected prefix '$'"
            }));
        }
        Ok(None)
    }

    fn error(&self, expected: &'static str) -> FormatError {
        FormatError { at: self.base + self.at as u64, expected }
    }
}

/// The most words that a command has.
const MOST_WORDS: i64 = i32::MAX as i64;

fn number(text: &[u8]) -> Option<i64> {
    int::parse_i64(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All commands of a file that comes in pieces, where its whole part ends, and how it ends.
    fn read(file: &[u8], piece: usize) -> (Vec<Vec<Vec<u8>>>, u64, Result<bool, FormatError>) {
        let (mut loader, mut commands) = (Loader::default(), Vec::new());
        let end = file.chunks(piece).try_for_each(|piece| loader.read_into(&mut commands, piece));
        (commands, loader.place(), end.map(|()| loader.is_at_end()))
    }

    #[test]
    fn annotations_tell_the_time() {
        let mut loader = Loader::from(100);
        loader.feed(b"#TS:1628217470\r\n#what\r\n*1\r\n$4\r\nPI");
        assert_eq!(loader.next_step(), Ok(Step::Annotation(Some(1_628_217_470))));
        assert_eq!(loader.place(), 116);
        assert_eq!(loader.next_step(), Ok(Step::Annotation(None)));
        assert_eq!(loader.next_step(), Ok(Step::More));
        assert!(!loader.is_at_end());
        loader.feed(b"NG\r\n");
        assert_eq!(loader.next_step(), Ok(Step::Command));
        assert!(loader.is_at_end() && loader.words().eq([b"PING"]));
    }

    #[test]
    fn what_is_no_command_is_refused_where_it_stands() {
        let at = |file: &[u8]| read(file, 7).2.map_err(|error| error.at);
        assert_eq!(at(b"PING\r\n"), Err(0));
        assert_eq!(at(b"\0"), Err(0));
        assert_eq!(at(b"*1\r\n$4\r\nPING\r\nx"), Err(14));
        assert_eq!(at(b"*0\r\n"), Err(0));
        assert_eq!(at(b"*1\r\n$-1\r\n"), Err(4));
        assert_eq!(at(b"*1\r\n:4\r\n"), Err(4));
        assert_eq!(at(b"*1\r\n$4\r\nPING!!"), Err(12));
        assert_eq!(at(&[b"*1".as_slice(), &[b'1'; 2000]].concat()), Err(0));
        assert_eq!(at(b"*2000000000\r\n$9000000000000000000\r\nx"), Ok(false), "it waits, and takes nothing");
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_in_any_pieces(
            commands in proptest::collection::vec(
                proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..20), 1..5), 0..10),
            piece in 1usize..50, cut in 0usize..400,
        ) {
            let (mut file, mut ends) = (Vec::new(), vec![0]);
            for command in &commands {
                resp::command::push(&mut file, command.iter().map(Vec::as_slice));
                ends.push(file.len());
            }
            let (all, place, end) = read(&file, piece);
            prop_assert_eq!((&all, place, end), (&commands, file.len() as u64, Ok(true)));
            // Cut anywhere, the file still gives all that is whole.
            let cut = cut.min(file.len());
            let whole = ends.iter().rposition(|&end| end <= cut).unwrap();
            let (some, place, end) = read(&file[..cut], piece);
            prop_assert_eq!((&some[..], place), (&commands[..whole], ends[whole] as u64));
            prop_assert_eq!(end, Ok(ends[whole] == cut));
        }

        #[test]
        fn any_bytes_are_read_alike_in_any_pieces(
            file in proptest::collection::vec(proptest::sample::select(b"*$#1239\r\nTS:x".to_vec()), 0..60),
            piece in 1usize..20,
        ) {
            let (whole, pieces) = (read(&file, 100), read(&file, piece));
            prop_assert_eq!(whole.2.is_err(), pieces.2.is_err());
            prop_assert_eq!((whole.0, whole.1), (pieces.0, pieces.1));
        }
    }
}
