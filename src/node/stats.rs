//! Counters that INFO shows.

use crate::histogram::Histogram;
use base::map::Map;
use catalog::CommandId;

/// What is counted of one command.
#[derive(Clone, Debug, Default)]
pub struct CommandStats {
    /// How often it ran.
    pub calls: u64,
    /// How long, in all, in microseconds.
    pub micros: u64,
    /// How often it was refused before it ran.
    pub rejected: u64,
    /// How often it ran and failed.
    pub failed: u64,
    /// How long each time, once it ran while that was tracked.
    pub latency: Option<Box<Histogram>>,
}

/// A rate, as the mean of the last samples of a counter.
#[derive(Clone, Debug, Default)]
pub struct Rate {
    samples: [u64; 16],
    next: usize,
    last: Option<(u64, u64)>,
}

impl Rate {
    /// Notes what the counter says at `micros` on the monotonic clock.
    pub fn sample(&mut self, count: u64, micros: u64) {
        if let Some((before, since)) = self.last {
            let elapsed = micros.saturating_sub(since).max(1);
            self.samples[self.next] = count.saturating_sub(before).saturating_mul(1_000_000) / elapsed;
            self.next = (self.next + 1) % self.samples.len();
        }
        self.last = Some((count, micros));
    }

    /// By how much the counter grows in a second.
    pub(crate) fn per_second(&self) -> u64 {
        self.samples.iter().sum::<u64>() / self.samples.len() as u64
    }
}

/// What was handed to the shell to be freed, since the node began.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Handed {
    /// Values.
    pub objects: u64,
    /// Bytes, as far as they are known.
    pub bytes: u64,
    /// Values freed by the shell that CONFIG RESETSTAT has made to be forgotten.
    pub forgotten: u64,
}

/// What is counted of the loop that serves. A turn is what it does between two waits.
#[derive(Debug, Default)]
pub struct Turns {
    /// How many there were.
    pub count: u64,
    /// How long they took, in microseconds.
    pub micros: u64,
    /// How long the longest took.
    pub longest: u64,
    /// How much of that commands took.
    pub command_micros: u64,
    /// How much of that periodic work took.
    pub cron_micros: u64,
    /// How many commands the fullest one ran.
    pub most_commands: u64,
    /// How many had run by the end of the last one.
    commands_before: u64,
    /// How many there are in a second.
    pub rate: Rate,
    /// How long one takes.
    pub length: Rate,
}

impl Turns {
    /// Counts a turn of so many microseconds, at the end of which so many commands have run in all.
    #[inline]
    pub fn add(&mut self, micros: u64, commands: u64) {
        self.count += 1;
        self.micros += micros;
        self.longest = self.longest.max(micros);
        self.most_commands = self.most_commands.max(commands.saturating_sub(self.commands_before));
        self.commands_before = commands;
    }

    pub(crate) fn sample(&mut self, mono_us: u64) {
        self.rate.sample(self.count, mono_us);
        // Microseconds by turns, where the other rates have something by microseconds.
        self.length.sample(self.micros, self.count * 1_000_000);
    }
}

/// What is counted of the threads that read and write beside the one that serves.
#[derive(Debug, Default)]
pub struct Threaded {
    /// Batches of requests that they read.
    pub reads: u64,
    /// Times that they wrote what they were given.
    pub writes: u64,
    /// Groups of their requests that were prefetched.
    pub prefetch_batches: u64,
    /// The keys of these groups.
    pub prefetch_entries: u64,
    /// How often they had asked which sockets are ready when the counters were last set to zero.
    pub polls_before: u64,
}

/// How often users were denied something.
#[derive(Clone, Copy, Debug, Default)]
pub struct Denied {
    /// To log in, with what is not a user and its password.
    pub auth: u64,
    /// A command.
    pub command: u64,
    /// A key.
    pub key: u64,
    /// A channel.
    pub channel: u64,
}

/// Seconds that count as recent.
const RECENT: usize = 8;

/// The largest buffers that clients had in each of the last seconds.
#[derive(Debug, Default)]
pub struct Buffers {
    /// By second: which one, the bytes of the largest input and of the largest output.
    peaks: [(u64, usize, usize); RECENT],
}

impl Buffers {
    /// Takes note of a client's, in a second of the monotonic clock.
    pub fn note(&mut self, second: u64, input: usize, output: usize) {
        let peak = &mut self.peaks[second as usize % RECENT];
        if peak.0 != second {
            *peak = (second, 0, 0);
        }
        *peak = (second, peak.1.max(input), peak.2.max(output));
    }

    /// The largest input and the largest output of late.
    pub fn largest(&self, second: u64) -> (usize, usize) {
        let recent = self.peaks.iter().filter(|peak| peak.0 + RECENT as u64 > second);
        recent.fold((0, 0), |largest, peak| (largest.0.max(peak.1), largest.1.max(peak.2)))
    }
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
    /// Clients closed because all together took too much memory.
    pub evicted_clients: u64,
    /// Batches of requests taken in.
    pub reads: u64,
    /// Times output went out.
    pub writes: u64,
    /// The largest buffers of clients.
    pub buffers: Buffers,
    /// The loop.
    pub turns: Turns,
    /// The threads beside it.
    pub threaded: Threaded,
    /// How many commands run in a second.
    pub command_rate: Rate,
    /// How many bytes come in a second.
    pub input_rate: Rate,
    /// How many bytes go in a second.
    pub output_rate: Rate,
    /// What users were denied.
    pub denied: Denied,
    /// The highest memory use seen.
    pub peak_memory: usize,
}

/// How many codes there may be when one that a script made up is still counted by itself.
const MAX_ERROR_CODES: usize = 128;
/// What is counted in place of the others that scripts make up.
const OTHER_CODES: &[u8] = b"ERRORSTATS_OVERFLOW";
/// A code is at most so long; what does not end by then has none.
const LONGEST_CODE: usize = 30;
const USUAL_CODE: &[u8] = b"ERR";

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

    /// Counts a command that ran.
    #[inline]
    pub fn ran(&mut self, id: CommandId, micros: u64, tracked: bool) {
        let stats = &mut self.commands[id.index()];
        stats.calls += 1;
        stats.micros += micros;
        if tracked {
            stats.latency.get_or_insert_default().record(micros);
        }
    }

    /// Counts an error reply by its code.
    #[cold]
    pub fn error(&mut self, text: &[u8]) {
        self.count_error(code(text));
    }

    /// Counts an error reply whose text a script made up. Of these, only so many codes are told apart.
    #[cold]
    pub(crate) fn scripted_error(&mut self, text: &[u8]) {
        let code = code(text);
        let told_apart = self.errors.len() < MAX_ERROR_CODES || self.errors.contains_key(code);
        self.count_error(if told_apart { code } else { OTHER_CODES });
    }

    fn count_error(&mut self, code: &[u8]) {
        self.error_replies += 1;
        match self.errors.get_mut(code) {
            Some(count) => *count += 1,
            None => {
                self.errors.insert(code.to_vec(), 1);
            }
        }
    }
}

/// The code of an error: its first word, if there is another one behind it.
fn code(text: &[u8]) -> &[u8] {
    let start = &text[..text.len().min(LONGEST_CODE + 1)];
    start.iter().position(|&byte| byte == b' ').map_or(USUAL_CODE, |end| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_buffers_are_forgotten_after_some_seconds() {
        let mut buffers = Buffers::default();
        buffers.note(100, 50, 7);
        buffers.note(103, 20, 30);
        buffers.note(103, 10, 10);
        assert_eq!(buffers.largest(107), (50, 30));
        assert_eq!(buffers.largest(108), (20, 30));
        buffers.note(108, 1, 1);
        assert_eq!(buffers.largest(110), (20, 30));
        assert_eq!(buffers.largest(111), (1, 1));
        assert_eq!(buffers.largest(116), (0, 0));
    }

    #[test]
    fn errors_are_counted_by_their_codes() {
        let mut stats = Stats::new();
        let long = "X".repeat(30);
        for text in ["ERR a", "WRONGTYPE b", "nothing", "ERR c", &format!("{long} d"), &format!("{long}X e")]
        {
            stats.error(text.as_bytes());
        }
        assert_eq!(stats.error_replies, 6);
        assert_eq!(stats.errors[b"ERR".as_slice()], 4, "what has no code is an ordinary error");
        assert_eq!(stats.errors[b"WRONGTYPE".as_slice()], 1);
        assert_eq!(stats.errors[long.as_bytes()], 1);
    }

    #[test]
    fn scripts_cannot_make_up_codes_without_end() {
        let mut stats = Stats::new();
        for number in 1..=1100 {
            stats.scripted_error(format!("{number} message").as_bytes());
        }
        assert_eq!(stats.errors[OTHER_CODES], 972);
        stats.error(b"NEW message");
        stats.scripted_error(b"1 message");
        assert_eq!((stats.errors[b"NEW".as_slice()], stats.errors[b"1".as_slice()]), (1, 2));
        assert_eq!(stats.error_replies, 1102);
    }
}
