//! `DEBUG`: what those who test and mend the server want to see and do. Refused unless `enable-debug-command` allows it.
//!
//! The subcommands stand in a table of their own, since the catalogue knows DEBUG as one command.

mod collections;
mod effects;
mod protocol;
mod show;

use crate::admin::ServerHandler;
use crate::admin::help;
use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use commands::{CommandError, Done, parse};
use conn::Args;
use std::ops::RangeInclusive;

struct Subcommand {
    name: &'static str,
    /// How many arguments a request has, its first two words included.
    argc: RangeInclusive<usize>,
    usage: &'static str,
    summary: &'static str,
    run: ServerHandler,
}

const fn subcommand(
    name: &'static str,
    argc: RangeInclusive<usize>,
    usage: &'static str,
    summary: &'static str,
    run: ServerHandler,
) -> Subcommand {
    Subcommand { name, argc, usage, summary, run }
}

const MANY: usize = usize::MAX;

const SUBCOMMANDS: &[Subcommand] = &[
    subcommand(
        "assert",
        2..=MANY,
        "",
        "Ends the process by an assertion that does not hold.",
        effects::assert,
    ),
    subcommand(
        "aof-flush-sleep",
        3..=3,
        " <microseconds>",
        "Waits so long before each write to the append-only file.",
        effects::aof_flush_sleep,
    ),
    subcommand(
        "change-repl-id",
        2..=2,
        "",
        "Gives the history of writes another name.",
        effects::change_repl_id,
    ),
    subcommand(
        "client-enforce-reply-list",
        3..=3,
        " <0|1>",
        "Counts all output of a client against its limits, or spares the first 16 KB.",
        effects::enforce_reply_list,
    ),
    subcommand(
        "config-rewrite-force-all",
        2..=2,
        "",
        "Writes the configuration file with every directive.",
        effects::config_rewrite,
    ),
    subcommand(
        "dict-resizing",
        3..=3,
        " <0|1>",
        "Lets hash tables grow and shrink, or not.",
        effects::dict_resizing,
    ),
    subcommand("digest", 2..=2, "", "Returns the digest of all data.", show::digest),
    subcommand(
        "digest-value",
        2..=MANY,
        " <key> [<key> ...]",
        "Returns the digest of the value of each key.",
        show::digest_value,
    ),
    subcommand("error", 3..=3, " <text>", "Answers with this error.", protocol::error),
    subcommand(
        "htstats",
        3..=MANY,
        " <dbid> [full]",
        "Describes the hash table of a database.",
        show::htstats,
    ),
    subcommand(
        "htstats-key",
        3..=MANY,
        " <key> [full]",
        "Describes the hash table that is a key's value.",
        show::htstats_key,
    ),
    subcommand("listpack", 3..=3, " <key>", "Writes a key's listpack to the log.", collections::listpack),
    subcommand(
        "loadaof",
        2..=2,
        "",
        "Empties the data and loads the append-only files again.",
        effects::loadaof,
    ),
    subcommand("log", 3..=3, " <text>", "Says this in the log.", effects::log),
    subcommand(
        "mallctl",
        3..=4,
        " <name> [<value>]",
        "Shows one of the allocator's numbers, or changes it.",
        effects::mallctl,
    ),
    subcommand("object", 3..=4, " <key> [fast]", "Describes how a key's value is held.", show::object),
    subcommand("panic", 2..=MANY, "", "Ends the process by a panic.", effects::panic),
    subcommand(
        "pause-cron",
        3..=3,
        " <0|1>",
        "Stops periodic work, or goes on with it.",
        effects::pause_cron,
    ),
    subcommand(
        "populate",
        3..=5,
        " <count> [<prefix>] [<size>]",
        "Adds keys named prefix:0, prefix:1 and so on.",
        effects::populate,
    ),
    subcommand("protocol", 3..=3, " <type>", "Answers with a reply of this type.", protocol::protocol),
    subcommand(
        "quicklist",
        3..=4,
        " <key> [<0|1>]",
        "Writes the nodes of a key's quicklist to the log.",
        collections::quicklist,
    ),
    subcommand(
        "quicklist-packed-threshold",
        3..=3,
        " <size>",
        "Sets the length from which on an item of a list stands by itself. 0 is the usual.",
        collections::quicklist_packed_threshold,
    ),
    subcommand(
        "reload",
        2..=MANY,
        " [nosave] [noflush] [merge]",
        "Saves the data, removes it and loads it again, or leaves a part of that out.",
        effects::reload,
    ),
    subcommand(
        "replybuffer",
        4..=4,
        " RESIZING <0|1>",
        "Frees buffers of replies that have grown large once they are empty, or keeps them for the next replies.",
        effects::reply_buffer,
    ),
    subcommand(
        "segfault",
        2..=MANY,
        "",
        "Ends the process by a write to memory that must not be written.",
        effects::segfault,
    ),
    subcommand(
        "set-active-expire",
        3..=3,
        " <0|1>",
        "Removes keys past their time unasked, or not.",
        effects::set_active_expire,
    ),
    subcommand(
        "set-disable-deny-scripts",
        3..=3,
        " <0|1>",
        "Lets scripts call every command, or not.",
        effects::set_disable_deny_scripts,
    ),
    subcommand(
        "set-skip-checksum-validation",
        3..=3,
        " <0|1>",
        "Leaves the checksums of payloads and files out of account, or not.",
        effects::skip_checksums,
    ),
    subcommand("sleep", 3..=3, " <seconds>", "Stops the whole server for this long.", effects::sleep),
];

/// `DEBUG subcommand [argument ...]`
pub fn debug(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    let word = args.at(1);
    if args.len() == 2 && parse::is(word, "help") {
        let lines = SUBCOMMANDS.iter().flat_map(|sub| {
            [format!("{}{}", sub.name.to_ascii_uppercase(), sub.usage), format!("    {}", sub.summary)]
        });
        return Ok(help::say(session, "DEBUG", &lines.collect::<Vec<String>>()));
    }
    let found = SUBCOMMANDS.iter().find(|sub| parse::is(word, sub.name) && sub.argc.contains(&args.len()));
    match found {
        Some(sub) => (sub.run)(node, session, args, now),
        None => Err(CommandError::of(
            [
                b"unknown subcommand or wrong number of arguments for '".as_slice(),
                &word[..word.len().min(128)],
                b"'. Try DEBUG HELP.",
            ]
            .concat(),
        )),
    }
}
