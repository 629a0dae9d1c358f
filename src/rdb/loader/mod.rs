//! Reading a whole file: bytes are pushed in as they come, events are taken out.
//!
//! ```text
//! room -> bytes read there -> filled -> next -> Event ... Hungry      again, until Event::End
//! ```
//!
//! An event is parsed when all of its bytes are there. When they are not, the next attempt is made once there are twice as
//! many, so that even one string that fills the file is looked at a few times only; and the memory that is held is never
//! more than some times what was pushed in, whatever lengths the bytes announce. A value of many parts takes those that are
//! there, and waits for the others with nothing more held than itself.
//!
//! Here is how bytes are held and when an attempt is made; [`parse`] is one attempt.

mod event;
mod failure;
mod parse;

pub use event::{Checksum, Entry, Event, ModuleId, Told};
pub use failure::{Failing, LoadError};

use crate::reader::Flaw;
use crate::value::growing::Growing;
use crate::{DecodeError, Reader, Text, Versions};
use base::crc64::Crc64;
use keyspace::values::Rules;
use parse::{Attempt, Fault, Parsed, Signature};

/// How many bytes are asked for at a time.
pub const SLICE: usize = 256 * 1024;

/// What comes next.
#[derive(Debug)]
pub enum Step<'a> {
    /// This.
    Event(Event<'a>),
    /// Nothing, before more bytes have come.
    Hungry,
}

/// How a file is read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Which versions are.
    pub versions: Versions,
    /// Whether the checksum is held against the bytes.
    pub checksum: bool,
    /// Whether values of modules are passed over.
    pub skip_modules: bool,
}

/// Reads a file.
pub struct Loader {
    reading: Reading,
    bytes: Vec<u8>,
    /// What is behind this has not been read.
    at: usize,
    /// What is before this is in the checksum.
    summed: usize,
    /// How many bytes of the file came before `bytes`.
    before: u64,
    /// There is no sense in trying before so many bytes are unread.
    pub(crate) want: usize,
    /// Whether all bytes have come.
    complete: bool,
    signature: Option<Signature>,
    checksum: Crc64,
    told: Told,
    /// A key with a value that has some of its parts.
    partial: Option<Partial>,
    /// Where that begins in `bytes` which could not be read.
    failed: usize,
}

/// A key whose value has some of its parts.
struct Partial {
    kind: u8,
    name: Vec<u8>,
    value: Growing,
}

impl Partial {
    /// The key, when it has all.
    fn finish(self, rules: &Rules, told: Told) -> Event<'static> {
        let name = Text::Bytes(self.name.into());
        match self.value.finish(rules) {
            Some(value) => Event::Record(Entry { name, value, told }),
            None => Event::Empty(name),
        }
    }
}

/// Holds the checksum that stands at the end against that of the bytes up to there, of which these are the rest.
fn verify(
    reading: &Reading,
    checksum: &mut Crc64,
    rest: &[u8],
    stored: Option<u64>,
) -> Result<Checksum, LoadError> {
    match stored.filter(|_| reading.checksum) {
        None => Ok(Checksum::Unread),
        Some(0) => Ok(Checksum::Missing),
        Some(stored) => {
            checksum.update(rest);
            let computed = checksum.value();
            if computed == stored {
                Ok(Checksum::Right)
            } else {
                Err(LoadError::Checksum { computed, stored })
            }
        }
    }
}

impl Loader {
    /// A loader that has seen nothing.
    pub fn new(reading: Reading) -> Loader {
        Loader {
            reading,
            bytes: Vec::new(),
            at: 0,
            summed: 0,
            before: 0,
            want: 0,
            complete: false,
            signature: None,
            checksum: Crc64::new(),
            told: Told::default(),
            partial: None,
            failed: 0,
        }
    }

    /// Room for the next bytes, to be told of by [`Loader::filled`].
    pub fn room(&mut self) -> &mut [u8] {
        self.forget_read();
        let unread = self.bytes.len();
        self.bytes.resize(unread + SLICE, 0);
        &mut self.bytes[unread..]
    }

    /// So many bytes have come into the room that was given; none, when there are no more.
    pub fn filled(&mut self, count: usize) {
        let empty = SLICE.saturating_sub(count);
        self.bytes.truncate(self.bytes.len() - empty);
        self.complete |= count == 0;
    }

    /// Takes bytes in.
    pub fn push(&mut self, bytes: &[u8]) {
        self.forget_read();
        self.bytes.extend_from_slice(bytes);
    }

    /// There are no more bytes.
    pub fn complete(&mut self) {
        self.complete = true;
    }

    /// How many bytes of the file have been read.
    pub fn position(&self) -> u64 {
        self.before + self.at as u64
    }

    /// The version of the file, once it is known.
    pub fn version(&self) -> Option<u32> {
        self.signature.map(|signature| signature.version)
    }

    /// What has come and is not read: behind [`Event::End`], what follows the file.
    pub fn rest(&self) -> &[u8] {
        &self.bytes[self.at..]
    }

    /// What comes next. After an error nothing does, and the position is that of the error.
    pub fn next(&mut self, rules: &Rules) -> Result<Step<'_>, LoadError> {
        let unread = self.bytes.len() - self.at;
        if unread < self.want && !self.complete {
            return Ok(Step::Hungry);
        }
        if self.partial.is_some() {
            return self.grow(rules);
        }
        let mut input = Reader::from(&self.bytes, self.at);
        let signature = match self.signature {
            Some(known) => Ok(known),
            None => Signature::read(&mut input, self.reading.versions),
        };
        let parsed = signature.and_then(|file| {
            self.signature = Some(file);
            let (reading, told, at) = (&self.reading, &mut self.told, &mut self.at);
            Attempt { input: &mut input, file, reading, rules, told, at }.run()
        });
        match parsed {
            Ok(Parsed::Event(event)) => {
                self.at = input.position();
                self.want = 0;
                Ok(Step::Event(event))
            }
            Ok(Parsed::Growing(partial)) => {
                (self.failed, self.at) = (self.at, input.position());
                self.partial = Some(partial);
                self.want = 2 * input.remaining();
                if self.complete { Err(LoadError::Ended) } else { Ok(Step::Hungry) }
            }
            Ok(Parsed::End(stored)) => {
                let (unsummed, covered) = (self.summed, self.at + 1);
                (self.failed, self.at, self.summed) = (self.at, input.position(), covered);
                let rest = &self.bytes[unsummed..covered];
                let checksum = verify(&self.reading, &mut self.checksum, rest, stored)?;
                Ok(Step::Event(Event::End(checksum)))
            }
            Err(Fault::Decode(DecodeError { flaw: Flaw::Short, .. })) if !self.complete => {
                self.want = 2 * (self.bytes.len() - self.at);
                Ok(Step::Hungry)
            }
            Err(Fault::Decode(error)) => {
                (self.failed, self.at) = (self.at, error.at);
                Err(error.into())
            }
            Err(Fault::Load(error)) => {
                (self.failed, self.at) = (self.at, input.position());
                Err(error)
            }
        }
    }

    /// Gives a value the parts that have come.
    fn grow(&mut self, rules: &Rules) -> Result<Step<'static>, LoadError> {
        let Some(mut partial) = self.partial.take() else { return Ok(Step::Hungry) };
        let mut input = Reader::from(&self.bytes, self.at);
        let grown = partial.value.grow(&mut input, rules);
        self.at = input.position();
        self.want = 2 * input.remaining();
        match grown {
            Ok(()) => {
                self.want = 0;
                Ok(Step::Event(partial.finish(rules, std::mem::take(&mut self.told))))
            }
            Err(error) => {
                self.partial = Some(partial);
                if error.flaw == Flaw::Short && !self.complete {
                    return Ok(Step::Hungry);
                }
                self.at = error.at;
                Err(error.into())
            }
        }
    }

    /// Lets go of what has been read.
    fn forget_read(&mut self) {
        self.sum_up();
        self.bytes.drain(..self.at);
        self.before += self.at as u64;
        (self.at, self.summed) = (0, 0);
    }

    /// Takes into the checksum what has been read.
    fn sum_up(&mut self) {
        if self.reading.checksum {
            self.checksum.update(&self.bytes[self.summed..self.at]);
        }
        self.summed = self.at;
    }
}
