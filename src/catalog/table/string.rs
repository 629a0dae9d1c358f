//! Strings: values that are plain bytes, and numbers written as such.

use super::pieces::{EX, EXAT, KEEPTTL, PX, PXAT, TIME_OR_NONE};
use crate::argument::{Arg, block, double, integer, key, one_of, string, word};
use crate::command::{Command, Group, KeyFinder};
use crate::flags::Category;
use crate::flags::Flag::*;
use crate::key_spec::{ow, rm, ro, rw};

/// Keys and what to store under them.
const PAIRS: Arg = block("data", &[key("key"), string("value")]).multiple();

const fn command(full_name: &'static str, arity: i16) -> Command {
    Command::new(Group::String, full_name, arity).acl(&[Category::String])
}

pub(super) const COMMANDS: &[Command] = &[
    command("set", -3)
        .summary("Stores a string under a key, whatever was there before.")
        .since("1.0.0", "O(1)")
        .history(&[
            ("2.6.12", "Takes `EX`, `PX`, `NX` and `XX`."),
            ("6.0.0", "Takes `KEEPTTL`."),
            ("6.2.0", "Takes `GET`, `EXAT` and `PXAT`."),
            ("7.0.0", "`NX` and `GET` may come together."),
            ("8.1.0", "Takes `IFEQ`."),
        ])
        .flags(&[Write, DenyOom])
        .keys(&[rw(1)
            .access()
            .update()
            .variable()
            .notes("Reads the key only with `GET`, and else overwrites it")])
        .key_finder(KeyFinder::Set)
        .args(&[
            key("key"),
            string("value"),
            one_of(
                "condition",
                &[
                    word("nx", "NX").since("2.6.12"),
                    word("xx", "XX").since("2.6.12"),
                    string("comparison-value")
                        .after("IFEQ")
                        .summary("Stores only where the key holds exactly this string.")
                        .since("8.1.0"),
                ],
            )
            .optional(),
            word("get", "GET").since("6.2.0").optional(),
            one_of(
                "expiration",
                &[
                    EX.since("2.6.12"),
                    PX.since("2.6.12"),
                    EXAT.since("6.2.0"),
                    PXAT.since("6.2.0"),
                    KEEPTTL.since("6.0.0"),
                ],
            )
            .optional(),
        ]),
    command("get", 2)
        .summary("Returns the string that a key holds.")
        .since("1.0.0", "O(1)")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1).access()])
        .args(&[key("key")]),
    command("getex", -2)
        .summary("Returns a string, and changes or drops its time limit.")
        .since("6.2.0", "O(1)")
        .flags(&[Write, Fast])
        .keys(&[rw(1).access().update().notes("Changes the time limit, which counts as an update")])
        .args(&[key("key"), TIME_OR_NONE]),
    command("getdel", 2)
        .summary("Returns a string and removes its key.")
        .since("6.2.0", "O(1)")
        .flags(&[Write, Fast])
        .keys(&[rw(1).access().delete()])
        .args(&[key("key")]),
    command("getset", 3)
        .summary("Stores a string and returns the one that was there.")
        .since("1.0.0", "O(1)")
        .flags(&[Write, DenyOom, Fast])
        .keys(&[rw(1).access().update()])
        .args(&[key("key"), string("value")]),
    command("getrange", 4)
        .summary("Returns part of a string.")
        .since("2.4.0", "O(N) for N bytes returned")
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[key("key"), integer("start"), integer("end")]),
    command("substr", 4)
        .summary("Returns part of a string.")
        .since("1.0.0", "O(N) for N bytes returned")
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[key("key"), integer("start"), integer("end")]),
    command("setrange", 4)
        .summary("Overwrites part of a string, first padding it with zero bytes where it is short.")
        .since("2.2.0", "O(N) for N bytes written; O(1) while they are few")
        .flags(&[Write, DenyOom])
        .keys(&[rw(1).update()])
        .args(&[key("key"), integer("offset"), string("value")]),
    command("append", 3)
        .summary("Adds bytes at the end of a string, and creates it where there is none.")
        .since("2.0.0", "O(1) on average, since a growing string reserves room")
        .flags(&[Write, DenyOom, Fast])
        .keys(&[rw(1).insert()])
        .args(&[key("key"), string("value")]),
    command("strlen", 2)
        .summary("Returns how many bytes a string has.")
        .since("2.2.0", "O(1)")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1)])
        .args(&[key("key")]),
    command("incr", 2)
        .summary("Adds one to a number; a missing key counts as 0.")
        .since("1.0.0", "O(1)")
        .flags(&[Write, DenyOom, Fast])
        .keys(&[rw(1).access().update()])
        .args(&[key("key")]),
    command("incrby", 3)
        .summary("Adds to a number; a missing key counts as 0.")
        .since("1.0.0", "O(1)")
        .flags(&[Write, DenyOom, Fast])
        .keys(&[rw(1).access().update()])
        .args(&[key("key"), integer("increment")]),
    command("decr", 2)
        .summary("Subtracts one from a number; a missing key counts as 0.")
        .since("1.0.0", "O(1)")
        .flags(&[Write, DenyOom, Fast])
        .keys(&[rw(1).access().update()])
        .args(&[key("key")]),
    command("decrby", 3)
        .summary("Subtracts from a number; a missing key counts as 0.")
        .since("1.0.0", "O(1)")
        .flags(&[Write, DenyOom, Fast])
        .keys(&[rw(1).access().update()])
        .args(&[key("key"), integer("decrement")]),
    command("incrbyfloat", 3)
        .summary("Adds to a number that may have a fraction; a missing key counts as 0.")
        .since("2.6.0", "O(1)")
        .flags(&[Write, DenyOom, Fast])
        .keys(&[rw(1).access().update()])
        .args(&[key("key"), double("increment")]),
    command("mget", -2)
        .summary("Returns the strings that several keys hold.")
        .since("1.0.0", "O(N) for N keys")
        .flags(&[ReadOnly, Fast])
        .tips(&["request_policy:multi_shard"])
        .keys(&[ro(1).access().to(-1)])
        .args(&[key("key").multiple()]),
    command("mset", -3)
        .summary("Stores several strings at once.")
        .since("1.0.1", "O(N) for N keys")
        .flags(&[Write, DenyOom])
        .tips(&["request_policy:multi_shard", "response_policy:all_succeeded"])
        .keys(&[ow(1).update().to(-1).step(2)])
        .args(&[PAIRS]),
    command("msetnx", -3)
        .summary("Stores several strings at once, or none where any of the keys exists.")
        .since("1.0.1", "O(N) for N keys")
        .flags(&[Write, DenyOom])
        .keys(&[ow(1).insert().to(-1).step(2)])
        .args(&[PAIRS]),
    command("setex", 4)
        .summary("Stores a string for so many seconds.")
        .since("2.0.0", "O(1)")
        .flags(&[Write, DenyOom])
        .keys(&[ow(1).update()])
        .args(&[key("key"), integer("seconds"), string("value")]),
    command("psetex", 4)
        .summary("Stores a string for so many milliseconds.")
        .since("2.6.0", "O(1)")
        .flags(&[Write, DenyOom])
        .keys(&[ow(1).update()])
        .args(&[key("key"), integer("milliseconds"), string("value")]),
    command("setnx", 3)
        .summary("Stores a string where the key does not exist.")
        .since("1.0.0", "O(1)")
        .flags(&[Write, DenyOom, Fast])
        .keys(&[ow(1).insert()])
        .args(&[key("key"), string("value")]),
    command("lcs", -3)
        .summary("Finds the longest sequence of bytes that two strings share in order.")
        .since("7.0.0", "O(N*M) for strings of N and M bytes")
        .flags(&[ReadOnly])
        .keys(&[ro(1).access().to(1)])
        .args(&[
            key("key1"),
            key("key2"),
            word("len", "LEN").optional(),
            word("idx", "IDX").optional(),
            integer("min-match-len").after("MINMATCHLEN").optional(),
            word("withmatchlen", "WITHMATCHLEN").optional(),
        ]),
    command("delifeq", 3)
        .summary("Removes a key where it holds exactly this string.")
        .since("9.0.0", "O(1)")
        .flags(&[Write, Fast])
        .keys(&[rm(1).delete()])
        .args(&[key("key"), string("value")]),
];
