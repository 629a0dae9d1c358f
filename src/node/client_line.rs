//! A client in one line, as CLIENT LIST shows it: `id=3 addr=127.0.0.1:50188 laddr=... `, the fields always in this order.

use crate::boundary::{Now, Peer};
use crate::node::Node;
use crate::pubsub::Space;
use crate::session::Session;
use crate::tracking::{Mode, Tracker};
use commands::parse;
use resp::Protocol;
use std::fmt::Write;

/// The reference answers from a buffer of this size, and from a list of further ones when that is full. Our output is one
/// buffer, and is shown as if it were those.
const REPLY_BUFFER: usize = 16 * 1024;

/// Appends the line of a client. `argument_bytes` is what its running command holds in arguments.
pub(crate) fn push(text: &mut String, node: &Node, session: &Session, now: Now<'_>, argument_bytes: usize) {
    let waiting = session.outbox.waiting();
    let listed = waiting.saturating_sub(REPLY_BUFFER);
    let listed_memory = if listed > 0 { session.outbox.memory() } else { 0 };
    let (age, idle) = (age(session, now), idle(session, now));
    let (name, lib_name, lib_ver) = (word(&session.name), word(&session.lib_name), word(&session.lib_ver));
    let listens = |space| session.subscriptions.as_ref().map_or(0, |own| own.of(space).len());
    // A string takes whatever is written to it.
    let _ = writeln!(
        text,
        "id={} addr={} laddr={} fd={} name={name} age={age} idle={idle} flags={} capa={} db={} sub={} psub={} ssub={} \
         multi={} watch={} qbuf={} qbuf-free=0 argv-mem={argument_bytes} multi-mem={} rbs={} rbp={} obl={} oll={} \
         omem={listed_memory} tot-mem={} events=r cmd={} user={} redir={} resp={} lib-name={lib_name} \
         lib-ver={lib_ver} tot-net-in={} tot-net-out={} tot-cmds={}",
        session.id,
        address(session),
        local_address(session),
        session.conn.0,
        flags(node, session),
        capabilities(session),
        session.caller.database,
        listens(Space::Channels),
        listens(Space::Patterns),
        listens(Space::Shards),
        if node.watches.is_broken(session.conn) { 0 } else { session.put_by },
        node.watches.len_of(session.conn),
        session.held,
        session.queue_bytes(),
        session.outbox.memory() - listed_memory,
        session.outbox.memory() - listed_memory,
        waiting - listed,
        listed.div_ceil(REPLY_BUFFER),
        session.memory() + argument_bytes,
        session.last_command.map_or("NULL", catalog::CommandId::full_name),
        word(node.users.get(session.caller.user).name()),
        session.redirection(),
        if session.protocol == Protocol::Resp3 { 3 } else { 2 },
        session.bytes_in,
        session.bytes_out,
        session.commands,
    );
}

/// What the log tells of a client.
pub(crate) fn brief(node: &Node, session: &Session) -> String {
    let own = |text| match node.config.log.hide_user_data_from_log {
        true => "*redacted*".into(),
        false => word(text),
    };
    format!(
        "id={} addr={} laddr={} fd={} name={} user={} lib-name={} lib-ver={}",
        session.id,
        address(session),
        local_address(session),
        session.conn.0,
        own(&session.name),
        own(node.users.get(session.caller.user).name()),
        word(&session.lib_name),
        word(&session.lib_ver),
    )
}

/// A name that a client has given itself, as it is shown: up to its first zero byte.
fn word(text: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(parse::quoted(text))
}

/// Seconds since the client came.
pub(crate) fn age(session: &Session, now: Now<'_>) -> i64 {
    seconds_since(session.since_us, now)
}

/// Seconds since the client last asked for something.
pub(crate) fn idle(session: &Session, now: Now<'_>) -> i64 {
    seconds_since(session.active_us, now)
}

/// Quirk of the reference: seconds are counted by the wall's clock ticking, so a client that came a moment ago can be a
/// second old.
fn seconds_since(mono_us: u64, now: Now<'_>) -> i64 {
    let then_us = now.unix_us - now.mono_us.saturating_sub(mono_us) as i64;
    now.unix_s() - then_us.div_euclid(1_000_000)
}

/// Where a client is.
pub(crate) fn address(session: &Session) -> String {
    match &session.peer {
        Peer::Tcp { remote, .. } => remote.to_string(),
        Peer::Unix { path } => format!("{path}:0"),
    }
}

/// Where a client came to.
pub(crate) fn local_address(session: &Session) -> String {
    match &session.peer {
        Peer::Tcp { local, .. } => local.to_string(),
        Peer::Unix { path } => format!("{path}:0"),
    }
}

/// One letter for each thing that a client has said it understands.
pub(crate) fn capabilities(session: &Session) -> &'static str {
    if session.takes_redirects { "r" } else { "" }
}

/// One letter for each thing that is special about a client; `N` when there is none.
pub(crate) fn flags(node: &Node, session: &Session) -> String {
    let tracks = |how: &dyn Fn(&Tracker) -> bool| session.tracking.as_deref().is_some_and(how);
    let letters = [
        (session.monitors, 'O'),
        (session.subscriptions.is_some(), 'P'),
        (session.transaction.is_some() || session.is_in_exec(), 'x'),
        (session.blocked.is_some(), 'b'),
        (tracks(&|_| true), 't'),
        (tracks(&|tracker| tracker.broken), 'R'),
        (tracks(&|tracker| tracker.mode == Mode::Broadcast), 'B'),
        (node.watches.is_broken(session.conn), 'd'),
        (session.closing, 'c'),
        (matches!(session.peer, Peer::Unix { .. }), 'U'),
        (session.reads_only, 'r'),
        (session.no_evict, 'e'),
        (session.caller.no_touch, 'T'),
        (session.caller.import_source, 'I'),
    ];
    let flags: String = letters.iter().filter(|(set, _)| *set).map(|(_, letter)| letter).collect();
    if flags.is_empty() { "N".into() } else { flags }
}
