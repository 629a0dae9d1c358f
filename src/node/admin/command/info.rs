//! `COMMAND` and `COMMAND INFO`: commands as arrays of ten.

use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use catalog::{Begin, CommandId, Find, KeySpec};
use commands::{CommandError, Done};
use conn::Args;
use resp::Reply;

/// `COMMAND`
pub fn table(node: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    let names = &node.lexicon.names;
    let mut reply = session.reply();
    reply.array(names.iter().len());
    for (_, id) in names.iter() {
        describe(&mut reply, id);
    }
    Ok(Done::Replied)
}

/// `COMMAND INFO [command ...]`
pub fn info(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    if args.len() == 2 {
        return table(node, session, args, now);
    }
    let mut reply = session.reply();
    reply.array(args.len() - 2);
    for name in args.from(2) {
        match node.lexicon.names.by_full_name(name) {
            Some(id) => describe(&mut reply, id),
            None => reply.null(),
        }
    }
    Ok(Done::Replied)
}

fn describe(reply: &mut Reply<'_>, id: CommandId) {
    let command = id.command();
    let range = id.key_range();
    reply.array(10);
    reply.bulk(id.full_name().as_bytes());
    reply.integer(i64::from(id.arity()));
    names(reply, id.flags().shown().map(catalog::Flag::name));
    reply.integer(i64::from(range.first));
    reply.integer(i64::from(range.last));
    reply.integer(i64::from(range.step));
    reply.set(id.categories().iter().count());
    for category in id.categories().iter() {
        reply.simple(format!("@{}", category.name()).as_bytes());
    }
    reply.set(command.tips.len());
    for tip in command.tips {
        reply.bulk(tip.as_bytes());
    }
    reply.set(command.key_specs.len());
    for spec in command.key_specs {
        describe_keys(reply, spec);
    }
    // Quirk of the reference: no subcommands are an empty set, some are an array.
    match id.subcommands().len() {
        0 => reply.set(0),
        count => reply.array(count),
    }
    for subcommand in id.subcommands() {
        describe(reply, subcommand);
    }
}

/// A set of statuses.
pub(super) fn names<'n>(reply: &mut Reply<'_>, names: impl Iterator<Item = &'n str>) {
    let names: Vec<&str> = names.collect();
    reply.set(names.len());
    for name in names {
        reply.simple(name.as_bytes());
    }
}

fn describe_keys(reply: &mut Reply<'_>, spec: &KeySpec) {
    reply.map(if spec.notes.is_some() { 4 } else { 3 });
    if let Some(notes) = spec.notes {
        reply.bulk(b"notes");
        reply.bulk(notes.as_bytes());
    }
    reply.bulk(b"flags");
    names(reply, spec.flags.iter().map(catalog::KeyFlag::name));

    reply.bulk(b"begin_search");
    match spec.begin {
        Begin::Index(index) => part(reply, "index", &[("index", Value::Number(i64::from(index)))]),
        Begin::Keyword { word, from } => part(
            reply,
            "keyword",
            &[("keyword", Value::Text(word)), ("startfrom", Value::Number(i64::from(from)))],
        ),
        Begin::Unknown => part(reply, "unknown", &[]),
    }

    reply.bulk(b"find_keys");
    match spec.find {
        Find::Range { last, step, limit } => part(
            reply,
            "range",
            &[
                ("lastkey", Value::Number(i64::from(last))),
                ("keystep", Value::Number(i64::from(step))),
                ("limit", Value::Number(i64::from(limit))),
            ],
        ),
        Find::Count { count_at, first, step } => part(
            reply,
            "keynum",
            &[
                ("keynumidx", Value::Number(i64::from(count_at))),
                ("firstkey", Value::Number(i64::from(first))),
                ("keystep", Value::Number(i64::from(step))),
            ],
        ),
        Find::Unknown => part(reply, "unknown", &[]),
    }
}

enum Value {
    Number(i64),
    Text(&'static str),
}

/// One half of a key spec: its type, and what that type needs.
fn part(reply: &mut Reply<'_>, kind: &str, fields: &[(&str, Value)]) {
    reply.map(2);
    reply.bulk(b"type");
    reply.bulk(kind.as_bytes());
    reply.bulk(b"spec");
    reply.map(fields.len());
    for (name, value) in fields {
        reply.bulk(name.as_bytes());
        match value {
            Value::Number(number) => reply.integer(*number),
            Value::Text(text) => reply.bulk(text.as_bytes()),
        }
    }
}
