//! Trimming: old entries go until few enough are left, or until the rest is young enough.

use super::entries::Entries;
use super::id::Id;

/// What is to be left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// So many entries.
    Length(u64),
    /// The entries from this ID on.
    From(Id),
}

/// How to trim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trim {
    /// What is to be left.
    pub keep: Keep,
    /// Whether only whole nodes go, and more than that may be left.
    pub whole_nodes: bool,
    /// How many entries go at most; 0 is no limit. It counts by whole nodes.
    pub limit: u64,
}

impl Entries {
    /// Trims; answers how many entries went.
    pub fn trim(&mut self, trim: &Trim) -> u64 {
        let mut deleted = 0;
        while let Some(node) = self.nodes.front_mut() {
            let live = u64::from(node.live);
            let done = matches!(trim.keep, Keep::Length(most) if self.length <= most);
            if done || (trim.limit != 0 && deleted + live > trim.limit) {
                break;
            }
            let goes_whole = match trim.keep {
                Keep::Length(most) => self.length - live >= most,
                Keep::From(id) => node.backward().next().map_or(Id::MIN, |entry| entry.id) < id,
            };
            if goes_whole {
                self.nodes.pop_front();
                self.length -= live;
                deleted += live;
                continue;
            }
            if !trim.whole_nodes {
                let marked = match trim.keep {
                    Keep::Length(most) => node.delete_while(|_, marked| self.length - marked > most),
                    Keep::From(from) => node.delete_while(|id, _| id < from),
                };
                self.length -= marked;
                deleted += marked;
            }
            break;
        }
        if deleted > 0 || self.length == 0 {
            self.find_first();
        }
        deleted
    }
}
