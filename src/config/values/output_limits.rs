//! `client-output-buffer-limit`: how far a client may fall behind in reading its replies before it is closed.

use super::join;
use crate::error::Reason;
use crate::form::{Args, Context, FileLine, Form};
use crate::number::{memory_text, parse_lenient};
use crate::words::until_nul;
use base::units::parse_memory;

/// The limits of one class of clients; a zero is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutputLimit {
    /// Above these bytes the client is closed at once.
    pub hard_bytes: u64,
    /// Above these bytes it is closed after a while.
    pub soft_bytes: u64,
    /// How long it may stay above the soft limit.
    pub soft_seconds: u32,
}

/// The limits of the three classes of clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputLimits {
    /// Clients that send commands and read replies.
    pub normal: OutputLimit,
    /// Replicas.
    pub replica: OutputLimit,
    /// Subscribers.
    pub pubsub: OutputLimit,
}

impl Default for OutputLimits {
    fn default() -> Self {
        Self {
            normal: OutputLimit::default(),
            replica: OutputLimit { hard_bytes: 256 << 20, soft_bytes: 64 << 20, soft_seconds: 60 },
            pubsub: OutputLimit { hard_bytes: 32 << 20, soft_bytes: 8 << 20, soft_seconds: 60 },
        }
    }
}

/// The form of [`OutputLimits`]: groups of class, hard limit, soft limit, seconds. Classes not named keep theirs.
pub(crate) struct OutputLimitList;

impl Form<OutputLimits> for OutputLimitList {
    fn parse(&self, args: Args<'_>, context: &Context<'_, OutputLimits>) -> Result<OutputLimits, Reason> {
        let (groups, rest) = args.as_chunks::<4>();
        if !rest.is_empty() {
            return Err("Wrong number of arguments in buffer limit configuration.".into());
        }
        let mut limits = *context.old;
        for &[class, hard, soft, seconds] in groups {
            let limit = match until_nul(class).to_ascii_lowercase().as_slice() {
                b"normal" => &mut limits.normal,
                b"replica" | b"slave" => &mut limits.replica,
                b"pubsub" => &mut limits.pubsub,
                _ => return Err("Invalid client class specified in buffer limit configuration.".into()),
            };
            *limit = parse_limit(hard, soft, seconds)
                .ok_or("Error in hard, soft or soft_seconds setting in buffer limit configuration.")?;
        }
        Ok(limits)
    }

    /// Replicas are shown by their old name, which clients look for.
    fn show(&self, value: &OutputLimits) -> Vec<u8> {
        let classes = [("normal", value.normal), ("slave", value.replica), ("pubsub", value.pubsub)];
        join(classes.map(|(class, limit)| {
            format!("{class} {} {} {}", limit.hard_bytes, limit.soft_bytes, limit.soft_seconds)
        }))
    }

    fn file_lines(&self, value: &OutputLimits, default: &OutputLimits) -> Vec<FileLine> {
        let classes = [
            ("normal", value.normal, default.normal),
            ("replica", value.replica, default.replica),
            ("pubsub", value.pubsub, default.pubsub),
        ];
        let line = |(class, limit, default): (&str, OutputLimit, OutputLimit)| {
            let (hard, soft) = (memory_text(limit.hard_bytes), memory_text(limit.soft_bytes));
            let value = format!("{class} {hard} {soft} {}", limit.soft_seconds).into_bytes();
            FileLine { value, needed: limit != default }
        };
        classes.into_iter().map(line).collect()
    }
}

fn parse_limit(hard: &[u8], soft: &[u8], seconds: &[u8]) -> Option<OutputLimit> {
    let (seconds, _) = parse_lenient(until_nul(seconds), 10)?;
    Some(OutputLimit {
        hard_bytes: parse_memory(until_nul(hard))?,
        soft_bytes: parse_memory(until_nul(soft))?,
        // The reference keeps the low 32 bits, so a huge number can still be a small one.
        soft_seconds: u32::try_from(seconds as i32).ok()?,
    })
}
