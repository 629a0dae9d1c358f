//! The HELP subcommands: what the catalogue says of a container's subcommands, as the lines that the reference's HELP has.
//!
//! ```text
//! CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:
//! GET parameter [parameter ...]
//!     Returns the directives whose names match, with their values.
//! ```

use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use catalog::{Arg, ArgKind, CommandId, id};
use commands::{CommandError, Done};
use conn::Args;

/// `COMMAND HELP`
pub fn command(_: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    const COMMAND: CommandId = id("command");
    let mut lines = vec!["(no subcommand)".to_owned(), format!("    {}", COMMAND.command().summary)];
    lines.extend(subcommands(COMMAND));
    Ok(say(session, "COMMAND", &lines))
}

/// `ACL HELP`
pub fn acl(_: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    Ok(explain(session, const { id("acl") }))
}

/// `CONFIG HELP`
pub fn config(_: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    Ok(explain(session, const { id("config") }))
}

/// `FUNCTION HELP`
pub fn function(_: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    Ok(explain(session, const { id("function") }))
}

/// `SCRIPT HELP`
pub fn script(_: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    Ok(explain(session, const { id("script") }))
}

/// `CLIENT HELP`
pub fn client(_: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    Ok(explain(session, const { id("client") }))
}

/// `PUBSUB HELP`
pub fn pubsub(_: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    Ok(explain(session, const { id("pubsub") }))
}

/// `MEMORY HELP`
pub fn memory(_: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    Ok(explain(session, const { id("memory") }))
}

/// Explains a container from the catalogue.
pub(crate) fn explain(session: &mut Session, container: CommandId) -> Done {
    let name = container.full_name().to_ascii_uppercase();
    let lines: Vec<String> = subcommands(container).collect();
    say(session, &name, &lines)
}

/// Writes these lines between the head and the foot that every HELP has.
pub(crate) fn say(session: &mut Session, container: &str, lines: &[String]) -> Done {
    let mut reply = session.reply();
    reply.array(lines.len() + 3);
    reply.simple(format!("{container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:").as_bytes());
    for line in lines {
        reply.simple(line.as_bytes());
    }
    reply.simple(b"HELP");
    reply.simple(b"    Print this help.");
    Done::Replied
}

fn subcommands(container: CommandId) -> impl Iterator<Item = String> {
    let others = container.subcommands().filter(|id| id.name() != "help");
    others.flat_map(|id| {
        let mut usage = id.name().to_ascii_uppercase();
        for arg in id.command().args {
            usage.push(' ');
            push_usage(&mut usage, arg);
        }
        [usage, format!("    {}", id.command().summary)]
    })
}

/// What is longer than this is not written twice to say that it can be repeated.
const LONG: usize = 40;

/// Appends how an argument is written: `[TYPE normal|pubsub]`, `key [key ...]`.
fn push_usage(usage: &mut String, arg: &Arg) {
    if arg.optional {
        usage.push('[');
    }
    let token = arg.token.filter(|_| arg.kind != ArgKind::PureToken);
    if let Some(token) = token {
        usage.push_str(token);
        usage.push(' ');
    }
    let mut body = String::new();
    push_body(&mut body, arg);
    usage.push_str(&body);
    if arg.multiple && body.len() > LONG {
        usage.push_str(" [...]");
    } else if arg.multiple {
        usage.push_str(" [");
        if let Some(token) = token.filter(|_| arg.multiple_token) {
            usage.push_str(token);
            usage.push(' ');
        }
        usage.push_str(&body);
        usage.push_str(" ...]");
    }
    if arg.optional {
        usage.push(']');
    }
}

fn push_body(body: &mut String, arg: &Arg) {
    let (separator, around) = match arg.kind {
        ArgKind::OneOf => ("|", !arg.optional),
        ArgKind::Block => (" ", false),
        ArgKind::PureToken => return body.push_str(arg.token.unwrap_or(arg.name)),
        _ => {
            body.push('<');
            body.push_str(arg.display_text().unwrap_or(arg.name));
            return body.push('>');
        }
    };
    if around {
        body.push('(');
    }
    for (index, part) in arg.args.iter().enumerate() {
        if index > 0 {
            body.push_str(separator);
        }
        push_usage(body, part);
    }
    if around {
        body.push(')');
    }
}
