//! HyperLogLogs: strings of a certain form, see `structures::hll`.

mod debug;
mod selftest;
#[cfg(test)]
mod tests;

pub use debug::pfdebug;
pub use selftest::pfselftest;

use crate::string::{edit, text_of};
use crate::{CommandError, Ctx, Done};
use base::text::Text;
use conn::Args;
use keyspace::tables::Place;
use keyspace::{Key, Record};
use std::borrow::Cow;
use structures::hll::{self, Corrupted, DENSE_LEN, Encoding, Raw};

const NOT_ONE: CommandError =
    CommandError(Cow::Borrowed(b"WRONGTYPE Key is not a valid HyperLogLog string value."));

/// The error of registers that cannot be.
fn corrupted(_: Corrupted) -> CommandError {
    CommandError(Cow::Borrowed(b"INVALIDOBJ Corrupted HLL object detected"))
}

/// `PFADD key [element ...]`: a key that is made is a change, also without elements.
pub fn pfadd(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let place = cx.write(&key);
    let encoding = place.map(|place| checked(cx.at(place)).map(hll::encoding_of)).transpose()?.flatten();

    let elements = (2..args.len()).map(|index| args.at(index));
    let changes = match encoding {
        Some(Encoding::Dense) => edit(cx, &key, place, DENSE_LEN, |bytes| {
            let changes = elements.filter(|element| hll::add_dense(bytes, element)).count();
            if changes > 0 {
                hll::outdate(bytes);
            }
            changes
        }),
        _ => add(cx, &key, place, elements)?,
    };

    if changes > 0 {
        cx.changed(&key, "pfadd", changes as u64);
    }
    cx.reply.integer((changes > 0).into());
    Ok(Done::Replied)
}

/// Shows elements to a HyperLogLog whose length may change, or to a new one.
fn add<'a>(
    cx: &mut Ctx<'_>,
    key: &Key<'_>,
    place: Option<Place>,
    elements: impl Iterator<Item = &'a [u8]>,
) -> Result<usize, CommandError> {
    let most = cx.settings.rules.hll_sparse_max_bytes as usize;
    let mut bytes = match place {
        Some(place) => checked(cx.at(place))?.to_vec(),
        None => hll::new(),
    };
    let mut changes = usize::from(place.is_none());
    for element in elements {
        let (index, rank) = hll::place_of(element);
        changes += usize::from(hll::raise(&mut bytes, index, rank, most).map_err(corrupted)?);
    }
    if changes > 0 {
        hll::outdate(&mut bytes);
    }
    put(cx, key, place, &bytes);
    Ok(changes)
}

/// `PFCOUNT key [key ...]`: of one key, the estimate is kept, which is a write; of several, it is that of all together.
pub fn pfcount(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    if args.len() > 2 {
        let mut raw = raw(cx);
        for index in 1..args.len() {
            merge(cx, args, index, &mut raw)?;
        }
        cx.reply.integer(hll::estimate(&raw.histogram()) as i64);
        return Ok(Done::Replied);
    }
    let key = cx.key(&args, 1);
    let Some(place) = cx.read_place(&key) else {
        cx.reply.integer(0);
        return Ok(Done::Replied);
    };

    let bytes = checked(cx.at(place))?;
    let kept = hll::kept_estimate(bytes);
    let estimate = match kept {
        Some(estimate) => estimate,
        None => hll::estimate(&hll::histogram(bytes, raw(cx)).map_err(corrupted)?),
    };
    let length = bytes.len();
    edit(cx, &key, Some(place), length, |bytes| {
        if kept.is_none() {
            hll::keep_estimate(bytes, estimate);
        }
    });
    if kept.is_none() {
        cx.changed(&key, "", 1);
    }

    cx.reply.integer(estimate as i64);
    Ok(Done::Replied)
}

/// `PFMERGE destkey [sourcekey ...]`: the destination is one of the sources, if it is there.
pub fn pfmerge(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let (mut raw, mut dense) = (raw(cx), false);
    for index in 1..args.len() {
        dense |= merge(cx, args, index, &mut raw)? == Some(Encoding::Dense);
    }

    let key = cx.key(&args, 1);
    let place = cx.write(&key);
    let mut bytes = match place {
        Some(place) => checked(cx.at(place))?.to_vec(),
        None => hll::new(),
    };
    if dense {
        bytes = raw.to_dense(&bytes);
    } else {
        let most = cx.settings.rules.hll_sparse_max_bytes as usize;
        for (index, &rank) in raw.registers().iter().enumerate().filter(|(_, rank)| **rank > 0) {
            hll::raise(&mut bytes, index, rank, most).map_err(corrupted)?;
        }
    }
    hll::outdate(&mut bytes);
    put(cx, &key, place, &bytes);
    cx.changed(&key, "pfadd", 1);

    cx.reply.ok();
    Ok(Done::Replied)
}

/// The bytes of a record, if they have the form of a HyperLogLog.
fn checked(record: &Record) -> Result<&[u8], CommandError> {
    match text_of(record)? {
        Text::Bytes(bytes) if hll::encoding_of(bytes).is_some() => Ok(bytes),
        _ => Err(NOT_ONE),
    }
}

/// Takes in the registers of the key that an argument names, if it is there.
fn merge(
    cx: &mut Ctx<'_>,
    args: Args<'_>,
    index: usize,
    raw: &mut Raw,
) -> Result<Option<Encoding>, CommandError> {
    let key = cx.key(&args, index);
    cx.read(&key, |record, _| match record {
        Some(record) => raw.merge(checked(record)?).map(Some).map_err(corrupted),
        None => Ok(None),
    })
}

/// Registers to merge into.
fn raw(cx: &Ctx<'_>) -> Raw {
    if cx.data.plain_hll { Raw::portable() } else { Raw::new() }
}

/// Gives a key these bytes, as an edit of the string that it may hold.
fn put(cx: &mut Ctx<'_>, key: &Key<'_>, place: Option<Place>, bytes: &[u8]) {
    edit(cx, key, place, bytes.len(), |own| own.copy_from_slice(bytes));
}
