//! The subcommands of DEBUG that look into collections.

use super::show::find;
use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use base::log::Level;
use commands::{CommandError, Done};
use conn::Args;
use keyspace::Record;
use keyspace::values::List;
use std::fmt::Write;

/// `DEBUG LISTPACK key`: the reference writes to its standard output.
pub(super) fn listpack(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    let record = find(node, session, args.at(2)).ok_or(CommandError::NO_SUCH_KEY)?;
    if record.encoding() != "listpack" {
        return Err(CommandError::of("Not a listpack encoded object."));
    }
    let text = format!("listpack of {} bytes in memory", record.alloc_size(0));
    node.log(Level::Notice, text);
    session.reply().simple(b"Listpack structure printed on stdout");
    Ok(Done::Replied)
}

/// `DEBUG QUICKLIST key [0 | 1]`: the reference writes to its standard output.
pub(super) fn quicklist(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    let record = find(node, session, args.at(2)).ok_or(CommandError::NO_SUCH_KEY)?;
    let Some(text) = nodes(record, false) else {
        return Err(CommandError::of("Not a quicklist encoded object."));
    };
    node.log(Level::Notice, format!("quicklist:{text}"));
    session.reply().simple(b"Quicklist structure printed on stdout");
    Ok(Done::Replied)
}

/// `DEBUG QUICKLIST-PACKED-THRESHOLD size`
pub(super) fn quicklist_packed_threshold(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    /// Almost four gigabytes.
    const MOST: u64 = (1 << 32) - (1 << 20);
    let threshold = base::units::parse_memory(args.at(2)).filter(|size| *size <= MOST).ok_or_else(|| {
        CommandError::of("argument must be a memory value bigger than 1 and smaller than 4gb")
    })?;
    node.settings.rules.list_packed_threshold = threshold;
    session.reply().ok();
    Ok(Done::Replied)
}

/// How the reference would hold a quicklist, as `DEBUG OBJECT` shows it.
pub(super) fn nodes(record: &Record, fast: bool) -> Option<String> {
    let list = record.value::<List>()?;
    let (fill, depth) = list.settings()?;
    let cells = list.cells();
    let count = cells.len();
    let mean = list.len() as f64 / count as f64;
    let mut text = format!(
        " ql_nodes:{count} ql_avg_node:{mean:.2} ql_listpack_max:{fill} ql_compressed:{}",
        i32::from(depth > 0)
    );
    if !fast {
        // A string takes whatever is written to it.
        let _ = write!(text, " ql_uncompressed_size:{}", cells.map(|cell| cell.size).sum::<u64>());
    }
    Some(text)
}
