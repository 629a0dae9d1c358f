//! `CONFIG`: settings shown, changed and written.

use crate::boundary::{Errand, Now};
use crate::node::Node;
use crate::session::Session;
use crate::settings;
use crate::stats::Stats;
use commands::ctx::KeyStats;
use commands::{CommandError, Done};
use config::SetBy;
use conn::Args;

/// `CONFIG GET parameter [parameter ...]`
pub fn get(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    let found = node.config.get(args.from(2));
    let mut reply = session.reply();
    reply.map(found.len());
    for (name, value) in found {
        reply.bulk(&name);
        reply.bulk(&value);
    }
    Ok(Done::Replied)
}

/// `CONFIG SET parameter value [parameter value ...]`
pub fn set(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    if !args.len().is_multiple_of(2) {
        return Err(CommandError::SYNTAX);
    }
    let pairs: Vec<(&[u8], &[u8])> =
        (2..args.len()).step_by(2).map(|index| (args.at(index), args.at(index + 1))).collect();
    let by = SetBy { local: session.peer.is_local(), loading: node.is_loading() };
    let applied = node
        .config
        .set(&pairs, by)
        .map_err(|error| error.message().map_or_else(|| node.loading_error(), CommandError::of))?;

    node.follow(&applied.changed);
    if applied.changed.contains(&config::Id::appendonly) && node.follow_appendonly(now, session.is_in_exec())
    {
        return Ok(node.wait_for_rewrite(session, Some(applied)));
    }
    let ids: Vec<config::Id> =
        applied.changed.iter().copied().filter(|id| settings::needs_shell(*id)).collect();
    if ids.is_empty() {
        session.reply().ok();
        return Ok(Done::Replied);
    }
    Ok(node.send_settings(session, ids, applied))
}

/// `CONFIG RESETSTAT`
pub fn resetstat(
    node: &mut Node,
    session: &mut Session,
    _: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    let stats = std::mem::replace(&mut node.stats, Stats::new());
    node.stats.peak_memory = stats.peak_memory;
    node.stats.threaded.polls_before = now.meter.figures().threaded_polls;
    node.key_stats = KeyStats::default();
    node.expiry.reset_figures();
    node.reset_eviction_figures();
    node.defrag.reset_figures(now);
    node.reset_aof_figures();
    node.scripting.evicted = 0;
    node.handed.forgotten = now.meter.freed().objects;
    session.reply().ok();
    Ok(Done::Replied)
}

/// `CONFIG REWRITE`
pub fn rewrite(
    node: &mut Node,
    session: &mut Session,
    _: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    if node.process.config_file.is_empty() {
        return Err(CommandError::of("The server is running without a config file"));
    }
    Ok(node.send(session, Errand::RewriteConfig { everything: false }))
}
