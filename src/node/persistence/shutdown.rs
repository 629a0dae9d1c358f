//! The end: SHUTDOWN, signals, and the last snapshot before.
//!
//! ```text
//! asked to end -> the child that saves is ended -> save, if that is wished -> Exit
//!                                                  could not: go on serving, unless forced
//! ```

use super::Job;
use crate::admin::client;
use crate::boundary::{Errand, Now, Output};
use crate::errand::Then;
use crate::node::Node;
use crate::session::Session;
use base::log::Level;
use commands::{CommandError, Done, parse};
use config::ShutdownFlags;
use conn::Args;

/// An end that waits for the last snapshot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leave {
    /// Whether the process ends even if there can be none.
    pub(crate) force: bool,
}

/// `SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [SAFE] [FAILOVER]`, `SHUTDOWN ABORT`
pub fn shutdown(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    const WORDS: [(&str, ShutdownFlags); 6] = [
        ("nosave", ShutdownFlags::NOSAVE),
        ("save", ShutdownFlags::SAVE),
        ("now", ShutdownFlags::NOW),
        ("force", ShutdownFlags::FORCE),
        ("safe", ShutdownFlags::SAFE),
        ("failover", ShutdownFlags::FAILOVER),
    ];
    let (mut flags, mut abort) = (ShutdownFlags::DEFAULT, false);
    for arg in args.from(1) {
        match WORDS.iter().find(|(word, _)| parse::is(arg, word)) {
            Some((_, flag)) => flags = flags.with(*flag),
            None if parse::is(arg, "abort") => abort = true,
            None => return Err(CommandError::SYNTAX),
        }
    }
    let both = flags.contains(ShutdownFlags::SAVE.with(ShutdownFlags::NOSAVE));
    if both || (abort && flags != ShutdownFlags::DEFAULT) {
        return Err(CommandError::SYNTAX);
    }
    if flags.contains(ShutdownFlags::FAILOVER) {
        return Err(CommandError::of("SHUTDOWN FAILOVER is only supported in cluster mode."));
    }
    if abort {
        return Err(CommandError::of("No shutdown in progress."));
    }
    if session.caller.must_not_block && !flags.contains(ShutdownFlags::NOW) {
        return Err(CommandError::of("SHUTDOWN without NOW or ABORT isn't allowed for DENY BLOCKING client"));
    }
    let line = client::line::brief(session);
    node.log(Level::Notice, format!("User requested shutdown... (user request from '{line}')"));
    match node.leave(flags) {
        Some(leave) => Ok(node.send_and(session, Errand::Save, Then::Leave(leave))),
        None => {
            node.outputs.push_back(Output::Exit(0));
            // The reference goes without a word.
            session.closing = true;
            Ok(Done::Replied)
        }
    }
}

impl Node {
    /// A signal asks the process to end.
    pub(crate) fn terminate(&mut self, flags: ShutdownFlags) {
        self.log(Level::Notice, "User requested shutdown...");
        match self.leave(flags) {
            Some(leave) => self.send_for_nobody(Errand::Save, Then::Leave(leave)),
            None => self.outputs.push_back(Output::Exit(0)),
        }
    }

    /// Prepares for the end. Answers what remains to be waited for.
    fn leave(&mut self, flags: ShutdownFlags) -> Option<Leave> {
        if self.persistence.does(Job::Snapshot) {
            self.log(Level::Warning, "There is a child saving an .rdb. Killing it!");
            self.stop_job(Job::Snapshot);
        }
        // What is loaded in part must not be written over the whole.
        let wishes = flags.contains(ShutdownFlags::SAVE)
            || (!flags.contains(ShutdownFlags::NOSAVE) && !self.config.snapshot.save.as_slice().is_empty());
        if !wishes || self.is_loading() {
            return None;
        }
        self.log(Level::Notice, "Saving the final RDB snapshot before exiting.");
        Some(Leave { force: flags.contains(ShutdownFlags::FORCE) })
    }

    /// The last snapshot is written, or could not be. Answers what to tell who asked for the end, if it does not come.
    pub(crate) fn left(&mut self, leave: Leave, saved: bool) -> Result<(), CommandError> {
        if !saved && !leave.force {
            self.log(Level::Warning, "Error trying to save the DB, can't exit.");
            self.log(
                Level::Warning,
                "Errors trying to shut down the server. Check the logs for more information.",
            );
            return Err(CommandError::of("Errors trying to SHUTDOWN. Check logs."));
        }
        if !saved {
            self.log(Level::Warning, "Error trying to save the DB. Exit anyway.");
        }
        self.outputs.push_back(Output::Exit(0));
        Ok(())
    }
}
