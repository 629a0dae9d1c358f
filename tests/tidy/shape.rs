//! The shape of files and functions: a reader's patience is finite.

use crate::report;
use crate::source::{self, Source, line_of, matching_brace};

/// A file aims at 500 lines.
const FILE_LINES: usize = 800;
/// A function aims at 70 lines.
const FUNCTION_LINES: usize = 120;

/// Files that may be longer, and why.
const LONG_FILES: &[(&str, &str)] = &[];

/// Functions that may be longer, and why.
const LONG_FUNCTIONS: &[(&str, &str, &str)] = &[];

#[test]
fn every_file_says_what_it_is() {
    let findings: Vec<_> = source::all()
        .iter()
        .filter(|file| !file.text.starts_with("//!"))
        .map(|file| format!("{}:1", file.path))
        .collect();
    report("A file opens with `//!`: what it is, what it is not, its invariants.", &findings);
}

#[test]
fn files_are_short() {
    let mut findings = Vec::new();
    for file in source::all() {
        let lines = file.text.lines().count();
        if lines > FILE_LINES && !LONG_FILES.iter().any(|row| row.0 == file.path) {
            findings.push(format!("{} has {lines} lines", file.path));
        }
    }
    report("A file has at most 800 lines (and aims at 500); split it by ideas.", &findings);
}

#[test]
fn functions_are_short() {
    let mut findings = Vec::new();
    for file in source::all() {
        for (name, line, length) in functions(&file) {
            let excused = LONG_FUNCTIONS.iter().any(|row| row.0 == file.path && row.1 == name);
            if length > FUNCTION_LINES && !excused {
                findings.push(format!("{}:{line} fn {name} has {length} lines", file.path));
            }
        }
    }
    report("A function has at most 120 lines (and aims at 70).", &findings);
}

/// The name, first line and length of each function with a body.
fn functions(file: &Source) -> Vec<(String, usize, usize)> {
    let code = &file.code;
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let starts_word =
            at == 0 || !code.as_bytes()[at - 1].is_ascii_alphanumeric() && code.as_bytes()[at - 1] != b'_';
        let name: String = code[at + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if !starts_word || name.is_empty() {
            continue;
        }
        if let Some(open) = body(code, at) {
            let length = line_of(code, matching_brace(code, open) - 1) - line_of(code, at) + 1;
            found.push((name, line_of(code, at), length));
        }
    }
    found
}

/// Where the body of the function at `at` opens; a declaration ends in a semicolon instead.
fn body(code: &str, at: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (i, byte) in code.bytes().enumerate().skip(at) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'{' if depth == 0 => return Some(i),
            b';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

#[test]
fn functions_are_measured() {
    let code = "fn a(x: [u8; 2]) -> u8 {\n 1\n}\ntrait T {\n fn b();\n}\n".to_string();
    let file = Source { path: String::new(), text: code.clone(), code, shipped: String::new() };
    assert_eq!(functions(&file), [("a".to_string(), 1, 3)]);
}
