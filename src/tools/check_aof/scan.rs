//! A file of commands, looked through to tell where it is whole and what is wrong behind that.
//!
//! The server's own loader (`aof::Loader`) tells less about what is wrong; here every fault has its words and its place.

use std::io::{self, BufRead, Read};

/// The longest line that begins a command or a word, and the longest annotation.
const LONGEST_HEAD: u64 = 127;
const LONGEST_LINE: u64 = 1023;

/// How a scan ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// There is no more.
    File,
    /// Something is wrong, or missing.
    Broken,
    /// An annotation tells a moment after the one that is asked for.
    Later,
    /// The file cannot be taken any further, and this is to be said.
    Abort(String),
}

/// A scan of one file.
pub(super) struct Scan<R> {
    input: R,
    /// How far it has come.
    offset: u64,
    /// Up to where all is well, outside of transactions.
    pub(super) sound: u64,
    /// The number of the line that comes next.
    pub(super) line: u64,
    /// What is wrong.
    pub(super) error: Option<String>,
    in_transaction: bool,
    /// Where what is being read began.
    began: u64,
}

impl<R: BufRead> Scan<R> {
    /// A scan from an offset on, where `input` is.
    pub(super) fn from(input: R, offset: u64) -> Scan<R> {
        Scan { input, offset, sound: offset, line: 1, error: None, in_transaction: false, began: offset }
    }

    /// Looks the file through, up to a moment if one is given.
    pub(super) fn run(&mut self, name: &str, until: Option<i64>) -> io::Result<End> {
        loop {
            if !self.in_transaction {
                self.sound = self.offset;
            }
            let Some(&first) = self.input.fill_buf()?.first() else {
                if self.in_transaction {
                    self.fail("Reached EOF before reading EXEC for MULTI");
                    return Ok(End::Broken);
                }
                return Ok(End::File);
            };
            match first {
                b'#' => {
                    self.began = self.offset;
                    let line = self.take_line(LONGEST_LINE)?;
                    if let (Some(until), Some(said)) = (until, line.strip_prefix(b"#TS:")) {
                        let moment = said.strip_suffix(b"\r\n").and_then(base::int::parse_i64);
                        let Some(moment) = moment else {
                            return Ok(End::Abort("Invalid timestamp annotation".into()));
                        };
                        if moment > until {
                            self.sound = self.began;
                            return Ok(End::Later);
                        }
                    }
                }
                b'*' => {
                    if !self.command(name)? {
                        return Ok(End::Broken);
                    }
                }
                _ => return Ok(End::Abort(format!("AOF {name} format error"))),
            }
        }
    }

    fn fail(&mut self, text: impl AsRef<str>) {
        self.error = Some(format!("0x{:16x}: {}", self.began, text.as_ref()));
    }

    /// Reads a command. Answers whether it is whole and stands where it may.
    fn command(&mut self, name: &str) -> io::Result<bool> {
        let Some(count) = self.number(b'*')? else { return Ok(false) };
        for index in 0..count {
            let Some(word) = self.word()? else { return Ok(false) };
            if index > 0 {
                continue;
            }
            let (begins, ends) = (word.eq_ignore_ascii_case(b"multi"), word.eq_ignore_ascii_case(b"exec"));
            if (begins && self.in_transaction) || (ends && !self.in_transaction) {
                let word = if begins { "MULTI" } else { "EXEC" };
                self.fail(format!("Unexpected {word} in AOF {name}"));
                return Ok(false);
            }
            self.in_transaction = (self.in_transaction || begins) && !ends;
        }
        Ok(true)
    }

    /// Reads a line of a mark and a number.
    fn number(&mut self, mark: u8) -> io::Result<Option<i64>> {
        self.began = self.offset;
        let line = self.take_line(LONGEST_HEAD)?;
        let Some((&first, rest)) = line.split_first() else { return Ok(None) };
        if first != mark {
            let (mark, first) = (char::from(mark), char::from(first));
            self.fail(format!("Expected prefix '{mark}', got: '{first}'"));
            return Ok(None);
        }
        let sign = usize::from(rest.first().is_some_and(|byte| matches!(byte, b'-' | b'+')));
        let digits = rest[sign..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        // What is too large is as large as can be, and nothing is none.
        let magnitude = rest[sign..sign + digits]
            .iter()
            .fold(0_i64, |number, digit| number.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
        if !self.line_end(&rest[sign + digits..]) {
            return Ok(None);
        }
        Ok(Some(if rest.starts_with(b"-") { -magnitude } else { magnitude }))
    }

    /// Reads a word. Answers its beginning: nobody looks further.
    fn word(&mut self) -> io::Result<Option<Vec<u8>>> {
        const LOOKED_AT: u64 = 16;
        let Some(len) = self.number(b'$')? else { return Ok(None) };
        let Some(len) = u64::try_from(len).ok().filter(|&len| len <= i64::MAX as u64 - 2) else {
            self.fail(format!("Expected to read string of {len} bytes, which is not in the suitable range"));
            return Ok(None);
        };
        self.began = self.offset;
        let mut word = Vec::new();
        let mut got = self.input.by_ref().take(len.min(LOOKED_AT)).read_to_end(&mut word)? as u64;
        got += io::copy(&mut self.input.by_ref().take(len - len.min(LOOKED_AT)), &mut io::sink())?;
        let mut end = Vec::new();
        let behind = self.input.by_ref().take(2).read_to_end(&mut end)? as u64;
        self.offset += got + behind;
        if got + behind != len + 2 {
            self.fail(format!("Expected to read {} bytes, got {} bytes", len + 2, got + behind));
            return Ok(None);
        }
        Ok(self.line_end(&end).then_some(word))
    }

    /// Whether a line ends here.
    fn line_end(&mut self, rest: &[u8]) -> bool {
        if rest.starts_with(b"\r\n") {
            self.line += 1;
            return true;
        }
        let byte = |at: usize| rest.get(at).copied().unwrap_or(0);
        self.fail(format!("Expected \\r\\n, got: {:02x}{:02x}", byte(0), byte(1)));
        false
    }

    /// Reads up to the end of the line, or so many bytes.
    fn take_line(&mut self, most: u64) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        self.input.by_ref().take(most).read_until(b'\n', &mut line)?;
        self.offset += line.len() as u64;
        Ok(line)
    }
}
