//! What values are told: where their encodings change, and the key of their hashes.

use base::siphash;

/// The settings that values go by. Read at each change: a value that is not touched stays as it is.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// `list-max-listpack-size`: a number of elements, or from -1 to -5 a number of kilobytes, 4 to 64.
    pub list_max_listpack_size: i32,
    /// `list-compress-depth`: how many nodes at each end of a list stay uncompressed; 0 is all.
    pub list_compress_depth: u32,
    /// From which length on an item of a list stands by itself: that of DEBUG, or 0 for the usual.
    pub list_packed_threshold: u64,
    /// `set-max-intset-entries`.
    pub set_max_intset_entries: u64,
    /// `set-max-listpack-entries`.
    pub set_max_listpack_entries: u64,
    /// `set-max-listpack-value`.
    pub set_max_listpack_value: u64,
    /// `hash-max-listpack-entries`.
    pub hash_max_listpack_entries: u64,
    /// `hash-max-listpack-value`.
    pub hash_max_listpack_value: u64,
    /// `zset-max-listpack-entries`.
    pub zset_max_listpack_entries: u64,
    /// `zset-max-listpack-value`.
    pub zset_max_listpack_value: u64,
    /// `stream-node-max-bytes`; 0 is no limit.
    pub stream_node_max_bytes: u64,
    /// `stream-node-max-entries`; 0 is no limit.
    pub stream_node_max_entries: u64,
    /// `hll-sparse-max-bytes`.
    pub hll_sparse_max_bytes: u64,
    /// The key of the hash of members and fields.
    pub hash_key: siphash::Key,
}

impl Rules {
    /// The rules of a server without a configuration.
    pub const fn default_with(hash_key: siphash::Key) -> Rules {
        Rules {
            list_max_listpack_size: -2,
            list_compress_depth: 0,
            list_packed_threshold: 0,
            set_max_intset_entries: 512,
            set_max_listpack_entries: 128,
            set_max_listpack_value: 64,
            hash_max_listpack_entries: 512,
            hash_max_listpack_value: 64,
            zset_max_listpack_entries: 128,
            zset_max_listpack_value: 64,
            stream_node_max_bytes: 4096,
            stream_node_max_entries: 100,
            hll_sparse_max_bytes: 3000,
            hash_key,
        }
    }
}
