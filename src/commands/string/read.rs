//! Commands that answer a string or a part of it.

use super::options::{Expiry, Grammar, Options, expiry_moment};
use super::set::{discard, reply_key};
use super::value::{len, reply_value, text_of, with_bytes};
use crate::{CommandError, Ctx, Done, parse};
use conn::Args;
use keyspace::Text;

/// `GET key`
pub fn get(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    reply_key(cx, &key)?;
    Ok(Done::Replied)
}

/// `GETDEL key`
pub fn getdel(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    if let Some(place) = reply_key(cx, &key)? {
        cx.remove(place, false);
        cx.changed(&key, "del", 1);
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
        Expiry::At { time, unit, relative } => {
            let moment = expiry_moment(cx, time, unit, relative, "getex").inspect_err(|_| {
                // The value was not asked for after all.
                cx.reply.truncate(start);
            })?;
            if moment <= cx.now {
                discard(cx, &key, Some(place));
            } else {
                cx.db().set_expiry(place, Some(moment));
                cx.changed(&key, "expire", 1);
            }
        }
        Expiry::Persist if cx.at(place).expiry().is_some() => {
            cx.db().set_expiry(place, None);
            cx.changed(&key, "persist", 1);
        }
        _ => {}
    }
    Ok(Done::Replied)
}

/// `MGET key [key ...]`: a key of another type counts as absent.
pub fn mget(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    cx.reply.array(args.len() - 1);
    for i in 1..args.len() {
        let key = cx.key(&args, i);
        let found = match cx.peek(&key) {
            Some(place) => {
                cx.stats.hits += 1;
                cx.touch(place);
                let record = cx.data.databases[cx.caller.database].tables.get(place);
                reply_value(&mut cx.reply, record).is_ok()
            }
            None => {
                cx.stats.misses += 1;
                false
            }
        };
        if !found {
            cx.reply.null();
        }
    }
    Ok(Done::Replied)
}

/// `STRLEN key`
pub fn strlen(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let length = match cx.read(&key) {
        Some(record) => len(text_of(record)?),
        None => 0,
    };
    cx.reply.integer(length as i64);
    Ok(Done::Replied)
}

/// `GETRANGE key start end`, also under its old name SUBSTR: from and to these positions, counted from the end when
/// negative.
pub fn getrange(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let start = parse::integer(args.at(2))?;
    let end = parse::integer(args.at(3))?;
    let key = cx.key(&args, 1);
    let Some(place) = cx.peek(&key) else {
        cx.stats.misses += 1;
        cx.reply.bulk(b"");
        return Ok(Done::Replied);
    };
    cx.stats.hits += 1;
    cx.touch(place);
    let record = cx.data.databases[cx.caller.database].tables.get(place);
    let text: Text<'_> = text_of(record)?;
    with_bytes(text, |bytes| cx.reply.bulk(range(bytes, start, end)));
    Ok(Done::Replied)
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
