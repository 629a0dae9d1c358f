//! Where a command's keys stand among its arguments, and what it does to them.
//!
//! A spec says where to begin (a fixed index, or the place after a keyword) and how to go on (a range, or a count that
//! stands there). Written from left to right: `ro(1).access()` is one key at 1 that is read; `ow(1).update().to(-1)
//! .step(2)` is every other argument from 1 to the last; `ro(2).access().counted()` begins with a count at 2. Positions
//! count the command's name as 0. Finding the keys in an actual request is the business of `keys`.

use crate::bits::named_bits;

named_bits! {
    /// One statement on what a command does to a key.
    enum KeyFlag;
    /// What a command does to a key.
    struct KeyFlags(u16);
    {
        /// Reads the value; may change its bookkeeping alone.
        ReadOnly = "RO",
        /// Changes the value.
        ReadWrite = "RW",
        /// Replaces the value, whatever it was.
        Overwrite = "OW",
        /// Removes the key.
        Remove = "RM",
        /// Returns, copies or depends on what the user stored.
        Access = "access",
        /// Writes what may depend on what was stored.
        Update = "update",
        /// Adds and never changes what is there.
        Insert = "insert",
        /// Removes part of the value, or all of it.
        Delete = "delete",
        /// No key at all, though routed like one.
        NotKey = "not_key",
        /// Keys may be missed here: another way must find the rest.
        Incomplete = "incomplete",
        /// The arguments decide the flags.
        VariableFlags = "variable_flags",
    }
}

/// Where a spec begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Begin {
    /// At this position.
    Index(u16),
    /// After this word, sought forwards from a position, or backwards from the end where that is negative.
    Keyword {
        /// The word, in any letter case.
        word: &'static str,
        /// Where to start seeking.
        from: i16,
    },
    /// Somewhere that the notation cannot say.
    Unknown,
}

/// How a spec goes on from there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Find {
    /// Up to `last`: counted from the beginning, or from the end where negative. With a `limit`, only the first
    /// 1/limit of what follows the beginning are keys (XREAD: half are streams, half are ids).
    Range {
        /// The last one.
        last: i16,
        /// From one key to the next.
        step: u16,
        /// The divisor; 0 and 1 mean none.
        limit: u16,
    },
    /// As many as an argument says.
    Count {
        /// Where the count stands, from the beginning.
        count_at: u16,
        /// Where the first key stands, from the beginning.
        first: u16,
        /// From one key to the next.
        step: u16,
    },
    /// In a way that the notation cannot say.
    Unknown,
}

/// One statement on where keys stand.
#[derive(Clone, Copy, Debug)]
pub struct KeySpec {
    /// Where it begins.
    pub begin: Begin,
    /// How it goes on.
    pub find: Find,
    /// What is done to the keys there.
    pub flags: KeyFlags,
    /// Why the flags are what they are, where that could surprise.
    pub notes: Option<&'static str>,
}

impl KeySpec {
    const fn at(index: u16, operation: KeyFlag) -> KeySpec {
        KeySpec {
            begin: Begin::Index(index),
            find: Find::Range { last: 0, step: 1, limit: 0 },
            flags: KeyFlags::of(&[operation]),
            notes: None,
        }
    }

    const fn with(mut self, flag: KeyFlag) -> KeySpec {
        self.flags = self.flags.with(flag);
        self
    }

    /// Returns or depends on what the user stored.
    pub const fn access(self) -> KeySpec {
        self.with(KeyFlag::Access)
    }

    /// Writes what may depend on what was stored.
    pub const fn update(self) -> KeySpec {
        self.with(KeyFlag::Update)
    }

    /// Adds and never changes what is there.
    pub const fn insert(self) -> KeySpec {
        self.with(KeyFlag::Insert)
    }

    /// Removes part of the value or all of it.
    pub const fn delete(self) -> KeySpec {
        self.with(KeyFlag::Delete)
    }

    /// May miss keys.
    pub const fn incomplete(self) -> KeySpec {
        self.with(KeyFlag::Incomplete)
    }

    /// The arguments decide the flags.
    pub const fn variable(self) -> KeySpec {
        self.with(KeyFlag::VariableFlags)
    }

    /// A range up to here: from the beginning, or from the end where negative.
    pub const fn to(mut self, last: i16) -> KeySpec {
        self.find = Find::Range { last, step: 1, limit: 0 };
        self
    }

    /// From one key of the range to the next.
    pub const fn step(mut self, step: u16) -> KeySpec {
        if let Find::Range { last, limit, .. } = self.find {
            self.find = Find::Range { last, step, limit };
        }
        self
    }

    /// Only the first 1/limit of the range.
    pub const fn limit(mut self, limit: u16) -> KeySpec {
        if let Find::Range { last, step, .. } = self.find {
            self.find = Find::Range { last, step, limit };
        }
        self
    }

    /// A count, and then as many keys.
    pub const fn counted(mut self) -> KeySpec {
        self.find = Find::Count { count_at: 0, first: 1, step: 1 };
        self
    }

    /// Begins after this word instead.
    pub const fn after(mut self, word: &'static str, from: i16) -> KeySpec {
        self.begin = Begin::Keyword { word, from };
        self
    }

    /// Begins and goes on in ways that the notation cannot say.
    pub const fn unknown(mut self) -> KeySpec {
        self.begin = Begin::Unknown;
        self.find = Find::Unknown;
        self
    }

    /// Why the flags are what they are.
    pub const fn notes(mut self, text: &'static str) -> KeySpec {
        self.notes = Some(text);
        self
    }
}

/// No key at `index`, though routed like one.
pub(crate) const fn not_key(index: u16) -> KeySpec {
    KeySpec::at(index, KeyFlag::NotKey)
}

/// A key at this position that is read.
pub const fn ro(index: u16) -> KeySpec {
    KeySpec::at(index, KeyFlag::ReadOnly)
}

/// A key at this position that is changed.
pub const fn rw(index: u16) -> KeySpec {
    KeySpec::at(index, KeyFlag::ReadWrite)
}

/// A key at this position that is replaced.
pub(crate) const fn ow(index: u16) -> KeySpec {
    KeySpec::at(index, KeyFlag::Overwrite)
}

/// A key at this position that is removed.
pub(crate) const fn rm(index: u16) -> KeySpec {
    KeySpec::at(index, KeyFlag::Remove)
}

/// The keys as one plain range, the oldest way to say it: all zero when there is none.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct KeyRange {
    /// The first key's position; 0 for none.
    pub first: u16,
    /// The last key's position, from the end where negative.
    pub last: i16,
    /// From one key to the next.
    pub step: u16,
}

impl KeyRange {
    /// The range that covers the specs, and whether it leaves keys out. Only ranges at fixed positions count, each
    /// beginning where the one before it ends; with several of them, only those of step 1.
    pub(crate) const fn covering(specs: &[KeySpec]) -> (KeyRange, bool) {
        let mut range = KeyRange { first: 0, last: 0, step: 0 };
        let mut leaves_out = false;
        let mut i = 0;
        while i < specs.len() {
            let spec = &specs[i];
            i += 1;
            let (Begin::Index(index), Find::Range { last, step, .. }) = (spec.begin, spec.find) else {
                leaves_out = true;
                continue;
            };
            leaves_out |= spec.flags.has(KeyFlag::Incomplete);
            let continues = range.first == 0 || range.last == index as i16 - 1;
            if specs.len() > 1 && (step != 1 || !continues) {
                leaves_out = true;
                continue;
            }
            if range.first == 0 || index < range.first {
                range.first = index;
            }
            range.last = later(range.last, if last < 0 { last } else { last + index as i16 });
            range.step = step;
        }
        (range, leaves_out)
    }

    /// The positions in a request of `argc` arguments, none of them outside it.
    pub fn positions(self, argc: usize) -> impl Iterator<Item = usize> {
        let first = usize::from(self.first);
        let end = match usize::try_from(self.last) {
            Ok(last) => argc.min(last + 1),
            Err(_) => (argc + 1).saturating_sub(usize::from(self.last.unsigned_abs())),
        };
        let range = if first == 0 { 0..0 } else { first..end };
        range.step_by(usize::from(self.step.max(1)))
    }
}

/// The later of two ends. One counted from the end of the request lies beyond any counted from its beginning.
const fn later(a: i16, b: i16) -> i16 {
    if (a as u16) > (b as u16) { a } else { b }
}
