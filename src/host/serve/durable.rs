//! The append-only file, as the loop works on it: what the node asks for, with how long it took.

use super::{Commands, Server};
use crate::persist::snapshot::Delay;
use crate::{log, sys};
use mio::Events;
use node::aof::load::Refused;
use node::{Input, Meter};
use std::io;
use std::time::Duration;

impl Server {
    /// Appends bytes.
    pub(super) fn append(&mut self, bytes: Vec<u8>) {
        let began = self.clock.micros();
        self.append_only.pause_us = self.node.append_pause_us();
        let appended = self.append_only.append(bytes);
        let now = self.clock.now();
        self.node.note_append(now, now.mono_us.saturating_sub(began));
        self.node.handle(now, Input::Appended(appended));
    }

    /// Puts what was appended on the disk, before anything else is done.
    pub(super) fn sync(&mut self) {
        let began = self.clock.micros();
        let result = self.append_only.sync();
        let now = self.clock.now();
        let micros = now.mono_us.saturating_sub(began);
        self.group.took(micros);
        self.node.note_latency(now, "aof-fsync-always", micros);
        self.node.handle(now, Input::Synced(result));
    }

    /// Lets those who are about to ask come before a sync, so that it serves them too. Before this turn there had been so
    /// many commands.
    pub(super) fn gather(&mut self, events: &mut Events, commands: u64) -> io::Result<()> {
        let clients = (self.connections.len() - self.free.len()) as u64;
        let come = |server: &Server| server.node.stats.processed - commands;
        if come(self) >= clients {
            return Ok(());
        }
        let Some(mut wait) = self.group.begin(come(self)) else { return Ok(()) };
        while let Some(nap) = wait.nap() {
            let before = self.clock.micros();
            sys::nap(nap);
            self.waited_us += self.clock.micros() - before;
            self.hear();
            match self.poll.poll(events, Some(Duration::ZERO)) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                Err(_) => {}
                Ok(()) => self.attend(events),
            }
            wait.saw(come(self));
            if !self.node.awaits_sync() || come(self) >= clients {
                break;
            }
        }
        self.group.end(&wait);
        Ok(())
    }

    /// Tells the node of syncs in the background that have ended.
    pub(super) fn synced_aside(&mut self) {
        while let Some(result) = self.append_only.synced_aside() {
            self.node.handle(self.clock.now(), Input::SyncedAside(result));
        }
    }

    /// Looks for append-only files when the server starts, if there are to be any.
    pub(super) fn begin_commands(&mut self) {
        if self.node.config.aof.appendonly {
            self.survey();
        }
    }

    /// Loads the files again, in the place of the data.
    pub(super) fn load_again(&mut self) {
        self.node.empty_for_reload(self.clock.now());
        self.survey();
    }

    /// Looks for append-only files; they are then loaded piece by piece.
    fn survey(&mut self) {
        match self.node.survey_aof(self.clock.now(), &mut self.append_only) {
            Ok(Some(commands)) => self.commands = Some(commands),
            Ok(None) => self.end_commands(None),
            Err(refused) => self.refuse(&refused),
        }
    }

    /// Loads a piece of them.
    pub(super) fn load_commands(&mut self) {
        if self.clock.micros() < self.commands_due_us {
            return;
        }
        let Some(mut commands) = self.commands.take() else { return };
        let before = commands.commands;
        match commands.step(self.clock.now(), &mut self.node, &mut self.append_only) {
            Ok(true) => {
                let delay = Delay(self.node.config.snapshot.key_load_delay).time(commands.commands - before);
                self.commands_due_us = self.clock.micros() + delay.as_micros() as u64;
                self.commands = Some(commands);
            }
            Ok(false) => self.end_commands(Some(&commands)),
            Err(refused) => self.refuse(&refused),
        }
    }

    /// They are loaded, and one is opened to be written.
    fn end_commands(&mut self, loaded: Option<&Commands>) {
        if let Err(refused) = self.node.open_aof(self.clock.now(), &mut self.append_only, loaded) {
            self.refuse(&refused);
        }
    }

    /// The files cannot be used: nothing is served.
    fn refuse(&mut self, refused: &Refused) {
        self.perform();
        refused.0.iter().for_each(|line| log::write(&self.node.config, line));
        self.exit = Some(1);
    }
}
