//! The subcommands of DEBUG that show something. They look at keys as they lie there, past their time or not.

use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use base::lzf::Scratch;
use commands::{CommandError, Done, parse};
use conn::Args;
use keyspace::Record;
use keyspace::digest::Digest;
use std::fmt::Write;

/// The record of a key in the caller's database.
pub(super) fn find<'n>(node: &'n Node, session: &Session, name: &[u8]) -> Option<&'n Record> {
    node.data.databases[session.caller.database].tables.find(&node.data.key(name))
}

/// `DEBUG DIGEST`
pub(super) fn digest(
    node: &mut Node,
    session: &mut Session,
    _: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    let digest = Digest::of_all(&node.data);
    session.reply().simple(base::hex::encode(&digest.0).as_bytes());
    Ok(Done::Replied)
}

/// `DEBUG DIGEST-VALUE key [key ...]`
pub(super) fn digest_value(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    session.reply().array(args.len() - 2);
    for name in args.from(2) {
        let digest = find(node, session, name).map(Digest::of_value).unwrap_or_default();
        session.reply().simple(base::hex::encode(&digest.0).as_bytes());
    }
    Ok(Done::Replied)
}

/// `DEBUG OBJECT key [fast]`
pub(super) fn object(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    let record = find(node, session, args.at(2)).ok_or(CommandError::NO_SUCH_KEY)?;
    let fast = args.get(3).is_some_and(|word| parse::is(word, "fast"));
    let clock = &node.data.clock;
    let access = record.access();
    let mut text = format!("Value at:{:p} refcount:1 encoding:{}", record.key().as_ptr(), record.encoding());
    if !fast {
        // A string takes whatever is written to it.
        let _ = write!(text, " serializedlength:{}", serialized_len(record));
    }
    let _ = write!(
        text,
        " lru:{access} lru_seconds_idle:{} lfu_freq:{} lfu_access_time_minutes:{}",
        clock.idle_seconds(access),
        clock.frequency(access),
        access >> 8,
    );
    text.push_str(&super::collections::nodes(record, fast).unwrap_or_default());
    session.reply().simple(text.as_bytes());
    Ok(Done::Replied)
}

/// How many bytes a snapshot takes for a value, its type aside.
fn serialized_len(record: &Record) -> usize {
    let mut scratch = Scratch::new();
    let mut out = rdb::Writer::new(Some(&mut scratch));
    rdb::value::write(&mut out, None, record);
    out.bytes.len() - 1
}

/// `DEBUG HTSTATS dbid [full]`
pub(super) fn htstats(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    let index = parse::integer(args.at(2))?;
    let database = usize::try_from(index).ok().and_then(|index| node.data.databases.get(index));
    let database = database.ok_or_else(|| CommandError::of("Out of range database"))?;
    let full = args.get(3).is_some_and(|word| parse::is(word, "full"));
    let mut text = "[Dictionary HT]\n".to_owned();
    for stats in database.tables.stats().filter(|stats| stats.entries > 0) {
        text.push_str("Hash table 0 stats (main hash table):\n");
        let (wide, narrow) = stats.overflow;
        // A string takes whatever is written to it.
        let _ = writeln!(text, " table size: {}\n number of entries: {}", stats.buckets * 7, stats.entries);
        if full {
            let _ = writeln!(text, " top-level buckets: {}", stats.buckets);
            let _ = writeln!(text, " child buckets: {}", wide + narrow);
            text.push_str(" entries by bucket:\n");
            let chains = stats.chains.iter().enumerate().filter(|(_, count)| **count > 0);
            for (entries, count) in chains {
                let percent = *count as f64 * 100.0 / stats.buckets as f64;
                let _ = writeln!(text, "   {entries}: {count} ({percent:.2}%)");
            }
        }
    }
    // Keys that expire stand in the same table, marked.
    let _ = writeln!(text, "[Expires HT]");
    if database.tables.volatile_len() > 0 {
        let _ = writeln!(text, " number of entries: {}", database.tables.volatile_len());
    }
    session.reply().verbatim(b"txt", text.as_bytes());
    Ok(Done::Replied)
}

/// `DEBUG HTSTATS-KEY key [full]`. No value is a hash table yet.
pub(super) fn htstats_key(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    find(node, session, args.at(2)).ok_or(CommandError::NO_SUCH_KEY)?;
    Err(CommandError::of("The value stored at the specified key is not represented using an hash table"))
}
