//! Transactions: commands run together, or not at all.

use crate::argument::key;
use crate::command::{Command, Group};
use crate::flags::Category;
use crate::flags::Flag::*;
use crate::key_spec::ro;

const fn command(full_name: &'static str, arity: i16) -> Command {
    Command::new(Group::Transactions, full_name, arity).acl(&[Category::Transaction])
}

pub(super) const COMMANDS: &[Command] = &[
    command("discard", 1)
        .summary("Gives a transaction up.")
        .since("2.0.0", "O(N) for N commands put by")
        .flags(&[NoScript, Loading, Stale, Fast, AllowBusy]),
    command("exec", 1)
        .summary("Runs the commands of a transaction.")
        .since("1.2.0", "Depends on the commands")
        .flags(&[NoScript, Loading, Stale, SkipCommandLog]),
    command("multi", 1)
        .summary("Begins a transaction.")
        .since("1.2.0", "O(1)")
        .flags(&[NoScript, Loading, Stale, Fast, NoMulti, AllowBusy]),
    command("unwatch", 1)
        .summary("Watches no key any more.")
        .since("2.2.0", "O(1)")
        .flags(&[NoScript, Loading, Stale, Fast, AllowBusy]),
    command("watch", -2)
        .summary("Makes the next transaction depend on keys staying as they are.")
        .since("2.2.0", "O(1) for each key")
        .flags(&[NoScript, Loading, Stale, Fast, NoMulti, AllowBusy])
        .keys(&[ro(1).to(-1)])
        .args(&[key("key").multiple()]),
];
