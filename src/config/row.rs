//! Rows: what the table says about a directive, and the one mechanism that sets, shows and writes any of them.

use crate::error::Reason;
use crate::form::{Args, Context, FileLine, Form, Source};
use crate::table::{Config, Id, ROWS};
use std::fmt;

/// What is special about a directive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// Set when the server starts, never by CONFIG SET.
    Immutable,
    /// Takes several arguments.
    Multi,
    /// Holds a secret: its value is kept out of logs.
    Sensitive,
    /// Shown by CONFIG GET only when named in full.
    Hidden,
    /// Changed by CONFIG SET only as `enable-protected-configs` allows.
    Protected,
    /// Not changed while a dataset is loaded.
    DenyLoading,
    /// To be applied even when it is set to the value it has: what it names may have changed.
    Reapply,
    /// Part of a crash report.
    Reported,
}

/// A directive.
pub struct Row {
    /// Which one.
    pub id: Id,
    /// Its name.
    pub name: &'static str,
    /// Its old name, where it has one.
    pub alias: Option<&'static str>,
    /// What is special about it.
    pub flags: &'static [Flag],
    pub(crate) directive: &'static dyn Directive,
}

impl Row {
    /// Whether the directive has a flag.
    pub fn has(&self, flag: Flag) -> bool {
        self.flags.contains(&flag)
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A name that was found in the table.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    pub(crate) row: &'static Row,
    /// The spelling of the name that was asked for: the directive's, or its alias.
    pub(crate) name: &'static str,
}

/// The directive called `name`, by its name or its alias, in any case.
pub fn lookup(name: &[u8]) -> Option<&'static Row> {
    find(name).map(|found| found.row)
}

pub(crate) fn find(name: &[u8]) -> Option<Found> {
    names().find(|found| found.name.as_bytes().eq_ignore_ascii_case(name))
}

/// Every name of the table, aliases included.
pub(crate) fn names() -> impl Iterator<Item = Found> {
    ROWS.iter().flat_map(|row| {
        [Some(row.name), row.alias].into_iter().flatten().map(move |name| Found { row, name })
    })
}

/// A directive with its type forgotten.
pub(crate) trait Directive: Sync {
    /// Sets the field; says whether that made a difference.
    fn assign(&self, config: &mut Config, args: Args<'_>, source: Source) -> Result<bool, Reason>;

    /// Sets the field to what it is in other settings.
    fn copy(&self, from: &Config, to: &mut Config);

    /// The field as CONFIG GET shows it.
    fn show(&self, config: &Config) -> Vec<u8>;

    /// The field's lines in the configuration file.
    fn file_lines(&self, config: &Config, defaults: &Config) -> Vec<FileLine>;
}

/// A field of [`Config`] and its form.
pub(crate) struct Field<T: 'static, F> {
    pub(crate) form: F,
    pub(crate) get: fn(&Config) -> &T,
    pub(crate) get_mut: fn(&mut Config) -> &mut T,
}

impl<T: PartialEq + Clone, F: Form<T>> Directive for Field<T, F> {
    fn assign(&self, config: &mut Config, args: Args<'_>, source: Source) -> Result<bool, Reason> {
        let old = (self.get)(config);
        let new = self.form.parse(args, &Context { old, config, source })?;
        let differs = new != *old;
        *(self.get_mut)(config) = new;
        Ok(differs)
    }

    fn copy(&self, from: &Config, to: &mut Config) {
        (self.get)(from).clone_into((self.get_mut)(to));
    }

    fn show(&self, config: &Config) -> Vec<u8> {
        self.form.show((self.get)(config))
    }

    fn file_lines(&self, config: &Config, defaults: &Config) -> Vec<FileLine> {
        self.form.file_lines((self.get)(config), (self.get)(defaults))
    }
}
