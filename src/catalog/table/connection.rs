//! The connection itself: who speaks, in which protocol, on which database.

use crate::argument::{Arg, block, integer, one_of, string, word};
use crate::command::{Command, Group};
use crate::flags::Category;
use crate::flags::Flag::*;

/// A switch.
const ON_OFF: Arg = one_of("enabled", &[word("on", "ON"), word("off", "OFF")]);

const fn command(full_name: &'static str, arity: i16) -> Command {
    Command::new(Group::Connection, full_name, arity).acl(&[Category::Connection])
}

pub(super) const COMMANDS: &[Command] = &[
    command("select", 2)
        .summary("Chooses the database that this connection works on.")
        .since("1.0.0", "O(1)")
        .flags(&[Loading, Stale, Fast])
        .args(&[integer("index")]),
    command("ping", -1)
        .summary("Answers PONG, or what it was sent.")
        .since("1.0.0", "O(1)")
        .flags(&[Fast])
        .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
        .args(&[string("message").optional()]),
    command("echo", 2)
        .summary("Answers what it was sent.")
        .since("1.0.0", "O(1)")
        .flags(&[Loading, Stale, Fast])
        .args(&[string("message")]),
    command("quit", -1)
        .summary("Closes the connection.")
        .since("1.0.0", "O(1)")
        .flags(&[NoScript, Loading, Stale, Fast, NoAuth, AllowBusy]),
    command("reset", 1)
        .summary("Puts the connection back into the state of a new one.")
        .since("6.2.0", "O(1)")
        .flags(&[NoScript, Loading, Stale, Fast, NoAuth, AllowBusy]),
    command("auth", -2)
        .summary("Logs the connection in.")
        .since("1.0.0", "O(N) for N passwords of the user")
        .history(&[("6.0.0", "Takes a user name before the password.")])
        .flags(&[NoScript, Loading, Stale, Fast, NoAuth, AllowBusy])
        .args(&[string("username").since("6.0.0").optional(), string("password")]),
    command("hello", -1)
        .summary("Agrees on the protocol version, and tells about the server.")
        .since("6.0.0", "O(1)")
        .history(&[
            ("8.1.0", "Answers `availability_zone` too, where one is configured."),
            ("6.2.0", "May come without arguments, and then changes nothing."),
        ])
        .flags(&[NoScript, Loading, Stale, Fast, NoAuth, AllowBusy])
        .args(&[block(
            "arguments",
            &[
                integer("protover"),
                block("auth", &[string("username"), string("password")]).after("AUTH").optional(),
                string("clientname").after("SETNAME").optional(),
            ],
        )
        .optional()]),
    command("client", -2)
        .summary("Commands about client connections.")
        .since("2.4.0", "The subcommand decides")
        .acl(&[])
        .subcommands(&[
            command("client|id", 2)
                .summary("Returns the number of this connection.")
                .since("5.0.0", "O(1)")
                .flags(&[NoScript, Loading, Stale]),
            command("client|info", 2)
                .summary("Describes this connection.")
                .since("6.2.0", "O(1)")
                .flags(&[NoScript, Loading, Stale])
                .tips(&["nondeterministic_output"]),
            command("client|list", -2)
                .summary("Describes every connection, or those that pass the filters.")
                .since("2.4.0", "O(N) for N connections")
                .history(&[
                    ("2.8.12", "Shows `id`."),
                    ("5.0.0", "Takes `TYPE`."),
                    ("6.0.0", "Shows `user`."),
                    ("6.2.0", "Shows `argv-mem`, `tot-mem`, `laddr` and `redir`; takes `ID`."),
                    ("7.0.0", "Shows `resp`, `multi-mem`, `rbs` and `rbp`."),
                    ("7.0.3", "Shows `ssub`."),
                    ("8.0.0", "`TYPE` says `primary` for `master`, which still works."),
                    ("8.1.0", "Takes `USER`, `ADDR`, `LADDR`, `SKIPME` and `MAXAGE`."),
                    ("9.0.0", "Takes eight more filters, from `NAME` to `IP`, and the `NOT-` forms."),
                ])
                .flags(&[Admin, NoScript, Loading, Stale])
                .tips(&["nondeterministic_output"])
                .args(&[
                    one_of(
                        "client-type",
                        &[
                            word("normal", "NORMAL"),
                            word("master", "MASTER"),
                            word("replica", "REPLICA"),
                            word("pubsub", "PUBSUB"),
                        ],
                    )
                    .after("TYPE")
                    .since("5.0.0")
                    .optional(),
                    integer("client-id").after("ID").since("6.2.0").optional().multiple(),
                    string("username").after("USER").since("8.1.0").optional(),
                    string("addr").after("ADDR").shown_as("ip:port").since("8.1.0").optional(),
                    string("laddr").after("LADDR").shown_as("ip:port").since("8.1.0").optional(),
                    one_of("skipme", &[word("yes", "YES"), word("no", "NO")])
                        .after("SKIPME")
                        .since("8.1.0")
                        .optional(),
                    integer("maxage").after("MAXAGE").since("8.1.0").optional(),
                    string("name").after("NAME").since("9.0.0").optional(),
                    integer("idle").after("IDLE").since("9.0.0").optional(),
                    string("flags").after("FLAGS").since("9.0.0").optional(),
                    string("lib-name").after("LIB-NAME").since("9.0.0").optional(),
                    string("lib-ver").after("LIB-VER").since("9.0.0").optional(),
                    integer("db").after("DB").since("9.0.0").optional(),
                    string("capa").after("CAPA").since("9.0.0").optional(),
                    string("ip").after("IP").since("9.0.0").optional(),
                    one_of(
                        "not-client-type",
                        &[
                            word("normal", "NORMAL"),
                            word("master", "MASTER"),
                            word("replica", "REPLICA"),
                            word("pubsub", "PUBSUB"),
                        ],
                    )
                    .after("NOT-TYPE")
                    .since("9.0.0")
                    .optional(),
                    integer("not-client-id").after("NOT-ID").since("9.0.0").optional().multiple(),
                    string("not-username").after("NOT-USER").since("9.0.0").optional(),
                    string("not-addr").after("NOT-ADDR").shown_as("ip:port").since("9.0.0").optional(),
                    string("not-laddr").after("NOT-LADDR").shown_as("ip:port").since("9.0.0").optional(),
                    string("not-name").after("NOT-NAME").since("9.0.0").optional(),
                    string("not-flags").after("NOT-FLAGS").since("9.0.0").optional(),
                    string("not-lib-name").after("NOT-LIB-NAME").since("9.0.0").optional(),
                    string("not-lib-ver").after("NOT-LIB-VER").since("9.0.0").optional(),
                    integer("not-db").after("NOT-DB").since("9.0.0").optional(),
                    string("not-capa").after("NOT-CAPA").since("9.0.0").optional(),
                    string("not-ip").after("NOT-IP").since("9.0.0").optional(),
                ]),
            command("client|setname", 3)
                .summary("Gives this connection a name.")
                .since("2.6.9", "O(1)")
                .flags(&[NoScript, Loading, Stale])
                .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
                .args(&[string("connection-name")]),
            command("client|getname", 2)
                .summary("Returns the name of this connection.")
                .since("2.6.9", "O(1)")
                .flags(&[NoScript, Loading, Stale]),
            command("client|setinfo", 4)
                .summary("Records which client library speaks, or its version.")
                .since("7.2.0", "O(1)")
                .flags(&[NoScript, Loading, Stale])
                .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
                .args(&[one_of(
                    "attr",
                    &[string("libname").after("LIB-NAME"), string("libver").after("LIB-VER")],
                )]),
            command("client|kill", -3)
                .summary("Closes the connections that pass the filters.")
                .since("2.4.0", "O(N) for N connections")
                .history(&[
                    ("2.8.12", "Takes filters by name."),
                    ("2.8.12", "Takes `ID`."),
                    ("3.2.0", "`TYPE` knows `master`."),
                    ("5.0.0", "`TYPE` says `replica` for `slave`, which still works."),
                    ("6.2.0", "Takes `LADDR`."),
                    ("8.0.0", "Takes `MAXAGE`."),
                    ("8.0.0", "`TYPE` says `primary` for `master`, which still works."),
                    ("8.1.0", "`ID` takes more than one number."),
                    ("9.0.0", "Takes eight more filters, from `NAME` to `IP`, and the `NOT-` forms."),
                ])
                .flags(&[Admin, NoScript, Loading, Stale])
                .args(&[one_of(
                    "filter",
                    &[
                        string("old-format").shown_as("ip:port").deprecated("2.8.12"),
                        one_of(
                            "new-format",
                            &[
                                integer("client-id").after("ID").since("2.8.12").optional().multiple(),
                                one_of(
                                    "client-type",
                                    &[
                                        word("normal", "NORMAL"),
                                        word("master", "MASTER").since("3.2.0"),
                                        word("primary", "PRIMARY").since("8.0.0"),
                                        word("slave", "SLAVE"),
                                        word("replica", "REPLICA").since("5.0.0"),
                                        word("pubsub", "PUBSUB"),
                                    ],
                                )
                                .after("TYPE")
                                .since("2.8.12")
                                .optional(),
                                string("username").after("USER").optional(),
                                string("addr").after("ADDR").shown_as("ip:port").optional(),
                                string("laddr").after("LADDR").shown_as("ip:port").since("6.2.0").optional(),
                                one_of("skipme", &[word("yes", "YES"), word("no", "NO")])
                                    .after("SKIPME")
                                    .optional(),
                                integer("maxage").after("MAXAGE").since("8.0.0").optional(),
                                string("name").after("NAME").since("9.0.0").optional(),
                                integer("idle").after("IDLE").since("9.0.0").optional(),
                                string("flags").after("FLAGS").since("9.0.0").optional(),
                                string("lib-name").after("LIB-NAME").since("9.0.0").optional(),
                                string("lib-ver").after("LIB-VER").since("9.0.0").optional(),
                                integer("db").after("DB").since("9.0.0").optional(),
                                string("capa").after("CAPA").since("9.0.0").optional(),
                                string("ip").after("IP").since("9.0.0").optional(),
                                one_of(
                                    "not-client-type",
                                    &[
                                        word("normal", "NORMAL"),
                                        word("master", "MASTER"),
                                        word("primary", "PRIMARY"),
                                        word("slave", "SLAVE"),
                                        word("replica", "REPLICA"),
                                        word("pubsub", "PUBSUB"),
                                    ],
                                )
                                .after("NOT-TYPE")
                                .since("9.0.0")
                                .optional(),
                                integer("not-client-id").after("NOT-ID").since("9.0.0").optional().multiple(),
                                string("not-username").after("NOT-USER").since("9.0.0").optional(),
                                string("not-addr")
                                    .after("NOT-ADDR")
                                    .shown_as("ip:port")
                                    .since("9.0.0")
                                    .optional(),
                                string("not-laddr")
                                    .after("NOT-LADDR")
                                    .shown_as("ip:port")
                                    .since("9.0.0")
                                    .optional(),
                                string("not-name").after("NOT-NAME").since("9.0.0").optional(),
                                string("not-flags").after("NOT-FLAGS").since("9.0.0").optional(),
                                string("not-lib-name").after("NOT-LIB-NAME").since("9.0.0").optional(),
                                string("not-lib-ver").after("NOT-LIB-VER").since("9.0.0").optional(),
                                integer("not-db").after("NOT-DB").since("9.0.0").optional(),
                                string("not-capa").after("NOT-CAPA").since("9.0.0").optional(),
                                string("not-ip").after("NOT-IP").since("9.0.0").optional(),
                            ],
                        )
                        .multiple(),
                    ],
                )]),
            command("client|reply", 3)
                .summary("Turns replies to this connection on or off, or skips the next one.")
                .since("3.2.0", "O(1)")
                .flags(&[NoScript, Loading, Stale, NoMulti])
                .args(&[one_of("action", &[word("on", "ON"), word("off", "OFF"), word("skip", "SKIP")])]),
            command("client|unblock", -3)
                .summary("Ends another connection's wait.")
                .since("5.0.0", "O(log N) for N connections")
                .flags(&[Admin, NoScript, Loading, Stale])
                .args(&[
                    integer("client-id"),
                    one_of("unblock-type", &[word("timeout", "TIMEOUT"), word("error", "ERROR")]).optional(),
                ]),
            command("client|caching", 3)
                .summary("Says whether what the next command reads is tracked.")
                .since("6.0.0", "O(1)")
                .flags(&[NoScript, Loading, Stale])
                .args(&[one_of("mode", &[word("yes", "YES"), word("no", "NO")])]),
            command("client|capa", -3)
                .summary("Says what this connection understands.")
                .since("8.0.0", "O(1)")
                .flags(&[NoScript, Loading, Stale])
                .args(&[string("capability").multiple()]),
            command("client|getredir", 2)
                .summary("Returns the number of the connection that is told what this one tracks.")
                .since("6.0.0", "O(1)")
                .flags(&[NoScript, Loading, Stale]),
            command("client|pause", -3)
                .summary("Lets clients wait for a time.")
                .since("3.0.0", "O(1)")
                .history(&[("6.2.0", "Takes a mode, which may spare commands that only read.")])
                .flags(&[Admin, NoScript, Loading, Stale])
                .args(&[
                    integer("timeout"),
                    one_of("mode", &[word("write", "WRITE"), word("all", "ALL")]).since("6.2.0").optional(),
                ]),
            command("client|tracking", -3)
                .summary("Lets this connection be told when keys change that it may have cached.")
                .since("6.0.0", "O(1), and O(N) for N prefixes")
                .flags(&[NoScript, Loading, Stale])
                .args(&[
                    one_of("status", &[word("on", "ON"), word("off", "OFF")]),
                    integer("client-id").after("REDIRECT").optional(),
                    string("prefix").after("PREFIX").optional().multiple_token(),
                    word("bcast", "BCAST").optional(),
                    word("optin", "OPTIN").optional(),
                    word("optout", "OPTOUT").optional(),
                    word("noloop", "NOLOOP").optional(),
                ]),
            command("client|trackinginfo", 2)
                .summary("Tells how this connection tracks.")
                .since("6.2.0", "O(1)")
                .flags(&[NoScript, Loading, Stale]),
            command("client|unpause", 2)
                .summary("Lets paused clients go on.")
                .since("6.2.0", "O(N) for N paused clients")
                .flags(&[Admin, NoScript, Loading, Stale]),
            command("client|no-evict", 3)
                .summary("Spares this connection when client memory runs short.")
                .since("7.0.0", "O(1)")
                .flags(&[Admin, NoScript, Loading, Stale])
                .args(&[ON_OFF]),
            command("client|no-touch", 3)
                .summary("Lets this connection use keys without marking them as used.")
                .since("7.2.0", "O(1)")
                .flags(&[NoScript, Loading, Stale])
                .args(&[ON_OFF]),
            command("client|import-source", 3)
                .summary("Marks this connection as one that imports data and still sees expired keys.")
                .since("8.1.0", "O(1)")
                .flags(&[NoScript, Loading, Stale])
                .args(&[ON_OFF]),
            command("client|help", 2)
                .summary("Explains the subcommands.")
                .since("5.0.0", "O(1)")
                .flags(&[Loading, Stale]),
        ]),
];
