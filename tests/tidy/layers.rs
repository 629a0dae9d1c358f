//! The layers: which crate may lean on which. The picture is drawn in ARCHITECTURE.md; this table is the same picture.

use crate::{report, source};
use std::fs;

/// The level of every crate. An arrow may only point to a smaller number.
const LEVELS: &[(&str, u32)] = &[
    ("base", 0),
    ("resp", 1),
    ("structures", 1),
    ("config", 1),
    ("catalog", 2),
    ("values", 2),
    ("keyspace", 3),
    ("script", 3),
    ("conn", 4),
    ("rdb", 4),
    ("aof", 4),
    ("replication", 4),
    ("cluster", 4),
    ("acl", 4),
    ("commands", 5),
    ("node", 6),
    ("host", 7),
    ("sim", 7),
    ("tools", 7),
    ("valkey-server", 8),
];

fn level(name: &str) -> Option<u32> {
    LEVELS.iter().find(|row| row.0 == name).map(|row| row.1)
}

#[test]
fn arrows_between_crates_point_down() {
    let mut findings = Vec::new();
    for name in crates() {
        let Some(own) = level(&name) else {
            findings.push(format!("{name} has no level: give it a row in tests/tidy/layers.rs"));
            continue;
        };
        for needed in dependencies(&name) {
            match level(&needed) {
                Some(other) if other >= own => {
                    findings.push(format!("{name} (level {own}) depends on {needed} (level {other})"));
                }
                _ => {}
            }
        }
    }
    report("A crate depends on crates of lower levels alone.", &findings);
}

/// The members of the workspace, and the root package.
fn crates() -> Vec<String> {
    let mut names = vec!["valkey-server".to_string()];
    for entry in fs::read_dir(source::root().join("src")).unwrap() {
        let path = entry.unwrap().path();
        if path.join("Cargo.toml").exists() {
            names.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    names.sort();
    names
}

/// What a crate depends on outside its tests.
fn dependencies(name: &str) -> Vec<String> {
    let root = source::root();
    let folder = if name == "valkey-server" { root } else { root.join("src").join(name) };
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    let mut counts = false;
    let mut names = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            let about_one = section.split_once("dependencies.").map(|(_, one)| one);
            counts = section.ends_with("dependencies")
                && !section.contains("dev-")
                && !section.starts_with("workspace");
            names.extend(
                about_one
                    .filter(|_| !section.contains("dev-") && !section.starts_with("workspace"))
                    .map(str::to_string),
            );
        } else if counts && !line.starts_with('#') {
            names.extend(line.split_once(['=', '.']).map(|(key, _)| key.trim().to_string()));
        }
    }
    names
}

#[test]
fn manifests_are_read() {
    assert!(dependencies("node").contains(&"commands".to_string()));
    assert!(dependencies("valkey-server").contains(&"host".to_string()));
    assert!(!dependencies("base").contains(&"proptest".to_string()), "a dev-dependency is no arrow");
}
