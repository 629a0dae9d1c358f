//! Arguments to values, with the reference's texts when they are not what was expected.

use crate::CommandError;
use base::longdouble::LongDouble;
use resp::Reply;

/// An integer argument.
#[inline]
pub fn integer(text: &[u8]) -> Result<i64, CommandError> {
    base::int::parse_i64(text).ok_or(CommandError::NOT_AN_INTEGER)
}

/// An integer argument of 32 bits, as the numbers of databases are.
pub fn int(text: &[u8]) -> Result<i32, CommandError> {
    i32::try_from(integer(text)?).map_err(|_| {
        let (least, most) = (i32::MIN, i32::MAX);
        CommandError::of(format!("value is out of range, value must between {least} and {most}"))
    })
}

/// An integer argument within bounds.
pub(crate) fn integer_within(text: &[u8], least: i64, most: i64) -> Result<i64, CommandError> {
    let number = integer(text)?;
    if (least..=most).contains(&number) {
        return Ok(number);
    }
    Err(CommandError::of(format!("value is out of range, value must between {least} and {most}")))
}

/// What is said of a count that has no text of its own when it is no number or below zero.
pub(crate) const NOT_POSITIVE: &str = "value is out of range, must be positive";

/// A number of things: zero or more; what is said when it is not.
pub fn count(text: &[u8], otherwise: &'static str) -> Result<usize, CommandError> {
    let number = base::int::parse_i64(text).and_then(|number| usize::try_from(number).ok());
    number.ok_or_else(|| CommandError::of(otherwise))
}

/// How long a client waits at most: seconds, maybe with a fraction, to milliseconds, rounded up. Zero is for ever.
pub fn timeout(text: &[u8], now: i64) -> Result<Option<i64>, CommandError> {
    let seconds = LongDouble::parse(text)
        .map(|seconds| seconds.to_f64())
        .ok_or_else(|| CommandError::of("timeout is not a float or out of range"))?;
    let millis = (seconds * 1000.0).ceil();
    if millis < 0.0 {
        return Err(CommandError::TIMEOUT_NEGATIVE);
    }
    if millis >= (i64::MAX - now) as f64 {
        return Err(CommandError::of("timeout is out of range"));
    }
    Ok((millis > 0.0).then_some(millis as i64))
}

/// How many elements may be asked for when the same may come again: else a few bytes could ask for more than all memory.
const MOST_DRAWS: u64 = 1 << 24;

/// Refuses a count below zero that asks for too many elements. Where there is nothing to draw from, any count will do, and
/// so it will where the reply is bounded anyway.
pub(crate) fn check_draws(count: i64, reply: &Reply<'_>) -> Result<(), CommandError> {
    match count < 0 && count.unsigned_abs() > MOST_DRAWS && !reply.is_bounded() {
        true => Err(CommandError::of("value is out of range")),
        false => Ok(()),
    }
}

/// An argument as error texts quote it: up to its first zero byte.
pub fn quoted(text: &[u8]) -> &[u8] {
    text.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// Whether an argument is this word, in any case.
#[inline]
pub fn is(text: &[u8], word: &str) -> bool {
    text.eq_ignore_ascii_case(word.as_bytes())
}

/// The unit of a time given as an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Millis,
}

impl Unit {
    /// So many milliseconds in this unit. Seconds are rounded to the nearest.
    pub(crate) fn of_millis(self, millis: i64) -> i64 {
        match self {
            Unit::Millis => millis,
            Unit::Seconds => millis / 1000 + i64::from(millis % 1000 >= 500),
        }
    }
}

/// What an option says of an expiry: that of a key, or of fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timing<'a> {
    /// Nothing: the command's own default.
    Default,
    /// It stays.
    Keep,
    /// It goes.
    Persist,
    /// It becomes this time, in `unit`, from now on or absolute.
    At {
        /// The time, as it was given.
        time: &'a [u8],
        /// Its unit.
        unit: Unit,
        /// Whether it counts from now on.
        relative: bool,
    },
}

/// A moment in Unix milliseconds, from a time in `unit` that counts from `base` (zero for a time that is absolute).
/// `None` when it does not fit. Times before the epoch are the caller's to refuse.
pub fn moment(value: i64, unit: Unit, base: i64) -> Option<i64> {
    let millis = match unit {
        Unit::Seconds => value.checked_mul(1000)?,
        Unit::Millis => value,
    };
    millis.checked_add(base)
}

/// A floating-point argument.
#[inline]
pub fn float(text: &[u8]) -> Result<f64, CommandError> {
    base::double::parse_f64(text).ok_or(CommandError::NOT_A_FLOAT)
}
