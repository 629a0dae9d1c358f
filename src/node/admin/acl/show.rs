//! Users shown, and what they may do tried out.

use super::at_most;
use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use crate::users;
use acl::Selector;
use catalog::{Argv, Category, CommandId};
use commands::{CommandError, Done, parse};
use conn::Args;
use resp::Reply;

type Answer = Result<Done, CommandError>;

/// `ACL WHOAMI`
pub fn whoami(node: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Answer {
    let user = node.users.get(session.caller.user);
    session.reply().bulk(user.name());
    Ok(Done::Replied)
}

/// `ACL USERS`
pub fn users(node: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Answer {
    let users = node.users.iter();
    let mut reply = session.reply();
    reply.array(users.len());
    users.for_each(|user| reply.bulk(user.name()));
    Ok(Done::Replied)
}

/// `ACL LIST`
pub fn list(node: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Answer {
    let users = node.users.iter();
    let mut reply = session.reply();
    reply.array(users.len());
    users.for_each(|user| reply.bulk(&user.line()));
    Ok(Done::Replied)
}

/// `ACL GETUSER username`
pub fn getuser(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    let mut reply = session.reply();
    let Some(id) = node.users.find(args.at(2)) else {
        reply.null();
        return Ok(Done::Replied);
    };
    let user = node.users.get(id);
    reply.map(6);
    reply.bulk(b"flags");
    reply.set(user.flags().count());
    user.flags().for_each(|flag| reply.bulk(flag.as_bytes()));
    reply.bulk(b"passwords");
    reply.array(user.passwords().len());
    user.passwords().for_each(|digits| reply.bulk(digits.as_bytes()));
    let (own, others) = (&user.selectors()[..1], &user.selectors()[1..]);
    own.iter().for_each(|selector| show(&mut reply, selector));
    reply.bulk(b"selectors");
    reply.array(others.len());
    for selector in others {
        reply.map(3);
        show(&mut reply, selector);
    }
    Ok(Done::Replied)
}

fn show(reply: &mut Reply<'_>, selector: &Selector) {
    for (name, words) in [
        (&b"commands"[..], selector.describe_commands()),
        (b"keys", selector.describe_keys()),
        (b"channels", selector.describe_channels()),
    ] {
        reply.bulk(name);
        reply.bulk(&words);
    }
}

/// `ACL CAT [category]`
pub fn cat(_: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    at_most(&args, 3)?;
    let Some(name) = args.get(2) else {
        let mut reply = session.reply();
        reply.array(Category::ALL.len());
        Category::ALL.iter().for_each(|category| reply.bulk(category.name().as_bytes()));
        return Ok(Done::Replied);
    };
    let Some(category) = Category::from_name(parse::quoted(name)) else {
        let name = parse::quoted(name);
        let shown = &name[..name.len().min(128)];
        return Err(CommandError::of([b"Unknown category '".as_slice(), shown, b"'"].concat()));
    };
    let members = || CommandId::all().filter(|id| id.categories().has(category));
    let mut reply = session.reply();
    reply.array(members().count());
    members().for_each(|id| reply.bulk(id.full_name().as_bytes()));
    Ok(Done::Replied)
}

/// The arguments from the fourth on, as a request of their own.
struct Inner<'a>(Args<'a>);

impl Argv for Inner<'_> {
    fn len(&self) -> usize {
        self.0.len() - 3
    }

    fn get(&self, index: usize) -> &[u8] {
        self.0.at(index + 3)
    }
}

/// `ACL DRYRUN username command [arg [arg ...]]`
pub fn dryrun(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    let no_such = |what: &str, name| {
        CommandError::of([what.as_bytes(), b" '", parse::quoted(name), b"' not found"].concat())
    };
    let user = node.users.find(args.at(2)).ok_or_else(|| no_such("User", args.at(2)))?;
    let inner = Inner(args);
    let id = node.lexicon.names.resolve(&inner).map_err(|_| no_such("Command", args.at(3)))?;
    if !id.accepts(inner.len()) {
        return Err(CommandError::arity(id.full_name()));
    }
    match node.permits(user, id, &inner) {
        Ok(()) => session.reply().ok(),
        Err(denial) => {
            let name = node.users.get(user).name();
            session.reply().bulk(&users::denials::text(name, denial, id, Some(inner.get(denial.at))));
        }
    }
    Ok(Done::Replied)
}
