//! The table against `facts/directives.tsv`: name, value and flags of every directive and alias of a 9.0.4 that was
//! started without a configuration file.

use crate::lookup::{find, names};
use crate::{Config, Flag, ROWS};

const FACTS: &str = include_str!("../facts/directives.tsv");

/// Name, value, flags.
fn facts() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    FACTS.lines().map(|line| {
        let mut columns = line.split('\t');
        let mut column = || columns.next().unwrap_or("");
        (column(), column(), column())
    })
}

#[test]
fn every_default_is_the_reference_s() {
    let config = Config::default();
    for (name, value, _) in facts() {
        assert_eq!(config.get([name.as_bytes()]), [(name.into(), value.into())], "{name}");
    }
}

#[test]
fn flags_are_the_reference_s() {
    let words = [
        (Flag::DenyLoading, "deny-loading"),
        (Flag::Hidden, "hidden"),
        (Flag::Immutable, "immutable"),
        (Flag::Multi, "multi"),
        (Flag::Protected, "protected"),
        (Flag::Sensitive, "sensitive"),
    ];
    for (name, _, flags) in facts() {
        let row = find(name.as_bytes()).unwrap().row;
        let ours: Vec<&str> =
            words.iter().filter(|(flag, _)| row.has(*flag)).map(|&(_, word)| word).collect();
        assert_eq!(ours.join(" "), flags, "{name}");
    }
}

#[test]
fn a_star_shows_what_the_reference_shows() {
    let shown: Vec<String> = Config::default()
        .get([b"*".as_slice()])
        .into_iter()
        .map(|(name, _)| String::from_utf8(name).unwrap())
        .collect();
    let expected: Vec<&str> =
        facts().filter(|(_, _, flags)| !flags.contains("hidden")).map(|fact| fact.0).collect();
    assert_eq!(shown, expected);
}

#[test]
fn the_table_holds_nothing_else() {
    let mut known: Vec<&str> = facts().map(|fact| fact.0).collect();
    let mut ours: Vec<&str> = names().map(|found| found.name).collect();
    known.sort_unstable();
    ours.sort_unstable();
    assert_eq!(ours, known);
}

#[test]
fn rows_are_in_order_and_fields_are_called_as_their_directives() {
    for (index, row) in ROWS.iter().enumerate() {
        assert_eq!(row.id as usize, index);
        assert_eq!(format!("{:?}", row.id), row.name.replace('-', "_"));
    }
}
