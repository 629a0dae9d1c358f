//! What a client switches on and off about itself.

use crate::boundary::Now;
use crate::node::Node;
use crate::session::{ReplyMode, Session};
use commands::{CommandError, Done, parse};
use conn::Args;

fn on_or_off(word: &[u8]) -> Result<bool, CommandError> {
    match word {
        word if parse::is(word, "on") => Ok(true),
        word if parse::is(word, "off") => Ok(false),
        _ => Err(CommandError::SYNTAX),
    }
}

/// `CLIENT REPLY <ON | OFF | SKIP>`
pub fn reply(_: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    match args.at(2).to_ascii_lowercase().as_slice() {
        b"on" => {
            session.reply_mode = ReplyMode::On;
            session.reply().ok();
        }
        b"off" => session.reply_mode = ReplyMode::Off,
        b"skip" if session.reply_mode == ReplyMode::Off => {}
        b"skip" => session.reply_mode = ReplyMode::SkipThis,
        _ => return Err(CommandError::SYNTAX),
    }
    Ok(Done::Replied)
}

/// `CLIENT NO-EVICT <ON | OFF>`
pub fn no_evict(
    _: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    session.no_evict = on_or_off(args.at(2))?;
    session.reply().ok();
    Ok(Done::Replied)
}

/// `CLIENT NO-TOUCH <ON | OFF>`
pub fn no_touch(
    _: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    session.caller.no_touch = on_or_off(args.at(2))?;
    session.reply().ok();
    Ok(Done::Replied)
}

/// `CLIENT IMPORT-SOURCE <ON | OFF>`
pub fn import_source(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    if !node.config.data.import_mode && !parse::is(args.at(2), "off") {
        return Err(CommandError::of("Server is not in import mode"));
    }
    session.caller.import_source = on_or_off(args.at(2))?;
    session.reply().ok();
    Ok(Done::Replied)
}

/// `CLIENT CAPA capability [capability ...]`
pub fn capa(_: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    // What is not known here is no fault of the client's.
    session.takes_redirects |= args.from(2).any(|word| parse::is(word, "redirect"));
    session.reply().ok();
    Ok(Done::Replied)
}

/// `READONLY`
pub fn readonly(_: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    session.reads_only = true;
    session.reply().ok();
    Ok(Done::Replied)
}

/// `READWRITE`
pub fn readwrite(_: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Result<Done, CommandError> {
    session.reads_only = false;
    session.reply().ok();
    Ok(Done::Replied)
}
