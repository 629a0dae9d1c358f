//! One bit: SETBIT and GETBIT.

use super::offset;
use crate::string::{edit, len, text_of, with_bytes};
use crate::{CommandError, Ctx, Done};
use conn::Args;
use structures::bits;

/// `SETBIT key offset value`: the string grows as far as the bit. A bit that was so already is no change.
pub fn setbit(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let offset = offset(cx, args.at(2))?;
    let bit = match base::int::parse_i64(args.at(3)) {
        Some(0) => false,
        Some(1) => true,
        _ => return Err(CommandError::BIT_VALUE),
    };
    let key = cx.key(&args, 1);
    let place = cx.write(&key);
    let old = match place {
        Some(place) => len(text_of(cx.at(place))?),
        None => 0,
    };

    let length = old.max((offset / 8) as usize + 1);
    let was = edit(cx, &key, place, length, |bytes| bits::set_bit(bytes, offset, bit));
    if length > old || was != bit {
        cx.changed(&key, "setbit", 1);
    }

    cx.reply.integer(i64::from(was));
    Ok(Done::Replied)
}

/// `GETBIT key offset`
pub fn getbit(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let offset = offset(cx, args.at(2))?;
    let key = cx.key(&args, 1);
    let bit = cx.read(&key, |record, _| match record {
        Some(record) => Ok(with_bytes(text_of(record)?, |bytes| bits::get_bit(bytes, offset))),
        None => Ok(false),
    })?;
    cx.reply.integer(i64::from(bit));
    Ok(Done::Replied)
}
