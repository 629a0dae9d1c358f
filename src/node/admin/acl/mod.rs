//! `ACL`: users made, changed, shown and removed, and what they may do.

mod change;
mod log;
mod show;

pub use change::{deluser, load, save, setuser};
pub use log::log;
pub use show::{cat, dryrun, getuser, list, users, whoami};

use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use commands::{CommandError, Done, parse};
use conn::Args;

/// No password is longer, in bits.
const MOST_BITS: i64 = 4096;

/// `ACL GENPASS [bits]`
pub fn genpass(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    at_most(&args, 3)?;
    let bits = args.get(2).map_or(Ok(256), parse::integer)?;
    if !(1..=MOST_BITS).contains(&bits) {
        return Err(CommandError::of(format!(
            "ACL GENPASS argument must be the number of bits for the output password, a positive number up to \
             {MOST_BITS}"
        )));
    }
    Ok(node.send_for_digits(session, (bits as usize).div_ceil(4)))
}

/// Refuses more words than a subcommand takes.
fn at_most(args: &Args<'_>, count: usize) -> Result<(), CommandError> {
    if args.len() <= count {
        return Ok(());
    }
    let name = String::from_utf8_lossy(parse::quoted(args.at(1)));
    Err(CommandError::unknown_subcommand(&name.chars().take(128).collect::<String>(), "ACL"))
}
