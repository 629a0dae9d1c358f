//! Commands that edit a string in place.

use super::value::{check_length, encode, len, text_of, with_bytes};
use crate::{CommandError, Ctx, Done, parse};
use conn::Args;
use keyspace::tables::Place;
use keyspace::{Key, NewValue, Record, Text};
use structures::blob::Blob;

/// `APPEND key value`
pub fn append(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let tail = args.at(2);
    let length = match cx.write(&key) {
        None => {
            let record = cx.data.record(key.name, encode(&args, 2), None);
            cx.insert(&key, record);
            tail.len()
        }
        Some(place) => {
            let old = len(text_of(cx.at(place))?);
            check_length(cx, old, tail.len())?;
            if cx.at_mut(place).edit_blob(|blob| blob.append(tail)).is_none() {
                rewrite(cx, place, old + tail.len(), |bytes| bytes[old..].copy_from_slice(tail));
            }
            old + tail.len()
        }
    };
    cx.changed(&key, "append", 1);
    cx.reply.integer(length as i64);
    Ok(Done::Replied)
}

/// `SETRANGE key offset value`: what lies between the old end and the offset becomes zero bytes.
pub fn setrange(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let offset = parse::integer(args.at(2))?;
    if offset < 0 {
        return Err(CommandError::OFFSET_OUT_OF_RANGE);
    }
    let (offset, value) = (offset as usize, args.at(3));
    let key = cx.key(&args, 1);
    let place = cx.write(&key);
    let old = match place {
        Some(place) => len(text_of(cx.at(place))?),
        None => 0,
    };
    if value.is_empty() {
        cx.reply.integer(old as i64);
        return Ok(Done::Replied);
    }
    check_length(cx, offset, value.len())?;

    let end = offset + value.len();
    edit(cx, &key, place, old.max(end), |bytes| bytes[offset..end].copy_from_slice(value));
    cx.changed(&key, "setrange", 1);
    cx.reply.integer(old.max(end) as i64);
    Ok(Done::Replied)
}

/// Edits the bytes of a string, made `length` long first with zero bytes, making the key if it is not there. What it
/// leaves is a string edited in place, whatever it was before.
pub(crate) fn edit<R>(
    cx: &mut Ctx<'_>,
    key: &Key<'_>,
    place: Option<Place>,
    length: usize,
    change: impl FnOnce(&mut [u8]) -> R,
) -> R {
    let place = place.unwrap_or_else(|| {
        let record = cx.data.record(key.name, NewValue::Bytes(b""), None);
        cx.insert(key, record)
    });
    let mut change = Some(change);
    let mut apply = |bytes: &mut [u8]| change.take().map(|change| change(bytes));
    let record = cx.at_mut(place);
    let done = match record.inline_mut() {
        Some(bytes) if bytes.len() == length => apply(bytes),
        _ => record
            .edit_blob(|blob| {
                if blob.len() != length || !blob.is_unique() {
                    blob.resize_zeroed(length);
                }
                blob.get_mut().and_then(&mut apply)
            })
            .flatten(),
    };
    match done {
        Some(result) => result,
        None => rewrite(cx, place, length, |bytes| apply(bytes).expect("not applied yet")),
    }
}

/// Replaces a string by an edited copy of `length` bytes, when it cannot be edited where it lies.
fn rewrite<R>(cx: &mut Ctx<'_>, place: Place, length: usize, change: impl FnOnce(&mut [u8]) -> R) -> R {
    let mut result = None;
    cx.db().tables.update(place, |old| {
        let mut blob = Blob::zeroed(length);
        let bytes = blob.get_mut().expect("a blob just made has one owner");
        with_bytes(old.text().unwrap_or(Text::Bytes(b"")), |own| {
            let kept = own.len().min(length);
            bytes[..kept].copy_from_slice(&own[..kept]);
        });
        result = Some(change(bytes));
        let expiry = old.expiry();
        Record::with_value(old, NewValue::Blob(blob), expiry, true)
    });
    result.expect("update calls its closure")
}
