//! A call: a request that names a command which exists. What runs commands, counts them and takes note of them passes it on.

use catalog::CommandId;
use conn::{Args, Batch, Head};

/// A command, its words, and what was found out when they were read.
pub(crate) struct Call<'a> {
    /// The command.
    pub(crate) id: CommandId,
    /// Its words, the name first.
    pub(crate) args: Args<'a>,
    /// Its place in the batch, with the hash of its first key.
    pub(crate) head: &'a Head,
}

impl<'a> Call<'a> {
    /// The only request of a batch, unless it names no command.
    pub(crate) fn alone_in(batch: &'a Batch) -> Option<Call<'a>> {
        let head = batch.requests.first()?;
        Some(Call { id: head.command.ok()?, args: batch.args(head), head })
    }

    /// A copy, as the only request of a batch.
    pub(crate) fn to_batch(&self) -> Batch {
        Batch::of_request(self.head, self.args)
    }
}
