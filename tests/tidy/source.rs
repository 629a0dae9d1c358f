//! The source tree as the checks see it: each file once as written, and once as code alone.
//!
//! "Code" is the same text with the insides of comments, strings and characters blanked, so that braces balance and a
//! word in a sentence is not taken for a call. Line numbers are the same in both.

use std::fs;
use std::path::{Path, PathBuf};

/// One `.rs` file.
pub(crate) struct Source {
    /// The path below the root of the repository, with forward slashes.
    pub(crate) path: String,
    /// The text as written.
    pub(crate) text: String,
    /// The text with comments and literals blanked.
    pub(crate) code: String,
    /// Like `code`, with everything under `#[cfg(test)]` blanked too; empty for a file that only tests use.
    pub(crate) shipped: String,
}

impl Source {
    /// The crate that the file belongs to: `src/<crate>/...`, or the root package.
    pub(crate) fn crate_name(&self) -> &str {
        match self.path.strip_prefix("src/").and_then(|rest| rest.split_once('/')) {
            Some((name, _)) => name,
            None => "valkey-server",
        }
    }

    fn read(root: &Path, path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let path = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        let code = blank_comments_and_literals(&text);
        let shipped = if is_for_tests(&path) { String::new() } else { blank_test_items(&code) };
        Self { path, text, code, shipped }
    }
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every `.rs` file of the repository, in the order of their paths.
pub(crate) fn all() -> Vec<Source> {
    let root = root();
    let mut paths = Vec::new();
    for folder in ["src", "tests", "benches"] {
        collect(&root.join(folder), &mut paths);
    }
    paths.sort();
    let mut files: Vec<Source> = paths.iter().map(|path| Source::read(&root, path)).collect();
    let test_modules: Vec<String> = files.iter().flat_map(test_modules).collect();
    for file in &mut files {
        if test_modules.iter().any(|module| file.path.starts_with(module)) {
            file.shipped.clear();
        }
    }
    files
}

/// How the paths begin of the modules that a file declares as `#[cfg(test)] mod name;`.
fn test_modules(file: &Source) -> Vec<String> {
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut found = Vec::new();
    for (at, mark) in file.code.match_indices("#[cfg(test)]") {
        let item = &file.code[at + mark.len()..item_end(&file.code, at)];
        if let Some(name) = item.trim().trim_start_matches("pub").trim().strip_prefix("mod ") {
            found.extend(["/", ".rs"].map(|end| format!("{folder}/{}{end}", name.trim())));
        }
    }
    found
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() && !path.ends_with("target") {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

fn is_for_tests(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    file == "tests.rs"
        || file.ends_with("_tests.rs")
        || path.split('/').any(|part| matches!(part, "tests" | "benches" | "examples"))
}

/// What the scanner stands in.
enum Inside {
    Code,
    LineComment,
    BlockComment(u32),
    Text,
    RawText(usize),
}

fn blank_comments_and_literals(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut inside = Inside::Code;
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let (step, next) = match inside {
            Inside::Code => begin(rest, out.last().copied()),
            Inside::LineComment if rest[0] == b'\n' => (1, Some(Inside::Code)),
            Inside::BlockComment(depth) if rest.starts_with(b"/*") => {
                (2, Some(Inside::BlockComment(depth + 1)))
            }
            Inside::BlockComment(1) if rest.starts_with(b"*/") => (2, Some(Inside::Code)),
            Inside::BlockComment(depth) if rest.starts_with(b"*/") => {
                (2, Some(Inside::BlockComment(depth - 1)))
            }
            Inside::Text if rest[0] == b'\\' => (2.min(rest.len()), None),
            Inside::Text if rest[0] == b'"' => (1, Some(Inside::Code)),
            Inside::RawText(hashes) if closes_raw(rest, hashes) => (1 + hashes, Some(Inside::Code)),
            _ => (1, None),
        };
        let is_code = matches!((&inside, &next), (Inside::Code, None)) && step == 1;
        out.extend(rest[..step].iter().map(|&byte| if is_code || byte == b'\n' { byte } else { b' ' }));
        at += step;
        inside = next.unwrap_or(inside);
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// How many bytes the thing that begins here takes, and what it opens. A character literal is taken whole.
fn begin(rest: &[u8], before: Option<u8>) -> (usize, Option<Inside>) {
    let in_word = before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if rest.starts_with(b"//") {
        return (2, Some(Inside::LineComment));
    }
    if rest.starts_with(b"/*") {
        return (2, Some(Inside::BlockComment(1)));
    }
    if rest[0] == b'"' {
        return (1, Some(Inside::Text));
    }
    let prefix = if rest.starts_with(b"br") { 2 } else { usize::from(rest[0] == b'r') };
    if prefix > 0 && !in_word {
        let hashes = rest[prefix..].iter().take_while(|&&byte| byte == b'#').count();
        if rest.get(prefix + hashes) == Some(&b'"') {
            return (prefix + hashes + 1, Some(Inside::RawText(hashes)));
        }
    }
    if rest[0] == b'\'' {
        if rest.get(1) == Some(&b'\\') {
            let end = rest.iter().skip(3).position(|&byte| byte == b'\'').map_or(rest.len(), |i| i + 4);
            return (end, None);
        }
        let width = std::str::from_utf8(&rest[1..rest.len().min(5)])
            .or_else(|e| std::str::from_utf8(&rest[1..1 + e.valid_up_to()]))
            .ok()
            .and_then(|text| text.chars().next())
            .map_or(1, char::len_utf8);
        if rest.get(1 + width) == Some(&b'\'') {
            return (width + 2, None);
        }
    }
    (1, None)
}

fn closes_raw(rest: &[u8], hashes: usize) -> bool {
    rest[0] == b'"' && rest.len() > hashes && rest[1..=hashes].iter().all(|&byte| byte == b'#')
}

/// Blanks each item that follows `#[cfg(test)]`, up to its closing brace or its semicolon.
fn blank_test_items(code: &str) -> String {
    let mut out = code.as_bytes().to_vec();
    let mut from = 0;
    while let Some(found) = code[from..].find("#[cfg(test)]") {
        let start = from + found;
        let end = item_end(code, start);
        for byte in &mut out[start..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        from = end;
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn item_end(code: &str, start: usize) -> usize {
    let stop = code[start..].find(['{', ';']).map_or(code.len(), |i| start + i);
    if code.as_bytes().get(stop) == Some(&b'{') { matching_brace(code, stop) } else { stop }
}

/// The place just behind the brace that closes the one at `open`.
pub(crate) fn matching_brace(code: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (i, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return i + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

/// The number of the line that holds a byte, from one.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    1 + text.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count()
}

#[test]
fn only_code_is_left_of_a_text() {
    let blanked = |text: &str| blank_comments_and_literals(text);
    assert_eq!(blanked("a // b\nc"), "a     \nc");
    assert_eq!(blanked("a /* { /* } */ */ b"), "a                 b");
    assert_eq!(blanked(r#"f("{\"}", b"x")"#), "f(      , b   )");
    assert_eq!(blanked("r#\"{\"}\"# x"), "         x");
    assert_eq!(blanked(r"'{' '\'' '\u{7f}' 'a x"), "                  'a x");
    assert_eq!(blanked("for<'a> &'a T"), "for<'a> &'a T");
}

#[test]
fn test_modules_are_not_shipped() {
    let code = "fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() {}\n}\nfn c() {}\n";
    assert_eq!(
        blank_test_items(code).split_whitespace().collect::<Vec<_>>(),
        ["fn", "a()", "{}", "fn", "c()", "{}"]
    );
}
