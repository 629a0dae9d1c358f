//! Commands that answer a string or a part of it.

use super::options::{Grammar, Options, expiry_moment};
use super::set::{discard, reply_key};
use super::value::{len, reply_or_null, reply_value, text_of, with_bytes};
use crate::parse::Timing;
use crate::{CommandError, Ctx, Done, parse};
use base::int;
use conn::Args;

/// `GET key`
pub fn get(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    cx.read(&key, reply_or_null)?;
    Ok(Done::Replied)
}

/// `GETDEL key`
pub fn getdel(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    if let Some(place) = reply_key(cx, &key)? {
        cx.remove(place, false);
        cx.changed(&key, "del", 1);
        cx.replicate_as(&[b"DEL", key.name]);
    }
    Ok(Done::Replied)
}

/// `GETEX key [EX s | PX ms | EXAT s | PXAT ms | PERSIST]`
pub fn getex(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let options = Options::parse(args, 2, Grammar::GetEx)?;
    let key = cx.key(&args, 1);
    let start = cx.reply.position();
    let Some(place) = reply_key(cx, &key)? else { return Ok(Done::Replied) };

    match options.expiry {
        Timing::At { time, unit, relative } => {
            let moment = expiry_moment(cx, time, unit, relative, "getex").inspect_err(|_| {
                // The value was not asked for after all.
                cx.reply.truncate(start);
            })?;
            if cx.is_past(moment) && !relative {
                discard(cx, &key, Some(place));
            } else {
                cx.db().set_expiry(place, Some(moment));
                cx.changed(&key, "expire", 1);
                let mut digits = [0; int::MAX_TEXT];
                cx.replicate_as(&[b"PEXPIREAT", key.name, int::format_i64(moment, &mut digits)]);
            }
        }
        Timing::Persist if cx.at(place).expiry().is_some() => {
            cx.db().set_expiry(place, None);
            cx.changed(&key, "persist", 1);
            cx.replicate_as(&[b"PERSIST", key.name]);
        }
        _ => {}
    }
    Ok(Done::Replied)
}

/// `MGET key [key ...]`: a key of another type counts as absent.
pub fn mget(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    cx.reply.array(args.len() - 1);
    cx.for_each_key(&args, 1, 1, |cx, _, key| {
        cx.read(key, |record, reply| {
            if record.is_none_or(|record| reply_value(reply, record).is_err()) {
                reply.null();
            }
        });
    });
    Ok(Done::Replied)
}

/// `STRLEN key`
pub fn strlen(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let length = cx.read(&key, |record, _| record.map_or(Ok(0), |record| text_of(record).map(len)))?;
    cx.reply.integer(length as i64);
    Ok(Done::Replied)
}

/// `GETRANGE key start end`, also under its old name SUBSTR: from and to these positions, counted from the end when
/// negative.
pub fn getrange(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let start = parse::integer(args.at(2))?;
    let end = parse::integer(args.at(3))?;
    let key = cx.key(&args, 1);
    cx.read(&key, |record, reply| {
        match record {
            None => reply.bulk(b""),
            Some(record) => with_bytes(text_of(record)?, |bytes| reply.bulk(range(bytes, start, end))),
        }
        Ok(Done::Replied)
    })
}

/// The bytes from `start` to `end`, both included.
fn range(bytes: &[u8], start: i64, end: i64) -> &[u8] {
    let len = bytes.len() as i64;
    if start < 0 && end < 0 && start > end {
        return &[];
    }
    let from = if start < 0 { (start + len).max(0) } else { start };
    let to = if end < 0 { (end + len).max(0) } else { end }.min(len - 1);
    if from > to || len == 0 { &[] } else { &bytes[from as usize..=to as usize] }
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn ranges_count_from_either_end_and_stay_within() {
        let text = b"Hello World";
        let cases: [(i64, i64, &[u8]); 9] = [
            (0, 3, b"Hell"),
            (0, -1, b"Hello World"),
            (-4, -1, b"orld"),
            (5, 3, b""),
            (5, 5000, b" World"),
            (-5000, 10000, b"Hello World"),
            (0, -100, b"H"),
            (-1, -100, b""),
            (i64::MIN, i64::MAX, b"Hello World"),
        ];
        for (start, end, expected) in cases {
            assert_eq!(range(text, start, end), expected, "{start} {end}");
        }
        assert_eq!(range(b"", 0, -1), b"");
    }
}
