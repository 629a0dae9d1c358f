//! The end, and the last snapshot before.
//!
//! ```text
//! asked to end -> the child that saves is ended -> save, if that is wished -> Exit
//!                                                  could not: go on serving, unless forced
//! ```

use super::{AfterSave, Leave};
use crate::boundary::{Errand, Output};
use crate::errand::Then;
use crate::job::Job;
use crate::node::Node;
use base::log::Level;
use commands::CommandError;
use config::ShutdownFlags;

impl Node {
    /// A signal asks the process to end: it will when periodic work is done next, unless it is told otherwise before.
    pub(crate) fn terminate(&mut self, flags: ShutdownFlags) {
        self.persistence.asked_to_end = Some(flags);
        self.next_cron_us = 0;
    }

    /// Whether a signal has asked for an end that has not come. It does not, from now on.
    pub(crate) fn abort_leave(&mut self) -> bool {
        let asked = self.persistence.asked_to_end.take().is_some();
        if asked {
            self.log(Level::Notice, "Shutdown manually aborted.");
            self.outputs.push_back(Output::GoOn);
        }
        asked
    }

    /// Ends the process, if a signal asked for it.
    pub(crate) fn leave_if_asked(&mut self) {
        let Some(flags) = self.persistence.asked_to_end.take() else { return };
        self.log(Level::Notice, "User requested shutdown...");
        if self.must_stay_for_aof(flags.contains(ShutdownFlags::FORCE)) {
            return;
        }
        match self.leave(flags) {
            Some(leave) => self.send_for_nobody(Errand::Save, Then::Saved(AfterSave::Leave(leave))),
            None => self.outputs.push_back(Output::Exit(0)),
        }
    }

    /// Prepares for the end. Answers what remains to be waited for.
    pub(crate) fn leave(&mut self, flags: ShutdownFlags) -> Option<Leave> {
        if self.persistence.does(Job::Snapshot) {
            self.log(Level::Warning, "There is a child saving an .rdb. Killing it!");
            self.stop_job(Job::Snapshot);
        }
        self.leave_aof();
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
            self.outputs.push_back(Output::GoOn);
            return Err(CommandError::of("Errors trying to SHUTDOWN. Check logs."));
        }
        if !saved {
            self.log(Level::Warning, "Error trying to save the DB. Exit anyway.");
        }
        self.outputs.push_back(Output::Exit(0));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boundary::Input;
    use crate::testing::Bench;

    #[test]
    fn a_signal_ends_the_process_unless_it_is_taken_back_in_time() {
        let mut bench = Bench::new("save ''");
        let client = bench.connect(0);
        let signal = |bench: &mut Bench| {
            bench.outputs.clear();
            bench.with(|node, now| node.handle(now, Input::Terminate(ShutdownFlags::DEFAULT)));
        };
        bench.wait(200_000);
        signal(&mut bench);
        assert_eq!(bench.ask(client, &["SHUTDOWN ABORT"]), "+OK\r\n");
        assert_eq!(bench.ask(client, &["SHUTDOWN ABORT"]), "-ERR No shutdown in progress.\r\n");
        bench.wait(200_000);
        assert!(bench.outputs.iter().any(|output| matches!(output, Output::GoOn)));
        assert!(!bench.outputs.iter().any(|output| matches!(output, Output::Exit(_))));
        signal(&mut bench);
        bench.wait(200_000);
        assert!(bench.outputs.iter().any(|output| matches!(output, Output::Exit(0))));
    }
}
