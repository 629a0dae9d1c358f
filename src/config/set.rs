//! CONFIG SET: several settings at once, or none of them.

use crate::error::{ConfigError, Reason};
use crate::form::{Args, Source};
use crate::lookup::{Found, find};
use crate::row::Flag;
use crate::table::{Config, Id, ROWS, Row};

/// Who sets, and when.
#[derive(Clone, Copy, Debug, Default)]
pub struct SetBy {
    /// Whether the client comes over loopback or a unix socket.
    pub local: bool,
    /// Whether a dataset is being loaded.
    pub loading: bool,
}

/// What a successful [`Config::set`] did. The owner of sockets, files and threads now applies each changed directive,
/// in this order; if it cannot, it takes the settings back with [`Applied::undo`].
#[derive(Debug)]
pub struct Applied {
    /// The directives to apply: those whose value changed, and those which are applied again even if it did not.
    pub changed: Vec<Id>,
    previous: Box<Config>,
}

impl Applied {
    /// The settings as they were before.
    pub fn previous(&self) -> &Config {
        &self.previous
    }

    /// Puts the settings back because `culprit` cannot be applied, and says so for the client. Others that were set
    /// meanwhile stay.
    pub fn undo(self, config: &mut Config, culprit: Id, reason: Option<Reason>) -> ConfigError {
        for &id in &self.changed {
            ROWS[id as usize].directive.copy(&self.previous, config);
        }
        ConfigError::Refused { name: ROWS[culprit as usize].name.into(), reason }
    }
}

impl Config {
    /// Sets the named directives to the values beside them. Nothing is set unless everything can be.
    pub fn set(&mut self, pairs: &[(&[u8], &[u8])], by: SetBy) -> Result<Applied, ConfigError> {
        let found = self.permit(pairs, by)?;
        let previous = Box::new(self.clone());
        let mut changed: Vec<Id> = Vec::new();
        for (directive, &(_, value)) in found.iter().zip(pairs) {
            let row = directive.row;
            match self.assign_value(row, value) {
                Ok(differs) => {
                    if (differs || row.has(Flag::Reapply)) && !changed.contains(&row.id) {
                        changed.push(row.id);
                    }
                }
                Err(reason) => {
                    *self = *previous;
                    return Err(ConfigError::Refused { name: directive.name.into(), reason: Some(reason) });
                }
            }
        }
        Ok(Applied { changed, previous })
    }

    /// Finds the directives and checks that each may be set now, by this client and once only. The first objection is
    /// the answer. A directive and its alias count as two (a quirk kept), and the later one wins.
    fn permit(&self, pairs: &[(&[u8], &[u8])], by: SetBy) -> Result<Vec<Found>, ConfigError> {
        let mut found: Vec<Found> = Vec::with_capacity(pairs.len());
        for &(name, _) in pairs {
            let refused = |reason: &'static str| ConfigError::Refused {
                name: name.to_vec(),
                reason: Some(reason.into()),
            };
            let directive = find(name).ok_or_else(|| ConfigError::Unknown { name: name.to_vec() })?;
            let row = directive.row;
            if row.has(Flag::Immutable) {
                return Err(refused("can't set immutable config"));
            }
            if row.has(Flag::Protected) && !self.security.enable_protected_configs.allows(by.local) {
                return Err(refused("can't set protected config"));
            }
            if by.loading && row.has(Flag::DenyLoading) {
                return Err(ConfigError::Loading);
            }
            if found.iter().any(|other| other.name == directive.name) {
                return Err(refused("duplicate parameter"));
            }
            found.push(directive);
        }
        Ok(found)
    }

    /// Sets one directive from the single value that CONFIG SET has for it.
    fn assign_value(&mut self, row: &Row, value: &[u8]) -> Result<bool, Reason> {
        let words: Vec<&[u8]> = value.split(|&byte| byte == b' ').collect();
        let args: Args<'_> = match (row.has(Flag::Multi), value) {
            (true, b"") => &[],
            (true, _) => &words,
            (false, _) => &[value],
        };
        row.directive.assign(self, args, Source::Command)
    }
}
