//! Keys of any type: their names, lifetimes and forms; and waiting for replicas.

use super::pieces::{COUNT, LIMIT, MATCH, ORDER, TIME_CONDITION};
use crate::argument::{Arg, all_but_last, integer, key, pattern, string, unix_time, word};
use crate::command::{Command, Group, KeyFinder};
use crate::flags::Category;
use crate::flags::Flag::*;
use crate::key_spec::{ow, rm, ro, rw};

const SORT_BY: Arg = pattern("by-pattern").spec(1).after("BY").shown_as("pattern").optional();
const SORT_GET: Arg =
    pattern("get-pattern").spec(1).after("GET").shown_as("pattern").optional().multiple_token();
const SORT_ALPHA: Arg = word("sorting", "ALPHA").optional();
const SORT_STORE: Arg = key("destination").spec(2).after("STORE").optional();
const SORT: &[Arg] = &[key("key"), SORT_BY, LIMIT, SORT_GET, ORDER, SORT_ALPHA, SORT_STORE];

const fn command(full_name: &'static str, arity: i16) -> Command {
    Command::new(Group::Generic, full_name, arity).acl(&[Category::Keyspace])
}

pub(super) const COMMANDS: &[Command] = &[
    command("del", -2)
        .summary("Removes keys.")
        .since("1.0.0", "O(N) for N keys; a key that holds a collection of M elements adds O(M)")
        .flags(&[Write])
        .tips(&["request_policy:multi_shard", "response_policy:agg_sum"])
        .keys(&[rm(1).delete().to(-1)])
        .args(&[key("key").multiple()]),
    command("unlink", -2)
        .summary("Removes keys, and frees their values in the background.")
        .since("4.0.0", "O(1) a key; freeing a value of N parts takes another thread O(N)")
        .flags(&[Write, Fast])
        .tips(&["request_policy:multi_shard", "response_policy:agg_sum"])
        .keys(&[rm(1).delete().to(-1)])
        .args(&[key("key").multiple()]),
    command("exists", -2)
        .summary("Counts how many of the given keys exist, repetitions included.")
        .since("1.0.0", "O(N) for N keys")
        .history(&[("3.0.3", "Takes more than one key.")])
        .flags(&[ReadOnly, Fast])
        .tips(&["request_policy:multi_shard", "response_policy:agg_sum"])
        .keys(&[ro(1).to(-1)])
        .args(&[key("key").multiple()]),
    command("touch", -2)
        .summary("Marks keys as used just now, and counts those that exist.")
        .since("3.2.1", "O(N) for N keys")
        .flags(&[ReadOnly, Fast])
        .tips(&["request_policy:multi_shard", "response_policy:agg_sum"])
        .keys(&[ro(1).to(-1)])
        .args(&[key("key").multiple()]),
    command("type", 2)
        .summary("Names the type of the value that a key holds.")
        .since("1.0.0", "O(1)")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1)])
        .args(&[key("key")]),
    command("ttl", 2)
        .summary("Returns how many seconds a key has left.")
        .since("1.0.0", "O(1)")
        .history(&[("2.8.0", "Answers -2 for a key that does not exist.")])
        .flags(&[ReadOnly, Fast])
        .tips(&["nondeterministic_output"])
        .keys(&[ro(1).access()])
        .args(&[key("key")]),
    command("pttl", 2)
        .summary("Returns how many milliseconds a key has left.")
        .since("2.6.0", "O(1)")
        .history(&[("2.8.0", "Answers -2 for a key that does not exist.")])
        .flags(&[ReadOnly, Fast])
        .tips(&["nondeterministic_output"])
        .keys(&[ro(1).access()])
        .args(&[key("key")]),
    command("expire", -3)
        .summary("Lets a key expire after so many seconds.")
        .since("1.0.0", "O(1)")
        .history(&[("7.0.0", "Takes `NX`, `XX`, `GT` and `LT`.")])
        .flags(&[Write, Fast])
        .keys(&[rw(1).update()])
        .args(&[key("key"), integer("seconds"), TIME_CONDITION.since("7.0.0")]),
    command("pexpire", -3)
        .summary("Lets a key expire after so many milliseconds.")
        .since("2.6.0", "O(1)")
        .history(&[("7.0.0", "Takes `NX`, `XX`, `GT` and `LT`.")])
        .flags(&[Write, Fast])
        .keys(&[rw(1).update()])
        .args(&[key("key"), integer("milliseconds"), TIME_CONDITION.since("7.0.0")]),
    command("expireat", -3)
        .summary("Lets a key expire at a Unix time in seconds.")
        .since("1.2.0", "O(1)")
        .history(&[("7.0.0", "Takes `NX`, `XX`, `GT` and `LT`.")])
        .flags(&[Write, Fast])
        .keys(&[rw(1).update()])
        .args(&[key("key"), unix_time("unix-time-seconds"), TIME_CONDITION.since("7.0.0")]),
    command("pexpireat", -3)
        .summary("Lets a key expire at a Unix time in milliseconds.")
        .since("2.6.0", "O(1)")
        .history(&[("7.0.0", "Takes `NX`, `XX`, `GT` and `LT`.")])
        .flags(&[Write, Fast])
        .keys(&[rw(1).update()])
        .args(&[key("key"), unix_time("unix-time-milliseconds"), TIME_CONDITION.since("7.0.0")]),
    command("expiretime", 2)
        .summary("Returns the Unix time in seconds at which a key expires.")
        .since("7.0.0", "O(1)")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1).access()])
        .args(&[key("key")]),
    command("pexpiretime", 2)
        .summary("Returns the Unix time in milliseconds at which a key expires.")
        .since("7.0.0", "O(1)")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1).access()])
        .args(&[key("key")]),
    command("persist", 2)
        .summary("Lets a key live on without a time limit.")
        .since("2.2.0", "O(1)")
        .flags(&[Write, Fast])
        .keys(&[rw(1).update()])
        .args(&[key("key")]),
    command("keys", 2)
        .summary("Lists every key whose name matches a pattern.")
        .since("1.0.0", "O(N) for N keys in the database")
        .flags(&[ReadOnly])
        .acl(&[Category::Keyspace, Category::Dangerous])
        .tips(&["request_policy:all_shards", "nondeterministic_output_order"])
        .args(&[pattern("pattern")]),
    command("scan", -2)
        .summary("Walks through the keys of the database, some at each call.")
        .since("2.8.0", "O(1) a call, O(N) for a whole walk over N keys")
        .history(&[("6.0.0", "Takes `TYPE`.")])
        .flags(&[ReadOnly, TouchesArbitraryKeys])
        .tips(&["nondeterministic_output", "request_policy:special", "response_policy:special"])
        .args(&[integer("cursor"), MATCH, COUNT, string("type").after("TYPE").since("6.0.0").optional()]),
    command("randomkey", 1)
        .summary("Returns the name of some key, chosen at random.")
        .since("1.0.0", "O(1)")
        .flags(&[ReadOnly, TouchesArbitraryKeys])
        .tips(&["request_policy:all_shards", "response_policy:special", "nondeterministic_output"]),
    command("rename", 3)
        .summary("Gives a key another name, replacing whatever had it.")
        .since("1.0.0", "O(1)")
        .flags(&[Write])
        .keys(&[rw(1).access().delete(), ow(2).update()])
        .args(&[key("key"), key("newkey").spec(1)]),
    command("renamenx", 3)
        .summary("Gives a key another name, unless that name is in use.")
        .since("1.0.0", "O(1)")
        .history(&[("3.2.0", "The two names may be the same.")])
        .flags(&[Write, Fast])
        .keys(&[rw(1).access().delete(), ow(2).insert()])
        .args(&[key("key"), key("newkey").spec(1)]),
    command("copy", -3)
        .summary("Copies a value to another key.")
        .since("6.2.0", "O(N) for a collection of N elements, O(1) for a string")
        .flags(&[Write, DenyOom])
        .keys(&[ro(1).access(), ow(2).update()])
        .args(&[
            key("source"),
            key("destination").spec(1),
            integer("destination-db").after("DB").optional(),
            word("replace", "REPLACE").optional(),
        ]),
    command("move", 3)
        .summary("Moves a key to another database.")
        .since("1.0.0", "O(1)")
        .flags(&[Write, Fast])
        .keys(&[rw(1).access().update()])
        .args(&[key("key"), integer("db")]),
    command("dump", 2)
        .summary("Returns a value in its serialized form, as RESTORE takes it.")
        .since("2.6.0", "O(N*M) for N elements of size M")
        .flags(&[ReadOnly])
        .tips(&["nondeterministic_output"])
        .keys(&[ro(1).access()])
        .args(&[key("key")]),
    command("restore", -4)
        .summary("Creates a key from what DUMP returned.")
        .since("2.6.0", "O(N*M) for N elements of size M; O(N*M*log(N)) for a sorted set")
        .history(&[
            ("3.0.0", "Takes `REPLACE`."),
            ("5.0.0", "Takes `ABSTTL`."),
            ("5.0.0", "Takes `IDLETIME` and `FREQ`."),
        ])
        .flags(&[Write, DenyOom])
        .acl(&[Category::Keyspace, Category::Dangerous])
        .keys(&[ow(1).update()])
        .args(&[
            key("key"),
            integer("ttl"),
            string("serialized-value"),
            word("replace", "REPLACE").since("3.0.0").optional(),
            word("absttl", "ABSTTL").since("5.0.0").optional(),
            integer("seconds").after("IDLETIME").since("5.0.0").optional(),
            integer("frequency").after("FREQ").since("5.0.0").optional(),
        ]),
    command("object", -2)
        .summary("Commands that look into how values are kept.")
        .since("2.2.3", "The subcommand decides")
        .acl(&[])
        .subcommands(&[
            command("object|encoding", 3)
                .summary("Names the internal encoding of a value.")
                .since("2.2.3", "O(1)")
                .flags(&[ReadOnly])
                .tips(&["nondeterministic_output"])
                .keys(&[ro(2)])
                .args(&[key("key")]),
            command("object|freq", 3)
                .summary("Returns the logarithmic access counter of a key.")
                .since("4.0.0", "O(1)")
                .flags(&[ReadOnly])
                .tips(&["nondeterministic_output"])
                .keys(&[ro(2)])
                .args(&[key("key")]),
            command("object|idletime", 3)
                .summary("Returns for how many seconds a key was not used.")
                .since("2.2.3", "O(1)")
                .flags(&[ReadOnly])
                .tips(&["nondeterministic_output"])
                .keys(&[ro(2)])
                .args(&[key("key")]),
            command("object|refcount", 3)
                .summary("Returns how many references to a value there are.")
                .since("2.2.3", "O(1)")
                .flags(&[ReadOnly])
                .tips(&["nondeterministic_output"])
                .keys(&[ro(2)])
                .args(&[key("key")]),
            command("object|help", 2)
                .summary("Explains the subcommands.")
                .since("6.2.0", "O(1)")
                .flags(&[Loading, Stale]),
        ]),
    command("wait", 3)
        .summary("Waits until so many replicas have received this connection's writes.")
        .since("3.0.0", "O(1)")
        .flags(&[Blocking])
        .acl(&[Category::Connection])
        .tips(&["request_policy:all_shards", "response_policy:agg_min"])
        .args(&[integer("numreplicas"), integer("timeout")]),
    command("waitaof", 4)
        .summary("Waits until this connection's writes are on disk, here and on so many replicas.")
        .since("7.2.0", "O(1)")
        .flags(&[Blocking])
        .acl(&[Category::Connection])
        .tips(&["request_policy:all_shards", "response_policy:agg_min"])
        .args(&[integer("numlocal"), integer("numreplicas"), integer("timeout")]),
    command("sort", -2)
        .summary("Returns or stores the items of a list, set or sorted set in order.")
        .since("1.0.0", "O(N+M*log(M)) for N items, of which M are returned")
        .flags(&[Write, DenyOom])
        .acl(&[Category::List, Category::Set, Category::SortedSet, Category::Dangerous])
        .keys(&[
            ro(1).access(),
            ro(1).access().unknown().notes("For BY and GET; the items decide which keys these are"),
            ow(1).update().unknown().notes("For STORE, which may stand anywhere among the options"),
        ])
        .key_finder(KeyFinder::Sort)
        .args(SORT),
    command("sort_ro", -2)
        .summary("Returns the items of a list, set or sorted set in order.")
        .since("7.0.0", "O(N+M*log(M)) for N items, of which M are returned")
        .flags(&[ReadOnly])
        .acl(&[Category::List, Category::Set, Category::SortedSet, Category::Dangerous])
        .keys(&[
            ro(1).access(),
            ro(1).access().unknown().notes("For BY and GET; the items decide which keys these are"),
        ])
        .key_finder(KeyFinder::SortRo)
        .args(all_but_last(SORT)),
];
