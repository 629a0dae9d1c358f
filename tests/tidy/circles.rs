//! Modules of a crate lean on each other in one direction, as crates do.
//!
//! An arrow is a path in a file of the module that leads into another one. It is taken between the top modules of a crate;
//! in the crates of [`BY_PAGE`] between all files. What the root of a crate re-exports is not followed.

use crate::report;
use crate::source::{self, Source};
use std::collections::{BTreeMap, BTreeSet};

/// Crates in which a folder is more than one module: what its `mod.rs` holds is a part of the state of all, and its other
/// pages lean on that state. So each page counts by itself; only circles within a folder are its own affair.
const BY_PAGE: &[&str] = &["node"];

type Arrows = BTreeMap<String, BTreeSet<String>>;

#[test]
fn modules_form_no_circle() {
    let mut crates: BTreeMap<String, Vec<Source>> = BTreeMap::new();
    for file in source::all() {
        if module_of(&file.path).is_some() {
            crates.entry(file.crate_name().to_string()).or_default().push(file);
        }
    }
    let mut findings = Vec::new();
    for (name, files) in &crates {
        for circle in circles(&arrows_of(files, BY_PAGE.contains(&name.as_str()))) {
            let folders: BTreeSet<&str> = circle.iter().map(|module| top(module)).collect();
            if folders.len() > 1 {
                findings.push(format!("{name}: {}", circle.join(" <-> ")));
            }
        }
    }
    report("The modules of a crate form no circle.", &findings);
}

/// What leans on what in a crate: pages on pages, or their top modules on each other.
fn arrows_of(files: &[Source], by_page: bool) -> Arrows {
    let pages: BTreeSet<String> = files.iter().filter_map(|file| module_of(&file.path)).collect();
    let unit = |page: &str| if by_page { page.to_string() } else { top(page).to_string() };
    let mut arrows = Arrows::new();
    for (file, page) in files.iter().filter_map(|file| Some((file, module_of(&file.path)?))) {
        let from = arrows.entry(unit(&page)).or_default();
        let named = mentioned(&file.shipped, &page);
        from.extend(
            named.iter().filter_map(|path| page_of(path, &pages)).map(unit).filter(|to| *to != unit(&page)),
        );
    }
    arrows
}

/// `src/node/admin/acl/mod.rs` is `admin::acl`; the root of a crate is no module.
fn module_of(path: &str) -> Option<String> {
    let (_, rest) = path.strip_prefix("src/")?.split_once('/')?;
    let rest = rest.strip_suffix(".rs")?;
    let module = rest.strip_suffix("/mod").unwrap_or(rest).replace('/', "::");
    (!matches!(top(&module), "lib" | "examples" | "benches")).then_some(module)
}

/// The first name of a path.
fn top(path: &str) -> &str {
    path.split("::").next().unwrap_or(path)
}

/// The page that a path of names leads to, or into.
fn page_of<'a>(mut path: &'a str, pages: &BTreeSet<String>) -> Option<&'a str> {
    while !pages.contains(path) {
        path = path.rsplit_once("::")?.0;
    }
    Some(path)
}

/// The paths that a page names, from the root of its crate on: behind `crate::`, `super::`, or a module of its own.
fn mentioned(code: &str, page: &str) -> BTreeSet<String> {
    let parent = page.rsplit_once("::").map_or("", |(parent, _)| parent);
    let own =
        code.match_indices("mod ").filter_map(|(at, _)| code[at + 4..].split_once(';').map(|(name, _)| name));
    let own = own.filter(|name| name.chars().all(is_of_name)).map(|name| (name, join(page, name)));
    let mut paths = BTreeSet::new();
    for (start, base) in [("crate", String::new()), ("super", parent.to_string())].into_iter().chain(own) {
        let start = format!("{start}::");
        for (at, _) in code.match_indices(&start) {
            let is_first = !code[..at].ends_with(|c: char| is_of_name(c) || c == ':');
            if is_first {
                let mut rest = &code[at + start.len()..];
                read_paths(&mut rest, &base, &mut paths);
            }
        }
    }
    paths
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_string() } else { format!("{path}::{name}") }
}

/// Reads a path, or several in braces, up to where it ends.
fn read_paths(rest: &mut &str, base: &str, into: &mut BTreeSet<String>) {
    if let Some(list) = rest.strip_prefix('{') {
        *rest = list;
        loop {
            *rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            if rest.is_empty() {
                return;
            }
            if let Some(behind) = rest.strip_prefix('}') {
                return *rest = behind;
            }
            read_paths(rest, base, into);
            // `as` and another name.
            *rest = rest.trim_start_matches(|c: char| c != ',' && c != '}');
        }
    }
    let end = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
    let (name, behind) = rest.split_at(end);
    let path = match name {
        "super" => base.rsplit_once("::").map_or(String::new(), |(parent, _)| parent.to_string()),
        name => join(base, name),
    };
    *rest = behind;
    match behind.strip_prefix("::") {
        Some(more) => {
            *rest = more;
            read_paths(rest, &path, into);
        }
        None => {
            into.insert(path);
        }
    }
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
    let code = "use crate::a::B; use crate::{c as x, d::{e, F}, G}; mod own; fn f() { own::g(); super::h::i(); not::super::j() }";
    let named = ["G", "a::B", "c", "d::F", "d::e", "room::h::i", "room::page::own::g"];
    assert_eq!(mentioned(code, "room::page"), named.map(str::to_string).into());
    let pages = ["room".to_string(), "room::h".to_string()].into();
    assert_eq!(page_of("room::h::i", &pages), Some("room::h"));
    assert_eq!(page_of("room::I", &pages), Some("room"));
    assert_eq!(page_of("G", &pages), None);
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
