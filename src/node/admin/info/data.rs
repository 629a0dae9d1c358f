//! INFO on the data and where it goes: the sections Persistence, Replication, Cluster and Keyspace.

use super::{Info, View};
use crate::job::Job;

pub(super) fn persistence(view: &View<'_>, info: &mut Info) {
    info.section("Persistence");
    snapshots(view, info);
    append_only_file(view, info);
    loading(view, info);
}

/// What is known of saving to a snapshot.
fn snapshots(view: &View<'_>, info: &mut Info) {
    let (node, now) = (view.node, view.now);
    let persistence = &node.persistence;
    let shown = &persistence.progress;
    let percent = if shown.total == 0 { 0.0 } else { 100.0 * shown.keys as f64 / shown.total as f64 };
    let age = shown.told_us.map_or(0, |told| now.mono_us.saturating_sub(told) / 1_000_000);
    let saving = persistence.does(Job::Snapshot);
    let since =
        persistence.child.as_ref().filter(|_| saving).map_or(-1, |child| now.unix_s() - child.since_s);
    info.field("loading", i32::from(node.is_loading()))
        .field("async_loading", 0)
        .field("current_cow_peak", shown.peak)
        .field("current_cow_size", shown.private)
        .field("current_cow_size_age", age)
        .field("current_fork_perc", format_args!("{percent:.2}"))
        .field("current_save_keys_processed", shown.keys)
        .field("current_save_keys_total", shown.total)
        .field("rdb_changes_since_last_save", node.effects.dirty)
        .field("rdb_bgsave_in_progress", i32::from(saving))
        .field("rdb_last_save_time", persistence.last_save_s)
        .field("rdb_last_bgsave_status", if persistence.failed { "err" } else { "ok" })
        .field("rdb_last_bgsave_time_sec", persistence.took_s.unwrap_or(-1))
        .field("rdb_current_bgsave_time_sec", since)
        .field("rdb_saves", persistence.saves)
        .field("rdb_last_cow_size", persistence.snapshot_private)
        .field("rdb_last_load_keys_expired", persistence.keys_expired)
        .field("rdb_last_load_keys_loaded", persistence.keys_loaded);
}

/// How far loading is.
fn loading(view: &View<'_>, info: &mut Info) {
    let (snapshot, commands) = (&view.node.persistence.loading, &view.node.aof.loading);
    let (since_s, bytes, done, used_memory) = match (snapshot, commands) {
        (Some(loading), _) => (loading.since_s, loading.total, loading.done, loading.used_memory),
        (None, Some(loading)) => (loading.since_s, loading.total, loading.done, loading.used_memory),
        (None, None) => return,
    };
    let total = if bytes > 0 { bytes } else { used_memory };
    let percent = if total == 0 { 0.0 } else { 100.0 * done as f64 / total as f64 };
    let elapsed = (view.now.unix_s() - since_s).max(0).unsigned_abs();
    // Within the first second there is nothing to reckon with.
    let left = match elapsed {
        0 => 1,
        _ => elapsed * total.saturating_sub(done) / (done + 1),
    };
    info.field("loading_start_time", since_s)
        .field("loading_total_bytes", bytes)
        .field("loading_rdb_used_mem", used_memory)
        .field("loading_loaded_bytes", done)
        .field("loading_loaded_perc", format_args!("{percent:.2}"))
        .field("loading_eta_seconds", left);
}

fn append_only_file(view: &View<'_>, info: &mut Info) {
    let figures = view.node.aof_figures(view.now);
    let status = |ok| if ok { "ok" } else { "err" };
    info.field("aof_enabled", u8::from(figures.enabled))
        .field("aof_rewrite_in_progress", u8::from(figures.rewriting))
        .field("aof_rewrite_scheduled", u8::from(figures.scheduled))
        .field("aof_last_rewrite_time_sec", figures.last_rewrite_s)
        .field("aof_current_rewrite_time_sec", figures.current_rewrite_s)
        .field("aof_last_bgrewrite_status", status(figures.rewrite_ok))
        .field("aof_rewrites", figures.rewrites)
        .field("aof_rewrites_consecutive_failures", figures.failures)
        .field("aof_last_write_status", status(figures.write_ok))
        .field("aof_last_cow_size", figures.copied)
        .fields(
            0,
            &["module_fork_in_progress", "module_fork_last_cow_size", "slot_migration_fork_in_progress"],
        );
    if let Some(file) = &figures.file {
        info.field("aof_current_size", file.current_len)
            .field("aof_base_size", file.base_len)
            .field("aof_pending_rewrite", u8::from(figures.scheduled))
            .field("aof_buffer_length", file.buffered)
            .field("aof_pending_bio_fsync", file.pending_syncs)
            .field("aof_delayed_fsync", file.delayed);
    }
}

pub(super) fn replication(view: &View<'_>, info: &mut Info) {
    let node = view.node;
    info.section("Replication");
    info.field("role", "master")
        .fields(0, &["connected_slaves", "replicas_waiting_psync"])
        .field("master_failover_state", "no-failover")
        .field("master_replid", &node.replication_id)
        .field("master_replid2", "0".repeat(40))
        .field("master_repl_offset", 0)
        .field("second_repl_offset", -1)
        .field("repl_backlog_active", 0)
        .field("repl_backlog_size", node.config.replication.repl_backlog_size)
        .fields(0, &["repl_backlog_first_byte_offset", "repl_backlog_histlen"]);
}

pub(super) fn cluster(_: &View<'_>, info: &mut Info) {
    info.section("Cluster");
    info.field("cluster_enabled", 0);
}

pub(super) fn keyspace(view: &View<'_>, info: &mut Info) {
    info.section("Keyspace");
    for (index, database) in view.node.data.databases.iter().enumerate() {
        let (keys, expires) = (database.tables.len(), database.tables.volatile_len());
        if keys > 0 {
            let (ttl, timed) = (database.average_ttl, database.tables.timed_len());
            info.line(format_args!(
                "db{index}:keys={keys},expires={expires},avg_ttl={ttl},keys_with_volatile_items={timed}"
            ));
        }
    }
}
