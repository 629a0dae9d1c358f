//! What the node reads of its configuration, and what follows when it changes.
//!
//! Most settings are read where they matter, from `Node::config`. The few that live in another form elsewhere, because
//! a crate below does not know the configuration, are copied there by `Node::follow`. Those that sockets, files or
//! threads must follow are named by [`needs_shell`].

mod follow;

use base::siphash;
use commands::ctx::Settings;
use config::{Config, EvictionPolicy, Id, RdbVersionCheck};
use keyspace::AccessClock;
use keyspace::values::Rules;
use rdb::Versions;

/// Whether sockets, files or threads must follow a directive before the client hears that it is set.
pub(crate) fn needs_shell(id: Id) -> bool {
    use Id::*;
    matches!(
        id,
        bind | port
            | maxclients
            | dir
            | io_threads
            | tls_port
            | tls_auth_clients
            | tls_auth_clients_user
            | tls_prefer_server_ciphers
            | tls_session_caching
            | tls_session_cache_size
            | tls_session_cache_timeout
            | tls_cert_file
            | tls_key_file
            | tls_key_file_pass
            | tls_client_cert_file
            | tls_client_key_file
            | tls_client_key_file_pass
            | tls_dh_params_file
            | tls_ca_cert_file
            | tls_ca_cert_dir
            | tls_protocols
            | tls_ciphers
            | tls_ciphersuites
            | proc_title_template
            | oom_score_adj
            | oom_score_adj_values
            | crash_log_enabled
            | crash_memcheck_enabled
            | hide_user_data_from_log
            | use_exit_on_panic
            | extended_redis_compatibility
            | watchdog_period
            | jemalloc_bg_thread
            | locale_collate
            | rdma_bind
            | rdma_port
    )
}

/// Strings are shorter than this, whatever `proto-max-bulk-len` allows: the items of collections count their bytes in
/// thirty-two bits.
const LONGEST_STRING: u64 = u32::MAX as u64 - 64;

/// What handlers read.
pub(crate) fn settings(config: &Config, hash_key: siphash::Key) -> Settings {
    Settings {
        max_bulk: config.network.proto_max_bulk_len.min(LONGEST_STRING),
        dump_versions: match config.snapshot.rdb_version_check {
            RdbVersionCheck::Strict => Versions::Known,
            RdbVersionCheck::Relaxed => Versions::Any,
        },
        dump_checksums: true,
        expire_on_access: !config.data.import_mode,
        lazy_expire: config.memory.lazyfree_lazy_expire,
        lazy_user_del: config.memory.lazyfree_lazy_user_del,
        lazy_server_del: config.memory.lazyfree_lazy_server_del,
        compress: config.snapshot.rdbcompression,
        collate: None,
        rules: rules(config, hash_key),
    }
}

/// What values go by.
fn rules(config: &Config, hash_key: siphash::Key) -> Rules {
    let encoding = &config.data;
    Rules {
        list_max_listpack_size: encoding.list_max_listpack_size,
        list_compress_depth: encoding.list_compress_depth,
        list_packed_threshold: 0,
        set_max_intset_entries: encoding.set_max_intset_entries,
        set_max_listpack_entries: encoding.set_max_listpack_entries,
        set_max_listpack_value: encoding.set_max_listpack_value,
        hash_max_listpack_entries: encoding.hash_max_listpack_entries,
        hash_max_listpack_value: encoding.hash_max_listpack_value,
        zset_max_listpack_entries: encoding.zset_max_listpack_entries,
        zset_max_listpack_value: encoding.zset_max_listpack_value,
        stream_node_max_bytes: encoding.stream_node_max_bytes,
        stream_node_max_entries: encoding.stream_node_max_entries as u64,
        hll_sparse_max_bytes: encoding.hll_sparse_max_bytes,
        hash_key,
    }
}

/// How access clocks are read and set.
pub(crate) fn access_clock(config: &Config, seconds: i64) -> AccessClock {
    AccessClock {
        lfu: matches!(
            config.memory.maxmemory_policy,
            EvictionPolicy::AllKeysLfu | EvictionPolicy::VolatileLfu
        ),
        log_factor: config.memory.lfu_log_factor,
        decay_minutes: config.memory.lfu_decay_time,
        seconds,
    }
}
