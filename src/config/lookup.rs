//! Directives by their names.

use crate::table::{ROWS, Row};

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
