//! Sets: members without order and without repetition.

use super::pieces::{COUNT, MATCH};
use crate::argument::{integer, key, string};
use crate::command::{Command, Group};
use crate::flags::Category;
use crate::flags::Flag::*;
use crate::key_spec::{ow, ro, rw};

const fn command(full_name: &'static str, arity: i16) -> Command {
    Command::new(Group::Set, full_name, arity).acl(&[Category::Set])
}

pub(super) const COMMANDS: &[Command] = &[
    command("sadd", -3)
        .summary("Adds members to a set, which is made if need be.")
        .since("1.0.0", "O(N) for N members")
        .history(&[("2.4.0", "Takes more than one member.")])
        .flags(&[Write, DenyOom, Fast])
        .keys(&[rw(1).insert()])
        .args(&[key("key"), string("member").multiple()]),
    command("scard", 2)
        .summary("Counts the members of a set.")
        .since("1.0.0", "O(1)")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1)])
        .args(&[key("key")]),
    command("sdiff", -2)
        .summary("Returns the members of the first set that no other has.")
        .since("1.0.0", "O(N) for N members in all sets")
        .flags(&[ReadOnly])
        .tips(&["nondeterministic_output_order"])
        .keys(&[ro(1).access().to(-1)])
        .args(&[key("key").multiple()]),
    command("sdiffstore", -3)
        .summary("Stores the members of the first set that no other has.")
        .since("1.0.0", "O(N) for N members in all sets")
        .flags(&[Write, DenyOom])
        .keys(&[ow(1).update(), ro(2).access().to(-1)])
        .args(&[key("destination"), key("key").spec(1).multiple()]),
    command("sinter", -2)
        .summary("Returns the members that all sets have in common.")
        .since("1.0.0", "O(N*M) for M sets of which the smallest has N members")
        .flags(&[ReadOnly])
        .tips(&["nondeterministic_output_order"])
        .keys(&[ro(1).access().to(-1)])
        .args(&[key("key").multiple()]),
    command("sintercard", -3)
        .summary("Counts the members that all sets have in common.")
        .since("7.0.0", "O(N*M) for M sets of which the smallest has N members")
        .flags(&[ReadOnly])
        .keys(&[ro(1).access().counted()])
        .args(&[integer("numkeys"), key("key").multiple(), integer("limit").after("LIMIT").optional()]),
    command("sinterstore", -3)
        .summary("Stores the members that all sets have in common.")
        .since("1.0.0", "O(N*M) for M sets of which the smallest has N members")
        .flags(&[Write, DenyOom])
        .keys(&[ow(1).update(), ro(2).access().to(-1)])
        .args(&[key("destination"), key("key").spec(1).multiple()]),
    command("sismember", 3)
        .summary("Tells whether a string is a member of a set.")
        .since("1.0.0", "O(1)")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1)])
        .args(&[key("key"), string("member")]),
    command("smembers", 2)
        .summary("Returns all members of a set.")
        .since("1.0.0", "O(N) for N members")
        .flags(&[ReadOnly])
        .tips(&["nondeterministic_output_order"])
        .keys(&[ro(1).access()])
        .args(&[key("key")]),
    command("smismember", -3)
        .summary("Tells of several strings whether each is a member of a set.")
        .since("6.2.0", "O(N) for N strings")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1).access()])
        .args(&[key("key"), string("member").multiple()]),
    command("smove", 4)
        .summary("Moves a member from one set to another.")
        .since("1.0.0", "O(1)")
        .flags(&[Write, Fast])
        .keys(&[rw(1).access().delete(), rw(2).insert()])
        .args(&[key("source"), key("destination").spec(1), string("member")]),
    command("spop", -2)
        .summary("Takes members chosen at random out of a set and returns them.")
        .since("1.0.0", "O(N) for N members taken")
        .history(&[("3.2.0", "Takes a count.")])
        .flags(&[Write, Fast])
        .tips(&["nondeterministic_output"])
        .keys(&[rw(1).access().delete()])
        .args(&[key("key"), integer("count").since("3.2.0").optional()]),
    command("srandmember", -2)
        .summary("Returns members of a set chosen at random.")
        .since("1.0.0", "O(N) for a count of N")
        .history(&[("2.6.0", "Takes a count.")])
        .flags(&[ReadOnly])
        .tips(&["nondeterministic_output"])
        .keys(&[ro(1).access()])
        .args(&[key("key"), integer("count").since("2.6.0").optional()]),
    command("srem", -3)
        .summary("Takes members out of a set, which goes with its last one.")
        .since("1.0.0", "O(N) for N members")
        .history(&[("2.4.0", "Takes more than one member.")])
        .flags(&[Write, Fast])
        .keys(&[rw(1).delete()])
        .args(&[key("key"), string("member").multiple()]),
    command("sscan", -3)
        .summary("Walks through the members of a set, some at each call.")
        .since("2.8.0", "O(1) a call, O(N) for a whole walk over N members")
        .flags(&[ReadOnly])
        .tips(&["nondeterministic_output"])
        .keys(&[ro(1).access()])
        .args(&[key("key"), integer("cursor"), MATCH, COUNT]),
    command("sunion", -2)
        .summary("Returns the members that any of the sets has.")
        .since("1.0.0", "O(N) for N members in all sets")
        .flags(&[ReadOnly])
        .tips(&["nondeterministic_output_order"])
        .keys(&[ro(1).access().to(-1)])
        .args(&[key("key").multiple()]),
    command("sunionstore", -3)
        .summary("Stores the members that any of the sets has.")
        .since("1.0.0", "O(N) for N members in all sets")
        .flags(&[Write, DenyOom])
        .keys(&[ow(1).update(), ro(2).access().to(-1)])
        .args(&[key("destination"), key("key").spec(1).multiple()]),
];
