//! Patterns of keys, and what may be done to the keys that match.

use base::glob;
use catalog::{KeyFlag, KeyFlags};

/// Reading, writing, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Access(u8);

impl Access {
    pub(crate) const NONE: Access = Access(0);
    pub(crate) const READ: Access = Access(1);
    pub(crate) const WRITE: Access = Access(2);
    pub(crate) const FULL: Access = Access(3);

    /// What a command needs that does this to a key. Where it touches nothing that users stored, as EXISTS does, any
    /// pattern that matches will do.
    pub(crate) fn needed(flags: KeyFlags) -> Access {
        const WRITES: KeyFlags = KeyFlags::of(&[KeyFlag::Insert, KeyFlag::Delete, KeyFlag::Update]);
        let read = if flags.has(KeyFlag::Access) { Access::READ } else { Access::NONE };
        if flags.intersects(WRITES) { read.and(Access::WRITE) } else { read }
    }

    /// Both this and the other.
    pub(crate) fn and(self, other: Access) -> Access {
        Access(self.0 | other.0)
    }

    /// Whether the other is part of this.
    pub(crate) fn covers(self, other: Access) -> bool {
        self.0 & other.0 == other.0
    }
}

/// How a text is matched: most patterns are a name, or what names begin with, and a comparison does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Exact,
    Prefix,
    Glob,
}

/// A pattern of names, with the fastest way to match it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    text: Box<[u8]>,
    way: Way,
}

impl Pattern {
    pub(crate) fn new(text: &[u8]) -> Pattern {
        let plain = glob::literal_prefix(text);
        let way = match &text[plain.len()..] {
            [] => Way::Exact,
            [b'*'] => Way::Prefix,
            _ => Way::Glob,
        };
        Pattern { text: text.into(), way }
    }

    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Whether every name matches.
    pub(crate) fn is_star(&self) -> bool {
        *self.text == *b"*"
    }

    #[inline]
    pub(crate) fn matches(&self, name: &[u8]) -> bool {
        match self.way {
            Way::Exact => *self.text == *name,
            // Quirk of the reference: no star matches the empty name.
            Way::Prefix => !name.is_empty() && name.starts_with(&self.text[..self.text.len() - 1]),
            Way::Glob => glob::matches(&self.text, name, false),
        }
    }
}

/// A pattern of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyPattern {
    pub(crate) pattern: Pattern,
    pub(crate) access: Access,
}

impl KeyPattern {
    /// Appends the word that makes it.
    pub(crate) fn describe(&self, out: &mut Vec<u8>) {
        let sign: &[u8] = match self.access {
            Access::READ => b"%R~",
            Access::WRITE => b"%W~",
            _ => b"~",
        };
        out.extend_from_slice(sign);
        out.extend_from_slice(self.pattern.text());
    }

    /// Whether a key may be used so.
    #[inline]
    pub(crate) fn allows(&self, key: &[u8], needed: Access) -> bool {
        self.access.covers(needed) && self.pattern.matches(key)
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_fast_way_agrees_with_the_slow_one(text in "[ab*?\\[\\\\]{0,5}", name in "[ab*?]{0,5}") {
            let (text, name) = (text.as_bytes(), name.as_bytes());
            prop_assert_eq!(Pattern::new(text).matches(name), base::glob::matches(text, name, false));
        }
    }
}
