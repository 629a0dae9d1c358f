//! `shutdown-on-sigint`, `shutdown-on-sigterm`: how the server shuts down on a signal.

use super::join;
use crate::error::Reason;
use crate::form::{Args, Choice, Context, Form, choose, not_a_choice};

/// A set of shutdown options. The bits are the ones the server and its modules know them by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShutdownFlags(u8);

impl ShutdownFlags {
    /// No option: snapshot if there are save points, wait for replicas, stop on errors.
    pub const DEFAULT: Self = Self(0);
    /// Snapshot even without save points.
    pub const SAVE: Self = Self(1 << 0);
    /// Do not snapshot.
    pub const NOSAVE: Self = Self(1 << 1);
    /// Do not wait for replicas.
    pub const NOW: Self = Self(1 << 2);
    /// Shut down in spite of errors.
    pub const FORCE: Self = Self(1 << 3);
    /// Shut down only where nothing can be lost.
    pub const SAFE: Self = Self(1 << 4);
    /// Hand a primary's role over first.
    pub const FAILOVER: Self = Self(1 << 5);

    /// Whether all of `flags` are set.
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// The set with `flags` added.
    #[must_use]
    pub const fn with(self, flags: Self) -> Self {
        Self(self.0 | flags.0)
    }
}

impl Choice for ShutdownFlags {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("default", Self::DEFAULT),
        ("save", Self::SAVE),
        ("nosave", Self::NOSAVE),
        ("now", Self::NOW),
        ("force", Self::FORCE),
        ("safe", Self::SAFE),
        ("failover", Self::FAILOVER),
    ];
}

/// The form of [`ShutdownFlags`]: one or more of their names.
pub(crate) struct ShutdownWords;

impl Form<ShutdownFlags> for ShutdownWords {
    fn parse(&self, args: Args<'_>, _: &Context<'_, ShutdownFlags>) -> Result<ShutdownFlags, Reason> {
        let named = args.iter().map(|arg| choose::<ShutdownFlags>(arg));
        let flags = named.reduce(|one, other| Some(one?.with(other?))).flatten();
        let flags = flags.ok_or_else(not_a_choice::<ShutdownFlags>)?;
        if flags.contains(ShutdownFlags::SAVE.with(ShutdownFlags::NOSAVE)) {
            return Err("shutdown options SAVE and NOSAVE can't be used simultaneously".into());
        }
        Ok(flags)
    }

    fn show(&self, value: &ShutdownFlags) -> Vec<u8> {
        if *value == ShutdownFlags::DEFAULT {
            return b"default".to_vec();
        }
        let set = ShutdownFlags::NAMES[1..].iter().filter(|&&(_, flag)| value.contains(flag));
        join(set.map(|&(name, _)| name))
    }
}
