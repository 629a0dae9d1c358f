//! What FUNCTION DUMP answers and FUNCTION RESTORE takes.
//!
//! ```text
//! | 245 | code, a string | 245 | code | ... | version, u16 | CRC-64 of all before, u64 |
//! ```

use base::crc64::crc64;
use base::lzf::Scratch;
use commands::CommandError;
use rdb::{Reader, Versions, Writer};

/// Comes before each library.
const LIBRARY: u8 = 245;
/// What libraries began with before their form was settled.
const LIBRARY_BEFORE: u8 = 246;
/// The bytes of the version and the checksum.
const FOOTER: usize = 10;

/// A payload of these libraries.
pub(super) fn seal<'l>(codes: impl Iterator<Item = &'l [u8]>, lzf: Option<&mut Scratch>) -> Vec<u8> {
    let mut out = Writer::new(lzf);
    for code in codes {
        out.byte(LIBRARY);
        out.string(code);
    }
    let mut payload = out.bytes;
    payload.extend(rdb::VERSION.to_le_bytes());
    let checksum = crc64(&payload);
    payload.extend(checksum.to_le_bytes());
    payload
}

/// The libraries of a payload, up to the first that cannot be read.
pub(super) fn open(
    payload: &[u8],
    versions: Versions,
) -> Result<Vec<Result<Vec<u8>, &'static str>>, CommandError> {
    let footer = || -> Option<&[u8]> {
        let (covered, checksum) = payload.split_last_chunk::<8>()?;
        let (body, version) = covered.split_last_chunk::<2>()?;
        let fits =
            versions.include(u16::from_le_bytes(*version)) && crc64(covered) == u64::from_le_bytes(*checksum);
        fits.then_some(body)
    };
    if footer().is_none() {
        return Err(CommandError::of("DUMP payload version or checksum are wrong"));
    }
    // Quirk of the reference: a string that is cut short is read on into the footer.
    let mut reader = Reader::new(payload);
    let mut libraries = Vec::new();
    while reader.remaining() > FOOTER {
        let library = match reader.byte() {
            Ok(LIBRARY) => {
                reader.string().map(rdb::Text::into_bytes).map_err(|_| "Failed loading library payload")
            }
            Ok(LIBRARY_BEFORE) => Err("Pre-GA function format not supported"),
            Ok(_) => Err("given type is not a function"),
            Err(_) => Err("can not read data type"),
        };
        let failed = library.is_err();
        libraries.push(library);
        if failed {
            break;
        }
    }
    Ok(libraries)
}
