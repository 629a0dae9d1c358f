//! `CLIENT`: connections named, listed, silenced and ended.

mod filter;
mod kill;
mod pause;
mod switches;
mod tracking;

use crate::admin::connection::check_name;
use crate::boundary::Now;
use crate::client_line as line;
use crate::node::Node;
use crate::session::Session;
use commands::{CommandError, Done, parse};
use conn::Args;
use filter::Filter;

pub use kill::{kill, unblock};
pub use pause::{pause, unpause};
pub use switches::{capa, import_source, no_evict, no_touch, readonly, readwrite, reply};
pub use tracking::{caching, getredir, tracking, trackinginfo};

/// `CLIENT ID`
pub fn id(_: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    let id = session.id as i64;
    session.reply().integer(id);
    Ok(Done::Replied)
}

/// `CLIENT INFO`
pub fn info(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    let mut text = String::new();
    line::push(&mut text, node, session, now, argument_bytes(args));
    session.reply().verbatim(b"txt", text.as_bytes());
    Ok(Done::Replied)
}

/// `CLIENT LIST [filter value ...]`
pub fn list(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    // Quirk of the reference: a single word is a syntax error, even one that would be a filter.
    let filter = match args.len() {
        2 => Filter::default(),
        3 => return Err(CommandError::SYNTAX),
        _ => Filter::parse(node, args, false)?,
    };
    let mut shown: Vec<&Session> = node
        .sessions
        .iter()
        .flatten()
        .map(Box::as_ref)
        .filter(|other| filter.passes(node, other, now))
        .collect();
    if !filter.skip_me && filter.passes(node, session, now) {
        shown.push(session);
    }
    shown.sort_unstable_by_key(|other| other.id);
    let mut text = String::new();
    for other in shown {
        let own = if other.id == session.id { argument_bytes(args) } else { other.wait_bytes };
        line::push(&mut text, node, other, now, own);
    }
    session.reply().verbatim(b"txt", text.as_bytes());
    Ok(Done::Replied)
}

/// A client as the list shows it, for a crash report.
pub(crate) fn line_of(node: &Node, session: &Session, now: Now<'_>) -> String {
    let mut text = String::new();
    line::push(&mut text, node, session, now, session.wait_bytes);
    text
}

fn argument_bytes(args: Args<'_>) -> usize {
    args.from(0).map(<[u8]>::len).sum()
}

/// `CLIENT SETNAME name`
pub fn setname(
    _: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    check_name(args.at(2), "Client names")?;
    session.name = args.at(2).to_vec();
    session.reply().ok();
    Ok(Done::Replied)
}

/// `CLIENT GETNAME`
pub fn getname(_: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    let name = std::mem::take(&mut session.name);
    match name.is_empty() {
        true => session.reply().null(),
        false => session.reply().bulk(&name),
    }
    session.name = name;
    Ok(Done::Replied)
}

/// `CLIENT SETINFO <LIB-NAME name | LIB-VER version>`
pub fn setinfo(
    _: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    let word = String::from_utf8_lossy(parse::quoted(args.at(2)));
    let value = args.at(3);
    let field = match () {
        () if parse::is(args.at(2), "lib-name") => &mut session.lib_name,
        () if parse::is(args.at(2), "lib-ver") => &mut session.lib_ver,
        () => return Err(CommandError::of(format!("Unrecognized option '{word}'"))),
    };
    check_name(value, &word)?;
    *field = value.to_vec();
    session.reply().ok();
    Ok(Done::Replied)
}
