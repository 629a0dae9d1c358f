//! Publish and subscribe: messages to whoever listens to a channel.

use crate::argument::{Arg, pattern, string};
use crate::command::{Command, Group};
use crate::flags::Flag::*;
use crate::key_spec::not_key;

const CHANNEL: Arg = string("channel");
const SHARD_CHANNEL: Arg = string("shardchannel");

const fn command(full_name: &'static str, arity: i16) -> Command {
    Command::new(Group::PubSub, full_name, arity)
}

pub(super) const COMMANDS: &[Command] = &[
    command("psubscribe", -2)
        .summary("Listens to all channels whose names match a pattern.")
        .since("2.0.0", "O(N) for N patterns")
        .flags(&[PubSub, NoScript, Loading, Stale])
        .args(&[pattern("pattern").multiple()]),
    command("publish", 3)
        .summary("Sends a message to whoever listens to a channel.")
        .since("2.0.0", "O(N+M) for N listeners and M patterns that anyone listens to")
        .flags(&[PubSub, Loading, Stale, Fast, MayReplicate])
        .args(&[CHANNEL, string("message")]),
    command("pubsub", -2)
        .summary("Holds the commands that show who listens to what.")
        .since("2.8.0", "Depends on the subcommand")
        .subcommands(&[
            command("pubsub|channels", -2)
                .summary("Lists the channels that someone listens to.")
                .since("2.8.0", "O(N) for N channels")
                .flags(&[PubSub, Loading, Stale])
                .args(&[pattern("pattern").optional()]),
            command("pubsub|help", 2)
                .summary("Explains the subcommands.")
                .since("6.2.0", "O(1)")
                .flags(&[Loading, Stale]),
            command("pubsub|numpat", 2)
                .summary("Counts the patterns that someone listens to.")
                .since("2.8.0", "O(1)")
                .flags(&[PubSub, Loading, Stale]),
            command("pubsub|numsub", -2)
                .summary("Counts the listeners of channels.")
                .since("2.8.0", "O(N) for N channels asked about")
                .flags(&[PubSub, Loading, Stale])
                .args(&[CHANNEL.optional().multiple()]),
            command("pubsub|shardchannels", -2)
                .summary("Lists the shard channels that someone listens to.")
                .since("7.0.0", "O(N) for N shard channels")
                .flags(&[PubSub, Loading, Stale])
                .args(&[pattern("pattern").optional()]),
            command("pubsub|shardnumsub", -2)
                .summary("Counts the listeners of shard channels.")
                .since("7.0.0", "O(N) for N shard channels asked about")
                .flags(&[PubSub, Loading, Stale])
                .args(&[SHARD_CHANNEL.optional().multiple()]),
        ]),
    command("punsubscribe", -1)
        .summary("Listens to patterns no more.")
        .since("2.0.0", "O(N) for N patterns")
        .flags(&[PubSub, NoScript, Loading, Stale])
        .args(&[pattern("pattern").optional().multiple()]),
    command("spublish", 3)
        .summary("Sends a message to whoever listens to a shard channel.")
        .since("7.0.0", "O(N) for N listeners")
        .flags(&[PubSub, Loading, Stale, Fast, MayReplicate])
        .keys(&[not_key(1)])
        .args(&[SHARD_CHANNEL, string("message")]),
    command("ssubscribe", -2)
        .summary("Listens to shard channels.")
        .since("7.0.0", "O(N) for N shard channels")
        .flags(&[PubSub, NoScript, Loading, Stale])
        .keys(&[not_key(1).to(-1)])
        .args(&[SHARD_CHANNEL.multiple()]),
    command("subscribe", -2)
        .summary("Listens to channels.")
        .since("2.0.0", "O(N) for N channels")
        .flags(&[PubSub, NoScript, Loading, Stale])
        .args(&[CHANNEL.multiple()]),
    command("sunsubscribe", -1)
        .summary("Listens to shard channels no more.")
        .since("7.0.0", "O(N) for N shard channels")
        .flags(&[PubSub, NoScript, Loading, Stale])
        .keys(&[not_key(1).to(-1)])
        .args(&[SHARD_CHANNEL.optional().multiple()]),
    command("unsubscribe", -1)
        .summary("Listens to channels no more.")
        .since("2.0.0", "O(N) for N channels")
        .flags(&[PubSub, NoScript, Loading, Stale])
        .args(&[CHANNEL.optional().multiple()]),
];
