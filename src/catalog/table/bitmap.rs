//! Bitmaps: strings looked at bit by bit.

use crate::argument::{Arg, block, integer, key, one_of, string, word};
use crate::command::{Command, Group, KeyFinder};
use crate::flags::Category;
use crate::flags::Flag::*;
use crate::key_spec::{ow, ro, rw};

/// What a range counts.
const UNIT: Arg = one_of("unit", &[word("byte", "BYTE"), word("bit", "BIT")]).since("7.0.0").optional();

const fn command(full_name: &'static str, arity: i16) -> Command {
    Command::new(Group::Bitmap, full_name, arity).acl(&[Category::Bitmap])
}

pub(super) const COMMANDS: &[Command] = &[
    command("setbit", 4)
        .summary("Sets or clears one bit of a string, and returns what it was.")
        .since("2.2.0", "O(1)")
        .flags(&[Write, DenyOom])
        .keys(&[rw(1).access().update()])
        .args(&[key("key"), integer("offset"), integer("value")]),
    command("getbit", 3)
        .summary("Returns one bit of a string.")
        .since("2.2.0", "O(1)")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1).access()])
        .args(&[key("key"), integer("offset")]),
    command("bitcount", -2)
        .summary("Counts the bits that are set in a string.")
        .since("2.6.0", "O(N) for N bytes")
        .history(&[
            ("7.0.0", "Takes `BYTE` and `BIT`."),
            ("8.0.0", "The end may be left out, and then is the last byte."),
        ])
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[
            key("key"),
            block("range", &[integer("start"), block("end-unit-block", &[integer("end"), UNIT]).optional()])
                .optional(),
        ]),
    command("bitpos", -3)
        .summary("Finds the first bit that is set, or that is clear.")
        .since("2.8.7", "O(N) for N bytes")
        .history(&[("7.0.0", "Takes `BYTE` and `BIT`.")])
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[
            key("key"),
            integer("bit"),
            block("range", &[integer("start"), block("end-unit-block", &[integer("end"), UNIT]).optional()])
                .optional(),
        ]),
    command("bitop", -4)
        .summary("Combines strings bit by bit and stores the outcome.")
        .since("2.6.0", "O(N) for N bytes of the longest string")
        .flags(&[Write, DenyOom])
        .keys(&[ow(2).update(), ro(3).access().to(-1)])
        .args(&[
            one_of(
                "operation",
                &[word("and", "AND"), word("or", "OR"), word("xor", "XOR"), word("not", "NOT")],
            ),
            key("destkey"),
            key("key").spec(1).multiple(),
        ]),
    command("bitfield", -2)
        .summary("Reads and changes integers of any width within a string.")
        .since("3.2.0", "O(1) for each operation")
        .flags(&[Write, DenyOom])
        .keys(&[rw(1)
            .access()
            .update()
            .variable()
            .notes("Reads the key, changes it, or both: the operations decide")])
        .key_finder(KeyFinder::BitField)
        .args(&[
            key("key"),
            one_of(
                "operation",
                &[
                    block("get-block", &[string("encoding"), integer("offset")]).after("GET"),
                    block(
                        "write",
                        &[
                            one_of(
                                "overflow-block",
                                &[word("wrap", "WRAP"), word("sat", "SAT"), word("fail", "FAIL")],
                            )
                            .after("OVERFLOW")
                            .optional(),
                            one_of(
                                "write-operation",
                                &[
                                    block(
                                        "set-block",
                                        &[string("encoding"), integer("offset"), integer("value")],
                                    )
                                    .after("SET"),
                                    block(
                                        "incrby-block",
                                        &[string("encoding"), integer("offset"), integer("increment")],
                                    )
                                    .after("INCRBY"),
                                ],
                            ),
                        ],
                    ),
                ],
            )
            .optional()
            .multiple(),
        ]),
    command("bitfield_ro", -2)
        .summary("Reads integers of any width within a string.")
        .since("6.0.0", "O(1) for each operation")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1).access()])
        .args(&[
            key("key"),
            block("get-block", &[string("encoding"), integer("offset")])
                .after("GET")
                .optional()
                .multiple_token(),
        ]),
];
