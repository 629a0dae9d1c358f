//! The server as a whole: its data, settings, figures and description of itself.

use crate::argument::{Arg, block, integer, key, one_of, pattern, string, word};
use crate::command::{Command, Group};
use crate::flags::Flag::*;
use crate::flags::{Category, DocFlag};
use crate::key_spec::ro;

/// Where values are freed: in the background, or before the reply.
const FLUSH_TYPE: Arg =
    one_of("flush-type", &[word("async", "ASYNC").since("4.0.0"), word("sync", "SYNC").since("6.2.0")])
        .optional();

const fn command(full_name: &'static str, arity: i16) -> Command {
    Command::new(Group::Server, full_name, arity)
}

pub(super) const COMMANDS: &[Command] = &[
    command("swapdb", 3)
        .summary("Exchanges the content of two databases.")
        .since("4.0.0", "O(N) for N clients that watch or wait for keys in either")
        .flags(&[Write, Fast])
        .acl(&[Category::Keyspace, Category::Dangerous])
        .args(&[integer("index1"), integer("index2")]),
    command("dbsize", 1)
        .summary("Counts the keys of the database.")
        .since("1.0.0", "O(1)")
        .flags(&[ReadOnly, Fast])
        .acl(&[Category::Keyspace])
        .tips(&["request_policy:all_shards", "response_policy:agg_sum"]),
    command("flushdb", -1)
        .summary("Removes every key of the database.")
        .since("1.0.0", "O(N) for N keys in the database")
        .history(&[("4.0.0", "Takes `ASYNC`."), ("6.2.0", "Takes `SYNC`.")])
        .flags(&[Write])
        .acl(&[Category::Keyspace, Category::Dangerous])
        .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
        .args(&[FLUSH_TYPE]),
    command("flushall", -1)
        .summary("Removes every key of every database.")
        .since("1.0.0", "O(N) for N keys in all databases")
        .history(&[("4.0.0", "Takes `ASYNC`."), ("6.2.0", "Takes `SYNC`.")])
        .flags(&[Write])
        .acl(&[Category::Keyspace, Category::Dangerous])
        .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
        .args(&[FLUSH_TYPE]),
    command("info", -1)
        .summary("Reports on the server: figures, states and settings, by section.")
        .since("1.0.0", "O(1)")
        .history(&[("7.0.0", "Takes more than one section.")])
        .flags(&[Loading, Stale])
        .acl(&[Category::Dangerous])
        .tips(&["nondeterministic_output", "request_policy:all_shards", "response_policy:special"])
        .args(&[string("section").optional().multiple()]),
    command("time", 1)
        .summary("Returns the server's time in seconds and microseconds.")
        .since("2.6.0", "O(1)")
        .flags(&[Loading, Stale, Fast])
        .tips(&["nondeterministic_output"]),
    command("lolwut", -1)
        .summary("Draws a picture, and says which version drew it.")
        .since_at_any_cost("5.0.0")
        .flags(&[ReadOnly, Fast])
        .args(&[integer("version").after("VERSION").optional()]),
    command("memory", -2)
        .summary("Commands about memory.")
        .since("4.0.0", "The subcommand decides")
        .subcommands(&[
            command("memory|usage", -3)
                .summary("Estimates how many bytes a key and its value take.")
                .since("4.0.0", "O(N) for N sampled elements")
                .flags(&[ReadOnly])
                .keys(&[ro(2)])
                .args(&[key("key"), integer("count").after("SAMPLES").optional()]),
            command("memory|stats", 2)
                .summary("Reports in detail where memory went.")
                .since("4.0.0", "O(1)")
                .tips(&["nondeterministic_output", "request_policy:all_shards", "response_policy:special"]),
            command("memory|doctor", 2)
                .summary("Looks for trouble with memory and gives advice.")
                .since("4.0.0", "O(1)")
                .tips(&["nondeterministic_output", "request_policy:all_shards", "response_policy:special"]),
            command("memory|malloc-stats", 2)
                .summary("Returns the allocator's own report.")
                .since("4.0.0", "Grows with the memory in use; may be slow")
                .flags(&[Loading])
                .tips(&["nondeterministic_output", "request_policy:all_shards", "response_policy:special"]),
            command("memory|purge", 2)
                .summary("Asks the allocator to give unused memory back.")
                .since("4.0.0", "Grows with the memory in use; may be slow")
                .flags(&[Loading])
                .tips(&["request_policy:all_shards", "response_policy:all_succeeded"]),
            command("memory|help", 2)
                .summary("Explains the subcommands.")
                .since("4.0.0", "O(1)")
                .flags(&[Loading, Stale]),
        ]),
    command("bgrewriteaof", 1)
        .summary("Has a child process write the append-only file anew.")
        .since("1.0.0", "O(1)")
        .flags(&[NoAsyncLoading, Admin, NoScript]),
    command("lastsave", 1)
        .summary("Returns the Unix time of the last successful snapshot.")
        .since("1.0.0", "O(1)")
        .flags(&[Loading, Stale, Fast])
        .acl(&[Category::Dangerous, Category::Admin])
        .tips(&["nondeterministic_output"]),
    command("monitor", 1)
        .summary("Shows every command that the server runs, from now on.")
        .since_at_any_cost("1.0.0")
        .flags(&[Admin, NoScript, Loading, Stale]),
    command("role", 1)
        .summary("Tells the server's place in replication, and who its partners are.")
        .since("2.8.12", "O(1)")
        .flags(&[NoScript, Loading, Stale, Fast])
        .acl(&[Category::Dangerous, Category::Admin]),
    command("debug", -2)
        .summary("Commands for those who debug the server itself.")
        .since("1.0.0", "The subcommand decides")
        .flags(&[Admin, NoScript, Loading, Stale, Protected])
        .doc_flags(&[DocFlag::SysCmd]),
    command("command", -1)
        .summary("Describes every command.")
        .since("2.8.13", "O(N) for N commands")
        .flags(&[Loading, Stale])
        .acl(&[Category::Connection])
        .tips(&["nondeterministic_output_order"])
        .subcommands(&[
            command("command|count", 2)
                .summary("Counts the commands.")
                .since("2.8.13", "O(1)")
                .flags(&[Loading, Stale])
                .acl(&[Category::Connection]),
            command("command|info", -2)
                .summary("Describes the given commands, or all of them.")
                .since("2.8.13", "O(N) for N commands")
                .history(&[("7.0.0", "Without a name, describes all commands.")])
                .flags(&[Loading, Stale])
                .acl(&[Category::Connection])
                .tips(&["nondeterministic_output_order"])
                .args(&[string("command-name").optional().multiple()]),
            command("command|docs", -2)
                .summary("Documents the given commands, or all of them.")
                .since("7.0.0", "O(N) for N commands")
                .flags(&[Loading, Stale])
                .acl(&[Category::Connection])
                .tips(&["nondeterministic_output_order"])
                .args(&[string("command-name").optional().multiple()]),
            command("command|list", -2)
                .summary("Lists the names of commands, all or those that pass a filter.")
                .since("7.0.0", "O(N) for N commands")
                .flags(&[Loading, Stale])
                .acl(&[Category::Connection])
                .tips(&["nondeterministic_output_order"])
                .args(&[one_of(
                    "filterby",
                    &[
                        string("module-name").after("MODULE"),
                        string("category").after("ACLCAT"),
                        pattern("pattern").after("PATTERN"),
                    ],
                )
                .after("FILTERBY")
                .optional()]),
            command("command|getkeys", -3)
                .summary("Returns the keys in a given request.")
                .since("2.8.13", "O(N) for N arguments of the request")
                .flags(&[Loading, Stale])
                .acl(&[Category::Connection])
                .args(&[string("command"), string("arg").optional().multiple()]),
            command("command|getkeysandflags", -3)
                .summary("Returns the keys in a given request, and what it does to each.")
                .since("7.0.0", "O(N) for N arguments of the request")
                .flags(&[Loading, Stale])
                .acl(&[Category::Connection])
                .args(&[string("command"), string("arg").optional().multiple()]),
            command("command|help", 2)
                .summary("Explains the subcommands.")
                .since("5.0.0", "O(1)")
                .flags(&[Loading, Stale])
                .acl(&[Category::Connection]),
        ]),
    command("config", -2)
        .summary("Commands about configuration.")
        .since("2.0.0", "The subcommand decides")
        .subcommands(&[
            command("config|get", -3)
                .summary("Returns the directives whose names match, with their values.")
                .since("2.0.0", "O(N) for N names or patterns")
                .history(&[("7.0.0", "Takes more than one pattern.")])
                .flags(&[Admin, NoScript, Loading, Stale])
                .args(&[string("parameter").multiple()]),
            command("config|set", -4)
                .summary("Changes directives of the running server.")
                .since("2.0.0", "O(N) for N directives")
                .history(&[("7.0.0", "Takes more than one directive.")])
                .flags(&[Admin, NoScript, Loading, Stale])
                .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
                .args(&[block("data", &[string("parameter"), string("value")]).multiple()]),
            command("config|resetstat", 2)
                .summary("Sets the counters that INFO shows back to zero.")
                .since("2.0.0", "O(1)")
                .flags(&[Admin, NoScript, Loading, Stale])
                .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"]),
            command("config|rewrite", 2)
                .summary("Writes the current configuration into the configuration file.")
                .since("2.8.0", "O(1)")
                .flags(&[Admin, NoScript, Loading, Stale])
                .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"]),
            command("config|help", 2)
                .summary("Explains the subcommands.")
                .since("5.0.0", "O(1)")
                .flags(&[Loading, Stale]),
        ]),
    command("save", 1)
        .summary("Writes a snapshot while everybody waits.")
        .since("1.0.0", "O(N) for N keys in all databases")
        .flags(&[Admin, NoScript, NoAsyncLoading, NoMulti]),
    command("bgsave", -1)
        .summary("Has a child process write a snapshot.")
        .since("1.0.0", "O(1)")
        .history(&[("3.2.2", "Takes `SCHEDULE`."), ("8.1.0", "Takes `CANCEL`.")])
        .flags(&[Admin, NoScript, NoAsyncLoading])
        .args(&[one_of(
            "operation",
            &[word("schedule", "SCHEDULE").since("3.2.2"), word("cancel", "CANCEL").since("8.1.0")],
        )
        .optional()]),
    command("shutdown", -1)
        .summary("Stops the server, saving first where that is asked for or configured.")
        .since("1.0.0", "O(N) for N keys when it saves, else O(1)")
        .history(&[("7.0.0", "Takes `NOW`, `FORCE` and `ABORT`."), ("9.0.0", "Takes `SAFE` and `FAILOVER`.")])
        .flags(&[Admin, NoScript, Loading, Stale, NoMulti, AllowBusy])
        .args(&[one_of(
            "abort-selector",
            &[
                block(
                    "save-selector-block",
                    &[
                        one_of("save-selector", &[word("nosave", "NOSAVE"), word("save", "SAVE")]).optional(),
                        word("now", "NOW").since("7.0.0").optional(),
                        word("force", "FORCE").since("7.0.0").optional(),
                        word("safe", "SAFE").since("9.0.0").optional(),
                        word("failover", "FAILOVER").since("9.0.0").optional(),
                    ],
                ),
                word("abort", "ABORT").since("7.0.0"),
            ],
        )
        .optional()]),
];
