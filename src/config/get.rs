//! CONFIG GET: settings by name and by pattern.

use crate::lookup::{find, names};
use crate::row::Flag;
use crate::table::{Config, Id, ROWS};
use std::collections::BTreeMap;

impl Config {
    /// The settings that the names and glob patterns ask for, each once, ordered by name. A setting asked for by name
    /// is called as it was asked for, in case and all; patterns match every name that is not hidden, aliases included.
    pub fn get<'a>(&self, patterns: impl IntoIterator<Item = &'a [u8]>) -> Vec<(Vec<u8>, Vec<u8>)> {
        // The key forgets case, as two spellings of one name are one setting.
        let mut found: BTreeMap<Vec<u8>, (Vec<u8>, Id)> = BTreeMap::new();
        for pattern in patterns {
            if !pattern.iter().any(|byte| matches!(byte, b'[' | b'*' | b'?')) {
                if let Some(named) = find(pattern) {
                    let shown = (pattern.to_vec(), named.row.id);
                    found.entry(pattern.to_ascii_lowercase()).or_insert(shown);
                }
                continue;
            }
            for named in names().filter(|named| !named.row.has(Flag::Hidden)) {
                let name = named.name.as_bytes();
                if base::glob::matches(pattern, name, true) {
                    found.entry(name.to_vec()).or_insert_with(|| (name.to_vec(), named.row.id));
                }
            }
        }
        let mut shown: Vec<(Vec<u8>, Vec<u8>)> =
            found.into_values().map(|(name, id)| (name, self.show(id))).collect();
        shown.sort();
        shown
    }

    /// One setting as CONFIG GET shows it.
    pub fn show(&self, id: Id) -> Vec<u8> {
        ROWS[id as usize].directive.show(self)
    }
}
