//! Users and what they may do.

use crate::argument::{integer, one_of, string, word};
use crate::command::{Command, Group};
use crate::flags::Flag::*;

const fn command(full_name: &'static str, arity: i16) -> Command {
    Command::new(Group::Server, full_name, arity)
}

/// A subcommand that is for administrators.
const fn admin(full_name: &'static str, arity: i16) -> Command {
    command(full_name, arity).flags(&[Admin, NoScript, Loading, Stale])
}

pub(super) const COMMANDS: &[Command] = &[command("acl", -2)
    .summary("Holds the commands about users.")
    .since("6.0.0", "The subcommand decides")
    .subcommands(&[
        command("acl|cat", -2)
            .summary("Lists the categories, or the commands of one.")
            .since("6.0.0", "O(N) for N commands")
            .flags(&[NoScript, Loading, Stale])
            .args(&[string("category").optional()]),
        admin("acl|deluser", -3)
            .summary("Removes users and closes their connections.")
            .since("6.0.0", "O(N) for N connections")
            .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
            .args(&[string("username").multiple()]),
        admin("acl|dryrun", -4)
            .summary("Tells whether a user may run a command, without running it.")
            .since("7.0.0", "O(N) for N keys of the command, times the patterns of the user")
            .args(&[string("username"), string("command"), string("arg").optional().multiple()]),
        command("acl|genpass", -2)
            .summary("Makes a password that nobody can guess.")
            .since("6.0.0", "O(N) for N bits")
            .flags(&[NoScript, Loading, Stale])
            .args(&[integer("bits").optional()]),
        admin("acl|getuser", 3)
            .summary("Shows a user, part by part.")
            .since("6.0.0", "O(N) for N passwords and rules")
            .history(&[
                ("6.2.0", "Shows channels."),
                ("7.0.0", "Shows selectors; keys and channels are shown as rules."),
            ])
            .args(&[string("username")]),
        command("acl|help", 2)
            .summary("Explains the subcommands.")
            .since("6.0.0", "O(1)")
            .flags(&[Loading, Stale]),
        admin("acl|list", 2)
            .summary("Shows all users, each as the rules that make it.")
            .since("6.0.0", "O(N) for N rules of all users"),
        admin("acl|load", 2)
            .summary("Replaces the users by those of the file.")
            .since("6.0.0", "O(N) for N rules in the file"),
        admin("acl|log", -2)
            .summary("Shows what users were denied lately, or forgets it.")
            .since("6.0.0", "O(N) for N entries shown")
            .history(&[("7.2.0", "Numbers the entries, and tells when they were made and changed.")])
            .args(&[one_of("operation", &[integer("count"), word("reset", "RESET")]).optional()]),
        admin("acl|save", 2)
            .summary("Writes the users to the file.")
            .since("6.0.0", "O(N) for N rules of all users")
            .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"]),
        admin("acl|setuser", -3)
            .summary("Makes a user, or changes one by further rules.")
            .since("6.0.0", "O(N) for N rules")
            .history(&[
                ("6.2.0", "Knows channels."),
                ("7.0.0", "Knows selectors, and keys that may be read or written alone."),
            ])
            .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
            .args(&[string("username"), string("rule").optional().multiple()]),
        admin("acl|users", 2).summary("Lists the names of all users.").since("6.0.0", "O(N) for N users"),
        command("acl|whoami", 2)
            .summary("Tells as whom this connection is logged in.")
            .since("6.0.0", "O(1)")
            .flags(&[NoScript, Loading, Stale]),
    ])];
