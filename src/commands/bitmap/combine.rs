//! BITOP: several strings combined bit by bit into another.

use crate::string::hold;
use crate::{CommandError, Ctx, Done, parse};
use conn::Args;
use keyspace::{NewValue, Record};
use structures::bits::{self, Op};
use structures::blob::Blob;

/// `BITOP AND | OR | XOR | NOT destkey key [key ...]`: the outcome is as long as the longest source, and no key at all
/// when that is empty.
pub fn bitop(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let op = operation(args.at(1))?;
    if op == Op::Not && args.len() != 4 {
        return Err(CommandError::of("BITOP NOT must be called with a single source key."));
    }
    let mut sources = Vec::with_capacity(args.len() - 3);
    for i in 3..args.len() {
        let key = cx.key(&args, i);
        sources.push(hold(cx, &key)?);
    }

    let slices: Vec<&[u8]> = sources.iter().map(|source| source.as_deref().unwrap_or_default()).collect();
    let length = slices.iter().map(|source| source.len()).max().unwrap_or(0);
    let destination = cx.key(&args, 2);
    if length > 0 {
        let place = cx.write(&destination);
        let mut blob = Blob::zeroed(length);
        bits::op(op, &slices, blob.get_mut().expect("a blob just made has one owner"));
        let value = NewValue::Blob(blob);
        // The encoding of an outcome is "raw", however short it is.
        match place {
            Some(place) => cx.db().tables.update(place, |old| old.with_value(value, None, true)),
            None => {
                let record = Record::new(destination.name, value, None, cx.data.clock.fresh(), true);
                cx.insert(&destination, record);
            }
        }
        cx.changed(&destination, "set", 1);
    } else {
        cx.store_nothing(&destination);
    }

    cx.reply.integer(length as i64);
    Ok(Done::Replied)
}

fn operation(word: &[u8]) -> Result<Op, CommandError> {
    const NAMES: [(&str, Op); 4] = [("and", Op::And), ("or", Op::Or), ("xor", Op::Xor), ("not", Op::Not)];
    let named = NAMES.iter().find(|(name, _)| parse::is(word, name));
    named.map(|(_, op)| *op).ok_or(CommandError::SYNTAX)
}
