//! The documentation names the directives without effect, and no others are without.
//!
//! `WRITE_DOCS=1 cargo test --test tidy directives` writes the section of `docs/compatibility.md` anew from
//! `src/config/waits.rs`.

use crate::report;
use crate::source;
use config::{Flag, ROWS, WAITING};
use std::fs;

const PAGE: &str = "docs/compatibility.md";
const BEGIN: &str =
    "<!-- from src/config/waits.rs; `WRITE_DOCS=1 cargo test --test tidy directives` writes it -->\n";
const END: &str = "<!-- end -->\n";
const WIDTH: usize = 120;

#[test]
fn the_list_of_directives_without_effect_is_up_to_date() {
    let path = source::root().join(PAGE);
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("the mark before the list");
    let (written, after) = rest.split_once(END).expect("the mark behind the list");
    let list = list();
    if std::env::var_os("WRITE_DOCS").is_some() {
        fs::write(&path, [before, BEGIN, &list, END, after].concat()).unwrap();
    } else {
        assert!(
            written == list,
            "{PAGE} is not up to date; write it with WRITE_DOCS=1. It should read\n\n{list}"
        );
    }
}

/// A bullet for everything that is waited for, with those that wait. Hidden directives are left out.
fn list() -> String {
    let mut text = String::new();
    for (what, waiting) in WAITING {
        let rows = waiting.iter().map(|&id| &ROWS[id as usize]).filter(|row| !row.has(Flag::Hidden));
        let names: Vec<String> = rows.map(|row| format!("`{}`", row.name)).collect();
        let mut line = format!("- {what}:");
        for (i, name) in names.iter().enumerate() {
            let comma = if i + 1 < names.len() { "," } else { "" };
            if line.len() + 1 + name.len() + comma.len() > WIDTH {
                text += &format!("{line}\n");
                line = " ".into();
            }
            line += &format!(" {name}{comma}");
        }
        text += &format!("{line}\n");
    }
    text
}

#[test]
fn nothing_waits_twice() {
    let mut all: Vec<_> = WAITING.iter().flat_map(|(_, waiting)| waiting.iter()).collect();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count);
}

/// A directive that nobody reads has no effect, whatever the table says. To name it as an `Id` is not to read it.
#[test]
fn directives_with_an_effect_are_read() {
    let sources = source::all();
    let readers = || sources.iter().filter(|file| file.path != "src/config/table.rs");
    let reads = |code: &str, field: &str| {
        code.match_indices(field).any(|(at, _)| {
            let is_part =
                |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
            code[..at].ends_with('.') && !is_part(code.as_bytes().get(at + field.len()))
        })
    };
    let findings: Vec<_> = ROWS
        .iter()
        // One is there to be shown in crash reports, which read whatever is flagged for them.
        .filter(|row| row.id.has_effect() && row.name != "debug-context")
        .map(|row| row.name.replace('-', "_"))
        .filter(|field| !readers().any(|file| reads(&file.shipped, field)))
        .collect();
    report("A directive that is read nowhere stands in src/config/waits.rs.", &findings);
}
