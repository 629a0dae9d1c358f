//! Counters that INFO shows.

use base::map::Map;
use catalog::CommandId;

/// What is counted of one command.
#[derive(Clone, Copy, Debug, Default)]
pub struct CommandStats {
    /// How often it ran.
    pub calls: u64,
    /// How long, in all, in microseconds.
    pub micros: u64,
    /// How often it was refused before it ran.
    pub rejected: u64,
    /// How often it ran and failed.
    pub failed: u64,
}

/// What is counted of the server.
#[derive(Debug, Default)]
pub struct Stats {
    /// By command.
    pub commands: Vec<CommandStats>,
    /// Errors by code.
    pub errors: Map<Vec<u8>, u64>,
    /// Connections that were let in.
    pub connections: u64,
    /// Connections that were turned away.
    pub rejected_connections: u64,
    /// Commands that ran.
    pub processed: u64,
    /// Error replies.
    pub error_replies: u64,
    /// Bytes read.
    pub bytes_in: u64,
    /// Bytes written.
    pub bytes_out: u64,
    /// Times a client was let go because its output grew over its limit.
    pub output_limit_disconnections: u64,
    /// Times a client was let go because its input grew over the limit.
    pub query_limit_disconnections: u64,
    /// Keys evicted.
    pub evicted_keys: u64,
    /// The highest memory use seen.
    pub peak_memory: usize,
}

/// No more codes than this are told apart: a client can make them up.
const MAX_ERROR_CODES: usize = 128;

impl Stats {
    /// Everything at zero.
    pub fn new() -> Stats {
        Stats { commands: vec![CommandStats::default(); catalog::COUNT], ..Stats::default() }
    }

    /// What is counted of `id`.
    #[inline]
    pub fn of(&mut self, id: CommandId) -> &mut CommandStats {
        &mut self.commands[id.index()]
    }

    /// Counts an error reply by its code, its first word.
    #[cold]
    pub fn error(&mut self, text: &[u8]) {
        self.error_replies += 1;
        let code = text.split(|&b| b == b' ').next().unwrap_or_default();
        if let Some(count) = self.errors.get_mut(code) {
            *count += 1;
        } else if self.errors.len() < MAX_ERROR_CODES {
            self.errors.insert(code.to_vec(), 1);
        }
    }
}
