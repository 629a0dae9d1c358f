//! The options that SET and GETEX take behind their arguments.

use crate::parse::{self, Timing, Unit};
use crate::{CommandError, Ctx};
use conn::Args;

/// On what a SET depends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition<'a> {
    /// On nothing.
    Always,
    /// On the key not being there.
    Absent,
    /// On the key being there.
    Present,
    /// On the key holding these bytes.
    Equal(&'a [u8]),
}

/// All the options.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options<'a> {
    pub(super) condition: Condition<'a>,
    pub(super) expiry: Timing<'a>,
    pub(super) get: bool,
}

/// Which command's options they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grammar {
    Set,
    GetEx,
}

impl<'a> Options<'a> {
    /// Reads the options from argument `from` on.
    pub(super) fn parse(args: Args<'a>, from: usize, grammar: Grammar) -> Result<Options<'a>, CommandError> {
        let mut options = Options { condition: Condition::Always, expiry: Timing::Default, get: false };
        let is_set = grammar == Grammar::Set;
        let mut at = from;
        while at < args.len() {
            let (word, next) = (args.at(at), args.get(at + 1));
            let free = options.expiry == Timing::Default;
            let mut operand = || {
                at += 1;
                next.ok_or(CommandError::SYNTAX)
            };
            let expiry = options.expiry;
            let mut time = |unit, relative| match expiry {
                Timing::Default => Ok(Timing::At { time: operand()?, unit, relative }),
                // The same option may be said twice: the last one counts.
                Timing::At { unit: u, relative: r, .. } if (u, r) == (unit, relative) => {
                    Ok(Timing::At { time: operand()?, unit, relative })
                }
                _ => Err(CommandError::SYNTAX),
            };
            match word.to_ascii_lowercase().as_slice() {
                b"nx" if is_set => options.require(Condition::Absent)?,
                b"xx" if is_set => options.require(Condition::Present)?,
                b"ifeq" if is_set => {
                    let value = operand()?;
                    options.require_equal(value)?;
                }
                b"get" if is_set => options.get = true,
                b"keepttl" if is_set && (free || options.expiry == Timing::Keep) => {
                    options.expiry = Timing::Keep;
                }
                b"persist" if !is_set && (free || options.expiry == Timing::Persist) => {
                    options.expiry = Timing::Persist;
                }
                b"ex" => options.expiry = time(Unit::Seconds, true)?,
                b"px" => options.expiry = time(Unit::Millis, true)?,
                b"exat" => options.expiry = time(Unit::Seconds, false)?,
                b"pxat" => options.expiry = time(Unit::Millis, false)?,
                _ => return Err(CommandError::SYNTAX),
            }
            at += 1;
        }
        Ok(options)
    }

    /// The same condition may be said twice, two different ones may not.
    fn require(&mut self, condition: Condition<'a>) -> Result<(), CommandError> {
        if self.condition != Condition::Always && self.condition != condition {
            return Err(CommandError::SYNTAX);
        }
        self.condition = condition;
        Ok(())
    }

    fn require_equal(&mut self, value: &'a [u8]) -> Result<(), CommandError> {
        if self.condition != Condition::Always {
            return Err(CommandError::SYNTAX);
        }
        self.condition = Condition::Equal(value);
        Ok(())
    }
}

/// The moment that an expiry option names, in Unix milliseconds. It must lie after the epoch.
pub(super) fn expiry_moment(
    cx: &Ctx<'_>,
    time: &[u8],
    unit: Unit,
    relative: bool,
    command: &str,
) -> Result<i64, CommandError> {
    let value = parse::integer(time)?;
    let base = if relative { cx.now } else { 0 };
    match parse::moment(value, unit, base) {
        Some(moment) if value > 0 && moment > 0 => Ok(moment),
        _ => Err(CommandError::invalid_expire(command)),
    }
}
