//! PFDEBUG: a look into a HyperLogLog.

use super::{checked, corrupted, put};
use crate::{CommandError, Ctx, Done, parse};
use conn::Args;
use keyspace::Key;
use keyspace::tables::Place;
use structures::hll::{self, Encoding, REGISTERS, Raw};

/// `PFDEBUG subcommand key`, or `PFDEBUG SIMD ON|OFF`
pub fn pfdebug(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let word = args.at(1);
    if parse::is(word, "simd") {
        return simd(cx, args.at(2));
    }
    let key = cx.key(&args, 2);
    let place = cx.write(&key).ok_or_else(|| CommandError::of("The specified key does not exist"))?;
    let bytes = checked(cx.at(place))?;

    match word.to_ascii_lowercase().as_slice() {
        b"encoding" => cx.reply.simple(match hll::encoding_of(bytes) {
            Some(Encoding::Dense) => b"dense",
            _ => b"sparse",
        }),
        b"decode" => {
            if hll::encoding_of(bytes) == Some(Encoding::Dense) {
                return Err(CommandError::of("HLL encoding is not sparse"));
            }
            cx.reply.bulk(hll::describe(bytes).as_bytes());
        }
        b"todense" => {
            let converted = to_dense(cx, &key, place)?;
            cx.reply.integer(converted.into());
        }
        b"getreg" => {
            to_dense(cx, &key, place)?;
            let dense = checked(cx.at(place))?.to_vec();
            cx.reply.array(REGISTERS);
            (0..REGISTERS).for_each(|index| cx.reply.integer(hll::dense_register(&dense, index).into()));
        }
        _ => {
            let unknown = [b"Unknown PFDEBUG subcommand '", parse::quoted(word), b"'"].concat();
            return Err(CommandError::of(unknown));
        }
    }
    Ok(Done::Replied)
}

/// Gives a HyperLogLog the dense encoding. Answers whether it had another.
fn to_dense(cx: &mut Ctx<'_>, key: &Key<'_>, place: Place) -> Result<bool, CommandError> {
    let bytes = checked(cx.at(place))?;
    let sparse = hll::encoding_of(bytes) == Some(Encoding::Sparse);
    if sparse {
        let dense = hll::to_dense(bytes).map_err(corrupted)?;
        put(cx, key, Some(place), &dense);
        cx.noted(key, "", 1);
    }
    Ok(sparse)
}

/// Whether vector instructions are used from now on.
fn simd(cx: &mut Ctx<'_>, switch: &[u8]) -> Result<Done, CommandError> {
    cx.data.plain_hll = match switch.to_ascii_lowercase().as_slice() {
        b"on" => false,
        b"off" => true,
        _ => return Err(CommandError::of("Argument must be ON or OFF")),
    };
    cx.reply.simple(if Raw::has_vectors() && !cx.data.plain_hll { b"enabled" } else { b"disabled" });
    Ok(Done::Replied)
}
