//! Jobs: children that work for the node, from the fork to the end.

use super::Server;
use crate::persist::fork::{self, Child, Word};
use crate::persist::snapshot::{self, Target};
use crate::persist::{output, rewrite};
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
        Job::Rewrite => "AOF rewrite",
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
        if job == Job::Rewrite {
            return self.fork_to_rewrite(token);
        }
        let walk = self.node.snapshot(self.clock.now(), false);
        let target = Target::of(&self.node.config);
        let data = &self.node.data;
        let (config, standing) = (&self.node.config, &mut self.standing);
        let (child, micros) = fork::fork(|parent| {
            standing.become_child(config, standing::Child::Snapshot);
            let written = snapshot::write(walk, data, &target, true, |keys| parent.progress(name(job), keys));
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
        self.adopt(job, child, micros, token)
    }

    /// Makes a child that writes a new base of the append-only files.
    fn fork_to_rewrite(&mut self, token: Token) -> std::io::Result<Started> {
        let config = &self.node.config;
        let content = if config.aof.aof_use_rdb_preamble {
            rewrite::Content::Snapshot(self.node.snapshot(self.clock.now(), true))
        } else {
            let now_s = config.aof.aof_timestamp_enabled.then(|| self.clock.now().unix_s());
            rewrite::Content::Commands {
                now_s,
                libraries: self.node.libraries().map(<[u8]>::to_vec).collect(),
            }
        };
        let (data, standing) = (&self.node.data, &mut self.standing);
        let (child, micros) = fork::fork(|parent| {
            standing.become_child(config, standing::Child::Rewrite);
            match rewrite::write(content, data, config, |keys| parent.progress(name(Job::Rewrite), keys)) {
                Ok(file) => {
                    let text = format!("Successfully created the temporary AOF base file {file}");
                    parent.say(Line::notice(text));
                    parent.done(name(Job::Rewrite));
                    true
                }
                Err(line) => {
                    parent.say(line);
                    false
                }
            }
        })?;
        self.adopt(Job::Rewrite, child, micros, token)
    }

    /// Takes a child in, to be heard.
    fn adopt(&mut self, job: Job, mut child: Child, micros: u64, token: Token) -> std::io::Result<Started> {
        let pid = child.pid();
        if let Err(error) = self.poll.registry().register(&mut child.pipe, token, Interest::READABLE) {
            child.kill();
            child.end();
            return Err(error);
        }
        self.child = Some(Running { job, child });
        Ok(Started { pid, micros })
    }

    /// Ends the child that does a job. Whoever had a rewrite stopped may want another child at once, so that is waited for.
    pub(super) fn stop(&mut self, job: Job) {
        match &self.child {
            Some(running) if running.job == job => running.child.kill(),
            _ => return,
        }
        if job == Job::Rewrite {
            self.end_child();
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
            match running.job {
                Job::Snapshot => drop(std::fs::remove_file(output::beside(pid))),
                Job::Rewrite => rewrite::remove(pid),
            }
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
