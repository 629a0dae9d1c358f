//! `unsafe` is a place, not a habit.

use crate::report;
use crate::source;

/// The crates that may hold `unsafe`; every other one forbids it.
const MAY: &[&str] = &["structures", "values", "keyspace", "script", "host", "sim"];
/// In these crates it stands in one file alone: the key record, the binding to Lua, and the allocator that counts for
/// the simulator.
const ONLY_FILE: &[(&str, &str)] = &[
    ("values", "src/values/raw.rs"),
    ("keyspace", "src/keyspace/record"),
    ("script", "src/script/raw"),
    ("sim", "src/sim/memory.rs"),
];

#[test]
fn unsafe_stands_where_it_may() {
    let mut findings = Vec::new();
    for file in source::all() {
        let name = file.crate_name();
        let is_crate_root = file.path.ends_with("/lib.rs");
        if is_crate_root && !MAY.contains(&name) && !file.text.contains("\n#![forbid(unsafe_code)]") {
            findings.push(format!("{}: lacks #![forbid(unsafe_code)]", file.path));
        }
        let Some((_, only)) =
            ONLY_FILE.iter().find(|(owner, only)| *owner == name && !file.path.starts_with(only))
        else {
            continue;
        };
        for (number, line) in file.shipped.lines().enumerate() {
            if has_word(line, "unsafe") {
                findings.push(format!("{}:{}: unsafe outside {only}", file.path, number + 1));
            }
        }
    }
    report(
        "Only structures, the key record, host and the simulator's allocator hold unsafe code.",
        &findings,
    );
}

#[test]
fn unsafe_blocks_say_why_they_are_sound() {
    let mut findings = Vec::new();
    for file in source::all() {
        let lines: Vec<&str> = file.text.lines().collect();
        for (number, line) in file.code.lines().enumerate() {
            if (line.contains("unsafe {") || line.contains("unsafe impl")) && !explained(&lines, number) {
                findings.push(format!("{}:{}", file.path, number + 1));
            }
        }
    }
    report("An unsafe block has a `// SAFETY:` line above it that says why it is sound.", &findings);
}

/// Whether a SAFETY line stands on the line, or above it with nothing but the same statement's lines between.
fn explained(lines: &[&str], at: usize) -> bool {
    for line in lines[..=at].iter().rev().take(12) {
        if line.contains("// SAFETY:") {
            return true;
        }
        let ends_statement = line.trim_end().ends_with([';', '}']);
        if ends_statement && *line != lines[at] {
            return false;
        }
    }
    false
}

/// Whether a line holds a word, whole.
pub(crate) fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let joins = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
        let bytes = line.as_bytes();
        !joins(at.checked_sub(1).and_then(|i| bytes.get(i))) && !joins(bytes.get(at + word.len()))
    })
}
