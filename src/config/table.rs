//! The table: every directive, one line each. A line declares a field of [`Config`] and a row of [`ROWS`]:
//!
//! ```text
//! "name" | "alias"  field: type = default, form, [flags];
//! ```
//!
//! A field is called as its directive, with underscores. Ranges are those the reference checks; whether a platform can
//! do what a value asks is for the owner of the sockets and files to say.

use crate::choices::*;
use crate::declared::Declared;
use crate::form::{OnlyNo, YesNo, between, from, memory, octal, one_of};
use crate::row::{Directive, Field, Flag};
use crate::text::*;
use crate::values::*;
use std::fmt;

/// A directive.
pub struct Row {
    /// Which one.
    pub id: Id,
    /// Its name.
    pub name: &'static str,
    /// Its old name, where it has one.
    pub alias: Option<&'static str>,
    /// What is special about it.
    pub flags: &'static [Flag],
    pub(crate) directive: &'static dyn Directive<Config>,
}

impl Row {
    /// Whether the directive has a flag.
    pub fn has(&self, flag: Flag) -> bool {
        self.flags.contains(&flag)
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

macro_rules! directives {
    ($($(#[$group_doc:meta])* $group:ident: $Group:ident {
        $($(#[$doc:meta])* $name:literal $(| $alias:literal)? $field:ident: $type:ty = $default:expr, $form:expr
            $(, [$($flag:ident),*])?;)*
    })*) => {
        /// Every setting of the server.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Config {
            $($(#[$group_doc])* pub $group: $Group,)*
            /// What the file declares beside settings.
            pub declared: Declared,
        }

        $(
            $(#[$group_doc])*
            #[derive(Clone, Debug, PartialEq)]
            pub struct $Group {
                $(#[doc = concat!("Directive `", $name, "`.\n\n")] $(#[$doc])* pub $field: $type,)*
            }

            impl Default for $Group {
                fn default() -> Self {
                    Self { $($field: $default,)* }
                }
            }
        )*

        /// A directive as a value to match on, spelled as its field.
        #[expect(non_camel_case_types, reason = "the names of the directives, as their users know them")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Id {
            $($(#[doc = concat!("`", $name, "`")] $field,)*)*
        }

        /// Every directive, in the order of [`Id`].
        pub static ROWS: &[Row] = &[$($(
            Row {
                id: Id::$field,
                name: $name,
                alias: directives!(@alias $($alias)?),
                flags: &[$($(Flag::$flag),*)?],
                directive: &Field::<Config, $type, _> {
                    form: $form,
                    get: |config| &config.$group.$field,
                    get_mut: |config| &mut config.$group.$field,
                },
            },
        )*)*];
    };
    (@alias) => { None };
    (@alias $alias:literal) => { Some($alias) };
}

/// What the reference says of `activedefrag yes` where its allocator cannot tell which pages are sparsely used.
const NO_DEFRAG: &str = "Active defragmentation cannot be enabled: it requires a server compiled with a modified Jemalloc \
                         like the one shipped by default with the source distribution";

/// The largest value of a C `long`, where the reference draws the line.
const MAX: i64 = i64::MAX;
/// All 64 bits set: the largest value of an unsigned 64-bit field.
const ALL_BITS: i64 = -1;
/// The largest value of an unsigned 32-bit field.
const U32: i64 = u32::MAX as i64;
/// The smallest value of a C `int`.
const INT_MIN: i64 = i32::MIN as i64;
const INT_MAX: i64 = i32::MAX as i64;

const KB: i64 = 1 << 10;
const MB: i64 = 1 << 20;

directives! {
    /// Where clients connect, and how connections are treated.
    network: Network {
        "bind"                        bind: Addresses = Addresses::everywhere(), AddressList, [Multi, Reapply];
        "bind-source-addr"            bind_source_addr: Vec<u8> = vec![], OPTIONAL;
        "port"                        port: u16 = 6379, between(0, 65535);
        "tcp-backlog"                 tcp_backlog: u32 = 511, from(0), [Immutable];
        /// Seconds.
        "tcp-keepalive"               tcp_keepalive: u32 = 300, from(0);
        /// Seconds a client may be idle; 0 for ever.
        "timeout"                     timeout: u32 = 0, from(0);
        "mptcp"                       mptcp: bool = false, YesNo, [Immutable];
        "socket-mark-id"              socket_mark_id: u32 = 0, between(0, U32), [Immutable];
        "unixsocket"                  unixsocket: Vec<u8> = vec![], OPTIONAL, [Immutable];
        "unixsocketgroup"             unixsocketgroup: Vec<u8> = vec![], OPTIONAL, [Immutable];
        "unixsocketperm"              unixsocketperm: u32 = 0, octal(0o777), [Immutable];
        "protected-mode"              protected_mode: bool = true, YesNo;
        "maxclients"                  maxclients: u32 = 10000, between(1, U32);
        "max-new-connections-per-cycle"      max_new_connections_per_cycle: u32 = 10, between(1, 1000);
        "max-new-tls-connections-per-cycle"  max_new_tls_connections_per_cycle: u32 = 1, between(1, 1000);
        "client-query-buffer-limit"   client_query_buffer_limit: u64 = 1 << 30, memory(MB, MAX), [Reported];
        "client-output-buffer-limit"  client_output_buffer_limit: OutputLimits = OutputLimits::default(), OutputLimitList, [Multi];
        "proto-max-bulk-len"          proto_max_bulk_len: u64 = 512 << 20, memory(MB, MAX), [Reported];
        "rdma-bind"                   rdma_bind: Addresses = Addresses::none(), AddressList, [Multi, Reapply];
        "rdma-port"                   rdma_port: u16 = 0, between(0, 65535);
        "rdma-rx-size"                rdma_rx_size: u32 = 1 << 20, between(64 * KB, 16 * MB), [Immutable];
        "rdma-completion-vector"      rdma_completion_vector: i32 = -1, between(-1, 1024), [Immutable];
    }

    /// Encrypted connections.
    tls: Tls {
        "tls-port"                    tls_port: u16 = 0, between(0, 65535);
        "tls-cluster"                 tls_cluster: bool = false, YesNo;
        "tls-replication"             tls_replication: bool = false, YesNo;
        "tls-auth-clients"            tls_auth_clients: TlsAuthClients = TlsAuthClients::Yes, one_of();
        "tls-auth-clients-user"       tls_auth_clients_user: TlsClientUser = TlsClientUser::Off, one_of();
        "tls-prefer-server-ciphers"   tls_prefer_server_ciphers: bool = false, YesNo;
        "tls-session-caching"         tls_session_caching: bool = true, YesNo;
        "tls-session-cache-size"      tls_session_cache_size: u32 = 20 * 1024, from(0);
        /// Seconds.
        "tls-session-cache-timeout"   tls_session_cache_timeout: u32 = 300, from(0);
        "tls-cert-file"               tls_cert_file: Vec<u8> = vec![], OPTIONAL, [Reapply];
        "tls-key-file"                tls_key_file: Vec<u8> = vec![], OPTIONAL, [Reapply];
        "tls-key-file-pass"           tls_key_file_pass: Vec<u8> = vec![], OPTIONAL, [Sensitive];
        "tls-client-cert-file"        tls_client_cert_file: Vec<u8> = vec![], OPTIONAL, [Reapply];
        "tls-client-key-file"         tls_client_key_file: Vec<u8> = vec![], OPTIONAL, [Reapply];
        "tls-client-key-file-pass"    tls_client_key_file_pass: Vec<u8> = vec![], OPTIONAL, [Sensitive];
        "tls-dh-params-file"          tls_dh_params_file: Vec<u8> = vec![], OPTIONAL, [Reapply];
        "tls-ca-cert-file"            tls_ca_cert_file: Vec<u8> = vec![], OPTIONAL, [Reapply];
        "tls-ca-cert-dir"             tls_ca_cert_dir: Vec<u8> = vec![], OPTIONAL, [Reapply];
        "tls-protocols"               tls_protocols: Vec<u8> = vec![], OPTIONAL;
        "tls-ciphers"                 tls_ciphers: Vec<u8> = vec![], OPTIONAL;
        "tls-ciphersuites"            tls_ciphersuites: Vec<u8> = vec![], OPTIONAL;
    }

    /// The process: its threads, its name, its place in the system.
    process: Process {
        "daemonize"                   daemonize: bool = false, YesNo, [Immutable];
        "supervised"                  supervised: Supervision = Supervision::No, one_of(), [Immutable];
        "pidfile"                     pidfile: Vec<u8> = vec![], OPTIONAL, [Immutable];
        /// Filled in by the host when it starts: the default is wherever the process is.
        "dir"                         dir: Vec<u8> = vec![], Directory, [Protected, DenyLoading];
        "set-proc-title"              set_proc_title: bool = true, YesNo, [Immutable];
        "proc-title-template"         proc_title_template: Vec<u8> = b"{title} {listen-addr} {server-mode}".to_vec(), TEXT.checked(title_template);
        "hz"                          hz: u32 = 10, from(0).clamped(1, 500);
        "io-threads"                  io_threads: u32 = 1, between(1, 256), [Reported];
        "events-per-io-thread"        events_per_io_thread: u32 = 2, from(0), [Hidden];
        "prefetch-batch-max-size"     prefetch_batch_max_size: u32 = 16, between(0, 128);
        "min-io-threads-avoid-copy-reply"    min_io_threads_avoid_copy_reply: u32 = 7, from(0), [Hidden];
        "min-string-size-avoid-copy-reply"   min_string_size_avoid_copy_reply: u32 = 16384, from(0), [Hidden];
        "min-string-size-avoid-copy-reply-threaded"  min_string_size_avoid_copy_reply_threaded: u32 = 65536, from(0), [Hidden];
        "server-cpulist" | "server_cpulist"            server_cpulist: Vec<u8> = vec![], OPTIONAL, [Immutable];
        "bio-cpulist" | "bio_cpulist"                  bio_cpulist: Vec<u8> = vec![], OPTIONAL, [Immutable];
        "aof-rewrite-cpulist" | "aof_rewrite_cpulist"  aof_rewrite_cpulist: Vec<u8> = vec![], OPTIONAL, [Immutable];
        "bgsave-cpulist" | "bgsave_cpulist"            bgsave_cpulist: Vec<u8> = vec![], OPTIONAL, [Immutable];
        "oom-score-adj"               oom_score_adj: OomScoreAdj = OomScoreAdj::No, one_of();
        "oom-score-adj-values"        oom_score_adj_values: OomScores = OomScores::default(), ScoreList, [Multi];
        "disable-thp"                 disable_thp: bool = true, YesNo, [Immutable];
        "jemalloc-bg-thread"          jemalloc_bg_thread: bool = true, YesNo;
        "ignore-warnings"             ignore_warnings: Vec<u8> = vec![], TEXT;
        "locale-collate"              locale_collate: Vec<u8> = vec![], TEXT;
        "availability-zone"           availability_zone: Vec<u8> = vec![], BYTES;
        /// Seconds to wait for replicas when shutting down.
        "shutdown-timeout"            shutdown_timeout: u32 = 10, from(0);
        "shutdown-on-sigint"          shutdown_on_sigint: ShutdownFlags = ShutdownFlags::DEFAULT, ShutdownWords, [Multi];
        "shutdown-on-sigterm"         shutdown_on_sigterm: ShutdownFlags = ShutdownFlags::DEFAULT, ShutdownWords, [Multi];
        "crash-log-enabled"           crash_log_enabled: bool = true, YesNo;
        "crash-memcheck-enabled"      crash_memcheck_enabled: bool = true, YesNo;
        "use-exit-on-panic"           use_exit_on_panic: bool = false, YesNo, [Hidden];
        /// Milliseconds; 0 for no watchdog.
        "watchdog-period"             watchdog_period: u32 = 0, from(0), [Hidden];
        "extended-redis-compatibility"  extended_redis_compatibility: bool = false, YesNo;
    }

    /// What is logged, and where.
    log: Log {
        "loglevel"                    loglevel: LogLevel = LogLevel::Notice, one_of();
        "logfile"                     logfile: Vec<u8> = vec![], TEXT, [Immutable];
        "log-format"                  log_format: LogFormat = LogFormat::Legacy, one_of();
        "log-timestamp-format"        log_timestamp_format: LogTimestamp = LogTimestamp::Legacy, one_of();
        "syslog-enabled"              syslog_enabled: bool = false, YesNo, [Immutable];
        "syslog-ident"                syslog_ident: Vec<u8> = b"valkey".to_vec(), TEXT, [Immutable];
        "syslog-facility"             syslog_facility: SyslogFacility = SyslogFacility::Local0, one_of(), [Immutable];
        "always-show-logo"            always_show_logo: bool = false, YesNo, [Immutable];
        "hide-user-data-from-log"     hide_user_data_from_log: bool = true, YesNo;
        "debug-context"               debug_context: Vec<u8> = vec![], TEXT, [Reported, Hidden];
    }

    /// How much memory the data may take, and how it is given back.
    memory: Memory {
        /// Bytes; 0 for no limit.
        "maxmemory"                   maxmemory: u64 = 0, memory(0, ALL_BITS);
        "maxmemory-policy"            maxmemory_policy: EvictionPolicy = EvictionPolicy::NoEviction, one_of();
        "maxmemory-samples"           maxmemory_samples: u32 = 5, between(1, 64);
        "maxmemory-eviction-tenacity" maxmemory_eviction_tenacity: u32 = 10, between(0, 100);
        "maxmemory-clients"           maxmemory_clients: MemoryShare = MemoryShare::Bytes(0), MemoryOrPercent;
        "lfu-log-factor"              lfu_log_factor: u32 = 10, from(0);
        /// Minutes.
        "lfu-decay-time"              lfu_decay_time: u32 = 1, from(0);
        "active-expire-effort"        active_expire_effort: u32 = 1, between(1, 10);
        "activerehashing"             activerehashing: bool = true, YesNo;
        "lazyfree-lazy-eviction"      lazyfree_lazy_eviction: bool = true, YesNo, [Reported];
        "lazyfree-lazy-expire"        lazyfree_lazy_expire: bool = true, YesNo, [Reported];
        "lazyfree-lazy-server-del"    lazyfree_lazy_server_del: bool = true, YesNo, [Reported];
        "lazyfree-lazy-user-del"      lazyfree_lazy_user_del: bool = true, YesNo, [Reported];
        "lazyfree-lazy-user-flush"    lazyfree_lazy_user_flush: bool = true, YesNo, [Reported];
        "tracking-table-max-keys"     tracking_table_max_keys: u64 = 1_000_000, between(0, MAX);
    }

    /// Moving values together in memory while the server runs.
    defrag: Defrag {
        "activedefrag"                   activedefrag: bool = false, OnlyNo(NO_DEFRAG), [Reported];
        "active-defrag-ignore-bytes"     active_defrag_ignore_bytes: u64 = 100 << 20, memory(1, MAX);
        /// Percent of waste.
        "active-defrag-threshold-lower"  active_defrag_threshold_lower: u32 = 10, between(0, 1000);
        /// Percent of waste.
        "active-defrag-threshold-upper"  active_defrag_threshold_upper: u32 = 100, between(0, 1000);
        /// Percent of processor time.
        "active-defrag-cycle-min"        active_defrag_cycle_min: u32 = 1, between(1, 99);
        /// Percent of processor time.
        "active-defrag-cycle-max"        active_defrag_cycle_max: u32 = 25, between(1, 99);
        /// Microseconds.
        "active-defrag-cycle-us"         active_defrag_cycle_us: u32 = 500, between(0, 100_000);
        "active-defrag-max-scan-fields"  active_defrag_max_scan_fields: u64 = 1000, between(1, MAX);
    }

    /// The data: how many databases, and up to which size a value has its compact encoding.
    data: Data {
        "databases"                   databases: u32 = 16, from(1), [Immutable];
        "hash-max-listpack-entries" | "hash-max-ziplist-entries"  hash_max_listpack_entries: u64 = 512, between(0, MAX);
        "hash-max-listpack-value" | "hash-max-ziplist-value"      hash_max_listpack_value: u64 = 64, memory(0, MAX);
        /// Entries of a node when positive; -1 to -5 for nodes of 4 to 64 kilobytes.
        "list-max-listpack-size" | "list-max-ziplist-size"        list_max_listpack_size: i32 = -2, between(INT_MIN, INT_MAX);
        "list-compress-depth"         list_compress_depth: u32 = 0, from(0), [Reported];
        "set-max-intset-entries"      set_max_intset_entries: u64 = 512, between(0, MAX);
        "set-max-listpack-entries"    set_max_listpack_entries: u64 = 128, between(0, MAX);
        "set-max-listpack-value"      set_max_listpack_value: u64 = 64, between(0, MAX);
        "zset-max-listpack-entries" | "zset-max-ziplist-entries"  zset_max_listpack_entries: u64 = 128, between(0, MAX);
        "zset-max-listpack-value" | "zset-max-ziplist-value"      zset_max_listpack_value: u64 = 64, memory(0, MAX);
        "hll-sparse-max-bytes"        hll_sparse_max_bytes: u64 = 3000, memory(0, MAX);
        "stream-node-max-bytes"       stream_node_max_bytes: u64 = 4096, memory(0, MAX);
        "stream-node-max-entries"     stream_node_max_entries: i64 = 100, between(0, MAX);
        "sanitize-dump-payload"       sanitize_dump_payload: SanitizePayload = SanitizePayload::No, one_of(), [Reported];
        "notify-keyspace-events"      notify_keyspace_events: EventClasses = EventClasses::default(), EventLetters;
        "import-mode"                 import_mode: bool = false, YesNo, [Reported];
    }

    /// Snapshots.
    snapshot: Snapshot {
        "save"                        save: SavePoints = SavePoints::default(), SavePointList, [Multi];
        "dbfilename"                  dbfilename: Vec<u8> = b"dump.rdb".to_vec(), TEXT.checked(rdb_name), [Protected];
        "rdbcompression"              rdbcompression: bool = true, YesNo;
        "rdbchecksum"                 rdbchecksum: bool = true, YesNo, [Immutable];
        "rdb-version-check"           rdb_version_check: RdbVersionCheck = RdbVersionCheck::Strict, one_of();
        "rdb-save-incremental-fsync"  rdb_save_incremental_fsync: bool = true, YesNo;
        "rdb-del-sync-files"          rdb_del_sync_files: bool = false, YesNo;
        "stop-writes-on-bgsave-error" stop_writes_on_bgsave_error: bool = true, YesNo;
        /// Microseconds to dawdle at each key, for tests.
        "rdb-key-save-delay"          rdb_key_save_delay: i32 = 0, between(INT_MIN, INT_MAX), [Hidden];
        /// Microseconds to dawdle at each key, for tests.
        "key-load-delay"              key_load_delay: i32 = 0, between(INT_MIN, INT_MAX), [Hidden];
        "loading-process-events-interval-bytes"  loading_process_events_interval_bytes: u32 = 2 << 20, between(1024, INT_MAX), [Hidden];
    }

    /// The append-only file.
    aof: Aof {
        "appendonly"                    appendonly: bool = false, YesNo, [DenyLoading];
        "appendfilename"                appendfilename: Vec<u8> = b"appendonly.aof".to_vec(), TEXT.checked(aof_name), [Immutable];
        "appenddirname"                 appenddirname: Vec<u8> = b"appendonlydir".to_vec(), TEXT.checked(aof_directory), [Immutable];
        "appendfsync"                   appendfsync: AppendFsync = AppendFsync::EverySecond, one_of();
        "no-appendfsync-on-rewrite"     no_appendfsync_on_rewrite: bool = false, YesNo;
        "auto-aof-rewrite-percentage"   auto_aof_rewrite_percentage: u32 = 100, from(0);
        "auto-aof-rewrite-min-size"     auto_aof_rewrite_min_size: u64 = 64 << 20, memory(0, MAX);
        "aof-load-truncated"            aof_load_truncated: bool = true, YesNo;
        "aof-use-rdb-preamble"          aof_use_rdb_preamble: bool = true, YesNo;
        "aof-timestamp-enabled"         aof_timestamp_enabled: bool = false, YesNo;
        "aof-rewrite-incremental-fsync" aof_rewrite_incremental_fsync: bool = true, YesNo;
        "aof-disable-auto-gc"           aof_disable_auto_gc: bool = false, YesNo, [Hidden];
    }

    /// Primaries and replicas.
    replication: Replication {
        /// Kept up to date by whoever changes the role, so that CONFIG REWRITE writes what holds.
        "replicaof" | "slaveof"       replicaof: Option<Primary> = None, PrimaryAddress, [Immutable, Multi];
        "primaryuser" | "masteruser"  primaryuser: Vec<u8> = vec![], OPTIONAL, [Sensitive];
        "primaryauth" | "masterauth"  primaryauth: Vec<u8> = vec![], OPTIONAL_BYTES, [Sensitive];
        "replica-read-only" | "slave-read-only"                replica_read_only: bool = true, YesNo, [Reported];
        "replica-serve-stale-data" | "slave-serve-stale-data"  replica_serve_stale_data: bool = true, YesNo;
        "replica-lazy-flush" | "slave-lazy-flush"              replica_lazy_flush: bool = true, YesNo;
        "replica-ignore-maxmemory" | "slave-ignore-maxmemory"  replica_ignore_maxmemory: bool = true, YesNo;
        "replica-ignore-disk-write-errors"                     replica_ignore_disk_write_errors: bool = false, YesNo;
        "replica-priority" | "slave-priority"                  replica_priority: u32 = 100, from(0);
        "replica-announced"                                    replica_announced: bool = true, YesNo;
        "replica-announce-ip" | "slave-announce-ip"            replica_announce_ip: Vec<u8> = vec![], OPTIONAL;
        "replica-announce-port" | "slave-announce-port"        replica_announce_port: u16 = 0, between(0, 65535);
        "min-replicas-to-write" | "min-slaves-to-write"        min_replicas_to_write: u32 = 0, from(0);
        /// Seconds.
        "min-replicas-max-lag" | "min-slaves-max-lag"          min_replicas_max_lag: u32 = 10, from(0);
        /// Seconds.
        "repl-ping-replica-period" | "repl-ping-slave-period"  repl_ping_replica_period: u32 = 10, from(1);
        /// Seconds.
        "repl-timeout"                repl_timeout: u32 = 60, from(1);
        "repl-backlog-size"           repl_backlog_size: u64 = 10 << 20, memory(1, MAX).clamped(16 * KB, MAX);
        /// Seconds; 0 for ever.
        "repl-backlog-ttl"            repl_backlog_ttl: i64 = 3600, between(0, MAX);
        "repl-disable-tcp-nodelay"    repl_disable_tcp_nodelay: bool = false, YesNo;
        "repl-mptcp"                  repl_mptcp: bool = false, YesNo, [Immutable];
        "repl-diskless-sync"          repl_diskless_sync: bool = true, YesNo, [Reported];
        /// Seconds.
        "repl-diskless-sync-delay"    repl_diskless_sync_delay: u32 = 5, from(0);
        "repl-diskless-sync-max-replicas"   repl_diskless_sync_max_replicas: u32 = 0, from(0);
        "repl-diskless-load"          repl_diskless_load: DisklessLoad = DisklessLoad::Disabled, one_of(), [Reported, DenyLoading];
        "dual-channel-replication-enabled"  dual_channel_replication_enabled: bool = false, YesNo, [Reported];
        "propagation-error-behavior"  propagation_error_behavior: PropagationErrors = PropagationErrors::Ignore, one_of();
    }

    /// The cluster.
    cluster: Cluster {
        "cluster-enabled"             cluster_enabled: bool = false, YesNo, [Immutable];
        "cluster-config-file"         cluster_config_file: Vec<u8> = b"nodes.conf".to_vec(), TEXT.checked(cluster_file), [Immutable];
        "cluster-databases"           cluster_databases: u32 = 1, from(1), [Immutable];
        /// The bus; 0 for 10000 above the port of the clients.
        "cluster-port"                cluster_port: u16 = 0, between(0, 65535), [Immutable];
        /// Milliseconds.
        "cluster-node-timeout"        cluster_node_timeout: i64 = 15000, between(0, MAX);
        /// Milliseconds; 0 for the usual pace.
        "cluster-ping-interval"       cluster_ping_interval: i64 = 0, between(0, MAX), [Hidden];
        /// Milliseconds.
        "cluster-manual-failover-timeout"  cluster_manual_failover_timeout: i64 = 5000, between(1, INT_MAX);
        "cluster-migration-barrier"   cluster_migration_barrier: u32 = 1, from(0);
        "cluster-allow-replica-migration"  cluster_allow_replica_migration: bool = true, YesNo;
        "cluster-replica-validity-factor" | "cluster-slave-validity-factor"  cluster_replica_validity_factor: u32 = 10, from(0);
        "cluster-replica-no-failover" | "cluster-slave-no-failover"          cluster_replica_no_failover: bool = false, YesNo;
        "cluster-require-full-coverage"       cluster_require_full_coverage: bool = true, YesNo;
        "cluster-allow-reads-when-down"       cluster_allow_reads_when_down: bool = false, YesNo;
        "cluster-allow-pubsubshard-when-down" cluster_allow_pubsubshard_when_down: bool = true, YesNo;
        "cluster-announce-ip"         cluster_announce_ip: Vec<u8> = vec![], OPTIONAL;
        "cluster-announce-client-ipv4"      cluster_announce_client_ipv4: Vec<u8> = vec![], OPTIONAL.checked(ipv4);
        "cluster-announce-client-ipv6"      cluster_announce_client_ipv6: Vec<u8> = vec![], OPTIONAL.checked(ipv6);
        "cluster-announce-hostname"         cluster_announce_hostname: Vec<u8> = vec![], OPTIONAL.checked(hostname);
        "cluster-announce-human-nodename"   cluster_announce_human_nodename: Vec<u8> = vec![], OPTIONAL_BYTES.checked(node_name);
        "cluster-announce-port"             cluster_announce_port: u16 = 0, between(0, 65535);
        "cluster-announce-tls-port"         cluster_announce_tls_port: u16 = 0, between(0, 65535);
        "cluster-announce-bus-port"         cluster_announce_bus_port: u16 = 0, between(0, 65535);
        "cluster-announce-client-port"      cluster_announce_client_port: u16 = 0, between(0, 65535);
        "cluster-announce-client-tls-port"  cluster_announce_client_tls_port: u16 = 0, between(0, 65535);
        "cluster-preferred-endpoint-type"   cluster_preferred_endpoint_type: EndpointType = EndpointType::Ip, one_of();
        /// Bytes; 0 for no limit.
        "cluster-link-sendbuf-limit"  cluster_link_sendbuf_limit: u64 = 0, memory(0, ALL_BITS);
        /// Seconds. The reference takes -1 for the largest value, and shows it as -1.
        "cluster-blacklist-ttl"       cluster_blacklist_ttl: u64 = 60, between(0, ALL_BITS);
        "cluster-slot-stats-enabled"  cluster_slot_stats_enabled: bool = false, YesNo;
        "cluster-slot-migration-log-max-len"      cluster_slot_migration_log_max_len: u64 = 1000, between(0, MAX);
        "slot-migration-max-failover-repl-bytes"  slot_migration_max_failover_repl_bytes: i64 = 0, memory(-1, MAX);
    }

    /// Who may do what.
    security: Security {
        "requirepass"                 requirepass: Vec<u8> = vec![], OPTIONAL_BYTES, [Sensitive];
        "aclfile"                     aclfile: Vec<u8> = vec![], TEXT, [Immutable];
        "acllog-max-len"              acllog_max_len: u64 = 128, between(0, MAX);
        "acl-pubsub-default"          acl_pubsub_default: PubsubDefault = PubsubDefault::ResetChannels, one_of();
        "enable-protected-configs"    enable_protected_configs: Permission = Permission::No, one_of(), [Immutable];
        "enable-debug-command"        enable_debug_command: Permission = Permission::No, one_of(), [Immutable];
        "enable-module-command"       enable_module_command: Permission = Permission::No, one_of(), [Immutable];
        "enable-debug-assert"         enable_debug_assert: bool = false, YesNo, [Immutable, Hidden];
        "lua-enable-insecure-api" | "lua-enable-deprecated-api"  lua_enable_insecure_api: bool = false, YesNo, [Hidden, Protected];
    }

    /// What the server notes about its own work.
    monitor: Monitor {
        /// Milliseconds a script runs before other clients hear that the server is busy.
        "busy-reply-threshold" | "lua-time-limit"                        busy_reply_threshold: i64 = 5000, between(0, MAX);
        /// Microseconds; -1 for nothing.
        "commandlog-execution-slower-than" | "slowlog-log-slower-than"  commandlog_execution_slower_than: i64 = 10000, between(-1, MAX);
        "commandlog-slow-execution-max-len" | "slowlog-max-len"         commandlog_slow_execution_max_len: u64 = 128, between(0, MAX);
        /// Bytes; -1 for nothing.
        "commandlog-request-larger-than"     commandlog_request_larger_than: i64 = 1 << 20, between(-1, MAX);
        "commandlog-large-request-max-len"   commandlog_large_request_max_len: u64 = 128, between(0, MAX);
        /// Bytes; -1 for nothing.
        "commandlog-reply-larger-than"       commandlog_reply_larger_than: i64 = 1 << 20, between(-1, MAX);
        "commandlog-large-reply-max-len"     commandlog_large_reply_max_len: u64 = 128, between(0, MAX);
        /// Milliseconds; 0 for nothing.
        "latency-monitor-threshold"          latency_monitor_threshold: i64 = 0, between(0, MAX);
        "latency-tracking"                   latency_tracking: bool = true, YesNo;
        "latency-tracking-info-percentiles"  latency_tracking_info_percentiles: Percentiles = Percentiles::default(), PercentileList, [Multi];
    }
}
