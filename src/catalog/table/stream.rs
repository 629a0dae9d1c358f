//! Streams: entries under growing IDs, and groups of consumers that read them together.

use super::pieces::COUNT;
use crate::argument::{Arg, block, integer, key, one_of, string, unix_time, word};
use crate::command::{Command, Group, KeyFinder};
use crate::flags::Category;
use crate::flags::Flag::*;
use crate::key_spec::{ro, rw};

/// How to trim a stream: by what, how exactly, to which threshold.
const TRIM: Arg = block(
    "trim",
    &[
        one_of("strategy", &[word("maxlen", "MAXLEN"), word("minid", "MINID").since("6.2.0")]),
        one_of("operator", &[word("equal", "="), word("approximately", "~")]).optional(),
        string("threshold"),
        integer("count").after("LIMIT").since("6.2.0").optional(),
    ],
);

/// Streams, and the IDs behind which each is read.
const STREAMS: Arg = block("streams", &[key("key").multiple(), string("id").multiple()]).after("STREAMS");

/// For how long to wait.
const BLOCK: Arg = integer("milliseconds").after("BLOCK").optional();

/// Where a group begins, and how much it counts as read by then.
const LAST_ID: Arg = one_of("id-selector", &[string("id"), word("new-id", "$")]);
const ENTRIES_READ: Arg = integer("entriesread").after("ENTRIESREAD").shown_as("entries-read").optional();

const JUSTID: Arg = word("justid", "JUSTID").optional();

const fn command(full_name: &'static str, arity: i16) -> Command {
    Command::new(Group::Stream, full_name, arity).acl(&[Category::Stream])
}

pub(super) const COMMANDS: &[Command] = &[
    command("xadd", -5)
        .summary("Adds an entry to a stream, and creates the stream where there is none.")
        .since("5.0.0", "O(1) to add; O(N) to trim N entries")
        .history(&[
            ("6.2.0", "Takes `NOMKSTREAM`, `MINID` and `LIMIT`."),
            ("7.0.0", "The number within a millisecond may be left to the server: `ms-*`."),
        ])
        .flags(&[Write, DenyOom, Fast])
        .tips(&["nondeterministic_output"])
        .keys(&[rw(1).update().notes("Updates rather than inserts, since it may trim")])
        .args(&[
            key("key"),
            word("nomkstream", "NOMKSTREAM").since("6.2.0").optional(),
            TRIM.optional(),
            one_of("id-selector", &[word("auto-id", "*"), string("id")]),
            block("data", &[string("field"), string("value")]).multiple(),
        ]),
    command("xtrim", -4)
        .summary("Removes the oldest entries of a stream.")
        .since("5.0.0", "O(N) for N entries removed, most of them at once by whole nodes")
        .history(&[("6.2.0", "Takes `MINID` and `LIMIT`.")])
        .flags(&[Write])
        .tips(&["nondeterministic_output"])
        .keys(&[rw(1).delete()])
        .args(&[key("key"), TRIM]),
    command("xlen", 2)
        .summary("Counts the entries of a stream.")
        .since("5.0.0", "O(1)")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1)])
        .args(&[key("key")]),
    command("xrange", -4)
        .summary("Returns entries between two IDs.")
        .since("5.0.0", "O(N) for N entries returned")
        .history(&[("6.2.0", "Takes IDs to be left out, after a parenthesis.")])
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[key("key"), string("start"), string("end"), COUNT]),
    command("xrevrange", -4)
        .summary("Returns entries between two IDs, the newest first.")
        .since("5.0.0", "O(N) for N entries returned")
        .history(&[("6.2.0", "Takes IDs to be left out, after a parenthesis.")])
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[key("key"), string("end"), string("start"), COUNT]),
    command("xread", -4)
        .summary("Returns what is new in several streams, and can wait for it.")
        .since("5.0.0", "O(N) for N entries returned")
        .flags(&[ReadOnly, Blocking])
        .keys(&[ro(1).after("STREAMS", 1).access().to(-1).limit(2)])
        .key_finder(KeyFinder::XRead)
        .args(&[COUNT, BLOCK, STREAMS]),
    command("xdel", -3)
        .summary("Removes entries of a stream by their IDs.")
        .since("5.0.0", "O(1) an entry")
        .flags(&[Write, Fast])
        .keys(&[rw(1).delete()])
        .args(&[key("key"), string("id").multiple()]),
    command("xsetid", -3)
        .summary("Sets the ID that a stream goes on from; for use between servers.")
        .since("5.0.0", "O(1)")
        .history(&[("7.0.0", "Takes `ENTRIESADDED` and `MAXDELETEDID`.")])
        .flags(&[Write, DenyOom, Fast])
        .keys(&[rw(1).update()])
        .args(&[
            key("key"),
            string("last-id"),
            integer("entries-added").after("ENTRIESADDED").since("7.0.0").optional(),
            string("max-deleted-id").after("MAXDELETEDID").since("7.0.0").optional(),
        ]),
    command("xgroup", -2)
        .summary("Commands about groups of consumers.")
        .since("5.0.0", "The subcommand decides")
        .acl(&[])
        .subcommands(&[
            command("xgroup|create", -5)
                .summary("Creates a group.")
                .since("5.0.0", "O(1)")
                .history(&[("7.0.0", "Takes `ENTRIESREAD`.")])
                .flags(&[Write, DenyOom])
                .keys(&[rw(2).insert()])
                .args(&[
                    key("key"),
                    string("group"),
                    LAST_ID,
                    word("mkstream", "MKSTREAM").optional(),
                    ENTRIES_READ,
                ]),
            command("xgroup|setid", -5)
                .summary("Sets the ID behind which a group goes on.")
                .since("5.0.0", "O(1)")
                .history(&[("7.0.0", "Takes `ENTRIESREAD`.")])
                .flags(&[Write])
                .keys(&[rw(2).update()])
                .args(&[key("key"), string("group"), LAST_ID, ENTRIES_READ]),
            command("xgroup|destroy", 4)
                .summary("Removes a group.")
                .since("5.0.0", "O(N) for N entries pending in it")
                .flags(&[Write])
                .keys(&[rw(2).delete()])
                .args(&[key("key"), string("group")]),
            command("xgroup|createconsumer", 5)
                .summary("Adds a consumer to a group.")
                .since("6.2.0", "O(1)")
                .flags(&[Write, DenyOom])
                .keys(&[rw(2).insert()])
                .args(&[key("key"), string("group"), string("consumer")]),
            command("xgroup|delconsumer", 5)
                .summary("Removes a consumer from a group, and counts what it had not acknowledged.")
                .since("5.0.0", "O(N) for N entries pending with it")
                .flags(&[Write])
                .keys(&[rw(2).delete()])
                .args(&[key("key"), string("group"), string("consumer")]),
            command("xgroup|help", 2)
                .summary("Explains the subcommands.")
                .since("5.0.0", "O(1)")
                .flags(&[Loading, Stale]),
        ]),
    command("xreadgroup", -7)
        .summary(
            "Returns what is new to a group in several streams, or what a consumer has not \
             acknowledged.",
        )
        .since("5.0.0", "O(N) for N entries returned")
        .flags(&[Write, Blocking])
        .keys(&[ro(1).after("STREAMS", 4).access().to(-1).limit(2)])
        .args(&[
            block("group-block", &[string("group"), string("consumer")]).after("GROUP"),
            COUNT,
            BLOCK,
            word("noack", "NOACK").optional(),
            STREAMS,
        ]),
    command("xack", -4)
        .summary("Tells a group that entries have been dealt with.")
        .since("5.0.0", "O(1) an entry")
        .flags(&[Write, Fast])
        .keys(&[rw(1).update()])
        .args(&[key("key"), string("group"), string("id").multiple()]),
    command("xpending", -3)
        .summary("Tells what a group's consumers were given and have not acknowledged.")
        .since("5.0.0", "O(N) for N entries told; O(1) for the summary while consumers are few")
        .history(&[("6.2.0", "Takes `IDLE`, and IDs to be left out.")])
        .flags(&[ReadOnly])
        .tips(&["nondeterministic_output"])
        .keys(&[ro(1).access()])
        .args(&[
            key("key"),
            string("group"),
            block(
                "filters",
                &[
                    integer("min-idle-time").after("IDLE").since("6.2.0").optional(),
                    string("start"),
                    string("end"),
                    integer("count"),
                    string("consumer").optional(),
                ],
            )
            .optional(),
        ]),
    command("xclaim", -6)
        .summary("Hands pending entries over to another consumer.")
        .since("5.0.0", "O(log N) an entry for N pending ones")
        .flags(&[Write, Fast])
        .tips(&["nondeterministic_output"])
        .keys(&[rw(1).update()])
        .args(&[
            key("key"),
            string("group"),
            string("consumer"),
            string("min-idle-time"),
            string("id").multiple(),
            integer("ms").after("IDLE").optional(),
            unix_time("unix-time-milliseconds").after("TIME").optional(),
            integer("count").after("RETRYCOUNT").optional(),
            word("force", "FORCE").optional(),
            JUSTID,
            string("lastid").after("LASTID").optional(),
        ]),
    command("xautoclaim", -6)
        .summary("Hands over entries that have been pending for long.")
        .since("6.2.0", "O(1) while COUNT is small")
        .history(&[("7.0.0", "Returns IDs of entries that are gone, and drops them from what is pending.")])
        .flags(&[Write, Fast])
        .tips(&["nondeterministic_output"])
        .keys(&[rw(1).delete()])
        .args(&[
            key("key"),
            string("group"),
            string("consumer"),
            string("min-idle-time"),
            string("start"),
            COUNT,
            JUSTID,
        ]),
    command("xinfo", -2)
        .summary("Commands that describe streams.")
        .since("5.0.0", "The subcommand decides")
        .acl(&[])
        .subcommands(&[
            command("xinfo|stream", -3)
                .summary("Describes a stream.")
                .since("5.0.0", "O(1), or O(N) for all N parts with FULL")
                .history(&[
                    ("6.0.0", "Takes `FULL`."),
                    (
                        "7.0.0",
                        "Tells the greatest deleted ID, the entries ever added and the first ID, and with \
                         FULL what groups have read and their lag.",
                    ),
                    (
                        "7.2.0",
                        "With FULL, tells when consumers were active, and calls what was seen by its name.",
                    ),
                ])
                .flags(&[ReadOnly])
                .keys(&[ro(2).access()])
                .args(&[key("key"), block("full-block", &[word("full", "FULL"), COUNT]).optional()]),
            command("xinfo|groups", 3)
                .summary("Lists the groups of a stream.")
                .since("5.0.0", "O(1) a group")
                .history(&[("7.0.0", "Tells what was read, and the lag.")])
                .flags(&[ReadOnly])
                .keys(&[ro(2).access()])
                .args(&[key("key")]),
            command("xinfo|consumers", 4)
                .summary("Lists the consumers of a group.")
                .since("5.0.0", "O(1) a consumer")
                .history(&[("7.2.0", "Tells for how long a consumer got nothing.")])
                .flags(&[ReadOnly])
                .tips(&["nondeterministic_output"])
                .keys(&[ro(2).access()])
                .args(&[key("key"), string("group")]),
            command("xinfo|help", 2)
                .summary("Explains the subcommands.")
                .since("5.0.0", "O(1)")
                .flags(&[Loading, Stale]),
        ]),
];
