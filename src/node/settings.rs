//! What the node reads of its configuration, and what follows when it changes.
//!
//! Most settings are read where they matter, from [`Node::config`]. The few that live in another form elsewhere, because
//! a crate below does not know the configuration, are copied there by [`Node::follow`]. Those that sockets, files or
//! threads must follow are named by [`needs_shell`].

use crate::node::Node;
use base::siphash;
use commands::ctx::Settings;
use config::{Config, EvictionPolicy, Id, RdbVersionCheck};
use keyspace::AccessClock;
use keyspace::values::Rules;
use rdb::Versions;

impl Node {
    pub(crate) fn extended_compat(&self) -> bool {
        self.config.process.extended_redis_compatibility
    }
    pub(crate) fn lazy_user_flush(&self) -> bool {
        self.config.memory.lazyfree_lazy_user_flush
    }
    pub(crate) fn hz(&self) -> u32 {
        self.config.process.hz
    }
    pub(crate) fn memory_limit(&self) -> u64 {
        self.config.memory.maxmemory
    }

    /// Reads what handlers go by anew. What DEBUG has set stays.
    pub(crate) fn follow_settings(&mut self) {
        let threshold = self.settings.rules.list_packed_threshold;
        let checksums = self.settings.dump_checksums;
        self.settings = settings(&self.config, self.data.hash_key);
        self.settings.rules.list_packed_threshold = threshold;
        self.settings.dump_checksums = checksums;
        self.settings.expire_on_access &= !self.pause.is_on();
    }

    /// Follows directives that changed.
    pub(crate) fn follow(&mut self, changed: &[Id]) {
        for id in changed {
            match id {
                Id::proto_max_bulk_len
                | Id::lazyfree_lazy_expire
                | Id::lazyfree_lazy_user_del
                | Id::lazyfree_lazy_server_del
                | Id::rdbcompression
                | Id::rdb_version_check
                | Id::import_mode
                | Id::list_max_listpack_size
                | Id::list_compress_depth
                | Id::set_max_intset_entries
                | Id::set_max_listpack_entries
                | Id::set_max_listpack_value
                | Id::hash_max_listpack_entries
                | Id::hash_max_listpack_value
                | Id::zset_max_listpack_entries
                | Id::zset_max_listpack_value
                | Id::stream_node_max_bytes
                | Id::stream_node_max_entries
                | Id::hll_sparse_max_bytes => self.follow_settings(),
                Id::maxmemory_policy | Id::lfu_log_factor | Id::lfu_decay_time => {
                    self.data.clock = access_clock(&self.config, self.data.clock.seconds);
                }
                Id::maxmemory => self.follow_memory_limit(),
                Id::aof_timestamp_enabled | Id::aof_disable_auto_gc => self.follow_aof_settings(),
                Id::save | Id::stop_writes_on_bgsave_error => self.follow_disk(),
                Id::requirepass | Id::acl_pubsub_default => self.follow_users(*id),
                Id::notify_keyspace_events => self.follow_listeners(),
                Id::commandlog_execution_slower_than
                | Id::commandlog_slow_execution_max_len
                | Id::commandlog_request_larger_than
                | Id::commandlog_large_request_max_len
                | Id::commandlog_reply_larger_than
                | Id::commandlog_large_reply_max_len
                | Id::latency_monitor_threshold => self.follow_monitor(),
                Id::lua_enable_insecure_api => self.flush_scripts(false),
                Id::hz => (self.next_cron_us, self.next_clients_us) = (0, 0),
                _ => {}
            }
        }
    }
}

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
