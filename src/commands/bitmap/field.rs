//! BITFIELD: integers of any width, anywhere in a string, read and changed by a list of operations.
//!
//! ```text
//! BITFIELD key GET u4 0  OVERFLOW SAT INCRBY i5 #3 10  SET u8 100 255
//!                                            |  |
//!                         signed, 5 bits ----+  +---- the fourth field of this width: bit 15
//! ```
//!
//! All operations are read, and refused together, before the first one runs.

use crate::string::{edit, len, text_of, with_bytes};
use crate::{CommandError, Ctx, Done, parse};
use conn::Args;
use structures::bits::{self, Overflow};

/// Where a field is and how its bits are read.
#[derive(Clone, Copy, Debug)]
struct Field {
    offset: u64,
    width: u32,
    signed: bool,
}

#[derive(Clone, Copy, Debug)]
enum Action {
    Get,
    Set(i64),
    Add(i64),
}

#[derive(Clone, Copy, Debug)]
struct Operation {
    field: Field,
    action: Action,
    overflow: Overflow,
}

/// `BITFIELD key [GET type offset | [OVERFLOW WRAP | SAT | FAIL] SET type offset value | INCRBY type offset increment ...]`
pub fn bitfield(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let operations = parse_operations(cx, args)?;
    match written_end(&operations) {
        None => read(cx, args, &operations),
        Some(end) => write(cx, args, &operations, end),
    }
}

/// `BITFIELD_RO key [GET type offset ...]`
pub fn bitfield_ro(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let operations = parse_operations(cx, args)?;
    match written_end(&operations) {
        None => read(cx, args, &operations),
        Some(_) => Err(CommandError::of("BITFIELD_RO only supports the GET subcommand")),
    }
}

fn parse_operations(cx: &Ctx<'_>, args: Args<'_>) -> Result<Vec<Operation>, CommandError> {
    let mut operations = Vec::with_capacity(args.len() / 3);
    let mut overflow = Overflow::Wrap;
    let mut at = 2;
    while at < args.len() {
        let (word, operands) = (args.at(at), args.len() - at - 1);
        if parse::is(word, "overflow") && operands >= 1 {
            overflow = parse_overflow(args.at(at + 1))?;
            at += 2;
            continue;
        }
        let takes = match word {
            _ if parse::is(word, "get") => 2,
            _ if parse::is(word, "set") || parse::is(word, "incrby") => 3,
            _ => return Err(CommandError::SYNTAX),
        };
        if operands < takes {
            return Err(CommandError::SYNTAX);
        }
        let field = parse_field(cx, args.at(at + 1), args.at(at + 2))?;
        let action = match takes {
            2 => Action::Get,
            _ if parse::is(word, "set") => Action::Set(parse::integer(args.at(at + 3))?),
            _ => Action::Add(parse::integer(args.at(at + 3))?),
        };
        operations.push(Operation { field, action, overflow });
        at += 1 + takes;
    }
    Ok(operations)
}

fn parse_overflow(word: &[u8]) -> Result<Overflow, CommandError> {
    match word {
        _ if parse::is(word, "wrap") => Ok(Overflow::Wrap),
        _ if parse::is(word, "sat") => Ok(Overflow::Sat),
        _ if parse::is(word, "fail") => Ok(Overflow::Fail),
        _ => Err(CommandError::of("Invalid OVERFLOW type specified")),
    }
}

/// A type (`i` or `u`, in lower case, and a width) and an offset, in bits or, behind a `#`, in fields.
fn parse_field(cx: &Ctx<'_>, kind: &[u8], offset: &[u8]) -> Result<Field, CommandError> {
    const BAD_TYPE: &str =
        "Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.";
    let (signed, digits, widest) = match kind {
        [b'i', digits @ ..] => (true, digits, 64),
        [b'u', digits @ ..] => (false, digits, 63),
        _ => return Err(CommandError::of(BAD_TYPE)),
    };
    let width = match base::int::parse_i64(digits) {
        Some(width) if (1..=widest).contains(&width) => width,
        _ => return Err(CommandError::of(BAD_TYPE)),
    };
    let offset = match offset {
        [b'#', number @ ..] => {
            let number = base::int::parse_i64(number).ok_or(CommandError::BIT_OFFSET)?;
            // A quirk kept: the product is taken modulo 64 bits, so that a huge number may name a small offset.
            super::check_offset(cx, number.wrapping_mul(width))?
        }
        number => super::offset(cx, number)?,
    };
    Ok(Field { offset, width: width as u32, signed })
}

/// How many bytes the operations that write need, or `None` if they all read.
fn written_end(operations: &[Operation]) -> Option<usize> {
    let writes = operations.iter().filter(|operation| !matches!(operation.action, Action::Get));
    writes.map(|operation| operation.field.end()).max()
}

fn read(cx: &mut Ctx<'_>, args: Args<'_>, operations: &[Operation]) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let get_all = |bytes: &[u8]| -> Vec<_> { operations.iter().map(|o| Some(o.field.get(bytes))).collect() };
    let outcomes = match cx.record(&key) {
        Some(record) => with_bytes(text_of(record)?, get_all),
        None => get_all(&[]),
    };
    reply(cx, &outcomes);
    Ok(Done::Replied)
}

/// Runs the operations on a string made `end` bytes long first. A quirk kept: that it grew is a change only if one of
/// the operations also writes.
fn write(
    cx: &mut Ctx<'_>,
    args: Args<'_>,
    operations: &[Operation],
    end: usize,
) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let place = cx.write(&key);
    let old = match place {
        Some(place) => len(text_of(cx.at(place))?),
        None => 0,
    };

    let grown = end > old;
    let mut changes = 0;
    let outcomes: Vec<_> = edit(cx, &key, place, old.max(end), |bytes| {
        operations.iter().map(|operation| operation.run(bytes, grown, &mut changes)).collect()
    });
    if changes > 0 {
        cx.changed(&key, "setbit", changes);
    }

    reply(cx, &outcomes);
    Ok(Done::Replied)
}

fn reply(cx: &mut Ctx<'_>, outcomes: &[Option<i64>]) {
    cx.reply.array(outcomes.len());
    for outcome in outcomes {
        match outcome {
            Some(value) => cx.reply.integer(*value),
            None => cx.reply.null(),
        }
    }
}

impl Operation {
    /// Answers the value read, the value before a SET or after an INCRBY; nothing where the value does not fit. Counts a
    /// change for each write that changed the field, and for each write at all if the string has `grown`.
    fn run(&self, bytes: &mut [u8], grown: bool, changes: &mut u64) -> Option<i64> {
        let old = self.field.get(bytes);
        let (new, answer) = match self.action {
            Action::Get => return Some(old),
            Action::Set(value) => (self.field.fit(value, 0, self.overflow)?, old),
            Action::Add(increment) => {
                let new = self.field.fit(old, increment, self.overflow)?;
                (new, new)
            }
        };
        bits::set(bytes, self.field.offset, self.field.width, new as u64);
        *changes += u64::from(grown || old != new);
        Some(answer)
    }
}

impl Field {
    /// How many bytes reach as far as the field does.
    fn end(&self) -> usize {
        ((self.offset + u64::from(self.width) - 1) / 8) as usize + 1
    }

    /// What the field holds: an unsigned field has 63 bits at most, so that it fits.
    fn get(&self, bytes: &[u8]) -> i64 {
        if self.signed {
            bits::get_signed(bytes, self.offset, self.width)
        } else {
            bits::get_unsigned(bytes, self.offset, self.width) as i64
        }
    }

    /// The sum as a number of this field.
    fn fit(&self, value: i64, increment: i64, overflow: Overflow) -> Option<i64> {
        if self.signed {
            bits::add_signed(value, increment, self.width, overflow)
        } else {
            bits::add_unsigned(value as u64, increment, self.width, overflow).map(|sum| sum as i64)
        }
    }
}
