//! Places: sorted sets whose scores are positions on the globe.

use super::pieces::{NX_OR_XX, ORDER};
use crate::argument::{Arg, all_but_last, block, double, integer, key, one_of, string, word};
use crate::command::{Command, Group};
use crate::flags::Category;
use crate::flags::Flag::*;
use crate::key_spec::{ow, ro, rw};

/// The unit of distances.
const UNIT: Arg = one_of("unit", &[word("m", "M"), word("km", "KM"), word("ft", "FT"), word("mi", "MI")]);

/// The middle of what is sought: a member, or a place.
const FROM: Arg = one_of(
    "from",
    &[
        string("member").after("FROMMEMBER"),
        block("fromlonlat", &[double("longitude"), double("latitude")]).after("FROMLONLAT"),
    ],
)
.optional();

/// Its shape.
const BY: Arg = one_of(
    "by",
    &[
        block("circle", &[double("radius").after("BYRADIUS"), UNIT]),
        block("box", &[double("width").after("BYBOX"), double("height"), UNIT]),
        block(
            "polygon",
            &[
                integer("num-vertices").after("BYPOLYGON"),
                block("vertices", &[double("longitude"), double("latitude")]).multiple(),
            ],
        )
        .since("9.0.0"),
    ],
);

/// What is told of each member.
const WITHCOORD: Arg = word("withcoord", "WITHCOORD").optional();
const WITHDIST: Arg = word("withdist", "WITHDIST").optional();
const WITHHASH: Arg = word("withhash", "WITHHASH").optional();

/// How many members; with ANY, whichever are found first.
const COUNT_ANY: Arg = count_any(&[integer("count").after("COUNT"), word("any", "ANY").optional()]);
const COUNT_ANY_SINCE_6_2: Arg =
    count_any(&[integer("count").after("COUNT"), word("any", "ANY").since("6.2.0").optional()]);

const fn count_any(parts: &'static [Arg]) -> Arg {
    block("count-block", parts).optional()
}

/// Where members are stored, with places or with distances as their scores.
const STORE: Arg = one_of(
    "store",
    &[
        key("storekey").spec(1).after("STORE").shown_as("key"),
        key("storedistkey").spec(2).after("STOREDIST").shown_as("key"),
    ],
)
.optional();

/// The arguments of the older commands, the last of which their read-only forms lack.
const GEORADIUS: &[Arg] = &[
    key("key"),
    double("longitude"),
    double("latitude"),
    double("radius"),
    UNIT,
    WITHCOORD,
    WITHDIST,
    WITHHASH,
    COUNT_ANY_SINCE_6_2,
    ORDER,
    STORE,
];
const GEORADIUSBYMEMBER: &[Arg] = &[
    key("key"),
    string("member"),
    double("radius"),
    UNIT,
    WITHCOORD,
    WITHDIST,
    WITHHASH,
    COUNT_ANY,
    ORDER,
    STORE,
];

const GEORADIUS_HISTORY: &[(&str, &str)] =
    &[("6.2.0", "Takes `ANY` with `COUNT`."), ("7.0.0", "Takes units in any case.")];

const fn command(full_name: &'static str, arity: i16) -> Command {
    Command::new(Group::Geo, full_name, arity).acl(&[Category::Geo])
}

pub(super) const COMMANDS: &[Command] = &[
    command("geoadd", -5)
        .summary("Gives members places, adding those that are missing.")
        .since("3.2.0", "O(log(N)) for each of them, N being the number of members")
        .history(&[("6.2.0", "Takes `CH`, `NX` and `XX`.")])
        .flags(&[Write, DenyOom])
        .keys(&[rw(1).update()])
        .args(&[
            key("key"),
            NX_OR_XX.since("6.2.0").optional(),
            word("change", "CH").since("6.2.0").optional(),
            block("data", &[double("longitude"), double("latitude"), string("member")]).multiple(),
        ]),
    command("geodist", -4)
        .summary("Returns how far two members are apart.")
        .since("3.2.0", "O(1)")
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[key("key"), string("member1"), string("member2"), UNIT.optional()]),
    command("geohash", -2)
        .summary("Returns the places of members as geohash strings.")
        .since("3.2.0", "O(1) for each member")
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[key("key"), string("member").optional().multiple()]),
    command("geopos", -2)
        .summary("Returns the longitudes and latitudes of members.")
        .since("3.2.0", "O(1) for each member")
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[key("key"), string("member").optional().multiple()]),
    command("georadius", -6)
        .summary("Finds or stores the members within a distance of a place.")
        .since("3.2.0", "O(N+log(M)) for N members near the circle, M of them in it")
        .history(GEORADIUS_HISTORY)
        .flags(&[Write, DenyOom])
        .keys(&[ro(1).access(), ow(1).after("STORE", 6).update(), ow(1).after("STOREDIST", 6).update()])
        .args(GEORADIUS),
    command("georadius_ro", -6)
        .summary("Finds the members within a distance of a place.")
        .since("3.2.10", "O(N+log(M)) for N members near the circle, M of them in it")
        .history(GEORADIUS_HISTORY)
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(all_but_last(GEORADIUS)),
    command("georadiusbymember", -5)
        .summary("Finds or stores the members within a distance of one of them.")
        .since("3.2.0", "O(N+log(M)) for N members near the circle, M of them in it")
        .history(GEORADIUS_HISTORY)
        .flags(&[Write, DenyOom])
        .keys(&[ro(1).access(), ow(1).after("STORE", 5).update(), ow(1).after("STOREDIST", 5).update()])
        .args(GEORADIUSBYMEMBER),
    command("georadiusbymember_ro", -5)
        .summary("Finds the members within a distance of one of them.")
        .since("3.2.10", "O(N+log(M)) for N members near the circle, M of them in it")
        .history(GEORADIUS_HISTORY)
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(all_but_last(GEORADIUSBYMEMBER)),
    command("geosearch", -7)
        .summary("Finds the members within a circle, a box or a polygon.")
        .since("6.2.0", "O(N+log(M)) for N members near the shape, M of them in it")
        .history(&[("7.0.0", "Takes units in any case."), ("9.0.0", "Takes `BYPOLYGON`.")])
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[key("key"), FROM, BY, ORDER, COUNT_ANY, WITHCOORD, WITHDIST, WITHHASH]),
    command("geosearchstore", -8)
        .summary("Stores the members within a circle, a box or a polygon.")
        .since("6.2.0", "O(N+log(M)) for N members near the shape, M of them in it")
        .history(&[("7.0.0", "Takes units in any case."), ("9.0.0", "Takes `BYPOLYGON`.")])
        .flags(&[Write, DenyOom])
        .keys(&[ow(1).update(), ro(2).access()])
        .args(&[
            key("destination"),
            key("source").spec(1),
            FROM,
            BY,
            ORDER,
            COUNT_ANY,
            word("storedist", "STOREDIST").optional(),
        ]),
];
