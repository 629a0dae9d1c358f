//! `save`: after how many seconds and changes a snapshot is taken.

use super::{EMPTY, join};
use crate::error::Reason;
use crate::form::{Args, Context, FileLine, Form, Source};
use crate::number::parse_lenient;
use crate::words::until_nul;

/// A snapshot is due when both numbers are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavePoint {
    /// Seconds since the last snapshot, at least 1.
    pub seconds: i64,
    /// Changes since the last snapshot.
    pub changes: i32,
}

/// The conditions of which any is enough; none means no snapshots by themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavePoints(Vec<SavePoint>);

impl Default for SavePoints {
    fn default() -> Self {
        Self(
            [(3600, 1), (300, 100), (60, 10000)]
                .map(|(seconds, changes)| SavePoint { seconds, changes })
                .to_vec(),
        )
    }
}

impl SavePoints {
    /// The conditions in the order they were given.
    pub fn as_slice(&self) -> &[SavePoint] {
        &self.0
    }
}

/// The form of [`SavePoints`]. In a file the lines add up, except that the first one drops the default; CONFIG SET
/// replaces them all.
pub(crate) struct SavePointList;

impl Form<SavePoints> for SavePointList {
    fn parse(&self, args: Args<'_>, context: &Context<'_, SavePoints>) -> Result<SavePoints, Reason> {
        let cleared = matches!(args, [first] if until_nul(first).is_empty());
        let args = if cleared { &[] } else { args };
        let mut points = match context.source {
            Source::File { first: false } if !cleared => context.old.0.clone(),
            _ => Vec::new(),
        };
        let (pairs, rest) = args.as_chunks::<2>();
        if !rest.is_empty() {
            return Err("Invalid save parameters".into());
        }
        for &[seconds, changes] in pairs {
            points.push(parse_point(seconds, changes).ok_or("Invalid save parameters")?);
        }
        Ok(SavePoints(points))
    }

    fn show(&self, value: &SavePoints) -> Vec<u8> {
        join(value.0.iter().map(|point| format!("{} {}", point.seconds, point.changes)))
    }

    /// Always written, so that a later server with other defaults keeps the same conditions.
    fn file_lines(&self, value: &SavePoints, _: &SavePoints) -> Vec<FileLine> {
        let text = if value.0.is_empty() { EMPTY.to_vec() } else { self.show(value) };
        vec![FileLine { value: text, needed: true }]
    }
}

fn parse_point(seconds: &[u8], changes: &[u8]) -> Option<SavePoint> {
    let (seconds, _) = parse_lenient(until_nul(seconds), 10)?;
    let (changes, _) = parse_lenient(until_nul(changes), 10)?;
    // The reference checks the whole number of changes and keeps its low 32 bits.
    (seconds >= 1 && changes >= 0).then_some(SavePoint { seconds, changes: changes as i32 })
}
