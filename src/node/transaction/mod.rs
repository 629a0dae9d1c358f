//! Transactions: commands put by after MULTI and run together by EXEC; and keys watched for changes in between.
//!
//! ```text
//! MULTI   -> a queue                     each command that is admitted joins it: +QUEUED
//! EXEC    -> run one after the other     or nothing: an error while queueing, a watched key that changed
//! ```
//!
//! A queued command is run as any other, save that it must not wait. One that sends the shell on an errand (`CONFIG SET`)
//! holds the queue up until the shell has answered; nothing else is taken in meanwhile.

mod run;
#[cfg(test)]
mod tests;
mod watch;
mod watched;

pub(crate) use watch::Watches;

use crate::call::Call;
use catalog::{CommandId, Flags, id};
use commands::Writes;
use conn::{Batch, Head};

/// How many bytes of requests one batch of the queue takes: far fewer than its spans can count.
const BATCH_BYTES: usize = 64 << 20;

/// The commands put by since MULTI.
#[derive(Debug, Default)]
pub(crate) struct Transaction {
    queue: Vec<Batch>,
    len: usize,
    /// What the queued commands are, together.
    pub(crate) flags: Flags,
    /// Whether a command was refused that should have joined.
    pub(crate) spoiled: bool,
    /// The next command to run: its batch, and its place there.
    next: (usize, usize),
    /// What is to be repeated of the commands that have been run, while the next one waits for the shell.
    writes: Writes,
}

impl Transaction {
    /// How many commands there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The bytes that they take.
    pub(crate) fn memory(&self) -> usize {
        self.queue.iter().map(Batch::memory).sum()
    }

    /// Keeps what is to be repeated of a command that has waited, and of those before it.
    pub(crate) fn keep_writes(&mut self, writes: Writes) {
        self.writes = writes;
    }

    fn push(&mut self, flags: Flags, call: &Call<'_>) {
        if self.queue.last().is_none_or(|batch| batch.bytes.len() > BATCH_BYTES) {
            self.queue.push(Batch::default());
        }
        if let Some(batch) = self.queue.last_mut() {
            batch.append(call.head, call.args);
        }
        self.flags = self.flags.union(flags);
        self.len += 1;
    }

    /// The next command.
    fn next(&mut self) -> Option<(&Batch, Head)> {
        let (mut batch, mut request) = self.next;
        if self.queue.get(batch)?.requests.len() == request {
            (batch, request) = (batch + 1, 0);
        }
        self.next = (batch, request + 1);
        let batch = self.queue.get(batch)?;
        Some((batch, *batch.requests.get(request)?))
    }
}

/// Whether a command joins the queue of a transaction instead of being run.
#[inline]
pub(crate) fn joins(command: CommandId) -> bool {
    const AT_ONCE: [CommandId; 4] = [id("exec"), id("discard"), id("quit"), id("reset")];
    !AT_ONCE.contains(&command)
}
