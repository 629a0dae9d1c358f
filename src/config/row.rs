//! Fields and their forms as directives: the one mechanism that sets, shows and writes any of them. Which there are is the
//! affair of the table.

use crate::error::Reason;
use crate::form::{Args, Context, FileLine, Form, Others, Source};

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

/// A directive of the settings `C`, with its type forgotten.
pub(crate) trait Directive<C>: Sync {
    /// Sets the field; says whether that made a difference.
    fn assign(&self, config: &mut C, args: Args<'_>, source: Source) -> Result<bool, Reason>;

    /// Sets the field to what it is in other settings.
    fn copy(&self, from: &C, to: &mut C);

    /// The field as CONFIG GET shows it.
    fn show(&self, config: &C) -> Vec<u8>;

    /// The field's lines in the configuration file.
    fn file_lines(&self, config: &C, defaults: &C) -> Vec<FileLine>;
}

/// A field of the settings `C`, and its form.
pub(crate) struct Field<C, T: 'static, F> {
    pub(crate) form: F,
    pub(crate) get: fn(&C) -> &T,
    pub(crate) get_mut: fn(&mut C) -> &mut T,
}

impl<C: Others, T: PartialEq + Clone, F: Form<T>> Directive<C> for Field<C, T, F> {
    fn assign(&self, config: &mut C, args: Args<'_>, source: Source) -> Result<bool, Reason> {
        let old = (self.get)(config);
        let new = self.form.parse(args, &Context { old, others: config, source })?;
        let differs = new != *old;
        *(self.get_mut)(config) = new;
        Ok(differs)
    }

    fn copy(&self, from: &C, to: &mut C) {
        (self.get)(from).clone_into((self.get_mut)(to));
    }

    fn show(&self, config: &C) -> Vec<u8> {
        self.form.show((self.get)(config))
    }

    fn file_lines(&self, config: &C, defaults: &C) -> Vec<FileLine> {
        self.form.file_lines((self.get)(config), (self.get)(defaults))
    }
}
