//! The commands that are compared: a row each, with the forms its arguments may take.
//!
//! A form is words parted by blanks. `key`, `value`, `int` and the other names of `words` stand for a drawn word, `x|y` for
//! one of several, `x?` for perhaps, `x...` for some; `+` joins words inside one of these. Anything else is itself.
//! A command whose reply depends on time or chance has no place here, nor one that only tells about itself; where a reply
//! has no order, its lines are compared sorted.

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
    ("RESTORE", "another version of the format"),
    ("OBJECT ENCODING", "what APPEND made may be called embstr"),
    ("COMMAND INFO", "some commands have other flags"),
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
    row(
        "RESTORE",
        &[
            "key 0 payload REPLACE?",
            "key atms payload ABSTTL REPLACE",
            "key seconds payload REPLACE?",
            "key 0 payload IDLETIME+small|FREQ+small|IDLETIME+int REPLACE?",
            "key 0 payload FREQ+int|IDLETIME+1+FREQ+1|FREQ|BAD",
        ],
    ),
    row(
        "SCAN",
        &[
            "0 COUNT 1000000",
            "0 MATCH pattern COUNT 1000000",
            "0 COUNT 1000000 TYPE string|STRING|hash|BAD",
            "0 COUNT 0|-1|x",
            "x|-1|18446744073709551616|1x COUNT 10",
            "0 MATCH|COUNT|TYPE|BAD",
        ],
    ),
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
    // Hashes. HPERSIST goes where nothing but hashes are: for another type the reference sends half an answer.
    row("HDEL", &["key field..."]),
    row("HEXISTS", &["key field"]),
    row(
        "HEXPIREAT",
        &[
            "key at FIELDS 1 field",
            "key at NX|XX|GT|LT|BAD FIELDS 2 field field",
            "key at FIELDS small field",
        ],
    ),
    row("HEXPIRETIME", &["key FIELDS 2 field field", "key FIELDS small field"]),
    row("HGET", &["key field"]),
    row("HGETALL", &["key"]),
    row(
        "HGETEX",
        &[
            "key FIELDS 2 field field",
            "key PXAT|PX atms FIELDS 1 field",
            "key PERSIST FIELDS 1 field",
            "key EXAT at PERSIST? FIELDS 1 field",
        ],
    ),
    row("HINCRBY", &["key field int"]),
    row("HINCRBYFLOAT", &["key field float"]),
    row("HKEYS", &["key"]),
    row("HLEN", &["key"]),
    row("HMGET", &["key field..."]),
    row("HMSET", &["key field+value..."]),
    row("HPERSIST", &["newhash FIELDS 2 field field"]),
    row("HPEXPIREAT", &["key atms FIELDS 1 field", "key atms NX|XX|GT|LT FIELDS 2 field field"]),
    row("HPEXPIRETIME", &["key FIELDS 2 field field"]),
    row(
        "HSCAN",
        &[
            "key 0 MATCH+pattern? COUNT+100000 NOVALUES?",
            "key small BAD?",
            "key 0 NOSCORES|TYPE+hash|COUNT+0",
        ],
    ),
    row("HSET", &["key field+value...", "key field+value", "newhash field+value..."]),
    row(
        "HSETEX",
        &[
            "key FIELDS 1 field value",
            "key PXAT atms FIELDS 2 field value field value",
            "key FNX|FXX EXAT at FIELDS 1 field value",
            "key KEEPTTL FNX|FXX? FIELDS 1 field value",
            "newhash PXAT atms FIELDS 2 field value field value",
            "key EX seconds KEEPTTL? FIELDS small field value",
        ],
    ),
    row("HSETNX", &["key field value"]),
    row("HSTRLEN", &["key field"]),
    row("HVALS", &["key"]),
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
    // Lists
    row("BLMOVE", &["queue queue LEFT|RIGHT LEFT|right|BAD timeout"]),
    row("BLMPOP", &["timeout 2 queue queue LEFT|RIGHT COUNT+small?"]),
    row("BLPOP", &["queue queue timeout", "key timeout"]),
    row("BRPOP", &["queue queue timeout", "key timeout"]),
    row("BRPOPLPUSH", &["queue queue timeout"]),
    row("LINDEX", &["queue small", "key int"]),
    row("LINSERT", &["queue BEFORE|after|BAD member member", "queue BEFORE|AFTER small member"]),
    row("LLEN", &["queue", "key"]),
    row("LMOVE", &["queue queue LEFT|RIGHT LEFT|RIGHT", "queue key left|BAD RIGHT"]),
    row(
        "LMPOP",
        &["1|2|3 queue queue LEFT|RIGHT|BAD", "2 queue queue LEFT|RIGHT COUNT small", "int key LEFT"],
    ),
    row("LPOP", &["queue", "queue small", "key int"]),
    row(
        "LPOS",
        &[
            "queue small",
            "queue member RANK|COUNT|MAXLEN|BAD small",
            "queue small RANK+small? COUNT+small? MAXLEN+small?",
        ],
    ),
    row("LPUSH", &["queue member...", "queue small...", "key member"]),
    row("LPUSHX", &["queue member...", "key member"]),
    row("LRANGE", &["queue small small", "queue 0 -1", "key int int"]),
    row("LREM", &["queue small small", "queue int member"]),
    row("LSET", &["queue small member", "key int value"]),
    row("LTRIM", &["queue small small", "queue 0 int", "queue 3 -1"]),
    row("RPOP", &["queue", "queue small"]),
    row("RPOPLPUSH", &["queue queue", "queue key"]),
    row("RPUSH", &["queue member...", "queue member+member+member+member...", "queue small..."]),
    row("RPUSHX", &["queue member..."]),
    row(
        "SORT",
        &[
            "queue ALPHA? DESC|ASC? LIMIT+small+small?",
            "queue BY nosort DESC? LIMIT+small+small? STORE+queue?",
            "queue ALPHA BY * LIMIT+small+small?",
            "queue ALPHA GET # GET b* STORE+queue?",
            "queue BY *->field GET #|nothing|*|*-> STORE+queue?",
            "key ALPHA DESC? STORE+queue?",
            "queue LIMIT|BY|GET|STORE|BAD int",
        ],
    ),
    row("SORT_RO", &["queue ALPHA? DESC? LIMIT+small+small?", "queue STORE queue", "key"]),
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
    // Sorted sets
    row("BZMPOP", &["timeout 1|2 zkey zkey MIN|MAX COUNT+small?", "timeout 1 zkey MIN|MAX|BAD"]),
    row("BZPOPMAX", &["zkey... timeout"]),
    row("BZPOPMIN", &["zkey... timeout"]),
    row(
        "ZADD",
        &[
            "zkey score+zmember...",
            "zkey score+zmember...",
            "zkey score+longmember...",
            "zkey NX|XX|GT|LT|CH|INCR|BAD? NX|XX|GT|LT|CH? score+zmember...",
            "zkey INCR NX|XX|GT|LT|CH? score zmember",
            "lkey 0+zmember...",
            "lkey 0+zmember...",
            "key score zmember",
        ],
    ),
    row("ZCARD", &["zkey"]),
    row("ZCOUNT", &["zkey end end"]),
    row(
        "ZDIFF",
        &["1 inkey WITHSCORES?", "2 inkey inkey WITHSCORES?", "3 inkey inkey inkey", "int inkey BAD?"],
    ),
    row("ZDIFFSTORE", &["zkey 1 inkey", "zkey 2 inkey inkey", "zkey 3 inkey inkey inkey WITHSCORES?"]),
    row("ZINCRBY", &["zkey score zmember"]),
    row(
        "ZINTER",
        &[
            "2 inkey inkey WITHSCORES?",
            "2 inkey inkey WEIGHTS score score AGGREGATE+SUM|MIN|MAX|BAD? WITHSCORES?",
            "3 inkey inkey inkey AGGREGATE SUM|MIN|MAX WITHSCORES",
        ],
    ),
    row("ZINTERCARD", &["2 inkey inkey LIMIT+small?", "1 inkey", "int inkey", "1 inkey LIMIT int"]),
    row(
        "ZINTERSTORE",
        &["zkey 2 inkey inkey", "zkey 2 inkey inkey WEIGHTS score score AGGREGATE SUM|MIN|MAX"],
    ),
    row("ZLEXCOUNT", &["lkey lexend lexend"]),
    row("ZMPOP", &["1|2 zkey zkey MIN|MAX COUNT+small?", "1 zkey MIN|MAX|BAD", "small zkey MIN COUNT int"]),
    row("ZMSCORE", &["zkey zmember..."]),
    row("ZPOPMAX", &["zkey", "zkey small"]),
    row("ZPOPMIN", &["zkey", "zkey small"]),
    row("ZRANDMEMBER", &["zkey 100 WITHSCORES|BAD?", "zkey 0|1000|x"]),
    row(
        "ZRANGE",
        &[
            "zkey small small REV? WITHSCORES?",
            "zkey end end BYSCORE REV? WITHSCORES? LIMIT+small+small?",
            "lkey lexend lexend BYLEX REV? LIMIT+small+small?",
            "zkey int int REV|BYSCORE|BAD? LIMIT+small+small?",
        ],
    ),
    row("ZRANGEBYLEX", &["lkey lexend lexend LIMIT+small+small?"]),
    row("ZRANGEBYSCORE", &["zkey end end WITHSCORES? LIMIT+small+small?"]),
    row(
        "ZRANGESTORE",
        &[
            "zkey zkey small small REV?",
            "zkey zkey end end BYSCORE REV? LIMIT+small+small?",
            "lkey lkey lexend lexend BYLEX REV?",
        ],
    ),
    row("ZRANK", &["zkey zmember WITHSCORE|BAD?"]),
    row("ZREM", &["zkey zmember..."]),
    row("ZREMRANGEBYLEX", &["lkey lexend lexend"]),
    row("ZREMRANGEBYRANK", &["zkey small small"]),
    row("ZREMRANGEBYSCORE", &["zkey end end"]),
    row("ZREVRANGE", &["zkey small small WITHSCORES?"]),
    row("ZREVRANGEBYLEX", &["lkey lexend lexend LIMIT+small+small?"]),
    row("ZREVRANGEBYSCORE", &["zkey end end WITHSCORES? LIMIT+small+small?"]),
    row("ZREVRANK", &["zkey zmember WITHSCORE?"]),
    row("ZSCAN", &["smallzkey 0 NOSCORES? MATCH+pattern?", "zkey x|-1"]),
    row("ZSCORE", &["zkey zmember"]),
    row(
        "ZUNION",
        &[
            "2 inkey inkey WITHSCORES?",
            "2 inkey inkey WEIGHTS score score AGGREGATE+SUM|MIN|MAX|BAD? WITHSCORES?",
            "3 inkey inkey inkey AGGREGATE SUM|MIN|MAX WITHSCORES",
        ],
    ),
    row(
        "ZUNIONSTORE",
        &["zkey 2 inkey inkey", "zkey 2 inkey inkey WEIGHTS score score AGGREGATE SUM|MIN|MAX"],
    ),
    // Places. Those found at one distance come in any order: hence the order is asked for only where all are answered.
    row(
        "GEOADD",
        &["geo place place...", "geo NX|XX|CH|BAD? NX|XX|CH? place...", "geo degree degree zmember"],
    ),
    row("GEODIST", &["gkey gmember gmember", "gkey gmember gmember M|KM|ft|mi|BAD"]),
    row("GEOHASH", &["gkey gmember...", "gkey"]),
    row("GEOPOS", &["gkey gmember...", "gkey"]),
    row(
        "GEORADIUS",
        &[
            "gkey degree degree length unit WITHDIST? WITHCOORD? WITHHASH?",
            "gkey degree degree length unit COUNT small ANY?",
            "gkey degree degree length unit STORE|STOREDIST geo2 WITHDIST|BAD|ASC?",
        ],
    ),
    row(
        "GEORADIUSBYMEMBER",
        &["gkey gmember length unit WITHDIST? WITHHASH?", "gkey gmember length unit STORE geo2"],
    ),
    row("GEORADIUSBYMEMBER_RO", &["gkey gmember length unit WITHDIST? STORE+geo2?"]),
    row("GEORADIUS_RO", &["gkey degree degree length unit WITHDIST? STORE+geo2?"]),
    row(
        "GEOSEARCH",
        &[
            "gkey FROMMEMBER gmember BYRADIUS length unit WITHDIST? WITHCOORD? WITHHASH?",
            "gkey FROMLONLAT degree degree BYRADIUS length unit WITHDIST? WITHCOORD?",
            "gkey FROMLONLAT degree degree BYBOX length length unit WITHDIST? COUNT+small+ANY?",
            "gkey BYPOLYGON 3 degree degree degree degree degree degree WITHDIST?",
            "gkey BYPOLYGON 4 degree degree degree degree degree degree degree degree",
            "gkey FROMMEMBER+gmember? FROMLONLAT+degree+degree? BYRADIUS+length+unit? BYBOX+length+length+unit? ANY?",
        ],
    ),
    row(
        "GEOSEARCHSTORE",
        &[
            "geo2 gkey FROMMEMBER gmember BYRADIUS length unit STOREDIST? WITHDIST?",
            "geo2 gkey FROMLONLAT degree degree BYBOX length length unit STOREDIST?",
            "geo2 gkey BYPOLYGON 3 degree degree degree degree degree degree STOREDIST?",
        ],
    ),
    // Streams. What consumers do leaves times behind that DUMP shows: they have a key of their own.
    row("XACK", &["crowd team id...", "key team id..."]),
    row(
        "XADD",
        &[
            "key|crowd newid temp value",
            "key|crowd newid value+value...",
            "key NOMKSTREAM? MAXLEN|MINID ~|=? id newid value+value...",
            "key MAXLEN ~ small LIMIT+small? newid temp value",
        ],
    ),
    row("XAUTOCLAIM", &["crowd team who 0|0|900000|x id COUNT+small? JUSTID?"]),
    row(
        "XCLAIM",
        &["crowd team who 0|0|900000|x id... FORCE? JUSTID?", "crowd team who 0 id RETRYCOUNT|LASTID small"],
    ),
    row("XDEL", &["key|crowd id..."]),
    row("XGROUP CREATE", &["key|crowd team id|$ MKSTREAM? ENTRIESREAD+small?"]),
    row("XGROUP CREATECONSUMER", &["crowd team who"]),
    row("XGROUP DELCONSUMER", &["crowd team who"]),
    row("XGROUP DESTROY", &["key|crowd team"]),
    row("XGROUP SETID", &["key|crowd team id|$ ENTRIESREAD+small?"]),
    row("XINFO GROUPS", &["key|crowd"]),
    row("XINFO STREAM", &["key FULL? COUNT?", "key FULL COUNT small", "crowd"]),
    row("XLEN", &["key"]),
    row("XPENDING", &["crowd team", "crowd team IDLE+900000 id id small who?"]),
    row("XRANGE", &["key|crowd id id COUNT+small?", "key - +"]),
    row("XREAD", &["COUNT+small? STREAMS key id|$", "COUNT+small? STREAMS key key id id"]),
    row(
        "XREADGROUP",
        &["GROUP team who COUNT+small? NOACK? STREAMS crowd >|>|id", "GROUP team who STREAMS crowd key > >"],
    ),
    row("XREVRANGE", &["key|crowd id id COUNT+small?", "key + -"]),
    row("XSETID", &["key id ENTRIESADDED+small? MAXDELETEDID+id?"]),
    row("XTRIM", &["key|crowd MAXLEN|MINID ~|=? small LIMIT+small?"]),
    // Connection
    row("ECHO", &["value"]),
    row("PING", &["", "value"]),
    row("CLIENT GETNAME", &[""]),
    row("CLIENT IMPORT-SOURCE", &["ON|OFF|BAD"]),
    row(
        "CLIENT KILL",
        &["1.2.3.4:5", "ID 0|x|1000000", "TYPE BAD", "SKIPME BAD", "ADDR 1.2.3.4:5 SKIPME no|yes", "BAD x"],
    ),
    row(
        "CLIENT LIST",
        &["TYPE BAD|replica|pubsub", "ID x|0|1000000", "BAD x", "NAME nobody", "ADDR 1.2.3.4:5"],
    ),
    row("CLIENT NO-EVICT", &["ON|OFF|on|BAD"]),
    row("CLIENT NO-TOUCH", &["ON|OFF|on|BAD"]),
    row("CLIENT REPLY", &["ON|on|BAD"]),
    row("CLIENT SETINFO", &["LIB-NAME|lib-ver|BAD key|float|int"]),
    row("CLIENT SETNAME", &["key|float|int"]),
    row("CLIENT UNBLOCK", &["1000000|x|-1 TIMEOUT|ERROR|BAD?"]),
    // The server
    row("COMMAND GETKEYS", &["command"]),
    row("COMMAND GETKEYSANDFLAGS", &["command"]),
    row("COMMAND INFO", &["name name..."]),
    row(
        "COMMAND LIST FILTERBY",
        &["PATTERN get*|BIT*|set?*|no*", "ACLCAT bitmap|BAD", "MODULE|BAD x", "BAD"],
    ),
    row("CONFIG GET", &["directive", "directive...", "hash-max-*|*ttl|[hz]z|no*"]),
    row("CONFIG SET", &["directive setting", "directive+setting directive+setting", "directive"]),
];
