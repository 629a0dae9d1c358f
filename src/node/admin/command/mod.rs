//! `COMMAND` and its subcommands: the catalogue, told to clients.

mod docs;
mod info;

use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use catalog::{Argv, Category, CommandId, Flag, KeyRef};
use commands::{CommandError, Done, parse};
use conn::Args;

pub use docs::docs;
pub use info::{info, table};

/// `COMMAND COUNT`
pub fn count(node: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    let count = node.lexicon.names.iter().len();
    session.reply().integer(count as i64);
    Ok(Done::Replied)
}

/// Which commands `COMMAND LIST` lists.
enum Filter<'a> {
    All,
    /// Those of a module. There are no modules.
    Nothing,
    Category(Option<Category>),
    Pattern(&'a [u8]),
}

impl Filter<'_> {
    fn passes(&self, id: CommandId) -> bool {
        match self {
            Filter::All => true,
            Filter::Nothing => false,
            Filter::Category(category) => category.is_some_and(|category| id.categories().has(category)),
            Filter::Pattern(pattern) => base::glob::matches(pattern, id.full_name().as_bytes(), true),
        }
    }
}

/// `COMMAND LIST [FILTERBY <MODULE name | ACLCAT category | PATTERN pattern>]`
pub fn list(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    let filter = match args.len() {
        2 => Filter::All,
        5 if parse::is(args.at(2), "filterby") => match args.at(3).to_ascii_lowercase().as_slice() {
            b"module" => Filter::Nothing,
            b"aclcat" => Filter::Category(Category::from_name(args.at(4))),
            b"pattern" => Filter::Pattern(args.at(4)),
            _ => return Err(CommandError::SYNTAX),
        },
        _ => return Err(CommandError::SYNTAX),
    };
    let mut reply = session.reply();
    let place = reply.array_deferred();
    let mut listed = 0;
    for (_, top) in node.lexicon.names.iter() {
        for id in std::iter::once(top).chain(top.subcommands()).filter(|id| filter.passes(*id)) {
            reply.bulk(id.full_name().as_bytes());
            listed += 1;
        }
    }
    reply.set_array(&place, listed);
    Ok(Done::Replied)
}

/// The arguments behind `COMMAND GETKEYS`, as a request of their own.
struct Inner<'a>(Args<'a>);

impl Argv for Inner<'_> {
    fn len(&self) -> usize {
        self.0.len() - 2
    }

    fn get(&self, index: usize) -> &[u8] {
        self.0.at(index + 2)
    }
}

/// `COMMAND GETKEYS command [arg ...]`
pub fn getkeys(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    let keys = keys_of(node, &Inner(args))?;
    let mut reply = session.reply();
    reply.array(keys.len());
    for key in keys {
        reply.bulk(args.at(key.position + 2));
    }
    Ok(Done::Replied)
}

/// `COMMAND GETKEYSANDFLAGS command [arg ...]`
pub fn getkeysandflags(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    let keys = keys_of(node, &Inner(args))?;
    let mut reply = session.reply();
    reply.array(keys.len());
    for key in keys {
        reply.array(2);
        reply.bulk(args.at(key.position + 2));
        info::names(&mut reply, key.flags.iter().map(catalog::KeyFlag::name));
    }
    Ok(Done::Replied)
}

/// The keys of a request that is only talked about.
fn keys_of(node: &Node, inner: &Inner<'_>) -> Result<Vec<KeyRef>, CommandError> {
    let Ok(id) = node.lexicon.names.resolve(inner) else {
        return Err(CommandError::of("Invalid command specified"));
    };
    if !catalog::has_keys(id) {
        return Err(CommandError::of("The command has no key arguments"));
    }
    if !id.accepts(inner.len()) {
        return Err(CommandError::of("Invalid number of arguments specified for command"));
    }
    let mut keys = Vec::new();
    catalog::find_keys(id, inner, &mut keys);
    if keys.is_empty() && !id.has(Flag::NoMandatoryKeys) {
        return Err(CommandError::of("Invalid arguments specified for command"));
    }
    Ok(keys)
}
