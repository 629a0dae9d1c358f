//! INFO on the data and where it goes: the sections Persistence, Replication, Cluster and Keyspace.

use super::{Info, View};

pub(super) fn persistence(view: &View<'_>, info: &mut Info) {
    let node = view.node;
    info.section("Persistence");
    info.fields(
        0,
        &["loading", "async_loading", "current_cow_peak", "current_cow_size", "current_cow_size_age"],
    )
    .field("current_fork_perc", "0.00")
    .fields(0, &["current_save_keys_processed", "current_save_keys_total"])
    .field("rdb_changes_since_last_save", node.effects.dirty)
    .field("rdb_bgsave_in_progress", 0)
    .field("rdb_last_save_time", node.last_save_s)
    .field("rdb_last_bgsave_status", "ok")
    .fields(-1, &["rdb_last_bgsave_time_sec", "rdb_current_bgsave_time_sec"])
    .fields(
        0,
        &[
            "rdb_saves",
            "rdb_last_cow_size",
            "rdb_last_load_keys_expired",
            "rdb_last_load_keys_loaded",
        ],
    );
    append_only_file(view, info);
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
