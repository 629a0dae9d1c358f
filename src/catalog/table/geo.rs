//! Places: sorted sets whose scores are positions on the globe.

use crate::argument::{block, double, integer, key, one_of, string, word};
use crate::command::{Command, Group};
use crate::flags::Category;
use crate::flags::Flag::*;
use crate::key_spec::{ow, ro, rw};

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
            one_of("condition", &[word("nx", "NX"), word("xx", "XX")]).since("6.2.0").optional(),
            word("change", "CH").since("6.2.0").optional(),
            block("data", &[double("longitude"), double("latitude"), string("member")]).multiple(),
        ]),
    command("geodist", -4)
        .summary("Returns how far two members are apart.")
        .since("3.2.0", "O(1)")
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[
            key("key"),
            string("member1"),
            string("member2"),
            one_of("unit", &[word("m", "M"), word("km", "KM"), word("ft", "FT"), word("mi", "MI")])
                .optional(),
        ]),
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
        .history(&[("6.2.0", "Takes `ANY` with `COUNT`."), ("7.0.0", "Takes units in any case.")])
        .flags(&[Write, DenyOom])
        .keys(&[ro(1).access(), ow(1).after("STORE", 6).update(), ow(1).after("STOREDIST", 6).update()])
        .args(&[
            key("key"),
            double("longitude"),
            double("latitude"),
            double("radius"),
            one_of("unit", &[word("m", "M"), word("km", "KM"), word("ft", "FT"), word("mi", "MI")]),
            word("withcoord", "WITHCOORD").optional(),
            word("withdist", "WITHDIST").optional(),
            word("withhash", "WITHHASH").optional(),
            block(
                "count-block",
                &[integer("count").after("COUNT"), word("any", "ANY").since("6.2.0").optional()],
            )
            .optional(),
            one_of("order", &[word("asc", "ASC"), word("desc", "DESC")]).optional(),
            one_of(
                "store",
                &[
                    key("storekey").spec(1).after("STORE").shown_as("key"),
                    key("storedistkey").spec(2).after("STOREDIST").shown_as("key"),
                ],
            )
            .optional(),
        ]),
    command("georadius_ro", -6)
        .summary("Finds the members within a distance of a place.")
        .since("3.2.10", "O(N+log(M)) for N members near the circle, M of them in it")
        .history(&[("6.2.0", "Takes `ANY` with `COUNT`."), ("7.0.0", "Takes units in any case.")])
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[
            key("key"),
            double("longitude"),
            double("latitude"),
            double("radius"),
            one_of("unit", &[word("m", "M"), word("km", "KM"), word("ft", "FT"), word("mi", "MI")]),
            word("withcoord", "WITHCOORD").optional(),
            word("withdist", "WITHDIST").optional(),
            word("withhash", "WITHHASH").optional(),
            block(
                "count-block",
                &[integer("count").after("COUNT"), word("any", "ANY").since("6.2.0").optional()],
            )
            .optional(),
            one_of("order", &[word("asc", "ASC"), word("desc", "DESC")]).optional(),
        ]),
    command("georadiusbymember", -5)
        .summary("Finds or stores the members within a distance of one of them.")
        .since("3.2.0", "O(N+log(M)) for N members near the circle, M of them in it")
        .history(&[("6.2.0", "Takes `ANY` with `COUNT`."), ("7.0.0", "Takes units in any case.")])
        .flags(&[Write, DenyOom])
        .keys(&[ro(1).access(), ow(1).after("STORE", 5).update(), ow(1).after("STOREDIST", 5).update()])
        .args(&[
            key("key"),
            string("member"),
            double("radius"),
            one_of("unit", &[word("m", "M"), word("km", "KM"), word("ft", "FT"), word("mi", "MI")]),
            word("withcoord", "WITHCOORD").optional(),
            word("withdist", "WITHDIST").optional(),
            word("withhash", "WITHHASH").optional(),
            block("count-block", &[integer("count").after("COUNT"), word("any", "ANY").optional()])
                .optional(),
            one_of("order", &[word("asc", "ASC"), word("desc", "DESC")]).optional(),
            one_of(
                "store",
                &[
                    key("storekey").spec(1).after("STORE").shown_as("key"),
                    key("storedistkey").spec(2).after("STOREDIST").shown_as("key"),
                ],
            )
            .optional(),
        ]),
    command("georadiusbymember_ro", -5)
        .summary("Finds the members within a distance of one of them.")
        .since("3.2.10", "O(N+log(M)) for N members near the circle, M of them in it")
        .history(&[("6.2.0", "Takes `ANY` with `COUNT`."), ("7.0.0", "Takes units in any case.")])
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[
            key("key"),
            string("member"),
            double("radius"),
            one_of("unit", &[word("m", "M"), word("km", "KM"), word("ft", "FT"), word("mi", "MI")]),
            word("withcoord", "WITHCOORD").optional(),
            word("withdist", "WITHDIST").optional(),
            word("withhash", "WITHHASH").optional(),
            block("count-block", &[integer("count").after("COUNT"), word("any", "ANY").optional()])
                .optional(),
            one_of("order", &[word("asc", "ASC"), word("desc", "DESC")]).optional(),
        ]),
    command("geosearch", -7)
        .summary("Finds the members within a circle, a box or a polygon.")
        .since("6.2.0", "O(N+log(M)) for N members near the shape, M of them in it")
        .history(&[("7.0.0", "Takes units in any case."), ("9.0.0", "Takes `BYPOLYGON`.")])
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[
            key("key"),
            one_of(
                "from",
                &[
                    string("member").after("FROMMEMBER"),
                    block("fromlonlat", &[double("longitude"), double("latitude")]).after("FROMLONLAT"),
                ],
            )
            .optional(),
            one_of(
                "by",
                &[
                    block(
                        "circle",
                        &[
                            double("radius").after("BYRADIUS"),
                            one_of(
                                "unit",
                                &[word("m", "M"), word("km", "KM"), word("ft", "FT"), word("mi", "MI")],
                            ),
                        ],
                    ),
                    block(
                        "box",
                        &[
                            double("width").after("BYBOX"),
                            double("height"),
                            one_of(
                                "unit",
                                &[word("m", "M"), word("km", "KM"), word("ft", "FT"), word("mi", "MI")],
                            ),
                        ],
                    ),
                    block(
                        "polygon",
                        &[
                            integer("num-vertices").after("BYPOLYGON"),
                            block("vertices", &[double("longitude"), double("latitude")]).multiple(),
                        ],
                    )
                    .since("9.0.0"),
                ],
            ),
            one_of("order", &[word("asc", "ASC"), word("desc", "DESC")]).optional(),
            block("count-block", &[integer("count").after("COUNT"), word("any", "ANY").optional()])
                .optional(),
            word("withcoord", "WITHCOORD").optional(),
            word("withdist", "WITHDIST").optional(),
            word("withhash", "WITHHASH").optional(),
        ]),
    command("geosearchstore", -8)
        .summary("Stores the members within a circle, a box or a polygon.")
        .since("6.2.0", "O(N+log(M)) for N members near the shape, M of them in it")
        .history(&[("7.0.0", "Takes units in any case."), ("9.0.0", "Takes `BYPOLYGON`.")])
        .flags(&[Write, DenyOom])
        .keys(&[ow(1).update(), ro(2).access()])
        .args(&[
            key("destination"),
            key("source").spec(1),
            one_of(
                "from",
                &[
                    string("member").after("FROMMEMBER"),
                    block("fromlonlat", &[double("longitude"), double("latitude")]).after("FROMLONLAT"),
                ],
            )
            .optional(),
            one_of(
                "by",
                &[
                    block(
                        "circle",
                        &[
                            double("radius").after("BYRADIUS"),
                            one_of(
                                "unit",
                                &[word("m", "M"), word("km", "KM"), word("ft", "FT"), word("mi", "MI")],
                            ),
                        ],
                    ),
                    block(
                        "box",
                        &[
                            double("width").after("BYBOX"),
                            double("height"),
                            one_of(
                                "unit",
                                &[word("m", "M"), word("km", "KM"), word("ft", "FT"), word("mi", "MI")],
                            ),
                        ],
                    ),
                    block(
                        "polygon",
                        &[
                            integer("num-vertices").after("BYPOLYGON"),
                            block("vertices", &[double("longitude"), double("latitude")]).multiple(),
                        ],
                    )
                    .since("9.0.0"),
                ],
            ),
            one_of("order", &[word("asc", "ASC"), word("desc", "DESC")]).optional(),
            block("count-block", &[integer("count").after("COUNT"), word("any", "ANY").optional()])
                .optional(),
            word("storedist", "STOREDIST").optional(),
        ]),
];
