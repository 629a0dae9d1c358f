//! Scripts and functions.

use crate::argument::{Arg, integer, key, one_of, string, word};
use crate::command::{Command, Group};
use crate::flags::Category;
use crate::flags::Flag::*;
use crate::key_spec::{ro, rw};

/// Where memory is freed: in the background, or before the reply.
const FLUSH_TYPE: Arg =
    one_of("flush-type", &[word("async", "ASYNC"), word("sync", "SYNC")]).since("6.2.0").optional();

/// The keys that a script is given, and the other words.
const KEYS: Arg = key("key").optional().multiple();
const WORDS: Arg = string("arg").optional().multiple();

/// A note on what is done to those keys.
const ASSUMED: &str = "What a script does to its keys is not known beforehand: the most is assumed.";

const fn command(full_name: &'static str, arity: i16) -> Command {
    Command::new(Group::Scripting, full_name, arity).acl(&[Category::Scripting])
}

pub(super) const COMMANDS: &[Command] = &[
    command("eval", -3)
        .summary("Runs a script.")
        .since("2.6.0", "The script decides")
        .flags(&[NoScript, Stale, SkipMonitor, NoMandatoryKeys, MayReplicate])
        .keys(&[rw(2).access().update().counted().notes(ASSUMED)])
        .args(&[string("script"), integer("numkeys"), KEYS, WORDS]),
    command("eval_ro", -3)
        .summary("Runs a script that writes nothing.")
        .since("7.0.0", "The script decides")
        .flags(&[ReadOnly, NoScript, Stale, SkipMonitor, NoMandatoryKeys])
        .keys(&[ro(2).access().counted().notes(ASSUMED)])
        .args(&[string("script"), integer("numkeys"), KEYS, WORDS]),
    command("evalsha", -3)
        .summary("Runs a script that was run or loaded before, by its SHA-1.")
        .since("2.6.0", "The script decides")
        .flags(&[NoScript, Stale, SkipMonitor, NoMandatoryKeys, MayReplicate])
        .keys(&[rw(2).access().update().counted()])
        .args(&[string("sha1"), integer("numkeys"), KEYS, WORDS]),
    command("evalsha_ro", -3)
        .summary("Runs a script by its SHA-1, which writes nothing.")
        .since("7.0.0", "The script decides")
        .flags(&[ReadOnly, NoScript, Stale, SkipMonitor, NoMandatoryKeys])
        .keys(&[ro(2).access().counted()])
        .args(&[string("sha1"), integer("numkeys"), KEYS, WORDS]),
    command("fcall", -3)
        .summary("Calls a function of a library.")
        .since("7.0.0", "The function decides")
        .flags(&[NoScript, Stale, SkipMonitor, NoMandatoryKeys, MayReplicate])
        .keys(&[rw(2).access().update().counted().notes(ASSUMED)])
        .args(&[string("function"), integer("numkeys"), KEYS, WORDS]),
    command("fcall_ro", -3)
        .summary("Calls a function that writes nothing.")
        .since("7.0.0", "The function decides")
        .flags(&[ReadOnly, NoScript, Stale, SkipMonitor, NoMandatoryKeys])
        .keys(&[ro(2).access().counted().notes(ASSUMED)])
        .args(&[string("function"), integer("numkeys"), KEYS, WORDS]),
    command("function", -2)
        .summary("Commands about libraries of functions.")
        .since("7.0.0", "The subcommand decides")
        .acl(&[])
        .subcommands(&[
            command("function|delete", 3)
                .summary("Removes a library and its functions.")
                .since("7.0.0", "O(1)")
                .flags(&[Write, NoScript])
                .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
                .args(&[string("library-name")]),
            command("function|dump", 2)
                .summary("Returns all libraries in one serialized payload.")
                .since("7.0.0", "O(N) for N functions")
                .flags(&[NoScript]),
            command("function|flush", -2)
                .summary("Removes all libraries.")
                .since("7.0.0", "O(N) for N functions")
                .flags(&[Write, NoScript])
                .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
                .args(&[one_of("flush-type", &[word("async", "ASYNC"), word("sync", "SYNC")]).optional()]),
            command("function|help", 2)
                .summary("Describes the subcommands of FUNCTION.")
                .since("7.0.0", "O(1)")
                .flags(&[Loading, Stale]),
            command("function|kill", 2)
                .summary("Ends the function that is being run.")
                .since("7.0.0", "O(1)")
                .flags(&[NoScript, AllowBusy])
                .tips(&["request_policy:all_shards", "response_policy:one_succeeded"]),
            command("function|list", -2)
                .summary("Lists libraries and their functions.")
                .since("7.0.0", "O(N) for N functions")
                .flags(&[NoScript])
                .tips(&["nondeterministic_output_order"])
                .args(&[
                    string("library-name-pattern").after("LIBRARYNAME").optional(),
                    word("withcode", "WITHCODE").optional(),
                ]),
            command("function|load", -3)
                .summary("Loads a library.")
                .since("7.0.0", "O(1), and what its code takes")
                .flags(&[Write, DenyOom, NoScript])
                .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
                .args(&[word("replace", "REPLACE").optional(), string("function-code")]),
            command("function|restore", -3)
                .summary("Loads the libraries of a payload that FUNCTION DUMP returned.")
                .since("7.0.0", "O(N) for N functions")
                .flags(&[Write, DenyOom, NoScript])
                .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
                .args(&[
                    string("serialized-value"),
                    one_of(
                        "policy",
                        &[word("flush", "FLUSH"), word("append", "APPEND"), word("replace", "REPLACE")],
                    )
                    .optional(),
                ]),
            command("function|stats", 2)
                .summary("Tells which function is being run, and what engines there are.")
                .since("7.0.0", "O(1)")
                .flags(&[NoScript, AllowBusy])
                .tips(&["nondeterministic_output", "request_policy:all_shards", "response_policy:special"]),
        ]),
    command("script", -2)
        .summary("Commands about scripts.")
        .since("2.6.0", "The subcommand decides")
        .acl(&[])
        .subcommands(&[
            command("script|debug", 3)
                .summary("Switches the debugger of scripts.")
                .since("3.2.0", "O(1)")
                .flags(&[NoScript])
                .args(&[one_of("mode", &[word("yes", "YES"), word("sync", "SYNC"), word("no", "NO")])]),
            command("script|exists", -3)
                .summary("Tells which scripts can be run by their SHA-1.")
                .since("2.6.0", "O(N) for N scripts")
                .flags(&[NoScript, Stale])
                .tips(&["request_policy:all_shards", "response_policy:agg_logical_and"])
                .args(&[string("sha1").multiple()]),
            command("script|flush", -2)
                .summary("Forgets all scripts.")
                .since("2.6.0", "O(N) for N scripts")
                .history(&[("6.2.0", "Takes `ASYNC` and `SYNC`.")])
                .flags(&[NoScript, Stale])
                .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
                .args(&[FLUSH_TYPE]),
            command("script|help", 2)
                .summary("Describes the subcommands of SCRIPT.")
                .since("5.0.0", "O(1)")
                .flags(&[Loading, Stale]),
            command("script|kill", 2)
                .summary("Ends the script that is being run.")
                .since("2.6.0", "O(1)")
                .flags(&[NoScript, AllowBusy])
                .tips(&["request_policy:all_shards", "response_policy:one_succeeded"]),
            command("script|load", 3)
                .summary("Makes a script known by its SHA-1, without running it.")
                .since("2.6.0", "O(N) for a script of N bytes")
                .flags(&[NoScript, Stale])
                .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
                .args(&[string("script")]),
            command("script|show", 3)
                .summary("Returns the source of a script.")
                .since("8.0.0", "O(1)")
                .flags(&[NoScript, Stale])
                .args(&[string("sha1")]),
        ]),
];
