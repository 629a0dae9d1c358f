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
    // Sorted sets
    row("BZMPOP", &["timeout 1|2 zkey zkey MIN|MAX COUNT+small?", "timeout 1 zkey MIN|MAX|BAD"]),
    row("BZPOPMAX", &["zkey... timeout"]),
    row("BZPOPMIN", &["zkey... timeout"]),
    row(
        "ZADD",
        &[
            "zkey score+member...",
            "zkey score+member...",
            "zkey score+longmember...",
            "zkey NX|XX|GT|LT|CH|INCR|BAD? NX|XX|GT|LT|CH? score+member...",
            "zkey INCR NX|XX|GT|LT|CH? score member",
            "zkey 0+member...",
            "key score member",
        ],
    ),
    row("ZCARD", &["zkey"]),
    row("ZCOUNT", &["zkey end end"]),
    row("ZINCRBY", &["zkey score member"]),
    row("ZLEXCOUNT", &["zkey name name"]),
    row("ZMPOP", &["1|2 zkey zkey MIN|MAX COUNT+small?", "1 zkey MIN|MAX|BAD", "small zkey MIN COUNT int"]),
    row("ZMSCORE", &["zkey member..."]),
    row("ZPOPMAX", &["zkey", "zkey small"]),
    row("ZPOPMIN", &["zkey", "zkey small"]),
    row("ZRANDMEMBER", &["zkey 100 WITHSCORES|BAD?", "zkey 0|1000|x"]),
    row(
        "ZRANGE",
        &[
            "zkey small small REV? WITHSCORES?",
            "zkey end end BYSCORE REV? WITHSCORES? LIMIT+small+small?",
            "zkey name name BYLEX REV? LIMIT+small+small?",
            "zkey int int REV|BYSCORE|BYLEX|BAD? LIMIT+small+small?",
        ],
    ),
    row("ZRANGEBYLEX", &["zkey name name LIMIT+small+small?"]),
    row("ZRANGEBYSCORE", &["zkey end end WITHSCORES? LIMIT+small+small?"]),
    row(
        "ZRANGESTORE",
        &[
            "zkey zkey small small REV?",
            "zkey zkey end end BYSCORE REV? LIMIT+small+small?",
            "zkey zkey name name BYLEX REV?",
        ],
    ),
    row("ZRANK", &["zkey member WITHSCORE|BAD?"]),
    row("ZREM", &["zkey member..."]),
    row("ZREMRANGEBYLEX", &["zkey name name"]),
    row("ZREMRANGEBYRANK", &["zkey small small"]),
    row("ZREMRANGEBYSCORE", &["zkey end end"]),
    row("ZREVRANGE", &["zkey small small WITHSCORES?"]),
    row("ZREVRANGEBYLEX", &["zkey name name LIMIT+small+small?"]),
    row("ZREVRANGEBYSCORE", &["zkey end end WITHSCORES? LIMIT+small+small?"]),
    row("ZREVRANK", &["zkey member WITHSCORE?"]),
    row("ZSCAN", &["smallzkey 0 NOSCORES? MATCH+pattern?", "zkey x|-1"]),
    row("ZSCORE", &["zkey member"]),
    // Connection
    row("ECHO", &["value"]),
    row("PING", &["", "value"]),
];
