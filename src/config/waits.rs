//! Directives without effect yet, by what they wait for. They are checked, shown and rewritten as all others, so that a
//! configuration file loads unchanged.
//!
//! Whoever brings what is waited for takes its row away here; `docs/compatibility.md` is held against this page by
//! `tests/tidy/directives.rs`.

use crate::table::Id::{self, *};

/// What is waited for, and the directives that wait.
pub const WAITING: &[(&str, &[Id])] = &[
    (
        "replication",
        &[
            bind_source_addr,
            replicaof,
            rdb_del_sync_files,
            shutdown_timeout,
            primaryuser,
            primaryauth,
            replica_read_only,
            replica_serve_stale_data,
            replica_lazy_flush,
            replica_ignore_maxmemory,
            replica_ignore_disk_write_errors,
            replica_priority,
            replica_announced,
            replica_announce_ip,
            replica_announce_port,
            min_replicas_to_write,
            min_replicas_max_lag,
            repl_ping_replica_period,
            repl_timeout,
            repl_backlog_size,
            repl_backlog_ttl,
            repl_disable_tcp_nodelay,
            repl_mptcp,
            repl_diskless_sync,
            repl_diskless_sync_delay,
            repl_diskless_sync_max_replicas,
            repl_diskless_load,
            dual_channel_replication_enabled,
            propagation_error_behavior,
        ],
    ),
    (
        "the cluster",
        &[
            cluster_enabled,
            cluster_config_file,
            cluster_databases,
            cluster_port,
            cluster_node_timeout,
            cluster_ping_interval,
            cluster_manual_failover_timeout,
            cluster_migration_barrier,
            cluster_allow_replica_migration,
            cluster_replica_validity_factor,
            cluster_replica_no_failover,
            cluster_require_full_coverage,
            cluster_allow_reads_when_down,
            cluster_allow_pubsubshard_when_down,
            cluster_announce_ip,
            cluster_announce_client_ipv4,
            cluster_announce_client_ipv6,
            cluster_announce_hostname,
            cluster_announce_human_nodename,
            cluster_announce_port,
            cluster_announce_tls_port,
            cluster_announce_bus_port,
            cluster_announce_client_port,
            cluster_announce_client_tls_port,
            cluster_preferred_endpoint_type,
            cluster_link_sendbuf_limit,
            cluster_blacklist_ttl,
            cluster_slot_stats_enabled,
            cluster_slot_migration_log_max_len,
            slot_migration_max_failover_repl_bytes,
        ],
    ),
    (
        "TLS",
        &[
            tls_port,
            tls_cluster,
            tls_replication,
            tls_auth_clients,
            tls_auth_clients_user,
            tls_prefer_server_ciphers,
            tls_session_caching,
            tls_session_cache_size,
            tls_session_cache_timeout,
            tls_cert_file,
            tls_key_file,
            tls_key_file_pass,
            tls_client_cert_file,
            tls_client_key_file,
            tls_client_key_file_pass,
            tls_dh_params_file,
            tls_ca_cert_file,
            tls_ca_cert_dir,
            tls_protocols,
            tls_ciphers,
            tls_ciphersuites,
            max_new_tls_connections_per_cycle,
        ],
    ),
    ("RDMA", &[rdma_bind, rdma_port, rdma_rx_size, rdma_completion_vector]),
    ("modules", &[enable_module_command]),
    (
        "nothing, as what they tune works otherwise here",
        &[
            sanitize_dump_payload,
            activerehashing,
            enable_debug_assert,
            events_per_io_thread,
            prefetch_batch_max_size,
            min_io_threads_avoid_copy_reply,
            min_string_size_avoid_copy_reply,
            min_string_size_avoid_copy_reply_threaded,
        ],
    ),
];

impl Id {
    /// Whether setting the directive changes anything.
    pub fn has_effect(self) -> bool {
        !WAITING.iter().any(|(_, waiting)| waiting.contains(&self))
    }
}
