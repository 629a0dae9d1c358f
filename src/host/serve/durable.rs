//! The append-only file, as the loop works on it: what the node asks for, with how long it took.

use super::{Commands, Server};
use crate::log;
use crate::persist::snapshot::Delay;
use base::log::Line;
use node::aof::load::Refused;
use node::{Failure, Input, Meter};

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
        self.node.note_latency(now, "aof-fsync-always", now.mono_us.saturating_sub(began));
        self.node.handle(now, Input::Synced(result));
    }

    /// Tells the node of syncs in the background that have ended.
    pub(super) fn synced_aside(&mut self) {
        while let Some(result) = self.append_only.synced_aside() {
            self.node.handle(self.clock.now(), Input::SyncedAside(result));
        }
    }

    /// Looks for append-only files when the server starts, if there are to be any.
    pub(super) fn begin_commands(&mut self) {
        if !self.node.config.aof.appendonly {
            return;
        }
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

    /// Loads the files again, in the place of the data, while everything waits.
    pub(super) fn load_again(&mut self) -> Result<(), Failure> {
        self.node.empty_for_reload(self.clock.now());
        let result = self.node.survey_aof(self.clock.now(), &mut self.append_only).and_then(|commands| {
            let Some(mut commands) = commands else { return Ok(()) };
            let (delay, mut before) = (Delay(self.node.config.snapshot.key_load_delay), 0);
            while commands.step(self.clock.now(), &mut self.node, &mut self.append_only)? {
                delay.dawdle(commands.commands - before);
                before = commands.commands;
                self.node.defragment_meanwhile(self.clock.now());
            }
            Ok(())
        });
        if let Err(Refused(lines)) = result {
            lines.iter().for_each(|line| log::write(&self.node.config, line));
            log::write(
                &self.node.config,
                &Line::warning("Error trying to load the AOF files, check server logs."),
            );
            self.exit = Some(1);
            let text = "Error trying to load the AOF files, check server logs.".to_owned();
            return Err(Failure { directive: None, text });
        }
        self.node.reloaded_aof();
        Ok(())
    }
}
