//! `CLIENT PAUSE` and `CLIENT UNPAUSE`.

use crate::admin::wait::until;
use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use commands::{CommandError, Done, parse};
use conn::Args;

/// `CLIENT PAUSE timeout [WRITE | ALL]`
pub fn pause(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    // Quirk of the reference: with more words than it takes, it does not look at them.
    let all = match args.get(3).filter(|_| args.len() == 4) {
        None => true,
        Some(word) if parse::is(word, "all") => true,
        Some(word) if parse::is(word, "write") => false,
        Some(_) => return Err(CommandError::of("CLIENT PAUSE mode must be WRITE or ALL")),
    };
    if let Some(until_us) = until(args.at(2), now)? {
        node.pause(until_us, all);
    }
    session.reply().ok();
    Ok(Done::Replied)
}

/// `CLIENT UNPAUSE`
pub fn unpause(
    node: &mut Node,
    session: &mut Session,
    _: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    node.end_pause();
    session.reply().ok();
    Ok(Done::Replied)
}
