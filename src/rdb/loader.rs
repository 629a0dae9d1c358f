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

use crate::reader::Flaw;
use crate::value::growing::Growing;
use crate::{DecodeError, FOREIGN, Reader, Text, Value, Versions, opcode, value};
use base::crc64::Crc64;
use keyspace::values::Rules;

/// How many bytes are asked for at a time.
pub const SLICE: usize = 256 * 1024;

/// What stands in a file.
#[derive(Debug)]
pub enum Event<'a> {
    /// Something that the writer says of itself or of the data.
    Aux {
        /// What it is about.
        name: Text<'a>,
        /// What is said.
        text: Text<'a>,
    },
    /// The code of a library of functions.
    Library(Text<'a>),
    /// Data of a module that belongs to no key.
    ModuleAux(ModuleId),
    /// Slots that were being brought in.
    SlotImport,
    /// The number of the database of what follows.
    Select(u64),
    /// How many keys it has, and how many of them expire. Nobody vouches for it.
    Resize(u64, u64),
    /// A key.
    Record(Entry<'a>),
    /// A key with a value of a module.
    Module(Text<'a>, ModuleId),
    /// A key of a type that is never empty, and is.
    Empty(Text<'a>),
    /// The file is complete. Bytes behind it are not looked at.
    End(Checksum),
}

/// A key with all that is told of it.
#[derive(Debug)]
pub struct Entry<'a> {
    /// The name.
    pub name: Text<'a>,
    /// The value.
    pub value: Value<'a>,
    /// What was told before.
    pub told: Told,
}

/// What may be told of a key before its type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// When it expires, in Unix milliseconds.
    pub expiry: Option<i64>,
    /// For how many seconds it was not used.
    pub idle: Option<u64>,
    /// How frequently it is used.
    pub frequency: Option<u8>,
}

/// What became of the checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// It is right.
    Right,
    /// The file has none.
    Missing,
    /// It was not looked at.
    Unread,
}

/// The number of a module's type, which is its name and a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModuleId(pub u64);

impl std::fmt::Display for ModuleId {
    /// The name: nine characters of six bits each.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        for place in 0..9 {
            let letter = LETTERS[(self.0 >> (58 - 6 * place)) as usize & 63];
            write!(f, "{}", char::from(letter))?;
        }
        Ok(())
    }
}

/// Why a file cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// It does not begin as such files do.
    Signature,
    /// It is of a version that is not read.
    Version(u32),
    /// It has a type that is another in the versions of the ancestor of this format.
    ForeignType(u8, u32),
    /// It has a type that nobody knows.
    UnknownType(u8),
    /// It has a value of a module.
    Module(ModuleId),
    /// It has functions as candidates of a release wrote them.
    OldFunction,
    /// It has slots that were being moved.
    SlotImport,
    /// Its bytes contradict each other.
    Corrupt(Flaw),
    /// It ends too early.
    Ended,
    /// Its checksum is another.
    Checksum {
        /// What the bytes add up to.
        computed: u64,
        /// What the file says.
        stored: u64,
    },
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LoadError::Signature => write!(f, "Wrong signature trying to load DB from file"),
            LoadError::Version(version) => write!(f, "Can't handle RDB format version {version}"),
            LoadError::ForeignType(kind, version) => {
                write!(f, "Can't handle foreign type or opcode {kind} in RDB with version {version}")
            }
            LoadError::UnknownType(kind) => write!(f, "Unknown RDB encoding type {kind}"),
            LoadError::Module(id) => {
                write!(f, "The RDB file contains module data I can't load: no matching module '{id}'")
            }
            LoadError::OldFunction => write!(f, "Pre-release function format not supported."),
            LoadError::SlotImport => write!(f, "The RDB file contains slots that were being imported"),
            LoadError::Corrupt(flaw) => write!(f, "{flaw}"),
            LoadError::Ended => write!(f, "Unexpected EOF reading RDB file"),
            LoadError::Checksum { computed, stored } => {
                write!(f, "Wrong RDB checksum expected: ({computed:x}) but got ({stored:x}). Aborting now.")
            }
        }
    }
}

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

/// What the first bytes say.
#[derive(Clone, Copy, Debug)]
struct Signature {
    version: u32,
    /// Whether the ancestor's name stands there.
    ancestral: bool,
}

/// The length of the signature.
const SIGNATURE: usize = 9;

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

impl From<DecodeError> for LoadError {
    fn from(error: DecodeError) -> LoadError {
        if error.flaw == Flaw::Short { LoadError::Ended } else { LoadError::Corrupt(error.flaw) }
    }
}

/// What was being read when something was found to be wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failing {
    /// What was being done: `read-key`, `read-object-value` ...
    pub doing: &'static str,
    /// The type of the value.
    pub kind: Option<u8>,
    /// The name of the key.
    pub name: Option<Vec<u8>>,
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
        let parsed = match self.signature {
            Some(file) => parse(&mut input, &mut self.at, &mut self.told, file, &self.reading, rules),
            None => Signature::read(&mut input, self.reading.versions).and_then(|file| {
                self.signature = Some(file);
                parse(&mut input, &mut self.at, &mut self.told, file, &self.reading, rules)
            }),
        };
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

    /// What the log is to say of an error, a line each: what and where it is, and what was being read.
    pub fn explain(&self, error: LoadError) -> Vec<String> {
        let failing = self.failing();
        let what = match (error, failing.kind) {
            (LoadError::Corrupt(flaw), Some(kind)) => value::describe(kind, flaw),
            (LoadError::Checksum { .. }, _) => "RDB CRC error".to_owned(),
            (error, _) => error.to_string(),
        };
        let mut lines = vec![
            format!("[offset {}] {what}", self.position()),
            format!("[additional info] While doing: {}", failing.doing),
        ];
        if let Some(name) = &failing.name {
            lines.push(format!("[additional info] Reading key '{}'", String::from_utf8_lossy(name)));
        }
        if let Some(kind) = failing.kind {
            let name = value::NAMES.get(usize::from(kind)).unwrap_or(&"unknown");
            lines.push(format!("[additional info] Reading type {kind} ({name})"));
        }
        lines
    }

    /// What was being read, after an error.
    pub fn failing(&self) -> Failing {
        let doing = |doing| Failing { doing, ..Failing::default() };
        if self.signature.is_none() {
            return doing("start");
        }
        if let Some(Partial { kind, name, .. }) = &self.partial {
            return Failing { doing: "read-object-value", kind: Some(*kind), name: Some(name.clone()) };
        }
        let mut input = Reader::from(&self.bytes, self.failed);
        match input.byte() {
            Err(_) => doing("read-type"),
            Ok(opcode::EXPIRY_MS | opcode::EXPIRY_S) => doing("read-expire"),
            Ok(opcode::SELECT | opcode::RESIZE) => doing("read-len"),
            Ok(opcode::AUX) => doing("read-aux"),
            Ok(opcode::MODULE_AUX) => doing("read-module-aux"),
            Ok(opcode::FUNCTION) => doing("read-functions"),
            Ok(opcode::END) => doing("check-sum"),
            Ok(kind) if value::knows(kind) || kind == MODULE => {
                let name = input.string().ok().map(Text::into_bytes);
                let doing = if name.is_some() { "read-object-value" } else { "read-key" };
                Failing { doing, kind: Some(kind), name }
            }
            Ok(_) => doing("read-type"),
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

/// What was parsed.
enum Parsed<'a> {
    Event(Event<'a>),
    /// The beginning of a value whose parts have not all come.
    Growing(Partial),
    /// The end, with the checksum that stands there from version 5 on.
    End(Option<u64>),
}

/// What was wrong: with the bytes, or with what they say.
enum Fault {
    Decode(DecodeError),
    Load(LoadError),
}

impl From<DecodeError> for Fault {
    fn from(error: DecodeError) -> Fault {
        Fault::Decode(error)
    }
}

impl From<LoadError> for Fault {
    fn from(error: LoadError) -> Fault {
        Fault::Load(error)
    }
}

impl Signature {
    fn read(input: &mut Reader<'_>, versions: Versions) -> Result<Signature, Fault> {
        let text: [u8; SIGNATURE] = input.array()?;
        let ancestral = text.starts_with(b"REDIS0");
        if !ancestral && !text.starts_with(b"VALKEY") {
            return Err(LoadError::Signature.into());
        }
        let digits = text[6..].iter().take_while(|byte| byte.is_ascii_digit());
        let version = digits.fold(0, |version, digit| version * 10 + u32::from(digit - b'0'));
        let own = version > u32::from(*FOREIGN.end());
        let read = u16::try_from(version).is_ok_and(|version| versions.include(version));
        if ancestral == own || !read {
            return Err(LoadError::Version(version).into());
        }
        Ok(Signature { version, ancestral })
    }
}

/// Types from here on, and opcodes up to there, may mean something else in a file of the ancestor.
const DISPUTED: std::ops::RangeInclusive<u8> = 22..=243;

/// Reads up to the next event. What is told of a key that is yet to come is kept in `told`, and `at` moved behind it.
fn parse<'a>(
    input: &mut Reader<'a>,
    at: &mut usize,
    told: &mut Told,
    file: Signature,
    reading: &Reading,
    rules: &Rules,
) -> Result<Parsed<'a>, Fault> {
    loop {
        *at = input.position();
        let kind = input.byte()?;
        if file.ancestral && DISPUTED.contains(&kind) {
            return Err(LoadError::ForeignType(kind, file.version).into());
        }
        return Ok(Parsed::Event(match kind {
            opcode::EXPIRY_MS => {
                told.expiry = Some(i64::from_le_bytes(input.array()?));
                continue;
            }
            opcode::EXPIRY_S => {
                told.expiry = Some(i64::from(i32::from_le_bytes(input.array()?)) * 1000);
                continue;
            }
            opcode::FREQUENCY => {
                told.frequency = Some(input.byte()?);
                continue;
            }
            opcode::IDLE => {
                told.idle = Some(input.length()?);
                continue;
            }
            opcode::SLOT_INFO => {
                input.length()?;
                input.length()?;
                input.length()?;
                continue;
            }
            opcode::SELECT => Event::Select(input.length()?),
            opcode::RESIZE => Event::Resize(input.length()?, input.length()?),
            opcode::AUX => Event::Aux { name: input.string()?, text: input.string()? },
            opcode::FUNCTION => Event::Library(input.string()?),
            opcode::OLD_FUNCTION => return Err(LoadError::OldFunction.into()),
            opcode::SLOT_IMPORT => {
                input.string()?;
                for _ in 0..input.length()? {
                    input.length()?;
                    input.length()?;
                }
                Event::SlotImport
            }
            opcode::MODULE_AUX => {
                let id = ModuleId(input.length()?);
                if !reading.skip_modules {
                    return Err(LoadError::Module(id).into());
                }
                input.length()?;
                input.length()?;
                skip_module(input)?;
                Event::ModuleAux(id)
            }
            opcode::END => {
                let stored = if file.version >= 5 { Some(u64::from_le_bytes(input.array()?)) } else { None };
                return Ok(Parsed::End(stored));
            }
            MODULE => {
                let name = input.string()?;
                let id = ModuleId(input.length()?);
                if !reading.skip_modules {
                    return Err(LoadError::Module(id).into());
                }
                skip_module(input)?;
                *told = Told::default();
                Event::Module(name, id)
            }
            kind if !value::knows(kind) => return Err(LoadError::UnknownType(kind).into()),
            kind if Growing::is(kind) => {
                let name = input.string()?;
                let mut value = Growing::begin(kind, input, rules)?;
                match value.grow(input, rules) {
                    Err(DecodeError { flaw: Flaw::Short, .. }) => {
                        return Ok(Parsed::Growing(Partial { kind, name: name.into_bytes(), value }));
                    }
                    grown => grown?,
                }
                let told = std::mem::take(told);
                match value.finish(rules) {
                    Some(value) => Event::Record(Entry { name, value, told }),
                    None => Event::Empty(name),
                }
            }
            kind => {
                let name = input.string()?;
                match value::read_of(kind, input, rules) {
                    Ok(value) => Event::Record(Entry { name, value, told: std::mem::take(told) }),
                    Err(DecodeError { flaw: Flaw::Empty, .. }) => {
                        *told = Told::default();
                        Event::Empty(name)
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }));
    }
}

/// The type of a value of a module.
const MODULE: u8 = 7;

/// Passes over what a module wrote: parts, each behind what it is.
fn skip_module(input: &mut Reader<'_>) -> Result<(), DecodeError> {
    loop {
        let part = input.error(Flaw::Content);
        match input.length()? {
            0 => return Ok(()),
            1 | 2 => drop(input.length()?),
            3 => drop(input.array::<4>()?),
            4 => drop(input.array::<8>()?),
            5 => drop(input.string()?),
            _ => return Err(part),
        }
    }
}
