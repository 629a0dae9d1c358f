//! Commands that tell of the server.

use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use commands::{CommandError, Done};
use conn::Args;

/// `TIME`
pub fn time(_: &mut Node, session: &mut Session, _: Args<'_>, now: Now<'_>) -> Result<Done, CommandError> {
    let mut reply = session.reply();
    reply.array(2);
    reply.bulk_integer(now.unix_s());
    reply.bulk_integer(now.unix_us % 1_000_000);
    Ok(Done::Replied)
}

/// `ROLE`: a primary at the beginning of its history, with no replicas.
pub fn role(_: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    let mut reply = session.reply();
    reply.array(3);
    reply.bulk(b"master");
    reply.integer(0);
    reply.array(0);
    Ok(Done::Replied)
}
