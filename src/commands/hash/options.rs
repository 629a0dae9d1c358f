//! What stands before the fields of commands about times: options, and the word FIELDS with their number.
//!
//! ```text
//! key [option ...] FIELDS numfields name [name ...]
//! ```
//!
//! Quirks kept from the reference: FIELDS is looked for from the very first word on, so that a key of this name is taken for
//! it; what follows must be exactly as many words as announced; options before that are read only once FIELDS was found.

use crate::parse::{self, Timing, Unit};
use crate::{CommandError, Ctx};
use conn::Args;

/// Which command's options they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grammar {
    /// `[FNX | FXX] [EX s | PX ms | EXAT s | PXAT ms | KEEPTTL]`
    Set,
    /// `[EX s | PX ms | EXAT s | PXAT ms | PERSIST]`
    Get,
}

/// On what HSETEX depends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// On nothing.
    Always,
    /// On none of the fields being there.
    Absent,
    /// On all of them being there.
    Present,
}

/// The options of HSETEX and HGETEX.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options<'a> {
    pub(super) condition: Condition,
    pub(super) timing: Timing<'a>,
    /// The argument that is the first field.
    pub(super) first: usize,
}

/// Where FIELDS stands, looked for from argument `from` on; never the last argument.
pub(super) fn find_fields(args: &Args<'_>, from: usize) -> Option<usize> {
    (from..args.len() - 1).find(|&at| parse::is(args.at(at), "fields"))
}

/// The text that refuses a number of fields.
pub(super) fn wrong_count() -> CommandError {
    CommandError::of("numfields should be greater than 0 and match the provided number of fields")
}

/// Checks the number of fields, which is at `at`, against what follows it, `step` words a field. Answers where they begin.
pub(super) fn check_count(args: &Args<'_>, at: usize, step: usize) -> Result<usize, CommandError> {
    let count = parse::integer(args.at(at))?;
    let there = args.len() - at - 1;
    match usize::try_from(count) {
        Ok(count @ 1..) if count.checked_mul(step) == Some(there) => Ok(at + 1),
        _ => Err(wrong_count()),
    }
}

impl<'a> Options<'a> {
    pub(super) fn parse(args: Args<'a>, grammar: Grammar) -> Result<Options<'a>, CommandError> {
        let Some(fields) = find_fields(&args, 0) else { return Err(wrong_count()) };
        let mut options = Options { condition: Condition::Always, timing: Timing::Default, first: 0 };
        let mut at = 2;
        while at < fields {
            let next = (at + 1 < fields).then(|| args.at(at + 1));
            at += options.read(args.at(at), next, grammar)?;
        }
        let step = if grammar == Grammar::Set { 2 } else { 1 };
        options.first = check_count(&args, fields + 1, step)?;
        Ok(options)
    }

    /// Reads one option. Answers how many words it has.
    fn read(
        &mut self,
        word: &'a [u8],
        next: Option<&'a [u8]>,
        grammar: Grammar,
    ) -> Result<usize, CommandError> {
        let sets = grammar == Grammar::Set;
        let timing = match (word.to_ascii_lowercase().as_slice(), next) {
            (b"fnx", _) if sets && self.condition != Condition::Present => {
                self.condition = Condition::Absent;
                return Ok(1);
            }
            (b"fxx", _) if sets && self.condition != Condition::Absent => {
                self.condition = Condition::Present;
                return Ok(1);
            }
            (b"keepttl", _) if sets => Timing::Keep,
            (b"persist", _) if !sets => Timing::Persist,
            (b"ex", Some(time)) => Timing::At { time, unit: Unit::Seconds, relative: true },
            (b"px", Some(time)) => Timing::At { time, unit: Unit::Millis, relative: true },
            (b"exat", Some(time)) => Timing::At { time, unit: Unit::Seconds, relative: false },
            (b"pxat", Some(time)) => Timing::At { time, unit: Unit::Millis, relative: false },
            _ => return Err(CommandError::SYNTAX),
        };
        // The same option may be said twice, the last time counting; two different ones may not.
        let alike = match (self.timing, timing) {
            (Timing::Default, _) => true,
            (Timing::At { unit: u, relative: r, .. }, Timing::At { unit, relative, .. }) => {
                (u, r) == (unit, relative)
            }
            (old, new) => old == new,
        };
        if !alike {
            return Err(CommandError::SYNTAX);
        }
        self.timing = timing;
        Ok(if matches!(timing, Timing::At { .. }) { 2 } else { 1 })
    }
}

/// The moment that an expiry argument names, in Unix milliseconds. It may be now, but not before the epoch.
pub(super) fn moment(
    cx: &Ctx<'_>,
    time: &[u8],
    unit: Unit,
    relative: bool,
    command: &str,
) -> Result<i64, CommandError> {
    let value = parse::integer(time)?;
    let base = if relative { cx.now } else { 0 };
    match parse::moment(value, unit, base) {
        Some(moment) if value >= 0 => Ok(moment),
        _ => Err(CommandError::invalid_expire(command)),
    }
}
