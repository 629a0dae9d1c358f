//! The commands that are compared: a row each, with the forms its arguments may take.
//!
//! A form is words parted by blanks. `key`, `value`, `int` and the other names of `words` stand for a drawn word, `x|y` for
//! one of several, `x?` for perhaps, `x...` for some; `+` joins words inside one of these. Anything else is itself.
//! A command whose reply depends on time, chance or order has no place here, nor one that only tells about itself.

/// A command and its forms.
pub(crate) struct Row {
    /// The full name: `GET`, or `OBJECT ENCODING`.
    pub(crate) name: &'static str,
    /// What may follow the name.
    pub(crate) forms: &'static [&'static str],
}

const fn row(name: &'static str, forms: &'static [&'static str]) -> Row {
    Row { name, forms }
}

/// Commands that a later version than the one answered to answers otherwise, and how. They are compared with a reference of
/// our own version alone.
pub(crate) const CHANGED_LATER: &[(&str, &str)] = &[
    ("GETEX", "a time that cannot be is refused for a missing key too"),
    ("DUMP", "another version of the format"),
    ("OBJECT ENCODING", "what APPEND made may be called embstr"),
];

/// Every command that is compared. Those that one of the servers lacks are passed over.
pub(crate) const COMMANDS: &[Row] = &[
    // Strings
    row("APPEND", &["key value"]),
    row("DECR", &["key"]),
    row("DECRBY", &["key int"]),
    row("DELIFEQ", &["key value"]),
    row("GET", &["key"]),
    row("GETDEL", &["key"]),
    row("GETEX", &["key", "key PERSIST", "key EXAT|PXAT|BAD at", "key EX seconds PERSIST?"]),
    row("GETRANGE", &["key small small", "key int int"]),
    row("GETSET", &["key value"]),
    row("INCR", &["key"]),
    row("INCRBY", &["key int"]),
    row("INCRBYFLOAT", &["key float"]),
    row("LCS", &["key key", "key key LEN", "key key IDX WITHMATCHLEN?", "key key IDX MINMATCHLEN small"]),
    row("MGET", &["key..."]),
    row("MSET", &["key+value..."]),
    row("MSETNX", &["key+value..."]),
    row("PSETEX", &["key seconds value"]),
    row(
        "SET",
        &[
            "key value",
            "key value NX|XX|KEEPTTL GET?",
            "key value EXAT at GET?",
            "key value PXAT atms NX|XX",
            "key value IFEQ value GET?",
            "key value EX seconds KEEPTTL?",
            "key int",
            "key float",
        ],
    ),
    row("SETEX", &["key seconds value"]),
    row("SETNX", &["key value"]),
    row("SETRANGE", &["key small value"]),
    row("STRLEN", &["key"]),
    row("SUBSTR", &["key small small"]),
    // Keys
    row("COPY", &["key key REPLACE?", "key key DB db REPLACE?"]),
    row("DBSIZE", &[""]),
    row("DEL", &["key..."]),
    row("DUMP", &["key"]),
    row("EXISTS", &["key..."]),
    row("FLUSHDB", &["", "ASYNC|SYNC|BAD"]),
    row("KEYS", &["pattern"]),
    row("MOVE", &["key db"]),
    row("OBJECT ENCODING", &["key"]),
    row("OBJECT REFCOUNT", &["key"]),
    row("RENAME", &["key key"]),
    row("RENAMENX", &["key key"]),
    row("SELECT", &["db"]),
    row("TOUCH", &["key..."]),
    row("TYPE", &["key"]),
    row("UNLINK", &["key..."]),
    // Time to live
    row("EXPIREAT", &["key at NX|XX|GT|LT|BAD?", "key at"]),
    row("EXPIRETIME", &["key"]),
    row("PERSIST", &["key"]),
    row("PEXPIREAT", &["key atms NX|XX|GT|LT?", "key atms"]),
    row("PEXPIRETIME", &["key"]),
    // Sets
    row("SADD", &["key member...", "key member", "key small..."]),
    row("SCARD", &["key"]),
    row("SDIFF", &["key key...", "key"]),
    row("SDIFFSTORE", &["key key key...", "key key"]),
    row("SINTER", &["key key...", "key"]),
    row("SINTERCARD", &["1 key", "2 key key LIMIT+small?", "int key... LIMIT+int?"]),
    row("SINTERSTORE", &["key key key...", "key key"]),
    row("SISMEMBER", &["key member"]),
    row("SMEMBERS", &["key"]),
    row("SMISMEMBER", &["key member..."]),
    row("SMOVE", &["key key member"]),
    row("SREM", &["key member...", "key member"]),
    row(
        "SSCAN",
        &["key 0 MATCH+pattern? COUNT+100000", "key small BAD?", "key 0 NOVALUES|NOSCORES|TYPE+set|COUNT+0"],
    ),
    row("SUNION", &["key key...", "key"]),
    row("SUNIONSTORE", &["key key key...", "key key"]),
    // HyperLogLogs
    row("PFADD", &["key member...", "key", "key value..."]),
    row("PFCOUNT", &["key", "key..."]),
    row("PFDEBUG", &["GETREG|DECODE|ENCODING|TODENSE|BAD key"]),
    row("PFMERGE", &["key key...", "key"]),
    // Bitmaps
    row("BITCOUNT", &["key", "key small small BIT|BYTE?", "key int int"]),
    row(
        "BITFIELD",
        &[
            "key GET+type+bit...",
            "key SET+type+bit+int...",
            "key OVERFLOW WRAP|SAT|FAIL|BAD INCRBY+type+bit+int...",
            "key GET+type+bit... SET+type+bit+int...",
        ],
    ),
    row("BITFIELD_RO", &["key GET+type+bit...", "key SET type bit int"]),
    row("BITOP", &["AND|OR|XOR|NOT|DIFF|DIFF1|ANDOR|ONE|BAD key key...", "NOT key key"]),
    row("BITPOS", &["key 0|1|2", "key 0|1 small", "key 0|1 small small BIT|BYTE?"]),
    row("GETBIT", &["key bit"]),
    row("SETBIT", &["key bit 0|1|2"]),
    // Connection
    row("ECHO", &["value"]),
    row("PING", &["", "value"]),
];
