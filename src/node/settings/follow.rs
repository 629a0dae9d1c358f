//! What follows in the node when directives have changed.

use super::{access_clock, settings};
use crate::node::Node;
use commands::CommandError;
use commands::ctx::{Collate, Settings};
use config::Id;

impl Node {
    /// Whether it passes for the server that Valkey grew from (`extended-redis-compatibility`).
    pub(crate) fn extended_compat(&self) -> bool {
        self.config.process.extended_redis_compatibility
    }

    /// What the server calls itself where clients see it.
    pub(crate) fn title(&self) -> &'static str {
        if self.extended_compat() { "Redis" } else { "Valkey" }
    }

    /// What is replied while a dataset is loaded.
    pub(crate) fn loading_error(&self) -> CommandError {
        if self.extended_compat() { CommandError::LOADING_REDIS } else { CommandError::LOADING }
    }

    /// Whether FLUSHALL and its like free in the background unless told otherwise.
    pub(crate) fn lazy_user_flush(&self) -> bool {
        self.config.memory.lazyfree_lazy_user_flush
    }

    /// How often a second the cron runs.
    pub(crate) fn hz(&self) -> u32 {
        self.config.process.hz
    }

    /// How much memory the data may take; 0 if that does not matter.
    pub(crate) fn memory_limit(&self) -> u64 {
        self.config.memory.maxmemory
    }

    /// Takes note of how texts compare in the language of the server, which the shell knows.
    pub fn set_collation(&mut self, collate: Option<Collate>) {
        self.settings.collate = collate;
    }

    /// Reads what handlers go by anew. What DEBUG and the shell have set stays.
    pub(crate) fn follow_settings(&mut self) {
        let Settings { dump_checksums, collate, rules, .. } = self.settings;
        self.settings = settings(&self.config, self.data.hash_key);
        self.settings.rules.list_packed_threshold = rules.list_packed_threshold;
        self.settings.dump_checksums = dump_checksums;
        self.settings.collate = collate;
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
                Id::active_defrag_cycle_min
                | Id::active_defrag_cycle_max
                | Id::active_defrag_cycle_us
                | Id::active_defrag_threshold_upper => self.defrag.unsettled = true,
                Id::hz => (self.next_cron_us, self.next_clients_us) = (0, 0),
                _ => {}
            }
        }
    }
}
