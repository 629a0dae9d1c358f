//! Words that do not belong: panics in what is shipped, the world in the core, the author's machine anywhere.

use crate::report;
use crate::source::{self, Source};
use std::fs;
use std::path::Path;

/// Never shipped: an operating error is a value, and what is not there is absent.
const PANICS: &[&str] = &[".unwrap()", "todo!(", "unimplemented!(", "dbg!("];

/// The world, which only the shells may touch.
const WORLD: &[&str] = &[
    "Instant::now",
    "SystemTime",
    "std::thread",
    "thread::spawn",
    "std::fs",
    "std::env",
    "std::process",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "UnixStream",
    "UnixListener",
    "thread_local!",
    "static mut",
];

/// The crates that perform.
const SHELLS: &[&str] = &["host", "sim", "tools", "valkey-server"];

#[test]
fn what_is_shipped_does_not_panic_in_passing() {
    let findings = find(&source::all(), PANICS);
    report("No unwrap, todo!, unimplemented! or dbg! outside tests.", &findings);
}

#[test]
fn the_core_does_not_touch_the_world() {
    let core: Vec<Source> = source::all()
        .into_iter()
        .filter(|file| !SHELLS.contains(&file.crate_name()) && !builds(file))
        .collect();
    assert!(core.len() > 50, "the core was found");
    report("No clock, thread, file, socket or environment below the shells.", &find(&core, WORLD));
}

/// Whether it runs when the server is built, and is no part of it.
fn builds(file: &Source) -> bool {
    file.path.contains("/build/")
}

#[test]
fn nothing_speaks_of_one_machine() {
    // Written in halves, so that this page does not find itself.
    let private =
        [concat!("/wor", "k/"), concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Use", "rs/")];
    let mut findings = Vec::new();
    each_text(&source::root(), &mut |path, text| {
        for (number, line) in text.lines().enumerate() {
            if private.iter().any(|word| line.contains(word)) {
                findings.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
            }
        }
    });
    report("No path of one person's machine stands in the tree.", &findings);
}

fn find(files: &[Source], words: &[&str]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files {
        for (number, line) in file.shipped.lines().enumerate() {
            for word in words.iter().filter(|word| line.contains(**word)) {
                findings.push(format!("{}:{}: {word}", file.path, number + 1));
            }
        }
    }
    findings
}

/// Calls `with` for every text of the repository that is not built or generated.
fn each_text(folder: &Path, with: &mut impl FnMut(&Path, &str)) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !matches!(name.as_str(), "target" | ".git" | "tmp") {
                each_text(&path, with);
            }
        } else if name != "Cargo.lock"
            && name != ".git"
            && let Ok(text) = fs::read_to_string(&path)
        {
            with(&path, &text);
        }
    }
}
