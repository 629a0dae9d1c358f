//! Hashes: names with values, and fields that expire one by one.

use super::pieces::{COUNT, EX, EXAT, KEEPTTL, MATCH, PX, PXAT, TIME_CONDITION, TIME_OR_NONE};
use crate::argument::{Arg, block, double, integer, key, one_of, string, word};
use crate::command::{Command, Group};
use crate::flags::Category;
use crate::flags::Flag::*;
use crate::key_spec::{ro, rw};

/// Fields and their values.
const PAIRS: Arg = block("data", &[string("field"), string("value")]).multiple();

/// Fields, behind their number.
const FIELDS: Arg =
    block("fields", &[integer("numfields").spec(0), string("field").multiple()]).after("FIELDS");

const fn command(full_name: &'static str, arity: i16) -> Command {
    Command::new(Group::Hash, full_name, arity).acl(&[Category::Hash])
}

pub(super) const COMMANDS: &[Command] = &[
    command("hset", -4)
        .summary("Gives fields of a hash values.")
        .since("2.0.0", "O(N) for N fields")
        .history(&[("4.0.0", "Takes more than one field.")])
        .flags(&[Write, DenyOom, Fast])
        .keys(&[rw(1).update()])
        .args(&[key("key"), PAIRS]),
    command("hsetnx", 4)
        .summary("Gives a field of a hash a value, unless it has one.")
        .since("2.0.0", "O(1)")
        .flags(&[Write, DenyOom, Fast])
        .keys(&[rw(1).insert()])
        .args(&[key("key"), string("field"), string("value")]),
    command("hmset", -4)
        .summary("Gives fields of a hash values.")
        .since("2.0.0", "O(N) for N fields")
        .flags(&[Write, DenyOom, Fast])
        .keys(&[rw(1).update()])
        .args(&[key("key"), PAIRS]),
    command("hget", 3)
        .summary("Returns the value of a field.")
        .since("2.0.0", "O(1)")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1).access()])
        .args(&[key("key"), string("field")]),
    command("hmget", -3)
        .summary("Returns the values of several fields.")
        .since("2.0.0", "O(N) for N fields")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1).access()])
        .args(&[key("key"), string("field").multiple()]),
    command("hgetall", 2)
        .summary("Returns all fields of a hash with their values.")
        .since("2.0.0", "O(N) for a hash of N fields")
        .flags(&[ReadOnly])
        .tips(&["nondeterministic_output_order"])
        .keys(&[ro(1).access()])
        .args(&[key("key")]),
    command("hkeys", 2)
        .summary("Returns the names of all fields of a hash.")
        .since("2.0.0", "O(N) for a hash of N fields")
        .flags(&[ReadOnly])
        .tips(&["nondeterministic_output_order"])
        .keys(&[ro(1).access()])
        .args(&[key("key")]),
    command("hvals", 2)
        .summary("Returns the values of all fields of a hash.")
        .since("2.0.0", "O(N) for a hash of N fields")
        .flags(&[ReadOnly])
        .tips(&["nondeterministic_output_order"])
        .keys(&[ro(1).access()])
        .args(&[key("key")]),
    command("hlen", 2)
        .summary("Counts the fields of a hash.")
        .since("2.0.0", "O(1)")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1)])
        .args(&[key("key")]),
    command("hstrlen", 3)
        .summary("Returns how many bytes the value of a field has.")
        .since("3.2.0", "O(1)")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1)])
        .args(&[key("key"), string("field")]),
    command("hexists", 3)
        .summary("Tells whether a hash has a field.")
        .since("2.0.0", "O(1)")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1)])
        .args(&[key("key"), string("field")]),
    command("hdel", -3)
        .summary("Removes fields, and the hash with its last one.")
        .since("2.0.0", "O(N) for N fields")
        .history(&[("2.4.0", "Takes more than one field.")])
        .flags(&[Write, Fast])
        .keys(&[rw(1).delete()])
        .args(&[key("key"), string("field").multiple()]),
    command("hincrby", 4)
        .summary("Adds to the number that a field holds; a missing field counts as 0.")
        .since("2.0.0", "O(1)")
        .flags(&[Write, DenyOom, Fast])
        .keys(&[rw(1).access().update()])
        .args(&[key("key"), string("field"), integer("increment")]),
    command("hincrbyfloat", 4)
        .summary("Adds to a number in a field that may have a fraction; a missing field counts as 0.")
        .since("2.6.0", "O(1)")
        .flags(&[Write, DenyOom, Fast])
        .keys(&[rw(1).access().update()])
        .args(&[key("key"), string("field"), double("increment")]),
    command("hrandfield", -2)
        .summary("Returns fields chosen at random.")
        .since("6.2.0", "O(N) for N fields returned")
        .flags(&[ReadOnly])
        .tips(&["nondeterministic_output"])
        .keys(&[ro(1).access()])
        .args(&[
            key("key"),
            block("options", &[integer("count"), word("withvalues", "WITHVALUES").optional()]).optional(),
        ]),
    command("hscan", -3)
        .summary("Walks through the fields of a hash, some at each call.")
        .since("2.8.0", "O(1) a call, O(N) for a whole walk over N fields")
        .flags(&[ReadOnly])
        .tips(&["nondeterministic_output"])
        .keys(&[ro(1).access()])
        .args(&[key("key"), integer("cursor"), MATCH, COUNT, word("novalues", "NOVALUES").optional()]),
    command("hsetex", -6)
        .summary("Gives fields values and a time limit in one step.")
        .since("9.0.0", "O(N) for N fields")
        .flags(&[Write, DenyOom, Fast])
        .keys(&[rw(1).insert()])
        .args(&[
            key("key"),
            one_of("fields-condition", &[word("fnx", "FNX"), word("fxx", "FXX")]).optional(),
            one_of("expiration", &[EX, PX, EXAT, PXAT, KEEPTTL]).optional(),
            block("fields", &[integer("numfields").spec(0), PAIRS]).after("FIELDS"),
        ]),
    command("hgetex", -5)
        .summary("Returns the values of fields, and changes or drops their time limits.")
        .since("9.0.0", "O(N) for N fields")
        .flags(&[Write, Fast])
        .keys(&[rw(1).access()])
        .args(&[key("key"), TIME_OR_NONE, FIELDS]),
    command("hexpire", -6)
        .summary("Lets fields expire after so many seconds.")
        .since("9.0.0", "O(N) for N fields")
        .flags(&[Write, Fast])
        .keys(&[rw(1).update()])
        .args(&[
            key("key"),
            integer("seconds"),
            TIME_CONDITION,
            block("fields", &[integer("numfields"), string("field").multiple()]).after("FIELDS"),
        ]),
    command("hpexpire", -6)
        .summary("Lets fields expire after so many milliseconds.")
        .since("9.0.0", "O(N) for N fields")
        .flags(&[Write, Fast])
        .keys(&[rw(1).update()])
        .args(&[key("key"), integer("milliseconds"), TIME_CONDITION.since("9.0.0"), FIELDS]),
    command("hexpireat", -6)
        .summary("Lets fields expire at a Unix time in seconds.")
        .since("9.0.0", "O(N) for N fields")
        .flags(&[Write, Fast])
        .keys(&[rw(1).update()])
        .args(&[key("key"), integer("unix-time-seconds"), TIME_CONDITION.since("9.0.0"), FIELDS]),
    command("hpexpireat", -6)
        .summary("Lets fields expire at a Unix time in milliseconds.")
        .since("9.0.0", "O(N) for N fields")
        .flags(&[Write, Fast])
        .keys(&[rw(1).update()])
        .args(&[key("key"), integer("unix-time-milliseconds"), TIME_CONDITION.since("9.0.0"), FIELDS]),
    command("hpersist", -5)
        .summary("Lets fields live on without a time limit.")
        .since("9.0.0", "O(N) for N fields")
        .flags(&[Write, Fast])
        .keys(&[rw(1).update()])
        .args(&[key("key"), FIELDS]),
    command("httl", -5)
        .summary("Returns how many seconds fields have left.")
        .since("9.0.0", "O(N) for N fields")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1).access()])
        .args(&[key("key"), FIELDS]),
    command("hpttl", -5)
        .summary("Returns how many milliseconds fields have left.")
        .since("9.0.0", "O(N) for N fields")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1).access()])
        .args(&[key("key"), FIELDS]),
    command("hexpiretime", -5)
        .summary("Returns the Unix times in seconds at which fields expire.")
        .since("9.0.0", "O(N) for N fields")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1).access()])
        .args(&[key("key"), FIELDS]),
    command("hpexpiretime", -5)
        .summary("Returns the Unix times in milliseconds at which fields expire.")
        .since("9.0.0", "O(N) for N fields")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1).access()])
        .args(&[key("key"), FIELDS]),
];
