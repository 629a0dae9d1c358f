//! A cluster, and what clients of one say about themselves.

use crate::command::{Command, Group};
use crate::flags::Category;
use crate::flags::Flag::*;

const fn command(full_name: &'static str, arity: i16) -> Command {
    Command::new(Group::Cluster, full_name, arity)
}

pub(super) const COMMANDS: &[Command] = &[
    command("readonly", 1)
        .summary("Says that this connection is content with what a replica knows.")
        .since("3.0.0", "O(1)")
        .flags(&[Loading, Stale, Fast])
        .acl(&[Category::Connection]),
    command("readwrite", 1)
        .summary("Says that this connection is not content with a replica any more.")
        .since("3.0.0", "O(1)")
        .flags(&[Loading, Stale, Fast])
        .acl(&[Category::Connection]),
];
