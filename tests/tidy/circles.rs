//! Modules of a crate lean on each other in one direction, as crates do.
//!
//! An arrow is `crate::other` in a file of the module; it is taken between the top modules of a crate alone, and a path
//! whose first name is written large (a re-export at the root) is not followed.

use crate::report;
use crate::source;
use std::collections::{BTreeMap, BTreeSet};

/// Groups of modules that may know each other, and why.
const TOGETHER: &[(&str, &[&str], &str)] = &[
    (
        "config",
        &["choices", "form", "load", "proc_title", "row", "table", "text", "values"],
        "one table names every form of value, and a form speaks of the rows and lines that it stands in",
    ),
    (
        "node",
        &[
            "admit",
            "aof",
            "blocking",
            "client_line",
            "errand",
            "lazyfree",
            "memory",
            "node",
            "pause",
            "persistence",
            "propagate",
            "pubsub",
            "scripting",
            "session",
            "settings",
            "tracking",
            "transaction",
            "users",
        ],
        "the node and its sessions hold a piece of state of each of these pages, which say what the node does with it",
    ),
    (
        "script",
        &["library", "raw"],
        "who makes a machine puts the libraries into it, and these are functions on its stack",
    ),
];

type Arrows = BTreeMap<String, BTreeSet<String>>;

#[test]
fn modules_form_no_circle() {
    let mut crates: BTreeMap<String, Arrows> = BTreeMap::new();
    for file in source::all().iter().filter(|file| file.path.starts_with("src/")) {
        let Some(module) = top_module(&file.path) else { continue };
        let arrows =
            crates.entry(file.crate_name().to_string()).or_default().entry(module.clone()).or_default();
        arrows.extend(mentioned(&file.shipped).into_iter().filter(|name| *name != module));
    }
    let mut findings = Vec::new();
    for (name, arrows) in &crates {
        for circle in circles(arrows) {
            let excused = TOGETHER
                .iter()
                .any(|row| row.0 == name && circle.iter().all(|m| row.1.contains(&m.as_str())));
            if !excused {
                findings.push(format!("{name}: {}", circle.join(" <-> ")));
            }
        }
    }
    report("The modules of a crate form no circle (or stand in TOGETHER with the reason).", &findings);
}

/// `src/node/admin/server.rs` belongs to `admin`; the root of a crate to none.
fn top_module(path: &str) -> Option<String> {
    let rest = path.strip_prefix("src/")?.split_once('/')?.1;
    let first = rest.split('/').next()?.trim_end_matches(".rs");
    (first != "lib" && first != "examples" && first != "benches").then(|| first.to_string())
}

/// The modules named behind `crate::`, alone or in braces.
fn mentioned(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, found) in code.match_indices("crate::") {
        let rest = &code[at + found.len()..];
        let list = match rest.strip_prefix('{') {
            Some(braced) => &braced[..braced.find("};").unwrap_or(braced.len())],
            None => &rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())],
        };
        let mut depth = 0;
        let mut word = String::new();
        let mut skip = false;
        for c in list.chars().chain([',']) {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    names.extend(
                        Some(std::mem::take(&mut word)).filter(|w| w.starts_with(|c: char| c.is_lowercase())),
                    );
                    skip = false;
                }
                c if depth == 0 && !skip && (c.is_alphanumeric() || c == '_') => word.push(c),
                ':' => skip = true,
                _ => {}
            }
        }
    }
    names
}

/// Sets of more than one module that can all reach each other.
fn circles(arrows: &Arrows) -> BTreeSet<Vec<String>> {
    let reach: BTreeMap<&String, BTreeSet<&String>> =
        arrows.keys().map(|from| (from, reachable(arrows, from))).collect();
    let mut found = BTreeSet::new();
    for from in arrows.keys() {
        let mutual: Vec<String> = arrows
            .keys()
            .filter(|to| *to != from && reach[from].contains(to) && reach[to].contains(from))
            .chain([from])
            .cloned()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        if mutual.len() > 1 {
            found.insert(mutual);
        }
    }
    found
}

fn reachable<'a>(arrows: &'a Arrows, from: &'a String) -> BTreeSet<&'a String> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(next) = open.pop() {
        for to in arrows.get(next).into_iter().flatten() {
            if seen.insert(to) {
                open.push(to);
            }
        }
    }
    seen
}

#[test]
fn circles_are_found() {
    assert_eq!(
        mentioned("use crate::a::B; use crate::{c, d::{e, F}, G};"),
        ["a", "c", "d"].map(str::to_string).into()
    );
    let arrows = |pairs: &[(&str, &str)]| {
        let mut all = Arrows::new();
        for (from, to) in pairs {
            all.entry((*from).to_string()).or_default().insert((*to).to_string());
            all.entry((*to).to_string()).or_default();
        }
        all
    };
    assert!(circles(&arrows(&[("a", "b"), ("b", "c"), ("a", "c")])).is_empty());
    assert_eq!(
        circles(&arrows(&[("a", "b"), ("b", "c"), ("c", "b")])),
        [vec!["b".to_string(), "c".to_string()]].into()
    );
}
