//! What happened in a world, as one number, and as text when asked for.

use base::siphash::{Hasher, Key};
use std::fmt::Write;
use std::hash::Hasher as _;

/// The events of a run, folded together in their order.
#[derive(Debug)]
pub struct Trace {
    hasher: Hasher,
    /// How many there were.
    pub events: u64,
    /// The events as lines, when wanted.
    pub lines: Option<String>,
}

impl Trace {
    /// Nothing has happened.
    pub fn new() -> Trace {
        Trace { hasher: Hasher::new(&Key::new(0, 0)), events: 0, lines: None }
    }

    /// Something happens at a time, to a connection (or none: zero), with these bytes.
    pub fn event(&mut self, at_us: u64, what: &str, conn: u32, bytes: &[u8]) {
        self.events += 1;
        self.hasher.write_u64(at_us);
        self.hasher.write(what.as_bytes());
        self.hasher.write_u32(conn);
        self.hasher.write_usize(bytes.len());
        self.hasher.write(bytes);
        if let Some(lines) = &mut self.lines {
            let _ = writeln!(lines, "{at_us:>12} {what:<8} {conn:>4} {}", bytes.escape_ascii());
        }
    }

    /// The number.
    pub fn hash(&self) -> u64 {
        self.hasher.finish()
    }
}

impl Default for Trace {
    fn default() -> Trace {
        Trace::new()
    }
}
