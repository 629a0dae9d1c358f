//! What INFO shows of the append-only file.

use super::State;
use crate::boundary::Now;
use crate::job::Job;
use crate::node::Node;

/// The figures.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) enabled: bool,
    pub(crate) rewriting: bool,
    pub(crate) scheduled: bool,
    pub(crate) last_rewrite_s: i64,
    pub(crate) current_rewrite_s: i64,
    pub(crate) rewrite_ok: bool,
    pub(crate) rewrites: u64,
    pub(crate) failures: u64,
    pub(crate) write_ok: bool,
    pub(crate) copied: u64,
    /// What is shown only where there is an append-only file.
    pub(crate) file: Option<FileFigures>,
}

/// The figures of the files.
#[derive(Debug)]
pub(crate) struct FileFigures {
    pub(crate) current_len: u64,
    pub(crate) base_len: u64,
    pub(crate) buffered: usize,
    pub(crate) pending_syncs: usize,
    pub(crate) delayed: u64,
}

impl Node {
    /// What INFO shows of the append-only file.
    pub(crate) fn aof_figures(&self, now: Now<'_>) -> Figures {
        let (aof, rewrite) = (&self.aof, &self.aof.rewrite);
        let child = self.persistence.child.as_ref().filter(|child| child.job == Job::Rewrite);
        let file = FileFigures {
            current_len: aof.current_len,
            base_len: aof.base_len,
            buffered: self.readers.aof.bytes.len(),
            pending_syncs: usize::from(aof.syncing.is_some()),
            delayed: aof.delayed,
        };
        Figures {
            enabled: aof.state != State::Off,
            rewriting: child.is_some(),
            scheduled: rewrite.scheduled,
            last_rewrite_s: rewrite.last_s,
            current_rewrite_s: child.map_or(-1, |child| now.unix_s() - child.since_s),
            rewrite_ok: !rewrite.failed,
            rewrites: rewrite.count,
            failures: rewrite.failures,
            write_ok: aof.write_error.is_none() && aof.sync_error.is_none(),
            copied: rewrite.copied,
            file: self.config.aof.appendonly.then_some(file),
        }
    }

    /// Bytes of memory that hold what is still to be written.
    pub(crate) fn aof_buffer(&self) -> usize {
        match self.aof.state {
            State::Off => 0,
            _ => self.readers.aof.bytes.capacity(),
        }
    }

    /// Sets counters to zero.
    pub(crate) fn reset_aof_figures(&mut self) {
        self.aof.delayed = 0;
        self.aof.rewrite.count = 0;
    }
}
