//! `maxmemory-clients`: an amount of memory, or a percentage of `maxmemory`.

use crate::error::Reason;
use crate::form::{Args, Context, FileLine, Form};
use crate::number::memory_text;
use crate::words::until_nul;
use base::units::{parse_memory, parse_percent};

/// An amount of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryShare {
    /// Bytes; zero is no limit.
    Bytes(u64),
    /// A percentage of `maxmemory`, from 1 to 100.
    Percent(u8),
}

impl MemoryShare {
    /// The amount in bytes, or `None` for no limit. A percentage of no `maxmemory` is no limit.
    pub fn bytes(self, maxmemory: u64) -> Option<u64> {
        match self {
            Self::Bytes(0) => None,
            Self::Bytes(bytes) => Some(bytes),
            Self::Percent(_) if maxmemory == 0 => None,
            Self::Percent(percent) => Some((maxmemory as f64 * f64::from(percent) / 100.0) as u64),
        }
    }
}

/// The form of [`MemoryShare`].
pub(crate) struct MemoryOrPercent;

const MAX_PERCENT: i64 = 100;

impl Form<MemoryShare> for MemoryOrPercent {
    /// The reference holds a percentage as a negative number of bytes, and so an amount of 2^63 or more is taken for a
    /// percentage: a quirk kept, as it decides which error a client sees.
    fn parse(&self, args: Args<'_>, _: &Context<'_, MemoryShare>) -> Result<MemoryShare, Reason> {
        let [arg] = args else { return Err("wrong number of arguments".into()) };
        let amount = parse_memory(until_nul(arg)).map(u64::cast_signed);
        let percent = || i64::try_from(parse_percent(arg)?).ok().map(|percent| -percent);
        let bits = amount.or_else(percent).ok_or("argument must be a memory or percent value")?;
        if bits >= 0 {
            return Ok(MemoryShare::Bytes(bits.cast_unsigned()));
        }
        match u8::try_from(bits.unsigned_abs()) {
            Ok(percent) if i64::from(percent) <= MAX_PERCENT => Ok(MemoryShare::Percent(percent)),
            _ => Err(format!("percentage argument must be less or equal to {MAX_PERCENT}").into()),
        }
    }

    fn show(&self, value: &MemoryShare) -> Vec<u8> {
        match value {
            MemoryShare::Bytes(bytes) => bytes.to_string(),
            MemoryShare::Percent(percent) => format!("{percent}%"),
        }
        .into_bytes()
    }

    fn file_lines(&self, value: &MemoryShare, default: &MemoryShare) -> Vec<FileLine> {
        let text = match value {
            MemoryShare::Bytes(bytes) => memory_text(*bytes).into_bytes(),
            MemoryShare::Percent(_) => self.show(value),
        };
        vec![FileLine { value: text, needed: value != default }]
    }
}
