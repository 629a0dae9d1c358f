//! What the string commands share: telling numbers from bytes, reading either as bytes, replying with either.

use crate::{CommandError, Ctx};
use base::int;
use bytes::Bytes;
use conn::Args;
use keyspace::{Key, NewValue, Record, Text};
use resp::Reply;
use structures::blob::Blob;

/// A value at least this long is sent from where it lies instead of being copied into the reply.
const SHARE_FROM: usize = 16 * 1024;
/// The longest text of an integer.
const INTEGER_TEXT: usize = 20;

/// The form a string argument takes in a record: a number where its text is exactly that number's.
#[inline]
pub(super) fn encode<'a>(args: &Args<'a>, index: usize) -> NewValue<'a> {
    let bytes = args.at(index);
    if bytes.len() <= INTEGER_TEXT
        && let Some(number) = int::parse_i64(bytes)
    {
        return NewValue::Integer(number);
    }
    match args.share(index) {
        Some(blob) => NewValue::Blob(blob),
        None => NewValue::Bytes(bytes),
    }
}

/// The record's string, or the error that it is of another type.
#[inline]
pub fn text_of(record: &Record) -> Result<Text<'_>, CommandError> {
    record.text().ok_or(CommandError::WRONG_TYPE)
}

/// Calls `f` with the bytes of a string, printing a number first.
#[inline]
pub(crate) fn with_bytes<R>(text: Text<'_>, f: impl FnOnce(&[u8]) -> R) -> R {
    match text {
        Text::Bytes(bytes) => f(bytes),
        Text::Integer(number) => f(int::format_i64(number, &mut [0; INTEGER_TEXT])),
    }
}

/// The length of a string as bytes.
pub(crate) fn len(text: Text<'_>) -> usize {
    match text {
        Text::Bytes(bytes) => bytes.len(),
        Text::Integer(number) => int::text_len(number),
    }
}

/// Whether a string has these bytes.
pub fn equals(text: Text<'_>, bytes: &[u8]) -> bool {
    with_bytes(text, |own| own == bytes)
}

/// Replies with a string: by reference when it is large.
#[inline]
pub fn reply_value(reply: &mut Reply<'_>, record: &Record) -> Result<(), CommandError> {
    match text_of(record)? {
        Text::Integer(number) => reply.bulk_integer(number),
        Text::Bytes(bytes) if bytes.len() < SHARE_FROM => reply.bulk(bytes),
        Text::Bytes(bytes) => match record.share() {
            Some(blob) => reply.bulk_shared(Bytes::from_owner(blob)),
            None => reply.bulk(bytes),
        },
    }
    Ok(())
}

/// Replies with the string of a key, or with nothing where there is no key.
#[inline]
pub(super) fn reply_or_null(record: Option<&Record>, reply: &mut Reply<'_>) -> Result<(), CommandError> {
    match record {
        Some(record) => reply_value(reply, record),
        None => {
            reply.null();
            Ok(())
        }
    }
}

/// An error when a string of `len` bytes plus `more` would be longer than strings may be.
pub(super) fn check_length(cx: &Ctx<'_>, len: usize, more: usize) -> Result<(), CommandError> {
    match (len as u64).checked_add(more as u64) {
        Some(total) if total <= cx.settings.max_bulk => Ok(()),
        _ => Err(CommandError::STRING_TOO_LONG),
    }
}

/// The string of a key, held so that it stays as it is while other keys are looked up: large ones by reference.
pub(crate) fn hold(cx: &mut Ctx<'_>, key: &Key<'_>) -> Result<Option<Blob>, CommandError> {
    let Some(record) = cx.record(key) else { return Ok(None) };
    let text = text_of(record)?;
    Ok(Some(record.share().unwrap_or_else(|| with_bytes(text, Blob::from_slice))))
}
