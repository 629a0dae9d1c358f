//! Modules of a crate lean on each other in one direction, as crates do.
//!
//! An arrow is a path in a file of the module that leads into another one. It is taken between the top modules of a crate;
//! in the crates of [`IN_HALVES`] between halves of these. What the root of a crate re-exports is not followed.

use crate::report;
use crate::source::{self, Source};
use std::collections::{BTreeMap, BTreeSet};

/// Crates that are one struct and what is done with it, and the page of that struct. A folder is two modules there: pages
/// that the struct leans on, which hold a part of its state, and pages that lean on it.
const IN_HALVES: &[(&str, &str)] = &[("node", "node")];

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
        let state = IN_HALVES.iter().find(|row| row.0 == name).map(|row| row.1);
        for circle in circles(&between_modules(&between_pages(files), state)) {
            findings.push(format!("{name}: {}", circle.join(" <-> ")));
        }
    }
    report("The modules of a crate form no circle.", &findings);
}

/// Which pages of a crate lean on which.
fn between_pages(files: &[Source]) -> Arrows {
    let pages: BTreeSet<String> = files.iter().filter_map(|file| module_of(&file.path)).collect();
    let mut arrows = Arrows::new();
    for (file, page) in files.iter().filter_map(|file| Some((file, module_of(&file.path)?))) {
        let named = mentioned(&file.shipped, &page);
        let others = named.iter().filter_map(|path| page_of(path, &pages)).filter(|to| *to != page);
        arrows.entry(page.clone()).or_default().extend(others.map(str::to_string));
    }
    arrows
}

/// The same of top modules, or of their halves if there is a page that holds the state of all.
fn between_modules(pages: &Arrows, state: Option<&str>) -> Arrows {
    let below = state.map(|state| reachable(pages, state));
    let module = |page: &String| match &below {
        Some(below) if !below.contains(page.as_str()) => format!("{} (what it does)", top(page)),
        _ => top(page).to_string(),
    };
    let mut arrows = Arrows::new();
    for (page, others) in pages {
        let from = module(page);
        let to: Vec<String> = others.iter().map(module).filter(|to| *to != from).collect();
        arrows.entry(from).or_default().extend(to);
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
    let reach: BTreeMap<&String, BTreeSet<&str>> =
        arrows.keys().map(|from| (from, reachable(arrows, from))).collect();
    let mut found = BTreeSet::new();
    for from in arrows.keys() {
        let mutual: Vec<String> = arrows
            .keys()
            .filter(|to| {
                *to != from && reach[from].contains(to.as_str()) && reach[to].contains(from.as_str())
            })
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

/// A module, and what it leans on, near or far.
fn reachable<'a>(arrows: &'a Arrows, from: &'a str) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::from([from]);
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
    let halves =
        [("node", "room"), ("room::act", "node"), ("room::act", "other"), ("other::act", "room::act")];
    let pages = arrows(&[halves.as_slice(), &[("other::act", "node"), ("node", "other")]].concat());
    assert!(circles(&between_modules(&pages, Some("node"))).is_empty());
    let pages = arrows(&[halves.as_slice(), &[("room::act", "other::page")]].concat());
    assert_eq!(circles(&between_modules(&pages, Some("node"))).len(), 1);
}
