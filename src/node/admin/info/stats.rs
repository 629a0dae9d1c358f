//! INFO on what was done: the sections Clients, Stats, Commandstats, Errorstats and Latencystats.

use super::{Info, View};
use crate::pubsub::Space;
use catalog::CommandId;
use config::Percentiles;

pub(super) fn clients(view: &View<'_>, info: &mut Info) {
    let node = view.node;
    let sessions = || node.sessions.iter().flatten().map(Box::as_ref).chain([view.caller]);
    let blocked = sessions().filter(|session| session.blocked.is_some()).count();
    let (input, output) = node.stats.buffers.largest(view.now.mono_us / 1_000_000);
    let (reason, actions, millis) = node.pause.shown(view.now);
    info.section("Clients");
    info.field("connected_clients", node.connected)
        .field("cluster_connections", 0)
        .field("maxclients", node.config.network.maxclients)
        .field("client_recent_max_input_buffer", input)
        .field("client_recent_max_output_buffer", output)
        .field("blocked_clients", blocked)
        .field("tracking_clients", node.tracking.clients())
        .field("pubsub_clients", node.pubsub.clients)
        .field("watching_clients", node.watches.clients())
        .field("clients_in_timeout_table", node.timeouts.len())
        .field("total_watched_keys", node.watches.keys())
        .field("total_blocking_keys", node.lines.iter().count())
        .field("total_blocking_keys_on_nokey", node.awaited_if_gone())
        .field("paused_reason", reason)
        .field("paused_actions", actions)
        .field("paused_timeout_milliseconds", millis);
}

pub(super) fn stats(view: &View<'_>, info: &mut Info) {
    let (stats, keys) = (&view.node.stats, &view.node.key_stats);
    let exceeded = view.node.exceeded_ms(view.now);
    let (defrag, defrag_ms) = (view.node.defrag.figures, view.node.defrag.spent_ms(view.now));
    let kilobytes = |bytes: u64| format!("{:.2}", bytes as f64 / 1024.0);
    info.section("Stats");
    info.field("total_connections_received", stats.connections)
        .field("total_commands_processed", stats.processed)
        .field("instantaneous_ops_per_sec", stats.command_rate.per_second())
        .field("total_net_input_bytes", stats.bytes_in)
        .field("total_net_output_bytes", stats.bytes_out)
        .fields(0, &["total_net_repl_input_bytes", "total_net_repl_output_bytes"])
        .fields(0, &["total_net_cluster_slot_import_bytes", "total_net_cluster_slot_export_bytes"])
        .field("instantaneous_input_kbps", kilobytes(stats.input_rate.per_second()))
        .field("instantaneous_output_kbps", kilobytes(stats.output_rate.per_second()))
        .fields("0.00", &["instantaneous_input_repl_kbps", "instantaneous_output_repl_kbps"])
        .field("rejected_connections", stats.rejected_connections)
        .fields(0, &["sync_full", "sync_partial_ok", "sync_partial_err"])
        .field("expired_keys", keys.expired)
        .field("expired_fields", keys.expired_fields)
        .field("expired_stale_perc", format_args!("{:.2}", view.node.expiry.stale * 100.0))
        .field(
            "expired_keys_with_volatile_items_stale_perc",
            format_args!("{:.2}", view.node.expiry.stale_fields * 100.0),
        )
        .field("expired_time_cap_reached_count", view.node.expiry.time_cap_reached)
        .field("expire_cycle_cpu_milliseconds", view.node.expiry.spent_us / 1000)
        .field("evicted_keys", stats.evicted_keys)
        .field("evicted_clients", stats.evicted_clients)
        .field("evicted_scripts", view.node.scripting.evicted)
        .field("total_eviction_exceeded_time", exceeded.0)
        .field("current_eviction_exceeded_time", exceeded.1)
        .field("keyspace_hits", keys.hits)
        .field("keyspace_misses", keys.misses)
        .field("pubsub_channels", view.node.pubsub.len(Space::Channels))
        .field("pubsub_patterns", view.node.pubsub.len(Space::Patterns))
        .field("pubsubshard_channels", view.node.pubsub.len(Space::Shards))
        .field("latest_fork_usec", view.node.persistence.fork_us)
        .field("total_forks", view.node.persistence.forks)
        .fields(0, &["migrate_cached_sockets", "slave_expires_tracked_keys"])
        .field("active_defrag_hits", defrag.moved)
        .field("active_defrag_misses", defrag.left)
        .field("active_defrag_key_hits", defrag.keys_moved)
        .field("active_defrag_key_misses", defrag.keys_left)
        .field("total_active_defrag_time", defrag_ms.0)
        .field("current_active_defrag_time", defrag_ms.1)
        .field("tracking_total_keys", view.node.tracking.table.len())
        .field("tracking_total_items", view.node.tracking.table.items())
        .field("tracking_total_prefixes", view.node.tracking.prefixes.len())
        .field("unexpected_error_replies", 0)
        .field("total_error_replies", stats.error_replies)
        .field("dump_payload_sanitizations", 0)
        .field("total_reads_processed", stats.reads)
        .field("total_writes_processed", stats.writes)
        .field("io_threaded_reads_processed", stats.threaded.reads)
        .field("io_threaded_writes_processed", stats.threaded.writes)
        .fields(0, &["io_threaded_freed_objects", "io_threaded_accept_processed"])
        .field("io_threaded_poll_processed", view.figures.threaded_polls - stats.threaded.polls_before)
        .field("io_threaded_total_prefetch_batches", stats.threaded.prefetch_batches)
        .field("io_threaded_total_prefetch_entries", stats.threaded.prefetch_entries)
        .field("client_query_buffer_limit_disconnections", stats.query_limit_disconnections)
        .field("client_output_buffer_limit_disconnections", stats.output_limit_disconnections)
        .fields(0, &["reply_buffer_shrinks", "reply_buffer_expands"])
        .field("eventloop_cycles", stats.turns.count)
        .field("eventloop_duration_sum", stats.turns.micros)
        .field("eventloop_duration_cmd_sum", stats.turns.command_micros)
        .field("instantaneous_eventloop_cycles_per_sec", stats.turns.rate.per_second())
        .field("instantaneous_eventloop_duration_usec", stats.turns.length.per_second())
        .field("acl_access_denied_auth", stats.denied.auth)
        .field("acl_access_denied_cmd", stats.denied.command)
        .field("acl_access_denied_key", stats.denied.key)
        .field("acl_access_denied_channel", stats.denied.channel)
        .field("acl_access_denied_tls_cert", 0);
}

/// What is shown only when it is asked for by its name.
pub(super) fn debug(view: &View<'_>, info: &mut Info) {
    let turns = &view.node.stats.turns;
    info.section("Debug");
    info.field("eventloop_duration_aof_sum", 0)
        .field("eventloop_duration_cron_sum", turns.cron_micros)
        .field("eventloop_duration_max", turns.longest)
        .field("eventloop_cmd_per_cycle_max", turns.most_commands);
}

pub(super) fn commandstats(view: &View<'_>, info: &mut Info) {
    info.section("Commandstats");
    for id in CommandId::all() {
        let stats = &view.node.stats.commands[id.index()];
        let (calls, usec) = (stats.calls, stats.micros);
        let (rejected, failed) = (stats.rejected, stats.failed);
        if calls > 0 || rejected > 0 || failed > 0 {
            let each = if calls == 0 { 0.0 } else { usec as f64 / calls as f64 };
            info.line(format_args!(
                "cmdstat_{}:calls={calls},usec={usec},usec_per_call={each:.2},\
                 rejected_calls={rejected},failed_calls={failed}",
                id.full_name(),
            ));
        }
    }
}

pub(super) fn errorstats(view: &View<'_>, info: &mut Info) {
    info.section("Errorstats");
    let mut errors: Vec<(&Vec<u8>, &u64)> = view.node.stats.errors.iter().collect();
    errors.sort();
    for (code, count) in errors {
        info.line(format_args!("errorstat_{}:count={count}", safe(code)));
    }
}

/// A text from a client, without what would break the lines and fields of INFO.
fn safe(text: &[u8]) -> String {
    let safe = |byte: &u8| match byte {
        b'#' | b':' | b'\n' | b'\r' => b'_',
        other => *other,
    };
    String::from_utf8_lossy(&text.iter().map(safe).collect::<Vec<u8>>()).into_owned()
}

pub(super) fn latencystats(view: &View<'_>, info: &mut Info) {
    info.section("Latencystats");
    let monitor = &view.node.config.monitor;
    if !monitor.latency_tracking {
        return;
    }
    for id in CommandId::all() {
        let Some(histogram) = &view.node.stats.commands[id.index()].latency else { continue };
        let percentiles = monitor.latency_tracking_info_percentiles.as_slice().iter().map(|&percentile| {
            let micros = histogram.percentile(percentile) as f64 / 1000.0;
            format!("p{}={micros:.3}", Percentiles::text(percentile))
        });
        let percentiles = percentiles.collect::<Vec<String>>().join(",");
        info.line(format_args!("latency_percentiles_usec_{}:{percentiles}", id.full_name()));
    }
}
