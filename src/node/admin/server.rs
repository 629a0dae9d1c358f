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

/// `INFO [section ...]`
pub fn info(node: &mut Node, session: &mut Session, _: Args<'_>, now: Now<'_>) -> Result<Done, CommandError> {
    let text = format!("# Memory\r\nused_memory:{}\r\n# Stats\r\ntotal_commands_processed:{}\r\n", now.meter.used_memory(), node.stats.processed);
    session.reply().verbatim(b"txt", text.as_bytes());
    Ok(Done::Replied)
}
