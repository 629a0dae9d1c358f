//! Patterns, found by the name of a channel without trying them all.
//!
//! A pattern begins with bytes that stand for themselves: `news.` in `news.*`. Patterns are kept by that beginning, so a
//! channel's name is looked up once for each length that such beginnings have, and only the patterns found there are
//! matched. A thousand patterns on a thousand topics cost a lookup or two.

use crate::boundary::ConnId;
use base::glob;
use base::map::{SipMap, SipState};
use std::collections::BTreeMap;

/// A pattern and its listeners, in the order of their numbers.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) text: Box<[u8]>,
    pub(super) line: Vec<ConnId>,
}

/// All patterns that someone listens to.
#[derive(Debug)]
pub(super) struct Patterns {
    by_beginning: SipMap<Box<[u8]>, Vec<Pattern>>,
    /// How many beginnings there are of each length.
    lengths: BTreeMap<usize, usize>,
    count: usize,
}

/// The bytes of a pattern that stand for themselves, up to the first that does not.
fn beginning(pattern: &[u8]) -> &[u8] {
    let special = pattern.iter().position(|byte| matches!(byte, b'*' | b'?' | b'[' | b'\\'));
    &pattern[..special.unwrap_or(pattern.len())]
}

impl Patterns {
    pub(super) fn new(hasher: SipState) -> Patterns {
        Patterns { by_beginning: SipMap::with_hasher(hasher), lengths: BTreeMap::new(), count: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Adds a listener to a pattern.
    pub(super) fn enter(&mut self, text: &[u8], conn: ConnId) {
        let start = beginning(text);
        if !self.by_beginning.contains_key(start) {
            *self.lengths.entry(start.len()).or_default() += 1;
        }
        let group = self.by_beginning.entry(start.into()).or_default();
        let pattern = match group.iter_mut().position(|pattern| *pattern.text == *text) {
            Some(at) => &mut group[at],
            None => {
                self.count += 1;
                group.push_mut(Pattern { text: text.into(), line: Vec::new() })
            }
        };
        super::registry::enter(&mut pattern.line, conn);
    }

    /// Takes a listener from a pattern.
    pub(super) fn leave(&mut self, text: &[u8], conn: ConnId) {
        let start = beginning(text);
        let Some(group) = self.by_beginning.get_mut(start) else { return };
        let Some(at) = group.iter().position(|pattern| *pattern.text == *text) else { return };
        if super::registry::leave(&mut group[at].line, conn) {
            group.swap_remove(at);
            self.count -= 1;
        }
        if group.is_empty() {
            self.by_beginning.remove(start);
            if let Some(count) = self.lengths.get_mut(&start.len()) {
                *count -= 1;
                if *count == 0 {
                    self.lengths.remove(&start.len());
                }
            }
        }
    }

    /// The patterns that the name of a channel matches.
    pub(super) fn matching<'s>(&'s self, channel: &'s [u8]) -> impl Iterator<Item = &'s Pattern> {
        let lengths = self.lengths.range(..=channel.len()).map(|(length, _)| *length);
        lengths
            .filter_map(|length| self.by_beginning.get(&channel[..length]))
            .flatten()
            .filter(|pattern| glob::matches(&pattern.text, channel, false))
    }
}
