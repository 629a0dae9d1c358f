//! DEBUG PROTOCOL and DEBUG ERROR: replies of every kind, for those who write clients.

use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use commands::{CommandError, Done};
use conn::Args;
use resp::Protocol;

/// A number with a fraction, and no closer to pi than the reference's.
#[expect(clippy::approx_constant, reason = "it is what clients are tested with")]
const SAMPLE: f64 = 3.141;

/// `DEBUG PROTOCOL type`
pub(super) fn protocol(
    _: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    let resp3 = session.protocol == Protocol::Resp3;
    let mut reply = session.reply();
    match args.at(2).to_ascii_lowercase().as_slice() {
        b"string" => reply.bulk(b"Hello World"),
        b"integer" => reply.integer(12345),
        b"double" => reply.double(SAMPLE),
        b"bignum" => reply.big_number(b"1234567999999999999999999999999999999"),
        b"null" => reply.null(),
        b"array" => {
            reply.array(3);
            (0..3).for_each(|number| reply.integer(number));
        }
        b"set" => {
            reply.set(3);
            (0..3).for_each(|number| reply.integer(number));
        }
        b"map" => {
            reply.map(3);
            for number in 0..3 {
                reply.integer(number);
                reply.boolean(number == 1);
            }
        }
        b"attrib" => {
            if resp3 {
                reply.attribute(1);
                reply.bulk(b"key-popularity");
                reply.array(2);
                reply.bulk(b"key:123");
                reply.integer(90);
            }
            reply.bulk(b"Some real reply following the attribute");
        }
        b"push" if !resp3 => return Err(CommandError::of("RESP2 is not supported by this command")),
        b"push" => {
            // A push never stands within the replies to a command, so it comes after this one's.
            reply.bulk(b"Some real reply following the push reply");
            reply.push(2);
            reply.bulk(b"server-cpu-usage");
            reply.integer(42);
        }
        b"true" => reply.boolean(true),
        b"false" => reply.boolean(false),
        b"verbatim" => reply.verbatim(b"txt", b"This is a verbatim\nstring"),
        _ => {
            return Err(CommandError::of(
                "Wrong protocol type name. Please use one of the following: \
                 string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false",
            ));
        }
    }
    Ok(Done::Replied)
}

/// `DEBUG ERROR text`. Quirk of the reference: such an error is not counted as one.
pub(super) fn error(
    _: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    session.reply().error(args.at(2));
    Ok(Done::Replied)
}
