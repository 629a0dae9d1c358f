//! Jobs: children that work for the node, from the fork to the end.

use super::Server;
use crate::persist::fork::{self, Child, Word};
use crate::persist::snapshot::{self, Target};
use crate::{log, standing, sys};
use base::log::Line;
use mio::{Interest, Token};
use node::{Ending, Failure, Input, Job, Progress, Started};

/// A child at work.
pub(super) struct Running {
    job: Job,
    child: Child,
}

/// The name that the log has for a job.
fn name(job: Job) -> &'static str {
    match job {
        Job::Snapshot => "RDB",
    }
}

impl Server {
    /// Makes a child that does a job.
    pub(super) fn start(&mut self, job: Job, token: Token) {
        let result = self.fork_for(job, token);
        let result = result.map_err(|error| sys::reason(&error));
        self.node.handle(self.clock.now(), Input::Started(job, result));
    }

    fn fork_for(&mut self, job: Job, token: Token) -> std::io::Result<Started> {
        let walk = match job {
            Job::Snapshot => self.node.snapshot(self.clock.now(), false),
        };
        let target = Target::of(&self.node.config);
        let data = &self.node.data;
        let (config, standing) = (&self.node.config, &mut self.standing);
        let (mut child, micros) = fork::fork(|parent| {
            standing.become_child(config, standing::Child::Snapshot);
            let written =
                snapshot::write(walk, data, &target, false, |keys| parent.progress(name(job), keys));
            match written {
                Ok(()) => {
                    parent.say(Line::notice("DB saved on disk"));
                    parent.done(name(job));
                    true
                }
                Err(lines) => {
                    lines.into_iter().for_each(|line| parent.say(line));
                    false
                }
            }
        })?;
        let pid = child.pid();
        if let Err(error) = self.poll.registry().register(&mut child.pipe, token, Interest::READABLE) {
            child.kill();
            child.end();
            return Err(error);
        }
        self.child = Some(Running { job, child });
        Ok(Started { pid, micros })
    }

    /// Ends the child that does a job.
    pub(super) fn stop(&mut self, job: Job) {
        if let Some(running) = self.child.as_ref().filter(|running| running.job == job) {
            running.child.kill();
        }
    }

    /// Hears what the child has to tell.
    pub(super) fn hear_child(&mut self) {
        let Some(running) = &mut self.child else { return };
        let job = running.job;
        let pid = running.child.pid();
        let (words, gone) = running.child.hear();
        for word in words {
            let progress = match word {
                Word::Progress { keys, private } => Progress { keys: Some(keys), private },
                Word::Done { private } => Progress { keys: None, private },
                Word::Say(line) => {
                    log::write_of_child(&self.node.config, &line, pid);
                    continue;
                }
            };
            self.node.handle(self.clock.now(), Input::Progress(job, progress));
        }
        if gone {
            self.end_child();
        }
    }

    /// Takes leave of a child that is gone, or about to be.
    fn end_child(&mut self) {
        let Some(mut running) = self.child.take() else { return };
        let _ = self.poll.registry().deregister(&mut running.child.pipe);
        let pid = running.child.pid();
        let ending = match running.child.end() {
            fork::Ending::Code(code) => Ending::Code(code),
            fork::Ending::Signal(signal) if signal == libc::SIGUSR1 => Ending::Stopped(signal),
            fork::Ending::Signal(signal) => Ending::Signal(signal),
        };
        if ending != Ending::Code(0) {
            let _ = std::fs::remove_file(snapshot::beside(pid));
        }
        self.node.handle(self.clock.now(), Input::Ended(running.job, ending));
    }

    /// Ends the child before the process ends.
    pub(super) fn end_child_now(&mut self) {
        if let Some(running) = &self.child {
            running.child.kill();
            self.end_child();
        }
    }

    /// Saves the data while everything waits.
    pub(super) fn save_now(&mut self) -> Result<(), Failure> {
        let walk = self.node.snapshot(self.clock.now(), false);
        let target = Target::of(&self.node.config);
        snapshot::write(walk, &self.node.data, &target, false, |_| {}).map_err(|lines| {
            let text = lines.last().map_or_else(String::new, |line| line.text.clone());
            lines.iter().for_each(|line| log::write(&self.node.config, line));
            Failure { directive: None, text }
        })
    }
}
