//! `COMMAND DOCS`: commands as maps of what there is to say.

use super::info::names;
use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use catalog::{Arg, CommandId};
use commands::{CommandError, Done};
use conn::Args;
use resp::Reply;

/// `COMMAND DOCS [command ...]`
pub fn docs(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    let names = &node.lexicon.names;
    let ids: Vec<CommandId> = match args.len() {
        2 => names.iter().map(|(_, id)| id).collect(),
        _ => args.from(2).filter_map(|name| names.by_full_name(name)).collect(),
    };
    let mut reply = session.reply();
    reply.map(ids.len());
    for id in ids {
        reply.bulk(id.full_name().as_bytes());
        document(&mut reply, id);
    }
    Ok(Done::Replied)
}

/// A map whose length is known when its last pair is.
struct Pairs<'r, 'b> {
    reply: &'r mut Reply<'b>,
    place: resp::reply::Deferred,
    count: usize,
}

impl<'r, 'b> Pairs<'r, 'b> {
    fn open(reply: &'r mut Reply<'b>) -> Pairs<'r, 'b> {
        let place = reply.array_deferred();
        Pairs { reply, place, count: 0 }
    }

    /// Writes a name; the caller writes its value.
    fn name(&mut self, name: &str) -> &mut Reply<'b> {
        self.reply.bulk(name.as_bytes());
        self.count += 1;
        self.reply
    }

    /// Writes a text, if there is one.
    fn text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.name(name).bulk(text.as_bytes());
        }
    }

    fn close(self) {
        self.reply.set_map(&self.place, self.count);
    }
}

fn document(reply: &mut Reply<'_>, id: CommandId) {
    let command = id.command();
    let mut pairs = Pairs::open(reply);
    pairs.text("summary", Some(command.summary));
    pairs.text("since", Some(command.since));
    pairs.text("group", Some(command.group.name()));
    pairs.text("complexity", command.complexity);
    if !command.doc_flags.is_empty() {
        names(pairs.name("doc_flags"), command.doc_flags.iter().map(catalog::DocFlag::name));
    }
    pairs.text("deprecated_since", command.deprecated_since);
    pairs.text("replaced_by", command.replaced_by);
    if !command.history.is_empty() {
        let reply = pairs.name("history");
        reply.set(command.history.len());
        for (version, change) in command.history {
            reply.array(2);
            reply.bulk(version.as_bytes());
            reply.bulk(change.as_bytes());
        }
    }
    if !command.args.is_empty() {
        arguments(pairs.name("arguments"), command.args);
    }
    if id.is_container() {
        let reply = pairs.name("subcommands");
        reply.map(id.subcommands().len());
        for subcommand in id.subcommands() {
            reply.bulk(subcommand.full_name().as_bytes());
            document(reply, subcommand);
        }
    }
    pairs.close();
}

fn arguments(reply: &mut Reply<'_>, args: &[Arg]) {
    reply.array(args.len());
    for arg in args {
        let mut pairs = Pairs::open(reply);
        pairs.text("name", Some(arg.name));
        pairs.text("type", Some(arg.kind.name()));
        pairs.text("display_text", arg.display_text());
        if let Some(index) = arg.key_spec {
            pairs.name("key_spec_index").integer(i64::from(index));
        }
        pairs.text("token", arg.token);
        pairs.text("summary", arg.summary);
        pairs.text("since", arg.since);
        pairs.text("deprecated_since", arg.deprecated_since);
        let flags =
            [(arg.optional, "optional"), (arg.multiple, "multiple"), (arg.multiple_token, "multiple_token")];
        let set = flags.iter().filter(|(has, _)| *has).map(|(_, name)| *name);
        if set.clone().next().is_some() {
            names(pairs.name("flags"), set);
        }
        if arg.display_text().is_none() {
            arguments(pairs.name("arguments"), arg.args);
        }
        pairs.close();
    }
}
