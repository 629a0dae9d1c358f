//! Many bits at once: BITCOUNT and BITPOS, over all of a string or a range of it.

use crate::string::{text_of, with_bytes};
use crate::{CommandError, Ctx, Done, parse};
use conn::Args;
use structures::bits;

/// `start [end [BYTE | BIT]]`: both included, counted from the end when negative.
#[derive(Clone, Copy, Debug)]
struct Range {
    start: i64,
    /// The last byte when it is left out.
    end: Option<i64>,
    /// How many bits there are in what the range counts.
    unit: i64,
}

impl Range {
    /// All of a string.
    const WHOLE: Range = Range { start: 0, end: None, unit: 8 };

    /// The range that the arguments from `from` on give. The unit is looked at before the end.
    fn parse(args: Args<'_>, from: usize) -> Result<Range, CommandError> {
        let Some(start) = args.get(from) else { return Ok(Range::WHOLE) };
        if args.len() > from + 3 {
            return Err(CommandError::SYNTAX);
        }
        let start = parse::integer(start)?;
        let unit = match args.get(from + 2) {
            None => 8,
            Some(word) if parse::is(word, "byte") => 8,
            Some(word) if parse::is(word, "bit") => 1,
            Some(_) => return Err(CommandError::SYNTAX),
        };
        let end = args.get(from + 1).map(parse::integer).transpose()?;
        Ok(Range { start, end, unit })
    }

    /// The first and the last bit of the range within a string of `length` bytes, unless it holds none.
    fn bits(&self, length: usize) -> Option<(u64, u64)> {
        let total = length as i64 * 8 / self.unit;
        let place = |index: i64| if index < 0 { (index + total).max(0) } else { index };
        let (start, end) = (place(self.start), self.end.map_or(total, place).min(total - 1));
        (start <= end).then(|| ((start * self.unit) as u64, ((end + 1) * self.unit - 1) as u64))
    }

    /// Whether both ends count from the end and stand in the wrong order. A quirk kept: BITCOUNT finds nothing there,
    /// where cutting the range to the string could leave a byte.
    fn is_reversed(&self) -> bool {
        self.end.is_some_and(|end| self.start < 0 && end < 0 && self.start > end)
    }
}

/// `BITCOUNT key [start [end [BYTE | BIT]]]`
pub fn bitcount(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let range = Range::parse(args, 2)?;
    let key = cx.key(&args, 1);
    let count = match cx.record(&key) {
        None => 0,
        Some(record) => with_bytes(text_of(record)?, |bytes| match range.bits(bytes.len()) {
            Some((first, last)) if !range.is_reversed() => bits::count_range(bytes, first, last),
            _ => 0,
        }),
    };
    cx.reply.integer(count as i64);
    Ok(Done::Replied)
}

/// `BITPOS key bit [start [end [BYTE | BIT]]]`: unless an end is given, zeroes follow the string.
pub fn bitpos(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let bit = match parse::integer(args.at(2))? {
        0 => false,
        1 => true,
        _ => return Err(CommandError::of("The bit argument must be 1 or 0.")),
    };
    let range = Range::parse(args, 3)?;
    let key = cx.key(&args, 1);
    let found = match cx.record(&key) {
        None => (!bit).then_some(0),
        Some(record) => with_bytes(text_of(record)?, |bytes| {
            let (first, last) = range.bits(bytes.len())?;
            let behind = (!bit && range.end.is_none()).then_some(bytes.len() as u64 * 8);
            bits::position(bytes, bit, first, last).or(behind)
        }),
    };
    cx.reply.integer(found.map_or(-1, |at| at as i64));
    Ok(Done::Replied)
}
