//! HyperLogLogs: strings that tell how many different elements they were shown, roughly and in little room.

use crate::argument::{key, string};
use crate::command::{Command, Group};
use crate::flags::Flag::*;
use crate::flags::{Category, DocFlag};
use crate::key_spec::{ro, rw};

const fn command(full_name: &'static str, arity: i16) -> Command {
    Command::new(Group::HyperLogLog, full_name, arity).acl(&[Category::HyperLogLog])
}

pub(super) const COMMANDS: &[Command] = &[
    command("pfadd", -2)
        .summary("Shows elements to a HyperLogLog, which is made if need be.")
        .since("2.8.9", "O(1) an element")
        .flags(&[Write, DenyOom, Fast])
        .keys(&[rw(1).insert()])
        .args(&[key("key"), string("element").optional().multiple()]),
    command("pfcount", -2)
        .summary("Estimates how many different elements were shown to one or more HyperLogLogs.")
        .since("2.8.9", "O(1) for one key, with a kept estimate at little cost; O(N) for N keys")
        .flags(&[ReadOnly, MayReplicate])
        .keys(&[rw(1)
            .access()
            .to(-1)
            .notes("Counting is writing: the estimate is kept in the value, and repeated elsewhere")])
        .args(&[key("key").multiple()]),
    command("pfdebug", 3)
        .summary("Looks into a HyperLogLog, for tests of the server.")
        .since("2.8.9", "O(1), with a large constant")
        .flags(&[Write, DenyOom, Admin])
        .doc_flags(&[DocFlag::SysCmd])
        .keys(&[rw(2).access()])
        .args(&[string("subcommand"), key("key")]),
    command("pfmerge", -2)
        .summary("Makes a HyperLogLog of all elements that others were shown.")
        .since("2.8.9", "O(N) for N keys")
        .flags(&[Write, DenyOom])
        .keys(&[rw(1).access().insert(), ro(2).access().to(-1)])
        .args(&[key("destkey"), key("sourcekey").spec(1).optional().multiple()]),
    command("pfselftest", 1)
        .summary("Tests the registers and the estimates of HyperLogLogs.")
        .since("2.8.9", "O(1), with a large constant")
        .flags(&[Admin])
        .doc_flags(&[DocFlag::SysCmd]),
];
