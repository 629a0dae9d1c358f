//! The append-only file, as the loop works on it: what the node asks for, with how long it took.

use super::Server;
use node::{Input, Meter};

impl Server {
    /// Appends bytes.
    pub(super) fn append(&mut self, bytes: Vec<u8>) {
        let began = self.clock.micros();
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
}
