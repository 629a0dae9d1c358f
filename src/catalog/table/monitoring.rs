//! What the server remembers of its own work: the command logs, and what took long.

use crate::argument::{Arg, integer, one_of, string, word};
use crate::command::{Command, Group};
use crate::flags::Flag::*;

const LOG: Arg = one_of(
    "type",
    &[word("slow", "SLOW"), word("large-request", "LARGE-REQUEST"), word("large-reply", "LARGE-REPLY")],
);

const fn command(full_name: &'static str, arity: i16) -> Command {
    Command::new(Group::Server, full_name, arity)
}

pub(super) const COMMANDS: &[Command] = &[
    command("commandlog", -2)
        .summary("Commands about the logs of commands that took much.")
        .since("8.1.0", "The subcommand decides")
        .subcommands(&[
            command("commandlog|get", 4)
                .summary("Returns the latest entries of a command log, -1 for all.")
                .since("8.1.0", "O(N) for N entries")
                .flags(&[Admin, Loading, Stale])
                .tips(&["request_policy:all_nodes", "nondeterministic_output"])
                .args(&[integer("count"), LOG]),
            command("commandlog|len", 3)
                .summary("Counts the entries of a command log.")
                .since("8.1.0", "O(1)")
                .flags(&[Admin, Loading, Stale])
                .tips(&["request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"])
                .args(&[LOG]),
            command("commandlog|reset", 3)
                .summary("Forgets the entries of a command log.")
                .since("8.1.0", "O(N) for N entries")
                .flags(&[Admin, Loading, Stale])
                .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
                .args(&[LOG]),
            command("commandlog|help", 2)
                .summary("Explains the subcommands.")
                .since("8.1.0", "O(1)")
                .flags(&[Loading, Stale]),
        ]),
    command("latency", -2)
        .summary("Commands about what took long.")
        .since("2.8.13", "The subcommand decides")
        .subcommands(&[
            command("latency|doctor", 2)
                .summary("Reports on the events that took long, and gives advice.")
                .since("2.8.13", "O(1)")
                .flags(&[Admin, NoScript, Loading, Stale])
                .tips(&["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"]),
            command("latency|graph", 3)
                .summary("Draws how long an event took of late.")
                .since("2.8.13", "O(1)")
                .flags(&[Admin, NoScript, Loading, Stale])
                .tips(&["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"])
                .args(&[string("event")]),
            command("latency|histogram", -2)
                .summary(
                    "Returns how the durations of commands are distributed: of all commands, or of these.",
                )
                .since("7.0.0", "O(N) for N commands")
                .flags(&[Admin, NoScript, Loading, Stale])
                .tips(&["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"])
                .args(&[string("command").optional().multiple()]),
            command("latency|history", 3)
                .summary("Returns when an event took long of late, and how long.")
                .since("2.8.13", "O(1)")
                .flags(&[Admin, NoScript, Loading, Stale])
                .tips(&["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"])
                .args(&[string("event")]),
            command("latency|latest", 2)
                .summary("Returns when each event last took long, and how long.")
                .since("2.8.13", "O(1)")
                .flags(&[Admin, NoScript, Loading, Stale])
                .tips(&["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"]),
            command("latency|reset", -2)
                .summary("Forgets the events that took long: all, or these.")
                .since("2.8.13", "O(1)")
                .flags(&[Admin, NoScript, Loading, Stale])
                .tips(&["request_policy:all_nodes", "response_policy:agg_sum"])
                .args(&[string("event").optional().multiple()]),
            command("latency|help", 2)
                .summary("Explains the subcommands.")
                .since("2.8.13", "O(1)")
                .flags(&[Loading, Stale]),
        ]),
    command("slowlog", -2)
        .summary("Commands about the log of slow commands.")
        .since("2.2.12", "The subcommand decides")
        .subcommands(&[
            command("slowlog|get", -2)
                .summary(
                    "Returns the latest entries of the slow log: ten, or as many as asked for, -1 for all.",
                )
                .since("2.2.12", "O(N) for N entries")
                .history(&[("4.0.0", "Tells the client's address and name.")])
                .flags(&[Admin, Loading, Stale])
                .tips(&["request_policy:all_nodes", "nondeterministic_output"])
                .args(&[integer("count").optional()]),
            command("slowlog|len", 2)
                .summary("Counts the entries of the slow log.")
                .since("2.2.12", "O(1)")
                .flags(&[Admin, Loading, Stale])
                .tips(&["request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"]),
            command("slowlog|reset", 2)
                .summary("Forgets the entries of the slow log.")
                .since("2.2.12", "O(N) for N entries")
                .flags(&[Admin, Loading, Stale])
                .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"]),
            command("slowlog|help", 2)
                .summary("Explains the subcommands.")
                .since("6.2.0", "O(1)")
                .flags(&[Loading, Stale]),
        ]),
];
