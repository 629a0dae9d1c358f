//! `notify-keyspace-events`: the classes of keyspace events that are published, one letter each.

use crate::error::Reason;
use crate::form::{Args, Context, FileLine, Form, single};
use crate::words::quoted;

/// A set of event classes. The bits are the ones modules know them by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventClasses(u32);

/// Each letter and its class, in the order they are shown; the last four stand outside `A`.
const LETTERS: [(u8, EventClasses); 14] = [
    (b'g', EventClasses::GENERIC),
    (b'$', EventClasses::STRING),
    (b'l', EventClasses::LIST),
    (b's', EventClasses::SET),
    (b'h', EventClasses::HASH),
    (b'z', EventClasses::ZSET),
    (b'x', EventClasses::EXPIRED),
    (b'e', EventClasses::EVICTED),
    (b't', EventClasses::STREAM),
    (b'd', EventClasses::MODULE),
    (b'n', EventClasses::NEW),
    (b'K', EventClasses::KEYSPACE),
    (b'E', EventClasses::KEYEVENT),
    (b'm', EventClasses::KEY_MISS),
];

impl EventClasses {
    /// `K`: publish to `__keyspace@<db>__:<key>`.
    pub const KEYSPACE: Self = Self(1 << 0);
    /// `E`: publish to `__keyevent@<db>__:<event>`.
    pub const KEYEVENT: Self = Self(1 << 1);
    /// `g`: DEL, EXPIRE, RENAME and what else has no type.
    pub const GENERIC: Self = Self(1 << 2);
    /// `$`: strings.
    pub const STRING: Self = Self(1 << 3);
    /// `l`: lists.
    pub const LIST: Self = Self(1 << 4);
    /// `s`: sets.
    pub const SET: Self = Self(1 << 5);
    /// `h`: hashes.
    pub const HASH: Self = Self(1 << 6);
    /// `z`: sorted sets.
    pub const ZSET: Self = Self(1 << 7);
    /// `x`: a key expired.
    pub const EXPIRED: Self = Self(1 << 8);
    /// `e`: a key was evicted.
    pub const EVICTED: Self = Self(1 << 9);
    /// `t`: streams.
    pub const STREAM: Self = Self(1 << 10);
    /// `m`: a key was read that is not there. Not part of `A`.
    pub const KEY_MISS: Self = Self(1 << 11);
    /// `d`: module types.
    pub const MODULE: Self = Self(1 << 13);
    /// `n`: a key came to be. Not part of `A`.
    pub const NEW: Self = Self(1 << 14);
    /// `A`: every class of events except `m` and `n`.
    pub const ALL: Self = Self(0b0010_0111_1111_1100);

    /// The classes as bits.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether all of `classes` are in the set.
    pub const fn contains(self, classes: Self) -> bool {
        self.0 & classes.0 == classes.0
    }

    /// Whether nothing is published.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The set with `classes` added.
    #[must_use]
    pub const fn with(self, classes: Self) -> Self {
        Self(self.0 | classes.0)
    }

    fn letters(self, show_new: bool) -> Vec<u8> {
        let all = self.contains(Self::ALL);
        let mut text = if all { b"A".to_vec() } else { Vec::new() };
        text.extend(LETTERS.iter().filter_map(|&(letter, class)| {
            let covered = all && (Self::ALL.contains(class) || (class == Self::NEW && !show_new));
            (self.contains(class) && !covered).then_some(letter)
        }));
        text
    }
}

/// The form of [`EventClasses`].
pub(crate) struct EventLetters;

impl Form<EventClasses> for EventLetters {
    fn parse(&self, args: Args<'_>, _: &Context<'_, EventClasses>) -> Result<EventClasses, Reason> {
        let mut classes = EventClasses::default();
        for letter in single(args)? {
            let class = match letter {
                b'A' => Some(EventClasses::ALL),
                _ => LETTERS.iter().find(|(known, _)| known == letter).map(|&(_, class)| class),
            };
            let class = class.ok_or("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")?;
            classes = classes.with(class);
        }
        Ok(classes)
    }

    /// A quirk kept: next to `A` the class `n` is not shown, though `A` does not hold it.
    fn show(&self, value: &EventClasses) -> Vec<u8> {
        value.letters(false)
    }

    /// In the file `n` is always written, or a restart would lose it.
    fn file_lines(&self, value: &EventClasses, default: &EventClasses) -> Vec<FileLine> {
        vec![FileLine { value: quoted(&value.letters(true)), needed: value != default }]
    }
}
