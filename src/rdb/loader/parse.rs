//! One attempt to read the next event from the bytes that are there. It changes nothing but what it is lent, and is made
//! again from the same place when more bytes have come.

use super::event::{Entry, Event, ModuleId, Told};
use super::failure::LoadError;
use super::{Partial, Reading};
use crate::reader::Flaw;
use crate::value::growing::Growing;
use crate::{DecodeError, FOREIGN, Reader, Versions, opcode, value};
use keyspace::values::Rules;
use std::ops::RangeInclusive;

/// The length of the signature.
const SIGNATURE: usize = 9;
/// Types from here on, and opcodes up to there, may mean something else in a file of the ancestor.
const DISPUTED: RangeInclusive<u8> = 22..=243;
/// The type of a value of a module.
pub(super) const MODULE: u8 = 7;

/// What the first bytes say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signature {
    pub(super) version: u32,
    /// Whether the ancestor's name stands there.
    ancestral: bool,
}

impl Signature {
    pub(super) fn read(input: &mut Reader<'_>, versions: Versions) -> Result<Signature, Fault> {
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

/// What was parsed.
pub(super) enum Parsed<'a> {
    Event(Event<'a>),
    /// The beginning of a value whose parts have not all come.
    Growing(Partial),
    /// The end, with the checksum that stands there from version 5 on.
    End(Option<u64>),
}

/// What was wrong: with the bytes, or with what they say.
pub(super) enum Fault {
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

/// What an attempt reads from, goes by, and leaves behind.
pub(super) struct Attempt<'l, 'a> {
    pub(super) input: &'l mut Reader<'a>,
    pub(super) file: Signature,
    pub(super) reading: &'l Reading,
    pub(super) rules: &'l Rules,
    /// What is told of the key that is yet to come.
    pub(super) told: &'l mut Told,
    /// Where the next attempt begins: behind what was told.
    pub(super) at: &'l mut usize,
}

impl<'a> Attempt<'_, 'a> {
    /// Reads up to the next event.
    pub(super) fn run(mut self) -> Result<Parsed<'a>, Fault> {
        loop {
            *self.at = self.input.position();
            let kind = self.input.byte()?;
            if self.file.ancestral && DISPUTED.contains(&kind) {
                return Err(LoadError::ForeignType(kind, self.file.version).into());
            }
            if !self.take_told(kind)? {
                return self.event(kind);
            }
        }
    }

    /// Reads what is told of a key that is yet to come, if that is what this opcode says. What is told of slots is passed
    /// over.
    fn take_told(&mut self, kind: u8) -> Result<bool, DecodeError> {
        let Attempt { input, told, .. } = self;
        match kind {
            opcode::EXPIRY_MS => told.expiry = Some(i64::from_le_bytes(input.array()?)),
            opcode::EXPIRY_S => told.expiry = Some(i64::from(i32::from_le_bytes(input.array()?)) * 1000),
            opcode::FREQUENCY => told.frequency = Some(input.byte()?),
            opcode::IDLE => told.idle = Some(input.length()?),
            opcode::SLOT_INFO => {
                for _ in 0..3 {
                    input.length()?;
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn event(&mut self, kind: u8) -> Result<Parsed<'a>, Fault> {
        let input = &mut *self.input;
        Ok(Parsed::Event(match kind {
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
                let id = self.module()?;
                self.input.length()?;
                self.input.length()?;
                skip_module(self.input)?;
                Event::ModuleAux(id)
            }
            opcode::END => {
                let is_summed = self.file.version >= 5;
                return Ok(Parsed::End(if is_summed {
                    Some(u64::from_le_bytes(input.array()?))
                } else {
                    None
                }));
            }
            MODULE => {
                let name = input.string()?;
                let id = self.module()?;
                skip_module(self.input)?;
                *self.told = Told::default();
                Event::Module(name, id)
            }
            kind if !value::knows(kind) => return Err(LoadError::UnknownType(kind).into()),
            kind if Growing::is(kind) => return self.growing(kind),
            kind => self.record(kind)?,
        }))
    }

    /// The number of a module whose data follows, if that may be passed over.
    fn module(&mut self) -> Result<ModuleId, Fault> {
        let id = ModuleId(self.input.length()?);
        if self.reading.skip_modules { Ok(id) } else { Err(LoadError::Module(id).into()) }
    }

    /// A key whose value is read as a whole.
    fn record(&mut self, kind: u8) -> Result<Event<'a>, DecodeError> {
        let name = self.input.string()?;
        match value::read_of(kind, self.input, self.rules) {
            Ok(value) => Ok(Event::Record(Entry { name, value, told: std::mem::take(self.told) })),
            Err(DecodeError { flaw: Flaw::Empty, .. }) => {
                *self.told = Told::default();
                Ok(Event::Empty(name))
            }
            Err(error) => Err(error),
        }
    }

    /// A key whose value takes its parts as they come.
    fn growing(&mut self, kind: u8) -> Result<Parsed<'a>, Fault> {
        let name = self.input.string()?;
        let mut value = Growing::begin(kind, self.input, self.rules)?;
        match value.grow(self.input, self.rules) {
            Err(DecodeError { flaw: Flaw::Short, .. }) => {
                return Ok(Parsed::Growing(Partial { kind, name: name.into_bytes(), value }));
            }
            grown => grown?,
        }
        let told = std::mem::take(self.told);
        Ok(Parsed::Event(match value.finish(self.rules) {
            Some(value) => Event::Record(Entry { name, value, told }),
            None => Event::Empty(name),
        }))
    }
}

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
