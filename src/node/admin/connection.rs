//! Commands about the connection itself.

use crate::boundary::{CloseReason, Now};
use crate::node::Node;
use crate::session::{ReplyMode, Session};
use acl::UserId;
use commands::{Caller, CommandError, Done, parse};
use conn::Args;
use resp::Protocol;

/// `PING [message]`
pub fn ping(_: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    match args.len() {
        1 | 2 if session.subscriptions.is_some() && session.protocol == Protocol::Resp2 => {
            let mut reply = session.reply();
            reply.array(2);
            reply.bulk(b"pong");
            reply.bulk(args.get(1).unwrap_or_default());
        }
        1 => session.reply().simple(b"PONG"),
        2 => session.reply().bulk(args.at(1)),
        _ => return Err(CommandError::arity("ping")),
    }
    Ok(Done::Replied)
}

/// `ECHO message`
pub fn echo(_: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    session.reply().bulk(args.at(1));
    Ok(Done::Replied)
}

/// `QUIT`
pub fn quit(node: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    session.reply().ok();
    node.close(session, CloseReason::WhenSent);
    Ok(Done::Replied)
}

/// `SELECT index`
pub fn select(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    session.caller.database = database(node, args.at(1))?;
    session.reply().ok();
    Ok(Done::Replied)
}

/// A database by its number.
pub(crate) fn database(node: &Node, text: &[u8]) -> Result<usize, CommandError> {
    match usize::try_from(parse::int(text)?) {
        Ok(index) if index < node.data.databases.len() => Ok(index),
        _ => Err(CommandError::DB_OUT_OF_RANGE),
    }
}

/// `RESET`: the session as it was when the client came.
pub fn reset(node: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    // What the client imports stays marked, and so does the library that it said it is.
    session.caller = Caller { import_source: session.caller.import_source, ..Caller::default() };
    session.protocol = Protocol::Resp2;
    session.reply_mode = ReplyMode::On;
    node.end_monitor(session);
    node.end_tracking(session);
    node.unsubscribe_all(session);
    node.end_transaction(session);
    session.no_evict = false;
    session.reads_only = false;
    session.name.clear();
    session.authenticated = node.users.open();
    session.reply().simple(b"RESET");
    Ok(Done::Replied)
}

/// `AUTH [username] password`
pub fn auth(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    match args.len() {
        2 if node.users.get(UserId::DEFAULT).no_password() => {
            return Err(CommandError::of(
                "AUTH <password> called without any password configured for the default user. \
                 Are you sure your configuration is correct?",
            ));
        }
        2 => node.log_in(session, b"default", args.at(1), args, now)?,
        3 => node.log_in(session, args.at(1), args.at(2), args, now)?,
        _ => return Err(CommandError::SYNTAX),
    }
    session.reply().ok();
    Ok(Done::Replied)
}

/// `HELLO [protover [AUTH username password] [SETNAME clientname]]`
pub fn hello(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    let protocol = match args.get(1).map(base::int::parse_i64) {
        None => session.protocol,
        Some(Some(2)) => Protocol::Resp2,
        Some(Some(3)) => Protocol::Resp3,
        Some(Some(_)) => return Err(CommandError::NO_PROTO),
        Some(None) => {
            return Err(CommandError::of("Protocol version is not an integer or out of range"));
        }
    };
    let (mut credentials, mut name) = (None, None);
    let mut at = 2;
    while at < args.len() {
        let more = args.len() - at - 1;
        if parse::is(args.at(at), "auth") && more >= 2 {
            credentials = Some((args.at(at + 1), args.at(at + 2)));
            at += 3;
        } else if parse::is(args.at(at), "setname") && more >= 1 {
            check_name(args.at(at + 1), "Client names")?;
            name = Some(args.at(at + 1));
            at += 2;
        } else {
            let word = String::from_utf8_lossy(args.at(at)).into_owned();
            return Err(CommandError::of(format!("Syntax error in HELLO option '{word}'")));
        }
    }

    if let Some((user, password)) = credentials {
        node.log_in(session, user, password, args, now)?;
    }
    if !session.authenticated {
        return Err(CommandError::HELLO_NO_AUTH);
    }
    if let Some(name) = name {
        session.name = name.to_vec();
    }
    session.protocol = protocol;

    let id = session.id as i64;
    let mut reply = session.reply();
    let zone = &node.config.process.availability_zone;
    reply.map(if zone.is_empty() { 7 } else { 8 });
    reply.bulk(b"server");
    reply.bulk(if node.extended_compat() { b"redis" } else { b"valkey" });
    reply.bulk(b"version");
    reply.bulk(if node.extended_compat() { crate::REDIS_VERSION } else { crate::VERSION }.as_bytes());
    reply.bulk(b"proto");
    reply.integer(if protocol == Protocol::Resp3 { 3 } else { 2 });
    reply.bulk(b"id");
    reply.integer(id);
    reply.bulk(b"mode");
    reply.bulk(b"standalone");
    reply.bulk(b"role");
    reply.bulk(b"master");
    reply.bulk(b"modules");
    reply.array(0);
    if !zone.is_empty() {
        reply.bulk(b"availability_zone");
        reply.bulk(zone);
    }
    Ok(Done::Replied)
}

/// Names that clients give themselves stand in lists of words, so they may not hold spaces or anything unprintable. Quirk of
/// the reference: what follows a zero byte is not looked at.
pub(crate) fn check_name(name: &[u8], what: &str) -> Result<(), CommandError> {
    if parse::quoted(name).iter().all(|byte| (b'!'..=b'~').contains(byte)) {
        return Ok(());
    }
    Err(CommandError::of(format!("{what} cannot contain spaces, newlines or special characters.")))
}
